/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols of one image, by address and by name. */
#ifndef MMUREPLAY_VMLINUX_SYMTAB_H
#define MMUREPLAY_VMLINUX_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>
#include <mmureplay/vmlinux.h>

#include "base/array.h"

struct image_symbol {
	struct str name; /* not owned */
	uint64_t address;
	bool is_text;
	uint8_t preference; /* of several at one address, the highest names it */
};

/* Where code ends and data between the code begins, or the other way round. */
struct mapping {
	uint64_t address;
	bool is_data;
};

/* A table that is all zero is empty and valid. */
struct symtab {
	ARRAY_OF(struct image_symbol) symbols;
	ARRAY_OF(struct mapping) mappings;
	uint32_t *by_name; /* indices of `symbols`, by name and then by address */
	char *text;	   /* of kallsyms, which the names point into; NULL: they do not */
};

void symtab_deinit(struct symtab *table);

/* Adding: followed by symtab_sort(), before anything is looked up. */
struct error *symtab_add(struct symtab *table, const struct image_symbol *symbol) MUST_CHECK;
struct error *symtab_add_mapping(struct symtab *table, uint64_t address, bool is_data) MUST_CHECK;
struct error *symtab_sort(struct symtab *table) MUST_CHECK;

/* Adds the kernel's own symbols from a file with the text of /proc/kallsyms; not those of modules. */
struct error *symtab_load_kallsyms(struct symtab *table, const char *path) MUST_CHECK;

/* Reads such a file, compressed with gzip or not: its bytes are the caller's, `text` is all of them. */
struct error *kallsyms_read_file(const char *path, char **ret, struct str *text) MUST_CHECK;

/* Why there is no symbol in a text. */
struct error *kallsyms_fault(struct str text) MUST_CHECK;

/* As vmlinux_symbol_at() and its relatives. */
bool symtab_at(const struct symtab *table, uint64_t address, struct vmlinux_symbol *ret);
bool symtab_named(const struct symtab *table, struct str name, struct vmlinux_symbol *ret);
bool symtab_variant(const struct symtab *table, struct str name, size_t index,
		    struct vmlinux_symbol *ret);

/* The address of a symbol that the linker script defines; 0: it is not there. */
uint64_t symtab_address(const struct symtab *table, const char *name);

#endif
