/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cleanup.h"

#include "event/event_map.h"

struct event_map {
	struct arena arena;
	ARRAY_OF(struct map_line) lines;
};

void event_map_destroy(struct event_map *map)
{
	if (!map)
		return;
	array_deinit(&map->lines);
	arena_deinit(&map->arena);
	free(map);
}

DEFINE_CLEANUP(destroy_event_map, struct event_map *, event_map_destroy)

/* Takes the next word off the start of `rest`; empty at the end. */
static struct str take_word(struct str *rest)
{
	size_t start = 0, end;

	while (start < rest->length && strchr(" \t\r", rest->text[start]))
		start++;
	for (end = start; end < rest->length && !strchr(" \t\r", rest->text[end]); end++)
		;
	struct str word = str_first(str_skip(*rest, start), end - start);

	*rest = str_skip(*rest, end);
	return word;
}

/* Splits at the first `c`; false when there is none. */
static bool split(struct str word, char c, struct str *before, struct str *after)
{
	const char *at = word.length ? memchr(word.text, c, word.length) : NULL;

	if (!at)
		return false;
	*before = str_first(word, (size_t)(at - word.text));
	*after = str_skip(word, before->length + 1);
	return true;
}

static struct error *parse_event(struct map_line *line, struct str word)
{
	line->name = word;
	split(word, ':', &line->system, &line->name);
	line->any_rest = str_ends(line->name, STR("*"));
	if (line->any_rest)
		line->name = str_first(line->name, line->name.length - 1);
	if (line->name.length == 0 && !line->any_rest)
		return error_create(ERROR_FORMAT, "\"%.*s\" names no event", STR_ARGS(word));
	if (line->name.length && memchr(line->name.text, '*', line->name.length))
		return error_create(ERROR_FORMAT, "\"*\" must be at the end of \"%.*s\"",
				    STR_ARGS(word));
	return NULL;
}

static bool parse_level(struct str name, enum kernel_level *ret)
{
	static const char *const names[] = {
		[KERNEL_PTE] = "pte", [KERNEL_PMD] = "pmd", [KERNEL_PUD] = "pud",
		[KERNEL_P4D] = "p4d", [KERNEL_PGD] = "pgd",
	};

	for (int level = KERNEL_PTE; level <= KERNEL_PGD; level++)
		if (str_is(name, names[level])) {
			*ret = (enum kernel_level)level;
			return true;
		}
	return false;
}

/* "tlbi:OP", "dsb:TYPE", "write:LEVEL". */
static bool parse_qualified(struct map_line *line, struct str kind, struct str what)
{
	char dsb[16];

	if (str_is(kind, "tlbi")) {
		line->meaning = MAP_TO_TLBI;
		return tlbi_op_parse(what, &line->op);
	}
	if (str_is(kind, "dsb")) {
		line->meaning = MAP_TO_DSB;
		snprintf(dsb, sizeof(dsb), "dsb_%.*s", STR_ARGS(str_first(what, 8)));
		return dsb_type_parse(str_from(dsb), &line->dsb);
	}
	line->meaning = MAP_TO_WRITE;
	return str_is(kind, "write") && parse_level(what, &line->level);
}

static bool parse_meaning(struct map_line *line, struct str word)
{
	static const struct {
		const char *word;
		enum map_meaning meaning;
	} words[] = {
		{"clear", MAP_TO_CLEAR},
		{"page-alloc", MAP_TO_PAGE_ALLOC},
		{"page-free", MAP_TO_PAGE_FREE},
		{"ignore", MAP_TO_NOTHING},
	};
	struct str kind, what;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is(word, words[i].word)) {
			line->meaning = words[i].meaning;
			return true;
		}
	if (split(word, ':', &kind, &what))
		return parse_qualified(line, kind, what);
	line->meaning = str_ends(word, STR("%return")) ? MAP_TO_RETURN : MAP_TO_CALL;
	if (line->meaning == MAP_TO_RETURN)
		word = str_first(word, word.length - STR("%return").length);
	line->function = dictionary_find(word);
	return line->function;
}

