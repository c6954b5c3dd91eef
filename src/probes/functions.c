/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of functions: those of the event stage's dictionary that this kernel has. */
#define _GNU_SOURCE
#include <string.h>

#include "base/try.h"
#include "probes/plan.h"

static enum probe_group group_of(const struct function_probe *function)
{
	if (function->is_for_users)
		return GROUP_TABLE;
	if (function->is_entry)
		return GROUP_ENTRY;
	/* Those that take no end map or unmap a whole area. */
	for (int i = 0; i < FUNCTION_ARGUMENTS; i++)
		if (function->argument[i] && strcmp(function->argument[i], "end") == 0)
			return GROUP_RANGE;
	return strstr(function->purpose, "device") ? GROUP_IO : GROUP_RANGE;
}

/* "pmdp=%x0 phys=%x1 prot=%x2 old=+0(%x0):x64" */
static const char *arguments_of(struct making *making, const struct function_probe *function)
{
	const char *space = "";

	for (int i = 0; i < FUNCTION_ARGUMENTS; i++) {
		if (!function->argument[i])
			continue;
		buffer_printf(&making->text, "%s%s=%%x%d", space, function->argument[i], i);
		space = " ";
	}
	if (function->descriptor >= 0)
		buffer_printf(&making->text, "%sold=+0(%%x%d):x64", space, function->descriptor);
	return take_text(making);
}

/* The symbol as an event's name: '_' for what is not allowed there ("f.part.0"). */
static const char *event_name(struct making *making, struct str symbol, const char *suffix)
{
	for (size_t i = 0; i < symbol.length; i++) {
		char c = symbol.text[i];
		bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				  (c >= '0' && c <= '9');

		buffer_add_char(&making->text, is_allowed ? c : '_');
	}
	buffer_printf(&making->text, "%s", suffix);
	return take_text(making);
}

static struct error *add_function(struct making *making, const struct function_probe *function,
				  const struct vmlinux_symbol *symbol)
{
	bool is_whole = str_is(symbol->name, function->symbol);
	enum vmlinux_obstacle obstacle = vmlinux_obstacle_at(making->plan.vmlinux, symbol->address);
	bool is_part = memmem(symbol->name.text, symbol->name.length, ".part.", 6);
	struct probe probe = {
		.group = group_of(function),
		.kind = PROBE_CALL,
		.name = event_name(making, symbol->name, ""),
		.where = name_place(making, symbol->name, symbol->is_ambiguous, 0, symbol->address),
		.fetch = "",
		.reason = obstacle ? vmlinux_obstacle_text(obstacle) : NULL,
	};

	/* What the compiler has rewritten may take its arguments in other registers. */
	if (is_whole || (is_part && function->parts_keep_arguments))
		probe.fetch = arguments_of(making, function);
	TRY(add_probe(making, probe));
	if (!function->wants_return)
		return NULL;
	probe.kind = PROBE_RETURN;
	probe.name = event_name(making, symbol->name, "_ret");
	probe.fetch = "ret=$retval";
	return add_probe(making, probe);
}

static bool is_here(const struct making *making, const char *name)
{
	struct vmlinux_symbol symbol;

	return vmlinux_symbol_named(making->plan.vmlinux, str_from(name), &symbol) &&
	       symbol.is_function;
}

/* The names of those that this kernel has for the same purpose: "ioremap_prot, memremap". */
static const char *names_instead(struct making *making, const struct function_probe *absent)
{
	struct function_probe other;
	const char *comma = "";

	for (uint32_t i = 0; function_probe_at(i, making->release, &other); i++) {
		if (other.wish == WISH_NONE || strcmp(other.purpose, absent->purpose) != 0 ||
		    !is_here(making, other.symbol))
			continue;
		buffer_printf(&making->text, "%s%s", comma, other.symbol);
		comma = ", ";
	}
	return take_text(making);
}

static struct error *add_absent(struct making *making, const struct function_probe *function)
{
	struct probe_absent absent = {
		.symbol = function->symbol,
		.versions = function->versions,
		.purpose = function->purpose,
		.instead = names_instead(making, function),
	};

	return absent.instead && array_push(&making->absent, absent) ? NULL : error_memory();
}

/* The function itself, and what the compiler made of it, which others may call directly. */
static struct error *add_all_of(struct making *making, const struct function_probe *function)
{
	const struct vmlinux *vmlinux = making->plan.vmlinux;
	struct str name = str_from(function->symbol);
	struct vmlinux_symbol symbol;
	bool found = false;

	if (vmlinux_symbol_named(vmlinux, name, &symbol) && symbol.is_function) {
		TRY(add_function(making, function, &symbol));
		found = true;
	}
	for (size_t i = 0; vmlinux_symbol_variant(vmlinux, name, i, &symbol); i++) {
		TRY(add_function(making, function, &symbol));
		found = true;
	}
	return found ? NULL : add_absent(making, function);
}

struct error *add_functions(struct making *making)
{
	enum function_wish least = making->plan.options.minimal ? WISH_MINIMAL : WISH_USUAL;
	struct function_probe function;

	for (uint32_t i = 0; function_probe_at(i, making->release, &function); i++)
		if (function.wish >= least &&
		    !(function.unless && is_here(making, function.unless)))
			TRY(add_all_of(making, &function));
	return NULL;
}
