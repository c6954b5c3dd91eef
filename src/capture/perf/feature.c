/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file says of the system and the recording.  A string is u32 length, then so many characters
 * with a NUL among them.  [file]
 */
#include "base/cleanup.h"
#include "base/try.h"

#include "capture/perf/perf.h"

static struct error *read_release(struct capture *capture, struct cursor *cursor)
{
	struct str release;
	uint32_t length = 0;

	TRY(cursor_u32(cursor, &length));
	TRY(cursor_bytes(cursor, length, &release));
	release.length = strnlen(release.text, release.length);
	if (!release.length)
		return NULL;
	capture->info.release = intern(&capture->types.strings, release).text;
	return capture->info.release ? NULL : error_memory();
}

/* tools/perf/util/header.c, write_nrcpus(): the available ones, then the online ones. */
static struct error *read_nr_cpus(struct capture *capture, struct cursor *cursor)
{
	uint32_t available, online = 0;

	TRY(cursor_u32(cursor, &available));
	TRY(cursor_u32(cursor, &online));
	if (online <= PERF_CPU_MAX)
		capture->info.nr_cpus = online;
	return NULL;
}

bool perf_wants_feature(uint64_t feature)
{
	return feature == FEATURE_TRACING_DATA || feature == FEATURE_OSRELEASE ||
	       feature == FEATURE_NRCPUS;
}

struct error *perf_read_feature(struct capture *capture, uint64_t feature, struct cursor *cursor)
{
	switch (feature) {
	case FEATURE_TRACING_DATA:
		return perf_read_tracing_data(capture, cursor);
	case FEATURE_OSRELEASE:
		return read_release(capture, cursor);
	case FEATURE_NRCPUS:
		return read_nr_cpus(capture, cursor);
	}
	return NULL;
}
