/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/text/scan.h"
#include "capture/text/shapes.h"

enum {
	/* Several times the probes and call sites of a real capture. */
	SHAPES_MAX = 8192,
	SHAPES_MAX_BYTES = 8 * 1024 * 1024,
	/* Two symbols of KSYM_NAME_LEN, offsets and modules. */
	LOCATION_MAX = 1200,
};

static void forget_all(struct shape_table *table)
{
	hash_deinit(&table->by_hash);
	arena_deinit(&table->arena);
	table->count = 0;
}

void shapes_deinit(struct shape_table *table)
{
	forget_all(table);
}

void shapes_take_key(struct str *body, struct shape_key *ret)
{
	struct str rest = *body;
	struct str word = take_word(&rest);

	*ret = (struct shape_key){.text = word};
	if (word.length < 2 || last_char(word) != ':')
		return;
	ret->name = str_first(word, word.length - 1);
	*body = rest;
	rest = skip_spaces(rest);
	if (first_char(rest) != '(')
		return;
	size_t close = find_char(str_first(rest, LOCATION_MAX), ')');

	if (close >= rest.length || close == LOCATION_MAX)
		return;
	ret->location = str_skip(str_first(rest, close), 1);
	*body = str_skip(rest, close + 1);
	ret->text.length = (size_t)(body->text - word.text);
}

/* "system:name", and without the system in ftrace's text. */
static void split_name(struct shape *shape, struct str name)
{
	size_t colon = name.length;

	while (colon > 0 && name.text[colon - 1] != ':')
		colon--;
	shape->name = str_skip(name, colon);
	if (colon > 0)
		shape->system = str_first(name, colon - 1);
}

static struct shape *make_shape(struct shape_table *table, const struct shape_key *key,
				bool function_first)
{
	struct shape *shape = arena_alloc(&table->arena, sizeof(*shape));
	struct str text = shape ? arena_copy(&table->arena, key->text) : (struct str){0};
	struct shape_key kept;

	if (!text.text)
		return NULL;
	shape->key = text;
	shapes_take_key(&text, &kept);
	split_name(shape, kept.name);
	shape->is_probe = kept.location.length > 0 &&
			  location_parse(kept.location, function_first, &shape->location);
	return shape;
}

struct shape *shapes_get(struct shape_table *table, const struct shape_key *key,
			 bool function_first)
{
	uint64_t hash = hash_lookup(key->text);
	struct shape *first = hash_get(&table->by_hash, hash);

	for (struct shape *shape = first; shape; shape = shape->next)
		if (str_equal(shape->key, key->text))
			return shape;
	if (table->count >= SHAPES_MAX || table->arena.total > SHAPES_MAX_BYTES) {
		forget_all(table);
		first = NULL;
	}
	struct shape *shape = make_shape(table, key, function_first);

	if (!shape)
		return NULL;
	shape->next = first;
	if (!hash_set(&table->by_hash, hash, shape))
		return NULL;
	table->count++;
	return shape;
}
