/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single entries: blocks, tables, and the functions that break an entry and free its table. */
#include "event/pair.h"

static enum function_action action_of(const struct frame *frame)
{
	return frame->callee->function->action;
}

/* The calls that an entry of this event lies in: blocks are cleared where ranges are cleared. */
static enum function_action range_action(const struct frame *frame)
{
	return action_of(frame) == ACTION_BLOCK_CLEAR ? ACTION_CLEAR : ACTION_MAP;
}

/* The innermost call with a range that encloses an entry, `depth` being its own place + 1. */
static struct frame *find_range(const struct task *task, enum function_action action,
				uint32_t *depth)
{
	for (; *depth; --*depth) {
		struct frame *frame = task->frame[*depth - 1];

		if (action_of(frame) == action && has_range(frame))
			return frame;
	}
	return NULL;
}

static bool is_within(uint64_t address, uint64_t start, uint64_t size)
{
	return address - start < size;
}

/* Whether what is known of the entry allows it to be in this range. */
static bool fits_range(const struct range *range, const struct mmu_event *event)
{
	uint64_t size = range->end - range->va;

	if (event->has_va && !is_within(event->va, range->va, size))
		return false;
	return !event->has_pa || !range->has_pa || is_within(event->pa, range->pa, size);
}

/* Kernels from 5.0 on pass no address to __pte_alloc_kernel(): x1 holds anything. */
static void drop_stray_va(struct pairing *pairing, struct frame *call, const struct frame *range)
{
	enum {
		SMALLEST_PAGE = 4096
	};
	struct mmu_event *event = &call->event;
	bool is_open = range && range->callee->returns == RETURNS_TRACED &&
		       !is_damaged(pairing, range);

	if (action_of(call) != ACTION_TABLE || !event->has_va ||
	    !(call->callee->function->flags & VA_IS_UNSURE))
		return;
	if (!is_kernel_va(event->va) || event->va % SMALLEST_PAGE ||
	    (is_open && !fits_range(&range->range, event)))
		event->has_va = false;
}

/*
 * Whether the range may well be over, with nothing to show that the entry is in it: its return is not
 * traced, and the task has been at something else for a while.
 */
static bool is_stale(const struct pairing *pairing, const struct frame *range,
		     const struct frame *call)
{
	const struct mmu_event *event = &call->event;
	bool is_shown = event->has_va || (event->has_pa && range->range.has_pa);

	return !is_shown && range->callee->returns != RETURNS_TRACED &&
	       !is_recent(pairing, range->task, event->where.time);
}

void entry_check(struct pairing *pairing, struct task *task, struct frame *call)
{
	uint32_t depth = task->depth;
	const struct frame *range = find_range(task, range_action(call), &depth);

	drop_stray_va(pairing, call, range);
	while (range &&
	       (!fits_range(&range->range, &call->event) || is_stale(pairing, range, call))) {
		end_calls(pairing, task, depth - 1);
		depth = task->depth;
		range = find_range(task, range_action(call), &depth);
	}
}

/* Sets what the entry is known to lie in. */
static void place_entry(struct pairing *pairing, struct frame *frame)
{
	struct mmu_event *event = &frame->event;
	uint32_t depth = frame->task->depth - 1;
	const struct frame *outer = find_range(frame->task, range_action(frame), &depth);

	event->end = 0;
	if (!outer)
		return;
	/* After a loss this may be a later call's entry, unless something tells otherwise. */
	bool is_sure = event->has_va || (event->has_pa && outer->range.has_pa);

	if (!is_sure && is_damaged(pairing, outer))
		return;
	event->within.va = outer->range.va;
	event->within.end = outer->range.end;
	event->within.has_pa = outer->range.has_pa;
	event->within.pa = outer->range.pa;
}

/* pmd_free_pte_page() and what the compiler split off it break the same entry. */
static bool is_told_outside(const struct frame *frame)
{
	for (uint32_t i = 0; i + 1 < frame->task->depth; i++) {
		const struct frame *outer = frame->task->frame[i];

		if (action_of(outer) == ACTION_BREAK && outer->event.level == frame->event.level)
			return true;
	}
	return false;
}

