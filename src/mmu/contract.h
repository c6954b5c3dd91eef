/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kernels do inside the functions that are traced, in order, by generation. */
#ifndef MMUREPLAY_MMU_CONTRACT_H
#define MMUREPLAY_MMU_CONTRACT_H

#include <stdint.h>

#include <mmureplay/str.h>

/* Generations of pmd_free_pte_page() and pud_free_pmd_page(), as bits. */
enum generation {
	GENERATION_GATE = 1 << 0,
	GENERATION_BELOW_FIRST = 1 << 1,
	GENERATION_TOP_FIRST = 1 << 2,
	GENERATION_ANY = GENERATION_GATE | GENERATION_BELOW_FIRST | GENERATION_TOP_FIRST
};

enum contract_step {
	STEP_END,
	STEP_INVALIDATE_BELOW, /* the entries of the table: VAAE1IS of each */
	STEP_FREE_BELOW,       /* the tables that they pointed to */
	STEP_INVALIDATE_OWN,   /* the entry itself */
	STEP_FREE_OWN,	       /* its table */
};

enum {
	CONTRACT_STEPS = 5
};

/* All entries are cleared before they are invalidated, which is no step of its own here. */
struct contract {
	uint32_t generation;
	enum contract_step step[CONTRACT_STEPS]; /* ended by STEP_END */
};

/* What is done in the first of these generations that does anything; never NULL. */
const struct contract *contract_find(uint32_t generations);

/* The generations that have this function: a name that only some of them have. */
uint32_t contract_generations(struct str symbol);

#endif
