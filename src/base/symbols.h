/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of a kernel by address, from the text of its /proc/kallsyms. */
#ifndef MMUREPLAY_BASE_SYMBOLS_H
#define MMUREPLAY_BASE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/str.h>

#include "base/array.h"

struct symbol {
	uint64_t address;
	uint32_t name; /* where in symbols.names */
	uint16_t length;
	uint16_t module; /* index into symbols.modules */
};

struct symbol_module {
	uint32_t name;
	uint16_t length;
};

/* A table that is all zero is empty and valid. */
struct symbols {
	ARRAY_OF(struct symbol) table; /* by address; of the same address, the first named first */
	ARRAY_OF(struct symbol_module) modules; /* the first has no name: the kernel itself */
	char *names;				/* of symbols and modules, one behind the other */
	size_t names_length;
};

/*
 * Reads a table from the text of /proc/kallsyms.  Lines that are no function's are passed over.
 * False when memory is short.
 */
bool symbols_init(struct symbols *symbols, struct str kallsyms);
void symbols_deinit(struct symbols *symbols);

/* A place in a function. */
struct symbol_place {
	struct str name;
	struct str module; /* empty for the kernel itself */
	uint64_t offset;
	uint64_t size; /* of the function, as far as the next one's address tells */
};

/* Finds the function that `address` is in; false when it is in none. */
bool symbols_find(const struct symbols *symbols, uint64_t address, struct symbol_place *ret);

/* The address of a function of the kernel itself; false when there is none of that name. */
bool symbols_address(const struct symbols *symbols, struct str name, uint64_t *ret);

enum {
	/* KSYM_NAME_LEN and MODULE_NAME_LEN of Linux are 512 and 56; longer names are cut. */
	SYMBOL_TEXT_MAX = 640,
};

/* How a place is written: "f+0x84", or "f+0x84/0x140 [module]" as the kernel prints callers. */
enum symbol_style {
	SYMBOL_SHORT,
	SYMBOL_LONG,
};

/* Writes a place into `buffer`, and returns the view of it. */
struct str symbol_print(const struct symbol_place *place, enum symbol_style style,
			char buffer[static SYMBOL_TEXT_MAX]);

#endif
