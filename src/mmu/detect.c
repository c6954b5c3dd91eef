/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include <mmureplay/geometry.h>
#include <mmureplay/mmu-detect.h>

#include "mmu/bits.h"

enum {
	SHIFT_4K = 12,
	SHIFT_16K = 14,
	SHIFT_64K = 16,
	ENOUGH_STEPS = 3,     /* of what looks like one flush; 1 of what is one */
	ENOUGH_WITNESSES = 4, /* that no smaller page shows in */
	/* That map or unmap: to have met a pointer to a descriptor, if they are traced. */
	ENOUGH_EVENTS = 256,
	PMD_SHIFT_4K = 21,  /* of blocks: 2M */
	PMD_SHIFT_16K = 25, /* 32M */
	DEFAULT_VA_BITS = 48
};

/* No kernel has more VA bits than this half holds. */
#define LOWEST_OF_52 UINT64_C(0xfff0000000000000)

static bool is_granule(uint64_t bytes)
{
	return bytes == 1U << SHIFT_4K || bytes == 1U << SHIFT_16K || bytes == 1U << SHIFT_64K;
}

static uint32_t shift_of(uint64_t bytes)
{
	return (uint32_t)__builtin_ctzll(bytes);
}

static uint32_t largest_for(uint64_t unaligned)
{
	if (unaligned & bits_mask(SHIFT_16K - 1, SHIFT_4K))
		return SHIFT_4K;
	return unaligned & bits_mask(SHIFT_64K - 1, SHIFT_16K) ? SHIFT_16K : SHIFT_64K;
}

static void note_address(struct mmu_detect *detect, uint64_t address)
{
	if (address >= LOWEST_OF_52 && (!detect->lowest || address < detect->lowest))
		detect->lowest = address;
}

static void keep(struct mmu_detect_pair *ring, uint64_t *count, uint64_t key, uint64_t value)
{
	ring[(*count)++ % DETECT_KEPT] = (struct mmu_detect_pair){key, value};
}

static const struct mmu_detect_pair *find(const struct mmu_detect_pair *ring, uint64_t key)
{
	for (size_t i = 0; i < DETECT_KEPT; i++)
		if (ring[i].key == key && key)
			return &ring[i];
	return NULL;
}

static void note_granule(struct mmu_detect *detect, uint64_t bytes)
{
	if (is_granule(bytes) && !detect->found_shift)
		detect->found_shift = shift_of(bytes);
}

static void note_map(struct mmu_detect *detect, const struct mmu_event *event)
{
	if (event->end <= event->va)
		return;
	detect->has_mapping = true;
	detect->unaligned |= event->va | event->end;
	note_address(detect, event->va);
	keep(detect->mapping, &detect->nr_mappings, event->va, event->end);
}

static void note_clear(struct mmu_detect *detect, const struct mmu_event *event)
{
	const struct mmu_detect_pair *mapping = find(detect->mapping, event->va);

	if (event->end <= event->va)
		return;
	detect->unaligned |= event->va | event->end;
	detect->nr_witnesses++;
	note_address(detect, event->va);
	if (mapping && event->end > mapping->value)
		note_granule(detect, event->end - mapping->value);
}

/* Blocks of larger granules are larger, too, and PUD blocks are of 4K. */
static void note_block(struct mmu_detect *detect, const struct mmu_event *event)
{
	if (event->done != DONE_YES || event->level != KERNEL_PMD || !event->has_pa)
		return;
	if (event->pa & bits_mask(PMD_SHIFT_16K - 1, PMD_SHIFT_4K))
		detect->unaligned |= 1U << SHIFT_4K;
}

/* TTL and TG have a code for the granule: 1, 2, 3. */
static void note_code(struct mmu_detect *detect, uint64_t code)
{
	if (code)
		note_granule(detect, UINT64_C(1) << (10 + 2 * code));
}

static void note_step(struct mmu_detect *detect, const struct mmu_event *event, uint64_t va)
{
	uint64_t step = va - detect->flush_va;
	bool is_same_task = event->where.pid == detect->flush_pid;

	if (is_same_task && detect->in_flush && event->in_flush && event->inside.length)
		note_granule(detect, step);
	if (!is_same_task || step != detect->flush_step)
		detect->flush_steps = 0;
	else if (++detect->flush_steps >= ENOUGH_STEPS)
		note_granule(detect, step);
	detect->in_flush = event->in_flush;
	detect->flush_pid = event->where.pid;
	detect->flush_step = step;
	detect->flush_va = va;
}

static void note_tlbi(struct mmu_detect *detect, const struct mmu_event *event)
{
	uint64_t va = bits_sign_extend(event->operand << 12, 55);

	if (!event->has_operand || event->op.el != 1)
		return;
	if (event->op.reach == TLBI_RANGE)
		note_code(detect, bits_get(event->operand, 47, 46));
	if (event->op.reach != TLBI_VA || !mmu_is_kernel_va(va))
		return;
	/* All ones are more of the VA: kernels up to 4.16. */
	if (bits_get(event->operand, 51, 44) != 0xff)
		note_code(detect, bits_get(event->operand, 47, 46));
	detect->tlbi_unaligned |= va;
	detect->nr_witnesses++;
	note_address(detect, va);
	note_step(detect, event, va);
}

/* A VA that the event's entry translates: its own, or the range's by the block's physical address. */
static bool va_of_entry(const struct mmu_event *event, uint64_t *ret)
{
	*ret = event->va;
	if (event->has_va)
		return true;
	*ret = event->within.va + (event->pa - event->within.pa);
	return event->has_pa && event->within.has_pa && *ret >= event->within.va &&
	       *ret < event->within.end;
}

