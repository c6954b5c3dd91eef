/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that hold records, compressed as parts of one zstd stream.
 *
 * COMPRESSED [event]: all behind the record's header is compressed.
 *
 * COMPRESSED2 [event, since Linux 6.16]: u64 data_size, at 8, then so many compressed bytes, then
 * padding to a multiple of 8.
 *
 * perf record computes the size of a COMPRESSED2 in a u16, which overflows where zstd made more than
 * some 64 KiB of one buffer (tools/perf/builtin-record.c, record__pushfn()); the padding is then
 * missing.  Up to 65519 compressed bytes are in one record.  More are in several, all of which are
 * whole but the first: its data_size counts to the end of the last, the others' was never set.
 *
 *     83, size wrong, data_size | 65519 bytes | 83, size, ? | 65519 bytes | 83, size, ? | bytes
 *                               |<---------------------- data_size ------------------------->|
 */
#include <inttypes.h>

#include "capture/perf/stream.h"

enum {
	COMPRESSED2_HEADER = 16,
	COMPRESSED2_MAX = 65519,
};

/*
 * Goes into the record of `size` bytes, of which those from `from` to `to` are compressed.  Where
 * the input ends before, what is there is inflated.
 */
static int enter(struct stream *stream, size_t from, size_t to, size_t size, struct error **err)
{
	uint64_t position = stream_position(stream);
	struct inflate *inflate = &stream->inflate;

	*err = stream_want(stream, size);
	if (*err)
		return STREAM_ERROR;
	if (stream_left(stream) < size) {
		stream->is_cut = true;
		size = stream_left(stream);
		to = to < size ? to : size;
		from = from < to ? from : to;
	}
	*err = inflate_feed(inflate,
			    (struct str){(const char *)stream->piece.at + from, to - from});
	if (*err)
		return STREAM_ERROR;
	stream->piece.at += size;
	stream->outer = stream->piece;
	stream->is_inflated = true;
	stream->piece = (struct piece){
		.start = inflate->buffer,
		.at = inflate->buffer + inflate->start,
		.end = inflate->buffer + inflate->end,
		.position = position,
	};
	return STEP_NONE;
}

/* The first of several, of which `whole` bytes are its own. */
static int enter_first(struct stream *stream, uint64_t data_size, struct error **err)
{
	const size_t whole = COMPRESSED2_HEADER + COMPRESSED2_MAX;

	*err = stream_want(stream, whole + RECORD_HEADER_SIZE);
	if (*err)
		return STREAM_ERROR;
	if (stream_left(stream) >= whole + RECORD_HEADER_SIZE &&
	    load_u32(stream->piece.at + whole, stream->big_endian) != PERF_RECORD_COMPRESSED2)
		return stream_broken(stream, err,
				     "a compressed record cannot have %" PRIu64 " bytes",
				     data_size);
	stream->subrecords_end = stream_position(stream) + COMPRESSED2_HEADER + data_size;
	return enter(stream, COMPRESSED2_HEADER, whole, whole, err);
}

static int enter_compressed2(struct stream *stream, uint16_t size, struct error **err)
{
	*err = stream_want(stream, COMPRESSED2_HEADER);
	if (*err)
		return STREAM_ERROR;
	if (stream_left(stream) < COMPRESSED2_HEADER)
		return STREAM_CUT;
	if (stream_position(stream) < stream->subrecords_end && size >= COMPRESSED2_HEADER)
		return enter(stream, COMPRESSED2_HEADER, size, size, err);

	uint64_t data_size = load_u64(stream->piece.at + RECORD_HEADER_SIZE, stream->big_endian);
	uint64_t whole, aligned;

	if (__builtin_add_overflow(data_size, COMPRESSED2_HEADER + 7, &aligned))
		return stream_broken(stream, err, "a compressed record has no size");
	whole = COMPRESSED2_HEADER + data_size;
	aligned &= ~(uint64_t)7;
	if (aligned <= size)
		return enter(stream, COMPRESSED2_HEADER, (size_t)whole, size, err);
	if ((uint16_t)aligned != size)
		return stream_broken(stream, err,
				     "a compressed record of %" PRIu16
				     " bytes cannot hold %" PRIu64,
				     size, data_size);
	if (data_size <= COMPRESSED2_MAX)
		return enter(stream, COMPRESSED2_HEADER, (size_t)whole, (size_t)whole, err);
	return enter_first(stream, data_size, err);
}

int compressed_enter(struct stream *stream, uint32_t type, struct error **err)
{
	uint16_t size = load_u16(stream->piece.at + 6, stream->big_endian);

	if (type == PERF_RECORD_COMPRESSED2)
		return enter_compressed2(stream, size, err);
	if (size < RECORD_HEADER_SIZE)
		return stream_broken(stream, err, "a compressed record has no size");
	return enter(stream, RECORD_HEADER_SIZE, size, size, err);
}

int compressed_next(struct stream *stream, struct error **err)
{
	struct inflate *inflate = &stream->inflate;

	inflate->start = (size_t)(stream->piece.at - inflate->buffer);
	if (inflate_is_done(inflate)) {
		stream->is_inflated = false;
		stream->piece = stream->outer;
		return STEP_NONE;
	}
	*err = inflate_more(inflate);
	if (*err) {
		*err = error_at(*err, NULL, ERROR_OFFSET, stream->piece.position);
		return STREAM_ERROR;
	}
	stream->piece.at = inflate->buffer + inflate->start;
	stream->piece.end = inflate->buffer + inflate->end;
	return STEP_NONE;
}
