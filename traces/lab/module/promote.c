// SPDX-License-Identifier: GPL-2.0-or-later
/* One address that is mapped with pages, and then with a block. */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "lab.h"

enum {
	PAGES_SLOT = 1,
	BLOCK_SLOT = 2,
	CHAIN_ROUNDS = 3,
	MAX_TRIES = 64,
	MAX_PADS = 10000,
	MARGIN_PAGES = 192,
	MAX_LAZY_ROUNDS = 400
};

static void *wanted;

static void same_address(void *va)
{
	if (va != wanted)
		lab_failed("a mapping went to another address");
}

static void purge_and_map_block(phys_addr_t phys)
{
	void *va;

	lab_purge_logged();
	va = lab_map(phys, lab_block());
	same_address(va);
	lab_unmap(va);
	lab_purge_logged();
}

/*
 * Takes what is free below an address, so that a single page goes to it: an area goes to the lowest
 * place that fits.
 */
static bool fill_up_to(void *end)
{
	size_t taken = 2 * PAGE_SIZE; /* with its guard page */
	unsigned int i;

	for (i = 0; i < MAX_PADS; i++) {
		void *pad = lab_map(lab_slot(0), PAGE_SIZE);

		if (pad + taken + PAGE_SIZE == end) {
			/* The rest would hold no page and its guard. Only ioremap() aligns to the size. */
			lab_unmap(pad);
			lab_purge();
			pad = vmalloc(2 * PAGE_SIZE);
			taken += PAGE_SIZE;
		}
		if (!lab_hold(pad) || pad >= end)
			return false;
		if (pad + taken >= end)
			return true;
		taken = 2 * PAGE_SIZE;
	}
	return false;
}

/* Leaves room for the stacks of what starts the recording. */
static void prepare_original(void)
{
	wanted = lab_next_block();
	fill_up_to(wanted - MARGIN_PAGES * PAGE_SIZE);
}

static void map_single(void)
{
	void *va;

	if (!fill_up_to(wanted))
		lab_failed("the pages below the block's address could not be filled up");
	va = lab_map(lab_slot(PAGES_SLOT) + PAGE_SIZE, PAGE_SIZE);
	same_address(va);
	lab_unmap(va);
}

static void original(void)
{
	map_single();
	purge_and_map_block(lab_slot(BLOCK_SLOT));
}

static void find_block(void)
{
	wanted = lab_next_block();
}

/*
 * To the next block's address: something else, a stack perhaps, may have taken the last one since it was
 * found; and a place below it may have room for these pages, but for no block.
 */
static void map_part(void)
{
	int i;

	for (i = 0; i < MAX_TRIES; i++) {
		void *va = lab_map(lab_slot(PAGES_SLOT) + PAGE_SIZE, lab_part());

		if (va == wanted) {
			lab_unmap(va);
			return;
		}
		if (va < wanted) {
			lab_hold(va);
			continue;
		}
		lab_unmap(va);
		lab_purge_logged();
		find_block();
	}
	lab_failed("the address is always taken");
}

/* Until the block gets the pages' address, as a new thread's stack may be in its way. */
static void part_at(phys_addr_t phys)
{
	int i;

	for (i = 0; i < MAX_TRIES; i++) {
		void *va;

		map_part();
		lab_purge_logged();
		va = lab_map(phys, lab_block());
		lab_unmap(va);
		lab_purge_logged();
		if (va == wanted)
			return;
		find_block();
	}
	lab_failed("something is always in the block's way");
}

static void part(void)
{
	part_at(lab_slot(BLOCK_SLOT));
}

/* The tables are there before the recording begins. */
static void prepare_late(void)
{
	find_block();
	map_part();
	lab_purge();
}

static void late(void)
{
	purge_and_map_block(lab_slot(BLOCK_SLOT));
}

/* Blocks can only be made of what is aligned to them. */
static void unaligned(void)
{
	part_at(lab_slot(BLOCK_SLOT) + PAGE_SIZE);
}

static void chain(void)
{
	int i;

	find_block();
	for (i = 0; i < CHAIN_ROUNDS; i++)
		part();
}

