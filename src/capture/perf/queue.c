/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "capture/perf/queue.h"

void queue_init(struct queue *queue)
{
	*queue = (struct queue){0};
	pool_init(&queue->runs, &queue->arena, sizeof(struct queue_run));
}

static void free_blocks(struct queue_block *block)
{
	while (block) {
		struct queue_block *next = block->next;

		free(block);
		block = next;
	}
}

void queue_deinit(struct queue *queue)
{
	queue_finish(queue);
	while (queue_take(queue))
		;
	free_blocks(queue->free);
	free_blocks(queue->filling);
	merge_deinit(&queue->merge);
	arena_deinit(&queue->arena);
}

/* Makes room for an item where the next one goes. */
static bool make_room(struct queue *queue, size_t size)
{
	struct queue_block *last = queue->filling;

	if (last && last->nr_items == 0) /* all of them have left */
		last->used = 0;
	if (last && last->used + size <= QUEUE_BLOCK_SIZE)
		return true;
	struct queue_block *block = queue->free;

	if (block)
		queue->free = block->next;
	else
		block = malloc(sizeof(*block));
	if (!block)
		return false;
	block->next = NULL;
	block->used = 0;
	block->nr_items = 0;
	if (last)
		last->next = block;
	queue->filling = block;
	queue->used_blocks++;
	if (queue->used_blocks > QUEUE_MAX_BLOCKS)
		queue->is_draining = true;
	return true;
}

/* Begins a run with the item that comes next; false when memory is short. */
static bool begin_run(struct queue *queue, uint64_t time)
{
	struct queue_run *run = pool_get(&queue->runs);

	if (!run || !merge_push(&queue->merge, time, queue->nr_runs, run))
		return false;
	queue->nr_runs++;
	run->block = queue->filling;
	run->at = queue->filling->used;
	queue->open = run;
	return true;
}

void *queue_add_slowly(struct queue *queue, uint64_t time, size_t size)
{
	if (!make_room(queue, size))
		return NULL;
	if ((!queue->open || time < queue->open_end) && !begin_run(queue, time))
		return NULL;
	return queue_extend_(queue, time, size);
}

void queue_finish_round(struct queue *queue)
{
	queue->limit = queue->round_end;
	queue->round_end = queue->newest;
}

void queue_finish(struct queue *queue)
{
	queue->limit = UINT64_MAX;
}

static void take_from_block(struct queue *queue, struct queue_block *block)
{
	if (--block->nr_items > 0 || block == queue->filling)
		return;
	block->next = queue->free;
	queue->free = block;
	queue->used_blocks--;
	if (queue->used_blocks <= QUEUE_MAX_BLOCKS / 2)
		queue->is_draining = false;
}

/* Moves the run whose first item was taken on to the next one, or ends it. */
static void advance(struct queue *queue, struct queue_run *run, uint32_t size)
{
	if (--run->count == 0) {
		if (run == queue->open)
			queue->open = NULL;
		merge_drop(&queue->merge);
		pool_put(&queue->runs, run);
		return;
	}
	run->at += size;
	if (run->at == run->block->used) {
		run->block = run->block->next;
		run->at = 0;
	}
	merge_replace(&queue->merge, queue_item_at(run->block, run->at)->time);
}

void *queue_take_slowly(struct queue *queue)
{
	struct queue_run *run = merge_first(&queue->merge)->stream;
	struct queue_block *block = run->block;
	struct queue_item *item = queue_item_at(block, run->at);

	advance(queue, run, item->size);
	take_from_block(queue, block);
	return item;
}
