/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What symbols and event names say: the function, the place in it, call or return. */
#ifndef MMUREPLAY_EVENT_NAMES_H
#define MMUREPLAY_EVENT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/str.h>

#include "event/dictionary.h"

/* Where `needle` starts in `view`; view.length when it is not there. */
size_t view_find(struct str view, struct str needle);

/* What the compiler made of a function, as its suffix says. */
enum symbol_kind {
	SYMBOL_WHOLE,	  /* none, or one that leaves the arguments alone: ".llvm.123" */
	SYMBOL_REWRITTEN, /* ".isra.0", ".constprop.0": other arguments, perhaps */
	SYMBOL_PART,	  /* ".part.0": called by the function itself; likewise */
	SYMBOL_FRAGMENT,  /* ".cold": jumped to, never called */
};

/* The symbol as the source has it, and what became of it. */
struct str symbol_base(struct str symbol, enum symbol_kind *ret);

struct event_meaning {
	const struct kernel_function *function;
	enum symbol_kind kind;
	bool is_return;	 /* the name says so */
	uint64_t offset; /* of the probe, when the name says so */
};

/*
 * Finds out which function an event is about by its name alone.  Understands the kernel's defaults
 * (p_SYMBOL_OFFSET, r_SYMBOL_0, SYMBOL__entry, SYMBOL__exit), perf's (SYMBOL__return, SYMBOL_1), and
 * the function's usual short names, with _ret or _return.  False when it is none that is known.
 */
bool event_name_parse(struct str name, struct event_meaning *ret);

#endif
