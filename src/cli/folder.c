/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/try.h"
#include "cli/folder.h"

enum {
	NOTES_MAX = 64 * 1024, /* bytes of /sys/kernel/notes: some hundreds */
	LINE_MAX_LENGTH = 4096,
};

void folder_deinit(struct folder *folder)
{
	free(folder->capture);
	free(folder->kallsyms);
	free(folder->kallsyms_before);
	free(folder->kprobe_profile);
	free(folder->release);
	free(folder->build_id);
	free(folder->refused_text);
	array_deinit(&folder->refused);
	*folder = (struct folder){0};
}

bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* "FOLDER/NAME", for the caller to free; NULL: out of memory. */
static char *path_of(const char *folder, const char *name)
{
	struct buffer path = {0};

	buffer_printf(&path, "%s/%s", folder, name);
	if (!path.failed)
		return path.text;
	buffer_deinit(&path);
	return NULL;
}

/* The path of a file that may be there, or NULL where it is not. */
static struct error *find_file(const char *folder, const char *name, char **ret)
{
	_cleanup_(free_pointer) char *path = path_of(folder, name);

	if (!path)
		return error_memory();
	if (access(path, R_OK) == 0)
		*ret = steal(path);
	return NULL;
}

/* ---- system.txt ---------------------------------------------------------------------------- */

/* Takes what stands behind "KEY " in a line that starts so. */
static bool take_value(const char *line, const char *key, struct str *ret)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0 || line[length] != ' ')
		return false;
	*ret = str_from(line + length + 1);
	if (ret->length && ret->text[ret->length - 1] == '\n')
		ret->length--;
	return ret->length > 0;
}

/* A line for each: "release 6.1.0-56-arm64". */
static struct error *read_line(const char *line, const char *path, struct folder *folder)
{
	struct str value;

	if (take_value(line, "release", &value) && !folder->release) {
		folder->release = str_terminated(value);
		return folder->release ? NULL : error_memory();
	}
	if (take_value(line, "page-size", &value))
		folder->page_size = (uint32_t)strtoul(value.text, NULL, 10);
	/* A name, and no path that would lead elsewhere. */
	if (take_value(line, "capture", &value) && !folder->capture &&
	    !memchr(value.text, '/', value.length)) {
		_cleanup_(free_pointer) char *name = str_terminated(value);

		return name ? find_file(path, name, &folder->capture) : error_memory();
	}
	return NULL;
}

static struct error *read_system(const char *path, struct folder *folder)
{
	_cleanup_(free_pointer) char *name = path_of(path, "system.txt");
	_cleanup_(close_file) FILE *file = name ? fopen(name, "re") : NULL;
	char line[LINE_MAX_LENGTH];

	if (!name)
		return error_memory();
	while (file && fgets(line, sizeof(line), file))
		TRY(read_line(line, path, folder));
	return NULL;
}

/* ---- notes.bin ----------------------------------------------------------------------------- */

static char *in_hexadecimal(struct str bytes)
{
	struct buffer text = {0};

	for (size_t i = 0; i < bytes.length; i++)
		buffer_printf(&text, "%02x", (uint8_t)bytes.text[i]);
	if (!text.failed)
		return text.text;
	buffer_deinit(&text);
	return NULL;
}

/*
 * One note (elf(5)), in the byte order of the kernel; arm64's is little-endian where anybody uses this:
 *
 *     u32 size of the name    u32 size of the content    u32 type    name    content
 *
 * where name and content are padded to 4 bytes.
 */
static struct error *read_note(struct cursor *cursor, struct folder *folder)
{
	const struct str gnu = {"GNU", sizeof("GNU")};
	uint32_t name_size = 0, size = 0, type = 0;
	struct str name, content;

	TRY(cursor_u32(cursor, &name_size));
	TRY(cursor_u32(cursor, &size));
	TRY(cursor_u32(cursor, &type));
	TRY(cursor_bytes(cursor, ((uint64_t)name_size + 3) & ~UINT64_C(3), &name));
	TRY(cursor_bytes(cursor, ((uint64_t)size + 3) & ~UINT64_C(3), &content));
	if (type != NT_GNU_BUILD_ID || folder->build_id ||
	    !str_equal(str_first(name, name_size), gnu))
		return NULL;
	folder->build_id = in_hexadecimal(str_first(content, size));
	return folder->build_id ? NULL : error_memory();
}

