/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of the several kinds of captures share: for src/capture only. */
#ifndef MMUREPLAY_CAPTURE_READER_H
#define MMUREPLAY_CAPTURE_READER_H

#include <mmureplay/capture.h>

#include "capture/input.h"
#include "capture/types.h"

struct reader_ops {
	/* As capture_next(); keeps `capture->info` up to date. */
	enum capture_step (*next)(struct capture *capture, struct record *record,
				  struct error **err);
	/* Releases `capture->reader`. */
	void (*close)(struct capture *capture);
	/* As capture_set_instance(); NULL: this kind of capture has one buffer only. */
	struct error *(*set_instance)(struct capture *capture, struct str name);
	/* As capture_set_kernel(); NULL: it is done by what all captures have in common. */
	struct error *(*set_kernel)(struct capture *capture, struct kernel *kernel);
};

struct capture {
	const struct reader_ops *ops; /* NULL until a reader has taken the capture */
	void *reader;		      /* the reader's own state */
	struct input packed;	      /* what `input` is the decompressed form of, if it is */
	struct input input;
	struct type_table types;
	struct capture_info info;
	struct kernel *kernel; /* NULL: the user does not describe it */
	char *path;
	const char *files[1];
	uint64_t device, inode; /* of a file or a pipe, as stat() tells them; else 0 */
};

/* The capture ends in the middle of something, at `position`. */
static inline void capture_note_end(struct capture *capture, uint64_t position)
{
	struct capture_info *info = &capture->info;

	if (!info->truncated)
		info->truncated_at = (struct record_place){0, position};
	info->truncated = true;
}

/*
 * A kind of capture, known by its first bytes.  `open` sets `ops` and `reader`, which capture_close()
 * releases also when it fails.  A kind without `open` is not read; `converter` is then the command
 * that makes a text of it, NULL when there is none.
 */
struct capture_kind {
	const char *magic;
	const char *name;
	struct error *(*open)(struct capture *capture);
	const char *converter;
	/* For what is a capture compressed as a whole: makes a source of its bytes. */
	struct error *(*unpack)(struct input *packed, struct input_source *ret);
};

/* trace.dat, which trace-cmd writes. */
struct error *dat_open(struct capture *capture) MUST_CHECK;

/* perf.data, of either byte order, file or pipe. */
struct error *perf_open(struct capture *capture) MUST_CHECK;

/* Text of any sort; the catch-all. */
struct error *text_open(struct capture *capture) MUST_CHECK;

#endif
