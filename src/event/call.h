/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one call or return says by itself. */
#ifndef MMUREPLAY_EVENT_CALL_H
#define MMUREPLAY_EVENT_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "event/classify.h"
#include "event/task.h"

/* How a call ended. */
struct ending {
	bool returned; /* its return was seen */
	bool has_result;
	uint64_t result;
	uint64_t time;
	const struct event_origin *origin; /* as the return tells; NULL: unknown */
};

/* What the arguments say, into `call`, which is no frame of a task. */
void call_read(const struct plan *plan, const struct record *record,
	       const struct event_where *where, struct frame *call);

/* Did the function do what it is for? */
enum event_done call_done(const struct callee *callee, const struct ending *ending);

/* Whether the function is about a single entry. */
static inline bool call_is_entry(const struct callee *callee)
{
	enum function_action action = callee->function->action;

	return action == ACTION_BLOCK || action == ACTION_BLOCK_CLEAR || action == ACTION_TABLE ||
	       action == ACTION_BREAK;
}

/* Whether `callee` can be called, perhaps by way of others, from within `outer`. */
bool call_can_be_within(const struct callee *callee, const struct callee *outer);

static inline bool is_kernel_va(uint64_t va)
{
	return va >> 55 & 1;
}

/* An address of either half without what a pointer's top byte may hold: a tag. */
static inline uint64_t canonical(uint64_t va)
{
	return (uint64_t)((int64_t)(va << 8) >> 8);
}

#endif
