/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <fts.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "vmlinux/source.h"

/* All that is looked at is the file itself: no search for debug files, none over the network. */
static int find_nothing(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
			const char *file, const char *link, GElf_Word crc, char **path)
{
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = find_nothing,
	.section_address = dwfl_offline_section_address,
};

static void source_file_deinit(struct source_file *file)
{
	if (file->dwfl)
		dwfl_end(file->dwfl);
	*file = (struct source_file){0};
}

/* At the addresses that it was linked to; relocatable ones, as modules are, one section after another. */
static void source_file_open(struct source_file *file, const char *path, bool is_module)
{
	file->dwfl = dwfl_begin(&callbacks);
	if (!file->dwfl)
		return;
	dwfl_report_begin(file->dwfl);
	file->module = is_module ? dwfl_report_offline(file->dwfl, "module", path, -1)
				 : dwfl_report_elf(file->dwfl, "kernel", path, -1, 0, true);
	dwfl_report_end(file->dwfl, NULL, NULL);
	if (!file->module)
		source_file_deinit(file);
}

void sources_init(struct sources *sources, const char *image, const char *modules)
{
	*sources = (struct sources){.modules = modules};
	if (image)
		source_file_open(&sources->image, image, false);
}

void sources_deinit(struct sources *sources)
{
	struct hash_slot *slot;

	source_file_deinit(&sources->image);
	for (size_t cursor = 0; (slot = hash_next(&sources->by_module, &cursor));) {
		source_file_deinit(slot->value);
		free(slot->value);
	}
	hash_deinit(&sources->by_module);
}

/* ---- looking up ---------------------------------------------------------------------------- */

static bool is_header(const char *name)
{
	size_t length = strlen(name);

	return length > 2 && strcmp(name + length - 2, ".h") == 0;
}

static bool get_number(Dwarf_Die *die, unsigned int name, Dwarf_Word *ret)
{
	Dwarf_Attribute attribute;

	return dwarf_formudata(dwarf_attr(die, name, &attribute), ret) == 0;
}

enum {
	SCOPES_MAX = 32,       /* functions that are inlined into one another, and blocks in them */
	ENTRIES_MAX = 1000000, /* of debug information: damaged one may go around in circles */
};

/* What an address is in: functions, blocks, functions that were inlined; from the outermost on. */
struct scopes {
	Dwarf_Die entry[SCOPES_MAX];
	int count;
};

/* Finds the entry below `parent` that has the address; false when there is none. */
static bool find_scope(Dwarf_Die *parent, Dwarf_Addr address, unsigned int *left, Dwarf_Die *ret)
{
	if (dwarf_child(parent, ret) != 0)
		return false;
	while (*left > 0) {
		--*left;
		if (dwarf_haspc(ret, address) > 0)
			return true;
		if (dwarf_siblingof(ret, ret) != 0)
			return false;
	}
	return false;
}

/* By hand, as dwarf_getscopes() of elfutils (0.188) loses memory where the information is damaged. */
static void find_scopes(Dwarf_Die *unit, Dwarf_Addr address, struct scopes *scopes)
{
	unsigned int left = ENTRIES_MAX;
	Dwarf_Die *parent = unit;

	scopes->count = 0;
	while (scopes->count < SCOPES_MAX &&
	       find_scope(parent, address, &left, &scopes->entry[scopes->count]))
		parent = &scopes->entry[scopes->count++];
}

/*
 * ioremap() and its like are inline functions: all that call them would be in one line of a header.
 * Replaces that by the line of the first call, outwards, that is in no header.
 */
static void leave_headers(const struct source_file *file, uint64_t address, const char **name,
			  int *line)
{
	Dwarf_Addr bias = 0;
	Dwarf_Die *unit = dwfl_module_addrdie(file->module, address, &bias);
	struct scopes scopes;
	Dwarf_Files *files;
	size_t nr_files;

	if (!unit || dwarf_getsrcfiles(unit, &files, &nr_files) != 0)
		return;
	find_scopes(unit, address - bias, &scopes);
	while (scopes.count-- > 0 && is_header(*name)) {
		Dwarf_Die *scope = &scopes.entry[scopes.count];
		Dwarf_Word number, call_line;

		if (dwarf_tag(scope) != DW_TAG_inlined_subroutine ||
		    !get_number(scope, DW_AT_call_file, &number) ||
		    !get_number(scope, DW_AT_call_line, &call_line) || number >= nr_files)
			continue;
		const char *caller = dwarf_filesrc(files, number, NULL, NULL);

		if (!caller || call_line > INT_MAX)
			continue;
		*name = caller;
		*line = (int)call_line;
	}
}

static struct str line_at(const struct source_file *file, uint64_t address, char *buffer,
			  size_t size)
{
	Dwfl_Line *line = dwfl_module_getsrc(file->module, address);
	int number = 0;
	const char *name = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;

	if (!name || number <= 0)
		return (struct str){0};
	if (is_header(name))
		leave_headers(file, address, &name, &number);
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	int length = snprintf(buffer, size, "%s:%d", name, number);

	return length > 0 && (size_t)length < size ? (struct str){buffer, (size_t)length}
						   : (struct str){0};
}

struct str source_of_image(const struct sources *sources, uint64_t address, char *buffer,
			   size_t size)
{
	return sources->image.module ? line_at(&sources->image, address, buffer, size)
				     : (struct str){0};
}

/* Files have '-' where modules have '_', and may be compressed: "snd-hda-intel.ko.xz". */
static bool is_file_of(const char *file, struct str module)
{
	for (size_t i = 0; i < module.length; i++)
		if (file[i] != module.text[i] && !(file[i] == '-' && module.text[i] == '_'))
			return false;
	const char *rest = file + module.length;

	return strcmp(rest, ".ko") == 0 || strcmp(rest, ".ko.debug") == 0 ||
	       (strncmp(rest, ".ko.", 4) == 0 && !strchr(rest + 4, '.'));
}

static void find_module(struct source_file *file, const char *folder, struct str module)
{
	char *const roots[] = {(char *)(uintptr_t)folder, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while (tree && !file->module && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F && is_file_of(entry->fts_name, module))
			source_file_open(file, entry->fts_path, true);
	if (tree)
		fts_close(tree);
}

/* The file of a module, looked for once. */
static struct source_file *get_module(struct sources *sources, struct str module)
{
	uint64_t key = hash_str(module, 0);
	struct source_file *file = hash_get(&sources->by_module, key);

	if (file)
		return file;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	find_module(file, sources->modules, module);
	if (hash_set(&sources->by_module, key, file))
		return file;
	source_file_deinit(file);
	free(file);
	return NULL;
}

struct str source_of_module(struct sources *sources, struct str module, struct str function,
			    uint64_t offset, char *buffer, size_t size)
{
	struct source_file *file = sources->modules ? get_module(sources, module) : NULL;
	int count = file && file->module ? dwfl_module_getsymtab(file->module) : 0;
	uint64_t found = 0;

	for (int i = 1; i < count; i++) {
		GElf_Sym symbol;
		GElf_Addr address;
		const char *name = dwfl_module_getsym_info(file->module, i, &symbol, &address, NULL,
							   NULL, NULL);

		if (!name || GELF_ST_TYPE(symbol.st_info) != STT_FUNC ||
		    !str_equal(str_from(name), function))
			continue;
		if (found && found != address) /* two of this name */
			return (struct str){0};
		found = address;
	}
	return found ? line_at(file, found + offset, buffer, size) : (struct str){0};
}
