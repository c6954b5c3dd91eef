/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <zlib.h>
#include <zstd.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "capture/unpack.h"

enum {
	PACKED_CHUNK = 64 * 1024,
	/* inflateInit2(): the largest window, and gzip's header (zlib.h). */
	GZIP_WINDOW_BITS = 15 + 16,
};

/* Both are about the packed byte at `position`. */
static struct error *cut_short(const char *format, uint64_t position)
{
	return error_at(error_create(ERROR_FORMAT,
				     "the %s data ends in the middle; is the file complete?",
				     format),
			NULL, ERROR_OFFSET, position);
}

static struct error *damaged(const char *format, const char *why, uint64_t position)
{
	return error_at(error_create(ERROR_FORMAT, "the %s data is damaged: %s", format,
				     why ? why : "unknown fault"),
			NULL, ERROR_OFFSET, position);
}

/* ---- gzip ---------------------------------------------------------------------------------- */

struct gzip {
	struct input *packed;
	uint64_t position; /* of its next byte */
	z_stream stream;
	bool in_member; /* between the header and the checksum of one compressed file */
};

/* One step: takes from the packed input, gives to the stream's output. */
static struct error *inflate_some(struct gzip *gzip)
{
	struct str data;

	TRY(input_peek(gzip->packed, PACKED_CHUNK, &data));
	if (data.length == 0)
		return cut_short("gzip", gzip->position);
	gzip->stream.next_in = (Bytef *)(uintptr_t)data.text;
	gzip->stream.avail_in = (uInt)data.length;
	gzip->in_member = true;
	int status = inflate(&gzip->stream, Z_NO_FLUSH);

	input_skip(gzip->packed, data.length - gzip->stream.avail_in);
	gzip->position += data.length - gzip->stream.avail_in;
	if (status == Z_STREAM_END) {
		gzip->in_member = false;
		status = inflateReset(&gzip->stream);
	}
	if (status == Z_OK || status == Z_BUF_ERROR)
		return NULL;
	return damaged("gzip", gzip->stream.msg, gzip->position);
}

/* Whether another compressed file follows; what else follows one is padding, as for gzip(1). */
static struct error *has_more(struct gzip *gzip, bool *ret)
{
	struct str head;

	*ret = gzip->in_member;
	if (gzip->in_member)
		return NULL;
	TRY(input_peek(gzip->packed, 2, &head));
	*ret = str_starts(head, STR("\x1f\x8b"));
	return NULL;
}

static struct error *read_gzip(void *context, char *to, size_t size, size_t *ret)
{
	struct gzip *gzip = context;
	bool more = true;

	gzip->stream.next_out = (Bytef *)to;
	gzip->stream.avail_out = (uInt)size;
	while (gzip->stream.avail_out == size) {
		TRY(has_more(gzip, &more));
		if (!more)
			break;
		TRY(inflate_some(gzip));
	}
	*ret = size - gzip->stream.avail_out;
	return NULL;
}

static void close_gzip(void *context)
{
	struct gzip *gzip = context;

	inflateEnd(&gzip->stream);
	free(gzip);
}

struct error *unpack_gzip(struct input *packed, struct input_source *ret)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (!gzip)
		return error_memory();
	gzip->packed = packed;
	if (inflateInit2(&gzip->stream, GZIP_WINDOW_BITS) != Z_OK) {
		free(gzip);
		return error_memory();
	}
	*ret = (struct input_source){read_gzip, close_gzip, gzip};
	return NULL;
}

/* ---- zstd ---------------------------------------------------------------------------------- */

struct zstd {
	struct input *packed;
	uint64_t position; /* of its next byte */
	ZSTD_DStream *stream;
	bool in_frame;
};

static struct error *decompress_some(struct zstd *zstd, ZSTD_outBuffer *out)
{
	struct str data;

	TRY(input_peek(zstd->packed, PACKED_CHUNK, &data));
	ZSTD_inBuffer in = {data.text, data.length, 0};
	size_t before = out->pos;
	size_t left = ZSTD_decompressStream(zstd->stream, out, &in);

	if (ZSTD_isError(left))
		return damaged("zstd", ZSTD_getErrorName(left), zstd->position);
	input_skip(zstd->packed, in.pos);
	zstd->position += in.pos;
	zstd->in_frame = left != 0;
	if (data.length == 0 && left != 0 && out->pos == before)
		return cut_short("zstd", zstd->position);
	return NULL;
}

static struct error *read_zstd(void *context, char *to, size_t size, size_t *ret)
{
	struct zstd *zstd = context;
	ZSTD_outBuffer out = {to, size, 0};

	while (out.pos == 0) {
		struct str head;

		TRY(input_peek(zstd->packed, 1, &head));
		if (head.length == 0 && !zstd->in_frame)
			break;
		TRY(decompress_some(zstd, &out));
	}
	*ret = out.pos;
	return NULL;
}

static void close_zstd(void *context)
{
	struct zstd *zstd = context;

	ZSTD_freeDStream(zstd->stream);
	free(zstd);
}

struct error *unpack_zstd(struct input *packed, struct input_source *ret)
{
	struct zstd *zstd = calloc(1, sizeof(*zstd));

	if (!zstd)
		return error_memory();
	zstd->packed = packed;
	zstd->stream = ZSTD_createDStream();
	if (!zstd->stream) {
		free(zstd);
		return error_memory();
	}
	*ret = (struct input_source){read_zstd, close_zstd, zstd};
	return NULL;
}
