/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/kallsyms.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static struct str take_line(struct str *text)
{
	const char *newline = memchr(text->text, '\n', text->length);
	size_t length = newline ? (size_t)(newline - text->text) : text->length;
	struct str line = str_first(*text, length);

	*text = str_skip(*text, length + 1);
	return line;
}

/* Takes what stands before the next blank, and that blank. */
static struct str take_word(struct str *line)
{
	size_t length = 0;

	while (length < line->length && line->text[length] != ' ' && line->text[length] != '\t')
		length++;
	struct str word = str_first(*line, length);

	*line = str_skip(*line, length + 1);
	return word;
}

static bool parse_address(struct str digits, uint64_t *ret)
{
	uint64_t address = 0;

	if (digits.length == 0 || digits.length > 16)
		return false;
	for (size_t i = 0; i < digits.length; i++) {
		int digit = hex_digit(digits.text[i]);

		if (digit < 0)
			return false;
		address = address << 4 | (uint64_t)digit;
	}
	*ret = address;
	return true;
}

/*
 * One line:
 *
 *     ffff800008010000 T _stext
 *     ffffa6ee99714000 t probe_init	[module]
 */
static bool parse_line(struct str line, struct kallsyms_line *ret)
{
	struct str address = take_word(&line);
	struct str type = take_word(&line);

	ret->name = take_word(&line);
	ret->module = (struct str){0};
	if (line.length >= 3 && line.text[0] == '[' && str_ends(line, STR("]")))
		ret->module = str_first(str_skip(line, 1), line.length - 2);
	if (!parse_address(address, &ret->address) || type.length != 1 || ret->name.length == 0)
		return false;
	ret->type = type.text[0];
	return true;
}

/*
 * "$x", "$d.12": where code and data begin (ELF for the Arm 64-bit Architecture, 5.5).  Those of the
 * kernel itself are left out, those of modules are there in Linux 6.1.
 */
static bool is_mapping(struct str name)
{
	return name.length >= 2 && name.text[0] == '$' &&
	       (name.text[1] == 'x' || name.text[1] == 'd') &&
	       (name.length == 2 || name.text[2] == '.');
}

bool kallsyms_next(struct str *text, struct kallsyms_line *ret)
{
	while (text->length)
		if (parse_line(take_line(text), ret) && !is_mapping(ret->name))
			return true;
	return false;
}

bool kallsyms_is_function(char type)
{
	return type && memchr("tTwW", type, 4);
}
