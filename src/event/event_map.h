/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user says that events mean, in lines of a text file:
 *
 *     EVENT MEANING [ROLE=FIELD]...
 *
 * EVENT is an event's name, "my_probe" or "my_system:my_probe"; a "*" at its end stands for any rest.
 * MEANING is one of
 *
 *     SYMBOL            a call of a function that the dictionary knows, "pmd_set_huge"
 *     SYMBOL%return     its return
 *     tlbi:OP           a TLBI instruction, "tlbi:vaae1is"
 *     dsb:TYPE          a barrier, "dsb:ishst"
 *     write:LEVEL       a descriptor is stored; LEVEL is pte, pmd, pud, p4d or pgd
 *     clear             the leaves of a range are cleared
 *     page-alloc        pages leave the page allocator
 *     page-free         pages come back to it
 *     ignore            nothing
 *
 * ROLE=FIELD says which field of the event holds which argument: va, end, size, phys, prot, entry,
 * old, value, caller, pages, shift, pfn, order, gfp, operand, result.  Roles that are not given are
 * found as usual.  "#" starts a comment.  The first line that fits an event counts.
 */
#ifndef MMUREPLAY_EVENT_EVENT_MAP_H
#define MMUREPLAY_EVENT_EVENT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/error.h>
#include <mmureplay/event.h>

#include "event/dictionary.h"
#include "event/fields.h"

enum map_meaning {
	MAP_TO_CALL,
	MAP_TO_RETURN,
	MAP_TO_TLBI,
	MAP_TO_DSB,
	MAP_TO_WRITE,
	MAP_TO_CLEAR,
	MAP_TO_PAGE_ALLOC,
	MAP_TO_PAGE_FREE,
	MAP_TO_NOTHING,
};

struct map_line {
	uint64_t number;   /* in the file, from 1 */
	struct str system; /* empty: any */
	struct str name;
	bool any_rest; /* the name is a beginning */
	enum map_meaning meaning;
	const struct kernel_function *function; /* CALL, RETURN */
	struct tlbi_op op;
	struct dsb_type dsb;
	enum kernel_level level; /* WRITE */
	struct str field[ROLES]; /* empty: not given */
};

/* The line that fits, or NULL; accepts a NULL map. */
const struct map_line *event_map_find(const struct event_map *map, const struct record_type *type);

/* Reads the lines from memory; `name` is for messages. */
struct error *event_map_parse(const char *name, struct str text, struct event_map **ret) MUST_CHECK;

#endif
