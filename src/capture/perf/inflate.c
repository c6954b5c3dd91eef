/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "capture/perf/inflate.h"

enum {
	/* Several of the largest records. */
	BUFFER_SIZE = 256 * 1024
};

void inflate_deinit(struct inflate *inflate)
{
	ZSTD_freeDCtx(inflate->zstd);
	free(inflate->buffer);
	*inflate = (struct inflate){0};
}

struct error *inflate_feed(struct inflate *inflate, struct str packed)
{
	if (!inflate->zstd)
		inflate->zstd = ZSTD_createDCtx();
	if (!inflate->buffer)
		inflate->buffer = malloc(BUFFER_SIZE);
	if (!inflate->zstd || !inflate->buffer)
		return error_memory();
	inflate->packed = packed;
	return NULL;
}

bool inflate_is_done(const struct inflate *inflate)
{
	return !inflate->packed.length && !inflate->is_full;
}

struct error *inflate_more(struct inflate *inflate)
{
	if (inflate->start > 0) {
		memmove(inflate->buffer, inflate->buffer + inflate->start,
			inflate->end - inflate->start);
		inflate->end -= inflate->start;
		inflate->start = 0;
	}
	if (inflate->end == BUFFER_SIZE)
		return error_create(ERROR_FORMAT, "a compressed record is larger than any can be");

	ZSTD_inBuffer from = {inflate->packed.text, inflate->packed.length, 0};
	ZSTD_outBuffer to = {inflate->buffer, BUFFER_SIZE, inflate->end};
	size_t result = ZSTD_decompressStream(inflate->zstd, &to, &from);

	if (ZSTD_isError(result))
		return error_create(ERROR_FORMAT, "the compressed records are damaged: %s",
				    ZSTD_getErrorName(result));
	inflate->packed = str_skip(inflate->packed, from.pos);
	inflate->end = to.pos;
	inflate->is_full = to.pos == to.size;
	return NULL;
}
