/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables as they are at one moment of the replay, from the lowest address to the highest.
 *
 * Unlike the rest of the model this looks at all that is known, in time and memory: it is for showing
 * the state once, not after each event.
 */
#ifndef MMUREPLAY_MMU_WALK_H
#define MMUREPLAY_MMU_WALK_H

#include <mmureplay/mmu.h>

enum mmu_item_kind {
	/* Leaves of one level that follow one another and have the same attributes. */
	ITEM_PAGES,
	ITEM_BLOCKS,
	/* What a mapping covers, where neither pages nor blocks were seen. */
	ITEM_LEAVES,
	/* A table without any leaf or table that is known to be in it. */
	ITEM_EMPTY_TABLE,
};

struct mmu_item {
	enum mmu_item_kind kind;
	uint64_t va, end;
	int level; /* of the entries; ITEM_LEAVES: of pages */
	/* Of the first leaf.  Those that follow are at the addresses that follow. */
	bool has_pa;
	uint64_t pa;
	/* The first leaf's; its address bits are 0 when the address is not known. */
	bool has_descriptor;
	bool descriptor_read; /* by a probe; otherwise replayed */
	uint64_t descriptor;
	const struct mmu_mapping *mapping; /* NULL: not known, or made before the capture */
	const struct mmu_entry *entry;	   /* the block, or what points to the table; or NULL */
};

typedef struct error *mmu_item_handler(void *context, const struct mmu_item *item);

/*
 * Gives each item that is known, in the order of addresses; of an error of the handler that error.
 * Items do not overlap.  The model must not change meanwhile.
 */
struct error *mmu_walk(const struct mmu *mmu, mmu_item_handler *handler, void *context) MUST_CHECK;

#endif
