/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/try.h"
#include "capture/dat/clock.h"

/* TRACECMD_TSYNC_FLAG_INTERPOLATE of trace-cmd. */
enum {
	FLAG_INTERPOLATE = 1
};

__extension__ typedef unsigned __int128 wide;

void clock_deinit(struct dat_clock *clock)
{
	for (size_t i = 0; i < clock->cpus.count; i++)
		array_deinit(&clock->cpus.at[i].samples);
	array_deinit(&clock->cpus);
	*clock = (struct dat_clock){0};
}

/* ---- options ------------------------------------------------------------------------------- */

/* A number as text, decimal or hexadecimal with 0x, perhaps negative: "0x16ab3b7ea40". */
static struct error *read_text_number(struct cursor *data, int64_t *ret)
{
	enum {
		DIGITS_MAX = 40
	};
	char text[DIGITS_MAX + 1] = {0};
	char *end;
	struct str digits;
	size_t left = cursor_left(data);

	TRY(cursor_bytes(data, left < DIGITS_MAX ? left : DIGITS_MAX, &digits));
	if (digits.length)
		memcpy(text, digits.text, digits.length);
	long long number = strtoll(text, &end, 0);

	if (end == text)
		return cursor_error(data, "%s is no number", data->what);
	*ret = number;
	return NULL;
}

/* The time of day of the clock's zero, in microseconds. */
struct error *clock_read_date(struct dat_clock *clock, struct cursor *data)
{
	int64_t number = 0;

	TRY(read_text_number(data, &number));
	clock->offset += (uint64_t)number * 1000;
	return NULL;
}

struct error *clock_read_offset(struct dat_clock *clock, struct cursor *data)
{
	int64_t number = 0;

	TRY(read_text_number(data, &number));
	clock->offset += (uint64_t)number;
	return NULL;
}

/* u32 multiplier | u32 shift | u64 offset, which trace-cmd does not use in reading */
struct error *clock_read_tsc2nsec(struct dat_clock *clock, struct cursor *data)
{
	uint32_t mult = 0, shift = 0;

	TRY(cursor_u32(data, &mult));
	TRY(cursor_u32(data, &shift));
	if (shift > 63)
		return cursor_error(data, "%s: a shift by %u bits", data->what, (unsigned)shift);
	clock->mult = mult;
	clock->shift = shift;
	return NULL;
}

static int by_time(const void *a, const void *b)
{
	const struct clock_sample *x = a, *y = b;

	return x->time < y->time ? -1 : x->time > y->time;
}

/* Sorts the samples, and leaves one of those with the same time. */
static void sort_samples(struct clock_samples *samples)
{
	struct clock_sample *at = samples->samples.at;
	size_t kept = 0;

	if (!samples->samples.count)
		return;
	qsort(at, samples->samples.count, sizeof(*at), by_time);
	for (size_t i = 1; i < samples->samples.count; i++)
		if (at[i].time != at[kept].time)
			at[++kept] = at[i];
	samples->samples.count = kept + 1;
}

/*
 * Of one CPU:
 *
 *     u32 count | count * u64 time | count * u64 offset | count * u64 scaling
 */
static struct error *read_samples(struct cursor *data, struct clock_samples *ret)
{
	uint32_t count = 0;

	TRY(cursor_u32(data, &count));
	if (cursor_left(data) / (3 * sizeof(uint64_t)) < count)
		return cursor_too_short(data, 3 * sizeof(uint64_t) * (uint64_t)count);
	for (uint32_t i = 0; i < count; i++) {
		struct clock_sample sample = {0};

		TRY(cursor_u64(data, (uint64_t *)&sample.time));
		if (!array_push(&ret->samples, sample))
			return error_memory();
	}
	for (uint32_t i = 0; i < count; i++)
		TRY(cursor_u64(data, (uint64_t *)&ret->samples.at[i].offset));
	for (uint32_t i = 0; i < count; i++)
		TRY(cursor_u64(data, &ret->samples.at[i].scaling));
	return NULL;
}

