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

bool summary_add_cpu(struct summary *summary, uint32_t cpu)
{
	if (cpu >= MAX_CPUS)
		return true;
	while (summary->cpus.count <= cpu)
		if (!array_push(&summary->cpus, (struct summary_cpu){0}))
			return false;
	summary->counts.max_cpu = cpu;
	return true;
}

void summary_add_step_back(struct summary *summary, uint64_t back)
{
	struct event_summary *counts = &summary->counts;

	counts->nr_time_steps_back++;
	if (back > counts->max_step_back)
		counts->max_step_back = back;
}
