/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The error object that every stage returns.
 *
 * A function that can fail returns `struct error *`: NULL means success.  The caller owns a
 * returned error and releases it with error_destroy(), or passes it on.  The library never prints
 * and never exits.
 */
#ifndef MMUREPLAY_ERROR_H
#define MMUREPLAY_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
/* Is called rarely: the compiler puts what leads to it out of the way of the rest. */
#define COLD __attribute__((cold))
/* Of a function that makes an error: rarely called, and there always is one. */
#define MAKES_ERROR MUST_CHECK COLD __attribute__((returns_nonnull))
#define PRINTF_LIKE(format_arg, first_arg) __attribute__((format(printf, format_arg, first_arg)))

/* What kind of thing went wrong; decides the exit status, not the message. */
enum error_kind {
	ERROR_MEMORY, /* an allocation failed */
	ERROR_SYSTEM, /* a system call failed: opening, reading, writing */
	ERROR_FORMAT, /* the input is not what it should be */
	ERROR_USAGE,  /* the caller asked for something that is not possible */
};

/* Where in the input: nothing, a line (from 1) of a text, or a byte offset (from 0). */
enum error_place {
	ERROR_NO_PLACE,
	ERROR_LINE,
	ERROR_OFFSET,
};

struct error {
	enum error_kind kind;
	char *message; /* one sentence: what, and what the user can do next */
	char *file;    /* path of the input, or NULL */
	enum error_place place;
	uint64_t where; /* line or offset, as `place` says */
};

/* Makes an error.  Never fails: when memory is short it returns the const out-of-memory error. */
struct error *error_create(enum error_kind kind, const char *format, ...)
	PRINTF_LIKE(2, 3) MAKES_ERROR;

/* An ERROR_SYSTEM with strerror(errnum) appended after ": ". */
struct error *error_system(int errnum, const char *format, ...) PRINTF_LIKE(2, 3) MAKES_ERROR;

/* The out-of-memory error; needs no memory. */
struct error *error_memory(void) MAKES_ERROR;

/*
 * Adds the file and the place to an error, each if it has none yet, and returns it.  `file` is
 * copied; may be NULL.
 */
struct error *error_at(struct error *err, const char *file, enum error_place place,
		       uint64_t where) MUST_CHECK;

/*
 * Formats "FILE:LINE: message" or "FILE: at byte OFFSET: message" into a string that the caller
 * frees; NULL when memory is short.
 */
char *error_format(const struct error *err) MUST_CHECK;

/* Releases an error; accepts NULL. */
void error_destroy(struct error *err);

#endif
