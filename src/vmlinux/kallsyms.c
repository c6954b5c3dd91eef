/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with the text of /proc/kallsyms; and symbols of an image that has none of its own. */
#include <errno.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/cleanup.h"
#include "base/kallsyms.h"
#include "base/try.h"
#include "vmlinux/symtab.h"

enum {
	CHUNK = 256 * 1024,
	/* With all modules and KALLSYMS_ALL it is 20 MB. */
	KALLSYMS_MAX = 512 * 1024 * 1024,
};

static void close_gz(const gzFile *file)
{
	if (*file)
		gzclose(*file);
}

struct error *kallsyms_read_file(const char *path, char **ret, struct str *text)
{
	_cleanup_(free_pointer) char *bytes = NULL;
	_cleanup_(close_gz) gzFile file = gzopen(path, "re");
	size_t length = 0, capacity = 0;
	int count = 1;

	/* zlib hands on what is not compressed as it is. */
	if (!file)
		return error_system(errno, "cannot open it");
	while (count > 0) {
		if (length + CHUNK > capacity) {
			capacity = 2 * capacity + CHUNK;
			char *moved = realloc(bytes, capacity);

			if (!moved)
				return error_memory();
			bytes = moved;
		}
		count = gzread(file, bytes + length, CHUNK);
		if (count < 0)
			return error_create(ERROR_SYSTEM, "cannot read it: %s",
					    gzerror(file, &(int){0}));
		length += (size_t)count;
		if (length > KALLSYMS_MAX)
			return error_create(ERROR_FORMAT, "is too large for the text of "
							  "/proc/kallsyms");
	}
	*text = (struct str){bytes, length};
	*ret = steal(bytes);
	return NULL;
}

struct error *kallsyms_fault(struct str text)
{
	struct kallsyms_line line;

	if (kallsyms_next(&text, &line) && line.address == 0)
		return error_create(ERROR_FORMAT,
				    "has no addresses: read /proc/kallsyms as root, with "
				    "kernel.kptr_restrict below 2");
	return error_create(ERROR_FORMAT, "has no symbols: is it the text of /proc/kallsyms?");
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
	struct str text, all;

	TRY(kallsyms_read_file(path, &table->text, &all));
	text = all;
	while (kallsyms_next(&text, &line)) {
		struct image_symbol symbol = {
			.name = line.name,
			.address = line.address,
			.is_text = kallsyms_is_function(line.type),
			.preference = !is_boundary(line.name),
		};

		if (line.address != 0 && line.module.length == 0)
			TRY(symtab_add(table, &symbol));
	}
	return table->symbols.count ? NULL : kallsyms_fault(all);
}

struct error *symtab_load_kallsyms(struct symtab *table, const char *path)
{
	return error_at(load(table, path), path, ERROR_NO_PLACE, 0);
}