/* The innermost enclosing ioremap whose return may tell the address; NULL when there is none. */
static struct frame *find_ioremap(const struct frame *frame)
{
	const struct task *task = frame->task;

	for (uint32_t i = task->depth; i > 0; i--)
		if (action_of(task->frame[i - 1]) == ACTION_IOREMAP &&
		    task->frame[i - 1]->callee->returns != RETURNS_UNTRACED)
			return task->frame[i - 1];
	return NULL;
}

/* The same functions allocate the tables of processes, far more often than the kernel's. */
static bool is_of_process(const struct frame *frame)
{
	if (frame->event.has_va)
		return !is_kernel_va(frame->event.va);
	return (frame->callee->function->flags & ALSO_FOR_USERS) && !frame->event.within.end &&
	       !find_ioremap(frame);
}

void entry_begin(struct pairing *pairing, struct frame *frame)
{
	struct mmu_event *event = &frame->event;

	place_entry(pairing, frame);
	frame->silent = is_of_process(frame);
	if (action_of(frame) == ACTION_BREAK) {
		frame->silent = frame->silent || is_told_outside(frame);
		if (!frame->silent)
			outbox_push(pairing->outbox, event);
		return;
	}
	if (frame->silent)
		return;
	if (action_of(frame) == ACTION_TABLE)
		pairing->nr_tables++;
	hold_event(pairing, frame);
}

void entry_end(struct pairing *pairing, struct frame *frame, const struct ending *ending)
{
	enum event_done done = call_done(frame->callee, ending);
	uint64_t time = ending->returned ? ending->time : frame->event.where.time;

	if (frame->silent)
		return;
	if (action_of(frame) == ACTION_TABLE)
		pairing->nr_tables--;
	release_event(pairing, frame, done, time);
	if (action_of(frame) != ACTION_BREAK)
		return;
	frame->event.kind = EVENT_BREAK_END;
	frame->event.done = done;
	frame->event.end_time = time;
	outbox_push(pairing->outbox, &frame->event);
}

void emit_entry(struct pairing *pairing, const struct frame *frame, const struct mmu_event *event)
{
	struct frame *ioremap = NULL;

	/* What is cleared inside an ioremap is not what it maps. */
	if (!event->has_va && event->within.end == 0 && event->kind != EVENT_BLOCK_CLEAR)
		ioremap = find_ioremap(frame);
	struct waiting *waiting = ioremap ? pool_get(&pairing->tasks.waiting_pool) : NULL;

	if (!waiting) {
		outbox_push(pairing->outbox, event);
		return;
	}
	waiting->event = *event;
	if (ioremap->waiting_last)
		ioremap->waiting_last->next = waiting;
	else
		ioremap->waiting_first = waiting;
	ioremap->waiting_last = waiting;
}

/* ---- pages of tables ----------------------------------------------------------------------- */

/* The call of this task that allocates a table; NULL when it is in none. */
static struct frame *find_table(struct pairing *pairing, const struct record *record)
{
	struct task *task = pairing->nr_tables ? task_find(&pairing->tasks, record) : NULL;
	struct frame *top = task ? task_top(task) : NULL;

	return top && action_of(top) == ACTION_TABLE && !top->silent ? top : NULL;
}

void pair_page_alloc(struct pairing *pairing, const struct record *record, uint64_t pfn,
		     bool may_be_table)
{
	struct frame *frame = find_table(pairing, record);

	pairing->sees_page_allocs = true;
	/* The table's page is the first: what else is allocated there is needed to account for it. */
	if (!frame || !may_be_table || frame->event.has_table_pfn)
		return;
	frame->event.has_table_pfn = true;
	frame->event.table_pfn = pfn;
	if (frame->callee->returns == RETURNS_UNTRACED)
		release_event(pairing, frame, DONE_UNKNOWN, frame->event.where.time);
}

void pair_page_free(struct pairing *pairing, const struct record *record, uint64_t pfn)
{
	struct frame *frame = find_table(pairing, record);

	if (frame && frame->event.has_table_pfn && frame->event.table_pfn == pfn)
		frame->event.table_lost = true;
}
