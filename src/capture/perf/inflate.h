/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inflates the one zstd stream that goes through all compressed records of a file. */
#ifndef MMUREPLAY_CAPTURE_PERF_INFLATE_H
#define MMUREPLAY_CAPTURE_PERF_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

struct ZSTD_DCtx_s;

/* One that is all zero is valid, and takes memory when it is first given something. */
struct inflate {
	struct ZSTD_DCtx_s *zstd;
	struct str packed; /* what is left of the compressed record */
	uint8_t *buffer;
	size_t start, end; /* of what was inflated and not yet taken */
	bool is_full;	   /* zstd may hold back more than there was room for */
};

void inflate_deinit(struct inflate *inflate);

/* Takes the next piece of the stream, which has to stay where it is until all is inflated. */
struct error *inflate_feed(struct inflate *inflate, struct str packed) MUST_CHECK;

/* Whether there is nothing to inflate any more. */
bool inflate_is_done(const struct inflate *inflate);

/* Inflates some more behind what was not yet taken, which moves to another place. */
struct error *inflate_more(struct inflate *inflate) MUST_CHECK;

#endif
