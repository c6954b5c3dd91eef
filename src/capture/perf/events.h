/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The events of a recording, and of which of them a record is. */
#ifndef MMUREPLAY_CAPTURE_PERF_EVENTS_H
#define MMUREPLAY_CAPTURE_PERF_EVENTS_H

#include <mmureplay/capture.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/hash.h"

#include "capture/formats.h"
#include "capture/perf/attr.h"
#include "capture/perf/stream.h"

/* What is to be done with the samples of an event. */
enum event_use {
	EVENT_NEW,	/* not known before the first of them */
	EVENT_UNWANTED, /* none of them is wanted */
	EVENT_READ,	/* their formats are to be asked */
	EVENT_WANTED,	/* likewise; some were wanted */
};

/* One event of the recording. */
struct perf_event {
	struct perf_attr attr;
	enum event_use use;
	bool is_anonymous; /* stands for all: samples do not say of which event they are */
	/* Of an event whose samples are taken the short way, see samples.c; NULL: they are not. */
	struct event_format *format;
	uint32_t raw_at; /* likewise: where in the record the raw data begin */
};

/* An id stands for an event on one CPU or of one task. */
struct event_id {
	struct perf_event *event;
	uint32_t cpu; /* CPU_UNKNOWN until an ID_INDEX says it */
};

struct event_table {
	struct arena arena;
	ARRAY_OF(struct perf_event *) events;
	struct hash_map by_id; /* struct event_id */
	/* The kernel numbers events one after the other: those of these ids, found without a hash. */
	uint64_t first_id;
	ARRAY_OF(struct perf_event *) in_row; /* from first_id on; NULL: not an id */
	struct perf_event *anonymous; /* stands for all events, where all are read the same way */
	uint8_t id_at;		      /* where all samples have an id; NOWHERE: there is none */
	uint8_t tail_id_at;	      /* the same for other records, from their end */
};

/* A table that is all zero is empty and valid. */
void events_deinit(struct event_table *table);

/* Adds an event; NULL when memory is short.  It stays where it is as long as the table. */
struct perf_event *events_add(struct event_table *table, const struct perf_attr *attr);

/* Says that `id` is of `event`; false when memory is short. */
bool events_add_id(struct event_table *table, uint64_t id, struct perf_event *event);

/* The id's entry, or NULL. */
struct event_id *events_find_id(const struct event_table *table, uint64_t id);

/* The event of an id that is not in the row, or of a sample without one. */
struct perf_event *events_of_sample_slowly(struct event_table *table,
					   const struct perf_record *record, bool big_endian);

/* Of which event a sample is; NULL when that cannot be told. */
static inline struct perf_event *events_of_sample(struct event_table *table,
						  const struct perf_record *record, bool big_endian)
{
	if (table->id_at == NOWHERE ||
	    record->size < RECORD_HEADER_SIZE + table->id_at + sizeof(uint64_t))
		return events_of_sample_slowly(table, record, big_endian);
	uint64_t id = load_u64(record->data + RECORD_HEADER_SIZE + table->id_at, big_endian);
	uint64_t index = id - table->first_id;

	if (index < table->in_row.count && table->in_row.at[index])
		return table->in_row.at[index];
	return events_of_sample_slowly(table, record, big_endian);
}

/* Of which event a record is that has a sample_id at its end; NULL when it has none. */
struct perf_event *events_of_other(struct event_table *table, const struct perf_record *record,
				   bool big_endian);

#endif
