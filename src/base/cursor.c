/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/try.h"

struct error *cursor_error(const struct cursor *cursor, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	int length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return error_memory();

	_cleanup_(free_pointer) char *message = text;
	struct error *err = error_create(ERROR_FORMAT, "%s", message);

	return error_at(err, NULL, ERROR_OFFSET, cursor_offset(cursor));
}

struct error *cursor_too_short(const struct cursor *cursor, uint64_t wanted)
{
	uint64_t left = cursor_left(cursor);

	return cursor_error(cursor,
			    "%s ends too early: %" PRIu64 " of %" PRIu64 " bytes are missing",
			    cursor->what, wanted - left, wanted);
}

struct error *cursor_long(struct cursor *cursor, unsigned int size, uint64_t *ret)
{
	uint32_t word = 0;

	if (size == sizeof(uint64_t))
		return cursor_u64(cursor, ret);
	struct error *err = cursor_u32(cursor, &word);

	if (!err)
		*ret = word;
	return err;
}

struct error *cursor_bytes(struct cursor *cursor, uint64_t size, struct str *ret)
{
	if (cursor_left(cursor) < size)
		return cursor_too_short(cursor, size);
	*ret = (struct str){(const char *)cursor->position, (size_t)size};
	return cursor_skip(cursor, size);
}

struct error *cursor_string(struct cursor *cursor, struct str *ret)
{
	const char *text = (const char *)cursor->position;
	size_t left = cursor_left(cursor);
	size_t length = left ? strnlen(text, left) : 0;

	if (length == left)
		return cursor_error(cursor, "%s ends within a string", cursor->what);
	*ret = (struct str){text, length};
	cursor->position += length + 1;
	return NULL;
}

struct error *cursor_expect(struct cursor *cursor, struct str expected)
{
	if (cursor_left(cursor) < expected.length)
		return cursor_too_short(cursor, expected.length);
	if (memcmp(cursor->position, expected.text, expected.length) != 0)
		return cursor_error(cursor, "%s: '%.*s' should be here", cursor->what,
				    STR_ARGS(expected));
	cursor->position += expected.length;
	return NULL;
}

struct error *cursor_skip(struct cursor *cursor, uint64_t size)
{
	if (cursor_left(cursor) < size)
		return cursor_too_short(cursor, size);
	if (size) /* the position in nothing at all is NULL, which must not be moved */
		cursor->position += size;
	return NULL;
}

struct error *cursor_sub(struct cursor *cursor, uint64_t size, const char *what, struct cursor *ret)
{
	struct cursor sub = *cursor;

	sub.what = what;
	sub.base = cursor_offset(cursor);
	sub.start = cursor->position;
	if (cursor_left(cursor) < size)
		return cursor_too_short(&sub, size);
	TRY(cursor_skip(cursor, size));
	sub.end = cursor->position;
	*ret = sub;
	return NULL;
}
