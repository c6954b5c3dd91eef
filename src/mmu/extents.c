/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "base/hash.h"
#include "mmu/extents.h"

/*
 * Two orders hold in the tree: addresses grow from `below` to `above`, and no extent has a higher
 * priority than its parent.  Cutting an extent at an edge keeps both.
 */

void extents_init(struct extents *extents, struct arena *arena, struct extents_hooks hooks)
{
	*extents = (struct extents){.hooks = hooks};
	pool_init(&extents->pool, arena, sizeof(struct extent));
}

/* Splits `tree` into what starts below `start` and the rest. */
static void split(struct extent *tree, uint64_t start, struct extent **below, struct extent **above)
{
	while (tree) {
		if (tree->start < start) {
			*below = tree;
			below = &tree->above;
			tree = tree->above;
		} else {
			*above = tree;
			above = &tree->below;
			tree = tree->below;
		}
	}
	*below = NULL;
	*above = NULL;
}

/* Makes one tree of two, of which all of `below` is below all of `above`. */
static struct extent *join(struct extent *below, struct extent *above)
{
	struct extent *tree;
	struct extent **link = &tree;

	while (below && above) {
		if (below->priority >= above->priority) {
			*link = below;
			link = &below->above;
			below = below->above;
		} else {
			*link = above;
			link = &above->below;
			above = above->below;
		}
	}
	*link = below ? below : above;
	return tree;
}

static struct extent *add(struct extents *extents, uint64_t start, uint64_t last, void *value)
{
	assert(start <= last && !extents_first(extents, start, last));
	struct extent **link = &extents->root;
	struct extent *extent = pool_get(&extents->pool);

	if (!extent)
		return NULL;
	extent->start = start;
	extent->last = last;
	extent->value = value;
	extent->priority = hash_u64(++extents->last_seed);
	while (*link && (*link)->priority >= extent->priority)
		link = start < (*link)->start ? &(*link)->below : &(*link)->above;
	split(*link, start, &extent->below, &extent->above);
	*link = extent;
	extents->count++;
	return extent;
}

bool extents_insert(struct extents *extents, uint64_t start, uint64_t last, void *value)
{
	return add(extents, start, last, value);
}

struct extent *extents_first(const struct extents *extents, uint64_t start, uint64_t last)
{
	struct extent *found = NULL;

	if (last < start)
		return NULL;
	for (struct extent *at = extents->root; at;) {
		if (at->last < start) {
			at = at->above;
		} else {
			found = at;
			at = at->below;
		}
	}
	return found && found->start <= last ? found : NULL;
}

struct extent *extents_next(const struct extents *extents, const struct extent *extent,
			    uint64_t last)
{
	return extent->last < last ? extents_first(extents, extent->last + 1, last) : NULL;
}

static void unlink_extent(struct extents *extents, const struct extent *extent)
{
	struct extent **link = &extents->root;

	while (*link != extent)
		link = extent->start < (*link)->start ? &(*link)->below : &(*link)->above;
	*link = join(extent->below, extent->above);
	extents->count--;
}

/* Takes [start, last] out of the middle of `extent`, whose upper piece becomes an extent too. */
static bool cut_middle(struct extents *extents, struct extent *extent, uint64_t start,
		       uint64_t last)
{
	const struct extents_hooks *hooks = &extents->hooks;
	uint64_t upper_last = extent->last;

	extent->last = start - 1; /* first, so that the upper piece's range is free */
	struct extent *upper = add(extents, last + 1, upper_last, extent->value);

	if (!upper) {
		extent->last = upper_last;
		return false;
	}
	if (hooks->share)
		upper->value = hooks->share(hooks->context, extent->value);
	return true;
}

/* Removes the part of `extent` in [start, last]. */
static struct error *remove_part(struct extents *extents, struct extent *extent, uint64_t start,
				 uint64_t last, extents_visit *removed, void *context)
{
	bool keeps_lower = extent->start < start;
	bool keeps_upper = extent->last > last;
	bool gone = !keeps_lower && !keeps_upper;
	void *value = extent->value;
	struct error *err = NULL;

	if (!keeps_lower)
		start = extent->start;
	if (!keeps_upper)
		last = extent->last;
	if (gone)
		unlink_extent(extents, extent);
	else if (!keeps_upper)
		extent->last = start - 1;
	else if (!keeps_lower)
		extent->start = last + 1;
	else if (!cut_middle(extents, extent, start, last))
		return error_memory();
	if (removed)
		err = removed(context, start, last, value);
	if (gone) {
		pool_put(&extents->pool, extent);
		if (extents->hooks.drop)
			extents->hooks.drop(extents->hooks.context, value);
	}
	return err;
}

struct error *extents_remove(struct extents *extents, uint64_t start, uint64_t last,
			     extents_visit *removed, void *context)
{
	struct error *err = NULL;
	struct extent *extent;

	/* What was removed is not found again, so the search can start at the same place. */
	while (!err && (extent = extents_first(extents, start, last)))
		err = remove_part(extents, extent, start, last, removed, context);
	return err;
}

struct error *extents_clear(struct extents *extents, extents_visit *removed, void *context)
{
	return extents_remove(extents, 0, UINT64_MAX, removed, context);
}

size_t extents_count(const struct extents *extents)
{
	return extents->count;
}
