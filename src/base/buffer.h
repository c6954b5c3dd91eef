/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing text.  Appending never reports a failure: a buffer that ran out of memory stays as it
 * was, and `failed` says so at the end.
 */
#ifndef MMUREPLAY_BASE_BUFFER_H
#define MMUREPLAY_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

/* A buffer that is all zero is empty and valid. */
struct buffer {
	char *text; /* NUL-terminated; NULL while nothing was appended */
	size_t length;
	size_t capacity;
	bool failed; /* memory was short once */
};

void buffer_deinit(struct buffer *buffer);

/* Forgets the text and keeps the memory; `failed` stays. */
void buffer_clear(struct buffer *buffer);

void buffer_add(struct buffer *buffer, struct str view);
void buffer_add_char(struct buffer *buffer, char character);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * A copy of `view` with a NUL behind it, the caller's to free; NULL: out of memory.  strndup() may look
 * for the NUL behind the view.
 */
char *str_terminated(struct str view);

static inline struct str buffer_str(const struct buffer *buffer)
{
	return (struct str){buffer->text, buffer->length};
}

#endif
