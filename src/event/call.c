/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/call.h"

/* A page_shift up to this one is that of a page in some granule; the smallest block has 21. */
enum {
	MAX_PAGE_SHIFT = 16
};

enum event_done call_done(const struct callee *callee, const struct ending *ending)
{
	bool done = true;

	if (!ending->returned)
		return DONE_UNKNOWN;
	if (callee->function->result == RESULT_VOID)
		return DONE_YES;
	/* A part of a function may return nothing: then this is whatever was in x0. */
	if (!ending->has_result || (callee->result_unsure && ending->result != 1))
		return DONE_UNKNOWN;
	/* The upper half of x0 is undefined for an int, and all but 8 bits for a bool. */
	switch (callee->function->result) {
	case RESULT_VOID:
		break;
	case RESULT_POINTER:
		done = ending->result != 0;
		break;
	case RESULT_ERROR:
		done = (int32_t)ending->result >= 0;
		break;
	case RESULT_INT:
		done = (uint32_t)ending->result != 0;
		break;
	case RESULT_BOOL:
		done = (uint8_t)ending->result != 0;
		break;
	}
	return done ? DONE_YES : DONE_NO;
}

bool call_can_be_within(const struct callee *callee, const struct callee *outer)
{
	/* Of these, only functions that break an entry call one another, from level to level. */
	if (call_is_entry(callee) && call_is_entry(outer) &&
	    (callee->function->action != ACTION_BREAK || outer->function->action != ACTION_BREAK))
		return false;
	/* An ioremap is called by drivers or by another ioremap. */
	if (callee->function->action == ACTION_IOREMAP && outer->function->action != ACTION_IOREMAP)
		return false;
	return outer->rank < callee->rank && outer->function->family <= callee->function->family;
}

/*
 * vmap_page_range() once had (prot, pages) where it has (phys, prot) now.  `pages` points into the
 * kernel; no prot has all of its upper bits set.
 */
static void settle_arguments(struct mmu_event *event, bool has_pages)
{
	bool is_pointer = event->has_prot && is_kernel_va(event->prot) && event->prot >> 56 == 0xff;

	if (!has_pages && !is_pointer)
		return;
	if (is_pointer) {
		event->has_prot = event->has_pa;
		event->prot = event->pa;
	}
	event->has_pa = false;
	event->pa = 0;
	event->pages_only = true;
}

static void read_range(const struct plan *plan, const struct record *record, struct frame *call)
{
	struct mmu_event *event = &call->event;

	if (field_get(&plan->fields, record, ROLE_END, &event->end))
		event->end = canonical(event->end);
	else if (call->size)
		event->end = event->va + call->size;
	/* The last range of the address space ends at 2^64, which is no number here. */
	if (!event->has_va || event->end <= event->va)
		event->end = 0;
	else
		call->range = (struct range){event->va, event->end, event->has_pa, event->pa};
}

static enum mmu_event_kind event_kind(enum function_action action)
{
	static const enum mmu_event_kind kinds[] = {
		[ACTION_NONE] = EVENT_KINDS,  [ACTION_WRAPPER] = EVENT_KINDS,
		[ACTION_IOREMAP] = EVENT_MAP, [ACTION_MAP] = EVENT_MAP,
		[ACTION_UNMAP] = EVENT_UNMAP, [ACTION_CLEAR] = EVENT_CLEAR,
		[ACTION_BLOCK] = EVENT_BLOCK, [ACTION_BLOCK_CLEAR] = EVENT_BLOCK_CLEAR,
		[ACTION_TABLE] = EVENT_TABLE, [ACTION_BREAK] = EVENT_BREAK,
		[ACTION_FLUSH] = EVENT_FLUSH,
	};

	return kinds[action];
}

void call_read(const struct plan *plan, const struct record *record,
	       const struct event_where *where, struct frame *call)
{
	const struct kernel_function *function = plan->callee->function;
	struct mmu_event *event = &call->event;
	uint64_t shift;

	*call = (struct frame){
		.callee = plan->callee,
		.plan = plan,
		.cpu = record->cpu,
		.event = {.kind = event_kind(function->action),
			  .where = *where,
			  .end_time = where->time,
			  .symbol = plan->symbol,
			  .level = function->level,
			  .pages_only = function->flags & ONLY_PAGES},
	};
	if (field_get(&plan->fields, record, ROLE_ENTRY, &event->entry))
		event->entry = canonical(event->entry);
	event->has_old = field_get(&plan->fields, record, ROLE_OLD, &event->old);
	event->has_pa = field_get(&plan->fields, record, ROLE_PHYS, &event->pa);
	event->has_prot = field_get(&plan->fields, record, ROLE_PROT, &event->prot);
	event->has_va = field_get(&plan->fields, record, ROLE_VA, &event->va);
	event->va = canonical(event->va);
	field_get(&plan->fields, record, ROLE_SIZE, &call->size);
	if (function->flags & NEW_ARGUMENTS)
		settle_arguments(event, plan->fields.at[ROLE_PAGES] != FIELD_NONE);
	if (field_get(&plan->fields, record, ROLE_SHIFT, &shift) && shift <= MAX_PAGE_SHIFT)
		event->pages_only = true;
	read_range(plan, record, call);
}
