/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
	ARENA_BLOCK = 64 * 1024
};

struct arena_block {
	struct arena_block *next;
	alignas(max_align_t) char data[];
};

struct pool_slot {
	struct pool_slot *next;
};

static size_t align_up(size_t size)
{
	return (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

static char *add_block(struct arena *arena, size_t size)
{
	struct arena_block *block = malloc(sizeof(*block) + size);

	if (!block)
		return NULL;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->total += sizeof(*block) + size;
	return block->data;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX / 2)
		return NULL;
	size = align_up(size);
	if (size > ARENA_BLOCK / 4) { /* a block of its own, so that little is wasted */
		char *data = add_block(arena, size);

		return data ? memset(data, 0, size) : NULL;
	}
	if (size > arena->left) {
		char *data = add_block(arena, ARENA_BLOCK);

		if (!data)
			return NULL;
		arena->free = data;
		arena->left = ARENA_BLOCK;
	}
	char *result = arena->free;

	arena->free += size;
	arena->left -= size;
	return memset(result, 0, size);
}

struct str arena_copy(struct arena *arena, struct str view)
{
	char *copy = arena_alloc(arena, view.length + 1);

	if (copy && view.length)
		memcpy(copy, view.text, view.length);
	return (struct str){copy, copy ? view.length : 0};
}

void arena_deinit(struct arena *arena)
{
	struct arena_block *next;

	for (struct arena_block *block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	*arena = (struct arena){0};
}

void pool_init(struct pool *pool, struct arena *arena, size_t size)
{
	if (size < sizeof(struct pool_slot))
		size = sizeof(struct pool_slot);
	*pool = (struct pool){.arena = arena, .size = size};
}

/* One that came back, with whatever it holds; NULL when there is none. */
static void *reuse(struct pool *pool)
{
	struct pool_slot *slot = pool->free;

	if (slot)
		pool->free = slot->next;
	return slot;
}

void *pool_get(struct pool *pool)
{
	void *object = reuse(pool);

	return object ? memset(object, 0, pool->size) : arena_alloc(pool->arena, pool->size);
}

void *pool_copy(struct pool *pool, const void *from)
{
	void *object = reuse(pool);

	if (!object)
		object = arena_alloc(pool->arena, pool->size);
	return object ? memcpy(object, from, pool->size) : NULL;
}

void pool_put(struct pool *pool, void *object)
{
	struct pool_slot *slot = object;

	if (!slot)
		return;
	slot->next = pool->free;
	pool->free = slot;
}
