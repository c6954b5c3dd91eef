/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One perf_event_attr, and where its samples and other records have what is needed of them. */
#ifndef MMUREPLAY_CAPTURE_PERF_ATTR_H
#define MMUREPLAY_CAPTURE_PERF_ATTR_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/error.h>

#include "base/cursor.h"

enum {
	/* perf_event_attr as first published (PERF_ATTR_SIZE_VER0): all later ones begin so. */
	ATTR_SIZE_MIN = 64,
	/* The kernel takes no attr larger than a page (perf_copy_attr()). */
	ATTR_SIZE_MAX = 4096,
	/* No such field. */
	NOWHERE = 255,
};

/* Offsets of fields within a run of u64 slots; NOWHERE where there is none. */
struct id_layout {
	uint8_t size; /* of all of it */
	uint8_t tid;
	uint8_t time;
	uint8_t cpu;
	uint8_t id; /* IDENTIFIER, else ID, else STREAM_ID */
};

struct perf_attr {
	uint32_t type;
	uint64_t config;
	uint64_t sample_period; /* or the frequency, with is_freq */
	uint64_t sample_type;
	uint64_t read_format;
	bool is_freq;
	bool sample_id_all;
	bool write_backward;
	bool use_clockid;
	int32_t clockid;
	struct id_layout head; /* of a sample, behind the record's header */
	struct id_layout tail; /* of other records, at their end; empty without sample_id_all */
};

/* Reads an attr; the cursor is left behind as many bytes as the attr says it has. */
struct error *attr_read(struct cursor *cursor, struct perf_attr *ret) MUST_CHECK;

/* Whether records of both are read the same way. */
bool attr_same_layout(const struct perf_attr *a, const struct perf_attr *b);

#endif
