/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call shows of the earlier calls of its task: which of them must be over. */
#include "event/pair.h"

/* The kernel's largest page: addresses that it has rounded agree at least this far. */
#define LARGEST_PAGE UINT64_C(65536)

/* How long a task may be off its CPU within one call, most often. */
enum {
	STALE_NS = 10 * 1000 * 1000
};

struct frame *find_call(const struct task *task, enum function_action action, uint32_t *depth)
{
	while (*depth && action_of(task->frame[*depth - 1]) != action)
		--*depth;
	return *depth ? task->frame[*depth - 1] : NULL;
}

struct frame *find_range(const struct task *task, enum function_action action, uint32_t *depth)
{
	struct frame *call = find_call(task, action, depth);

	while (call && !has_range(call)) {
		--*depth;
		call = find_call(task, action, depth);
	}
	return call;
}

/* ---- whole mappings ------------------------------------------------------------------------ */

static bool covers(const struct range *outer, const struct range *inner)
{
	return outer->va <= inner->va && inner->end <= outer->end;
}

/* A range within another call's range is part of it; any other shows that call to be over. */
static void check_ranges(struct pairing *pairing, struct task *task, const struct frame *call)
{
	uint32_t depth = task->depth;
	struct frame *outer = find_call(task, action_of(call), &depth);

	while (outer && has_range(call) && has_range(outer) &&
	       !covers(&outer->range, &call->range)) {
		end_calls(pairing, task, depth - 1);
		depth = task->depth;
		outer = find_call(task, action_of(call), &depth);
	}
}

/* Whether a mapping of `pa`.. can be what this ioremap asked for. */
static bool fits_ioremap(const struct frame *ioremap, const struct mmu_event *event)
{
	const struct mmu_event *asked = &ioremap->event;

	if (!asked->has_pa || !event->has_pa)
		return true;
	return event->pa >= (asked->pa & ~(LARGEST_PAGE - 1)) &&
	       event->pa <= asked->pa + ioremap->size;
}

/* Whether the call maps physical addresses; the others map arrays of pages, which no ioremap does. */
static bool maps_addresses(const struct frame *call)
{
	const struct kernel_function *function = call->callee->function;

	return action_of(call) == ACTION_IOREMAP ||
	       (function->argument[2] == ROLE_PHYS &&
		!((function->flags & NEW_ARGUMENTS) && call->event.pages_only));
}

/* An ioremap maps what it was asked for, and once. */
static void check_ioremap(struct pairing *pairing, struct task *task, const struct frame *call)
{
	uint32_t depth = task->depth, ranges = task->depth;
	const struct frame *ioremap = find_call(task, ACTION_IOREMAP, &depth);

	if (!ioremap)
		return;
	bool is_second = task->frame[0]->has_mapped &&
			 (action_of(call) != ACTION_MAP || !find_call(task, ACTION_MAP, &ranges));

	if (is_second || !maps_addresses(call) || !fits_ioremap(ioremap, &call->event))
		end_calls(pairing, task, 0);
}

static bool is_same_page(uint64_t a, uint64_t b)
{
	return (a & ~(LARGEST_PAGE - 1)) == (b & ~(LARGEST_PAGE - 1));
}

/* What is undone inside an iounmap is what it was asked to undo. */
static void check_unmap(struct pairing *pairing, struct task *task, const struct frame *call)
{
	uint32_t depth = task->depth;
	const struct frame *unmap = find_call(task, ACTION_UNMAP, &depth);

	while (unmap && unmap->event.has_va && call->event.has_va &&
	       !is_same_page(unmap->event.va, call->event.va)) {
		end_calls(pairing, task, depth - 1);
		depth = task->depth;
		unmap = find_call(task, ACTION_UNMAP, &depth);
	}
}

/* ---- entries ------------------------------------------------------------------------------- */

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
 * traced, and the task has not been heard of for longer than it waits for its turn.  Blocks are cleared
 * by the functions of the dictionary alone, but tables are made in many places.
 */
static bool is_stale(const struct pairing *pairing, const struct frame *range,
		     const struct frame *call)
{
	const struct mmu_event *event = &call->event;
	bool is_shown = event->has_va || (event->has_pa && range->range.has_pa);

	return !is_shown && action_of(call) != ACTION_BLOCK_CLEAR &&
	       range->callee->returns != RETURNS_TRACED &&
	       !is_recent(pairing, range->task, event->where.time, STALE_NS);
}

static void check_entry(struct pairing *pairing, struct task *task, struct frame *call)
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

void end_what_is_over(struct pairing *pairing, struct task *task, struct frame *call)
{
	switch (action_of(call)) {
	case ACTION_MAP:
		check_ranges(pairing, task, call);
		check_ioremap(pairing, task, call);
		break;
	case ACTION_IOREMAP:
		check_ioremap(pairing, task, call);
		break;
	case ACTION_CLEAR:
		check_ranges(pairing, task, call);
		check_unmap(pairing, task, call);
		break;
	case ACTION_UNMAP:
		check_unmap(pairing, task, call);
		break;
	case ACTION_BLOCK:
	case ACTION_BLOCK_CLEAR:
	case ACTION_TABLE:
	case ACTION_BREAK:
		check_entry(pairing, task, call);
		break;
	case ACTION_NONE:
	case ACTION_WRAPPER:
	case ACTION_FLUSH:
		break;
	}
}
