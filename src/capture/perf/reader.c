/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of perf.data: records of the file -> queue -> records of the capture, in their order. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/try.h"

#include "capture/perf/item.h"
#include "capture/perf/perf.h"

/* No step of capture_next(): go on. */
enum {
	STEP_NEXT = -1
};

void perf_note_unread(struct capture *capture, uint64_t position)
{
	struct capture_info *info = &capture->info;

	if (info->nr_unread++ == 0)
		info->first_unread = (struct record_place){0, position};
}

/* The names that ftrace has for these clocks; without a clock perf has its own, sched_clock(). */
static const char *clock_name(const struct perf_attr *attr)
{
	/* clockid_t, include/uapi/linux/time.h */
	static const char *const names[] = {
		[0] = "realtime", [1] = "mono", [4] = "mono_raw", [7] = "boot", [11] = "tai",
	};
	const size_t nr_names = sizeof(names) / sizeof(names[0]);

	if (!attr->use_clockid)
		return "local";
	return attr->clockid >= 0 && (size_t)attr->clockid < nr_names ? names[attr->clockid] : NULL;
}

struct error *perf_add_event(struct capture *capture, const struct perf_attr *attr,
			     struct cursor *ids)
{
	struct perf_reader *reader = capture->reader;
	struct perf_event *event = events_add(&reader->events, attr);
	uint64_t id = 0;

	if (!event)
		return error_memory();
	if (attr->type == PERF_TYPE_TRACEPOINT && !capture->info.clock)
		capture->info.clock = clock_name(attr);
	while (cursor_left(ids)) {
		TRY(cursor_u64(ids, &id));
		if (!events_add_id(&reader->events, id, event))
			return error_memory();
	}
	return NULL;
}

/* ---- out of the queue ---------------------------------------------------------------------- */

static int hand_out_loss(uint32_t cpu, uint64_t lost, uint64_t position, struct record *record)
{
	record->type = NULL;
	record->time = 0;
	record->cpu = cpu;
	record->pid = PID_UNKNOWN;
	record->comm = (struct str){0};
	record->place = (struct record_place){0, position};
	record->address = 0;
	record->caller = (struct str){0};
	record->caller_address = 0;
	record->nr_fields = 0;
	record->nr_frames = 0;
	record->frame = NULL;
	record->lost = lost;
	return RECORD_LOST;
}

/* An item whose turn it is. */
static int hand_out(struct capture *capture, const struct item *item, struct record *record,
		    struct error **err)
{
	struct perf_reader *reader = capture->reader;
	bool has_memory = true;

	switch (item->kind) {
	case ITEM_SAMPLE:
		perf_decode_sample(capture, item, record);
		return RECORD_EVENT;
	case ITEM_LOST:
		return hand_out_loss(item->cpu, item->lost, item->position, record);
	case ITEM_COMM:
		has_memory = threads_name(&reader->threads, item->pid,
					  (struct str){item->comm, strnlen(item->comm, COMM_MAX)});
		break;
	case ITEM_FORK:
		has_memory = threads_fork(&reader->threads, item->pid, item->parent);
		break;
	case ITEM_EXIT:
		threads_exit(&reader->threads, item->pid);
		break;
	}
	if (has_memory)
		return STEP_NEXT;
	*err = error_memory();
	return RECORD_ERROR;
}

/* All records were handed out. */
static enum capture_step hand_out_end(struct capture *capture, struct record *record,
				      struct error **err)
{
	struct perf_reader *reader = capture->reader;
	uint64_t lost, position;
	uint32_t cpu;

	if (losses_next(&reader->losses, &cpu, &lost, &position))
		return (enum capture_step)hand_out_loss(cpu, lost, position, record);
	*err = steal(reader->failure);
	if (!*err)
		*err = formats_list_probes(&reader->formats, &capture->info.defined,
					   &capture->info.nr_defined);
	return *err ? RECORD_ERROR : RECORD_END;
}

/* ---- into the queue ------------------------------------------------------------------------ */

/* Reads records until some may leave the queue, or there are no more. */
static struct error *fill_queue(struct capture *capture)
{
	struct perf_reader *reader = capture->reader;
	struct perf_record record;
	struct error *err = NULL;

	while (!reader->queue.is_draining) {
		enum stream_step step = stream_next(&reader->stream, &record, &err);

		if (step == STREAM_ERROR)
			return err;
		if (step != STREAM_RECORD) {
			reader->at_end = true;
			if (step == STREAM_CUT)
				capture_note_end(capture, stream_position(&reader->stream));
			return NULL;
		}
		if (record.type == PERF_RECORD_SAMPLE) {
			TRY(perf_take_sample(capture, &record));
		} else if (record.type == PERF_RECORD_FINISHED_ROUND) {
			queue_finish_round(&reader->queue);
			return NULL;
		} else {
			TRY(perf_take_record(capture, &record));
		}
	}
	return NULL;
}

/* ---- the reader ---------------------------------------------------------------------------- */

static enum capture_step perf_next(struct capture *capture, struct record *record,
				   struct error **err)
{
	struct perf_reader *reader = capture->reader;
	int step = STEP_NEXT;

	while (step == STEP_NEXT) {
		const struct item *item = queue_take(&reader->queue);

		if (item) {
			step = hand_out(capture, item, record, err);
		} else if (reader->at_end) {
			step = hand_out_end(capture, record, err);
		} else {
			reader->failure = fill_queue(capture);
			reader->at_end |= reader->failure != NULL;
			if (reader->at_end)
				queue_finish(&reader->queue);
		}
	}
	return (enum capture_step)step;
}

static void perf_close(struct capture *capture)
{
	struct perf_reader *reader = capture->reader;

	error_destroy(reader->failure);
	buffer_deinit(&reader->split);
	losses_deinit(&reader->losses);
	queue_deinit(&reader->queue);
	threads_deinit(&reader->threads);
	formats_deinit(&reader->formats);
	symbols_deinit(&reader->symbols);
	events_deinit(&reader->events);
	stream_deinit(&reader->stream);
	input_deinit(&reader->data);
	spool_deinit(&reader->spool);
	free(reader);
}

static const struct reader_ops perf_ops = {.next = perf_next, .close = perf_close};

struct error *perf_open(struct capture *capture)
{
	struct perf_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return error_memory();
	capture->reader = reader;
	capture->ops = &perf_ops;
	reader->data.fd = -1;
	reader->spool.fd = -1;
	threads_init(&reader->threads);
	queue_init(&reader->queue);
	capture->info.is_binary = true;
	capture->info.time_resolution = 1;
	TRY(perf_read_header(capture));
	capture->info.kind = reader->is_pipe ? "perf.data (pipe)" : "perf.data";
	if (reader->ending != ENDING_WHOLE)
		capture_note_end(capture, reader->spool.size);
	return NULL;
}
