/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "vmlinux/kernel.h"
#include "vmlinux/symtab.h"

enum {
	/* How far behind the last function of a part of the kernel an address may lie. */
	LAST_FUNCTION_MAX = 64 * 1024,
};

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	sources_deinit(&kernel->sources);
	free(kernel->modules);
	symbols_deinit(&kernel->symbols);
	symbols_deinit(&kernel->earlier);
	vmlinux_close(kernel->vmlinux);
	free(kernel->kallsyms);
	free(kernel->path);
	free(kernel);
}

DEFINE_CLEANUP(close_kernel, struct kernel *, kernel_close)

static struct error *load_kallsyms(struct kernel *kernel, const char *path)
{
	_cleanup_(free_pointer) char *bytes = NULL;
	struct str text;

	kernel->kallsyms = strdup(path);
	if (!kernel->kallsyms)
		return error_memory();
	TRY(kallsyms_read_file(path, &bytes, &text));
	if (!symbols_init(&kernel->symbols, text))
		return error_memory();
	return kernel->symbols.table.count ? NULL : kallsyms_fault(text);
}

struct error *kernel_add_earlier(struct kernel *kernel, const char *path)
{
	_cleanup_(free_pointer) char *bytes = NULL;
	struct str text;

	TRY(error_at(kallsyms_read_file(path, &bytes, &text), path, ERROR_NO_PLACE, 0));
	symbols_deinit(&kernel->earlier);
	return symbols_init(&kernel->earlier, text) ? NULL : error_memory();
}

/* The image's own place in the kallsyms; a kallsyms without it still names addresses. */
static void locate_by_kallsyms(struct kernel *kernel)
{
	static const char *const names[] = {"_stext", "_text"};
	struct vmlinux_symbol linked;
	uint64_t address;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!vmlinux_symbol_named(kernel->vmlinux, str_from(names[i]), &linked) ||
		    !symbols_address(&kernel->symbols, linked.name, &address))
			continue;
		kernel->slide = address - linked.address;
		kernel->slide_source = SLIDE_KALLSYMS;
		return;
	}
}

/* Without symbols it names nothing; those of a kallsyms are of where it ran. */
static struct error *check_symbols(const struct kernel *kernel)
{
	struct vmlinux_symbol symbol;

	if (vmlinux_symbol_named(kernel->vmlinux, STR("_stext"), &symbol) ||
	    vmlinux_symbol_named(kernel->vmlinux, STR("_text"), &symbol))
		return NULL;
	return error_at(error_create(ERROR_FORMAT,
				     "has no symbols _stext or _text: is it a kernel, and not "
				     "stripped? --kallsyms=FILE gives the symbols of one that is"),
			kernel->path, ERROR_NO_PLACE, 0);
}

static struct error *open_modules(struct kernel *kernel, const char *modules)
{
	if (!modules)
		return NULL;
	if (access(modules, R_OK | X_OK) != 0)
		return error_at(error_system(errno, "cannot open the folder"), modules,
				ERROR_NO_PLACE, 0);
	kernel->modules = strdup(modules);
	return kernel->modules ? NULL : error_memory();
}

struct error *kernel_open(const char *vmlinux, const char *kallsyms, const char *modules,
			  struct kernel **ret)
{
	_cleanup_(close_kernel) struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel)
		return error_memory();
	if (kallsyms)
		TRY(error_at(load_kallsyms(kernel, kallsyms), kallsyms, ERROR_NO_PLACE, 0));
	if (vmlinux) {
		kernel->path = strdup(vmlinux);
		if (!kernel->path)
			return error_memory();
		TRY(vmlinux_open(vmlinux, kallsyms, &kernel->vmlinux));
		TRY(check_symbols(kernel));
	}
	if (vmlinux && kallsyms) {
		locate_by_kallsyms(kernel);
		TRY(kernel_check_symbols(kernel, &kernel->symbols));
	}
	TRY(open_modules(kernel, modules));
	sources_init(&kernel->sources, kernel->path, kernel->modules);
	*ret = steal(kernel);
	return NULL;
}

const struct vmlinux *kernel_image(const struct kernel *kernel)
{
	return kernel->vmlinux;
}

const char *kernel_image_path(const struct kernel *kernel)
{
	return kernel->path;
}

/* ---- names and instructions ---------------------------------------------------------------- */

static bool find_earlier(const struct kernel *kernel, uint64_t address, struct symbol_place *ret)
{
	return symbols_find(&kernel->earlier, address, ret) && ret->module.length;
}

