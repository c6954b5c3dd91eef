/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/names.h"

static const struct {
	const char *suffix;
	enum symbol_kind kind;
} symbol_suffixes[] = {
	{".part", SYMBOL_PART},
	{".isra", SYMBOL_REWRITTEN},
	{".constprop", SYMBOL_REWRITTEN},
	{".cold", SYMBOL_FRAGMENT},
	{"_part_", SYMBOL_PART},
	{"_isra_", SYMBOL_REWRITTEN},
	{"_constprop_", SYMBOL_REWRITTEN},
};

size_t view_find(struct str view, struct str needle)
{
	for (size_t i = 0; i + needle.length <= view.length; i++)
		if (str_starts(str_skip(view, i), needle))
			return i;
	return view.length;
}

struct str symbol_base(struct str symbol, enum symbol_kind *ret)
{
	size_t dot = view_find(symbol, STR(".")), dollar = view_find(symbol, STR("$"));
	size_t length = dot < dollar ? dot
				     : dollar; /* clang's link-time optimization: "f$4d0f3a" */

	*ret = SYMBOL_WHOLE;
	/* Event names have '_' for '.'; a symbol may hold both ("f.isra.0.part.0"). */
	for (size_t i = 0; i < sizeof(symbol_suffixes) / sizeof(symbol_suffixes[0]); i++) {
		size_t start = view_find(symbol, str_from(symbol_suffixes[i].suffix));

		if (start == symbol.length || start == 0)
			continue;
		if (symbol_suffixes[i].kind > *ret)
			*ret = symbol_suffixes[i].kind;
		if (start < length)
			length = start;
	}
	return str_first(symbol, length);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes "_123" off the end of `name`; false when there is none. */
static bool take_number(struct str *name, uint64_t *number)
{
	size_t start = name->length;

	while (start > 0 && is_digit(name->text[start - 1]))
		start--;
	if (start == name->length || start < 2 || name->text[start - 1] != '_')
		return false;
	*number = 0;
	for (size_t i = start; i < name->length; i++)
		*number = *number * 10 + (uint64_t)(name->text[i] - '0');
	*name = str_first(*name, start - 1);
	return true;
}

static const struct {
	const char *suffix;
	bool is_return;
} direction_suffixes[] = {
	{"__return", true}, {"_return", true}, {"__exit", true},   {"_exit", true},
	{"_retval", true},  {"_ret", true},    {"__entry", false}, {"_entry", false},
	{"_enter", false},  {"_call", false},
};

static bool take_direction(struct str *name, bool *is_return)
{
	for (size_t i = 0; i < sizeof(direction_suffixes) / sizeof(direction_suffixes[0]); i++) {
		struct str suffix = str_from(direction_suffixes[i].suffix);

		if (name->length <= suffix.length || !str_ends(*name, suffix))
			continue;
		*name = str_first(*name, name->length - suffix.length);
		*is_return = *is_return || direction_suffixes[i].is_return;
		return true;
	}
	return false;
}

static bool find_function(struct str name, struct event_meaning *ret)
{
	ret->function = dictionary_find_alias(symbol_base(name, &ret->kind));
	return ret->function && ret->kind != SYMBOL_FRAGMENT;
}

/* "p_SYMBOL_OFFSET", "r_SYMBOL_0": what the kernel calls a probe that was given no name. */
static bool parse_kernel_default(struct str name, struct event_meaning *ret)
{
	if (!str_starts(name, STR("p_")) && !str_starts(name, STR("r_")))
		return false;
	struct str symbol = str_skip(name, 2);

	ret->is_return = name.text[0] == 'r';
	return take_number(&symbol, &ret->offset) && find_function(symbol, ret);
}

bool event_name_parse(struct str name, struct event_meaning *ret)
{
	uint64_t ignored;

	*ret = (struct event_meaning){0};
	if (parse_kernel_default(name, ret))
		return true;
	*ret = (struct event_meaning){0};
	while (!find_function(name, ret))
		if (!take_direction(&name, &ret->is_return) && !take_number(&name, &ignored))
			return false;
	return true;
}
