/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/merge.h"

void merge_deinit(struct merge *merge)
{
	array_deinit(&merge->heap);
}

bool merge_push(struct merge *merge, uint64_t time, uint64_t rank, void *stream)
{
	struct merge_item item = {time, rank, stream};

	if (!array_push(&merge->heap, item))
		return false;
	struct merge_item *heap = merge->heap.at;
	size_t i = merge->heap.count - 1;

	for (; i > 0 && merge_is_before(&item, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = item;
	return true;
}

void merge_sift_down(struct merge *merge)
{
	struct merge_item *heap = merge->heap.at;
	size_t count = merge->heap.count;
	struct merge_item item = heap[0];
	size_t i = 0;

	for (size_t child = 1; child < count; child = 2 * i + 1) {
		if (child + 1 < count && merge_is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!merge_is_before(&heap[child], &item))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = item;
}
