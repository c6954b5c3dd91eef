/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole mappings: ioremap, the functions that map and clear ranges, iounmap, purging.
 *
 *     ioremap -> __ioremap_caller -> ioremap_page_range -> vmap_range_noflush
 *
 * is one mapping: EVENT_MAP comes with the outermost range, or, where no range function is traced, with
 * the address that the innermost ioremap returns; EVENT_MAP_END with the end of the outermost call.
 */
#include "event/pair.h"

/* The smallest page that there is; the model rounds to its own. */
#define PAGE UINT64_C(4096)
/* The largest. */
#define LARGEST_PAGE UINT64_C(65536)

/* ---- calls --------------------------------------------------------------------------------- */

static bool is_in_ioremap(const struct frame *frame)
{
	for (uint32_t i = 0; i < frame->task->depth; i++)
		if (frame->task->frame[i]->callee->function->flags & MAPS_DEVICE)
			return true;
	return false;
}

static void emit_map_end(struct pairing *pairing, struct frame *owner)
{
	if (!owner->has_mapped)
		return;
	owner->has_mapped = false;
	owner->mapped.kind = EVENT_MAP_END;
	owner->mapped.symbol = owner->callee->symbol;
	owner->mapped.where = owner->event.where;
	owner->mapped.origin = owner->origin;
	outbox_push(pairing->outbox, &owner->mapped);
}

/* Emits the mapping that `frame` makes on behalf of the outermost call. */
static void emit_map(struct pairing *pairing, struct frame *frame, const struct mmu_event *event)
{
	struct frame *owner = frame->task->frame[0];

	/* One caller may map several ranges, one after the other. */
	emit_map_end(pairing, owner);
	owner->has_mapped = true;
	owner->mapped = *event;
	outbox_push(pairing->outbox, event);
}

static void begin_map(struct pairing *pairing, struct frame *frame)
{
	uint32_t depth = frame->task->depth - 1;

	frame->event.in_ioremap = is_in_ioremap(frame);
	if (has_range(frame) && is_kernel_va(frame->range.va) &&
	    !find_range(frame->task, ACTION_MAP, &depth))
		emit_map(pairing, frame, &frame->event);
}

static void begin_clear(struct pairing *pairing, struct frame *frame)
{
	uint32_t depth = frame->task->depth - 1;
	struct mmu_event clear = frame->event;

	if (has_range(frame) && !find_call(frame->task, ACTION_CLEAR, &depth))
		outbox_push(pairing->outbox, &clear);
	if (!(frame->callee->function->flags & FLUSHES) || !has_range(frame))
		return;
	frame->event.kind = EVENT_FLUSH;
	hold_event(pairing, frame);
}

static void begin_unmap(struct pairing *pairing, struct frame *frame)
{
	uint32_t depth = frame->task->depth - 1;

	if (!frame->event.has_va || !is_kernel_va(frame->event.va) ||
	    find_call(frame->task, ACTION_UNMAP, &depth))
		return;
	frame->event.va &= ~(PAGE - 1);
	frame->event.origin = frame->origin;
	outbox_push(pairing->outbox, &frame->event);
}

/* A flush of one address flushes its page; one without range flushes all. */
static void begin_flush(struct pairing *pairing, struct frame *frame)
{
	if (frame->event.has_va && !has_range(frame))
		frame->event.end = frame->event.va + 1;
	if (!frame->event.has_va)
		frame->event.va = frame->event.end = 0;
	hold_event(pairing, frame);
}

void mapping_begin(struct pairing *pairing, struct frame *frame, const struct record *record)
{
	uint64_t caller;

	if (record->nr_frames)
		frame->origin = origin_find(&pairing->origins, record, false, NULL);
	else if (frame->task->depth == 1 &&
		 field_get(&frame->plan->fields, record, ROLE_CALLER, &caller))
		frame->origin = origin_at(&pairing->origins, caller);
	switch (action_of(frame)) {
	case ACTION_MAP:
		begin_map(pairing, frame);
		break;
	case ACTION_CLEAR:
		begin_clear(pairing, frame);
		break;
	case ACTION_UNMAP:
		begin_unmap(pairing, frame);
		break;
	case ACTION_FLUSH:
		begin_flush(pairing, frame);
		break;
	case ACTION_NONE:
	case ACTION_WRAPPER:
	case ACTION_IOREMAP:
	case ACTION_BLOCK:
	case ACTION_BLOCK_CLEAR:
	case ACTION_TABLE:
	case ACTION_BREAK:
		break;
	}
}

