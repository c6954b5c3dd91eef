/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of Android's simpleperf.  [simpleperf]
 *
 * SPLIT, SPLIT_END: no record of a file is larger than 64 KiB.  A larger one is written in pieces,
 * one SPLIT for each with some of its bytes, its own header first, and then a SPLIT_END without any.
 */
#include "base/try.h"

#include "capture/perf/perf.h"

enum {
	/* Several times the kallsyms of a kernel, the largest record that there is. */
	SPLIT_MAX = 64 * 1024 * 1024,
};

static struct error *take_split(struct perf_reader *reader, const struct perf_record *record)
{
	struct str piece = {(const char *)record->data + RECORD_HEADER_SIZE,
			    record->size - RECORD_HEADER_SIZE};

	if (buffer_str(&reader->split).length + piece.length > SPLIT_MAX)
		return error_create(ERROR_FORMAT, "a record in pieces is too large");
	buffer_add(&reader->split, piece);
	return reader->split.failed ? error_memory() : NULL;
}

static struct error *take_split_end(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct str whole = buffer_str(&reader->split);
	struct perf_record joined = {
		.data = (const uint8_t *)whole.text,
		.size = (uint32_t)whole.length,
		.position = record->position,
	};

	if (whole.length < RECORD_HEADER_SIZE)
		return error_create(ERROR_FORMAT, "a record in pieces has no header");
	joined.type = load_u32(joined.data, reader->big_endian);
	/* No piece is a piece of others. */
	bool is_piece = joined.type == SIMPLEPERF_SPLIT || joined.type == SIMPLEPERF_SPLIT_END;
	struct error *err = is_piece ? NULL : perf_take_record(capture, &joined);

	buffer_deinit(&reader->split);
	return err;
}

/* u32 size    char kallsyms[size] */
static struct error *take_kernel_symbol(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct cursor cursor = record_cursor(&reader->stream, record, "the kernel's symbols");
	struct str kallsyms;
	uint32_t size = 0;

	TRY(cursor_u32(&cursor, &size));
	TRY(cursor_bytes(&cursor, size, &kallsyms));
	return perf_set_symbols(capture, kallsyms);
}

/* u64 count    count times: u64 index of the event, u64 id */
static struct error *take_event_ids(struct perf_reader *reader, const struct perf_record *record)
{
	struct cursor cursor = record_cursor(&reader->stream, record, "the ids of events");
	uint64_t count = 0, index = 0, id = 0;

	TRY(cursor_u64(&cursor, &count));
	while (count-- > 0) {
		TRY(cursor_u64(&cursor, &index));
		TRY(cursor_u64(&cursor, &id));
		if (index >= reader->events.events.count)
			return cursor_error(&cursor, "there is no such event");
		if (!events_add_id(&reader->events, id, reader->events.events.at[index]))
			return error_memory();
	}
	return NULL;
}

struct error *perf_take_simpleperf(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;

	switch (record->type) {
	case SIMPLEPERF_SPLIT:
		return take_split(reader, record);
	case SIMPLEPERF_SPLIT_END:
		return take_split_end(capture, record);
	case SIMPLEPERF_KERNEL_SYMBOL:
		return take_kernel_symbol(capture, record);
	case SIMPLEPERF_EVENT_ID:
		return take_event_ids(reader, record);
	}
	return NULL;
}
