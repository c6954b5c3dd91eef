/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the build left in the image about its own code: where kprobes are refused, what the boot
 * patches, where ftrace has its calls, and what may fault.  Read in the kernel's
 * include/asm-generic/vmlinux.lds.h and arch/arm64/kernel/vmlinux.lds.S, 4.9 to 6.19.
 */
#include <stdlib.h>

#include <elf.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/try.h"
#include "vmlinux/object.h"

void tables_deinit(struct tables *tables)
{
	array_deinit(&tables->areas.spans);
	array_deinit(&tables->alternatives.spans);
	array_deinit(&tables->blacklist.list);
	array_deinit(&tables->ftrace.list);
	array_deinit(&tables->faulting.list);
}

static struct error *add_span(struct spans *spans, struct span span)
{
	if (span.start >= span.end)
		return NULL;
	return array_push(&spans->spans, span) ? NULL : error_memory();
}

/* ---- areas --------------------------------------------------------------------------------- */

/* Linked together into .text, or, in a module, a section each. */
static const struct area {
	const char *section, *start, *end;
	enum vmlinux_obstacle obstacle;
} areas[] = {
	{".kprobes.text", "__kprobes_text_start", "__kprobes_text_end", OBSTACLE_KPROBES},
	{".noinstr.text", "__noinstr_text_start", "__noinstr_text_end", OBSTACLE_NOINSTR},
	{".entry.text", "__entry_text_start", "__entry_text_end", OBSTACLE_ENTRY},
	{".irqentry.text", "__irqentry_text_start", "__irqentry_text_end", OBSTACLE_ENTRY},
	{".exception.text", "__exception_text_start", "__exception_text_end", OBSTACLE_ENTRY},
	{".idmap.text", "__idmap_text_start", "__idmap_text_end", OBSTACLE_IDMAP},
	{".hyp.text", "__hyp_text_start", "__hyp_text_end", OBSTACLE_HYP},
	{".hyp.idmap.text", "__hyp_idmap_text_start", "__hyp_idmap_text_end", OBSTACLE_HYP},
	{".init.text", "_sinittext", "_einittext", OBSTACLE_INIT},
	{".exit.text", "__inittext_begin", "__inittext_end", OBSTACLE_INIT},
	{".altinstr_replacement", NULL, NULL, OBSTACLE_ALTERNATIVE}, /* to 5.8, f7b93d42945c */
};

static struct error *add_areas(struct vmlinux *vmlinux)
{
	struct spans *spans = &vmlinux->tables.areas;

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		struct span span;

		if (find_part(vmlinux, areas[i].start, areas[i].end, &span)) {
			span.obstacle = areas[i].obstacle;
			TRY(add_span(spans, span));
		}
		if (find_section(vmlinux, areas[i].section, &span)) {
			span.obstacle = areas[i].obstacle;
			TRY(add_span(spans, span));
		}
	}
	return NULL;
}

/* ---- tables of pointers -------------------------------------------------------------------- */

enum {
	RELA_SIZE = 24, /* r_offset, r_info, r_addend */
	RELA_INFO = 8,
	RELA_ADDEND = 16,
};

/*
 * A relocatable kernel (KASLR) is linked with zeros where it holds pointers, which the boot fills in
 * from .rela.dyn: do so for the `size` bytes of `pointers`, which are at `start`.
 */
