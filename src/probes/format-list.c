/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan for people: what is probed, what cannot be, what is not there, and what it costs. */
#include <inttypes.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "probes/format.h"

static void write_kernel(const struct vmlinux_info *info, FILE *file)
{
	fprintf(file, "kernel     ");
	if (info->release.length)
		fprintf(file, "Linux %.*s", STR_ARGS(info->release));
	else
		fprintf(file, "release not known");
	if (info->granule)
		fprintf(file, ", %uK pages", info->granule / 1024);
	if (info->va_bits_max > info->va_bits)
		fprintf(file, ", %u to %u VA bits", info->va_bits, info->va_bits_max);
	else if (info->va_bits)
		fprintf(file, ", %u VA bits", info->va_bits);
	fprintf(file, "\n");
	if (!info->build_id_size)
		return;
	fprintf(file, "build id   ");
	for (size_t i = 0; i < info->build_id_size; i++)
		fprintf(file, "%02x", info->build_id[i]);
	fprintf(file, "\n");
}

static void write_operand(const struct vmlinux_site *site, FILE *file)
{
	if (site->operand == REGISTER_XZR)
		fprintf(file, " %-4s", "xzr");
	else if (site->operand != REGISTER_NONE)
		fprintf(file, " x%-3u", site->operand);
	else
		fprintf(file, " %-4s", "-");
}

static void write_site(const struct probe *probe, FILE *file)
{
	const struct vmlinux_site *site = probe->site;
	struct buffer symbol = {0};

	utf8_add_printable(&symbol, site->symbol);
	fprintf(file, "  %016" PRIx64 "  %-12s", site->address, site->op);
	if (site->kind == SITE_CALL)
		fprintf(file, " called at");
	else
		write_operand(site, file);
	if (symbol.length)
		fprintf(file, " %.*s+0x%" PRIx64, STR_ARGS(buffer_str(&symbol)), site->offset);
	else
		fprintf(file, " %s", "?");
	buffer_deinit(&symbol);
	if (site->is_ambiguous && !probe->reason)
		fprintf(file, ", set at %s", probe->where);
	fprintf(file, "\n");
	if (probe->reason)
		fprintf(file, "%*s not set: %s\n", 36, "", probe->reason);
}

static void write_function(const struct probe_plan *plan, const struct probe *probe, FILE *file)
{
	fprintf(file, "  %-3s %s%s%s\n", probe_type(plan, probe), probe->where,
		probe->fetch[0] ? " " : "", probe->fetch);
	if (probe->reason)
		fprintf(file, "      not set: %s\n", probe->reason);
}

static void write_group(const struct probe_plan *plan, enum probe_group group, FILE *file)
{
	const struct probe_group_info *info = probe_group_info(group);
	bool is_first = true;

	for (size_t i = 0; i < plan->nr_probes; i++) {
		const struct probe *probe = &plan->probe[i];

		if (probe->group != group)
			continue;
		if (is_first)
			fprintf(file, "\n%-10s %s\n", info->name, info->what);
		is_first = false;
		if (probe->site)
			write_site(probe, file);
		else if (probe->kind == PROBE_TRACEPOINT)
			fprintf(file, "  %s if %s\n", probe->name, probe->fetch);
		else
			write_function(plan, probe, file);
	}
}

static void write_absent(const struct probe_plan *plan, FILE *file)
{
	if (plan->nr_absent)
		fprintf(file, "\nnot in this kernel, and what is there instead\n");
	for (size_t i = 0; i < plan->nr_absent; i++) {
		const struct probe_absent *absent = &plan->absent[i];

		fprintf(file, "  %-28s %-26s %s%s\n", absent->symbol, absent->versions,
			absent->instead[0] ? absent->instead : "nothing that ",
			absent->instead[0] ? "" : absent->purpose);
	}
}

/*
 * A kprobe on arm64 takes a BRK exception and a single step, a kretprobe two more exceptions: about
 * 1 and 2 us on a 2 GHz core, a tracepoint a third of that.
 */
static void write_costs(const struct probe_plan *plan, FILE *file)
{
	fprintf(file,
		"\ncost: estimated at 1 us for each hit of a kprobe, 2 us of a kretprobe, 0.3 us of a "
		"tracepoint\n");
	for (int group = 0; group < PROBE_GROUPS; group++) {
		if (!plan->nr_set[group])
			continue;
		fprintf(file, "  %-10s ", probe_group_info(group)->name);
		write_count(plan, group, file);
		fprintf(file, "; hit %s\n", probe_group_info(group)->rate);
	}
}

struct error *write_list(const struct probe_plan *plan, FILE *file)
{
	write_kernel(vmlinux_info(plan->vmlinux), file);
	for (int group = 0; group < PROBE_GROUPS; group++)
		write_group(plan, group, file);
	write_absent(plan, file);
	write_costs(plan, file);
	return NULL;
}
