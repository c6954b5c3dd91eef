/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "vmlinux/elf.h"
#include "vmlinux/object.h"

void vmlinux_close(struct vmlinux *vmlinux)
{
	if (!vmlinux)
		return;
	array_deinit(&vmlinux->sites.list);
	tables_deinit(&vmlinux->tables);
	symtab_deinit(&vmlinux->symbols);
	image_deinit(&vmlinux->image);
	free(vmlinux->release);
	free(vmlinux->config);
	free(vmlinux);
}

DEFINE_CLEANUP(close_vmlinux, struct vmlinux *, vmlinux_close)

bool find_part(const struct vmlinux *vmlinux, const char *start, const char *end, struct span *ret)
{
	if (!start || !end)
		return false;
	*ret = (struct span){.start = symtab_address(&vmlinux->symbols, start),
			     .end = symtab_address(&vmlinux->symbols, end)};
	return ret->start && ret->end > ret->start;
}

bool find_section(const struct vmlinux *vmlinux, const char *name, struct span *ret)
{
	const struct image *image = &vmlinux->image;

	for (size_t i = 0; i < image->regions.count; i++) {
		const struct region *region = &image->regions.at[i];

		if (strcmp(region->name, name) != 0)
			continue;
		*ret = (struct span){.start = region->address,
				     .end = region->address + region->size};
		return ret->end > ret->start;
	}
	return false;
}

/* The boot Image is linked to start at _text; what KASLR did to that, it did to all symbols. */
static struct error *place_raw(struct vmlinux *vmlinux)
{
	uint64_t text = symtab_address(&vmlinux->symbols, "_text");
	uint64_t after = symtab_address(&vmlinux->symbols, "_stext");

	/* _stext is what follows the header, at the next 64K (SEGMENT_ALIGN; 4K before 4.6). */
	if (!text && after)
		text = (after - 1) & ~UINT64_C(0xffff);
	if (!text)
		return error_create(ERROR_FORMAT,
				    "a boot Image needs the address of _text or _stext, "
				    "which the kallsyms does not have");
	vmlinux->image.regions.at[0].address = text;
	return image_sort_regions(&vmlinux->image);
}

static struct error *load_symbols(struct vmlinux *vmlinux, const char *kallsyms)
{
	if (vmlinux->image.elf)
		TRY(image_elf_symbols(&vmlinux->image, &vmlinux->symbols));
	if (!kallsyms && vmlinux->image.is_running)
		kallsyms = "/proc/kallsyms";
	if (!vmlinux->symbols.symbols.count && kallsyms)
		TRY(symtab_load_kallsyms(&vmlinux->symbols, kallsyms));
	TRY(symtab_sort(&vmlinux->symbols));
	return NULL;
}

static struct error *read_all(struct vmlinux *vmlinux, const char *kallsyms)
{
	TRY(load_symbols(vmlinux, kallsyms));
	if (vmlinux->image.is_raw || vmlinux->image.is_running) {
		if (!vmlinux->symbols.symbols.count)
			return error_create(ERROR_FORMAT,
					    "has no symbols of its own: give those of the running "
					    "kernel, with --kallsyms FILE");
	}
	if (vmlinux->image.is_raw)
		TRY(place_raw(vmlinux));
	TRY(read_facts(vmlinux));
	TRY(read_tables(vmlinux));
	return find_sites(vmlinux);
}

struct error *vmlinux_open(const char *path, const char *kallsyms, struct vmlinux **ret)
{
	_cleanup_(close_vmlinux) struct vmlinux *vmlinux = calloc(1, sizeof(*vmlinux));

	if (!vmlinux)
		return error_memory();
	TRY(image_open(path, &vmlinux->image));
	struct error *err = read_all(vmlinux, kallsyms);

	if (err)
		return error_at(err, path, ERROR_NO_PLACE, 0);
	*ret = steal(vmlinux);
	return NULL;
}

const struct vmlinux_info *vmlinux_info(const struct vmlinux *vmlinux)
{
	return &vmlinux->info;
}

bool vmlinux_symbol_at(const struct vmlinux *vmlinux, uint64_t address, struct vmlinux_symbol *ret)
{
	return symtab_at(&vmlinux->symbols, address, ret);
}

bool vmlinux_symbol_named(const struct vmlinux *vmlinux, struct str name,
			  struct vmlinux_symbol *ret)
{
	return symtab_named(&vmlinux->symbols, name, ret);
}

bool vmlinux_symbol_variant(const struct vmlinux *vmlinux, struct str name, size_t index,
			    struct vmlinux_symbol *ret)
{
	return symtab_variant(&vmlinux->symbols, name, index, ret);
}
