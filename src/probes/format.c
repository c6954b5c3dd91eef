/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probes/format.h"

bool is_kprobe(const struct probe *probe)
{
	return probe->kind != PROBE_TRACEPOINT && !probe->reason;
}

void write_definition(const struct probe_plan *plan, const struct probe *probe, FILE *file)
{
	fprintf(file, "%s:%s/%s %s%s%s\n", probe_type(plan, probe),
		probe_group_info(probe->group)->name, probe->name, probe->where,
		probe->fetch[0] ? " " : "", probe->fetch);
}

void write_count(const struct probe_plan *plan, enum probe_group group, FILE *file)
{
	uint32_t returns = plan->nr_returns[group], calls = plan->nr_set[group] - returns;

	fprintf(file, "%u %s%s", calls, group == GROUP_PAGE ? "tracepoint" : "kprobe",
		calls == 1 ? "" : "s");
	if (returns)
		fprintf(file, ", %u kretprobe%s", returns, returns == 1 ? "" : "s");
}

struct error *probe_plan_write(const struct probe_plan *plan, enum probe_format format, FILE *file)
{
	static struct error *(*const writers[PROBE_FORMATS])(const struct probe_plan *, FILE *) = {
		[PROBE_FORMAT_LIST] = write_list,	    [PROBE_FORMAT_TRACEFS] = write_tracefs,
		[PROBE_FORMAT_TRACE_CMD] = write_trace_cmd, [PROBE_FORMAT_PERF] = write_perf,
		[PROBE_FORMAT_JSON] = write_json,	    [PROBE_FORMAT_SCRIPT] = write_script,
	};

	return writers[format](plan, file);
}
