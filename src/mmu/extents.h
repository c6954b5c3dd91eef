/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ordered map from non-overlapping extents of addresses to values: a treap.
 *
 * Extents are [start, last], last included, so that the top of the address space is no special
 * case; a range with last < start is empty and overlaps nothing.  All operations take O(log n)
 * expected steps, removals that for each extent they meet, and none recurses.  Priorities come from
 * a counter: the same calls make the same tree.
 */
#ifndef MMUREPLAY_MMU_EXTENTS_H
#define MMUREPLAY_MMU_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>

#include "base/arena.h"

struct extent {
	uint64_t start, last;
	void *value;
	/* The map's own. */
	uint64_t priority;
	struct extent *below, *above;
};

/* What happens to values when extents come and go.  Both may be NULL; neither may use the map. */
struct extents_hooks {
	/* An extent was split: returns the value of the upper piece.  NULL: the same value. */
	void *(*share)(void *context, void *value);
	/* An extent is gone with nothing left of it; cutting a part off does not count. */
	void (*drop)(void *context, void *value);
	void *context;
};

struct extents {
	struct extent *root;
	size_t count;
	uint64_t last_seed;
	struct pool pool;
	struct extents_hooks hooks;
};

/* An empty map, with its memory from `arena`, which must live longer. */
void extents_init(struct extents *extents, struct arena *arena, struct extents_hooks hooks);

/* Maps the range, which must be free and not empty, to `value`; false when memory is short. */
bool extents_insert(struct extents *extents, uint64_t start, uint64_t last, void *value) MUST_CHECK;

/* The lowest extent that overlaps the range, or NULL. */
struct extent *extents_first(const struct extents *extents, uint64_t start, uint64_t last);

/* The one after `extent`, if it overlaps the range up to `last`, or NULL. */
struct extent *extents_next(const struct extents *extents, const struct extent *extent,
			    uint64_t last);

/* Is given a removed piece and its extent's value.  May look at the map, but not change it. */
typedef struct error *extents_visit(void *context, uint64_t start, uint64_t last, void *value);

/*
 * Removes what overlaps the range, cutting extents at its edges.  `removed` (may be NULL) is called
 * for each piece in the order of addresses, when the map does not hold it any more and before its
 * value is dropped.  An error of `removed` ends the removal behind that piece.  When memory is
 * short, nothing was removed.
 */
struct error *extents_remove(struct extents *extents, uint64_t start, uint64_t last,
			     extents_visit *removed, void *context) MUST_CHECK;

/* Removes everything; has no other error than that of `removed`. */
struct error *extents_clear(struct extents *extents, extents_visit *removed,
			    void *context) MUST_CHECK;

size_t extents_count(const struct extents *extents);

#endif
