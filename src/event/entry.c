/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single entries: blocks, tables, and the functions that break an entry and free its table. */
#include "event/pair.h"

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
	waiting_add(&ioremap->waiting, waiting);
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
