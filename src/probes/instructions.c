/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of TLBI and DSB instructions. */
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/try.h"
#include "probes/plan.h"

/* Numbers the events of one operation: "vaae1is_3". */
struct numbering {
	struct hash_map next; /* by the address of the operation's name: the number to use, plus 1 */
};

static void numbering_deinit(struct numbering *numbering)
{
	hash_deinit(&numbering->next);
}

static const char *event_name(struct making *making, struct numbering *numbering,
			      const struct vmlinux_site *site)
{
	uint64_t key = (uint64_t)(uintptr_t)site->op;
	uintptr_t number = (uintptr_t)hash_get(&numbering->next, key);

	if (number == 0)
		number = 1;
	if (!hash_set(&numbering->next, key, (void *)(number + 1)))
		return NULL;
	for (const char *c = site->op; *c; c++)
		buffer_add_char(&making->text, *c == ' ' ? '_' : *c);
	buffer_printf(&making->text, "_%u", (unsigned int)(number - 1));
	return take_text(making);
}

static const char *operand_of(struct making *making, const struct vmlinux_site *site)
{
	if (site->operand >= REGISTER_XZR)
		return "";
	buffer_printf(&making->text, "op=%%x%u", site->operand);
	return take_text(making);
}

static const char *reason_of(const struct vmlinux_site *site)
{
	if (site->concern != CONCERN_KERNEL)
		return vmlinux_concern_text(site->concern);
	return site->obstacle ? vmlinux_obstacle_text(site->obstacle) : NULL;
}

static struct error *add_site(struct making *making, struct numbering *numbering,
			      const struct vmlinux_site *site)
{
	struct probe probe = {
		.group = site->kind == SITE_TLBI ? GROUP_TLBI : GROUP_DSB,
		.kind = PROBE_INSTRUCTION,
		.where = name_place(making, site->symbol, site->is_ambiguous, site->offset,
				    site->address),
		.fetch = operand_of(making, site),
		.reason = reason_of(site),
		.site = site,
	};

	/* Only events need names; numbers stay the same with --all. */
	probe.name = probe.reason ? site->op : event_name(making, numbering, site);
	return add_probe(making, probe);
}

static void map_deinit(struct hash_map *map)
{
	hash_deinit(map);
}

/*
 * The entries of functions in which barriers matter: where descriptors are written or invalidated,
 * and a probe is set already.
 */
static struct error *find_functions(const struct making *making, struct hash_map *ret)
{
	for (size_t i = 0; i < making->probes.count; i++) {
		struct probe *probe = &making->probes.at[i];
		struct vmlinux_symbol symbol;
		uint64_t entry = 0;

		if (probe->reason)
			continue;
		if (probe->site)
			entry = probe->site->address - probe->site->offset;
		else if (probe->group == GROUP_ENTRY &&
			 vmlinux_symbol_named(making->plan.vmlinux, str_from(probe->where),
					      &symbol))
			entry = symbol.address;
		if (entry && !hash_set(ret, entry, probe))
			return error_memory();
	}
	return NULL;
}

static struct error *add_barriers(struct making *making, struct numbering *numbering,
				  const struct vmlinux_site *site, size_t count)
{
	_cleanup_(map_deinit) struct hash_map functions = {0};

	TRY(find_functions(making, &functions));
	for (size_t i = 0; i < count; i++)
		if (site[i].kind == SITE_DSB &&
		    hash_get(&functions, site[i].address - site[i].offset))
			TRY(add_site(making, numbering, &site[i]));
	return NULL;
}

struct error *add_instructions(struct making *making)
{
	_cleanup_(numbering_deinit) struct numbering numbering = {0};
	size_t count;
	const struct vmlinux_site *site = vmlinux_sites(making->plan.vmlinux, &count);

	for (size_t i = 0; i < count; i++)
		if (site[i].kind == SITE_TLBI &&
		    (making->plan.options.all || site[i].concern == CONCERN_KERNEL))
			TRY(add_site(making, &numbering, &site[i]));
	return making->plan.options.dsb ? add_barriers(making, &numbering, site, count) : NULL;
}
