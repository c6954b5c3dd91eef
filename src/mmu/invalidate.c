/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an invalidation removes from the may-be-cached set: by class, level, address and CPU. */
#include "mmu/model.h"

#include "base/try.h"

enum {
	WORD_BITS = 64
};

/* One TLBI at work on one map. */
struct invalidation {
	struct mmu *mmu;
	const struct mmu_tlbi *what;
	const struct event_where *where;
	const struct pending_tlbi *pending;
	enum stale_class class;
	struct extents *map;
};

/* In which CPUs an invalidation removes a copy: in all, or in one or two. */
struct removal_in {
	bool all;
	uint32_t count;
	uint32_t cpu[2];
};

/*
 * The store that made the value stale must have been complete when the TLBI was issued, where DSBs are
 * traced (R_DDMVT).  A DSB waits for the stores of its own CPU and for those of others that this has
 * observed (Arm ARM B2.3, group A of a barrier): Linux clears on one CPU, hands the range on under a
 * lock, and another CPU issues DSB, TLBI and DSB.  DSB NSH completes stores for its own CPU's walks only.
 */
static void removes_in(const struct invalidation *this, const struct mmu_stale *stale,
		       struct removal_in *ret)
{
	const struct pending_tlbi *pending = this->pending;
	uint32_t by = stale->since.cpu, at = this->where->cpu;
	uint64_t since = stale->since.order;

	*ret = (struct removal_in){0};
	if (!pending || pending_barrier(pending, by, true) > since ||
	    pending_barrier(pending, at, true) > since) {
		ret->all = !this->what->local;
		ret->cpu[ret->count++] = at;
		return;
	}
	if (pending_barrier(pending, at, false) > since)
		ret->cpu[ret->count++] = at;
	if (by != at && !this->what->local && pending_barrier(pending, by, false) > since)
		ret->cpu[ret->count++] = by;
}

static bool is_clean(const struct mmu *mmu, const struct stale_item *item, uint32_t cpu)
{
	return item->clean_cpus && cpu < mmu->options.nr_cpus &&
	       item->clean_cpus[cpu / WORD_BITS] >> cpu % WORD_BITS & 1;
}

/* Whether, with this one, every CPU has removed its own copy. */
static bool note_clean(struct mmu *mmu, struct stale_item *item, uint32_t cpu)
{
	uint32_t nr_cpus = mmu->options.nr_cpus;

	if (cpu >= nr_cpus)
		return false;
	if (!item->clean_cpus)
		item->clean_cpus = calloc((nr_cpus + WORD_BITS - 1) / WORD_BITS, sizeof(uint64_t));
	if (!item->clean_cpus)
		return false; /* remembered as cached for longer than need be */
	item->clean_cpus[cpu / WORD_BITS] |= UINT64_C(1) << cpu % WORD_BITS;
	for (uint32_t i = 0; i < nr_cpus; i++)
		if (!is_clean(mmu, item, i))
			return false;
	return true;
}

/*
 * Whether a walk through a table that may still be cached finds the leaf again: it is valid there, and
 * the table's page is not used for something else.
 */
static bool is_found_again(const struct invalidation *this, const struct mmu_stale *leaf,
			   bool in_all, uint32_t cpu)
{
	const struct mmu_table *within = leaf->within;
	const struct stale_item *item;

	if (!within || within->state == TABLE_FREED)
		return false;
	item = stale_find_table(this->mmu, within, within->level - 1, within->va);
	return item && (in_all || !is_clean(this->mmu, item, cpu));
}

/* A piece that has marks of its own: the rest of its item has not been invalidated. */
static struct error *split_piece(const struct invalidation *this, uint64_t start, uint64_t last,
				 struct stale_item **item)
{
	struct mmu *mmu = this->mmu;
	struct mmu_stale info = (*item)->info;

	if ((*item)->pieces == 1 && info.va == start && info.end - 1 == last)
		return NULL;
	uint64_t id = info.id;

	info.va = start;
	info.end = last + 1;
	TRY(stale_insert(mmu, this->map, &info));
	*item = extents_first(this->map, start, last)->value;
	(*item)->info.id = id; /* still the same value, for whoever watches it */
	return NULL;
}

