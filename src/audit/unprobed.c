/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes that the captured kernel needs, against those that the capture had. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/try.h"

#include "audit/audit.h"

enum {
	/* BTI or the NOPs of a patchable entry move a probe of a function's entry. */
	ENTRY_BYTES = 8,
};

/* What comparing needs. */
struct comparison {
	const struct vmlinux *vmlinux;
	const struct event_summary *events;
	bool *is_used; /* by event_probe: it stands for a TLBI without an address */
};

/* Where the image has "SYMBOL" with this offset; 0: it does not, or several times. */
static uint64_t address_of(const struct vmlinux *vmlinux, struct str name, uint64_t offset)
{
	struct vmlinux_symbol symbol;

	if (!name.length || !vmlinux_symbol_named(vmlinux, name, &symbol) || symbol.is_ambiguous)
		return 0;
	return symbol.address + offset;
}

/* The same of a plan's "SYMBOL+0xOFFSET". */
static uint64_t address_of_place(const struct vmlinux *vmlinux, const char *where)
{
	const char *plus = strchr(where, '+');
	struct str name = str_from(where);

	return address_of(vmlinux, plus ? str_first(name, (size_t)(plus - where)) : name,
			  plus ? strtoull(plus + 1, NULL, 16) : 0);
}

/* The same of what was probed; functions of modules are not in it. */
static uint64_t address_of_type(const struct vmlinux *vmlinux, const struct record_type *type)
{
	return type->module.length ? 0 : address_of(vmlinux, type->symbol, type->offset);
}

/* Whether a probe is the one of a function that the plan has, by address or else by its meaning. */
static bool is_of_function(const struct comparison *comparison, const struct event_probe *met,
			   const struct probe *planned)
{
	const struct record_type *type = met->type;
	uint64_t entry = address_of_place(comparison->vmlinux, planned->where);
	uint64_t address = address_of_type(comparison->vmlinux, type);

	if (type->module.length || type->is_return != (planned->kind == PROBE_RETURN))
		return false;
	if (address)
		return address - entry <= ENTRY_BYTES;
	/* Of one that was never hit only the name is known. */
	if (!met->meaning || !str_starts(str_from(planned->where), str_from(met->meaning)))
		return false;
	char next = planned->where[strlen(met->meaning)];

	return next == '\0' || next == '.';
}

/* Likewise of an instruction; one without an address stands for one of the same operation. */
static bool is_of_site(const struct comparison *comparison, uint32_t i,
		       const struct vmlinux_site *site)
{
	const struct event_probe *met = &comparison->events->probe[i];
	const struct record_type *type = met->type;
	uint64_t address = address_of_type(comparison->vmlinux, type);
	struct tlbi_op here, there;
	char names[2][TLBI_NAME_MAX];

	if (address || type->is_return || type->module.length)
		return address == site->address && !type->is_return;
	if (site->kind == SITE_CALL)
		return !comparison->is_used[i] && met->meaning &&
		       strcmp(met->meaning, site->op) == 0;
	if (comparison->is_used[i] || !tlbi_op_parse(type->name, &here) ||
	    !tlbi_op_parse(str_from(site->op), &there))
		return false;
	return strcmp(tlbi_op_name(here, names[0]), tlbi_op_name(there, names[1])) == 0;
}

static bool was_there(const struct comparison *comparison, const struct probe *planned)
{
	for (uint32_t i = 0; i < comparison->events->nr_probes; i++) {
		const struct event_probe *met = &comparison->events->probe[i];

		if (!met->type)
			continue;
		if (planned->kind != PROBE_INSTRUCTION && is_of_function(comparison, met, planned))
			return true;
		if (planned->kind == PROBE_INSTRUCTION &&
		    is_of_site(comparison, i, planned->site)) {
			comparison->is_used[i] = true;
			return true;
		}
	}
	return false;
}

struct error *coverage_plan(const struct kernel *kernel, struct probe_plan **ret)
{
	const struct probe_options options = {.minimal = true};

	if (!kernel || !kernel_image(kernel))
		return NULL;
	return error_at(probe_plan_create(kernel_image(kernel), &options, ret),
			kernel_image_path(kernel), ERROR_NO_PLACE, 0);
}

/* Whether the kernel has refused the probe. */
static bool is_refused(const struct audit_options *options, const struct probe *planned)
{
	for (size_t i = 0; i < options->nr_refused; i++)
		if (str_is(options->refused[i], planned->where))
			return true;
	return false;
}

struct error *coverage_compare_plan(struct audit *audit, const struct event_summary *events)
{
	const struct kernel *kernel = audit->options.kernel;
	struct coverage *coverage = &audit->coverage;

	if (!audit->plan)
		return NULL;
	_cleanup_(free_pointer) bool *is_used = calloc(events->nr_probes + 1, sizeof(*is_used));
	const struct comparison comparison = {kernel_image(kernel), events, is_used};
	const struct probe **list =
		arena_alloc(&audit->arena, (audit->plan->nr_probes + 1) * sizeof(const void *));

	if (!is_used || !list)
		return error_memory();
	for (size_t i = 0; i < audit->plan->nr_probes; i++) {
		const struct probe *planned = &audit->plan->probe[i];

		if (planned->reason || planned->kind == PROBE_TRACEPOINT ||
		    was_there(&comparison, planned))
			continue;
		if (is_refused(&audit->options, planned))
			coverage->gap[GAP_REFUSED]++;
		else
			list[coverage->nr_unprobed++] = planned;
	}
	coverage->unprobed = list;
	/* A text tells of hits only; and one that was never hit and has no telling name may be any. */
	bool is_sure = events->knows_unhit && !events->nr_unmet_unknown;

	coverage->gap[is_sure ? GAP_UNPROBED : GAP_UNHIT] = coverage->nr_unprobed;
	return NULL;
}
