/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/pair.h"

/*
 * How long an event may wait while it is not known whether its function's returns are traced, and
 * how long a call may be open at all: in ns, or in records where the clock counts something else.
 * The first is long enough for a task that is preempted inside the call.
 */
enum {
	HOLD_NS = 100 * 1000 * 1000,
	OPEN_NS = 1000 * 1000 * 1000,
	HOLD_RECORDS = 1000,
	OPEN_RECORDS = 1000 * 1000,
};

void pairing_init(struct pairing *pairing, struct arena *arena, struct interned *strings,
		  struct outbox *outbox)
{
	*pairing = (struct pairing){.outbox = outbox};
	tasks_init(&pairing->tasks, arena);
	origins_init(&pairing->origins, arena, strings);
}

void pairing_deinit(struct pairing *pairing)
{
	tasks_deinit(&pairing->tasks);
	origins_deinit(&pairing->origins);
	array_deinit(&pairing->lost_order);
	array_deinit(&pairing->entries);
}

/* ---- losses -------------------------------------------------------------------------------- */

static uint64_t lost_order(const struct pairing *pairing, uint32_t cpu)
{
	return cpu < pairing->lost_order.count ? pairing->lost_order.at[cpu] : 0;
}

bool is_damaged(const struct pairing *pairing, const struct frame *frame)
{
	uint64_t order = frame->event.where.order;

	return lost_order(pairing, frame->cpu) > order ||
	       lost_order(pairing, frame->task->last_cpu) > order;
}

void pair_lost(struct pairing *pairing, uint32_t cpu, uint64_t order)
{
	enum {
		MAX_CPUS = 1 << 16
	};

	if (cpu >= MAX_CPUS)
		return;
	while (pairing->lost_order.count <= cpu)
		if (!array_push(&pairing->lost_order, 0)) {
			pairing->out_of_memory = true;
			return;
		}
	pairing->lost_order.at[cpu] = order;
}

/* ---- the ends of calls --------------------------------------------------------------------- */

/* Ends the innermost call. */
static void end_call(struct pairing *pairing, struct task *task, const struct ending *ending)
{
	struct frame *frame = task_top(task);

	if (call_is_entry(frame->callee))
		entry_end(pairing, frame, ending);
	else
		mapping_end(pairing, frame, ending);
	task_pop(&pairing->tasks, task);
}

static void learn_missing(struct pairing *pairing, const struct frame *frame)
{
	if (frame->callee->returns == RETURNS_TRACED)
		pairing->nr_missing_returns++;
	else if (!is_damaged(pairing, frame))
		frame->callee->returns = RETURNS_UNTRACED;
}

void end_calls(struct pairing *pairing, struct task *task, uint32_t depth)
{
	static const struct ending unseen = {.returned = false};

	while (task->depth > depth) {
		learn_missing(pairing, task_top(task));
		end_call(pairing, task, &unseen);
	}
}

/* ---- calls --------------------------------------------------------------------------------- */

/*
 * Two probes at one place have each a type of their own, and the second record tells nothing new.
 * The task has done nothing in between.
 */
static bool is_repeated(const struct task *task, const struct frame *call)
{
	const struct frame *top = task_top(task);

	return top && top->callee == call->callee && top->plan != call->plan &&
	       task->last_order == top->event.where.order && top->event.va == call->event.va &&
	       top->event.entry == call->event.entry && top->event.pa == call->event.pa;
}

static void check_calls(struct pairing *pairing, struct task *task, struct frame *call)
{
	uint32_t depth = task->depth;

	while (depth && !call_can_be_within(call->callee, task->frame[depth - 1]->callee))
		depth--;
	end_calls(pairing, task, depth);
	end_what_is_over(pairing, task, call);
	if (task->depth == MAX_DEPTH)
		end_calls(pairing, task, MAX_DEPTH - 1);
}

/* Texts that print no symbols give the addresses of entries: sites near them can be told apart. */
static void learn_address(struct pairing *pairing, struct callee *callee, uint64_t address)
{
	if (callee->address || !address)
		return;
	callee->address = address;
	if (!array_push(&pairing->entries, callee))
		pairing->out_of_memory = true;
}

void pair_call(struct pairing *pairing, const struct plan *plan, const struct record *record,
	       const struct event_where *where)
{
	struct task *task = task_get(&pairing->tasks, record);
	struct frame call, *frame;

	if (!task) {
		pairing->out_of_memory = true;
		return;
	}
	call_read(plan, record, where, &call);
	if (is_repeated(task, &call))
		return;
	learn_address(pairing, plan->callee, record->address);
	check_calls(pairing, task, &call);
	task_touch(task, record, where->order);
	frame = task_push(&pairing->tasks, task, &call);
	pairing->due = 0;
	if (!frame)
		pairing->out_of_memory = true;
	else if (call_is_entry(frame->callee))
		entry_begin(pairing, frame);
	else
		mapping_begin(pairing, frame, record);
	task_put(&pairing->tasks, task);
}

