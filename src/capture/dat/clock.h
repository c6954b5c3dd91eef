/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The times of a trace.dat: from what the ring buffer holds to nanoseconds, the way that trace-cmd
 * goes (lib/trace-cmd/trace-input.c, timestamp_calc()):
 *
 *   1. of a guest, to the clock of its host (option TIME_SHIFT);
 *   2. of a counter, to nanoseconds (option TSC2NSEC);
 *   3. an offset is added (options OFFSET, DATE).
 */
#ifndef MMUREPLAY_CAPTURE_DAT_CLOCK_H
#define MMUREPLAY_CAPTURE_DAT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "base/cursor.h"

/* How the clocks of guest and host differed at a time of the guest's. */
struct clock_sample {
	int64_t time;
	int64_t offset;
	uint64_t scaling; /* a factor: scaling / 2^fraction */
	uint64_t fraction;
};

struct clock_samples {
	ARRAY_OF(struct clock_sample) samples; /* by time */
};

/* A clock that is all zero changes nothing. */
struct dat_clock {
	uint64_t offset;
	uint32_t mult; /* 0: the times are no counter's, or stay what they are */
	uint32_t shift;
	bool interpolates;
	ARRAY_OF(struct clock_samples) cpus;
};

void clock_deinit(struct dat_clock *clock);

/* The options, each from its data. */
struct error *clock_read_date(struct dat_clock *clock, struct cursor *data) MUST_CHECK;
struct error *clock_read_offset(struct dat_clock *clock, struct cursor *data) MUST_CHECK;
struct error *clock_read_tsc2nsec(struct dat_clock *clock, struct cursor *data) MUST_CHECK;
struct error *clock_read_time_shift(struct dat_clock *clock, struct cursor *data) MUST_CHECK;

/* Whether times of the clock with this name (tracefs trace_clock) are nanoseconds. */
bool clock_counts_nanoseconds(struct str name);

/* The part of clock_convert() that is rare. */
uint64_t clock_convert_slowly(const struct dat_clock *clock, uint64_t time, uint32_t cpu);

static inline uint64_t clock_convert(const struct dat_clock *clock, uint64_t time, uint32_t cpu)
{
	if (clock->mult || clock->cpus.count)
		return clock_convert_slowly(clock, time, cpu);
	return time + clock->offset;
}

#endif