/* Without a purge the address does not come back.  Of a single page, as much more is purged at once. */
static void no_purge(void)
{
	void *va;

	map_single();
	va = lab_map(lab_slot(BLOCK_SLOT), lab_block());
	if (va == wanted)
		lab_failed("the address came back without a purge");
	lab_unmap(va);
}

/* Mapped and unmapped until the kernel purges on its own. */
static void natural_purge(void)
{
	int i;

	map_part();
	for (i = 0; i < MAX_LAZY_ROUNDS; i++) {
		void *va = lab_map(lab_slot(BLOCK_SLOT), lab_block());

		lab_unmap(va);
		if (va == wanted)
			return;
		usleep_range(1000, 2000);
	}
	lab_failed("the kernel never purged");
}

/* Takes free places below the block's address until a small area of vmalloc goes to it. */
static void *(*allocate)(unsigned long size, unsigned long align, gfp_t gfp, int node,
			 const void *caller);

static void *vmalloc_aligned(void)
{
	return allocate(4 * PAGE_SIZE, lab_block(), GFP_KERNEL, NUMA_NO_NODE, vmalloc_aligned);
}

static void prepare_vmalloc(void)
{
	allocate = lab_symbol("__vmalloc_node") ?: lab_symbol("__vmalloc_node_noprof");
	if (!allocate) {
		lab_failed("no __vmalloc_node");
		return;
	}
	find_block();
}

static void vmalloc_table(void)
{
	void *va;
	int i;

	if (!allocate)
		return;
	for (i = 0; i < MAX_PADS; i++) {
		va = vmalloc_aligned();
		lab_note("vmalloc", (unsigned long)va, 0, 4 * PAGE_SIZE);
		if (va == wanted)
			break;
		/* vunmap() leaves its pages: a few, in a machine that lives for seconds. */
		if (!lab_hold(va) || va > wanted) {
			lab_failed("vmalloc went past the block's address");
			return;
		}
	}
	vfree(va);
	lab_note("vfree", (unsigned long)va, 0, 0);
	purge_and_map_block(lab_slot(BLOCK_SLOT));
}

/* Blocks and one table of pages under an entry of level 1, and then one block in its place. */
static void gigabyte(void)
{
	size_t giga = lab_span(BLOCK_LEVEL - 1);
	phys_addr_t phys = ALIGN(lab_slot(BLOCK_SLOT), giga);
	void *va;

	if (lab_geometry.page_shift != 12) {
		lab_failed("level 1 has blocks with 4K pages only");
		return;
	}
	wanted = lab_map(phys, giga / 2 + PAGE_SIZE);
	lab_unmap(wanted);
	lab_purge_logged();
	va = lab_map(phys + giga, giga);
	same_address(va);
	lab_unmap(va);
	lab_purge_logged();
}

/* The kernel's own pmd_set_huge() is asked to overwrite a table, as nothing in it would. */
static void refused(void)
{
	int (*set_huge)(u64 * entry, phys_addr_t phys, u64 prot) = lab_symbol("pmd_set_huge");
	struct lab_walk walk;
	void *va;

	find_block(); /* and with it, where the tables are */
	va = lab_map(lab_slot(PAGES_SLOT) + PAGE_SIZE, lab_part());
	lab_walk((unsigned long)va, &walk);
	if (!set_huge || walk.level != LAST_LEVEL)
		lab_failed("no table to ask for");
	else if (set_huge(lab_entry_address(lab_at(&walk, BLOCK_LEVEL)), lab_slot(BLOCK_SLOT),
			  lab_value(&walk, LAST_LEVEL)))
		lab_failed("this kernel does not refuse");
	lab_unmap(va);
	lab_purge_logged();
}

const struct lab_scenario lab_promote[] = {
	{"original", prepare_original, original},
	{"part", find_block, part},
	{"late", prepare_late, late},
	{"unaligned", find_block, unaligned},
	{"chain", find_block, chain},
	{"no-purge", prepare_original, no_purge},
	{"natural-purge", find_block, natural_purge},
	{"vmalloc-table", prepare_vmalloc, vmalloc_table},
	{"gigabyte", NULL, gigabyte},
	{"refused", NULL, refused},
	{},
};
