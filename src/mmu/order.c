/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of what two CPUs did, where their clocks cannot tell it.
 *
 * Events are applied as recorded.  What another order would have left in a cache is remembered here for
 * as long as it may matter: copies that an invalidation removed which may have come
 *
 *   before the break   till another one comes after it for certain, as the copy may be there till then;
 *   after the judged   for as long as the clocks may differ.
 */
#include "mmu/model.h"

#include "base/try.h"

enum {
	KEPT_REMOVALS = 256, /* a power of two */
	KEPT_DOUBTFUL = 64,
};

struct removal {
	enum stale_class class;
	int level;
	uint64_t va, end;
	struct event_where since; /* the break */
	struct event_where by;	  /* the invalidation */
	struct event_where done; /* the DSB that completed it, where DSBs are traced; else the same */
};

struct order {
	struct removal removed[KEPT_REMOVALS]; /* a ring */
	uint64_t nr_removed;
	struct removal doubtful[KEPT_DOUBTFUL]; /* where `by` may have come before `since` */
};

uint64_t mmu_clock_skew(const struct mmu *mmu)
{
	return mmu->options.clock_skew;
}

static bool same_task(const struct event_where *a, const struct event_where *b)
{
	/* Each CPU has an idle task of its own. */
	return a->pid == b->pid && a->pid != 0 && a->pid != PID_UNKNOWN;
}

bool mmu_order_is_certain(const struct mmu *mmu, const struct event_where *a,
			  const struct event_where *b)
{
	uint64_t distance = a->time > b->time ? a->time - b->time : b->time - a->time;

	return !mmu->options.clock_skew || distance > mmu->options.clock_skew ||
	       (a->cpu == b->cpu && a->cpu != CPU_UNKNOWN) || same_task(a, b);
}

bool mmu_is_later(const struct mmu *mmu, const struct event_where *a, const struct event_where *b)
{
	return a->time > b->time && a->time - b->time > mmu->options.clock_skew;
}

static struct order *get_order(struct mmu *mmu)
{
	if (!mmu->order)
		mmu->order = arena_alloc(&mmu->arena, sizeof(*mmu->order));
	return mmu->order;
}

struct error *order_note_removal(struct mmu *mmu, enum stale_class class, uint64_t va, uint64_t end,
				 const struct mmu_stale *stale, const struct event_where *by)
{
	if (!mmu->options.clock_skew)
		return NULL;
	struct order *order = get_order(mmu);
	const struct event_where *done = mmu->current ? &mmu->current->where : by;
	struct removal *removal = NULL;

	if (!order)
		return error_memory();
	if (mmu_order_is_certain(mmu, &stale->since, by))
		removal = &order->removed[order->nr_removed++ % KEPT_REMOVALS];
	else if (mmu->nr_doubtful < KEPT_DOUBTFUL)
		removal = &order->doubtful[mmu->nr_doubtful++];
	if (removal)
		*removal = (struct removal){class, stale->level, va, end, stale->since, *by, *done};
	return NULL;
}

static bool touches(const struct removal *removal, enum stale_class class, int level, uint64_t va,
		    uint64_t last)
{
	return removal->class == class && removal->level == level && removal->va <= last &&
	       removal->end - 1 >= va;
}

void order_settle(struct mmu *mmu, enum stale_class class, int level, uint64_t va, uint64_t last,
		  const struct event_where *by)
{
	struct order *order = mmu->order;
	uint32_t kept = 0;

	for (uint32_t i = 0; order && i < mmu->nr_doubtful; i++) {
		struct removal removal = order->doubtful[i];

		if (!touches(&removal, class, level, va, last) || by->time < removal.since.time ||
		    !mmu_order_is_certain(mmu, &removal.since, by)) {
			order->doubtful[kept++] = removal;
			continue;
		}
		removal.by = *by;
		removal.done = mmu->current ? mmu->current->where : *by;
		order->removed[order->nr_removed++ % KEPT_REMOVALS] = removal;
	}
	mmu->nr_doubtful = kept;
}

/* A removal that may have come after the judged event. */
static const struct removal *find_removed(const struct mmu *mmu, enum stale_class class, int level,
					  uint64_t va, uint64_t last,
					  const struct event_where *judged)
{
	const struct order *order = mmu->order;
	uint64_t count = order->nr_removed < KEPT_REMOVALS ? order->nr_removed : KEPT_REMOVALS;

	for (uint64_t i = 0; i < count; i++) {
		const struct removal *removal =
			&order->removed[(order->nr_removed - 1 - i) % KEPT_REMOVALS];

		if (removal->done.time < judged->time &&
		    judged->time - removal->done.time > mmu->options.clock_skew)
			break; /* those before are older still */
		if (touches(removal, class, level, va, last) &&
		    !mmu_order_is_certain(mmu, &removal->done, judged))
			return removal;
	}
	return NULL;
}

bool order_find(const struct mmu *mmu, enum stale_class class, int level, uint64_t va, uint64_t end,
		const struct event_where *judged, struct mmu_undecided *ret)
{
	const struct order *order = mmu->order;
	const struct removal *found;

	if (!order)
		return false;
	for (uint32_t i = 0; i < mmu->nr_doubtful; i++) {
		if (!touches(&order->doubtful[i], class, level, va, end - 1))
			continue;
		*ret = (struct mmu_undecided){order->doubtful[i].since, order->doubtful[i].by};
		return true;
	}
	found = find_removed(mmu, class, level, va, end - 1, judged);
	if (found)
		*ret = (struct mmu_undecided){found->done, *judged};
	return found;
}

bool order_find_leaf(const struct mmu *mmu, uint64_t va, uint64_t end,
		     const struct event_where *judged, struct mmu_undecided *ret)
{
	for (int level = mmu->geometry.first_level; level <= MMU_LAST_LEVEL; level++)
		if (order_find(mmu, STALE_LEAF, level, va, end, judged, ret))
			return true;
	return false;
}
