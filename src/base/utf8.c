/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

/* The sequences by their first byte: how long they are, and the smallest character they may hold. */
static const struct {
	uint8_t mask, lead;
	uint8_t length;
	uint32_t smallest;
} sequences[] = {
	{0x80, 0x00, 1, 0},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

enum {
	SEQUENCES = sizeof(sequences) / sizeof(sequences[0]),
	LAST_CHARACTER = 0x10ffff,
	FIRST_SURROGATE = 0xd800,
	LAST_SURROGATE = 0xdfff,
	REPLACEMENT_LENGTH = 3,
};

static bool is_continuation(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t utf8_decode(struct str view, uint32_t *ret)
{
	const uint8_t *byte = (const uint8_t *)view.text;
	size_t kind = 0;

	if (!view.length)
		return 0;
	while (kind < SEQUENCES && (byte[0] & sequences[kind].mask) != sequences[kind].lead)
		kind++;
	if (kind == SEQUENCES || sequences[kind].length > view.length)
		return 0;
	uint32_t character = byte[0] & (uint8_t)~sequences[kind].mask;

	for (size_t i = 1; i < sequences[kind].length; i++) {
		if (!is_continuation(byte[i]))
			return 0;
		character = character << 6 | (byte[i] & 0x3f);
	}
	if (character < sequences[kind].smallest || character > LAST_CHARACTER ||
	    (character >= FIRST_SURROGATE && character <= LAST_SURROGATE))
		return 0;
	*ret = character;
	return sequences[kind].length;
}

void utf8_add(struct buffer *buffer, struct str view)
{
	static const char replacement[REPLACEMENT_LENGTH] = {'\xef', '\xbf', '\xbd'};
	uint32_t character;

	while (view.length) {
		size_t valid = 0, length;

		while ((length = utf8_decode(str_skip(view, valid), &character)))
			valid += length;
		buffer_add(buffer, str_first(view, valid));
		view = str_skip(view, valid);
		if (view.length)
			buffer_add(buffer, (struct str){replacement, REPLACEMENT_LENGTH});
		view = str_skip(view, 1);
	}
}

/* C0, DEL and C1: among them are the ones that start a terminal's commands. */
static bool is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

void utf8_add_printable(struct buffer *buffer, struct str view)
{
	uint32_t character = 0;

	while (view.length) {
		size_t length = utf8_decode(view, &character);
		bool plain = length && !is_control(character);

		if (!length)
			length = 1;
		for (size_t i = 0; !plain && i < length; i++)
			buffer_printf(buffer, "\\x%02x", (uint8_t)view.text[i]);
		if (plain)
			buffer_add(buffer, str_first(view, length));
		view = str_skip(view, length);
	}
}

size_t utf8_columns(struct str view)
{
	size_t columns = 0;

	for (size_t i = 0; i < view.length; i++)
		columns += !is_continuation((uint8_t)view.text[i]);
	return columns;
}
