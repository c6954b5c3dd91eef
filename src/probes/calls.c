/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of flush_tlb_kernel_range(), where the compiler has left it out of line.  As an inline function it
 * is notrace, so that kprobe events are refused in it (within_notrace_func() in kernel/trace/trace_kprobe.c),
 * and none of its TLBIs can be recorded.  The calls can, and have the range.  Seen in Debian's 7.3.
 */
#include "base/cleanup.h"
#include "base/try.h"
#include "probes/plan.h"

enum {
	START,
	END,
	MAX_COPIES = 64, /* of one function: one in each object that calls it */
};

/* Of (start, end), as the kernel's function has them. */
static bool invalidates_range(const struct function_probe *function)
{
	return function->invalidates && function->argument[START] && function->argument[END];
}

static bool find_function(const struct making *making, struct str symbol,
			  struct function_probe *ret)
{
	for (uint32_t i = 0; function_probe_at(i, making->release, ret); i++)
		if (str_is(symbol, ret->symbol))
			return invalidates_range(ret);
	return false;
}

/* The entries of such functions that hold a TLBI which cannot be recorded; returns how many. */
static size_t find_hidden(const struct making *making, uint64_t entry[MAX_COPIES],
			  struct function_probe *ret)
{
	size_t nr_sites, count = 0;
	const struct vmlinux_site *site = vmlinux_sites(making->plan.vmlinux, &nr_sites);

	for (size_t i = 0; i < nr_sites && count < MAX_COPIES; i++) {
		uint64_t start = site[i].address - site[i].offset;
		struct function_probe function = {0};

		if (site[i].kind != SITE_TLBI || site[i].obstacle != OBSTACLE_NOTRACE ||
		    (count && entry[count - 1] == start) ||
		    !find_function(making, site[i].symbol, &function))
			continue;
		*ret = function;
		entry[count++] = start;
	}
	return count;
}

static struct error *add_call(struct making *making, const struct function_probe *function,
			      const struct vmlinux_site *found, size_t number)
{
	struct vmlinux_site *site = arena_alloc(&making->arena, sizeof(*site));

	if (!site)
		return error_memory();
	*site = *found;
	site->op = function->symbol;
	struct probe probe = {
		.group = GROUP_TLBI,
		.kind = PROBE_INSTRUCTION,
		.where = name_place(making, site->symbol, site->is_ambiguous, site->offset,
				    site->address),
		.reason = site->obstacle ? vmlinux_obstacle_text(site->obstacle) : NULL,
		.site = site,
	};

	buffer_printf(&making->text, "%s_%zu", function->symbol, number);
	probe.name = take_text(making);
	buffer_printf(&making->text, "%s=%%x%d %s=%%x%d", function->argument[START], START,
		      function->argument[END], END);
	probe.fetch = take_text(making);
	return add_probe(making, probe);
}

struct error *add_calls(struct making *making)
{
	_cleanup_(free_pointer) struct vmlinux_site *site = NULL;
	uint64_t entry[MAX_COPIES];
	struct function_probe function = {0};
	size_t count, nr_entries = find_hidden(making, entry, &function);

	TRY(vmlinux_calls(making->plan.vmlinux, entry, nr_entries, &site, &count));
	for (size_t i = 0; i < count; i++)
		if (site[i].concern == CONCERN_KERNEL)
			TRY(add_call(making, &function, &site[i], i));
	return NULL;
}
