/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decompression of the blocks that a trace.dat version 7 is made of. */
#ifndef MMUREPLAY_CAPTURE_DAT_INFLATE_H
#define MMUREPLAY_CAPTURE_DAT_INFLATE_H

#include <stdbool.h>

#include <mmureplay/str.h>

struct ZSTD_DCtx_s;

enum inflate_algorithm {
	INFLATE_NONE,
	INFLATE_ZLIB,
	INFLATE_ZSTD,
	INFLATE_UNKNOWN,
};

/* An inflater that is all zero is valid, and knows no algorithm. */
struct inflater {
	enum inflate_algorithm algorithm;
	struct ZSTD_DCtx_s *zstd; /* made when it is first needed */
};

/* The algorithm with the name that the file's header gives. */
enum inflate_algorithm inflate_algorithm_parse(struct str name);

void inflater_deinit(struct inflater *inflater);

/* Decompresses `from` to exactly `size` bytes at `to`; false when that is not what it holds. */
bool inflate_block(struct inflater *inflater, struct str from, char *to, size_t size);

#endif
