/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>

#include <zlib.h>
#include <zstd.h>

#include "capture/dat/inflate.h"

enum inflate_algorithm inflate_algorithm_parse(struct str name)
{
	if (str_is(name, "none"))
		return INFLATE_NONE;
	if (str_is(name, "zlib"))
		return INFLATE_ZLIB;
	if (str_is(name, "zstd"))
		return INFLATE_ZSTD;
	return INFLATE_UNKNOWN;
}

void inflater_deinit(struct inflater *inflater)
{
	ZSTD_freeDCtx(inflater->zstd);
	inflater->zstd = NULL;
}

static bool inflate_zlib(struct str from, char *to, size_t size)
{
	uLongf length = (uLongf)size;

	if (from.length > ULONG_MAX || size > ULONG_MAX)
		return false;
	return uncompress((Bytef *)to, &length, (const Bytef *)from.text, (uLong)from.length) ==
		       Z_OK &&
	       length == size;
}

static bool inflate_zstd(struct inflater *inflater, struct str from, char *to, size_t size)
{
	if (!inflater->zstd)
		inflater->zstd = ZSTD_createDCtx();
	return inflater->zstd &&
	       ZSTD_decompressDCtx(inflater->zstd, to, size, from.text, from.length) == size;
}

bool inflate_block(struct inflater *inflater, struct str from, char *to, size_t size)
{
	switch (inflater->algorithm) {
	case INFLATE_ZLIB:
		return inflate_zlib(from, to, size);
	case INFLATE_ZSTD:
		return inflate_zstd(inflater, from, to, size);
	case INFLATE_NONE:
	case INFLATE_UNKNOWN:
		break;
	}
	return false;
}
