/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls and returns -> events.
 *
 * Each task has a stack of the calls it is in.  A call leaves it with its return; or when the task
 * does what it cannot do from within that call; or when it has been open for too long.  pair.c keeps
 * the stacks; mapping.c and entry.c know what a call of each sort tells the model, and when; nesting.c
 * knows what shows a call to be over; site.c places instructions.
 */
#ifndef MMUREPLAY_EVENT_PAIR_H
#define MMUREPLAY_EVENT_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/hash.h"

#include "event/call.h"
#include "event/classify.h"
#include "event/origin.h"
#include "event/outbox.h"
#include "event/task.h"

/* Where an address was found to be, see site.c. */
struct site_memo {
	uint64_t address;  /* 0: none */
	size_t nr_entries; /* that were known then */
	const struct kernel_function *function;
};

enum {
	SITE_MEMOS = 64 /* some times the TLBI sites of a kernel */
};

struct pairing {
	struct tasks tasks;
	struct origins origins;
	struct outbox *outbox;
	bool clock_is_ticks; /* times are no durations: ages are counted in records */
	bool sees_page_allocs;
	uint64_t due; /* no call and no event has waited for too long before this; 0: not known */
	size_t nr_tables; /* open calls that allocate a table of the kernel's */
	ARRAY_OF(const struct callee *) entries; /* of known address */
	struct site_memo sites[SITE_MEMOS];	 /* by address */
	ARRAY_OF(uint64_t) lost_order;		 /* by CPU: order of its newest loss; 0: none */
	uint64_t nr_missing_returns;		 /* as in struct event_summary */
	uint64_t nr_stray_returns;
	bool out_of_memory;
};

void pairing_init(struct pairing *pairing, struct arena *arena, struct interned *strings,
		  struct outbox *outbox);
void pairing_deinit(struct pairing *pairing);

void pair_call(struct pairing *pairing, const struct plan *plan, const struct record *record,
	       const struct event_where *where);
void pair_return(struct pairing *pairing, const struct plan *plan, const struct record *record,
		 uint64_t order);

/* A page left the allocator, one that can be a table by its order and flags, or came back to it. */
void pair_page_alloc(struct pairing *pairing, const struct record *record, uint64_t pfn,
		     bool may_be_table);
void pair_page_free(struct pairing *pairing, const struct record *record, uint64_t pfn);

/* Says in which call an instruction was issued: inside, in_flush, in_break. */
void pair_instruction(struct pairing *pairing, const struct plan *plan, const struct record *record,
		      uint64_t order, struct mmu_event *event);

/* The call chain of the record with this order. */
void pair_stack(struct pairing *pairing, const struct record *record, uint64_t order);

/* Events of `cpu` were lost before the record with this order. */
void pair_lost(struct pairing *pairing, uint32_t cpu, uint64_t order);

/* The part of pair_time() for when something may be due by `now`: a time, or the order of a record. */
void pair_end_due(struct pairing *pairing, uint64_t now);

/* Ends what has waited for too long. */
static inline void pair_time(struct pairing *pairing, uint64_t time, uint64_t order)
{
	uint64_t now = pairing->clock_is_ticks ? order : time;

	if (pairing->tasks.nr_frames && now >= pairing->due)
		pair_end_due(pairing, now);
}

/* The end of the capture: emits all that still waits. */
void pair_finish(struct pairing *pairing);

/* ---- between these files -------------------------------------------------------------------- */

static inline enum function_action action_of(const struct frame *frame)
{
	return frame->callee->function->action;
}

/* The innermost call with this action from `*depth` outwards, its place + 1 there; or NULL. */
struct frame *find_call(const struct task *task, enum function_action action, uint32_t *depth);

/* Likewise, but its range is known. */
struct frame *find_range(const struct task *task, enum function_action action, uint32_t *depth);

/* The calls that an entry of this call lies in: blocks are cleared where ranges are cleared. */
static inline enum function_action range_action(const struct frame *call)
{
	return action_of(call) == ACTION_BLOCK_CLEAR ? ACTION_CLEAR : ACTION_MAP;
}

/* Ends the innermost calls of `task`, down to that at `depth`: none of their returns was seen. */
void end_calls(struct pairing *pairing, struct task *task, uint32_t depth);

/* Whether the task did something that matters here no longer than `limit` ns before `time`. */
static inline bool is_recent(const struct pairing *pairing, const struct task *task, uint64_t time,
			     uint64_t limit)
{
	return pairing->clock_is_ticks || time < task->last_time + limit;
}

/* Whether events of this call, or what followed it, may have been lost. */
bool is_damaged(const struct pairing *pairing, const struct frame *frame);

static inline bool has_range(const struct frame *frame)
{
	return frame->range.end != 0;
}

/* Ends those of the task's calls that `call`, about to be made, shows to be over. */
void end_what_is_over(struct pairing *pairing, struct task *task, struct frame *call);

/* The call has been made: it is the innermost. */
void mapping_begin(struct pairing *pairing, struct frame *frame, const struct record *record);
void entry_begin(struct pairing *pairing, struct frame *frame);

/* The call is over; it is still the innermost. */
void mapping_end(struct pairing *pairing, struct frame *frame, const struct ending *ending);
void entry_end(struct pairing *pairing, struct frame *frame, const struct ending *ending);

/* Keeps the frame's event until its function returns, or emits it where no return is to be seen. */
void hold_event(struct pairing *pairing, struct frame *frame);

/* Emits the event that was held. */
void release_event(struct pairing *pairing, struct frame *frame, enum event_done done,
		   uint64_t time);

/* Emits an event about an entry; it waits for the enclosing ioremap where only that knows its VA. */
void emit_entry(struct pairing *pairing, const struct frame *frame, const struct mmu_event *event);

#endif