bool kernel_had_other(const struct kernel *kernel, uint64_t address,
		      const struct symbol_place *place)
{
	struct symbol_place earlier;

	return place->module.length && find_earlier(kernel, address, &earlier) &&
	       (earlier.offset != place->offset || !str_equal(earlier.name, place->name) ||
		!str_equal(earlier.module, place->module));
}

bool kernel_find(const struct kernel *kernel, uint64_t address, struct symbol_place *ret)
{
	struct vmlinux_symbol symbol;

	if (symbols_find(&kernel->symbols, address, ret))
		return !kernel_had_other(kernel, address, ret);
	if (find_earlier(kernel, address, ret))
		return true;
	if (!kernel->vmlinux || kernel->slide_source == SLIDE_UNKNOWN ||
	    !vmlinux_symbol_at(kernel->vmlinux, address - kernel->slide, &symbol))
		return false;
	uint64_t offset = address - kernel->slide - symbol.address;

	if (offset >= LAST_FUNCTION_MAX || (symbol.size && offset >= symbol.size))
		return false;
	*ret = (struct symbol_place){.name = symbol.name, .offset = offset, .size = symbol.size};
	return true;
}

bool kernel_has_names(const struct kernel *kernel)
{
	return kernel->symbols.table.count ||
	       (kernel->vmlinux && kernel->slide_source != SLIDE_UNKNOWN);
}

/* Of functions with one name: the instruction that all of them have there. */
static enum kernel_answer find_among(const struct vmlinux *vmlinux, struct str name,
				     uint64_t offset, const struct vmlinux_site **ret)
{
	const struct vmlinux_site *found = NULL;
	size_t count;
	const struct vmlinux_site *site = vmlinux_sites(vmlinux, &count);

	for (size_t i = 0; i < count; i++, site++) {
		if (site->offset != offset || !str_equal(site->symbol, name))
			continue;
		if (found && strcmp(found->op, site->op) != 0)
			return KERNEL_UNKNOWN;
		found = site;
	}
	*ret = found;
	return found ? KERNEL_SITE : KERNEL_UNKNOWN;
}

enum kernel_answer kernel_site_at(const struct kernel *kernel, struct str symbol, uint64_t offset,
				  const struct vmlinux_site **ret)
{
	struct vmlinux_symbol function;

	if (!kernel->vmlinux || !symbol.length ||
	    !vmlinux_symbol_named(kernel->vmlinux, symbol, &function) || !function.is_function)
		return KERNEL_UNKNOWN;
	if (function.is_ambiguous)
		return find_among(kernel->vmlinux, symbol, offset, ret);
	uint64_t address = function.address + offset;

	/* Which instruction the boot leaves there depends on the CPU. */
	if (vmlinux_obstacle_at(kernel->vmlinux, address) == OBSTACLE_ALTERNATIVE)
		return KERNEL_UNKNOWN;
	*ret = vmlinux_site_at(kernel->vmlinux, address);
	return *ret ? KERNEL_SITE : KERNEL_OTHER;
}

/* ---- source -------------------------------------------------------------------------------- */

/* Takes "nmap+0x84/0x140 [ht]" apart. */
static bool parse_caller(struct str text, struct symbol_place *ret)
{
	char copy[SYMBOL_TEXT_MAX], *end;

	if (text.length >= sizeof(copy))
		return false;
	memcpy(copy, text.text, text.length);
	copy[text.length] = '\0';
	size_t name = strcspn(copy, "+");

	if (!copy[name])
		return false;
	const char *module = strchr(copy, '[');
	size_t start = module ? (size_t)(module + 1 - copy) : 0;

	*ret = (struct symbol_place){
		.name = str_first(text, name),
		.module = str_first(str_skip(text, start), module ? strcspn(module + 1, "]") : 0),
		.offset = strtoull(copy + name + 1, &end, 16),
	};
	return end > copy + name + 1;
}

struct str kernel_source(struct kernel *kernel, struct str caller,
			 char buffer[static KERNEL_SOURCE_MAX])
{
	struct vmlinux_symbol symbol;
	struct symbol_place place;

	if (!parse_caller(caller, &place))
		return (struct str){0};
	/* It is called from the instruction before the one that is returned to. */
	if (place.offset)
		place.offset--;
	if (place.module.length)
		return source_of_module(&kernel->sources, place.module, place.name, place.offset,
					buffer, KERNEL_SOURCE_MAX);
	if (!kernel->vmlinux || !vmlinux_symbol_named(kernel->vmlinux, place.name, &symbol) ||
	    symbol.is_ambiguous)
		return (struct str){0};
	return source_of_image(&kernel->sources, symbol.address + place.offset, buffer,
			       KERNEL_SOURCE_MAX);
}
