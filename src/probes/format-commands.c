/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for kprobe_events, and the shell commands that set them and record with trace-cmd or perf. */
#include "probes/format.h"

/* kprobe_events passes over what follows a '#'. */
struct error *write_tracefs(const struct probe_plan *plan, FILE *file)
{
	const struct vmlinux_info *info = vmlinux_info(plan->vmlinux);

	if (info->release.length)
		fprintf(file, "# Linux %.*s\n", STR_ARGS(info->release));
	for (size_t i = 0; i < plan->nr_probes; i++) {
		const struct probe *probe = &plan->probe[i];

		if (probe->kind == PROBE_TRACEPOINT)
			fprintf(file, "# and the event %s, with the filter %s\n", probe->name,
				probe->fetch);
		else if (probe->reason)
			fprintf(file, "# not set: %s at %s: %s\n", probe->name, probe->where,
				probe->reason);
		else
			write_definition(plan, probe, file);
	}
	return NULL;
}

#define TRACEFS "/sys/kernel/tracing"

/*
 * Through kprobe_events and not through "perf probe", which needs the kernel's DWARF on the target.
 */
static void write_setting(const struct probe_plan *plan, FILE *file)
{
	const struct vmlinux_info *info = vmlinux_info(plan->vmlinux);

	fprintf(file,
		"# As root%s%.*s.  'mmureplay probes --format=script' does the same, and checks.\n"
		"cat >>" TRACEFS "/kprobe_events <<'END'\n",
		info->release.length ? ", on Linux " : "", STR_ARGS(info->release));
	for (size_t i = 0; i < plan->nr_probes; i++)
		if (is_kprobe(&plan->probe[i]))
			write_definition(plan, &plan->probe[i], file);
	fprintf(file, "END\n");
}

static void write_removing(const struct probe_plan *plan, FILE *file)
{
	fprintf(file, "cat " TRACEFS "/kprobe_profile >kprobe_profile.txt\n"
		      "cat /proc/kallsyms >kallsyms.txt\n"
		      "cat >>" TRACEFS "/kprobe_events <<'END'\n");
	for (size_t i = 0; i < plan->nr_probes; i++)
		if (is_kprobe(&plan->probe[i]))
			fprintf(file, "-:%s/%s\n", probe_group_info(plan->probe[i].group)->name,
				plan->probe[i].name);
	fprintf(file, "END\n");
}

static bool has_kprobes(const struct probe_plan *plan, enum probe_group group)
{
	return group != GROUP_PAGE && plan->nr_set[group];
}

/* Call chains say who maps: of the ioremap family, that is enough. */
static bool wants_callers(const struct probe_plan *plan, enum probe_group group)
{
	return plan->options.callers && group == GROUP_IO;
}

struct error *write_trace_cmd(const struct probe_plan *plan, FILE *file)
{
	write_setting(plan, file);
	/* One clock for all CPUs, or what two of them did cannot be put in order. */
	fprintf(file, "trace-cmd record -C mono -b 16384 -o trace.dat");
	for (int group = 0; group < PROBE_GROUPS; group++)
		if (has_kprobes(plan, group))
			fprintf(file, " \\\n\t-e %s%s", probe_group_info(group)->name,
				wants_callers(plan, group) ? " -R stacktrace" : "");
	for (size_t i = 0; i < plan->nr_probes; i++)
		if (plan->probe[i].kind == PROBE_TRACEPOINT)
			fprintf(file, " \\\n\t-e %s -f '%s'", plan->probe[i].name,
				plan->probe[i].fetch);
	fprintf(file, " \\\n\tsleep 60\n");
	write_removing(plan, file);
	return NULL;
}

struct error *write_perf(const struct probe_plan *plan, FILE *file)
{
	write_setting(plan, file);
	fprintf(file, "perf record -a -N -k mono -m 16M -o perf.data");
	for (int group = 0; group < PROBE_GROUPS; group++)
		if (has_kprobes(plan, group))
			fprintf(file, " \\\n\t-e '%s:*%s'", probe_group_info(group)->name,
				wants_callers(plan, group) ? "/call-graph=fp/" : "");
	for (size_t i = 0; i < plan->nr_probes; i++)
		if (plan->probe[i].kind == PROBE_TRACEPOINT)
			fprintf(file, " \\\n\t-e %s --filter '%s'", plan->probe[i].name,
				plan->probe[i].fetch);
	fprintf(file, " \\\n\tsleep 60\n");
	write_removing(plan, file);
	return NULL;
}
