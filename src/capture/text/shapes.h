/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of an event's line that repeats: "pmd_set_huge: (pmd_set_huge+0x0/0x1a4)".  What it means
 * is worked out once; after that a look-up by its bytes says what the line is and whether it is
 * wanted.
 */
#ifndef MMUREPLAY_CAPTURE_TEXT_SHAPES_H
#define MMUREPLAY_CAPTURE_TEXT_SHAPES_H

#include <mmureplay/capture.h>

#include "base/arena.h"
#include "base/hash.h"
#include "capture/text/location.h"

/* The parts of a line's body, as views into it. */
struct shape_key {
	struct str text;     /* name, ':' and location */
	struct str name;     /* "pgt:pmd_set_huge"; empty when the line names no event */
	struct str location; /* without its parentheses; empty when there is none */
};

enum shape_use {
	SHAPE_NEW, /* not decided yet */
	SHAPE_UNWANTED,
	SHAPE_WANTED,
	SHAPE_STACK,	/* the call chain of the event before: "kernel_stack:" */
	SHAPE_NO_EVENT, /* "PERF_RECORD_COMM:", "sys_close(fd:" */
};

struct shape {
	enum shape_use use;
	bool is_probe; /* `location` is set */
	struct location location;
	const struct record_type *type; /* of the last such line; NULL before the first */
	struct str key;
	struct str system;
	struct str name;
	struct shape *next; /* another one with the same hash */
};

struct shape_table {
	struct hash_map by_hash;
	struct arena arena;
	uint32_t count;
};

void shapes_deinit(struct shape_table *table);

/* Takes the name and the location off `*body`. */
void shapes_take_key(struct str *body, struct shape_key *ret);

/*
 * The shape of these bytes; made when there is none yet, and then it is SHAPE_NEW.  NULL when memory is short.  Valid until the next call: when there are
 * too many, all are forgotten.
 */
struct shape *shapes_get(struct shape_table *table, const struct shape_key *key,
			 bool function_first);

#endif
