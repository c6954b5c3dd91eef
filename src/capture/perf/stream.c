/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that are followed by data which belong to them, and which no size of a record counts:
 *
 * AUXTRACE [file]: u64 size, at 8, of the trace data.
 *
 * HEADER_TRACING_DATA [event]: u32 size, at 8, of the tracing data; but simpleperf has written them
 * into the record.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/try.h"

#include "capture/perf/stream.h"

enum {
	/* Some ten times what the formats of all events of a kernel need. */
	RECORD_SIZE_MAX = 64 * 1024 * 1024,
};

void stream_init(struct stream *stream, struct input *input, uint64_t position, uint64_t limit,
		 bool big_endian)
{
	*stream = (struct stream){
		.input = input,
		.piece.position = position,
		.limit = limit,
		.big_endian = big_endian,
	};
}

void stream_deinit(struct stream *stream)
{
	inflate_deinit(&stream->inflate);
}

struct cursor record_cursor(const struct stream *stream, const struct perf_record *record,
			    const char *what)
{
	struct str body = {(const char *)record->data + RECORD_HEADER_SIZE,
			   record->size - RECORD_HEADER_SIZE};
	struct cursor cursor = cursor_over(body, record->position, what, stream->big_endian);

	cursor.inflated = stream->is_inflated;
	if (!cursor.inflated)
		cursor.base += RECORD_HEADER_SIZE;
	return cursor;
}

int stream_broken(struct stream *stream, struct error **err, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);
	_cleanup_(free_pointer) char *message = length < 0 ? NULL : text;

	*err = message ? error_create(ERROR_FORMAT, "%s", message) : error_memory();
	*err = error_at(*err, NULL, ERROR_OFFSET, stream_position(stream));
	return STREAM_ERROR;
}

/* ---- the input ----------------------------------------------------------------------------- */

struct error *stream_want(struct stream *stream, uint64_t size)
{
	struct piece *piece = &stream->piece;
	struct str seen;

	if (stream_left(stream) >= size)
		return NULL;
	piece->position = stream_position(stream);
	input_skip(stream->input, (size_t)(piece->at - piece->start));
	piece->start = piece->at = piece->end = NULL;

	uint64_t room = stream->limit - piece->position;

	TRY(input_peek(stream->input, (size_t)(size < room ? size : room), &seen));
	seen = input_buffered(stream->input);
	if (seen.length > room)
		seen.length = (size_t)room;
	piece->start = piece->at = (const uint8_t *)seen.text;
	piece->end = piece->at + seen.length;
	return NULL;
}

static struct error *skip(struct stream *stream, uint64_t size, bool *is_there)
{
	while (size > 0) {
		TRY(stream_want(stream, 1));
		uint64_t part = stream_left(stream);

		if (part == 0)
			break;
		if (part > size)
			part = size;
		stream->piece.at += part;
		size -= part;
	}
	*is_there = size == 0;
	return NULL;
}

/* ---- what is no record --------------------------------------------------------------------- */

static bool is_text(const uint8_t *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!isprint(at[i]) && !isspace(at[i]))
			return false;
	return true;
}

/*
 * What perf prints on its standard error may end up behind the records, as in
 *
 *     perf record -o - ... 2>&1 >FILE.data        [ perf record: Woken up 1 times to write data ]
 *
 * No type of a record looks like text.
 */
static int skip_text(struct stream *stream, struct error **err)
{
	while (stream_left(stream)) {
		if (!is_text(stream->piece.at, stream_left(stream)))
			return stream_broken(stream, err, "there is text among the records");
		stream->piece.at = stream->piece.end;
		*err = stream_want(stream, 1);
		if (*err)
			return STREAM_ERROR;
	}
	return STREAM_END;
}

static int skip_auxtrace(struct stream *stream, const struct perf_record *record,
			 struct error **err)
{
	struct cursor cursor = record_cursor(stream, record, "the AUXTRACE record");
	uint64_t size = 0;
	bool is_there = false;

	*err = cursor_u64(&cursor, &size);
	if (!*err)
		*err = skip(stream, size, &is_there);
	if (*err)
		return STREAM_ERROR;
	return is_there ? STEP_NONE : STREAM_CUT;
}