/* One extent that the TLBI reaches: goes, or is marked, or stays. */
static struct error *invalidate_piece(const struct invalidation *this, uint64_t start,
				      uint64_t last, struct stale_item *item)
{
	const struct mmu_tlbi *what = this->what;
	struct removal_in removed;
	bool gone = false;

	if (item->info.since.order >= this->where->order ||
	    (stale_is_global(&item->info) ? !what->globals : what->asid_only))
		return NULL;
	removes_in(this, &item->info, &removed);
	if (removed.all)
		gone = !is_found_again(this, &item->info, true, 0);
	else if (removed.count)
		TRY(split_piece(this, start, last, &item));
	for (uint32_t i = 0; i < removed.count && !removed.all; i++)
		if (!is_found_again(this, &item->info, false, removed.cpu[i]))
			gone = note_clean(this->mmu, item, removed.cpu[i]);
	if (!gone)
		return NULL;
	TRY(order_note_removal(this->mmu, this->class, start, last + 1, &item->info, this->where));
	return extents_remove(this->map, start, last, NULL, NULL);
}

/* All extents in [start, last] of the map; those of blocks as a whole. */
static struct error *invalidate_map(const struct invalidation *this, uint64_t start, uint64_t last)
{
	struct extent *extent = extents_first(this->map, start, last);

	while (extent) {
		uint64_t from = extent->start > start ? extent->start : start;
		uint64_t to = extent->last < last ? extent->last : last;

		TRY(invalidate_piece(this, from, to, extent->value));
		if (to >= last)
			break;
		extent = extents_first(this->map, to + 1, last);
	}
	return NULL;
}

bool stale_is_global(const struct mmu_stale *stale)
{
	if (stale->kind == ENTRY_TABLE)
		return false;
	if (stale->has_descriptor)
		return !mmu_descriptor_ng(stale->descriptor);
	return !stale->mapping || !stale->mapping->has_prot ||
	       !mmu_descriptor_ng(stale->mapping->prot);
}

static bool reaches_level(const struct mmu_tlbi *what, enum stale_class class, int level)
{
	if (!what->leaf_level)
		return true;
	return class == STALE_TABLE ? level < what->leaf_level : level == what->leaf_level;
}

static struct error *invalidate_level(struct invalidation *this, enum stale_class class, int level)
{
	struct mmu *mmu = this->mmu;
	const struct mmu_tlbi *what = this->what;
	bool is_empty = true;
	uint64_t span = mmu_level_size(&mmu->geometry, level);
	uint64_t start = what->all ? 0 : what->va & -span;
	uint64_t last = what->all ? UINT64_MAX : (what->end - 1) | (span - 1);

	if (mmu->nr_doubtful && !what->local)
		order_settle(mmu, class, level, start, last, this->where);
	this->class = class;
	for (int layer = 0; layer < STALE_LAYERS; layer++) {
		this->map = stale_map(mmu, class, level, layer);
		if (this->map->root)
			TRY(invalidate_map(this, start, last));
		is_empty = is_empty && !this->map->root;
	}
	if (is_empty)
		mmu->stale_places &= ~stale_place(class, level);
	return NULL;
}

struct error *stale_invalidate_at(struct mmu *mmu, uint32_t places, const struct mmu_tlbi *what,
				  const struct event_where *where, const struct mmu_tlbi_run *run,
				  const struct pending_tlbi *pending)
{
	struct invalidation this = {.mmu = mmu, .what = what, .where = where, .pending = pending};

	for (; places; places &= places - 1) {
		uint32_t place = (uint32_t)__builtin_ctz(places);
		enum stale_class class = place / MMU_NR_LEVELS;
		int level = (int)(place % MMU_NR_LEVELS) + MMU_FIRST_LEVEL;

		if (reaches_level(what, class, level))
			TRY(invalidate_level(&this, class, level));
	}
	return mmu->gone.count ? stale_emit_gone(mmu, run, 0) : NULL;
}

struct error *stale_assume_flush(struct mmu *mmu, uint64_t va, uint64_t end)
{
	for (int level = mmu->geometry.first_level; level <= MMU_LAST_LEVEL; level++) {
		uint64_t span = mmu_level_size(&mmu->geometry, level);
		uint64_t start = end ? va & -span : 0;
		uint64_t last = end ? (end - 1) | (span - 1) : UINT64_MAX;

		for (int layer = 0; layer < STALE_LAYERS; layer++) {
			TRY(extents_remove(stale_map(mmu, STALE_LEAF, level, layer), start, last,
					   NULL, NULL));
			if (mmu->flushes_tables)
				TRY(extents_remove(stale_map(mmu, STALE_TABLE, level, layer), start,
						   last, NULL, NULL));
		}
	}
	return stale_emit_gone(mmu, NULL, 0);
}
