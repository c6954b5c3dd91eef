// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "lab.h"

enum {
	MAX_STORES = 8192,
	MAX_TASKS = 16,
	MAX_ACTIVE = 64
};

/* What a task is about: the range that it maps, and the table that it has just freed. */
struct task_state {
	struct task_struct *task;
	unsigned long addr, end, broken_entry;
	phys_addr_t phys;
	bool in_pud_free;
};

static struct lab_store *stores;
static unsigned int stored;
static struct lab_counts counts;
static struct task_state tasks[MAX_TASKS];
static DEFINE_RAW_SPINLOCK(lock);

unsigned int lab_stores(const struct lab_store **first)
{
	*first = stores;
	return min_t(unsigned int, stored, MAX_STORES);
}

void lab_watch_restart(void)
{
	stored = 0;
	counts = (struct lab_counts){0};
}

/* The state of the current task; with no room left, NULL. */
static struct task_state *state(bool make)
{
	struct task_state *found = NULL, *empty = NULL;
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&lock, flags);
	for (i = 0; i < MAX_TASKS; i++) {
		if (tasks[i].task == current)
			found = &tasks[i];
		if (!tasks[i].task && !empty)
			empty = &tasks[i];
	}
	if (!found && make && empty) {
		found = empty;
		*found = (struct task_state){.task = current};
	}
	if (!found && make)
		counts.overflow++;
	raw_spin_unlock_irqrestore(&lock, flags);
	return found;
}

static int range_enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct task_state *task = state(true);

	if (!task)
		return 1;
	task->addr = regs->regs[0];
	task->end = regs->regs[1];
	task->phys = regs->regs[2];
	return 0;
}

static int range_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct task_state *task = state(false);

	if (task)
		memset(task, 0, sizeof(*task));
	return 0;
}

static struct lab_store *new_store(void)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&lock, flags);
	i = stored++;
	raw_spin_unlock_irqrestore(&lock, flags);
	if (i < MAX_STORES)
		return &stores[i];
	counts.overflow++;
	return NULL;
}

static int store_enter(struct kretprobe_instance *instance, struct pt_regs *regs, int level)
{
	struct task_state *task = state(false);
	struct lab_store *store = new_store();

	*(struct lab_store **)instance->data = store;
	if (!store)
		return 1;
	store->time = local_clock();
	store->level = level;
	store->cpu = raw_smp_processor_id();
	store->pid = current->pid;
	memcpy(store->comm, current->comm, sizeof(store->comm));
	store->entry = regs->regs[0];
	store->entry_at = virt_to_phys((void *)store->entry);
	store->phys = regs->regs[1];
	store->prot = regs->regs[2];
	store->old = READ_ONCE(*(u64 *)store->entry);
	if (task && task->addr) {
		store->va = task->addr + (store->phys - task->phys);
		store->broken = task->broken_entry == store->entry;
		task->broken_entry = 0;
	}
	return 0;
}

/* What became of the table that was there. */
static void look_at_orphan(struct lab_store *store)
{
	phys_addr_t table = lab_output(store->old);
	unsigned int i;

	store->orphan = table >> lab_geometry.page_shift;
	store->orphan_count = page_count(pfn_to_page(store->orphan));
	for (i = 0; i < lab_entries(); i++)
		store->orphan_used += lab_entry(table, i) != 0;
}

static int store_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct lab_store *store = *(struct lab_store **)instance->data;

	store->result = regs_return_value(regs);
	store->new = READ_ONCE(*(u64 *)store->entry);
	if (store->result && lab_kind(store->old, store->level) == LAB_TABLE)
		look_at_orphan(store);
	store->done = true;
	return 0;
}

static int pmd_enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return store_enter(instance, regs, BLOCK_LEVEL);
}

static int pud_enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return store_enter(instance, regs, BLOCK_LEVEL - 1);
}

struct free_call {
	struct task_state *task;
	unsigned long entry;
	u64 old;
	int level;
	bool nested;
};

static int free_enter(struct kretprobe_instance *instance, struct pt_regs *regs, int level)
{
	struct free_call *call = (struct free_call *)instance->data;

	call->task = state(false);
	call->entry = regs->regs[0];
	call->level = level;
	call->old = READ_ONCE(*(u64 *)call->entry);
	call->nested = call->task && call->task->in_pud_free;
	if (call->task && level < BLOCK_LEVEL)
		call->task->in_pud_free = true;
	return 0;
}

/* Broken and freed is what was a table, and is empty now. */
static int free_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct free_call *call = (struct free_call *)instance->data;

	if (call->task && call->level < BLOCK_LEVEL)
		call->task->in_pud_free = false;
	if (call->nested || lab_kind(call->old, call->level) != LAB_TABLE ||
	    READ_ONCE(*(u64 *)call->entry))
		return 0;
	if (call->level < BLOCK_LEVEL)
		counts.freed_pud++;
	counts.freed++;
	if (call->task)
		call->task->broken_entry = call->entry;
	return 0;
}

static int pmd_free_enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return free_enter(instance, regs, BLOCK_LEVEL);
}

static int pud_free_enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return free_enter(instance, regs, BLOCK_LEVEL - 1);
}

#define PROBE(function, enter, leave, data)                                                        \
	{                                                                                          \
		.kp.symbol_name = (function), .entry_handler = (enter), .handler = (leave),        \
		.data_size = (data), .maxactive = MAX_ACTIVE                                       \
	}

static struct kretprobe probes[] = {
	PROBE("vmap_range_noflush", range_enter, range_return, 0),
	PROBE("pmd_set_huge", pmd_enter, store_return, sizeof(struct lab_store *)),
	PROBE("pud_set_huge", pud_enter, store_return, sizeof(struct lab_store *)),
	PROBE("pmd_free_pte_page", pmd_free_enter, free_return, sizeof(struct free_call)),
	PROBE("pud_free_pmd_page", pud_free_enter, free_return, sizeof(struct free_call)),
};

struct lab_counts lab_counts(void)
{
	struct lab_counts now = counts;
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		now.missed += probes[i].nmissed;
	return now;
}

static void unregister(int number)
{
	while (number-- > 0)
		unregister_kretprobe(&probes[number]);
}

int lab_watch_init(void)
{
	int i, error = 0;

	stores = kvcalloc(MAX_STORES, sizeof(*stores), GFP_KERNEL);
	if (!stores)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(probes) && !error; i++)
		error = register_kretprobe(&probes[i]);
	if (error) {
		pr_err("%s: %d\n", probes[i - 1].kp.symbol_name, error);
		unregister(i - 1);
		kvfree(stores);
	}
	return error;
}

void lab_watch_exit(void)
{
	unregister(ARRAY_SIZE(probes));
	kvfree(stores);
}