void pair_return(struct pairing *pairing, const struct plan *plan, const struct record *record,
		 uint64_t order)
{
	struct task *task = task_find(&pairing->tasks, record);
	struct ending ending = {.returned = true, .time = record->time};
	uint32_t depth = task ? task->depth : 0;

	plan->callee->returns = RETURNS_TRACED;
	while (depth && task->frame[depth - 1]->callee != plan->callee)
		depth--;
	if (!depth) {
		pairing->nr_stray_returns++;
		return;
	}
	end_calls(pairing, task, depth);
	task_touch(task, record, order);
	struct frame *frame = task_top(task);

	/* After a loss this may be the return of another call.  An ioremap's proves itself. */
	if (!is_damaged(pairing, frame) || frame->callee->function->action == ACTION_IOREMAP) {
		ending.has_result = field_get(&plan->fields, record, ROLE_RESULT, &ending.result);
		ending.origin = origin_find(&pairing->origins, record, true, frame->origin);
	}
	end_call(pairing, task, &ending);
	task_put(&pairing->tasks, task);
}

/* ---- events that wait ---------------------------------------------------------------------- */

void hold_event(struct pairing *pairing, struct frame *frame)
{
	enum returns returns = frame->callee->returns;
	/* Only the page allocation inside tells which page became the table. */
	bool wants_page = frame->event.kind == EVENT_TABLE && pairing->sees_page_allocs;

	frame->held = true;
	if (returns == RETURNS_UNTRACED && !wants_page)
		release_event(pairing, frame, DONE_UNKNOWN, frame->event.where.time);
	else if (returns != RETURNS_TRACED)
		frame_list_add(&pairing->tasks, frame, LIST_HELD);
	pairing->due = 0;
}

void release_event(struct pairing *pairing, struct frame *frame, enum event_done done,
		   uint64_t time)
{
	if (!frame->held)
		return;
	frame->held = false;
	frame_list_remove(&pairing->tasks, frame, LIST_HELD);
	/* Told before its end, a call has not issued its TLBIs yet: earlier ones did. */
	if (done == DONE_UNKNOWN && frame->event.nr_tlbi == 0)
		frame->event.nr_tlbi = frame->callee->issues_tlbi;
	frame->event.done = done;
	frame->event.end_time = time;
	if (call_is_entry(frame->callee))
		emit_entry(pairing, frame, &frame->event);
	else
		outbox_push(pairing->outbox, &frame->event);
}

/* When an event that has waited since `where` is due: a time, or the order of a record. */
static uint64_t due_at(const struct pairing *pairing, const struct event_where *where,
		       uint64_t after_ns, uint64_t after_records)
{
	uint64_t from = pairing->clock_is_ticks ? where->order : where->time;
	uint64_t after = pairing->clock_is_ticks ? after_records : after_ns;

	return from < UINT64_MAX - after ? from + after + 1 : UINT64_MAX;
}

void pair_end_due(struct pairing *pairing, uint64_t now)
{
	const struct frame_list *list = pairing->tasks.list;
	uint64_t held_due = UINT64_MAX, open_due = UINT64_MAX;
	struct frame *frame;

	while ((frame = list[LIST_HELD].first)) {
		held_due = due_at(pairing, &frame->event.where, HOLD_NS, HOLD_RECORDS);
		if (now < held_due)
			break;
		release_event(pairing, frame, DONE_UNKNOWN, frame->event.where.time);
	}
	while ((frame = list[LIST_OPEN].first)) {
		struct task *task = frame->task;

		open_due = due_at(pairing, &frame->event.where, OPEN_NS, OPEN_RECORDS);
		if (now < open_due)
			break;
		/* The first of the list is the outermost of its task. */
		end_calls(pairing, task, 0);
		task_put(&pairing->tasks, task);
	}
	pairing->due = held_due < open_due ? held_due : open_due;
}

void pair_finish(struct pairing *pairing)
{
	static const struct ending unseen = {.returned = false};
	struct frame *frame;

	while ((frame = pairing->tasks.list[LIST_OPEN].first)) {
		struct task *task = frame->task;

		/* These returns are not missing: the capture ended first. */
		while (task->depth)
			end_call(pairing, task, &unseen);
		task_put(&pairing->tasks, task);
	}
}

/* ---- what is not a call -------------------------------------------------------------------- */

/* Whether `event` came with the newest record, which `stack` is the call chain of. */
static bool is_of_stack(const struct mmu_event *event, const struct record *stack, uint64_t order)
{
	if (event->kind == EVENT_UNMAP)
		return event->where.order == order;
	return event->kind == EVENT_MAP_END && event->where.pid == stack->pid &&
	       event->end_time == stack->time;
}

void pair_stack(struct pairing *pairing, const struct record *record, uint64_t order)
{
	struct task *task = task_find(&pairing->tasks, record);
	struct frame *top = task ? task_top(task) : NULL;

	if (top && top->event.where.order == order)
		top->origin = origin_find(&pairing->origins, record, false, top->origin);
	for (size_t i = 0; i < pairing->outbox->fresh.count; i++) {
		struct mmu_event *event = &pairing->outbox->fresh.at[i];

		if (is_of_stack(event, record, order))
			event->origin = origin_find(&pairing->origins, record,
						    event->kind == EVENT_MAP_END, event->origin);
	}
}
