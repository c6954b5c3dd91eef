/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an invalidation removes from the may-be-cached set: by class, level, address and CPU. */
#include "mmu/model.h"

#include "base/try.h"

/* One TLBI at work on one map. */
struct invalidation {
	struct mmu *mmu;
	const struct mmu_tlbi *what;
	const struct event_where *where;
	const struct pending_tlbi *pending;
	enum stale_class class;
	struct extents *map;
};

/* Whether a DSB of `cpu` lies between the store that made the value stale, and the TLBI. */
static bool has_dsb(const struct pending_tlbi *pending, uint32_t cpu, const struct mmu_stale *stale)
{
	return cpu < pending->nr_cpus && pending->last_dsb[cpu] > stale->since.order;
}

/*
 * Whether the store that made the value stale was complete when the TLBI was issued, where DSBs are
 * traced (R_DDMVT).  A DSB waits for the stores of its own CPU and for those of others that this has
 * observed (Arm ARM B2.3, group A of a barrier): Linux clears on one CPU, hands the range on under a
 * lock, and another CPU issues DSB, TLBI and DSB.
 */
static bool is_ordered(const struct invalidation *this, const struct mmu_stale *stale)
{
	const struct pending_tlbi *pending = this->pending;

	return !pending || has_dsb(pending, stale->since.cpu, stale) ||
	       has_dsb(pending, pending->where.cpu, stale);
}

/* Whether, with this local invalidation, every CPU has removed its own copy. */
static bool note_local(const struct invalidation *this, struct stale_item *item)
{
	struct mmu *mmu = this->mmu;
	uint32_t nr_cpus = mmu->options.nr_cpus, cpu = this->where->cpu;
	enum {
		WORD_BITS = 64
	};

	if (cpu >= nr_cpus)
		return false;
	if (!item->clean_cpus)
		item->clean_cpus = calloc((nr_cpus + WORD_BITS - 1) / WORD_BITS, sizeof(uint64_t));
	if (!item->clean_cpus)
		return false; /* remembered as cached for longer than need be */
	item->clean_cpus[cpu / WORD_BITS] |= UINT64_C(1) << cpu % WORD_BITS;
	for (uint32_t i = 0; i < nr_cpus; i++) {
		bool all = i < mmu->cpus.count &&
			   mmu->cpus.at[i].local_all > item->info.since.order;

		if (!all && !(item->clean_cpus[i / WORD_BITS] >> i % WORD_BITS & 1))
			return false;
	}
	return true;
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
	TRY(stale_add(mmu, info.kind == ENTRY_TABLE ? STALE_TABLE : STALE_LEAF, &info));
	*item = extents_first(this->map, start, last)->value;
	(*item)->info.id = id; /* still the same value, for whoever watches it */
	return NULL;
}

/* One extent that the TLBI reaches: goes, or is marked, or stays. */
static struct error *invalidate_piece(const struct invalidation *this, uint64_t start,
				      uint64_t last, struct stale_item *item)
{
	if (item->info.since.order >= this->where->order || !is_ordered(this, &item->info))
		return NULL;
	if (this->what->local) {
		TRY(split_piece(this, start, last, &item));
		if (!note_local(this, item))
			return NULL;
	}
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

static bool reaches(const struct mmu_tlbi *what, enum stale_class class)
{
	return class == STALE_TABLE ? what->tables && !what->asid_only : what->globals;
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
	uint64_t span = mmu_level_size(&mmu->geometry, level);
	uint64_t start = what->all ? 0 : what->va & -span;
	uint64_t last = what->all ? UINT64_MAX : (what->end - 1) | (span - 1);

	if (mmu->nr_doubtful && !what->local)
		order_settle(mmu, class, level, start, last, this->where);
	this->class = class;
	this->map = stale_map(mmu, class, level);
	return invalidate_map(this, start, last);
}

struct error *stale_invalidate(struct mmu *mmu, const struct mmu_tlbi *what,
			       const struct event_where *where, const struct mmu_tlbi_run *run,
			       const struct pending_tlbi *pending)
{
	struct invalidation this = {.mmu = mmu, .what = what, .where = where, .pending = pending};

	for (int class = 0; class < STALE_CLASSES; class ++) {
		if (!reaches(what, class))
			continue;
		for (int level = mmu->geometry.first_level; level <= MMU_LAST_LEVEL; level++) {
			bool is_empty = !mmu->stale[class][LEVEL_INDEX(level)].root;

			/* Most often there is nothing to remove. */
			if ((!is_empty || mmu->nr_doubtful) && reaches_level(what, class, level))
				TRY(invalidate_level(&this, class, level));
		}
	}
	return mmu->gone.count ? stale_emit_gone(mmu, run, 0) : NULL;
}

struct error *stale_assume_flush(struct mmu *mmu, uint64_t va, uint64_t end)
{
	for (int level = mmu->geometry.first_level; level <= MMU_LAST_LEVEL; level++) {
		uint64_t span = mmu_level_size(&mmu->geometry, level);
		uint64_t start = end ? va & -span : 0;
		uint64_t last = end ? (end - 1) | (span - 1) : UINT64_MAX;

		TRY(extents_remove(stale_map(mmu, STALE_LEAF, level), start, last, NULL, NULL));
		if (mmu->flushes_tables)
			TRY(extents_remove(stale_map(mmu, STALE_TABLE, level), start, last, NULL,
					   NULL));
	}
	mmu->facts.nr_flushes_assumed++;
	return stale_emit_gone(mmu, NULL, 0);
}