/* ---- records ------------------------------------------------------------------------------- */

/* Reads a record's header at `at`; false when there is no such record. */
static bool read_header(const struct stream *stream, struct perf_record *record)
{
	const uint8_t *at = stream->piece.at;

	*record = (struct perf_record){
		.data = at,
		.type = load_u32(at, stream->big_endian),
		.misc = load_u16(at + 4, stream->big_endian),
		.size = load_u16(at + 6, stream->big_endian),
		.position = stream_position(stream),
	};
	if (record->type > SIMPLEPERF_TYPE_START) {
		record->size |= (uint32_t)record->misc << 16;
		record->misc = 0;
	}
	return record->size >= RECORD_HEADER_SIZE && record->size <= RECORD_SIZE_MAX;
}

/* Makes the tracing data that follow the record readable, too. */
static int add_tracing_data(struct stream *stream, struct perf_record *record, struct error **err)
{
	struct cursor cursor = record_cursor(stream, record, "the TRACING_DATA record");
	uint32_t size = 0;

	*err = cursor_u32(&cursor, &size);
	if (*err)
		return STREAM_ERROR;
	if (size <= cursor_left(&cursor))
		return STREAM_RECORD;
	if (size > RECORD_SIZE_MAX)
		return stream_broken(stream, err, "tracing data cannot have %" PRIu32 " bytes",
				     size);
	*err = stream_want(stream, record->size + (uint64_t)size);
	if (*err)
		return STREAM_ERROR;
	record->data = stream->piece.at;
	record->after = str_first((struct str){(const char *)record->data + record->size,
					       stream_left(stream) - record->size},
				  size);
	stream->is_cut = record->after.length < size;
	return STREAM_RECORD;
}

static int next_in_input(struct stream *stream, struct perf_record *record, struct error **err)
{
	*err = stream_want(stream, RECORD_HEADER_SIZE);
	if (*err)
		return STREAM_ERROR;
	size_t left = stream_left(stream);

	if (left == 0) /* a record may have begun in the last compressed one */
		return stream->is_cut || stream->inflate.start < stream->inflate.end ? STREAM_CUT
										     : STREAM_END;
	if (left < RECORD_HEADER_SIZE)
		return STREAM_CUT;
	if (is_text(stream->piece.at, RECORD_HEADER_SIZE))
		return skip_text(stream, err);

	bool is_record = read_header(stream, record);

	if (record->type == PERF_RECORD_COMPRESSED || record->type == PERF_RECORD_COMPRESSED2)
		return compressed_enter(stream, record->type, err);
	if (!is_record)
		return stream_broken(stream, err, "a record cannot have %" PRIu32 " bytes",
				     record->size);
	*err = stream_want(stream, record->size);
	if (*err)
		return STREAM_ERROR;
	if (stream_left(stream) < record->size)
		return STREAM_CUT;
	record->data = stream->piece.at;

	if (record->type == PERF_RECORD_HEADER_TRACING_DATA) {
		int step = add_tracing_data(stream, record, err);

		if (step != STREAM_RECORD)
			return step;
	}
	stream->piece.at += record->size + record->after.length;
	return record->type == PERF_RECORD_AUXTRACE ? skip_auxtrace(stream, record, err)
						    : STREAM_RECORD;
}

static int next_inflated(struct stream *stream, struct perf_record *record, struct error **err)
{
	size_t left = stream_left(stream);

	if (left < RECORD_HEADER_SIZE)
		return compressed_next(stream, err);
	if (!read_header(stream, record))
		return stream_broken(stream, err,
				     "a compressed record holds one of %" PRIu32 " bytes",
				     record->size);
	if (left < record->size)
		return compressed_next(stream, err);
	stream->piece.at += record->size;
	return STREAM_RECORD;
}

enum stream_step stream_next_slowly(struct stream *stream, struct perf_record *record,
				    struct error **err)
{
	int step;

	do
		step = stream->is_inflated ? next_inflated(stream, record, err)
					   : next_in_input(stream, record, err);
	while (step == STEP_NONE);
	return (enum stream_step)step;
}
