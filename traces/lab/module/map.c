// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/io.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/vmalloc.h>

#include "lab.h"

enum {
	MAX_OPS = 4096,
	MAX_HELD = 16384
};

/* QEMU's virt board: 512 GiB for the BARs of PCI devices, with nothing in it but a few of them. */
static unsigned long window = 0x8000000000;
module_param(window, ulong, 0444);
MODULE_PARM_DESC(window, "physical address of a range that is mapped, but never accessed");

static struct lab_op ops[MAX_OPS];
static void *held[MAX_HELD];
static unsigned int nr_ops, nr_held;
static bool logging;
static DEFINE_SPINLOCK(lock);

/* Places for stacks: each is aligned to its size, and searched for with as much more. */
enum {
	STACKS = 32,
	STACK_ROOM = 4 * THREAD_SIZE,
	MAX_PLACES = 8
};

/* The devices' own BARs are at the start of the window. */
enum {
	FIRST_SLOT = 4
};

size_t lab_block(void)
{
	return lab_span(BLOCK_LEVEL);
}

size_t lab_part(void)
{
	return lab_block() / 2 + PAGE_SIZE;
}

phys_addr_t lab_slot(unsigned int slot)
{
	return window + (phys_addr_t)(FIRST_SLOT + slot) * lab_block();
}

void lab_log_ops(bool on)
{
	logging = on;
}

unsigned int lab_ops(const struct lab_op **first)
{
	*first = ops;
	return min_t(unsigned int, nr_ops, MAX_OPS);
}

void lab_forget_ops(void)
{
	nr_ops = 0;
}

void lab_note(const char *name, unsigned long va, phys_addr_t phys, size_t size)
{
	struct lab_op *op;
	unsigned int i;

	if (!logging)
		return;
	spin_lock(&lock);
	i = nr_ops++;
	spin_unlock(&lock);
	if (i >= MAX_OPS)
		return;
	op = &ops[i];
	op->name = name;
	op->time = local_clock();
	op->va = va;
	op->phys = phys;
	op->size = size;
	op->cpu = raw_smp_processor_id();
	op->pid = current->pid;
	if (va)
		lab_walk(va, &op->after);
}

void *lab_map(phys_addr_t phys, size_t size)
{
	void *va = (void *)ioremap(phys, size);

	lab_note("ioremap", (unsigned long)va, phys, size);
	return va;
}

void lab_unmap(void *va)
{
	iounmap((void __iomem *)va);
	lab_note("iounmap", (unsigned long)va, 0, 0);
}

void lab_purge_logged(void)
{
	lab_purge();
	lab_note("purge", 0, 0, 0);
}

bool lab_hold(void *va)
{
	if (!va || nr_held == MAX_HELD)
		return false;
	held[nr_held++] = va;
	return true;
}

void lab_release(void)
{
	while (nr_held)
		vunmap(held[--nr_held]);
	lab_purge();
}

/*
 * Where the next block goes, and would go when all below it is taken: an aligned area is searched for in places
 * that are larger than it by its alignment.  What is too small for that is held.
 */
static void *find_place(void)
{
	int i;

	for (i = 0; i < MAX_PLACES; i++) {
		void *va = lab_map(lab_slot(0), lab_block()), *next;

		if (!va)
			return NULL;
		next = lab_map(lab_slot(0), lab_block());
		if (next)
			lab_unmap(next);
		/* With its guard page each takes two. */
		if (next == va + 2 * lab_block()) {
			lab_unmap(va);
			lab_purge();
			return va;
		}
		lab_hold(va);
	}
	return NULL;
}

/*
 * Leaves room below it for the stacks of new threads, which would otherwise go to the first place that is large
 * enough for them, and this is the one after the block's address.  What is between these rooms stays, so that
 * they do not become one that has room for a block.
 */
void *lab_next_block(void)
{
	int i;

	for (i = 0; i < STACKS; i++) {
		void *room = lab_map(lab_slot(0), STACK_ROOM);

		lab_hold(lab_map(lab_slot(0), STACK_ROOM));
		if (room)
			lab_unmap(room);
	}
	lab_purge();
	return find_place();
}
