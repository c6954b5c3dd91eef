/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record types of one capture: each is made once, and the filter is asked once about each. */
#ifndef MMUREPLAY_CAPTURE_TYPES_H
#define MMUREPLAY_CAPTURE_TYPES_H

#include <mmureplay/capture.h>

#include "base/arena.h"
#include "base/hash.h"
#include "capture/naming.h"

enum {
	/* A kernel has some 3,000 events; a capture with more types than this is no capture. */
	TYPES_MAX = 16384,
	/* Nor are their names this long together. */
	TYPES_MAX_BYTES = 32 * 1024 * 1024,
};

struct known_type {
	struct record_type type;
	bool wanted;
	struct known_type *next; /* another one with the same hash */
};

struct type_table {
	capture_filter *filter; /* NULL: all are wanted */
	void *filter_context;
	struct naming naming; /* which the probed places of types are of */
	struct arena arena;
	struct interned strings;
	struct hash_map by_hash;
	uint32_t count;
};

void types_init(struct type_table *table);
void types_deinit(struct type_table *table);

/*
 * The type that is equal to `like` in all but the id; it is made when there is none yet.  NULL when
 * memory is short or the table is full, see types_full().
 */
const struct known_type *types_get(struct type_table *table, const struct record_type *like);

static inline bool types_full(const struct type_table *table)
{
	return table->count >= TYPES_MAX || table->arena.total > TYPES_MAX_BYTES;
}

#endif
