/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cursor through which all binary input is read.
 *
 *     start                position                 end
 *       | what was read       | what is left         |
 *
 * A read that wants more than is left does not advance, and its error says where, and how much is
 * missing.  Views point into the data, nothing is copied.
 */
#ifndef MMUREPLAY_BASE_CURSOR_H
#define MMUREPLAY_BASE_CURSOR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

#include "base/likely.h"

struct cursor {
	const uint8_t *start;
	const uint8_t *position;
	const uint8_t *end;
	const char *what; /* for errors: "the event formats" */
	uint64_t base;	  /* offset of `start` in the file */
	bool big_endian;
	bool inflated; /* the data is compressed in the file: all of it is at `base` */
};

/* The whole of `data`, which is at `base` in the file. */
static inline struct cursor cursor_over(struct str data, uint64_t base, const char *what,
					bool big_endian)
{
	const uint8_t *start = (const uint8_t *)data.text;

	return (struct cursor){
		.start = start,
		.position = start,
		.end = data.length ? start + data.length : start,
		.what = what,
		.base = base,
		.big_endian = big_endian,
	};
}

static inline size_t cursor_left(const struct cursor *cursor)
{
	return (size_t)(cursor->end - cursor->position);
}

/* Where the next byte is in the file. */
static inline uint64_t cursor_offset(const struct cursor *cursor)
{
	return cursor->inflated ? cursor->base
				: cursor->base + (uint64_t)(cursor->position - cursor->start);
}

/* ERROR_FORMAT at the cursor's place. */
struct error *cursor_error(const struct cursor *cursor, const char *format, ...)
	PRINTF_LIKE(2, 3) MAKES_ERROR;

/* The error of a read of `wanted` bytes, more than are left. */
struct error *cursor_too_short(const struct cursor *cursor, uint64_t wanted) MAKES_ERROR;

/* Numbers in memory, of either byte order, at any alignment. */
static inline uint16_t load_u16(const void *from, bool big_endian)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return RARELY(big_endian) ? be16toh(value) : le16toh(value);
}

static inline uint32_t load_u32(const void *from, bool big_endian)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return RARELY(big_endian) ? be32toh(value) : le32toh(value);
}

static inline uint64_t load_u64(const void *from, bool big_endian)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return RARELY(big_endian) ? be64toh(value) : le64toh(value);
}

/* Numbers at the cursor.  `*ret` is not touched by a read that fails. */
static inline struct error *cursor_u8(struct cursor *cursor, uint8_t *ret)
{
	if (cursor_left(cursor) < sizeof(*ret))
		return cursor_too_short(cursor, sizeof(*ret));
	*ret = *cursor->position++;
	return NULL;
}

static inline struct error *cursor_u16(struct cursor *cursor, uint16_t *ret)
{
	if (cursor_left(cursor) < sizeof(*ret))
		return cursor_too_short(cursor, sizeof(*ret));
	*ret = load_u16(cursor->position, cursor->big_endian);
	cursor->position += sizeof(*ret);
	return NULL;
}

static inline struct error *cursor_u32(struct cursor *cursor, uint32_t *ret)
{
	if (cursor_left(cursor) < sizeof(*ret))
		return cursor_too_short(cursor, sizeof(*ret));
	*ret = load_u32(cursor->position, cursor->big_endian);
	cursor->position += sizeof(*ret);
	return NULL;
}

static inline struct error *cursor_u64(struct cursor *cursor, uint64_t *ret)
{
	if (cursor_left(cursor) < sizeof(*ret))
		return cursor_too_short(cursor, sizeof(*ret));
	*ret = load_u64(cursor->position, cursor->big_endian);
	cursor->position += sizeof(*ret);
	return NULL;
}

/* A C `long` of `size` bytes, 4 or 8. */
struct error *cursor_long(struct cursor *cursor, unsigned int size, uint64_t *ret) MUST_CHECK;

/* The next `size` bytes. */
struct error *cursor_bytes(struct cursor *cursor, uint64_t size, struct str *ret) MUST_CHECK;

/* A C string: the view is without its NUL, the cursor goes on behind it. */
struct error *cursor_string(struct cursor *cursor, struct str *ret) MUST_CHECK;

/* Exactly these bytes: a magic, a tag. */
struct error *cursor_expect(struct cursor *cursor, struct str expected) MUST_CHECK;

struct error *cursor_skip(struct cursor *cursor, uint64_t size) MUST_CHECK;

/* The next `size` bytes as a cursor of their own; `what` names them in its errors. */
struct error *cursor_sub(struct cursor *cursor, uint64_t size, const char *what,
			 struct cursor *ret) MUST_CHECK;

#endif
