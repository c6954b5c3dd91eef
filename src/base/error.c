/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mmureplay/error.h>

#include "base/cleanup.h"

/* Returned when there is no memory for an error either; error_destroy() leaves it alone. */
static const struct error out_of_memory = {
	.kind = ERROR_MEMORY,
	.message = (char *)"out of memory",
};

struct error *error_memory(void)
{
	return (struct error *)&out_of_memory;
}

static struct error *create(enum error_kind kind, char *message)
{
	struct error *err = message ? calloc(1, sizeof(*err)) : NULL;

	if (!err) {
		free(message);
		return error_memory();
	}
	err->kind = kind;
	err->message = message;
	return err;
}

PRINTF_LIKE(1, 0) static char *format_message(const char *format, va_list args)
{
	char *message = NULL;

	return vasprintf(&message, format, args) < 0 ? NULL : message;
}

struct error *error_create(enum error_kind kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *message = format_message(format, args);
	va_end(args);
	return create(kind, message);
}

struct error *error_system(int errnum, const char *format, ...)
{
	va_list args;
	char *message = NULL;

	va_start(args, format);
	_cleanup_(free_pointer) char *what = format_message(format, args);
	va_end(args);
	if (!what || asprintf(&message, "%s: %s", what, strerror(errnum)) < 0)
		return error_memory();
	return create(ERROR_SYSTEM, message);
}

struct error *error_at(struct error *err, const char *file, enum error_place place, uint64_t where)
{
	if (!err || err == &out_of_memory)
		return err;
	if (file && !err->file)
		err->file = strdup(file); /* without memory the file's name is what we give up */
	if (err->place == ERROR_NO_PLACE) {
		err->place = place;
		err->where = where;
	}
	return err;
}

char *error_format(const struct error *err)
{
	const char *file = err->file ? err->file : "input";
	char *text = NULL;
	int length = -1;

	switch (err->place) {
	case ERROR_NO_PLACE:
		length = err->file ? asprintf(&text, "%s: %s", file, err->message)
				   : asprintf(&text, "%s", err->message);
		break;
	case ERROR_LINE:
		length = asprintf(&text, "%s:%" PRIu64 ": %s", file, err->where, err->message);
		break;
	case ERROR_OFFSET:
		length = asprintf(&text, "%s: at byte %" PRIu64 ": %s", file, err->where,
				  err->message);
		break;
	}
	return length < 0 ? NULL : text;
}

void error_destroy(struct error *err)
{
	if (!err || err == &out_of_memory)
		return;
	free(err->message);
	free(err->file);
	free(err);
}
