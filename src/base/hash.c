/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/hash.h"

enum {
	FIRST_CAPACITY = 64
};

static bool grow(struct hash_map *map)
{
	struct hash_map larger = {.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY,
				  .count = map->count};

	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].value)
			*hash_find_(&larger, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = larger;
	return true;
}

void hash_deinit(struct hash_map *map)
{
	free(map->slots);
	*map = (struct hash_map){0};
}

bool hash_set(struct hash_map *map, uint64_t key, void *value)
{
	if (map->count * 2 >= map->capacity && !grow(map))
		return false;
	struct hash_slot *slot = hash_find_(map, key);

	if (!slot->value)
		map->count++;
	*slot = (struct hash_slot){key, value};
	return true;
}

/* Moves back what follows a freed slot, so that every key stays reachable from its own place. */
static void close_gap(struct hash_map *map, size_t gap)
{
	size_t mask = map->capacity - 1;

	for (size_t i = (gap + 1) & mask; map->slots[i].value; i = (i + 1) & mask) {
		size_t home = hash_u64(map->slots[i].key) & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		map->slots[gap] = map->slots[i];
		gap = i;
	}
	map->slots[gap].value = NULL;
}

void *hash_remove(struct hash_map *map, uint64_t key)
{
	if (!map->capacity)
		return NULL;
	struct hash_slot *slot = hash_find_(map, key);
	void *value = slot->value;

	if (value) {
		map->count--;
		close_gap(map, (size_t)(slot - map->slots));
	}
	return value;
}

struct hash_slot *hash_next(const struct hash_map *map, size_t *cursor)
{
	while (*cursor < map->capacity) {
		struct hash_slot *slot = &map->slots[(*cursor)++];

		if (slot->value)
			return slot;
	}
	return NULL;
}

static uint64_t load_tail(const char *text, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, text, length);
	return word;
}

uint64_t hash_str(struct str view, uint64_t seed)
{
	uint64_t hash = seed ^ view.length * 0x9e3779b97f4a7c15ULL; /* 2^64 / golden ratio */

	for (; view.length >= sizeof(uint64_t); view = str_skip(view, sizeof(uint64_t)))
		hash = hash_u64(hash ^ load_tail(view.text, sizeof(uint64_t)));
	return view.length ? hash_u64(hash ^ load_tail(view.text, view.length)) : hash;
}

void interned_init(struct interned *interned, struct arena *arena)
{
	*interned = (struct interned){.arena = arena};
}

void interned_deinit(struct interned *interned)
{
	free(interned->slots);
	free(interned->hashes);
	*interned = (struct interned){0};
}

static size_t find_string(const struct interned *interned, struct str view, uint64_t hash)
{
	size_t mask = interned->capacity - 1;
	size_t i = hash & mask;

	while (interned->slots[i].text &&
	       (interned->hashes[i] != hash || !str_equal(interned->slots[i], view)))
		i = (i + 1) & mask;
	return i;
}

static bool grow_strings(struct interned *interned)
{
	struct interned larger = *interned;

	larger.capacity = interned->capacity ? interned->capacity * 2 : FIRST_CAPACITY;
	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	larger.hashes = calloc(larger.capacity, sizeof(*larger.hashes));
	if (!larger.slots || !larger.hashes) {
		free(larger.slots);
		free(larger.hashes);
		return false;
	}
	for (size_t i = 0; i < interned->capacity; i++) {
		if (!interned->slots[i].text)
			continue;
		size_t to = find_string(&larger, interned->slots[i], interned->hashes[i]);

		larger.slots[to] = interned->slots[i];
		larger.hashes[to] = interned->hashes[i];
	}
	free(interned->slots);
	free(interned->hashes);
	*interned = larger;
	return true;
}

struct str intern(struct interned *interned, struct str view)
{
	if (interned->count * 2 >= interned->capacity && !grow_strings(interned))
		return (struct str){NULL, 0};
	uint64_t hash = hash_str(view, 0);
	size_t i = find_string(interned, view, hash);

	if (!interned->slots[i].text) {
		struct str copy = arena_copy(interned->arena, view);

		if (!copy.text)
			return copy;
		interned->slots[i] = copy;
		interned->hashes[i] = hash;
		interned->count++;
	}
	return interned->slots[i];
}
