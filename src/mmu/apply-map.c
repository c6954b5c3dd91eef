/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings being made: ioremap_page_range() and its relatives. */
#include "mmu/model.h"

#include "base/try.h"

/* The first live mapping in the way. */
static struct mmu_mapping *find_live(const struct mmu *mmu, uint64_t va, uint64_t end)
{
	for (struct extent *extent = extents_first(&mmu->mappings, va, end - 1); extent;
	     extent = extents_next(&mmu->mappings, extent, end - 1))
		if (mapping_is_live(extent->value))
			return extent->value;
	return NULL;
}

static struct error *create_mapping(struct mmu *mmu, const struct mmu_event *event,
				    struct mmu_mapping **ret)
{
	struct mmu_mapping *mapping = pool_get(&mmu->mapping_pool);

	if (!mapping)
		return error_memory();
	*mapping = (struct mmu_mapping){
		.va = event->va,
		.end = event->end,
		.has_pa = event->has_pa,
		.pa = event->pa,
		.has_prot = event->has_prot,
		.prot = event->prot,
		.in_ioremap = event->in_ioremap,
		.has_pages = event->pages_only,
		.symbol = event->symbol,
		.made = event->where,
		.id = ++mmu->last_mapping_id,
		.pieces = 1,
		.refs = 1, /* the map's */
		.home = &mmu->mapping_pool,
	};
	*ret = mapping;
	return NULL;
}

/*
 * Whether a mapping that this one covers, or that maps the same memory in another way, was undone so
 * shortly before that it may have been live.
 */
static bool find_just_undone(const struct mmu *mmu, const struct mmu_mapping *mapping,
			     struct mmu_undecided *ret)
{
	uint64_t skew = mmu->options.clock_skew, now = mapping->made.time;

	/* No machine undoes more in that time. */
	for (uint64_t i = 0; skew && i < mmu->nr_dead && i < DEAD_IN_DOUBT; i++) {
		const struct mmu_mapping *dead = mmu->dead[(mmu->nr_dead - 1 - i) % DEAD_MAPPINGS];

		if (dead->unmapped.time < now && now - dead->unmapped.time > skew)
			break;
		if (mmu_order_is_certain(mmu, &dead->unmapped, &mapping->made) ||
		    (!mapping_covers(mapping, dead) && !mapping_aliases(mapping, dead)))
			continue;
		*ret = (struct mmu_undecided){dead->unmapped, mapping->made};
		return true;
	}
	return false;
}

struct error *apply_map(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_undecided undecided;
	struct mmu_stale stale;
	struct mmu_change change = {
		.kind = CHANGE_MAP,
		.event = event,
		.level = MMU_LAST_LEVEL,
		.va = event->va,
		.end = event->end,
	};

	if (!mmu_is_kernel_va(event->va) || event->end <= event->va ||
	    event->end - event->va > MAPPING_MAX)
		return NULL;
	TRY(contradict_map(mmu, event));
	memory_note_symbol(mmu, event->symbol);
	change.other = find_live(mmu, event->va, event->end);
	if (change.other)
		mmu_mapping_get(change.other);
	TRY(create_mapping(mmu, event, &change.mapping));
	mmu->facts.nr_mappings++;
	TRY(extents_remove(&mmu->mappings, event->va, event->end - 1, NULL, NULL));
	if (!extents_insert(&mmu->mappings, event->va, event->end - 1, change.mapping))
		return error_memory();
	if (stale_find_leaf(mmu, event->va, event->end, &stale))
		change.stale = &stale;
	else if (order_find_leaf(mmu, event->va, event->end, &event->where, &undecided))
		change.undecided = &undecided;
	if (!change.undecided && !change.other && find_just_undone(mmu, change.mapping, &undecided))
		change.undecided = &undecided;
	TRY(mmu_emit(mmu, &change));
	mmu_mapping_put(change.other);
	return NULL;
}

/* Whether va lies in a block of a higher level than the last but one. */
static bool in_larger_block(const struct mmu *mmu, uint64_t va)
{
	for (int level = mmu->geometry.first_level; level < MMU_LAST_LEVEL - 1; level++) {
		const struct mmu_entry *entry = entry_find(mmu, level, va);

		if (entry && entry->kind == ENTRY_BLOCK)
			return true;
	}
	return false;
}

/*
 * Whether the mapping's part in this entry's span can only be pages.  That no block was seen to be
 * stored does not say so: the event may be missing.
 */
static bool must_be_pages(const struct mmu_mapping *mapping, const struct mmu_entry *entry,
			  uint64_t va, uint64_t span)
{
	if (mapping->has_pages || va < mapping->va || mapping->end - va < span)
		return true;
	if (mapping->has_pa && (mapping->pa + (va - mapping->va)) & (span - 1))
		return true;
	return entry && entry->refused > mapping->made.order;
}

/* Whether blocks were seen for neither, nor that a table was installed or found in its place since. */
static bool is_unseen(const struct mmu_mapping *mapping, const struct mmu_entry *entry)
{
	return mapping->has_pa &&
	       !(entry && entry->kind == ENTRY_TABLE && entry->seen.order > mapping->made.order);
}

/*
 * Page by page, a mapping needs tables of pages: where no other value was seen to be stored, the entry
 * of the level above is one.  A mapping of 1 GiB has 512 such tables, as many as the kernel has.
 */
struct error *mapping_complete(struct mmu *mmu, struct mmu_mapping *mapping,
			       const struct mmu_event *event)
{
	const int level = MMU_LAST_LEVEL - 1;
	uint64_t span = mmu_level_size(&mmu->geometry, level);
	bool has_pages = false, has_unseen = false;

	if (mapping->complete)
		return NULL;
	mapping->complete = true;
	for (uint64_t va = mapping->va & -span; va < mapping->end && !mapping->failed; va += span) {
		struct mmu_entry *entry = entry_find(mmu, level, va);

		if (entry && entry->kind == ENTRY_BLOCK && entry->mapped == mapping)
			continue;
		if (in_larger_block(mmu, va))
			continue;
		if (!must_be_pages(mapping, entry, va, span)) {
			has_unseen = has_unseen || is_unseen(mapping, entry);
			continue;
		}
		TRY(entry_get(mmu, level, va, event, &entry));
		TRY(entry_infer_table(mmu, entry, event));
		has_pages = true;
		entry_set_mapping(entry, mapping);
	}
	mapping->has_pages = mapping->has_pages || has_pages;
	mmu->facts.nr_block_sized += has_unseen;
	return NULL;
}

struct error *apply_map_end(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_mapping *mapping = mapping_find(mmu, event->va);
	struct mmu_change change = {.kind = CHANGE_MAP_END, .event = event, .mapping = mapping};

	if (!mapping || !mapping_is_live(mapping))
		return NULL;
	mapping->origin = event->origin;
	mapping->failed = event->done == DONE_NO;
	change.va = mapping->va;
	change.end = mapping->end;
	TRY(mapping_complete(mmu, mapping, event));
	TRY(mmu_emit(mmu, &change));
	return mapping->failed ? NULL : alias_add(mmu, mapping, event);
}