static struct error *relocate(const struct vmlinux *vmlinux, uint64_t start, uint64_t size,
			      uint8_t *pointers)
{
	_cleanup_(free_pointer) uint8_t *relocations = NULL;
	bool big_endian = vmlinux->image.big_endian;
	struct span rela;

	if (!find_section(vmlinux, ".rela.dyn", &rela) && !find_section(vmlinux, ".rela", &rela) &&
	    !find_part(vmlinux, "__rela_start", "__rela_end", &rela))
		return NULL;
	TRY(image_try_read(&vmlinux->image, rela.start, rela.end - rela.start, &relocations));
	for (uint64_t i = 0; relocations && i + RELA_SIZE <= rela.end - rela.start;
	     i += RELA_SIZE) {
		const uint8_t *entry = relocations + i;
		uint64_t at = load_u64(entry, big_endian) - start;

		if (load_u64(entry + RELA_INFO, big_endian) == R_AARCH64_RELATIVE && at < size &&
		    size - at >= 8)
			memcpy(pointers + at, entry + RELA_ADDEND, 8);
	}
	return NULL;
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_addresses(struct addresses *addresses)
{
	if (addresses->list.count)
		qsort(addresses->list.at, addresses->list.count, sizeof(uint64_t),
		      compare_addresses);
}

/* Reads a table of pointers into code, in order; what points elsewhere is left out. */
static struct error *read_pointers(const struct vmlinux *vmlinux, const struct span *part,
				   struct addresses *ret)
{
	_cleanup_(free_pointer) uint8_t *bytes = NULL;
	uint64_t size = (part->end - part->start) & ~UINT64_C(7);

	TRY(image_try_read(&vmlinux->image, part->start, size, &bytes));
	if (!bytes)
		return NULL;
	TRY(relocate(vmlinux, part->start, size, bytes));
	for (uint64_t i = 0; i < size; i += 8) {
		uint64_t address = load_u64(bytes + i, vmlinux->image.big_endian);

		if (image_region(&vmlinux->image, address) && !array_push(&ret->list, address))
			return error_memory();
	}
	sort_addresses(ret);
	return NULL;
}

static struct error *read_blacklist(struct vmlinux *vmlinux)
{
	struct span part;

	if (find_part(vmlinux, "__start_kprobe_blacklist", "__stop_kprobe_blacklist", &part) ||
	    find_section(vmlinux, "_kprobe_blacklist", &part))
		return read_pointers(vmlinux, &part, &vmlinux->tables.blacklist);
	return NULL;
}

/* Whether a function's name stands for exactly this address. */
static bool is_function_at(const struct vmlinux *vmlinux, uint64_t address)
{
	struct vmlinux_symbol symbol;

	return symtab_at(&vmlinux->symbols, address, &symbol) && symbol.address == address;
}

static struct error *read_ftrace(struct vmlinux *vmlinux)
{
	struct addresses *ftrace = &vmlinux->tables.ftrace;
	struct span part;

	if (find_part(vmlinux, "__start_mcount_loc", "__stop_mcount_loc", &part) ||
	    find_section(vmlinux, "__mcount_loc", &part))
		TRY(read_pointers(vmlinux, &part, ftrace));
	/*
	 * With CALL_OPS (6.3, baaf553d3bc3) the table points to two words before the function, which
	 * are not part of it.
	 */
	for (size_t i = 0; i < ftrace->list.count; i++) {
		uint64_t *site = &ftrace->list.at[i];

		if (!is_function_at(vmlinux, *site) && is_function_at(vmlinux, *site + 8))
			*site += 8;
	}
	return NULL;
}

/* ---- tables of places, relative to the entries --------------------------------------------- */

static uint64_t relative(const uint8_t *field, uint64_t address, bool big_endian)
{
	return address + (uint64_t)(int64_t)(int32_t)load_u32(field, big_endian);
}

enum {
	ALTERNATIVE_SIZE = 12, /* struct alt_instr: s32 original, s32 replacement, u16 feature, */
	ALTERNATIVE_LENGTHS = 10, /* u8 length of the original, u8 of the replacement */
};

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static struct error *read_alternatives(struct vmlinux *vmlinux)
{
	_cleanup_(free_pointer) uint8_t *bytes = NULL;
	struct spans *spans = &vmlinux->tables.alternatives;
	bool big_endian = vmlinux->image.big_endian;
	struct span part;

	if (!find_section(vmlinux, ".altinstructions", &part) &&
	    !find_part(vmlinux, "__alt_instructions", "__alt_instructions_end", &part))
		return NULL;
	TRY(image_try_read(&vmlinux->image, part.start, part.end - part.start, &bytes));
	for (uint64_t i = 0; bytes && i + ALTERNATIVE_SIZE <= part.end - part.start;
	     i += ALTERNATIVE_SIZE) {
		uint64_t original = relative(bytes + i, part.start + i, big_endian);
		uint64_t replacement = relative(bytes + i + 4, part.start + i + 4, big_endian);
		const uint8_t *lengths = bytes + i + ALTERNATIVE_LENGTHS;

		TRY(add_span(spans,
			     (struct span){original, original + lengths[0], OBSTACLE_ALTERNATIVE}));
		/* Without a length it is a function that the boot calls. */
		TRY(add_span(spans, (struct span){replacement, replacement + lengths[1],
						  OBSTACLE_ALTERNATIVE}));
	}
	if (spans->spans.count)
		qsort(spans->spans.at, spans->spans.count, sizeof(struct span), compare_spans);
	return NULL;
}

/*
 * struct exception_table_entry: s32 instruction, s32 fixup; from 5.16 (d6e2cc564775) also s16 type,
 * s16 data.  The build sorts it by the first: the size with which it is in order is the right one.
 */
static bool is_in_order(const uint8_t *bytes, const struct span *part, uint64_t entry,
			bool big_endian)
{
	uint64_t last = 0;

	if ((part->end - part->start) % entry != 0)
		return false;
	for (uint64_t i = 0; i < part->end - part->start; i += entry) {
		uint64_t address = relative(bytes + i, part->start + i, big_endian);

		if (address < last)
			return false;
		last = address;
	}
	return true;
}

static struct error *read_exceptions(struct vmlinux *vmlinux)
{
	_cleanup_(free_pointer) uint8_t *bytes = NULL;
	struct addresses *faulting = &vmlinux->tables.faulting;
	bool big_endian = vmlinux->image.big_endian;
	struct span part;

	if (!find_section(vmlinux, "__ex_table", &part) &&
	    !find_part(vmlinux, "__start___ex_table", "__stop___ex_table", &part))
		return NULL;
	TRY(image_try_read(&vmlinux->image, part.start, part.end - part.start, &bytes));
	if (!bytes)
		return NULL;
	uint64_t entry = is_in_order(bytes, &part, 12, big_endian) ? 12 : 8;

	for (uint64_t i = 0; i + entry <= part.end - part.start; i += entry)
		if (!array_push(&faulting->list, relative(bytes + i, part.start + i, big_endian)))
			return error_memory();
	sort_addresses(faulting);
	return NULL;
}

struct error *read_tables(struct vmlinux *vmlinux)
{
	TRY(add_areas(vmlinux));
	TRY(read_exceptions(vmlinux));
	/* The rest is in memory that is given back after the boot; of an object, it is relocated. */
	if (vmlinux->image.is_running || vmlinux->image.is_relocatable)
		return NULL;
	TRY(read_blacklist(vmlinux));
	TRY(read_alternatives(vmlinux));
	/* From 4.19 (45408c4f9250) kprobe events refuse functions that ftrace cannot trace. */
	return is_release_from(vmlinux, 4, 19) ? read_ftrace(vmlinux) : NULL;
}
