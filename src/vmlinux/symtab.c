/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <stdlib.h>

#include "vmlinux/symtab.h"

void symtab_deinit(struct symtab *table)
{
	array_deinit(&table->symbols);
	array_deinit(&table->mappings);
	free(table->by_name);
	free(table->text);
	*table = (struct symtab){0};
}

struct error *symtab_add(struct symtab *table, const struct image_symbol *symbol)
{
	return array_push(&table->symbols, *symbol) ? NULL : error_memory();
}

struct error *symtab_add_mapping(struct symtab *table, uint64_t address, bool is_data)
{
	struct mapping mapping = {address, is_data};

	return array_push(&table->mappings, mapping) ? NULL : error_memory();
}

/* ---- order --------------------------------------------------------------------------------- */

static int compare_str(struct str a, struct str b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	int order = common ? memcmp(a.text, b.text, common) : 0;

	return order ? order : a.length < b.length ? -1 : a.length > b.length;
}

/* By address; of the same address, the one to name it by is the last. */
static int compare_symbols(const void *a, const void *b)
{
	const struct image_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->is_text != y->is_text)
		return x->is_text ? 1 : -1;
	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return -compare_str(x->name, y->name);
}

static int compare_names(const void *a, const void *b, void *table)
{
	const struct image_symbol *symbols = ((const struct symtab *)table)->symbols.at;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = compare_str(symbols[x].name, symbols[y].name);

	return order ? order : x < y ? -1 : x > y;
}

static int compare_mappings(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->is_data - y->is_data;
}

struct error *symtab_sort(struct symtab *table)
{
	size_t count = table->symbols.count;

	if (table->mappings.count)
		qsort(table->mappings.at, table->mappings.count, sizeof(struct mapping),
		      compare_mappings);
	if (count == 0)
		return NULL;
	if (count > UINT32_MAX)
		return error_create(ERROR_FORMAT, "has more symbols than any kernel");
	table->by_name = malloc(count * sizeof(*table->by_name));
	if (!table->by_name)
		return error_memory();
	qsort(table->symbols.at, count, sizeof(struct image_symbol), compare_symbols);
	for (size_t i = 0; i < count; i++)
		table->by_name[i] = (uint32_t)i;
	qsort_r(table->by_name, count, sizeof(*table->by_name), compare_names, table);
	return NULL;
}

/* ---- by name ------------------------------------------------------------------------------- */

static const struct image_symbol *nth_name(const struct symtab *table, size_t n)
{
	return n < table->symbols.count ? &table->symbols.at[table->by_name[n]] : NULL;
}

/* The first place in by_name whose name does not come before `name`. */
static size_t first_name(const struct symtab *table, struct str name)
{
	size_t low = 0, high = table->symbols.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_str(nth_name(table, middle)->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether functions at several addresses have this name; data does not get in a kprobe's way. */
static bool is_ambiguous(const struct symtab *table, struct str name)
{
	const struct image_symbol *first = NULL, *symbol;

	for (size_t i = first_name(table, name);
	     (symbol = nth_name(table, i)) && str_equal(symbol->name, name); i++) {
		if (!symbol->is_text)
			continue;
		if (first && first->address != symbol->address)
			return true;
		first = symbol;
	}
	return false;
}

/* The address of the next symbol in text behind that of `symbol`. */
static uint64_t size_of(const struct symtab *table, const struct image_symbol *symbol)
{
	const struct image_symbol *end = table->symbols.at + table->symbols.count;

	for (const struct image_symbol *next = symbol; next < end; next++)
		if (next->is_text && next->address != symbol->address)
			return next->address - symbol->address;
	return 0;
}

static void describe(const struct symtab *table, const struct image_symbol *symbol,
		     struct vmlinux_symbol *ret)
{
	*ret = (struct vmlinux_symbol){
		.name = symbol->name,
		.address = symbol->address,
		.size = symbol->is_text ? size_of(table, symbol) : 0,
		.is_function = symbol->is_text,
		.is_ambiguous = is_ambiguous(table, symbol->name),
	};
}

bool symtab_named(const struct symtab *table, struct str name, struct vmlinux_symbol *ret)
{
	const struct image_symbol *symbol = nth_name(table, first_name(table, name));

	if (!symbol || !str_equal(symbol->name, name))
		return false;
	describe(table, symbol, ret);
	return true;
}

uint64_t symtab_address(const struct symtab *table, const char *name)
{
	struct str view = str_from(name);
	const struct image_symbol *symbol = nth_name(table, first_name(table, view));

	return symbol && str_equal(symbol->name, view) ? symbol->address : 0;
}

/* ".part.0", ".isra.0.part.1"; a ".cold" one is jumped to and not called. */
static bool is_variant(struct str suffix)
{
	static const struct str called[] = {
		{".part.", 6}, {".constprop.", 11}, {".isra.", 6}, {".llvm.", 6}};

	if (str_ends(suffix, STR(".cold")))
		return false;
	for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++)
		if (str_starts(suffix, called[i]))
			return true;
	return false;
}

bool symtab_variant(const struct symtab *table, struct str name, size_t index,
		    struct vmlinux_symbol *ret)
{
	const struct image_symbol *symbol;

	for (size_t i = first_name(table, name);
	     (symbol = nth_name(table, i)) && str_starts(symbol->name, name); i++)
		if (symbol->is_text && is_variant(str_skip(symbol->name, name.length)) &&
		    index-- == 0) {
			describe(table, symbol, ret);
			return true;
		}
	return false;
}

/* ---- by address ---------------------------------------------------------------------------- */

bool symtab_at(const struct symtab *table, uint64_t address, struct vmlinux_symbol *ret)
{
	size_t low = array_count_front(&table->symbols, symbol, symbol->address <= address);

	while (low > 0 && !table->symbols.at[low - 1].is_text)
		low--;
	if (low == 0)
		return false;
	describe(table, &table->symbols.at[low - 1], ret);
	return true;
}
