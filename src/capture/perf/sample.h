/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is needed of a sample, and of the sample_id at the end of other records. */
#ifndef MMUREPLAY_CAPTURE_PERF_SAMPLE_H
#define MMUREPLAY_CAPTURE_PERF_SAMPLE_H

#include <mmureplay/capture.h>
#include <mmureplay/str.h>

#include "base/cursor.h"

#include "capture/perf/abi.h"
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

/* Reads a sample_id, all of which is at `at`. */
static inline struct sample_id sample_id_read(const struct id_layout *layout, const uint8_t *at,
					      bool big_endian)
{
	struct sample_id id = {0, CPU_UNKNOWN, PID_UNKNOWN};

	if (layout->time != NOWHERE)
		id.time = load_u64(at + layout->time, big_endian);
	if (layout->cpu != NOWHERE)
		id.cpu = load_u32(at + layout->cpu, big_endian);
	if (layout->tid != NOWHERE)
		id.pid = (int32_t)load_u32(at + layout->tid + sizeof(uint32_t), big_endian);
	return id;
}

/* The part of sample_read() for all sorts of samples. */
bool sample_read_slowly(const struct perf_attr *attr, const struct perf_record *record,
			bool big_endian, struct sample *ret);

/* Reads a sample of an event with this attr; false when it is shorter than it should be. */
static inline bool sample_read(const struct perf_attr *attr, const struct perf_record *record,
			       bool big_endian, struct sample *ret)
{
	/* Most often the raw data are all that is behind the head. */
	const uint8_t *head = record->data + RECORD_HEADER_SIZE;
	uint32_t raw_at = RECORD_HEADER_SIZE + attr->head.size + (uint32_t)sizeof(uint32_t);

	if ((attr->sample_type & (SAMPLE_READ | SAMPLE_CALLCHAIN | SAMPLE_RAW)) != SAMPLE_RAW)
		return sample_read_slowly(attr, record, big_endian, ret);
	if (record->size < raw_at)
		return false;
	ret->id = sample_id_read(&attr->head, head, big_endian);
	ret->nr_ips = 0;
	ret->raw = (struct str){(const char *)record->data + raw_at,
				load_u32(head + attr->head.size, big_endian)};
	return ret->raw.length <= record->size - raw_at;
}

#endif
