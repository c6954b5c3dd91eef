/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's page size and VA bits, found out from what its events show, before the model is made.
 *
 * Granule:
 *   - what is mapped and cleared begins and ends at pages, and blocks are aligned to their size: either
 *     can rule larger granules out, for certain;
 *   - an area's guard page, which is cleared but not mapped, is one page (mm/vmalloc.c);
 *   - a flush of a range steps by one page from TLBI to TLBI (flush_tlb_kernel_range());
 *   - a TLBI's TTL and TG name the granule;
 *   - a table's page frame number, and its address in the descriptor, differ by the page size;
 *   - tables are pages: the offset of a PMD entry in its page is the index that its VA gives.
 *
 * VA bits: no kernel address is below the half that TTBR1_EL1 translates, and of the linear map and the
 * vmalloc area one is in the lower half of that (arch/arm64/include/asm/memory.h).
 */
#ifndef MMUREPLAY_MMU_DETECT_H
#define MMUREPLAY_MMU_DETECT_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/event.h>

enum {
	DETECT_KEPT = 16 /* newest mappings, and tables, to compare others with */
};

struct mmu_detect_pair {
	uint64_t key, value;
};

/* To be all zero at first. */
struct mmu_detect {
	uint64_t unaligned;	 /* bits that are set in what must be aligned to a page */
	uint64_t tlbi_unaligned; /* the same of TLBIs: kernels name pages, but need not */
	uint32_t found_shift;	 /* by evidence that names the granule; 0: none */
	uint32_t misfits; /* page shifts, as bits, that an entry's place in its table rules out */
	uint64_t nr_witnesses; /* clears and TLBIs that would have shown a smaller page */
	uint64_t lowest;       /* the lowest kernel address; 0: none */
	bool has_mapping, has_pointer;
	uint64_t nr_events; /* of those that go with pointers to descriptors, if these are traced */
	/* The newest ... */
	struct mmu_detect_pair mapping[DETECT_KEPT]; /* ... mappings: their starts and ends */
	struct mmu_detect_pair table[DETECT_KEPT];   /* ... tables: entries and page frames */
	uint64_t nr_mappings, nr_tables;
	int32_t flush_pid; /* TLBIs of one task at addresses that follow one another: */
	uint64_t flush_va, flush_step, flush_steps;
	bool in_flush; /* ... the newest of a function that flushes one range, and is not over */
};

/* Looks at one more event; true when no more need be looked at. */
bool mmu_detect_note(struct mmu_detect *detect, const struct mmu_event *event);

/* What was found out; false for what had to be assumed: 4K, 48 bits. */
bool mmu_detect_granule(const struct mmu_detect *detect, uint32_t *bytes);
bool mmu_detect_va_bits(const struct mmu_detect *detect, uint32_t granule, uint32_t *bits);

#endif
