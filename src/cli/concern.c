/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <mmureplay/geometry.h>

#include "cli/concern.h"

static bool is_in(uint64_t address, uint64_t start, uint64_t size)
{
	return address >= start && address - start < size;
}

static uint64_t granule(const struct mmu *mmu)
{
	return UINT64_C(1) << mmu_geometry(mmu)->granule_shift;
}

/* ---- events -------------------------------------------------------------------------------- */

/* The entry that the event is about is that of this address: by its VA, or by its own address. */
static bool is_entry_of(const struct mmu *mmu, const struct mmu_event *event, uint64_t address)
{
	const struct mmu_geometry *geometry = mmu_geometry(mmu);
	int level = mmu_level(geometry, event->level);
	uint64_t size = mmu_level_size(geometry, level);

	if (event->entry == address)
		return true;
	if (event->has_va)
		return (event->va & -size) == (address & -size);
	const struct mmu_entry *entry = mmu_find_entry(mmu, level, address);

	return event->entry && entry && entry->address == event->entry;
}

/* A TLBI for some addresses; one for all shows where it takes something away. */
static bool is_invalidated(const struct mmu *mmu, const struct mmu_event *event, uint64_t va)
{
	struct mmu_tlbi what;

	mmu_tlbi_decode(mmu_geometry(mmu), event->op, event->has_operand, event->operand, &what);
	return !what.ignored && !what.all && !what.asid_only && va >= what.va &&
	       (!what.end || va < what.end);
}

static bool concerns_va(const struct mmu *mmu, const struct mmu_event *event, uint64_t va)
{
	switch (event->kind) {
	case EVENT_MAP:
	case EVENT_MAP_END:
	case EVENT_CLEAR:
	case EVENT_FLUSH:
	case EVENT_ACCESS:
		return event->has_va && is_in(va, event->va, event->end - event->va);
	case EVENT_UNMAP:
		return event->has_va && event->va == va; /* else the change tells */
	case EVENT_BLOCK:
	case EVENT_BLOCK_CLEAR:
	case EVENT_TABLE:
	case EVENT_BREAK:
	case EVENT_BREAK_END:
	case EVENT_WRITE:
		return is_entry_of(mmu, event, va);
	case EVENT_TLBI:
		return is_invalidated(mmu, event, va);
	case EVENT_LOST:
		return true;
	case EVENT_PAGE_ALLOC:
	case EVENT_PAGE_FREE:
	case EVENT_DSB:
	case EVENT_KINDS:
		break;
	}
	return false;
}

static bool concerns_pa(const struct mmu *mmu, const struct mmu_event *event, uint64_t pa)
{
	const struct mmu_geometry *geometry = mmu_geometry(mmu);
	uint64_t page = pa >> geometry->granule_shift;

	switch (event->kind) {
	case EVENT_MAP:
	case EVENT_MAP_END:
		return event->has_pa && is_in(pa, event->pa, event->end - event->va);
	case EVENT_BLOCK:
		return event->has_pa &&
		       is_in(pa, event->pa,
			     mmu_level_size(geometry, mmu_level(geometry, event->level)));
	case EVENT_TABLE:
		return event->has_table_pfn && event->table_pfn == page;
	case EVENT_PAGE_ALLOC:
	case EVENT_PAGE_FREE:
		return is_in(page, event->pfn, UINT64_C(1) << (event->page_order & 63));
	case EVENT_LOST:
		return true;
	case EVENT_UNMAP:
	case EVENT_CLEAR:
	case EVENT_BLOCK_CLEAR:
	case EVENT_BREAK:
	case EVENT_BREAK_END:
	case EVENT_WRITE:
	case EVENT_TLBI:
	case EVENT_DSB:
	case EVENT_FLUSH:
	case EVENT_ACCESS:
	case EVENT_KINDS:
		break;
	}
	return false;
}

bool event_concerns(const struct mmu *mmu, const struct mmu_event *event, uint64_t address)
{
	return mmu_is_kernel_va(address) ? concerns_va(mmu, event, address)
					 : concerns_pa(mmu, event, address);
}

/* ---- changes ------------------------------------------------------------------------------- */

static bool is_in_table(const struct mmu *mmu, const struct mmu_table *table, uint64_t pa)
{
	return table && table->pa_source != PA_UNKNOWN && is_in(pa, table->pa, granule(mmu));
}

static bool is_in_mapping(const struct mmu_mapping *mapping, uint64_t pa)
{
	return mapping && mapping->has_pa && is_in(pa, mapping->pa, mapping->end - mapping->va);
}

static bool change_concerns_pa(const struct mmu *mmu, const struct mmu_change *change, uint64_t pa)
{
	const struct mmu_stale *gone = change->kind == CHANGE_STALE_GONE ? change->stale : NULL;

	return is_in_table(mmu, change->table, pa) ||
	       (change->before && is_in_table(mmu, change->before->table, pa)) ||
	       (change->after && is_in_table(mmu, change->after->table, pa)) ||
	       is_in_mapping(change->mapping, pa) ||
	       (gone && (is_in_table(mmu, gone->table, pa) || is_in_mapping(gone->mapping, pa)));
}

bool change_concerns(const struct mmu *mmu, const struct mmu_change *change, uint64_t address)
{
	if (!mmu_is_kernel_va(address))
		return change_concerns_pa(mmu, change, address);
	return is_in(address, change->va, change->end - change->va) ||
	       (change->after && change->after->address == address);
}