/*
 * A PMD entry of a table of 2^(shift - 3) entries translates as much as a page of such entries: its index
 * lies in the VA from bit 2 * shift - 3 on, and in its address from bit 3 on.
 */
static bool entry_fits(uint64_t entry, uint64_t va, uint32_t shift)
{
	return bits_get(entry, shift - 1, 3) == bits_get(va, 3 * shift - 7, 2 * shift - 3);
}

static void note_index(struct mmu_detect *detect, const struct mmu_event *event)
{
	uint32_t all = 1U << SHIFT_4K | 1U << SHIFT_16K | 1U << SHIFT_64K;
	uint64_t va;

	if (event->level != KERNEL_PMD || !event->entry || !va_of_entry(event, &va))
		return;
	for (uint32_t shift = SHIFT_4K; shift <= SHIFT_64K; shift += 2)
		if (!entry_fits(event->entry, va, shift))
			detect->misfits |= 1U << shift;
	uint32_t left = all & ~detect->misfits;

	if (left && !(left & (left - 1)))
		note_granule(detect, left);
}

/* A table that was allocated, and is read as a descriptor later. */
static void note_entry(struct mmu_detect *detect, const struct mmu_event *event)
{
	/* Where address bits are in one place whatever the granule is. */
	uint64_t pa = event->old & bits_mask(47, SHIFT_64K);
	const struct mmu_detect_pair *table = find(detect->table, event->entry);

	note_address(detect, event->entry);
	detect->has_pointer = detect->has_pointer || event->entry;
	if (event->has_old && (event->old & 3) == 3 && table)
		for (uint32_t shift = SHIFT_4K; shift <= SHIFT_64K; shift += 2)
			if ((table->value << shift & bits_mask(47, SHIFT_64K)) == pa && pa)
				note_granule(detect, UINT64_C(1) << shift);
	if (event->kind == EVENT_TABLE && event->has_table_pfn && !event->table_lost)
		keep(detect->table, &detect->nr_tables, event->entry, event->table_pfn);
}

bool mmu_detect_note(struct mmu_detect *detect, const struct mmu_event *event)
{
	uint32_t bytes;

	/* TLBIs and pages come in hundreds between two events that have pointers. */
	if (event->kind != EVENT_TLBI && event->kind != EVENT_DSB &&
	    event->kind != EVENT_PAGE_ALLOC && event->kind != EVENT_PAGE_FREE)
		detect->nr_events++;
	switch (event->kind) {
	case EVENT_MAP:
		note_map(detect, event);
		break;
	case EVENT_CLEAR:
		note_clear(detect, event);
		break;
	case EVENT_TLBI:
		note_tlbi(detect, event);
		break;
	case EVENT_FLUSH:
		detect->in_flush = false;
		break;
	case EVENT_BLOCK:
		note_block(detect, event);
		note_index(detect, event);
		note_entry(detect, event);
		break;
	case EVENT_BREAK:
		note_index(detect, event);
		note_entry(detect, event);
		break;
	case EVENT_BLOCK_CLEAR:
	case EVENT_TABLE:
	case EVENT_WRITE:
		note_entry(detect, event);
		break;
	case EVENT_MAP_END:
	case EVENT_UNMAP:
	case EVENT_BREAK_END:
	case EVENT_PAGE_ALLOC:
	case EVENT_PAGE_FREE:
	case EVENT_DSB:
	case EVENT_ACCESS:
	case EVENT_LOST:
	case EVENT_KINDS:
		break;
	}
	return mmu_detect_granule(detect, &bytes) && detect->has_mapping &&
	       (detect->has_pointer || detect->nr_events >= ENOUGH_EVENTS);
}

bool mmu_detect_granule(const struct mmu_detect *detect, uint32_t *bytes)
{
	uint32_t largest = largest_for(detect->unaligned);
	uint32_t likely = largest_for(detect->unaligned | detect->tlbi_unaligned);
	uint32_t shift = SHIFT_4K;
	bool is_known = true;

	if (detect->found_shift && detect->found_shift <= largest)
		shift = detect->found_shift;
	else if (likely == SHIFT_4K || detect->nr_witnesses >= ENOUGH_WITNESSES)
		shift = likely;
	else
		is_known = false;
	*bytes = 1U << shift;
	return is_known;
}

bool mmu_detect_va_bits(const struct mmu_detect *detect, uint32_t granule, uint32_t *bits)
{
	enum {
		WIDTHS = 4
	};
	/* Each with the next one that is twice as large or more; see shapes[] in geometry.c. */
	static const struct {
		uint32_t granule, bits[WIDTHS];
	} shapes[] = {
		{1U << SHIFT_4K, {39, 48, 52}},
		{1U << SHIFT_16K, {36, 47, 48, 52}},
		{1U << SHIFT_64K, {42, 48, 52}},
	};

	*bits = DEFAULT_VA_BITS;
	if (!detect->lowest)
		return false;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (int j = 0; shapes[i].granule == granule && j < WIDTHS; j++) {
			uint32_t width = shapes[i].bits[j];

			if (!width || detect->lowest < UINT64_MAX << width)
				continue;
			/*
			 * Without a pointer into the linear map, the upper half of 48 bits (kernels
			 * since 5.4 have vmalloc there) looks as 47 bits do.
			 */
			if (width == 47 && !detect->has_pointer)
				continue;
			*bits = width;
			return true;
		}
	}
	return false;
}
