/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A string view: a pointer and a length, not terminated, not owned. */
#ifndef MMUREPLAY_STR_H
#define MMUREPLAY_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *text;
	size_t length;
};

/* For printf("%.*s", STR_ARGS(view)). */
#define STR_ARGS(view) (int)(view).length, (view).text

/* A view of a string literal. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

static inline struct str str_from(const char *text)
{
	return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_equal(struct str a, struct str b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.text, b.text, a.length) == 0);
}

static inline bool str_is(struct str view, const char *text)
{
	return str_equal(view, str_from(text));
}

static inline bool str_starts(struct str view, struct str prefix)
{
	return view.length >= prefix.length && memcmp(view.text, prefix.text, prefix.length) == 0;
}

static inline bool str_ends(struct str view, struct str suffix)
{
	return view.length >= suffix.length &&
	       memcmp(view.text + view.length - suffix.length, suffix.text, suffix.length) == 0;
}

/* The view without its first `count` characters (all of them where there are fewer). */
static inline struct str str_skip(struct str view, size_t count)
{
	if (count > view.length)
		count = view.length;
	return (struct str){view.text + count, view.length - count};
}

/* The view's first `count` characters (all of it where there are fewer). */
static inline struct str str_first(struct str view, size_t count)
{
	return (struct str){view.text, count < view.length ? count : view.length};
}

#endif
