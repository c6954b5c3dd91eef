/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "probes/plan.h"

const struct probe_group_info *probe_group_info(enum probe_group group)
{
	static const struct probe_group_info groups[PROBE_GROUPS] = {
		[GROUP_IO] = {"mmu_io", "ioremap and iounmap: who, what, where",
			      "seldom: when drivers come and go"},
		[GROUP_RANGE] =
			{"mmu_range", "ranges that are mapped, cleared and purged",
			 "each ioremap, vmalloc and vfree; often where processes start often"},
		[GROUP_ENTRY] = {"mmu_entry",
				 "blocks, breaks and the kernel's PTE tables, with the old "
				 "descriptors",
				 "seldom: each 2M of a large mapping"},
		[GROUP_TABLE] = {"mmu_table",
				 "PMD tables and above, for the kernel and for processes",
				 "several in each fork and exec"},
		[GROUP_TLBI] = {"mmu_tlbi",
				"TLBI instructions for kernel addresses, with their operands",
				"in bursts: a purge has one for each page, up to some hundreds"},
		[GROUP_DSB] = {"mmu_dsb", "barriers in the same functions", "as mmu_tlbi"},
		[GROUP_PAGE] = {"kmem",
				"single pages allocated and freed: is a table's page freed?",
				"very often: each page of all memory in use; left out by --minimal"},
	};

	return &groups[group];
}

const char *take_text(struct making *making)
{
	struct str copy = arena_copy(&making->arena, buffer_str(&making->text));
	bool failed = making->text.failed;

	buffer_clear(&making->text);
	return failed ? NULL : copy.text;
}

/* What the compiler and the linker make; a hostile image may have anything. */
static bool is_plain(struct str symbol)
{
	for (size_t i = 0; i < symbol.length; i++) {
		char c = symbol.text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '_' && c != '.' && c != '$')
			return false;
	}
	return symbol.length > 0 && symbol.text[0] != '.' && symbol.text[0] != '$';
}

const char *name_place(struct making *making, struct str symbol, bool is_ambiguous, uint64_t offset,
		       uint64_t address)
{
	struct vmlinux_symbol start;

	/*
	 * Not _text: it lies before the text, so that kallsyms has it only with KALLSYMS_ALL, which
	 * distributions leave out (Debian's arm64 kernels do).
	 */
	if ((is_ambiguous || !is_plain(symbol)) &&
	    (vmlinux_symbol_named(making->plan.vmlinux, STR("_stext"), &start) ||
	     vmlinux_symbol_named(making->plan.vmlinux, STR("_text"), &start))) {
		symbol = start.name;
		offset = address - start.address;
	}
	buffer_add(&making->text, symbol);
	if (offset)
		buffer_printf(&making->text, "+0x%" PRIx64, offset);
	return take_text(making);
}

struct error *add_probe(struct making *making, struct probe probe)
{
	if (!probe.name || !probe.where || !probe.fetch || !array_push(&making->probes, probe))
		return error_memory();
	if (!probe.reason) {
		making->plan.nr_set[probe.group]++;
		making->plan.nr_returns[probe.group] += probe.kind == PROBE_RETURN;
	}
	return NULL;
}

static uint32_t parse_release(struct str release)
{
	unsigned int major, minor;
	char text[16];

	snprintf(text, sizeof(text), "%.*s", STR_ARGS(release));
	if (sscanf(text, "%3u.%3u", &major, &minor) != 2)
		return 0;
	return KERNEL_RELEASE(major, minor);
}

/* What became of the pages of tables. */
static struct error *add_tracepoints(struct making *making)
{
	static const char *const names[] = {"kmem:mm_page_alloc", "kmem:mm_page_free"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !making->plan.options.minimal;
	     i++)
		TRY(add_probe(making, (struct probe){.group = GROUP_PAGE,
						     .kind = PROBE_TRACEPOINT,
						     .name = names[i],
						     .where = names[i],
						     .fetch = "order == 0"}));
	return NULL;
}

/* By group; within one, as they came. */
static void sort_probes(struct making *making, struct probe *sorted)
{
	size_t count = 0;

	for (int group = 0; group < PROBE_GROUPS; group++)
		for (size_t i = 0; i < making->probes.count; i++)
			if (making->probes.at[i].group == (enum probe_group)group)
				sorted[count++] = making->probes.at[i];
}

static struct error *finish(struct making *making)
{
	struct probe_plan *plan = &making->plan;
	size_t count = making->probes.count;

	if (count == 0)
		return error_create(
			ERROR_FORMAT,
			"has none of the kernel's functions that map memory, and no TLBI: is "
			"it a kernel?");
	struct probe *sorted = arena_alloc(&making->arena, count * sizeof(*sorted));

	if (!sorted)
		return error_memory();
	sort_probes(making, sorted);
	plan->probe = sorted;
	plan->nr_probes = count;
	plan->absent = making->absent.at;
	plan->nr_absent = making->absent.count;
	return NULL;
}

void probe_plan_destroy(struct probe_plan *plan)
{
	struct making *making = (struct making *)plan;

	if (!making)
		return;
	array_deinit(&making->probes);
	array_deinit(&making->absent);
	buffer_deinit(&making->text);
	arena_deinit(&making->arena);
	free(making);
}

static void destroy_making(struct making **making)
{
	probe_plan_destroy(*making ? &(*making)->plan : NULL);
}

struct error *probe_plan_create(const struct vmlinux *vmlinux, const struct probe_options *options,
				struct probe_plan **ret)
{
	_cleanup_(destroy_making) struct making *making = calloc(1, sizeof(*making));

	if (!making)
		return error_memory();
	making->plan.vmlinux = vmlinux;
	making->plan.options = *options;
	making->release = parse_release(vmlinux_info(vmlinux)->release);
	TRY(add_functions(making));
	TRY(add_instructions(making));
	TRY(add_calls(making));
	if (making->probes.count)
		TRY(add_tracepoints(making));
	TRY(finish(making));
	*ret = &steal(making)->plan;
	return NULL;
}

const char *probe_type(const struct probe_plan *plan, const struct probe *probe)
{
	const struct making *making = (const struct making *)plan;

	if (probe->kind != PROBE_RETURN)
		return "p";
	/* A number after the r is understood from 4.12 on (696ced4fb1d7). */
	return making->release && making->release < KERNEL_RELEASE(4, 12) ? "r" : "r64";
}
