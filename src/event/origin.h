/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On whose behalf a function was called: the first caller outside the mapping functions. */
#ifndef MMUREPLAY_EVENT_ORIGIN_H
#define MMUREPLAY_EVENT_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "base/arena.h"
#include "base/hash.h"

/* Keeps each distinct origin once, as long as the decoder. */
struct origins {
	struct arena *arena;
	struct interned *strings;
	struct hash_map known;
	struct hash_map sources; /* by a place's name, as it is kept: its struct str */
	struct kernel *kernel;	 /* that the callers are in; NULL: not known */
};

void origins_init(struct origins *origins, struct arena *arena, struct interned *strings);
void origins_deinit(struct origins *origins);

/*
 * What `record` says of the callers of the function that it was taken in, or, if `is_return`, that it
 * returns from: by its call chain and by where it returns to.  Adds to what `known` (may be NULL) says
 * already.  NULL when nothing is known, or memory is short.
 */
const struct event_origin *origin_find(struct origins *origins, const struct record *record,
				       bool is_return, const struct event_origin *known);

/* An origin of which only the address is known. */
const struct event_origin *origin_at(struct origins *origins, uint64_t address);

#endif
