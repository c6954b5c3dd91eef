/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random access to an input.
 *
 * A file is read where it lies.  What has no place to go back to, a pipe, is kept first: in memory
 * that belongs to no process (a memfd), and when it grows too large for that, in a temporary file
 * that has no name.
 *
 * Files are read, not mapped, for the reasons that input.h gives: through buffers that stay in the
 * cache this takes a fraction of the time that the page faults of a mapping take.
 */
#ifndef MMUREPLAY_CAPTURE_SPOOL_H
#define MMUREPLAY_CAPTURE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

#include "capture/input.h"

enum {
	/* How much of a pipe is kept in memory. */
	SPOOL_MEMORY_MAX = 256 * 1024 * 1024,
};

struct spool {
	int fd;
	bool is_kept;  /* the descriptor is our own copy of the input */
	bool is_cut;   /* the input failed before its end: what came before is here */
	uint64_t base; /* of the first byte, in `fd` */
	uint64_t size;
};

/*
 * Makes all of `input` from its next byte on available.  `input` must outlive the spool, and is not
 * to be read meanwhile.  More than `memory_max` bytes go to a file.
 */
struct error *spool_init(struct spool *spool, struct input *input, uint64_t memory_max) MUST_CHECK;

/* Releases a spool; one that is all zero, or whose spool_init() failed, too. */
void spool_deinit(struct spool *spool);

/* A file without a name, in memory or in TMPDIR; -1 and errno when there is no place for one. */
int spool_create_file(void);

/* Copies `size` bytes from `offset` on; fails when the spool has less. */
struct error *spool_read(const struct spool *spool, uint64_t offset, void *to,
			 size_t size) MUST_CHECK;

/*
 * What of a spool is in memory: the bytes last asked for and those behind them, for a reader that
 * goes forward.
 */
struct window {
	const struct spool *spool;
	char *buffer;
	size_t capacity;
	size_t length;	/* of what is in the buffer */
	uint64_t start; /* where that begins */
};

/* A window that reads `capacity` bytes at a time. */
struct error *window_init(struct window *window, const struct spool *spool,
			  size_t capacity) MUST_CHECK;

/* Releases a window; one that is all zero, too. */
void window_deinit(struct window *window);

/* The part of window_view() that reads. */
struct error *window_fill(struct window *window, uint64_t offset, uint64_t size,
			  struct str *ret) MUST_CHECK;

/*
 * Shows `size` bytes from `offset` on, until the next call.  The window grows for more than it takes
 * at a time.
 */
static inline struct error *window_view(struct window *window, uint64_t offset, uint64_t size,
					struct str *ret)
{
	uint64_t skipped = offset - window->start;

	if (offset < window->start || skipped > window->length || size > window->length - skipped)
		return window_fill(window, offset, size, ret);
	*ret = (struct str){window->buffer + skipped, (size_t)size};
	return NULL;
}

#endif
