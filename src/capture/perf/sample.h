/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is needed of a sample, and of the sample_id at the end of other records. */
#ifndef MMUREPLAY_CAPTURE_PERF_SAMPLE_H
#define MMUREPLAY_CAPTURE_PERF_SAMPLE_H

#include <mmureplay/str.h>

#include "capture/perf/attr.h"
#include "capture/perf/stream.h"

/* When, where and who.  What the record does not say is 0, CPU_UNKNOWN and PID_UNKNOWN. */
struct sample_id {
	uint64_t time;
	uint32_t cpu;
	int32_t pid; /* of the thread */
};

struct sample {
	struct sample_id id;
	const uint8_t *chain; /* nr_ips u64, in the file's byte order, at any alignment */
	uint64_t nr_ips;
	struct str raw; /* as the event's format says, and some padding */
};

/* Reads a sample of an event with this attr; false when it is shorter than it should be. */
bool sample_read(const struct perf_attr *attr, const struct perf_record *record, bool big_endian,
		 struct sample *ret);

/* Reads a sample_id, all of which is at `at`. */
struct sample_id sample_id_read(const struct id_layout *layout, const uint8_t *at, bool big_endian);

#endif
