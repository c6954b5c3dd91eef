/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash map from a 64-bit key to a pointer: open addressing, linear probing, at most half full.
 * And the interning of strings, built the same way.
 */
#ifndef MMUREPLAY_BASE_HASH_H
#define MMUREPLAY_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mmureplay/str.h>

#include "base/arena.h"

struct hash_slot {
	uint64_t key;
	void *value; /* NULL: the slot is free */
};

/* A map that is all zero is empty and valid. */
struct hash_map {
	struct hash_slot *slots;
	size_t capacity; /* 0 or a power of two */
	size_t count;
};

void hash_deinit(struct hash_map *map);

/* The value of `key`, or NULL. */
static inline void *hash_get(const struct hash_map *map, uint64_t key);

/* Sets the value of `key`, not NULL; false when memory is short, and nothing is changed then. */
bool hash_set(struct hash_map *map, uint64_t key, void *value);

/* Removes `key` and returns the value it had, or NULL. */
void *hash_remove(struct hash_map *map, uint64_t key);

/*
 * The next used slot from `*cursor` on (start at 0), or NULL at the end.  The order depends on the
 * keys alone.  The map must not change in between.
 */
struct hash_slot *hash_next(const struct hash_map *map, size_t *cursor);

/* Mixes the bits of `value` well. */
static inline uint64_t hash_u64(uint64_t value)
{
	/* The finalizer of MurmurHash3 (public domain). */
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdULL;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53ULL;
	return value ^ value >> 33;
}

/* The slot that holds `key`, or the free one where it belongs.  The map has memory, and is never full. */
static inline struct hash_slot *hash_find_(const struct hash_map *map, uint64_t key)
{
	size_t mask = map->capacity - 1;
	size_t i = hash_u64(key) & mask;

	while (map->slots[i].value && map->slots[i].key != key)
		i = (i + 1) & mask;
	return &map->slots[i];
}

static inline void *hash_get(const struct hash_map *map, uint64_t key)
{
	return map->capacity ? hash_find_(map, key)->value : NULL;
}

/* A hash of the bytes of `view`; `seed` chains several.  Reports hold what it gives: it stays. */
uint64_t hash_str(struct str view, uint64_t seed);

/* A quicker one for look-ups, whose keys are compared after that. */
static inline uint64_t hash_lookup(struct str view)
{
	uint64_t hash = view.length, word = 0;

	if (view.length < sizeof(word)) {
		memcpy(&word, view.text, view.length);
		return hash_u64(hash ^ word);
	}
	for (size_t at = 0; at + sizeof(word) < view.length; at += sizeof(word)) {
		memcpy(&word, view.text + at, sizeof(word));
		hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
		hash ^= hash >> 32;
	}
	memcpy(&word, view.text + view.length - sizeof(word), sizeof(word));
	return hash_u64(hash ^ word);
}

/* Equal strings get equal pointers, valid as long as the arena. */
struct interned {
	struct str *slots;
	uint64_t *hashes;
	size_t capacity;
	size_t count;
	struct arena *arena;
};

void interned_init(struct interned *interned, struct arena *arena);
void interned_deinit(struct interned *interned);

/* The kept copy of `view`; text is NULL when memory is short, and never NULL otherwise. */
struct str intern(struct interned *interned, struct str view);

#endif
