/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts what was recorded into the order of its times.
 *
 * perf record empties the ring buffers of the CPUs one after the other, again and again, so that the
 * records of a file are sorted only piece by piece.  After each pass over all buffers it writes a
 * FINISHED_ROUND.  What a round brings may be earlier than the newest of the round before it, but
 * not than the newest of the one before that: it would have been in its buffer then, and read
 * (tools/perf/util/session.c, at process_finished_round()).
 *
 *     CPU 0   1 2 3    |  6 7    |       After the second round 1 to 5 may leave: what is still to
 *     CPU 1     2 4 5  |    8 9  |       come is newer than 5.
 *               ROUND ^    ROUND ^
 *
 * Items are kept as ascending runs, in blocks in the order of their arrival, and the runs are merged.
 * Memory is bounded: where rounds do not end, the earlier half leaves.
 */
#ifndef MMUREPLAY_CAPTURE_PERF_QUEUE_H
#define MMUREPLAY_CAPTURE_PERF_QUEUE_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#include "capture/merge.h"

enum {
	QUEUE_BLOCK_SIZE = 128 * 1024,
	/* 40 MiB: some 400,000 events, as many as 64 CPUs have in buffers of the usual size. */
	QUEUE_MAX_BLOCKS = 320,
	/* The largest item. */
	QUEUE_ITEM_MAX = 96 * 1024,
};

/* What every item begins with. */
struct queue_item {
	uint64_t time;
	uint32_t size; /* of all of it, a multiple of 8 */
};

struct queue_block {
	struct queue_block *next; /* filled after this one; or free as this one */
	uint32_t used;		  /* bytes */
	uint32_t nr_items;	  /* that have not left yet */
	alignas(uint64_t) unsigned char data[QUEUE_BLOCK_SIZE];
};

/* Items that arrived one after the other, none earlier than the one before. */
struct queue_run {
	struct queue_block *block; /* where the first is that is left ... */
	uint32_t at;		   /* ... and at which offset */
	uint32_t count;		   /* of those that are left */
};

struct queue {
	struct merge merge; /* of runs */
	struct arena arena;
	struct pool runs;
	struct queue_run *open; /* the newest run, to which the next item may belong */
	uint64_t open_end;	/* time of its last item */
	uint64_t nr_runs;
	struct queue_block *filling;
	struct queue_block *free;
	uint32_t used_blocks;
	bool is_draining;   /* there are too many blocks: whatever the time, the earliest leaves */
	uint64_t newest;    /* time of all that were ever added */
	uint64_t round_end; /* what it was at the end of the last round */
	uint64_t limit;	    /* what is not later may leave */
};

void queue_init(struct queue *queue);
void queue_deinit(struct queue *queue);

/* The part of queue_add() for what begins a run or a block. */
void *queue_add_slowly(struct queue *queue, uint64_t time, size_t size);

/* Adds to the open run, in the block that is being filled and has room. */
static inline void *queue_extend_(struct queue *queue, uint64_t time, size_t size)
{
	struct queue_block *block = queue->filling;
	struct queue_item *item = (struct queue_item *)(block->data + block->used);

	queue->open->count++;
	queue->open_end = time;
	if (time > queue->newest)
		queue->newest = time;
	block->used += (uint32_t)size;
	block->nr_items++;
	item->time = time;
	item->size = (uint32_t)size;
	return item;
}

/*
 * Adds an item of `size` bytes, a multiple of 8 up to QUEUE_ITEM_MAX, for the caller to fill in
 * behind what is there.  NULL when memory is short.
 */
static inline void *queue_add(struct queue *queue, uint64_t time, size_t size)
{
	if (queue->open && time >= queue->open_end &&
	    queue->filling->used + size <= QUEUE_BLOCK_SIZE)
		return queue_extend_(queue, time, size);
	return queue_add_slowly(queue, time, size);
}

/* A round is finished, or all of them are. */
void queue_finish_round(struct queue *queue);
void queue_finish(struct queue *queue);

static inline struct queue_item *queue_item_at(struct queue_block *block, uint32_t at)
{
	return (struct queue_item *)(block->data + at);
}

/* The part of queue_take() for the last item of a run or of a block. */
void *queue_take_slowly(struct queue *queue);

/* Takes the earliest item that may leave, valid until the next call; NULL when there is none. */
static inline void *queue_take(struct queue *queue)
{
	const struct merge_item *first = merge_first(&queue->merge);

	if (!first || (first->time > queue->limit && !queue->is_draining))
		return NULL;
	struct queue_run *run = first->stream;
	struct queue_block *block = run->block;
	struct queue_item *item = queue_item_at(block, run->at);
	uint32_t next = run->at + item->size;

	if (run->count == 1 || next == block->used)
		return queue_take_slowly(queue);
	run->count--;
	run->at = next;
	block->nr_items--;
	merge_replace(&queue->merge, queue_item_at(block, next)->time);
	return item;
}

#endif