/* ---- ends ---------------------------------------------------------------------------------- */

/* The mapping that an ioremap's return tells of, where no range function did. */
static void emit_returned_map(struct pairing *pairing, struct frame *frame, uint64_t va)
{
	struct mmu_event event = frame->event;

	if ((frame->callee->function->flags & RAM_IS_LINEAR) || !frame->size || !is_kernel_va(va))
		return;
	event.has_va = true;
	event.va = va & ~(PAGE - 1);
	event.end = (va + frame->size + PAGE - 1) & ~(PAGE - 1);
	event.pa &= ~(PAGE - 1);
	event.in_ioremap = true;
	if (event.end > event.va)
		emit_map(pairing, frame, &event);
}

/* The ioremap around this one whose return may tell the address; NULL when there is none. */
static struct frame *find_outer_ioremap(const struct frame *frame)
{
	uint32_t depth = frame->task->depth - 1;
	struct frame *outer = find_call(frame->task, ACTION_IOREMAP, &depth);

	return outer && outer->callee->returns != RETURNS_UNTRACED ? outer : NULL;
}

/* Emits what waited for the ioremap's address, now that it is known or will not be. */
static void end_waiting(struct pairing *pairing, struct frame *frame)
{
	const struct frame *owner = frame->task->frame[0];
	struct frame *outer = owner->has_mapped ? NULL : find_outer_ioremap(frame);
	struct waiting *next;

	for (struct waiting *waiting = frame->waiting.first; waiting; waiting = next) {
		next = waiting->next;
		if (outer) {
			waiting_add(&outer->waiting, waiting);
			continue;
		}
		if (owner->has_mapped) {
			waiting->event.within.va = owner->mapped.va;
			waiting->event.within.end = owner->mapped.end;
			waiting->event.within.has_pa = owner->mapped.has_pa;
			waiting->event.within.pa = owner->mapped.pa;
		}
		outbox_push(pairing->outbox, &waiting->event);
		pool_put(&pairing->tasks.waiting_pool, waiting);
	}
	frame->waiting = (struct waiting_list){0};
}

static void end_ioremap(struct pairing *pairing, struct frame *frame, struct ending *ending)
{
	struct frame *owner = frame->task->frame[0];
	uint64_t va = ending->returned && ending->has_result ? canonical(ending->result) : 0;
	bool is_mapped = va && owner->has_mapped && va - owner->mapped.va < LARGEST_PAGE;

	/* An address that is not this mapping's is another call's, after a loss. */
	if (ending->returned && !is_mapped &&
	    ((va && owner->has_mapped) || is_damaged(pairing, frame))) {
		*ending = (struct ending){.returned = false};
		pairing->nr_stray_returns++;
	} else if (va && !owner->has_mapped) {
		emit_returned_map(pairing, frame, va);
	}
	end_waiting(pairing, frame);
}

/* Whether the call made only a part of the mapping. */
static bool is_part_of(const struct frame *frame, const struct mmu_event *mapped)
{
	return has_range(frame) &&
	       (frame->range.va != mapped->va || frame->range.end != mapped->end);
}

void mapping_end(struct pairing *pairing, struct frame *frame, const struct ending *ending)
{
	struct frame *owner = frame->task->frame[0];
	struct ending end = *ending;

	if (action_of(frame) == ACTION_IOREMAP)
		end_ioremap(pairing, frame, &end);
	enum event_done done = call_done(frame->callee, &end);

	if (end.origin)
		frame->origin = end.origin;
	/* Of purges, only one that returns a result says whether there was something to flush. */
	if (frame->callee->function->family == FAMILY_PURGE &&
	    frame->callee->function->result == RESULT_VOID)
		done = DONE_UNKNOWN;
	if (frame->held && done == DONE_NO)
		frame->held = false; /* nothing was flushed */
	release_event(pairing, frame, done, end.returned ? end.time : frame->event.where.time);
	if (frame->callee->function->family != FAMILY_MAP || !owner->has_mapped)
		return;
	/* The outermost return is the last word; an inner one stands in for it, if not of a part. */
	if (done == DONE_NO || (done == DONE_YES && !is_part_of(frame, &owner->mapped))) {
		owner->mapped.done = done;
		owner->mapped.end_time = end.time;
	}
	if (frame == owner)
		emit_map_end(pairing, owner);
}
