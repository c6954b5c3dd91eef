/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

void buffer_deinit(struct buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
	if (buffer->text)
		buffer->text[0] = '\0';
}

/* Makes room for `more` characters and the NUL. */
static bool make_room(struct buffer *buffer, size_t more)
{
	if (buffer->failed || more >= SIZE_MAX / 2 - buffer->length) {
		buffer->failed = true;
		return false;
	}
	size_t needed = buffer->length + more + 1;

	if (needed <= buffer->capacity)
		return true;
	size_t capacity = buffer->capacity ? buffer->capacity : 128;

	while (capacity < needed)
		capacity *= 2;
	char *text = realloc(buffer->text, capacity);

	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->capacity = capacity;
	return true;
}

void buffer_add(struct buffer *buffer, struct str view)
{
	if (!view.length || !make_room(buffer, view.length))
		return;
	memcpy(buffer->text + buffer->length, view.text, view.length);
	buffer->length += view.length;
	buffer->text[buffer->length] = '\0';
}

void buffer_add_char(struct buffer *buffer, char character)
{
	buffer_add(buffer, (struct str){&character, 1});
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);

	if (length < 0)
		buffer->failed = true;
	else if (make_room(buffer, (size_t)length)) {
		vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, again);
		buffer->length += (size_t)length;
	}
	va_end(again);
	va_end(args);
}

char *str_terminated(struct str view)
{
	char *copy = malloc(view.length + 1);

	if (!copy)
		return NULL;
	if (view.length)
		memcpy(copy, view.text, view.length);
	copy[view.length] = '\0';
	return copy;
}
