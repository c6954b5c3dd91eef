/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of addresses that may overlap, each with a value: a treap ordered by start and by a number
 * that tells ranges apart, in which each node knows the highest end below it.
 *
 * Adding and removing take O(log n) expected steps, a search that for each range that it looks at.
 */
#ifndef MMUREPLAY_MMU_OVERLAPS_H
#define MMUREPLAY_MMU_OVERLAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct overlap {
	uint64_t start, last; /* last included */
	uint64_t id;
	void *value;
	/* The tree's own. */
	uint64_t priority, highest_last;
	struct overlap *below, *above;
};

struct overlaps {
	struct overlap *root;
	struct pool *pool; /* of struct overlap; may be shared */
};

/* No two ranges may have the same start and id.  False when memory is short. */
bool overlaps_add(struct overlaps *overlaps, uint64_t start, uint64_t last, uint64_t id,
		  void *value);

/* Removes the range added with this start and id; false when there is none. */
bool overlaps_remove(struct overlaps *overlaps, uint64_t start, uint64_t id);

/* The first range that overlaps [start, last] and is wanted, or NULL. */
typedef bool overlaps_want(void *context, const struct overlap *overlap);
const struct overlap *overlaps_find(const struct overlaps *overlaps, uint64_t start, uint64_t last,
				    overlaps_want *wanted, void *context);

#endif
