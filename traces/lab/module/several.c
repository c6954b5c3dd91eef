// SPDX-License-Identifier: GPL-2.0-or-later
/* Many addresses, and several CPUs at once. */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "lab.h"

enum {
	/* A block with its guard page takes the place of two: every second one is promoted. */
	MANY = 100,
	CPUS = 2,
	CONCURRENT_ROUNDS = 10,
	CHAOS_ROUNDS = 150,
	CHAOS_MAPPINGS = 6
};

static void *many[MANY];

static void map_many(size_t size, phys_addr_t offset)
{
	int i;

	for (i = 0; i < MANY; i++)
		many[i] = lab_map(lab_slot(i) + offset, size);
	for (i = 0; i < MANY; i++)
		lab_unmap(many[i]);
	lab_purge_logged();
}

static void fifty(void)
{
	map_many(lab_part(), PAGE_SIZE);
	map_many(lab_block(), 0);
}

struct worker {
	struct completion done;
	int cpu;
	u32 random;
	void (*work)(struct worker *worker);
};

static int work(void *data)
{
	struct worker *worker = data;

	worker->work(worker);
	kthread_complete_and_exit(&worker->done, 0);
	return 0;
}

static void run_on_all(void (*function)(struct worker *worker))
{
	static struct worker workers[CPUS];
	int i;

	for (i = 0; i < CPUS; i++) {
		struct task_struct *task;

		workers[i] = (struct worker){.cpu = i, .random = i + 1, .work = function};
		init_completion(&workers[i].done);
		task = kthread_create(work, &workers[i], "lab/%d", i);
		if (IS_ERR(task)) {
			lab_failed("no thread");
			complete(&workers[i].done);
			continue;
		}
		kthread_bind(task, i);
		wake_up_process(task);
	}
	for (i = 0; i < CPUS; i++)
		wait_for_completion(&workers[i].done);
}

static void parts_and_blocks(struct worker *worker)
{
	int i;

	for (i = 0; i < CONCURRENT_ROUNDS; i++) {
		lab_unmap(lab_map(lab_slot(2 * worker->cpu) + PAGE_SIZE, lab_part()));
		lab_purge_logged();
		lab_unmap(lab_map(lab_slot(2 * worker->cpu + 1), lab_block()));
		lab_purge_logged();
	}
}

static void concurrent(void)
{
	run_on_all(parts_and_blocks);
}

/* The generator of Numerical Recipes: the same sequence on every run. */
static u32 next(struct worker *worker)
{
	worker->random = worker->random * 1664525 + 1013904223;
	return worker->random >> 8;
}

static void *map_anything(struct worker *worker)
{
	const size_t sizes[] = {PAGE_SIZE, 3 * PAGE_SIZE, lab_part(), lab_block(), 2 * lab_block()};
	unsigned int slot = next(worker) % 16 + 32 * worker->cpu;
	phys_addr_t offset = next(worker) % 4 ? 0 : PAGE_SIZE;

	return lab_map(lab_slot(slot) + offset, sizes[next(worker) % ARRAY_SIZE(sizes)]);
}

static void anything(struct worker *worker)
{
	void *mapped[CHAOS_MAPPINGS] = {};
	int i;

	for (i = 0; i < CHAOS_ROUNDS; i++) {
		void **place = &mapped[next(worker) % CHAOS_MAPPINGS];

		if (next(worker) % 16 == 0)
			vfree(vmalloc((next(worker) % 8 + 1) * PAGE_SIZE));
		if (next(worker) % 4 == 0)
			lab_purge_logged();
		if (*place)
			lab_unmap(*place);
		*place = *place ? NULL : map_anything(worker);
	}
	for (i = 0; i < CHAOS_MAPPINGS; i++)
		if (mapped[i])
			lab_unmap(mapped[i]);
}

static void chaos(void)
{
	run_on_all(anything);
}

/* For what happens outside the module: drivers that are bound and unbound. */
static void nothing(void)
{
}

const struct lab_scenario lab_several[] = {
	{"fifty", NULL, fifty},	 {"concurrent", NULL, concurrent}, {"chaos", NULL, chaos},
	{"losses", NULL, chaos}, {"drivers", NULL, nothing},	   {},
};
