/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which generation a kernel is of shows in what its functions are called and in what they return, not in
 * its release: distributions take fixes over, and vendors lose them.
 *
 *   4.6 - 4.15   the functions do not exist: pmd_set_huge() stores over whatever is there
 *   4.16 - 4.18  both return whether the entry is empty, and do nothing (b6bdb7517c3d, 15122ee2c515; 4.9.y
 *                has them from 4.9.91 on): over a table pmd_set_huge() is not called
 *   4.19 - 6.17  each table below: clear, TLBI VAAE1IS, free; then the same for the entry's own (785a19f9d1dd,
 *                ec28bb9c9b08).  Always returns 1.  A compiler may inline the inner function: then its calls
 *                do not show
 *   6.18         the entry is cleared and invalidated, then each table below, then its own is freed
 *                (fa93b45fd397); the inner function is __pmd_free_pte_page()
 *
 * vmalloc() maps blocks in the same way from 6.1 on.  vunmap() clears and leaves the invalidation to the
 * purge, of all that has been queued; vunmap_range() and unmap_kernel_range() invalidate at once: see the
 * functions of src/event/dictionary.c that flush.  To 4.19 that is VAAE1IS, which removes table entries, too.
 */
#include "mmu/contract.h"

#include <stddef.h>

/* Those that do something first: a function of which nothing is known is taken to do what it is for. */
static const struct contract contracts[] = {
	{GENERATION_BELOW_FIRST,
	 {STEP_INVALIDATE_BELOW, STEP_FREE_BELOW, STEP_INVALIDATE_OWN, STEP_FREE_OWN}},
	{GENERATION_TOP_FIRST,
	 {STEP_INVALIDATE_OWN, STEP_INVALIDATE_BELOW, STEP_FREE_BELOW, STEP_FREE_OWN}},
	{GENERATION_GATE, {STEP_END}},
};

enum {
	NR_CONTRACTS = sizeof(contracts) / sizeof(contracts[0])
};

static const struct {
	const char *symbol;
	uint32_t generations;
} symbols[] = {
	{"__pmd_free_pte_page", GENERATION_TOP_FIRST},
};

const struct contract *contract_find(uint32_t generations)
{
	for (size_t i = 0; i < NR_CONTRACTS; i++)
		if (contracts[i].generation & generations)
			return &contracts[i];
	return &contracts[0];
}

uint32_t contract_generations(struct str symbol)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (str_is(symbol, symbols[i].symbol))
			return symbols[i].generations;
	return GENERATION_ANY;
}