static struct error *parse_roles(struct map_line *line, struct str rest)
{
	struct str word = take_word(&rest);

	for (; word.length; word = take_word(&rest)) {
		struct str key, field;

		if (!split(word, '=', &key, &field) || field.length == 0)
			return error_create(ERROR_FORMAT, "\"%.*s\" is not ROLE=FIELD",
					    STR_ARGS(word));
		enum field_role role = field_role_parse(key);

		if (role == ROLE_NONE)
			return error_create(ERROR_FORMAT, "there is no role \"%.*s\"",
					    STR_ARGS(key));
		if (line->field[role].length)
			return error_create(ERROR_FORMAT, "role \"%.*s\" is given twice",
					    STR_ARGS(key));
		line->field[role] = field;
	}
	return NULL;
}

/* Parses one line; a line without words adds nothing. */
static struct error *parse_line(struct event_map *map, struct str text, uint64_t number)
{
	struct map_line line = {.number = number};
	struct str comment, rest = text;

	split(text, '#', &rest, &comment);
	struct str event = take_word(&rest);
	struct str meaning = take_word(&rest);

	if (event.length == 0)
		return NULL;
	struct error *err = parse_event(&line, event);

	if (err)
		return err;
	if (meaning.length == 0)
		return error_create(ERROR_FORMAT, "event \"%.*s\" is given no meaning",
				    STR_ARGS(event));
	if (!parse_meaning(&line, meaning))
		return error_create(ERROR_FORMAT, "\"%.*s\" is no meaning that is known",
				    STR_ARGS(meaning));
	err = parse_roles(&line, rest);
	if (err)
		return err;
	return array_push(&map->lines, line) ? NULL : error_memory();
}

struct error *event_map_parse(const char *name, struct str text, struct event_map **ret)
{
	_cleanup_(destroy_event_map) struct event_map *map = calloc(1, sizeof(*map));

	if (!map)
		return error_memory();
	struct str rest = arena_copy(&map->arena, text.length ? text : STR(""));

	if (!rest.text)
		return error_memory();
	for (uint64_t number = 1; rest.length; number++) {
		struct str line = rest, next = {0};

		split(rest, '\n', &line, &next);
		struct error *err = parse_line(map, line, number);

		if (err)
			return error_at(err, name, ERROR_LINE, number);
		rest = next;
	}
	*ret = steal(map);
	return NULL;
}

struct error *event_map_load(const char *path, struct event_map **ret)
{
	enum {
		CHUNK = 4096
	};
	_cleanup_(close_file) FILE *file = fopen(path, "re");
	struct {
		char *at;
		size_t count, capacity;
	} text = {0};
	struct error *err = NULL;

	if (!file)
		return error_system(errno, "cannot open the event map \"%s\"", path);
	while (!err && !feof(file)) {
		if (!array_reserve_((void **)&text.at, &text.capacity, text.count + CHUNK, 1))
			err = error_memory();
		else
			text.count += fread(text.at + text.count, 1, CHUNK, file);
		if (!err && ferror(file))
			err = error_system(errno, "cannot read the event map \"%s\"", path);
	}
	if (!err)
		err = event_map_parse(path, (struct str){text.at, text.count}, ret);
	free(text.at);
	return err;
}

static bool line_fits(const struct map_line *line, const struct record_type *type)
{
	/* Most texts do not print the system: then the name alone decides. */
	if (line->system.length && type->system.length && !str_equal(line->system, type->system))
		return false;
	return line->any_rest ? str_starts(type->name, line->name)
			      : str_equal(type->name, line->name);
}

const struct map_line *event_map_find(const struct event_map *map, const struct record_type *type)
{
	for (size_t i = 0; map && i < map->lines.count; i++)
		if (line_fits(&map->lines.at[i], type))
			return &map->lines.at[i];
	return NULL;
}
