/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file says of the system and the recording.  A string is u32 length, then so many characters
 * with a NUL among them.  [file]
 */
#include "base/cleanup.h"
#include "base/try.h"

#include "capture/perf/perf.h"

static struct error *read_string(struct capture *capture, struct cursor *cursor, const char **ret)
{
	struct str text;
	uint32_t length = 0;

	TRY(cursor_u32(cursor, &length));
	TRY(cursor_bytes(cursor, length, &text));
	text.length = strnlen(text.text, text.length);
	if (!text.length || str_is(text, "(none)")) /* Linux's name of a host that has none */
		return NULL;
	*ret = intern(&capture->types.strings, text).text;
	return *ret ? NULL : error_memory();
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
	return feature == FEATURE_TRACING_DATA || feature == FEATURE_BUILD_ID ||
	       feature == FEATURE_HOSTNAME || feature == FEATURE_OSRELEASE ||
	       feature == FEATURE_NRCPUS;
}

struct error *perf_read_feature(struct capture *capture, uint64_t feature, struct cursor *cursor)
{
	switch (feature) {
	case FEATURE_TRACING_DATA:
		return perf_read_tracing_data(capture, cursor);
	case FEATURE_BUILD_ID:
		return perf_read_build_ids(capture, cursor);
	case FEATURE_HOSTNAME:
		return read_string(capture, cursor, &capture->info.host);
	case FEATURE_OSRELEASE:
		return read_string(capture, cursor, &capture->info.release);
	case FEATURE_NRCPUS:
		return read_nr_cpus(capture, cursor);
	}
	return NULL;
}
