/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory whose lifetimes agree: an arena gives out memory and frees all of it at once; a pool gives
 * out objects of one size from an arena and takes them back for reuse.
 */
#ifndef MMUREPLAY_BASE_ARENA_H
#define MMUREPLAY_BASE_ARENA_H

#include <stddef.h>

#include <mmureplay/str.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	char *free;
	size_t left;
	size_t total; /* bytes taken from the system */
};

/* An arena that is all zero is empty and valid. */
void arena_deinit(struct arena *arena);

/* `size` zeroed bytes, aligned for any type; NULL when memory is short. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `view`, with a NUL after it; text is NULL when memory is short. */
struct str arena_copy(struct arena *arena, struct str view);

struct pool_slot;

struct pool {
	struct arena *arena;
	size_t size;
	struct pool_slot *free;
};

/* Objects of `size` bytes, from `arena`, which must live longer. */
void pool_init(struct pool *pool, struct arena *arena, size_t size);

/* A zeroed object; NULL when memory is short. */
void *pool_get(struct pool *pool);

/* The same as a copy of `from`. */
void *pool_copy(struct pool *pool, const void *from);

/* Takes an object back; accepts NULL. */
void pool_put(struct pool *pool, void *object);

#endif
