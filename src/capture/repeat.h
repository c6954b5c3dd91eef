/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events that are told twice.  The kernel writes an event into each tracing instance that has it
 * enabled, and to perf as well, all in one go: where several of these are merged, the event comes
 * several times on its CPU, with times that differ by the writing.  It happened once.
 */
#ifndef MMUREPLAY_CAPTURE_REPEAT_H
#define MMUREPLAY_CAPTURE_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>

#include "base/array.h"

enum {
	/*
	 * So many events of a CPU are remembered.  Copies come right behind each other, unless times
	 * are printed in microseconds: then all that happened in one comes from the first source,
	 * and then all again from the second.
	 */
	REPEAT_DEPTH = 8
};

/* An event that was none told again. */
struct repeat_event {
	const void *source;
	const void *told_again; /* by this source last */
	uint64_t time;
	uint64_t content; /* a hash; 0: no event */
	int32_t pid;
};

struct repeat_cpu {
	struct repeat_event event[REPEAT_DEPTH]; /* a ring */
	uint32_t next;				 /* the oldest */
};

/* One that is all zero has seen nothing and is valid. */
struct repeat {
	ARRAY_OF(struct repeat_cpu) cpus;
};

void repeat_deinit(struct repeat *repeat);

/*
 * Whether `record`, the next RECORD_EVENT in order of time, tells what another source has just told.
 * `source`, not NULL, stands for where it comes from: an instance, a file.  False when memory is
 * short, too.
 */
bool repeat_is_told(struct repeat *repeat, const struct record *record, const void *source);

#endif
