/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts what the decoder meets. */
#ifndef MMUREPLAY_EVENT_SUMMARY_H
#define MMUREPLAY_EVENT_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "base/array.h"

/* The newest record of a CPU; order 0: there was none. */
struct summary_cpu {
	uint64_t time, order;
};

struct summary {
	struct event_summary counts;
	ARRAY_OF(struct event_probe) probes; /* by record_type.id */
	ARRAY_OF(struct summary_cpu) cpus;
	uint64_t newest_time; /* of the record before */
};

void summary_deinit(struct summary *summary);

/* A record type has been met; types come in the order of their ids.  False: memory is short. */
bool summary_add_type(struct summary *summary, const struct record_type *type, const char *meaning);

/* A probe that was there and never hit; after the last type was met.  False: memory is short. */
bool summary_add_unmet(struct summary *summary, const struct record_type *type,
		       const char *meaning);

/* The parts of summary_add_record() for a CPU not met before, and a time before the last. */
bool summary_add_cpu(struct summary *summary, uint32_t cpu);
void summary_add_step_back(struct summary *summary, uint64_t back);

/* A record has been met, the order-th.  False: memory is short. */
static inline bool summary_add_record(struct summary *summary, const struct record *record,
				      uint64_t order)
{
	struct event_summary *counts = &summary->counts;
	struct event_probe *probe = &summary->probes.at[record->type->id];
	uint32_t cpu = record->cpu;

	probe->count++;
	counts->nr_unnamed += record->address && !record->type->symbol.length;
	if (record->time < summary->newest_time)
		summary_add_step_back(summary, summary->newest_time - record->time);
	summary->newest_time = record->time;
	if (probe->meaning) {
		if (!counts->first_time)
			counts->first_time = record->time;
		counts->last_time = record->time;
	}
	if (cpu >= summary->cpus.count && !summary_add_cpu(summary, cpu))
		return false;
	if (cpu < summary->cpus.count)
		summary->cpus.at[cpu] = (struct summary_cpu){record->time, order};
	return true;
}

/* An event has been handed out. */
static inline void summary_add_event(struct summary *summary, enum mmu_event_kind kind)
{
	summary->counts.nr_events[kind]++;
	summary->counts.traced[kind] = true;
}

/* The newest record of this CPU. */
static inline struct summary_cpu summary_last(const struct summary *summary, uint32_t cpu)
{
	return cpu < summary->cpus.count ? summary->cpus.at[cpu] : (struct summary_cpu){0};
}

#endif
