/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hash.h"
#include "mmu/overlaps.h"

/* The functions that recurse do so as deep as the tree is: O(log n), as priorities are random. */

static bool is_before(const struct overlap *a, uint64_t start, uint64_t id)
{
	return a->start < start || (a->start == start && a->id < id);
}

static void update(struct overlap *tree)
{
	tree->highest_last = tree->last;
	if (tree->below && tree->below->highest_last > tree->highest_last)
		tree->highest_last = tree->below->highest_last;
	if (tree->above && tree->above->highest_last > tree->highest_last)
		tree->highest_last = tree->above->highest_last;
}

/* Splits `tree` into what is before (start, id) and the rest. */
static void split(struct overlap *tree, uint64_t start, uint64_t id, struct overlap **below,
		  struct overlap **above)
{
	if (!tree) {
		*below = *above = NULL;
		return;
	}
	if (is_before(tree, start, id)) {
		*below = tree;
		split(tree->above, start, id, &tree->above, above);
	} else {
		*above = tree;
		split(tree->below, start, id, below, &tree->below);
	}
	update(tree);
}

/* Makes one tree of two, of which all of `below` is before all of `above`. */
static struct overlap *join(struct overlap *below, struct overlap *above)
{
	struct overlap *root = below && (!above || below->priority >= above->priority) ? below
										       : above;

	if (!below || !above)
		return root;
	if (root == below)
		below->above = join(below->above, above);
	else
		above->below = join(below, above->below);
	update(root);
	return root;
}

bool overlaps_add(struct overlaps *overlaps, uint64_t start, uint64_t last, uint64_t id,
		  void *value)
{
	struct overlap *overlap = pool_get(overlaps->pool);
	struct overlap *below, *above;

	if (!overlap)
		return false;
	*overlap = (struct overlap){.start = start,
				    .last = last,
				    .id = id,
				    .value = value,
				    .priority = hash_u64(start ^ hash_u64(id))};
	update(overlap);
	split(overlaps->root, start, id, &below, &above);
	overlaps->root = join(join(below, overlap), above);
	return true;
}

/* Returns the tree without the node, which `*found` becomes. */
static struct overlap *without(struct overlap *tree, uint64_t start, uint64_t id,
			       struct overlap **found)
{
	if (!tree)
		return NULL;
	if (tree->start == start && tree->id == id) {
		*found = tree;
		return join(tree->below, tree->above);
	}
	if (is_before(tree, start, id))
		tree->above = without(tree->above, start, id, found);
	else
		tree->below = without(tree->below, start, id, found);
	update(tree);
	return tree;
}

bool overlaps_remove(struct overlaps *overlaps, uint64_t start, uint64_t id)
{
	struct overlap *found = NULL;

	overlaps->root = without(overlaps->root, start, id, &found);
	if (found)
		pool_put(overlaps->pool, found);
	return found;
}

static const struct overlap *find(const struct overlap *tree, uint64_t start, uint64_t last,
				  overlaps_want *wanted, void *context)
{
	const struct overlap *found;

	if (!tree || tree->highest_last < start)
		return NULL;
	found = find(tree->below, start, last, wanted, context);
	if (found || tree->start > last)
		return found;
	if (tree->last >= start && wanted(context, tree))
		return tree;
	return find(tree->above, start, last, wanted, context);
}

const struct overlap *overlaps_find(const struct overlaps *overlaps, uint64_t start, uint64_t last,
				    overlaps_want *wanted, void *context)
{
	return last < start ? NULL : find(overlaps->root, start, last, wanted, context);
}
