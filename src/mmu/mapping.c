/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings: extents of leaves.  Dead ones stay known, until their VA is used again or many others
 * have died since, to explain a second unmap or a reuse.
 */
#include "mmu/model.h"

#include "base/try.h"

struct mmu_mapping *mmu_mapping_get(struct mmu_mapping *mapping)
{
	mapping->refs++;
	return mapping;
}

void mmu_mapping_put(struct mmu_mapping *mapping)
{
	if (mapping && --mapping->refs == 0)
		pool_put(mapping->home, mapping);
}

bool mapping_is_live(const struct mmu_mapping *mapping)
{
	return !mapping->unmapped.order && !mapping->failed;
}

bool mapping_covers(const struct mmu_mapping *a, const struct mmu_mapping *b)
{
	return a->va < b->end && b->va < a->end;
}

struct mmu_mapping *mapping_find(const struct mmu *mmu, uint64_t va)
{
	struct extent *extent = extents_first(&mmu->mappings, va, va);

	return extent ? extent->value : NULL;
}

/* Removes what is left of a mapping from the map. */
static struct error *forget(struct mmu *mmu, struct mmu_mapping *mapping)
{
	uint64_t last = mapping->end - 1;
	struct extent *extent = extents_first(&mmu->mappings, mapping->va, last);

	while (extent) {
		uint64_t piece_start = extent->start, piece_last = extent->last;

		if (extent->value == mapping)
			TRY(extents_remove(&mmu->mappings, piece_start, piece_last, NULL, NULL));
		if (piece_last >= last)
			break;
		extent = extents_first(&mmu->mappings, piece_last + 1, last);
	}
	return NULL;
}

/* One whose VA was used again by the time when its order is in no doubt any more explains nothing. */
static void drop_explained(struct mmu *mmu)
{
	if (mmu->nr_dead <= DEAD_IN_DOUBT)
		return;
	struct mmu_mapping **place = &mmu->dead[(mmu->nr_dead - 1 - DEAD_IN_DOUBT) % DEAD_MAPPINGS];

	if (*place && (*place)->pieces == 0) {
		mmu_mapping_put(*place);
		*place = NULL;
	}
}

/* Keeps a mapping that was just undone, at the cost of the oldest such one. */
static struct error *bury(struct mmu *mmu, struct mmu_mapping *mapping)
{
	struct mmu_mapping **place = &mmu->dead[mmu->nr_dead++ % DEAD_MAPPINGS];
	struct mmu_mapping *oldest = *place;

	alias_remove(mmu, mapping);
	*place = mmu_mapping_get(mapping);
	drop_explained(mmu);
	if (!oldest)
		return NULL;
	TRY(forget(mmu, oldest));
	mmu_mapping_put(oldest);
	return NULL;
}

/* The VA is taken to be of a mapping that ends before its guard page, where it has one. */
static uint64_t without_guard(const struct mmu *mmu, uint64_t va, uint64_t end)
{
	uint64_t granule = UINT64_C(1) << mmu->geometry.granule_shift;

	return end - va > granule ? end - granule : end;
}

static struct error *add_stale_leaves(struct mmu *mmu, uint64_t va, uint64_t end, int level,
				      enum mmu_entry_kind kind, struct mmu_mapping *mapping,
				      const struct mmu_event *event)
{
	struct mmu_stale info = {
		.va = va,
		.end = end,
		.level = level,
		.kind = kind,
		.since = event->where,
		.mapping = mapping,
	};

	if (mapping)
		info.last_use = mapping->made;
	return stale_add(mmu, STALE_LEAF, &info);
}

static bool is_block_of(const struct mmu_entry *entry, const struct mmu_mapping *mapping)
{
	if (entry->kind == ENTRY_NONE)
		return entry->block_of == mapping;
	return entry->kind == ENTRY_BLOCK && entry->mapped == mapping;
}

/*
 * The entry that translates va, where it holds one of the mapping's blocks, or did until the mapping
 * was undone; `*end` becomes the end of what is alike from va on.
 */
static struct mmu_entry *find_block(const struct mmu *mmu, const struct mmu_mapping *mapping,
				    uint64_t va, uint64_t *end)
{
	for (int level = mmu->geometry.first_level; level < MMU_LAST_LEVEL; level++) {
		uint64_t span = mmu_level_size(&mmu->geometry, level);
		struct mmu_entry *entry;

		if (!mmu_level_has_blocks(&mmu->geometry, level))
			continue;
		entry = entry_find(mmu, level, va);
		if (entry && is_block_of(entry, mapping)) {
			*end = (va & -span) + span;
			return entry;
		}
		if (level == MMU_LAST_LEVEL - 1 && (va & -span) + span < *end)
			*end = (va & -span) + span;
	}
	return NULL;
}

/* Tables below which pages were cleared: the newest evidence that they are there. */
static void note_use(struct mmu *mmu, struct mmu_mapping *mapping, uint64_t va,
		     const struct mmu_event *event)
{
	struct mmu_entry *entry = entry_find(mmu, MMU_LAST_LEVEL - 1, va);

	if (!entry || entry->kind != ENTRY_TABLE)
		return;
	entry->seen = event->where;
	entry_set_mapping(entry, mapping);
}

static struct error *clear_block(struct mmu *mmu, struct mmu_entry *entry,
				 struct mmu_mapping *mapping, const struct mmu_event *event)
{
	if (entry->kind == ENTRY_NONE)
		return entry_clear_again(mmu, entry, mapping, event);
	return entry_store(mmu, entry, (struct entry_value){.kind = ENTRY_NONE}, event);
}