static struct error *read_fractions(struct cursor *data, struct clock_samples *samples)
{
	for (size_t i = 0; i < samples->samples.count; i++) {
		struct clock_sample *sample = &samples->samples.at[i];

		TRY(cursor_u64(data, &sample->fraction));
		if (sample->fraction > 63)
			return cursor_error(data, "%s: a factor with too long a fraction",
					    data->what);
	}
	return NULL;
}

/*
 *     u64 id of the host's recording | u32 flags | u32 CPUs | samples of each CPU
 *     and of newer trace-cmd, of each CPU: count * u64 fraction
 */
struct error *clock_read_time_shift(struct dat_clock *clock, struct cursor *data)
{
	uint32_t flags = 0, cpus = 0;
	uint64_t host;

	TRY(cursor_u64(data, &host));
	TRY(cursor_u32(data, &flags));
	TRY(cursor_u32(data, &cpus));
	clock->interpolates = flags & FLAG_INTERPOLATE;
	for (uint32_t i = 0; i < cpus; i++) {
		struct clock_samples none = {0};

		if (!array_push(&clock->cpus, none))
			return error_memory();
		TRY(read_samples(data, &clock->cpus.at[clock->cpus.count - 1]));
	}
	if (cursor_left(data))
		for (size_t i = 0; i < clock->cpus.count; i++)
			TRY(read_fractions(data, &clock->cpus.at[i]));
	for (size_t i = 0; i < clock->cpus.count; i++)
		sort_samples(&clock->cpus.at[i]);
	return NULL;
}

bool clock_counts_nanoseconds(struct str name)
{
	/* Linux kernel/trace/trace.c, trace_clocks[]: those that are "in_ns"; and trace-cmd's own. */
	static const char *const names[] = {
		"local", "global", "perf", "mono", "mono_raw", "boot", "tai", "tsc2nsec",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

/* ---- converting ---------------------------------------------------------------------------- */

/* The offset at `time`, on the line through two samples or the first one's own. */
static uint64_t offset_at(const struct dat_clock *clock, uint64_t time,
			  const struct clock_sample *first)
{
	const struct clock_sample *second = first + 1;

	if (!clock->interpolates)
		return (uint64_t)first->offset;
	/* The samples' times differ, and the later one is the second. */
	int64_t delta = (int64_t)((uint64_t)second->time - (uint64_t)first->time);
	int64_t product = (int64_t)((time - (uint64_t)first->time) *
				    ((uint64_t)second->offset - (uint64_t)first->offset));

	if (delta <= 0)
		return (uint64_t)first->offset;
	int64_t rounded = (int64_t)((uint64_t)product + (uint64_t)(delta / 2));

	return (uint64_t)first->offset + (uint64_t)(rounded / delta);
}

/* The last sample but one that is not after `time`, or the first of all. */
static const struct clock_sample *find_sample(const struct clock_samples *samples, uint64_t time)
{
	size_t low = 0, high = samples->samples.count - 1;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if ((uint64_t)samples->samples.at[middle].time <= time)
			low = middle;
		else
			high = middle;
	}
	return &samples->samples.at[low];
}

static uint64_t to_host(const struct dat_clock *clock, uint64_t time, uint32_t cpu)
{
	if (cpu >= clock->cpus.count)
		return time;
	const struct clock_samples *samples = &clock->cpus.at[cpu];

	if (samples->samples.count == 0)
		return time;
	if (samples->samples.count == 1)
		return time + (uint64_t)samples->samples.at[0].offset;
	const struct clock_sample *sample = find_sample(samples, time);
	uint64_t offset = offset_at(clock, time, sample);

	return (time * sample->scaling >> sample->fraction) + offset;
}

uint64_t clock_convert_slowly(const struct dat_clock *clock, uint64_t time, uint32_t cpu)
{
	time = to_host(clock, time, cpu);
	if (clock->mult)
		time = (uint64_t)((wide)time * clock->mult >> clock->shift);
	return time + clock->offset;
}