/* What cannot be read says nothing: the kernel's release does, too. */
static struct error *read_notes(const char *path, struct folder *folder)
{
	_cleanup_(free_pointer) char *name = path_of(path, "notes.bin");
	_cleanup_(close_file) FILE *file = name ? fopen(name, "re") : NULL;
	_cleanup_(free_pointer) char *bytes = malloc(NOTES_MAX);
	struct error *err = NULL;

	if (!name || !bytes)
		return error_memory();
	size_t length = file ? fread(bytes, 1, NOTES_MAX, file) : 0;
	struct cursor cursor = cursor_over((struct str){bytes, length}, 0, "the notes", false);

	while (!err && cursor_left(&cursor))
		err = read_note(&cursor, folder);
	if (err && err->kind == ERROR_FORMAT) {
		error_destroy(err);
		err = NULL;
	}
	return err;
}

/* ---- refused.txt --------------------------------------------------------------------------- */

/* "mmu_tlbi/vmalle1_5 at secondary_start_kernel+0x6c: Invalid probed address or symbol" */
static struct str refused_place(struct str line)
{
	const char *at = memmem(line.text, line.length, " at ", 4);
	struct str rest = at ? str_skip(line, (size_t)(at + 4 - line.text)) : (struct str){0};
	const char *colon = rest.length ? memchr(rest.text, ':', rest.length) : NULL;

	return colon ? str_first(rest, (size_t)(colon - rest.text)) : (struct str){0};
}

static struct error *read_refused(const char *path, struct folder *folder)
{
	_cleanup_(free_pointer) char *name = path_of(path, "refused.txt");
	_cleanup_(close_file) FILE *file = name ? fopen(name, "re") : NULL;
	size_t capacity = 0;

	if (!name)
		return error_memory();
	/* Up to a NUL, which is in no such file: all of it. */
	ssize_t length = file ? getdelim(&folder->refused_text, &capacity, '\0', file) : 0;
	struct str rest = {folder->refused_text, length > 0 ? (size_t)length : 0};

	while (rest.length) {
		const char *newline = memchr(rest.text, '\n', rest.length);
		size_t end = newline ? (size_t)(newline - rest.text) : rest.length;
		struct str place = refused_place(str_first(rest, end));

		if (place.length && !array_push(&folder->refused, place))
			return error_memory();
		rest = str_skip(rest, end + 1);
	}
	return NULL;
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* A kernel that hides its addresses shows zeros (kernel.kptr_restrict). */
static bool shows_addresses(const char *kallsyms)
{
	_cleanup_(close_file) FILE *file = fopen(kallsyms, "re");
	char line[LINE_MAX_LENGTH];

	return file && fgets(line, sizeof(line), file) && strspn(line, "0") < 8;
}

static struct error *find_kallsyms(const char *folder, const char *name, char **ret)
{
	_cleanup_(free_pointer) char *path = NULL;

	TRY(find_file(folder, name, &path));
	if (path && shows_addresses(path))
		*ret = steal(path);
	return NULL;
}

struct error *folder_open(const char *path, struct folder *ret)
{
	static const char *const captures[] = {"trace.dat", "perf.data", "trace.txt"};

	TRY(read_system(path, ret));
	for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]) && !ret->capture; i++)
		TRY(find_file(path, captures[i], &ret->capture));
	if (!ret->capture)
		return error_at(
			error_create(ERROR_FORMAT,
				     "is a folder, and none that the script of `mmureplay probes' "
				     "has made: there is no trace.dat, perf.data or trace.txt "
				     "in it; name a capture"),
			path, ERROR_NO_PLACE, 0);
	TRY(read_notes(path, ret));
	TRY(read_refused(path, ret));
	TRY(find_file(path, "kprobe_profile.txt", &ret->kprobe_profile));
	TRY(find_kallsyms(path, "kallsyms.txt", &ret->kallsyms));
	return find_kallsyms(path, "kallsyms-before.txt", &ret->kallsyms_before);
}
