/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols of a kernel image that has none of its own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/kallsyms.h"
#include "base/try.h"
#include "vmlinux/symtab.h"

enum {
	CHUNK = 256 * 1024,
	/* With all modules and KALLSYMS_ALL it is 20 MB. */
	KALLSYMS_MAX = 512 * 1024 * 1024,
};

/* Reads all of a file that need not have a size. */
static struct error *read_file(const char *path, struct str *ret)
{
	_cleanup_(close_file) FILE *file = fopen(path, "re");
	_cleanup_(free_pointer) char *text = NULL;
	size_t length = 0, capacity = 0;

	if (!file)
		return error_system(errno, "cannot open it");
	while (!feof(file)) {
		if (length + CHUNK > capacity) {
			capacity = 2 * capacity + CHUNK;
			char *moved = realloc(text, capacity);

			if (!moved)
				return error_memory();
			text = moved;
		}
		length += fread(text + length, 1, CHUNK, file);
		if (ferror(file))
			return error_system(errno, "cannot read it");
		if (length > KALLSYMS_MAX)
			return error_create(ERROR_FORMAT, "is too large for the text of "
							  "/proc/kallsyms");
	}
	*ret = (struct str){steal(text), length};
	return NULL;
}

/*
 * Boundaries that the linker script sets ("__hyp_text_end") often have the address of the function
 * behind them, which is the better name.
 */
static bool is_boundary(struct str name)
{
	return str_starts(name, STR("_")) &&
	       (str_ends(name, STR("_start")) || str_ends(name, STR("_end")) ||
		str_ends(name, STR("text")));
}

static struct error *load(struct symtab *table, const char *path)
{
	struct kallsyms_line line;
	struct str text = {0};
	bool hidden = false;

	TRY(read_file(path, &text));
	table->text = (char *)(uintptr_t)text.text;
	while (kallsyms_next(&text, &line)) {
		struct image_symbol symbol = {
			.name = line.name,
			.address = line.address,
			.is_text = kallsyms_is_function(line.type),
			.preference = !is_boundary(line.name),
		};

		hidden = hidden || line.address == 0;
		if (line.address != 0 && line.module.length == 0)
			TRY(symtab_add(table, &symbol));
	}
	if (table->symbols.count)
		return NULL;
	if (hidden)
		return error_create(ERROR_FORMAT,
				    "has no addresses: read /proc/kallsyms as root, with "
				    "kernel.kptr_restrict below 2");
	return error_create(ERROR_FORMAT, "has no symbols: is it the text of /proc/kallsyms?");
}

struct error *symtab_load_kallsyms(struct symtab *table, const char *path)
{
	return error_at(load(table, path), path, ERROR_NO_PLACE, 0);
}
