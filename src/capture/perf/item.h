/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a record waits in the queue for its turn. */
#ifndef MMUREPLAY_CAPTURE_PERF_ITEM_H
#define MMUREPLAY_CAPTURE_PERF_ITEM_H

#include <mmureplay/capture.h>

#include "capture/event-plan.h"
#include "capture/perf/queue.h"
#include "capture/perf/threads.h"
#include "capture/types.h"

enum item_kind {
	ITEM_SAMPLE,
	ITEM_LOST,
	ITEM_COMM,
	ITEM_FORK,
	ITEM_EXIT,
};

struct item {
	struct queue_item queue;
	enum item_kind kind;
	uint64_t position;
	uint32_t cpu;
	int32_t pid; /* of the thread */
	union {
		struct {
			/* How its event was found to be read when it was met. */
			const struct event_plan *plan;
			const struct known_type *known;
			uint32_t nr_frames;
			uint32_t raw_size;
		} sample;
		uint64_t lost;
		char comm[COMM_MAX]; /* with a NUL where it is shorter */
		int32_t parent;
	};
	/* ITEM_SAMPLE: the frames' addresses, then the raw data. */
	uint64_t frame[];
};

#endif