/* Leaves of one mapping in [va, end) are gone; CPUs may still hold them. */
static struct error *clear_leaves(struct mmu *mmu, struct mmu_mapping *mapping, uint64_t va,
				  uint64_t end, const struct mmu_event *event)
{
	uint64_t pages = va; /* start of the run of pages that is not yet added */
	enum mmu_entry_kind kind = mapping->has_pages ? ENTRY_PAGE : ENTRY_UNKNOWN;

	for (uint64_t at = va, next; at < end; at = next) {
		next = end;
		struct mmu_entry *block = find_block(mmu, mapping, at, &next);

		if (!block) {
			note_use(mmu, mapping, at, event);
			continue;
		}
		if (pages < at)
			TRY(add_stale_leaves(mmu, pages, at, MMU_LAST_LEVEL, kind, mapping, event));
		TRY(clear_block(mmu, block, mapping, event));
		pages = next;
	}
	if (pages < end)
		TRY(add_stale_leaves(mmu, pages, end, MMU_LAST_LEVEL, kind, mapping, event));
	return NULL;
}

struct error *apply_unmap(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_mapping *mapping = mapping_find(mmu, event->va);
	struct mmu_undecided undecided;
	struct mmu_change change = {
		.kind = CHANGE_UNMAP,
		.event = event,
		.level = MMU_LAST_LEVEL,
		.va = event->va,
		.end = event->va,
		.mapping = mapping,
	};

	if (!mmu_is_kernel_va(event->va))
		return NULL;
	mmu->facts.nr_unmaps++;
	memory_note_symbol(mmu, event->symbol);
	if (!mapping)
		return mmu_emit(mmu, &change);
	change.end = mapping->end;
	change.already_unmapped = mapping->unmapped.order;
	if (!change.already_unmapped && mapping->last_access.order &&
	    !mmu_order_is_certain(mmu, &mapping->last_access, &event->where)) {
		undecided = (struct mmu_undecided){mapping->last_access, event->where};
		change.undecided = &undecided;
	}
	if (mapping_is_live(mapping)) {
		TRY(mapping_complete(mmu, mapping, event));
		TRY(clear_leaves(mmu, mapping, mapping->va, mapping->end, event));
		mapping->unmapped = event->where;
		mapping->unmap_symbol = event->symbol;
		mapping->unmap_origin = event->origin;
		TRY(bury(mmu, mapping));
	}
	return mmu_emit(mmu, &change);
}

/* What a range clear does to one mapping that it meets. */
static struct error *clear_mapping(struct mmu *mmu, struct mmu_mapping *mapping, uint64_t va,
				   uint64_t end, const struct mmu_event *event)
{
	bool whole = va == mapping->va && end == mapping->end;

	if (mapping_is_live(mapping)) {
		TRY(mapping_complete(mmu, mapping, event));
		TRY(clear_leaves(mmu, mapping, va, end, event));
		if (!whole) /* a part is gone: the rest lives on */
			return extents_remove(&mmu->mappings, va, end - 1, NULL, NULL);
		mapping->unmapped = event->where;
		mapping->unmap_symbol = event->symbol;
		mapping->unmap_origin = event->origin;
		mapping->cleared = true;
		return bury(mmu, mapping);
	}
	if (mapping->cleared)
		return NULL;
	/* The unmap was seen before: here the leaves really go, after any TLBI in between. */
	mapping->cleared = whole;
	return clear_leaves(mmu, mapping, va, end, event);
}

/* Leaves of which no mapping is known: made before the capture, or by a function not traced. */
static struct error *clear_unknown(struct mmu *mmu, uint64_t va, uint64_t end,
				   const struct mmu_event *event)
{
	return va < end ? add_stale_leaves(mmu, va, end, MMU_LAST_LEVEL, ENTRY_UNKNOWN, NULL, event)
			: NULL;
}

struct error *apply_access(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_mapping *mapping = mapping_find(mmu, event->va);
	const struct mmu_change change = {
		.kind = CHANGE_ACCESS,
		.event = event,
		.level = MMU_LAST_LEVEL,
		.va = event->va,
		.end = event->end,
		.mapping = mapping,
	};

	mmu->facts.nr_accesses++;
	if (mapping)
		mapping->last_access = event->where;
	return mapping && mapping->unmapped.order ? mmu_emit(mmu, &change) : NULL;
}

struct error *apply_clear(struct mmu *mmu, const struct mmu_event *event)
{
	uint64_t at = event->va, end = event->end;

	if (!mmu_is_kernel_va(at) || end <= at)
		return NULL;
	mmu->facts.nr_clears++;
	memory_note_symbol(mmu, event->symbol);
	while (at < end) {
		struct extent *extent = extents_first(&mmu->mappings, at, end - 1);

		if (!extent) /* what is behind a known mapping is its guard page */
			return at == event->va
				       ? clear_unknown(mmu, at, without_guard(mmu, at, end), event)
				       : NULL;
		uint64_t piece_va = extent->start > at ? extent->start : at;
		uint64_t piece_end = extent->last < end - 1 ? extent->last + 1 : end;
		struct mmu_mapping *mapping = mmu_mapping_get(extent->value);

		if (piece_va > at)
			TRY(clear_unknown(mmu, at, piece_va, event));
		TRY(clear_mapping(mmu, mapping, piece_va, piece_end, event));
		mmu_mapping_put(mapping);
		at = piece_end;
	}
	return NULL;
}
