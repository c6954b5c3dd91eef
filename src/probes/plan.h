/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan in the making. */
#ifndef MMUREPLAY_PROBES_PLAN_H
#define MMUREPLAY_PROBES_PLAN_H

#include <mmureplay/event-functions.h>
#include <mmureplay/probes.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"

struct making {
	struct probe_plan plan; /* first: what is handed out */
	struct arena arena;	/* all texts */
	ARRAY_OF(struct probe) probes;
	ARRAY_OF(struct probe_absent) absent;
	uint32_t release; /* KERNEL_RELEASE() of the image; 0: not known */
	struct buffer text;
};

/* A copy in the arena of what is in making->text, which is cleared; NULL when memory is short. */
const char *take_text(struct making *making);

/*
 * Where to set a probe: "SYMBOL+0xOFFSET", or by the start of the kernel's text where the symbol is
 * ambiguous, or no name that a shell or kprobe_events should see.  NULL when memory is short.
 */
const char *name_place(struct making *making, struct str symbol, bool is_ambiguous, uint64_t offset,
		       uint64_t address);

struct error *add_probe(struct making *making, struct probe probe) MUST_CHECK;

/* In functions.c: entries, returns, and what is absent. */
struct error *add_functions(struct making *making) MUST_CHECK;

/* In calls.c: of functions whose TLBIs cannot be probed. */
struct error *add_calls(struct making *making) MUST_CHECK;

/* In instructions.c: TLBI and DSB. */
struct error *add_instructions(struct making *making) MUST_CHECK;

#endif
