/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls that each task is in, outermost first, as far as their events tell. */
#ifndef MMUREPLAY_EVENT_TASK_H
#define MMUREPLAY_EVENT_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "base/arena.h"
#include "base/hash.h"

#include "event/classify.h"

/* More than there are functions that nest in one another. */
enum {
	MAX_DEPTH = 32
};

/* The lists that a frame can be in; each is in the order of the calls. */
enum frame_list_id {
	LIST_OPEN, /* all */
	LIST_HELD, /* those whose event waits, with no knowledge whether a return will come */
	FRAME_LISTS
};

struct frame_link {
	struct frame *previous, *next;
};

struct frame_list {
	struct frame *first, *last;
};

/* A range of addresses being mapped or cleared. */
struct range {
	uint64_t va, end; /* both 0: not known */
	bool has_pa;
	uint64_t pa;
};

/* An event without VA that waits for the enclosing ioremap to return it. */
struct waiting {
	struct waiting *next;
	struct mmu_event event;
};

struct waiting_list {
	struct waiting *first, *last;
};

/* One call that is not known to be over. */
struct frame {
	struct callee *callee;
	const struct plan *plan;
	struct task *task;
	uint32_t cpu;		/* at the call */
	struct mmu_event event; /* what the call said; what is emitted at its end, if `held` */
	bool held;
	bool silent;	    /* somebody else's business, or told by an enclosing call */
	struct range range; /* MAP, CLEAR */
	uint64_t size;	    /* IOREMAP; 0: unknown */

	/* The outermost call of a mapping: */
	bool has_mapped;		   /* EVENT_MAP was emitted, EVENT_MAP_END was not */
	struct mmu_event mapped;	   /* that EVENT_MAP, with what is known of its end */
	const struct event_origin *origin; /* NULL: not known by now */

	/* An ioremap: */
	struct waiting_list waiting;

	struct frame_link link[FRAME_LISTS];
	bool linked[FRAME_LISTS];
};

struct task {
	uint64_t key;
	uint64_t last_order; /* of its newest record that mattered here */
	uint64_t last_time;  /* likewise */
	uint32_t last_cpu;
	uint32_t depth;
	struct frame *frame[MAX_DEPTH];
};

struct tasks {
	struct arena *arena;
	struct hash_map by_key; /* tasks that are in a call */
	uint64_t last_key;	/* that was asked for, as the next most often is; 0: none */
	struct task *last;	/* what was found */
	struct pool task_pool, frame_pool, waiting_pool;
	struct frame_list list[FRAME_LISTS];
	size_t nr_frames;
};

void tasks_init(struct tasks *tasks, struct arena *arena);
void tasks_deinit(struct tasks *tasks);

/* Each CPU has an idle task of its own, all with pid 0; so has each a task that nobody named. */
static inline uint64_t task_key(const struct record *record)
{
	enum {
		NAMED = 1,
		IDLE = 2,
		NAMELESS = 3
	};

	if (record->pid == 0)
		return (uint64_t)IDLE << 32 | record->cpu;
	if (record->pid == PID_UNKNOWN)
		return (uint64_t)NAMELESS << 32 | record->cpu;
	return (uint64_t)NAMED << 32 | (uint32_t)record->pid;
}

/* The task that `record` is of, if it is in a call; otherwise NULL. */
static inline struct task *task_find(struct tasks *tasks, const struct record *record)
{
	if (!tasks->by_key.count)
		return NULL;
	uint64_t key = task_key(record);

	if (key != tasks->last_key) {
		tasks->last_key = key;
		tasks->last = hash_get(&tasks->by_key, key);
	}
	return tasks->last;
}

/* The task, in a call or not; NULL when memory is short. */
struct task *task_get(struct tasks *tasks, const struct record *record);

/* Opens a call in `task`: a copy of `call`.  NULL when memory is short. */
struct frame *task_push(struct tasks *tasks, struct task *task, const struct frame *call);

/* Ends the innermost call. */
void task_pop(struct tasks *tasks, struct task *task);

/* Forgets the task if it is in no call. */
void task_put(struct tasks *tasks, struct task *task);

/* The task did something that matters here: the record with this order. */
static inline void task_touch(struct task *task, const struct record *record, uint64_t order)
{
	task->last_order = order;
	task->last_time = record->time;
	task->last_cpu = record->cpu;
}

/* The innermost call; NULL when there is none. */
static inline struct frame *task_top(const struct task *task)
{
	return task->depth ? task->frame[task->depth - 1] : NULL;
}

void waiting_add(struct waiting_list *list, struct waiting *waiting);

void frame_list_add(struct tasks *tasks, struct frame *frame, enum frame_list_id id);
void frame_list_remove(struct tasks *tasks, struct frame *frame, enum frame_list_id id);

#endif
