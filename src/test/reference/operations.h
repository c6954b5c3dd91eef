/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel, right or wrong, may do next: each operation is something that happens to the
 * reference machine, and the events that probes would give of it.
 */
#ifndef MMUREPLAY_TEST_REFERENCE_OPERATIONS_H
#define MMUREPLAY_TEST_REFERENCE_OPERATIONS_H

#include <mmureplay/event.h>

#include "machine.h"

/* Values to store. */
enum value {
	INVALID,
	FRESH_TABLE, /* of a page that was just allocated */
	SAME_TABLE,  /* the descriptor that is there already */
	OLD_TABLE,   /* the page that the entry pointed to last, which was not freed */
	LEAF_A,
	LEAF_B,		/* another output address */
	LEAF_READ_ONLY, /* A with other permissions */
	LEAF_OTHER_TYPE,
	LEAF_OTHER_SH,
	LEAF_CONTIG,
	LEAF_NON_GLOBAL,
};

enum operation_kind {
	DO_STORE,
	DO_FREE,
	DO_TLBI,
	DO_DSB,
	DO_MAP_PAGE,
	DO_MAP_BLOCK,
	DO_UNMAP,
	DO_CLEAR,
};

/* What pmd_set_huge()'s caller does about a table that is there. */
enum promotion {
	PROMOTE_OVER,	    /* nothing: up to 4.15 */
	PROMOTE_PROPERLY,   /* clear, invalidate, free: from 4.19 on */
	PROMOTE_NO_TLBI,    /* and mistakes in doing so */
	PROMOTE_LAST_LEVEL, /* TLBI VAALE1IS */
	PROMOTE_FREE_FIRST, /* before the TLBI */
	PROMOTE_NO_FREE,
};

struct operation {
	const char *name;
	enum operation_kind kind;
	uint8_t cpu;
	struct machine_place place; /* STORE, TLBI */
	enum value value;	    /* STORE */
	uint8_t frame;		    /* FREE */
	enum promotion promotion;   /* MAP_BLOCK */
	const char *mnemonic;	    /* TLBI, DSB */
	/* TLBI operands, besides the VA of `place`. */
	int32_t offset; /* in granules from there */
	uint16_t asid;
	int ttl;	    /* level; 0: no hint */
	bool other_granule; /* in TTL or TG */
	uint8_t num, scale; /* ranges */
};

/* What the first upper entry's addresses are used for, where mapping functions are called. */
enum area {
	AREA_NONE,
	AREA_PAGE,  /* its first page is mapped */
	AREA_BLOCK, /* all of it is */
};

/* A machine and what is needed beside it. */
struct world {
	struct machine machine;
	enum area area;
	bool is_unmapped; /* the leaves of the area are about to be cleared */
	bool is_over;	  /* a page was freed under a valid entry: anything may follow */
};

/* An alphabet, and what its machine is. */
struct alphabet {
	const char *name;
	int upper_level;
	bool has_barriers;
	uint32_t depth; /* of the enumeration, unless another is asked for */
	const struct operation *operation;
	uint32_t nr_operations;
};

extern const struct alphabet alphabets[];
extern const uint32_t nr_alphabets;

void world_init(struct world *world, const struct alphabet *alphabet, uint32_t granule_shift);

bool operation_is_possible(const struct world *world, const struct operation *operation);

enum {
	TRACE_EVENTS = 1024
};

/* What a capture says; the number of an event is its place here, from 1. */
struct trace {
	uint32_t count;
	struct mmu_event event[TRACE_EVENTS];
};

/* Does it: the machine changes, and the events of it join the trace. */
void operation_do(struct world *world, const struct operation *operation, struct trace *trace);

/* ---- the parts ------------------------------------------------------------------------------- */

/* The next event of the trace, by this operation's CPU; the machine's is now its number. */
struct mmu_event *trace_add(struct world *world, const struct operation *operation,
			    struct trace *trace, enum mmu_event_kind kind);

uint64_t table_descriptor(const struct machine *m, uint8_t frame);
uint64_t leaf_descriptor(const struct machine *m, struct machine_place place, enum value value);

/* A page that is no table now; false: there is none. */
bool find_fresh(const struct machine *m, uint8_t *frame);

/* functions.c: the mapping functions of the kernel. */
bool function_is_possible(const struct world *world, const struct operation *operation);
void function_do(struct world *world, const struct operation *operation, struct trace *trace);

#endif
