/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/try.h"
#include "capture/dat/dat.h"

/* ---- reading forward ----------------------------------------------------------------------- */

/* A cursor over what is in the window, or the error that names what ends too early. */
static struct error *take(struct dat_walk *walk, uint64_t size, struct cursor *ret)
{
	struct dat_reader *reader = walk->reader;
	uint64_t end = reader->spool.size;
	uint64_t left = walk->position < end ? end - walk->position : 0;
	struct str view = {0};

	if (size > left) {
		struct cursor none =
			cursor_over(view, walk->position, walk->what, reader->big_endian);

		return error_at(error_create(ERROR_FORMAT,
					     "%s ends too early: %llu of %llu bytes are missing",
					     none.what, (unsigned long long)(size - left),
					     (unsigned long long)size),
				NULL, ERROR_OFFSET, walk->position);
	}
	TRY(window_view(&reader->window, walk->position, size, &view));
	*ret = cursor_over(view, walk->position, walk->what, reader->big_endian);
	return NULL;
}

struct error *walk_take(struct dat_walk *walk, uint64_t size, struct cursor *ret)
{
	TRY(take(walk, size, ret));
	walk->position += size;
	return NULL;
}

struct error *walk_u32(struct dat_walk *walk, uint32_t *ret)
{
	struct cursor cursor;

	TRY(walk_take(walk, sizeof(*ret), &cursor));
	return cursor_u32(&cursor, ret);
}

struct error *walk_u64(struct dat_walk *walk, uint64_t *ret)
{
	struct cursor cursor;

	TRY(walk_take(walk, sizeof(*ret), &cursor));
	return cursor_u64(&cursor, ret);
}

struct error *walk_string(struct dat_walk *walk, struct str *ret)
{
	enum {
		LONGEST = 1024
	};
	uint64_t end = walk->reader->spool.size;
	uint64_t left = walk->position < end ? end - walk->position : 0;
	struct cursor cursor;

	TRY(take(walk, left < LONGEST ? left : LONGEST, &cursor));
	TRY(cursor_string(&cursor, ret));
	walk->position += ret->length + 1;
	return NULL;
}

struct error *walk_skip(struct dat_walk *walk, uint64_t size)
{
	uint64_t end = walk->reader->spool.size;
	struct cursor cursor;

	if (walk->position > end || size > end - walk->position)
		return take(walk, size, &cursor);
	walk->position += size;
	return NULL;
}

/* ---- blocks -------------------------------------------------------------------------------- */

static struct error *too_large(const char *what, uint64_t offset, uint64_t size)
{
	return error_at(error_create(ERROR_FORMAT, "%s: %llu bytes are more than can be true", what,
				     (unsigned long long)size),
			NULL, ERROR_OFFSET, offset);
}

/*
 * A compressed section of metadata:
 *
 *     u32 compressed size | u32 size | compressed data
 */
static struct error *inflate(struct dat_reader *reader, struct dat_block *block)
{
	struct cursor packed = block->cursor;
	uint32_t packed_size = 0, size = 0;
	struct str from;

	TRY(cursor_u32(&packed, &packed_size));
	TRY(cursor_u32(&packed, &size));
	TRY(cursor_bytes(&packed, packed_size, &from));
	if (reader->inflater.algorithm == INFLATE_UNKNOWN)
		return cursor_error(&block->cursor,
				    "%s is compressed with '%.*s', which is not known here; "
				    "trace-cmd convert --compression none makes a file without",
				    packed.what, STR_ARGS(reader->algorithm));
	if (size > DAT_METADATA_MAX)
		return too_large(packed.what, packed.base, size);
	char *data = malloc(size + 1);

	if (!data)
		return error_memory();
	bool ok = inflate_block(&reader->inflater, from, data, size);

	free(block->data);
	block->data = data;
	if (!ok)
		return cursor_error(&packed, "%s cannot be decompressed", packed.what);
	block->cursor =
		cursor_over((struct str){data, size}, packed.base, packed.what, reader->big_endian);
	block->cursor.inflated = true;
	return NULL;
}

struct error *block_read(struct dat_reader *reader, const struct dat_place *place, const char *what,
			 struct dat_block *ret)
{
	struct dat_walk walk = {reader, place->offset, what};

	/* All of it must be there before memory is taken for it. */
	TRY(walk_skip(&walk, place->size));
	if (place->size > DAT_METADATA_MAX)
		return too_large(what, place->offset, place->size);
	ret->data = malloc((size_t)place->size + 1);
	if (!ret->data)
		return error_memory();
	TRY(spool_read(&reader->spool, place->offset, ret->data, (size_t)place->size));
	ret->cursor = cursor_over((struct str){ret->data, (size_t)place->size}, place->offset, what,
				  reader->big_endian);
	return place->is_compressed ? inflate(reader, ret) : NULL;
}

void block_deinit(struct dat_block *block)
{
	free(block->data);
	*block = (struct dat_block){0};
}
