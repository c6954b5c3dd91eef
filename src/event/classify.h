/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Record type -> plan: what the records of one type mean, found out once. */
#ifndef MMUREPLAY_EVENT_CLASSIFY_H
#define MMUREPLAY_EVENT_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/error.h>
#include <mmureplay/event.h>

#include "base/arena.h"
#include "base/hash.h"

#include "event/dictionary.h"
#include "event/fields.h"

enum plan_kind {
	PLAN_UNKNOWN, /* not understood */
	PLAN_UNUSED,  /* understood; says nothing about the tables */
	PLAN_CALL,
	PLAN_RETURN,
	PLAN_PAGE_ALLOC,
	PLAN_PAGE_FREE,
	PLAN_TLBI,
	PLAN_DSB,
	PLAN_WRITE,
	PLAN_CLEAR,    /* a user's probe of a clear that is no call */
	PLAN_ACCESS,   /* a tracepoint of rwmmio */
	PLAN_FLUSHING, /* the call of a function that invalidates a range, where it is called */
	PLAN_PURGED,   /* the tracepoint vmalloc:purge_vmap_area_lazy */
};

/* Whether a function's returns are traced, as far as the capture has shown. */
enum returns {
	RETURNS_UNKNOWN, /* neither a return was seen, nor a call that ended without one */
	RETURNS_UNTRACED,
	RETURNS_TRACED,
};

/* A probed function: calls and returns of it share one. */
struct callee {
	struct str symbol; /* as probed; the dictionary's where the capture does not say */
	const struct kernel_function *function;
	enum function_result result;
	uint32_t rank;
	enum returns returns;
	uint64_t address;   /* of its entry; 0: no capture record said so */
	bool issues_tlbi;   /* TLBIs were seen from within it */
	bool result_unsure; /* only a result of 1 or a pointer can be believed */
};

struct plan {
	enum plan_kind kind;
	const char *meaning;   /* for people; NULL: not understood */
	struct callee *callee; /* CALL, RETURN */
	struct field_map fields;
	struct str symbol; /* what did it; empty: not known */
	struct tlbi_op op;
	struct dsb_type dsb;
	enum kernel_level level;	    /* WRITE */
	bool is_write, is_after;	    /* ACCESS: which way; told when it has been made */
	bool operand_is_xzr;		    /* TLBI: no register's: 0 */
	const char *instruction;	    /* as struct event_probe has it */
	enum probe_may_be may_be;	    /* UNKNOWN */
	bool lacks_operand;		    /* UNKNOWN: a TLBI of addresses that were not fetched */
	const struct kernel_function *site; /* TLBI, DSB: the function that it is in; may be NULL */
};

struct classifier {
	const struct event_map *map;
	const struct kernel *kernel; /* NULL: not known */
	struct arena *arena;
	struct hash_map callees;
};

void classifier_init(struct classifier *classifier, const struct event_map *map,
		     struct arena *arena);
void classifier_deinit(struct classifier *classifier);

/* In instruction-site.c: by what the kernel's image has at the probe's place; may leave PLAN_UNKNOWN. */
struct error *classify_site(struct classifier *classifier, const struct record_type *type,
			    struct plan *ret) MUST_CHECK;

/* An instruction's plan, for which kind, op and dsb are set: its operand, and where it is. */
struct error *plan_operand(struct classifier *classifier, const struct record_type *type,
			   struct plan *ret) MUST_CHECK;

/*
 * Finds out what records of `type` mean.  Fails when memory is short, and when the kernel's image is
 * not that of the capture.
 */
struct error *classify(struct classifier *classifier, const struct record_type *type,
		       struct plan *ret) MUST_CHECK;

#endif
