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
	LEAF_CONTIGUOUS,
	LEAF_NON_GLOBAL,
};

enum operation_kind {
	DO_STORE,
	DO_FREE,
	DO_TLBI,
	DO_DSB,
};

struct operation {
	const char *name;
	enum operation_kind kind;
	uint8_t cpu;
	struct machine_place place; /* STORE, TLBI */
	enum value value;	    /* STORE */
	uint8_t frame;		    /* FREE */
	const char *mnemonic;	    /* TLBI, DSB */
	/* TLBI operands, besides the VA of `place`. */
	int32_t offset; /* in granules from there */
	uint16_t asid;
	int ttl;	    /* level; 0: no hint */
	bool other_granule; /* in TTL or TG */
	uint8_t num, scale; /* ranges */
};

/* A machine and what is needed beside it. */
struct world {
	struct machine machine;
	bool is_over; /* a page was freed under a valid entry: anything may follow */
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

/*
 * Does it: the machine changes, and `event` becomes what a capture says of it, with world->event as
 * its number.
 */
void operation_do(struct world *world, const struct operation *operation, struct mmu_event *event);

#endif
