/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions that the event stage understands, for those who set probes on them. */
#ifndef MMUREPLAY_EVENT_FUNCTIONS_H
#define MMUREPLAY_EVENT_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a function is worth a probe. */
enum function_wish {
	WISH_NONE,    /* others show all that it does, or it is called too often */
	WISH_USUAL,   /* adds evidence: who, which page frame, whether it failed */
	WISH_MINIMAL, /* without it tables cannot be replayed */
};

/* A kernel's version, to be compared: 0 when it is not known. */
#define KERNEL_RELEASE(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))

enum {
	FUNCTION_ARGUMENTS = 6, /* that are passed in x0 to x5, as far as they are known here */
};

/* A function, and what a probe of its entry is to fetch. */
struct function_probe {
	const char *symbol;
	enum function_wish wish;
	bool wants_return;
	bool is_entry;	      /* changes a single descriptor; otherwise whole ranges */
	bool invalidates;     /* and does nothing else: a call of it is as good as its TLBIs */
	bool is_for_users;    /* is also called for the tables of processes */
	const char *versions; /* "4.9 - 5.19": kernels that have it */
	const char *unless;   /* not needed where that function is; NULL: always */
	const char
		*purpose; /* "maps device memory"; the same for functions that replace each other */
	/* Names that the event stage knows, by argument; NULL: not fetched. */
	const char *argument[FUNCTION_ARGUMENTS];
	int descriptor; /* the argument that points to a descriptor, to be fetched as "old"; -1 */
	/* The compiler splits it so that its parts get all of these arguments, in the same order. */
	bool parts_keep_arguments;
};

/*
 * The functions by number, as they are in a kernel of this KERNEL_RELEASE(); false past the last.
 * Those with WISH_NONE are among them.
 */
bool function_probe_at(uint32_t index, uint32_t release, struct function_probe *ret);

#endif
