/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/fields.h"

enum {
	MAX_NAMES = 18
};

/*
 * What people and the kernel call these arguments, the surest name first.  The parameters' names of
 * the kernel's source are here because perf probe and BTF arguments ("$arg*") use them.
 */
static const char *const role_names[ROLES][MAX_NAMES] = {
	[ROLE_VA] = {"va", "addr", "vaddr", "address", "virt", "start", "vstart", "va_start",
		     "io_addr", "kaddr", "mem", "from"},
	[ROLE_END] = {"end", "vend", "va_end", "end_addr", "stop", "to"},
	[ROLE_SIZE] = {"size", "len", "length", "bytes", "nbytes"},
	[ROLE_PHYS] = {"phys", "phys_addr", "pa", "paddr", "phys_start", "offset", "res", "addr"},
	[ROLE_PROT] = {"prot", "pgprot", "prot_val", "pgprot_val", "attr", "attrs"},
	[ROLE_ENTRY] = {"pmdp", "pudp", "p4dp", "pgdp", "ptep", "entry", "ptr", "pmd", "pud", "p4d",
			"pgd", "pte"},
	[ROLE_OLD] = {"old", "val", "value", "oldval", "old_val", "was", "before", "desc",
		      "descriptor", "pmdval", "pudval", "p4dval", "pmd_val", "pud_val", "pmd",
		      "pud", "p4d", "pgd"},
	[ROLE_VALUE] = {"value", "val", "new", "desc", "descriptor", "pte", "pmd", "pud"},
	[ROLE_CALLER] = {"caller0", "caller"}, /* rwmmio: the first is the driver's */
	[ROLE_PAGES] = {"pages"},
	[ROLE_SHIFT] = {"page_shift", "max_page_shift", "shift"},
	[ROLE_PFN] = {"pfn"},
	[ROLE_ORDER] = {"order"},
	[ROLE_GFP] = {"gfp_flags", "gfp"},
	[ROLE_WIDTH] = {"width"},
	[ROLE_OPERAND] = {"op", "operand", "val", "value", "arg", "xt", "rt", "addr", "va", "reg"},
	[ROLE_RESULT] = {"ret", "retval", "rc", "result", "rv", "return", "err"},
};

/* The roles' names in an event map. */
static const char *const role_keys[ROLES] = {
	[ROLE_VA] = "va",	  [ROLE_END] = "end",	  [ROLE_SIZE] = "size",
	[ROLE_PHYS] = "phys",	  [ROLE_PROT] = "prot",	  [ROLE_ENTRY] = "entry",
	[ROLE_OLD] = "old",	  [ROLE_VALUE] = "value", [ROLE_CALLER] = "caller",
	[ROLE_PAGES] = "pages",	  [ROLE_SHIFT] = "shift", [ROLE_PFN] = "pfn",
	[ROLE_ORDER] = "order",	  [ROLE_GFP] = "gfp",	  [ROLE_OPERAND] = "operand",
	[ROLE_RESULT] = "result",
};

enum field_role field_role_parse(struct str name)
{
	for (int role = 0; role < ROLES; role++)
		if (role_keys[role] && str_is(name, role_keys[role]))
			return (enum field_role)role;
	return ROLE_NONE;
}

int8_t field_find(const struct record_type *type, struct str name)
{
	for (uint32_t i = 0; i < type->nr_fields && i < RECORD_MAX_FIELDS; i++)
		if (str_equal(type->field[i], name))
			return (int8_t)i;
	return FIELD_NONE;
}

/* The number in "arg3"; 0 for any other name. */
static uint32_t argument_number(struct str name)
{
	if (!str_starts(name, STR("arg")) || name.length < 4 || name.length > 5)
		return 0;
	uint32_t number = 0;

	for (size_t i = 3; i < name.length; i++) {
		if (name.text[i] < '0' || name.text[i] > '9')
			return 0;
		number = number * 10 + (uint32_t)(name.text[i] - '0');
	}
	return number;
}

static bool is_taken(const struct field_map *map, int8_t field)
{
	for (int role = 0; role < ROLES; role++)
		if (map->at[role] == field)
			return true;
	return false;
}

/* Gives `role` the field with its surest name; false when no field has one of its names. */
static bool take_by_name(struct field_map *map, const struct record_type *type,
			 enum field_role role)
{
	for (int i = 0; i < MAX_NAMES && role_names[role][i]; i++) {
		int8_t field = field_find(type, str_from(role_names[role][i]));

		if (field == FIELD_NONE || is_taken(map, field))
			continue;
		map->at[role] = field;
		return true;
	}
	return false;
}

/* Gives the roles the fields "arg1", "arg2"... that stand for them; false when there is none. */
static bool take_by_number(struct field_map *map, const struct record_type *type,
			   const enum field_role arguments[MAX_ARGUMENTS])
{
	bool taken = false;

	for (uint32_t i = 0; i < type->nr_fields; i++) {
		uint32_t number = argument_number(type->field[i]);

		if (number < 1 || number > MAX_ARGUMENTS)
			continue;
		enum field_role role = arguments[number - 1];

		if (role != ROLE_NONE && map->at[role] == FIELD_NONE)
			map->at[role] = (int8_t)i;
		taken = true;
	}
	return taken;
}

static void take_by_order(struct field_map *map, const struct record_type *type,
			  const enum field_role arguments[MAX_ARGUMENTS])
{
	for (uint32_t i = 0; i < type->nr_fields && i < MAX_ARGUMENTS; i++)
		if (arguments[i] != ROLE_NONE)
			map->at[arguments[i]] = (int8_t)i;
}

void field_map_init(struct field_map *map, const struct record_type *type,
		    const enum field_role arguments[MAX_ARGUMENTS], const enum field_role *extra,
		    enum field_order order)
{
	bool named = false;

	for (int role = 0; role < ROLES; role++)
		map->at[role] = FIELD_NONE;
	for (int i = 0; i < MAX_ARGUMENTS; i++)
		if (arguments[i] != ROLE_NONE && take_by_name(map, type, arguments[i]))
			named = true;
	for (; *extra != ROLE_NONE; extra++)
		if (take_by_name(map, type, *extra))
			named = true;
	if (order == ORDER_UNKNOWN || take_by_number(map, type, arguments) || named)
		return;
	take_by_order(map, type, arguments);
}
