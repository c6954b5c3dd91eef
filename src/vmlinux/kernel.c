/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

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
	symbols_deinit(&kernel->symbols);
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

struct error *kernel_open(const char *vmlinux, const char *kallsyms, struct kernel **ret)
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
	}
	if (vmlinux && kallsyms) {
		locate_by_kallsyms(kernel);
		TRY(kernel_check_symbols(kernel, &kernel->symbols));
	}
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

bool kernel_find(const struct kernel *kernel, uint64_t address, struct symbol_place *ret)
{
	struct vmlinux_symbol symbol;

	if (symbols_find(&kernel->symbols, address, ret))
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
