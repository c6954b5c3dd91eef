/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kprobe_profile: for each probe its name, the hits, and the hits that were missed, since it was
 * defined (Linux kernel/trace/trace_kprobe.c, probes_profile_seq_show()):
 *
 *       pmd_set_huge_ret                                         120               0
 *
 * A return is missed when as many calls as it has room for are under way already; any probe is, when
 * it is hit from within another one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/try.h"

#include "event/profile.h"

struct probe_profile {
	struct arena arena;
	ARRAY_OF(struct profile_line) lines;
};

void probe_profile_destroy(struct probe_profile *profile)
{
	if (!profile)
		return;
	array_deinit(&profile->lines);
	arena_deinit(&profile->arena);
	free(profile);
}

DEFINE_CLEANUP(destroy_profile, struct probe_profile *, probe_profile_destroy)

/* Parses "NAME HITS MISSED". */
static bool parse_line(struct str text, struct profile_line *ret, bool *is_empty)
{
	char name[256], rest;
	unsigned long long hits, missed;
	_cleanup_(free_pointer) char *line = str_terminated(text);

	*is_empty = !line || line[strspn(line, " \t\r")] == '\0';
	if (*is_empty)
		return line;
	if (sscanf(line, "%255s %20llu %20llu %c", name, &hits, &missed, &rest) != 3)
		return false;
	const char *at = strstr(line, name);

	*ret = (struct profile_line){str_first(str_skip(text, (size_t)(at - line)), strlen(name)),
				     missed};
	return true;
}

struct error *probe_profile_parse(const char *name, struct str text, struct probe_profile **ret)
{
	_cleanup_(destroy_profile) struct probe_profile *profile = calloc(1, sizeof(*profile));
	struct str rest = {0};

	if (profile)
		rest = arena_copy(&profile->arena, text.length ? text : STR(""));
	if (!rest.text)
		return error_memory();
	for (uint64_t number = 1; rest.length; number++) {
		const char *newline = memchr(rest.text, '\n', rest.length);
		size_t length = newline ? (size_t)(newline - rest.text) : rest.length;
		struct profile_line line = {0};
		bool is_empty = false;

		if (!parse_line(str_first(rest, length), &line, &is_empty))
			return error_at(error_create(ERROR_FORMAT,
						     "this is no line of kprobe_profile: a probe's "
						     "name, its hits and its misses"),
					name, ERROR_LINE, number);
		if (!is_empty && !array_push(&profile->lines, line))
			return error_memory();
		rest = str_skip(rest, length + 1);
	}
	*ret = steal(profile);
	return NULL;
}

struct error *probe_profile_load(const char *path, struct probe_profile **ret)
{
	_cleanup_(close_file) FILE *file = fopen(path, "re");
	_cleanup_(free_pointer) char *text = NULL;
	size_t capacity = 0;

	if (!file)
		return error_system(errno, "cannot open the profile '%s'", path);
	/* Up to a NUL, which is in no such file: all of it. */
	ssize_t length = getdelim(&text, &capacity, '\0', file);

	if (length < 0 && ferror(file))
		return error_system(errno, "cannot read the profile '%s'", path);
	return probe_profile_parse(path, (struct str){text, length < 0 ? 0 : (size_t)length}, ret);
}

const struct profile_line *probe_profile_line(const struct probe_profile *profile, size_t index)
{
	return index < profile->lines.count ? &profile->lines.at[index] : NULL;
}
