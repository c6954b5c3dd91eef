/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks all code of an image for the instructions that matter. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/try.h"
#include "vmlinux/instruction.h"
#include "vmlinux/object.h"

enum {
	WORD = 4,
	/* How far kprobes look back for a load-exclusive (MAX_ATOMIC_CONTEXT_SIZE, decode-insn.h). */
	EXCLUSIVE_WORDS = 128 / WORD,
};

/* TLBI, DSB, ISB all are in the system instructions: 1101 0101 00. */
#define SYSTEM_MASK UINT32_C(0xffc00000)
#define SYSTEM UINT32_C(0xd5000000)

/* What is looked for: calls, or system instructions when there are no callees. */
struct search {
	const struct vmlinux *vmlinux;
	const uint64_t *callee;
	size_t nr_callees;
	struct sites *found;
};

/* A stretch of code in memory. */
struct code {
	const uint8_t *bytes;
	struct span span;
	const struct region *region;  /* NULL: not of a section */
	struct vmlinux_symbol symbol; /* the function of the last site */
};

/* A64 instructions are little-endian, whatever the data is (Arm ARM B2.6.1). */
static uint32_t word_at(const struct code *code, uint64_t address)
{
	return load_u32(code->bytes + (address - code->span.start), false);
}

/* As is_probed_address_atomic() does it. */
static bool is_exclusive(const struct code *code, uint64_t address, uint64_t function)
{
	uint64_t floor = function > code->span.start ? function : code->span.start;

	for (int i = 0; i < EXCLUSIVE_WORDS && address >= floor + WORD; i++) {
		address -= WORD;
		uint32_t word = word_at(code, address);

		if (instruction_is_store_exclusive(word))
			return false;
		if (instruction_is_load_exclusive(word))
			return true;
	}
	return false;
}

static bool is_in_section(const struct code *code, const char *name)
{
	return code->region && strcmp(code->region->name, name) == 0;
}

/* The function says more than the operation: KVM also uses those of EL1, with a guest's VMID set. */
static enum vmlinux_concern concern_of(const struct code *code, const struct vmlinux_site *site,
				       enum vmlinux_concern by_operation)
{
	if (by_operation != CONCERN_KERNEL)
		return by_operation;
	if (site->obstacle == OBSTACLE_HYP || str_starts(site->symbol, STR("__kvm_")))
		return CONCERN_GUEST;
	/* .rodata.text has what replaces a kernel: kexec, resume from disk (2016 and later). */
	if (site->obstacle == OBSTACLE_INIT || site->obstacle == OBSTACLE_IDMAP ||
	    is_in_section(code, ".head.text") || is_in_section(code, ".rodata.text"))
		return CONCERN_BOOT;
	return CONCERN_KERNEL;
}

static struct error *add_site(const struct search *search, struct code *code, uint64_t address,
			      const struct instruction *instruction)
{
	const struct vmlinux *vmlinux = search->vmlinux;
	struct vmlinux_symbol *symbol = &code->symbol;
	struct vmlinux_site site = {
		.address = address,
		.kind = instruction->kind,
		.op = instruction->op,
		.operand = instruction->operand,
		.obstacle = vmlinux_obstacle_at(vmlinux, address),
	};

	if (address - symbol->address >= symbol->size &&
	    !symtab_at(&vmlinux->symbols, address, symbol))
		*symbol = (struct vmlinux_symbol){0};
	if (symbol->name.length && symbol->address >= code->span.start) {
		site.symbol = symbol->name;
		site.is_ambiguous = symbol->is_ambiguous;
		site.offset = address - symbol->address;
	} else if (site.obstacle == OBSTACLE_NONE) {
		site.obstacle = OBSTACLE_NO_SYMBOL;
	}
	if (site.obstacle == OBSTACLE_NONE && is_exclusive(code, address, symbol->address))
		site.obstacle = OBSTACLE_EXCLUSIVE;
	site.concern = concern_of(code, &site, instruction->concern);
	if (code->region)
		site.address -= code->region->base;
	return array_push(&search->found->list, site) ? NULL : error_memory();
}

/* A function that calls itself is of no interest, and a loop to its start is no call. */
static bool is_call(const struct search *search, const struct code *code, uint32_t word,
		    uint64_t address)
{
	uint64_t base = code->region ? code->region->base : 0, target;

	if (!instruction_is_branch(word, address, &target))
		return false;
	for (size_t i = 0; i < search->nr_callees; i++) {
		struct vmlinux_symbol symbol;

		if (search->callee[i] == target - base)
			return !symtab_at(&search->vmlinux->symbols, address, &symbol) ||
			       symbol.address != target;
	}
	return false;
}

