/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/types.h"

void types_init(struct type_table *table)
{
	*table = (struct type_table){0};
	interned_init(&table->strings, &table->arena);
}

void types_deinit(struct type_table *table)
{
	hash_deinit(&table->by_hash);
	interned_deinit(&table->strings);
	arena_deinit(&table->arena);
}

static uint64_t hash_type(const struct record_type *type)
{
	uint64_t hash = hash_u64(type->offset ^ type->is_return);

	hash = hash_str(type->system, hash);
	hash = hash_str(type->name, hash);
	hash = hash_str(type->symbol, hash);
	hash = hash_str(type->module, hash);
	for (uint32_t i = 0; i < type->nr_fields; i++)
		hash = hash_str(type->field[i], hash);
	return hash;
}

static bool same_type(const struct record_type *a, const struct record_type *b)
{
	if (a->offset != b->offset || a->is_return != b->is_return ||
	    a->nr_fields != b->nr_fields || !str_equal(a->system, b->system) ||
	    !str_equal(a->name, b->name) || !str_equal(a->symbol, b->symbol) ||
	    !str_equal(a->module, b->module))
		return false;
	for (uint32_t i = 0; i < a->nr_fields; i++)
		if (!str_equal(a->field[i], b->field[i]))
			return false;
	return true;
}

/* Keeps `*view`, which points into a line, for the life of the table. */
static bool keep(struct type_table *table, struct str *view)
{
	if (!view->length) {
		*view = (struct str){0};
		return true;
	}
	*view = intern(&table->strings, *view);
	return view->text != NULL;
}

static struct known_type *make_type(struct type_table *table, const struct record_type *like)
{
	struct known_type *known = arena_alloc(&table->arena, sizeof(*known));

	if (!known)
		return NULL;
	struct record_type *type = &known->type;

	*type = *like;
	type->id = table->count;
	bool kept = keep(table, &type->system) && keep(table, &type->name) &&
		    keep(table, &type->symbol) && keep(table, &type->module);

	for (uint32_t i = 0; i < type->nr_fields && kept; i++)
		kept = keep(table, &type->field[i]);
	if (!kept)
		return NULL;
	known->wanted = !table->filter || table->filter(table->filter_context, type);
	return known;
}

const struct known_type *types_get(struct type_table *table, const struct record_type *like)
{
	uint64_t hash = hash_type(like);
	struct known_type *first = hash_get(&table->by_hash, hash);

	for (struct known_type *known = first; known; known = known->next)
		if (same_type(&known->type, like))
			return known;
	if (types_full(table))
		return NULL;
	struct known_type *known = make_type(table, like);

	if (!known)
		return NULL;
	known->next = first;
	if (!hash_set(&table->by_hash, hash, known))
		return NULL;
	table->count++;
	return known;
}
