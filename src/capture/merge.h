/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges streams of records, each ordered by time, into one: a binary heap of the streams' next
 * records.  Of records with the same time, that of the stream with the lower rank comes first.
 *
 *     merge_push() each stream that has a record
 *     while ((item = merge_first())):
 *         use the record of item->stream, move the stream on
 *         merge_replace() with the time of its next record, or merge_drop() at its end
 */
#ifndef MMUREPLAY_CAPTURE_MERGE_H
#define MMUREPLAY_CAPTURE_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"

struct merge_item {
	uint64_t time; /* of the stream's next record */
	uint64_t rank;
	void *stream;
};

/* A merge that is all zero is empty and valid. */
struct merge {
	ARRAY_OF(struct merge_item) heap;
};

void merge_deinit(struct merge *merge);

/* Adds a stream; false when memory is short. */
bool merge_push(struct merge *merge, uint64_t time, uint64_t rank, void *stream);

/* The parts of merge_replace() and merge_drop() that move items. */
void merge_sift_down(struct merge *merge);

/* The stream whose record is next; NULL when there is none left. */
static inline const struct merge_item *merge_first(const struct merge *merge)
{
	return merge->heap.count ? merge->heap.at : NULL;
}

static inline bool merge_is_before(const struct merge_item *a, const struct merge_item *b)
{
	return a->time != b->time ? a->time < b->time : a->rank < b->rank;
}

/* The first stream's next record is at `time`. */
static inline void merge_replace(struct merge *merge, uint64_t time)
{
	struct merge_item *heap = merge->heap.at;
	size_t count = merge->heap.count;

	heap[0].time = time;
	/* Records come in bursts of one CPU: most often the first stream stays the first. */
	if ((count > 1 && !merge_is_before(&heap[0], &heap[1])) ||
	    (count > 2 && !merge_is_before(&heap[0], &heap[2])))
		merge_sift_down(merge);
}

/* The first stream has no more records. */
static inline void merge_drop(struct merge *merge)
{
	merge->heap.at[0] = merge->heap.at[--merge->heap.count];
	merge_sift_down(merge);
}

#endif
