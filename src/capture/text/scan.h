/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small pieces of parsing.  take_*() takes something off the front of a view, drop_*() off its end;
 * what cannot be taken leaves the view as it was.
 */
#ifndef MMUREPLAY_CAPTURE_TEXT_SCAN_H
#define MMUREPLAY_CAPTURE_TEXT_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <mmureplay/str.h>

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The value of a hexadecimal digit as the kernel prints them, in lower case; or -1. */
static inline int hex_value(char c)
{
	/* 1 + the value */
	static const int8_t values[UINT8_MAX + 1] = {
		['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
		['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
		['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	};

	return values[(uint8_t)c] - 1;
}

static inline char first_char(struct str view)
{
	return view.length ? view.text[0] : '\0';
}

static inline char last_char(struct str view)
{
	return view.length ? view.text[view.length - 1] : '\0';
}

static inline struct str skip_spaces(struct str view)
{
	while (first_char(view) == ' ')
		view = str_skip(view, 1);
	return view;
}

/* A text that was quoted by indenting it: the tools themselves put tabs before frames of chains only. */
static inline struct str text_skip_indent(struct str line)
{
	while (first_char(line) == '\t')
		line = str_skip(line, 1);
	return line;
}

static inline struct str trim_end(struct str view)
{
	while (last_char(view) == ' ')
		view.length--;
	return view;
}

/* The position of `c`, or the length of the view where there is none. */
static inline size_t find_char(struct str view, char c)
{
	const char *at = view.length ? memchr(view.text, c, view.length) : NULL;

	return at ? (size_t)(at - view.text) : view.length;
}

/* Takes the text up to the next space or the end. */
static inline struct str take_word(struct str *view)
{
	struct str word = str_first(*view, find_char(*view, ' '));

	*view = str_skip(*view, word.length);
	return word;
}

/* Drops the text back to the last space or the start. */
static inline struct str drop_word(struct str *view)
{
	size_t start = view->length;

	while (start > 0 && view->text[start - 1] != ' ')
		start--;
	struct str word = str_skip(*view, start);

	view->length = start;
	return word;
}

static inline bool take_text(struct str *view, struct str text)
{
	if (!str_starts(*view, text))
		return false;
	*view = str_skip(*view, text.length);
	return true;
}

/* A number of `text`'s decimal digits, all of it; false when there are none or too many. */
static inline bool parse_decimal(struct str text, uint64_t *ret)
{
	uint64_t value = 0;

	enum {
		SAFE_LENGTH = 19
	}; /* no number of 19 digits overflows */

	if (text.length == 0)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (!is_digit(text.text[i]))
			return false;
		uint64_t digit = (uint64_t)(text.text[i] - '0');

		if (i < SAFE_LENGTH)
			value = value * 10 + digit;
		else if (__builtin_mul_overflow(value, 10, &value) ||
			 __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*ret = value;
	return true;
}

/* Likewise of hexadecimal digits, without "0x". */
static inline bool parse_hex(struct str text, uint64_t *ret)
{
	uint64_t value = 0;

	if (text.length == 0 || text.length > 16)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		int digit = hex_value(text.text[i]);

		if (digit < 0)
			return false;
		value = value << 4 | (unsigned int)digit;
	}
	*ret = value;
	return true;
}

static inline struct str leading_digits(struct str view)
{
	size_t count = 0;

	while (count < view.length && is_digit(view.text[count]))
		count++;
	return str_first(view, count);
}

static inline struct str trailing_digits(struct str view)
{
	size_t start = view.length;

	while (start > 0 && is_digit(view.text[start - 1]))
		start--;
	return str_skip(view, start);
}

static inline bool take_decimal(struct str *view, uint64_t *ret)
{
	struct str digits = leading_digits(*view);

	if (!parse_decimal(digits, ret))
		return false;
	*view = str_skip(*view, digits.length);
	return true;
}

static inline bool drop_decimal(struct str *view, uint64_t *ret)
{
	uint64_t value = 0, weight = 1;
	size_t start = view->length;

	enum {
		SAFE_LENGTH = 19
	}; /* as above */

	for (; start > 0 && is_digit(view->text[start - 1]); start--) {
		if (view->length - start == SAFE_LENGTH) {
			struct str digits = trailing_digits(*view);

			if (!parse_decimal(digits, ret))
				return false;
			view->length -= digits.length;
			return true;
		}
		value += (uint64_t)(view->text[start - 1] - '0') * weight;
		weight *= 10;
	}
	if (start == view->length)
		return false;
	*ret = value;
	view->length = start;
	return true;
}

#endif
