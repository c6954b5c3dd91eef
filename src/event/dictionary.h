/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each of the kernel's mapping functions does, over all versions from 4.9 to 6.19. */
#ifndef MMUREPLAY_EVENT_DICTIONARY_H
#define MMUREPLAY_EVENT_DICTIONARY_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/event.h>
#include <mmureplay/event-functions.h>
#include <mmureplay/str.h>

#include "event/fields.h"

/* What a function does to the tables. */
enum function_action {
	ACTION_NONE,	/* nothing that matters; known as a caller of the others */
	ACTION_WRAPPER, /* nothing by itself: it calls one of the others */
	ACTION_IOREMAP, /* makes a mapping of physical addresses, returns its VA */
	ACTION_MAP,	/* makes the leaves of a range */
	ACTION_UNMAP,	/* undoes what is mapped at a VA */
	ACTION_CLEAR,	/* clears the leaves of a range */
	ACTION_BLOCK,
	ACTION_BLOCK_CLEAR,
	ACTION_TABLE,
	ACTION_BREAK,
	ACTION_FLUSH,
};

/*
 * What may be called from within what.  A function of one family calls those of its own and of the
 * later ones, never those of an earlier one.
 */
enum function_family {
	FAMILY_MAP,
	FAMILY_UNMAP, /* also called by the first, to clean up after a failure */
	FAMILY_PURGE, /* gives addresses back; called by both */
	FAMILY_FLUSH,
};

/* How the return value says whether the function did what it is for. */
enum function_result {
	RESULT_VOID,
	RESULT_POINTER, /* NULL: failed */
	RESULT_ERROR,	/* int, negative: failed.  Some count the pages instead of returning 0 */
	RESULT_INT,	/* int, 0: it did not */
	RESULT_BOOL,	/* bool, false: it did not */
};

enum function_flags {
	MAPS_DEVICE = 1 << 0,	 /* maps physical addresses that the caller names */
	RAM_IS_LINEAR = 1 << 1,	 /* for RAM it returns the linear map's address and maps nothing */
	ONLY_PAGES = 1 << 2,	 /* never makes blocks */
	NEW_ARGUMENTS = 1 << 3,	 /* the third and fourth argument changed: see the table */
	VA_IS_UNSURE = 1 << 4,	 /* some versions do not pass the address */
	ALSO_FOR_USERS = 1 << 5, /* also called for the tables of processes */
	FLUSHES = 1 << 6, /* at its return the range is invalidated: all, where it has none */
};

struct kernel_function {
	const char *symbol;
	const char *alias; /* what it is called in event names; NULL: nothing else */
	enum function_action action;
	enum function_family family;
	/*
	 * The nesting rank: within a family, a function is called by those of lower rank only.  A
	 * call of the same or a lower rank shows that an earlier call is over.
	 */
	uint8_t rank;
	enum function_result result;
	enum kernel_level level; /* BLOCK, BLOCK_CLEAR, TABLE, BREAK: of the entry */
	enum field_role argument[MAX_ARGUMENTS];
	uint32_t flags; /* enum function_flags */
	/* For those who set probes; see event-functions.h. */
	enum function_wish wish;
	bool wants_return;
	const char *versions, *unless;
};

/* The function with this symbol, without the compiler's suffixes; NULL when it is not known. */
const struct kernel_function *dictionary_find(struct str symbol);

/* The function that an event called `name` (without number or return suffix) stands for, or NULL. */
const struct kernel_function *dictionary_find_alias(struct str name);

/* The functions by number, for tests; NULL past the last. */
const struct kernel_function *dictionary_at(uint32_t index);

#endif
