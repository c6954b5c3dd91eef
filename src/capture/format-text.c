/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/format-text.h"

bool format_text_line(struct str *text, struct str *line)
{
	if (!text->length)
		return false;
	const char *newline = memchr(text->text, '\n', text->length);

	*line = str_first(*text, newline ? (size_t)(newline - text->text) : text->length);
	*text = str_skip(*text, line->length + 1);
	return true;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool take(struct str *line, struct str expected)
{
	if (!str_starts(*line, expected))
		return false;
	*line = str_skip(*line, expected.length);
	return true;
}

static bool take_word(struct str *line)
{
	size_t length = 0;

	while (length < line->length && is_word_char(line->text[length]))
		length++;
	*line = str_skip(*line, length);
	return length > 0;
}

/* What an array's size may be made of: "16", "(8 + 1)". */
static bool is_size_char(char c)
{
	static const char others[] = {' ', '(', ')', '+', '-', '*', '/'};

	return is_word_char(c) || memchr(others, c, sizeof(others));
}

/* Takes "[16]", "[]". */
static bool take_brackets(struct str *line)
{
	size_t length = 1;

	if (!str_starts(*line, STR("[")))
		return false;
	while (length < line->length && is_size_char(line->text[length]))
		length++;
	*line = str_skip(*line, length);
	return take(line, STR("]"));
}

/* Takes words with blanks and stars between them, "const char * s"; how many. */
static unsigned int take_words(struct str *line)
{
	unsigned int words = 0;

	for (;;) {
		if (take_word(line))
			words++;
		if (!take(line, STR(" ")) && !take(line, STR("*")))
			return words;
	}
}

/*
 * Takes a declaration, up to its semicolon:
 *
 *     unsigned long x		const char * s		char s[16]
 *     __data_loc char[] s	__rel_loc cpumask_t *[] mask
 */
static bool take_declaration(struct str *line)
{
	bool is_dynamic = str_starts(*line, STR("__data_loc ")) ||
			  str_starts(*line, STR("__rel_loc "));
	unsigned int words = take_words(line);

	if (words < 2)
		return false;
	if (is_dynamic)
		return take_brackets(line) && take(line, STR(" ")) && take_word(line);
	while (take_brackets(line))
		;
	return true;
}

/* "	field:unsigned short common_type;	offset:0;	size:2;	signed:0;" */
static bool is_field(struct str line)
{
	if (!take(&line, STR("\tfield:")) || !take_declaration(&line) ||
	    !take(&line, STR(";\toffset:")) || !take_word(&line) || !take(&line, STR(";\tsize:")) ||
	    !take_word(&line) || !take(&line, STR(";")))
		return false;
	if (take(&line, STR("\tsigned:")) && (!take_word(&line) || !take(&line, STR(";"))))
		return false;
	return line.length == 0;
}

/* Appends to what there is room for. */
static void append(struct str *copy, struct str part)
{
	memcpy((char *)copy->text + copy->length, part.text, part.length);
	copy->length += part.length;
}

struct str format_text_clean(struct arena *arena, struct str text)
{
	const struct str head = STR("name: event\nID: 1\nformat:\n");
	const struct str tail = STR("\nprint fmt: \"\"\n");
	struct str line, rest = text;
	size_t size = head.length + tail.length + 1;

	/* An empty line parts the fields that all events have from the event's own. */
	while (format_text_line(&rest, &line) && !str_starts(line, STR("print fmt:")))
		if (!line.length || is_field(line))
			size += line.length + 1;
	struct str copy = {arena_alloc(arena, size), 0};

	if (!copy.text)
		return copy;
	append(&copy, head);
	while (format_text_line(&text, &line) && !str_starts(line, STR("print fmt:")))
		if (!line.length || is_field(line)) {
			append(&copy, line);
			append(&copy, STR("\n"));
		}
	append(&copy, tail);
	return copy;
}
