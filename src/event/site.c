/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an instruction was issued: in which function its site is, and in which call its task is. */
#include "event/pair.h"

/* How long a call whose return is not traced is taken to last, with nothing to tell. */
enum {
	RECENT_NS = 1000 * 1000
};

enum {
	MAX_FUNCTION_BYTES = 4096, /* no function of the dictionary is longer */
	INSTRUCTION_BYTES = 4
};

/* The function that an instruction is in, as far as one can tell. */
struct site {
	bool is_known; /* `function` NULL: in none of the dictionary's */
	const struct kernel_function *function;
};

/* The function whose entry is the nearest before the address; NULL: in none of the dictionary's. */
static const struct kernel_function *function_at(const struct pairing *pairing, uint64_t address)
{
	const struct callee *nearest = NULL;

	for (size_t i = 0; i < pairing->entries.count; i++) {
		const struct callee *entry = pairing->entries.at[i];

		if (address - entry->address < MAX_FUNCTION_BYTES &&
		    (!nearest || entry->address > nearest->address))
			nearest = entry;
	}
	return nearest ? nearest->function : NULL;
}

static struct site find_site(struct pairing *pairing, const struct plan *plan,
			     const struct record *record)
{
	uint64_t address = record->address;

	if (plan->symbol.length || !address || !pairing->entries.count)
		return (struct site){plan->symbol.length, plan->site};
	struct site_memo *memo = &pairing->sites[address / INSTRUCTION_BYTES % SITE_MEMOS];

	if (memo->address != address || memo->nr_entries != pairing->entries.count)
		*memo = (struct site_memo){address, pairing->entries.count,
					   function_at(pairing, address)};
	return (struct site){true, memo->function};
}

/* Whether a function of the dictionary can be called by that of `frame`. */
static bool can_call(const struct frame *frame, const struct kernel_function *function)
{
	const struct kernel_function *outer = frame->callee->function;

	return outer->family <= function->family && outer->rank <= function->rank;
}

/* Whether the instruction at `site` shows that its task is in this call, or lets one think so. */
static bool is_inside(const struct pairing *pairing, const struct frame *frame, struct site site,
		      uint64_t time)
{
	if (frame->silent)
		return false;
	if (frame->callee->returns == RETURNS_TRACED)
		return true;
	if (site.function == frame->callee->function)
		return true;
	/* It may be long over: a site in a function that it never calls tells nothing of it. */
	return is_recent(pairing, frame->task, time, RECENT_NS) &&
	       (!site.is_known || (site.function && can_call(frame, site.function)));
}

/* Whether the function invalidates a range by code of its own. */
static bool is_flush(const struct kernel_function *function)
{
	return function->action == ACTION_FLUSH || (function->flags & FLUSHES);
}

void pair_instruction(struct pairing *pairing, const struct plan *plan, const struct record *record,
		      uint64_t order, struct mmu_event *event)
{
	struct task *task = task_find(&pairing->tasks, record);
	struct site site = find_site(pairing, plan, record);
	const struct kernel_function *function = site.function;
	bool invalidates = event->kind == EVENT_TLBI || event->kind == EVENT_FLUSH;

	uint32_t depth = task ? task->depth : 0;

	while (depth && !is_inside(pairing, task->frame[depth - 1], site, record->time))
		depth--;
	if (depth) {
		const struct callee *callee = task->frame[depth - 1]->callee;

		event->inside = callee->symbol;
		if (!site.is_known)
			function = callee->function;
		task_touch(task, record, order);
	}
	/* The callers of a call that it is in are its callers, too. */
	for (uint32_t i = 0; i < depth; i++) {
		task->frame[i]->event.nr_tlbi += invalidates;
		task->frame[i]->callee->issues_tlbi |= invalidates;
	}
	event->in_flush = function && is_flush(function);
	event->in_break = function && function->action == ACTION_BREAK;
}
