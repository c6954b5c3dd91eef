/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kallsyms.h"
#include "base/symbols.h"

enum {
	MODULES_MAX = UINT16_MAX,
	NAME_MAX_LENGTH = 512,
	/* How far behind the kernel's last function an address may lie. */
	LAST_FUNCTION_MAX = 64 * 1024,
	PAGE = 4096,
};

/* ---- reading kallsyms ---------------------------------------------------------------------- */

/* Copies a name to the end of the names, for which there is room: they all come out of the text. */
static uint32_t keep(struct symbols *symbols, struct str name)
{
	size_t start = symbols->names_length;

	memcpy(symbols->names + start, name.text, name.length);
	symbols->names_length += name.length;
	return (uint32_t)start;
}

static struct str module_name(const struct symbols *symbols, size_t i)
{
	const struct symbol_module *module = &symbols->modules.at[i];

	return (struct str){symbols->names + module->name, module->length};
}

/* The index of a module; symbols of one module stand together.  False when memory is short. */
static bool get_module(struct symbols *symbols, struct str name, uint16_t *ret)
{
	size_t count = symbols->modules.count;

	*ret = 0;
	if (name.length == 0)
		return true;
	name = str_first(name, NAME_MAX_LENGTH);
	if (!str_equal(module_name(symbols, count - 1), name)) {
		struct symbol_module module = {keep(symbols, name), (uint16_t)name.length};

		if (count == MODULES_MAX) /* no machine has so many; their last ones stay without */
			return true;
		if (!array_push(&symbols->modules, module))
			return false;
		count++;
	}
	*ret = (uint16_t)(count - 1);
	return true;
}

static bool add(struct symbols *symbols, const struct kallsyms_line *line)
{
	struct str name = str_first(line->name, NAME_MAX_LENGTH);
	struct symbol symbol = {.address = line->address, .length = (uint16_t)name.length};

	if (line->address == 0 || !kallsyms_is_function(line->type))
		return true;
	if (!get_module(symbols, line->module, &symbol.module))
		return false;
	symbol.name = keep(symbols, name);
	return array_push(&symbols->table, symbol);
}

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Sorts by address; most of the text is in this order already. */
static void sort(struct symbols *symbols)
{
	for (size_t i = 1; i < symbols->table.count; i++)
		if (symbols->table.at[i].address < symbols->table.at[i - 1].address) {
			qsort(symbols->table.at, symbols->table.count, sizeof(struct symbol),
			      compare);
			return;
		}
}

bool symbols_init(struct symbols *symbols, struct str kallsyms)
{
	struct symbol_module kernel = {0};

	*symbols = (struct symbols){0};
	kallsyms = str_first(kallsyms, UINT32_MAX);
	symbols->names = malloc(kallsyms.length + 1);
	struct kallsyms_line line;
	bool ok = symbols->names && array_push(&symbols->modules, kernel);

	while (ok && kallsyms_next(&kallsyms, &line))
		ok = add(symbols, &line);
	if (!ok) {
		symbols_deinit(symbols);
		return false;
	}
	/* Give back what the text had more than the names. */
	char *names = realloc(symbols->names, symbols->names_length + 1);

	if (names)
		symbols->names = names;
	sort(symbols);
	return true;
}

void symbols_deinit(struct symbols *symbols)
{
	array_deinit(&symbols->table);
	array_deinit(&symbols->modules);
	free(symbols->names);
	*symbols = (struct symbols){0};
}

/* ---- looking up ---------------------------------------------------------------------------- */

/* The number of symbols that do not lie behind `address`. */
static size_t count_up_to(const struct symbols *symbols, uint64_t address)
{
	return array_count_front(&symbols->table, symbol, symbol->address <= address);
}

bool symbols_find(const struct symbols *symbols, uint64_t address, struct symbol_place *ret)
{
	const struct symbol *table = symbols->table.at;
	size_t next = count_up_to(symbols, address);

	if (next == 0)
		return false;
	/* Of several names of one address the kernel takes the first, too (kallsyms_lookup()). */
	const struct symbol *symbol = &table[next - 1];

	while (symbol > table && symbol[-1].address == symbol->address)
		symbol--;
	uint64_t offset = address - symbol->address;
	uint64_t end = next < symbols->table.count ? table[next].address : UINT64_MAX;

	if (next == symbols->table.count || table[next].module != symbol->module) {
		/*
		 * The last one of the kernel or a module ends somewhere in its last page.  Behind a
		 * module there may have been another one that was unloaded before the table was
		 * read: no address of that may be told as one of this.
		 */
		uint64_t last = symbol->module ? symbol->address : address;
		uint64_t page_end = (last | (PAGE - 1)) + 1;

		if (offset >= LAST_FUNCTION_MAX || (page_end && address >= page_end))
			return false;
		if (page_end && page_end < end)
			end = page_end;
	}
	*ret = (struct symbol_place){
		.name = {symbols->names + symbol->name, symbol->length},
		.module = module_name(symbols, symbol->module),
		.offset = offset,
		.size = end - symbol->address,
	};
	return true;
}

bool symbols_address(const struct symbols *symbols, struct str name, uint64_t *ret)
{
	for (size_t i = 0; i < symbols->table.count; i++) {
		const struct symbol *symbol = &symbols->table.at[i];

		if (symbol->module == 0 && symbol->length == name.length &&
		    memcmp(symbols->names + symbol->name, name.text, name.length) == 0) {
			*ret = symbol->address;
			return true;
		}
	}
	return false;
}

struct str symbol_print(const struct symbol_place *place, enum symbol_style style,
			char buffer[static SYMBOL_TEXT_MAX])
{
	struct str name = str_first(place->name, NAME_MAX_LENGTH);
	struct str module = str_first(place->module, SYMBOL_TEXT_MAX - NAME_MAX_LENGTH - 64);
	int length =
		snprintf(buffer, SYMBOL_TEXT_MAX, "%.*s+0x%" PRIx64, STR_ARGS(name), place->offset);

	if (style == SYMBOL_LONG) {
		length += snprintf(buffer + length, SYMBOL_TEXT_MAX - (size_t)length, "/0x%" PRIx64,
				   place->size);
		if (module.length)
			length += snprintf(buffer + length, SYMBOL_TEXT_MAX - (size_t)length,
					   " [%.*s]", STR_ARGS(module));
	}
	return (struct str){buffer, (size_t)length};
}