static bool is_wanted(const struct search *search, const struct code *code, uint32_t word,
		      uint64_t address, struct instruction *ret)
{
	if (!search->nr_callees)
		return (word & SYSTEM_MASK) == SYSTEM && instruction_decode(word, ret);
	*ret = (struct instruction){SITE_CALL, "call", REGISTER_NONE, CONCERN_KERNEL};
	return is_call(search, code, word, address);
}

/* The first place in the mappings that is not before `address`. */
static size_t first_mapping(const struct symtab *table, uint64_t address)
{
	return array_count_front(&table->mappings, mapping, mapping->address < address);
}

static struct error *scan(const struct search *search, struct code *code)
{
	const struct symtab *table = &search->vmlinux->symbols;
	size_t next = first_mapping(table, code->span.start);
	uint64_t start = (code->span.start + WORD - 1) & ~(uint64_t)(WORD - 1);
	bool is_data = false;

	for (uint64_t at = start; at < code->span.end && code->span.end - at >= WORD; at += WORD) {
		struct instruction instruction;
		uint32_t word = word_at(code, at);

		for (; next < table->mappings.count && table->mappings.at[next].address <= at;
		     next++)
			is_data = table->mappings.at[next].is_data;
		if (!is_data && is_wanted(search, code, word, at, &instruction))
			TRY(add_site(search, code, at, &instruction));
	}
	return NULL;
}

static struct error *scan_span(const struct search *search, struct span span,
			       const struct region *region)
{
	_cleanup_(free_pointer) uint8_t *bytes = NULL;

	TRY(image_read(&search->vmlinux->image, span.start, span.end - span.start, &bytes));
	struct code code = {.bytes = bytes, .span = span, .region = region};

	return scan(search, &code);
}

/* Where there are no sections, the linker script's symbols say where code is. */
static struct error *scan_by_symbols(const struct search *search)
{
	static const char *const parts[][2] = {{"_stext", "_etext"}, {"_sinittext", "_einittext"}};
	struct span span;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (find_part(search->vmlinux, parts[i][0], parts[i][1], &span))
			TRY(scan_span(search, span, NULL));
		else if (i == 0)
			return error_create(
				ERROR_FORMAT,
				"the symbols _stext and _etext are missing, which say where "
				"the code is; is the kallsyms complete?");
		/* The boot's code is gone from memory, and something else is there. */
		if (search->vmlinux->image.is_running)
			break;
	}
	return NULL;
}

static int compare_sites(const void *a, const void *b)
{
	const struct vmlinux_site *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static struct error *run_search(const struct search *search)
{
	const struct image *image = &search->vmlinux->image;

	if (image->is_raw || image->is_running)
		return scan_by_symbols(search);
	for (size_t i = 0; i < image->regions.count; i++) {
		const struct region *region = &image->regions.at[i];
		struct span span = {region->address, region->address + region->size, OBSTACLE_NONE};

		if (region->is_code && span.end > span.start)
			TRY(scan_span(search, span, region));
	}
	if (search->found->list.count)
		qsort(search->found->list.at, search->found->list.count,
		      sizeof(struct vmlinux_site), compare_sites);
	return NULL;
}

struct error *find_sites(struct vmlinux *vmlinux)
{
	struct search search = {.vmlinux = vmlinux, .found = &vmlinux->sites};

	return run_search(&search);
}

static void sites_deinit(struct sites *sites)
{
	array_deinit(&sites->list);
}

struct error *vmlinux_calls(const struct vmlinux *vmlinux, const uint64_t *callee,
			    size_t nr_callees, struct vmlinux_site **ret, size_t *count)
{
	_cleanup_(sites_deinit) struct sites found = {0};
	struct search search = {vmlinux, callee, nr_callees, &found};

	if (nr_callees)
		TRY(run_search(&search));
	*count = found.list.count;
	*ret = steal(found.list.at);
	return NULL;
}

const struct vmlinux_site *vmlinux_sites(const struct vmlinux *vmlinux, size_t *count)
{
	*count = vmlinux->sites.list.count;
	return vmlinux->sites.list.at;
}

const struct vmlinux_site *vmlinux_site_at(const struct vmlinux *vmlinux, uint64_t address)
{
	struct vmlinux_site key = {.address = address};

	if (!vmlinux->sites.list.count)
		return NULL;
	return bsearch(&key, vmlinux->sites.list.at, vmlinux->sites.list.count, sizeof(key),
		       compare_sites);
}
