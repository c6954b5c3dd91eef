/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cleanup by scope: `_cleanup_(free_pointer) char *s = ...;`, and steal() to hand ownership on. */
#ifndef MMUREPLAY_BASE_CLEANUP_H
#define MMUREPLAY_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <mmureplay/error.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

/* Yields the value of `variable` and sets it to NULL, so that its cleanup does nothing. */
#define steal(variable)                                                                            \
	__extension__({                                                                            \
		__auto_type stolen_ = (variable);                                                  \
		(variable) = NULL;                                                                 \
		stolen_;                                                                           \
	})

/* Defines `name`(T **), for _cleanup_(), from a destroy function that accepts NULL. */
#define DEFINE_CLEANUP(name, type, destroy)                                                        \
	static inline __attribute__((unused)) void name(type *pointer)                             \
	{                                                                                          \
		destroy(*pointer);                                                                 \
	}

static inline void free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void destroy_error(struct error **err)
{
	error_destroy(*err);
}

#endif
