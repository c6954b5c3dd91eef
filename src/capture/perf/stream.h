/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of a perf.data file, one after the other, from the input or from the compressed
 * records in it.
 *
 *     input     | record | COMPRESSED | FINISHED_ROUND | COMPRESSED2 | AUXTRACE | trace ... | rec
 *                        /            \                /             \
 *     inflated          | record | record | rec      ord | record | record |
 *
 * What is handed out lies in the input's buffer or in that of what was inflated, and is valid until
 * the next call.
 */
#ifndef MMUREPLAY_CAPTURE_PERF_STREAM_H
#define MMUREPLAY_CAPTURE_PERF_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

#include "capture/input.h"
#include "capture/perf/abi.h"
#include "capture/perf/inflate.h"

/*
 *     0 u32 type    4 u16 misc    6 u16 size, of all of it    8 ...             [uapi]
 *     0 u32 type    4 u16 size, upper half    6 u16 lower     8 ...             [simpleperf]
 */
struct perf_record {
	const uint8_t *data; /* from its header on */
	uint32_t size;	     /* with its header */
	uint32_t type;
	uint16_t misc;
	uint64_t position; /* in the file; of the compressed record that it was in */
	struct str after;  /* HEADER_TRACING_DATA: what follows the record and belongs to it */
};

/* Bytes that are there to be read. */
struct piece {
	const uint8_t *start, *at, *end;
	uint64_t position; /* of `start` in the file; of the compressed record for what was in it */
};

struct stream {
	struct input *input;
	bool big_endian;
	bool is_inflated;   /* the piece is in `inflate`, and `outer` in the input */
	bool is_cut;	    /* the input ended within a record */
	struct piece piece; /* `at` is the next record */
	struct piece outer;
	uint64_t limit;		 /* where in the file the records end, at the latest */
	uint64_t subrecords_end; /* before this COMPRESSED2 has no data_size, see compressed.c */
	struct inflate inflate;
};

enum stream_step {
	STREAM_RECORD,
	STREAM_END,
	STREAM_CUT,   /* the end, but within a record */
	STREAM_ERROR, /* the error is the caller's */
};

/* Reads from the input's next byte, which is at `position` in the file, as far as `limit`. */
void stream_init(struct stream *stream, struct input *input, uint64_t position, uint64_t limit,
		 bool big_endian);
void stream_deinit(struct stream *stream);

/* The parts of stream_next() that are not on its short way. */
enum stream_step stream_next_slowly(struct stream *stream, struct perf_record *record,
				    struct error **err);

/* How many bytes of the piece are left. */
static inline size_t stream_left(const struct stream *stream)
{
	return (size_t)(stream->piece.end - stream->piece.at);
}

/* Where the next record is in the file. */
static inline uint64_t stream_position(const struct stream *stream)
{
	const struct piece *piece = &stream->piece;

	return piece->position + (stream->is_inflated ? 0 : (uint64_t)(piece->at - piece->start));
}

/* The next record.  Compressed records and traces of hardware are never handed out. */
static inline enum stream_step stream_next(struct stream *stream, struct perf_record *record,
					   struct error **err)
{
	const uint8_t *at = stream->piece.at;

	if (stream_left(stream) < RECORD_HEADER_SIZE)
		return stream_next_slowly(stream, record, err);
	uint32_t type = load_u32(at, stream->big_endian);
	uint16_t size = load_u16(at + 6, stream->big_endian);

	if (type >= PERF_RECORD_USER_TYPE_START || size < RECORD_HEADER_SIZE ||
	    size > stream_left(stream))
		return stream_next_slowly(stream, record, err);
	record->data = at;
	record->size = size;
	record->type = type;
	record->misc = load_u16(at + 4, stream->big_endian);
	record->position = stream_position(stream);
	stream->piece.at = at + size;
	return STREAM_RECORD;
}

/* A cursor over a record, behind its header; `what` names the record in errors. */
struct cursor record_cursor(const struct stream *stream, const struct perf_record *record,
			    const char *what);

/* ---- for the files of the stream only ------------------------------------------------------- */

/* No step of stream_next(): go on with the next record. */
enum {
	STEP_NONE = -1
};

/* Makes `size` bytes of the input readable from `at` on, or as many as there are. */
struct error *stream_want(struct stream *stream, uint64_t size) MUST_CHECK;

/* Sets an error at the next record; returns STREAM_ERROR. */
int stream_broken(struct stream *stream, struct error **err, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Goes into the compressed record at `at`, whose header is readable. */
int compressed_enter(struct stream *stream, uint32_t type, struct error **err);

/* Inflates more, or goes back to the input when there is no more in the compressed record. */
int compressed_next(struct stream *stream, struct error **err);

#endif
