/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which VA does an entry translate, when the traced function was given its address only?
 *
 * pmd_set_huge(pmdp, phys, prot) has no VA argument.  The enclosing range call has one; the entry's
 * address gives its index; and a page of descriptors, once placed, places all of its entries.
 */
#include "mmu/model.h"

#include "base/try.h"

enum {
	DESCRIPTOR_SIZE = 8
};

/* The page of descriptors that the entry lies in.  Level 0 of the map is never a valid key. */
static uint64_t page_of(const struct mmu *mmu, uint64_t address)
{
	return address >> mmu->geometry.granule_shift;
}

static uint64_t index_of(const struct mmu *mmu, uint64_t address)
{
	uint64_t granule = UINT64_C(1) << mmu->geometry.granule_shift;

	return (address & (granule - 1)) / DESCRIPTOR_SIZE;
}

/* The bytes that a whole table of entries of `level` translates. */
static uint64_t table_span(const struct mmu *mmu, int level)
{
	uint32_t shift = mmu_level_shift(&mmu->geometry, level) + mmu->geometry.index_bits;

	return shift < 64 ? UINT64_C(1) << shift : 0;
}

static struct error *learn(struct mmu *mmu, uint64_t address, int level, uint64_t va)
{
	uint64_t span = mmu_level_size(&mmu->geometry, level);
	struct place *place;

	if (!address)
		return NULL;
	place = hash_get(&mmu->places, page_of(mmu, address));
	if (!place) {
		place = pool_get(&mmu->place_pool);
		if (!place || !hash_set(&mmu->places, page_of(mmu, address), place))
			return error_memory();
	}
	*place = (struct place){level, (va & -span) - index_of(mmu, address) * span};
	return NULL;
}

static bool in_range(const struct mmu_event *event, uint64_t va, uint64_t span)
{
	return va + span > event->within.va && va < event->within.end;
}

/* From the range's physical address and the block's. */
static bool place_by_pa(const struct mmu *mmu, const struct mmu_event *event, int level,
			uint64_t *va)
{
	uint64_t span = mmu_level_size(&mmu->geometry, level);

	if (!event->within.has_pa || !event->has_pa || event->pa < event->within.pa)
		return false;
	*va = event->within.va + (event->pa - event->within.pa);
	if (*va & (span - 1) || *va >= event->within.end)
		return false;
	return !event->entry ||
	       mmu_index(&mmu->geometry, level, *va) == index_of(mmu, event->entry);
}

/* From the entry's index: right unless the range is so long that two entries have it. */
static bool place_by_index(const struct mmu *mmu, const struct mmu_event *event, int level,
			   uint64_t *va)
{
	uint64_t span = mmu_level_size(&mmu->geometry, level);
	uint64_t table = table_span(mmu, level);

	if (!event->entry) {
		*va = event->within.va & -span;
		return event->within.end - *va <= span;
	}
	*va = (table ? event->within.va & -table : 0) + index_of(mmu, event->entry) * span;
	if (table && !in_range(event, *va, span))
		*va += table;
	if (!in_range(event, *va, span))
		return false;
	return !table || !in_range(event, *va + table, span);
}

static bool place_by_table(const struct mmu *mmu, const struct mmu_event *event, int level,
			   uint64_t *va)
{
	const struct place *place;

	if (!event->entry)
		return false;
	place = hash_get(&mmu->places, page_of(mmu, event->entry));
	if (!place || place->level != level)
		return false;
	*va = place->va + index_of(mmu, event->entry) * mmu_level_size(&mmu->geometry, level);
	return true;
}

bool place_guess(const struct mmu *mmu, const struct mmu_event *event, int level, uint64_t *va)
{
	enum {
		LOOKED_AT = 64 /* candidates: 64 GiB of PMD entries with 4K */
	};
	uint64_t span = mmu_level_size(&mmu->geometry, level);
	uint64_t table = table_span(mmu, level);
	uint64_t at = (event->within.va & -table) + index_of(mmu, event->entry) * span;

	if (!event->entry || !table || event->within.end <= event->within.va)
		return false;
	for (int i = 0; i < LOOKED_AT && at < event->within.end; i++, at += table) {
		const struct mmu_entry *entry = entry_find(mmu, level, at);

		if (!in_range(event, at, span) || !entry || entry->kind != ENTRY_TABLE)
			continue;
		*va = at;
		return true;
	}
	return false;
}

struct error *place_event(struct mmu *mmu, const struct mmu_event *event, int level, uint64_t *va,
			  bool *found)
{
	bool has_range = event->within.end != event->within.va;

	*found = true;
	if (event->has_va) {
		*va = event->va & -mmu_level_size(&mmu->geometry, level);
		return learn(mmu, event->entry, level, *va);
	}
	if (has_range &&
	    (place_by_pa(mmu, event, level, va) || place_by_index(mmu, event, level, va)))
		return learn(mmu, event->entry, level, *va);
	*found = place_by_table(mmu, event, level, va);
	if (!*found && event->kind == EVENT_BLOCK)
		mmu->facts.nr_unplaced++;
	return NULL;
}
