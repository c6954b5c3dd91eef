/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The script that records on the target: record.sh, with the plan between its two marks. */
#include <string.h>

#include "probes/format.h"

static void write_head(const struct vmlinux_info *info, FILE *file)
{
	if (info->release.length)
		fprintf(file, "#release %.*s\n", STR_ARGS(info->release));
	if (info->build_id_size) {
		fprintf(file, "#build-id ");
		for (size_t i = 0; i < info->build_id_size; i++)
			fprintf(file, "%02x", info->build_id[i]);
		fprintf(file, "\n");
	}
}

static void write_group(const struct probe_plan *plan, enum probe_group group, FILE *file)
{
	const struct probe_group_info *info = probe_group_info(group);

	if (!plan->nr_set[group])
		return;
	fprintf(file, "#about %s %s; ", info->name, info->what);
	write_count(plan, group, file);
	fprintf(file, ", hit %s\n", info->rate);
	if (plan->options.callers && group == GROUP_IO)
		fprintf(file, "#callers %s\n", info->name);
}

static void write_plan(const struct probe_plan *plan, FILE *file)
{
	write_head(vmlinux_info(plan->vmlinux), file);
	for (int group = 0; group < PROBE_GROUPS; group++)
		write_group(plan, group, file);
	for (size_t i = 0; i < plan->nr_probes; i++) {
		const struct probe *probe = &plan->probe[i];
		const char *group = probe_group_info(probe->group)->name;

		if (probe->kind == PROBE_TRACEPOINT)
			fprintf(file, "%s %s event %s\n", group, probe->name, probe->fetch);
		else if (!probe->reason)
			fprintf(file, "%s %s %s %s%s%s\n", group, probe->name,
				probe_type(plan, probe), probe->where, probe->fetch[0] ? " " : "",
				probe->fetch);
	}
}

struct error *write_script(const struct probe_plan *plan, FILE *file)
{
	for (const char *const *line = record_script; *line; line++) {
		fputs(*line, file);
		if (strcmp(*line, "#@plan\n") == 0)
			write_plan(plan, file);
	}
	return NULL;
}
