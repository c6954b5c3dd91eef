/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dictionary says about setting probes. */
#include <mmureplay/event-functions.h>

#include "event/dictionary.h"

/* The surest names of these roles in fields.c, in the kernel's words. */
static const char *argument_name(const struct kernel_function *function, enum field_role role)
{
	static const char *const entries[] = {
		[KERNEL_PTE] = "ptep", [KERNEL_PMD] = "pmdp", [KERNEL_PUD] = "pudp",
		[KERNEL_P4D] = "p4dp", [KERNEL_PGD] = "pgdp",
	};
	/* Not the caller and the shift: most of the functions with the same arguments have none. */
	static const char *const names[ROLES] = {
		[ROLE_VA] = "addr",   [ROLE_END] = "end",   [ROLE_SIZE] = "size",
		[ROLE_PHYS] = "phys", [ROLE_PROT] = "prot", [ROLE_PAGES] = "pages",
	};

	return role == ROLE_ENTRY ? entries[function->level] : names[role];
}

/* The arguments of one kernel, where they were not always the same. */
static enum field_role argument_role(const struct kernel_function *function, uint32_t release,
				     int index)
{
	enum field_role role = function->argument[index];

	/* __pte_alloc_kernel(): dropped in 5.0. */
	if (role == ROLE_VA && (function->flags & VA_IS_UNSURE) &&
	    (release == 0 || release >= KERNEL_RELEASE(5, 0)))
		return ROLE_NONE;
	/* vmap_page_range(): (start, end, prot, pages) to 5.7. */
	if ((function->flags & NEW_ARGUMENTS) && release && release < KERNEL_RELEASE(5, 8))
		return role == ROLE_PHYS ? ROLE_PROT : role == ROLE_PROT ? ROLE_PAGES : role;
	/* ioremap_cache(), memremap(): (phys_addr, size). */
	if (role == ROLE_PROT && (function->flags & RAM_IS_LINEAR))
		return ROLE_NONE;
	return role;
}

static bool has_argument(const struct kernel_function *function, enum field_role role)
{
	for (int i = 0; i < MAX_ARGUMENTS; i++)
		if (function->argument[i] == role)
			return true;
	return false;
}

static const char *purpose_of(const struct kernel_function *function)
{
	bool is_pud = function->level == KERNEL_PUD;

	switch (function->action) {
	case ACTION_IOREMAP:
		return "maps device memory";
	case ACTION_MAP:
		return has_argument(function, ROLE_PHYS) ? "maps a range of physical addresses"
							 : "maps a range of pages";
	case ACTION_UNMAP:
		return "unmaps device memory";
	case ACTION_CLEAR:
		return "clears a range";
	case ACTION_BLOCK:
		return is_pud ? "stores a block at PUD level" : "stores a block at PMD level";
	case ACTION_BLOCK_CLEAR:
		return is_pud ? "clears a block at PUD level" : "clears a block at PMD level";
	case ACTION_TABLE:
		return function->level == KERNEL_PMD   ? "allocates a PTE table"
		       : function->level == KERNEL_PUD ? "allocates a PMD table"
						       : "allocates a PUD or P4D table";
	case ACTION_BREAK:
		return is_pud ? "breaks a PUD entry and frees its tables"
			      : "breaks a PMD entry and frees its table";
	case ACTION_FLUSH:
		return "invalidates what was unmapped";
	case ACTION_NONE:
	case ACTION_WRAPPER:
		break;
	}
	return "calls the others";
}

bool function_probe_at(uint32_t index, uint32_t release, struct function_probe *ret)
{
	const struct kernel_function *function = dictionary_at(index);

	if (!function)
		return false;
	*ret = (struct function_probe){
		.symbol = function->symbol,
		.wish = function->wish,
		.wants_return = function->wants_return,
		.is_entry = has_argument(function, ROLE_ENTRY),
		.invalidates = function->family == FAMILY_FLUSH,
		.is_for_users = function->flags & ALSO_FOR_USERS,
		.versions = function->versions,
		.unless = function->unless,
		.purpose = purpose_of(function),
		.descriptor = -1,
		/* Split behind a test of the entry: the rest still needs the entry and the address. */
		.parts_keep_arguments = function->action == ACTION_BREAK,
	};
	for (int i = 0; i < FUNCTION_ARGUMENTS && i < MAX_ARGUMENTS; i++) {
		enum field_role role = argument_role(function, release, i);

		ret->argument[i] = argument_name(function, role);
		if (role == ROLE_ENTRY)
			ret->descriptor = i;
	}
	return true;
}
