/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/summary.h"

/* More CPUs than any machine has: a higher number is a damaged one. */
enum {
	MAX_CPUS = 1 << 16
};

void summary_deinit(struct summary *summary)
{
	array_deinit(&summary->probes);
	array_deinit(&summary->cpus);
}

bool summary_add_type(struct summary *summary, const struct record_type *type, const char *meaning)
{
	while (summary->probes.count <= type->id)
		if (!array_push(&summary->probes, (struct event_probe){0}))
			return false;
	summary->probes.at[type->id] = (struct event_probe){.type = type, .meaning = meaning};
	summary->counts.probe = summary->probes.at;
	summary->counts.nr_probes = (uint32_t)summary->probes.count;
	return true;
}

bool summary_add_unmet(struct summary *summary, const struct record_type *type, const char *meaning)
{
	const struct event_probe probe = {.type = type, .meaning = meaning};

	if (!array_push(&summary->probes, probe))
		return false;
	summary->counts.probe = summary->probes.at;
	summary->counts.nr_probes = (uint32_t)summary->probes.count;
	return true;
}

static bool keep_newest(struct summary *summary, uint32_t cpu, struct summary_cpu newest)
{
	if (cpu >= MAX_CPUS)
		return true;
	while (summary->cpus.count <= cpu)
		if (!array_push(&summary->cpus, (struct summary_cpu){0}))
			return false;
	summary->cpus.at[cpu] = newest;
	if (cpu > summary->counts.max_cpu)
		summary->counts.max_cpu = cpu;
	return true;
}

bool summary_add_record(struct summary *summary, const struct record *record, uint64_t order)
{
	struct event_summary *counts = &summary->counts;
	struct event_probe *probe = &summary->probes.at[record->type->id];
	uint64_t back = summary->newest_time > record->time ? summary->newest_time - record->time
							    : 0;

	probe->count++;
	if (back) {
		counts->nr_time_steps_back++;
		if (back > counts->max_step_back)
			counts->max_step_back = back;
	}
	summary->newest_time = record->time;
	if (probe->meaning) {
		if (!counts->first_time)
			counts->first_time = record->time;
		counts->last_time = record->time;
	}
	return keep_newest(summary, record->cpu, (struct summary_cpu){record->time, order});
}

struct summary_cpu summary_last(const struct summary *summary, uint32_t cpu)
{
	return cpu < summary->cpus.count ? summary->cpus.at[cpu] : (struct summary_cpu){0};
}
