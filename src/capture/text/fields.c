/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <string.h>

#include "capture/text/fields.h"
#include "capture/text/location.h"
#include "capture/text/scan.h"

/* A bare hexadecimal number of a tracepoint, as "%p" prints; shorter ones are words ("add"). */
enum {
	POINTER_MIN = 8
};

static bool is_name_start(char c)
{
	return is_letter(c) || c == '_';
}

static bool is_name_char(char c)
{
	return is_name_start(c) || is_digit(c) || c == '.' || c == '-';
}

static size_t name_length(struct str text)
{
	size_t length = 0;

	if (!is_name_start(first_char(text)))
		return 0;
	while (length < text.length && is_name_char(text.text[length]))
		length++;
	return length;
}

/* Whether a field or nothing follows: what ends a string that may hold anything. */
static bool is_end_of_value(struct str text)
{
	struct str rest = skip_spaces(text);

	if (!rest.length)
		return true;
	size_t length = name_length(rest);

	return first_char(text) == ' ' && length > 0 && length < rest.length &&
	       rest.text[length] == '=';
}

/*
 * Takes a value that ends with `close`.  The kernel escapes nothing, so it ends at the first one
 * that the end of the line or another field follows, or else at the first one at all.
 */
static bool take_enclosed(struct str *text, char close, struct str *ret)
{
	size_t first = 0;

	for (size_t at = 1; at < text->length; at++) {
		at += find_char(str_skip(*text, at), close);
		if (at == text->length)
			break;
		if (!first)
			first = at;
		if (is_end_of_value(str_skip(*text, at + 1))) {
			first = at;
			break;
		}
	}
	if (!first)
		return false;
	*ret = str_first(*text, first + 1);
	*text = str_skip(*text, first + 1);
	return true;
}

/* Takes a word, and the " [module]" after "symbol+0x1/0x2". */
static struct str take_plain(struct str *text)
{
	struct str start = *text;
	struct str word = take_word(text);
	struct str rest = skip_spaces(*text);

	if (first_char(rest) == '[' && memmem(word.text, word.length, "+0x", 3)) {
		struct str module = take_word(&rest);

		if (last_char(module) == ']') {
			*text = rest;
			return str_first(start, start.length - rest.length);
		}
	}
	return word;
}

static bool has_letter(struct str text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!is_digit(text.text[i]))
			return true;
	return false;
}

/* Parses `word` as a number of the given base; notes what it says about the base. */
static bool parse_number(struct str word, bool is_probe, enum probe_base base,
			 struct base_evidence *evidence, uint64_t *ret)
{
	if (take_text(&word, STR("0x"))) {
		evidence->prefixed = true;
		return parse_hex(word, ret);
	}
	if (first_char(word) == '-') {
		if (!parse_decimal(str_skip(word, 1), ret) || *ret > 1ULL << 63)
			return false;
		*ret = 0 - *ret; /* as 64 bits of two's complement */
		return true;
	}
	if (is_probe && base == BASE_BARE)
		return parse_hex(word, ret);
	if (parse_decimal(word, ret)) {
		evidence->ambiguous |= word.length > 1;
		return true;
	}
	bool may_be_short = is_probe && base != BASE_PREFIXED;

	if (!has_letter(word) || (!may_be_short && word.length < POINTER_MIN) ||
	    !parse_hex(word, ret))
		return false;
	evidence->bare = true;
	return true;
}

static void parse_value(struct str word, bool is_probe, enum probe_base base,
			struct base_evidence *evidence, struct record_field *value)
{
	struct str number = word;

	value->number = 0;
	value->text = (struct str){0};
	if (last_char(number) == ',')
		number.length--;
	if (!parse_number(number, is_probe, base, evidence, &value->number)) {
		value->number = 0;
		value->text = word;
	}
}

/* Takes the value after "name=". */
static void take_value(struct str *text, bool is_probe, enum probe_base base,
		       struct base_evidence *evidence, struct record_field *value)
{
	struct str word;

	*value = (struct record_field){0};
	if (first_char(*text) == '"' && take_enclosed(text, '"', &word))
		value->text = str_first(str_skip(word, 1), word.length - 2);
	else if (first_char(*text) == '{' && take_enclosed(text, '}', &word))
		value->text = word;
	else
		parse_value(take_plain(text), is_probe, base, evidence, value);
}

/* The special fields of trace-cmd report -R. */
static bool take_probe_address(struct str name, struct str *text, struct fields *names)
{
	bool is_caller = str_is(name, "__probe_ret_ip");
	struct str rest = *text;
	uint64_t address;

	if (!is_caller && !str_is(name, "__probe_ip") && !str_is(name, "__probe_func"))
		return false;
	if (!location_parse_address(take_word(&rest), &address))
		return false;
	if (is_caller) {
		names->has_caller = true;
		names->caller = address;
	} else {
		names->has_address = true;
		names->address = address;
	}
	*text = rest;
	return true;
}

/* Takes "name: number", the way of some tracepoints. */
static bool take_colon_value(struct str *text, struct base_evidence *evidence,
			     struct record_field *value)
{
	struct str rest = skip_spaces(*text);

	if (first_char(*text) != ' ' || !rest.length)
		return false;
	parse_value(take_word(&rest), false, BASE_PREFIXED, evidence, value);
	if (value->text.text)
		return false;
	*text = rest;
	return true;
}

void fields_parse(struct str text, bool is_probe, enum probe_base base, struct fields *names,
		  struct record_field *values)
{
	names->count = 0;
	names->evidence = (struct base_evidence){0};
	names->has_address = names->has_caller = false;
	for (text = skip_spaces(text); text.length; text = skip_spaces(text)) {
		struct str name = str_first(text, name_length(text));
		char after = name.length < text.length ? text.text[name.length] : '\0';
		struct record_field *value = &values[names->count];

		if (names->count == RECORD_MAX_FIELDS)
			return;
		if (!name.length || (after != '=' && after != ':')) {
			take_word(&text);
			continue;
		}
		struct str rest = str_skip(text, name.length + 1);

		if (after == '=' && !is_probe && take_probe_address(name, &rest, names)) {
			text = rest;
			continue;
		}
		if (after == '=') {
			take_value(&rest, is_probe || names->has_address, base, &names->evidence,
				   value);
		} else if (is_probe || !take_colon_value(&rest, &names->evidence, value)) {
			take_word(&text);
			continue;
		}
		text = rest;
		names->name[names->count++] = name;
	}
}

/* Takes "0x10", or "16" if there may be decimals, that a space or the end follows. */
static bool take_clear_number(struct str *text, bool has_decimals, uint64_t *ret)
{
	enum {
		HEX_MAX = 16,
		DECIMAL_MAX = 19 /* no number of 19 digits overflows */
	};
	const char *at = text->text, *end = at + text->length;
	bool is_hex = text->length > 2 && at[0] == '0' && at[1] == 'x';
	const char *digits = is_hex ? at + 2 : at;
	uint64_t value = 0;

	if (is_hex) {
		for (at = digits; at < end && hex_value(*at) >= 0; at++)
			value = value << 4 | (unsigned int)hex_value(*at);
	} else if (has_decimals) {
		for (; at < end && is_digit(*at); at++)
			value = value * 10 + (unsigned int)(*at - '0');
	}
	if (at == digits || at - digits > (is_hex ? HEX_MAX : DECIMAL_MAX) ||
	    (at < end && *at != ' '))
		return false;
	*ret = value;
	*text = str_skip(*text, (size_t)(at - text->text));
	return true;
}

/* Takes "name=" and the words before it that are no fields, such as "[FAILED TO PARSE]". */
static bool take_name(struct str *text, struct str name)
{
	struct str rest = skip_spaces(*text);

	while (rest.length <= name.length || rest.text[name.length] != '=' ||
	       memcmp(rest.text, name.text, name.length) != 0) {
		struct str word = take_word(&rest);

		if (!word.length || find_char(word, '=') < word.length ||
		    find_char(word, ':') < word.length)
			return false;
		rest = skip_spaces(rest);
	}
	*text = str_skip(rest, name.length + 1);
	return true;
}

bool fields_parse_alike(struct str text, const struct record_type *type, bool has_decimals,
			struct record_field *values)
{
	for (uint32_t i = 0; i < type->nr_fields; i++) {
		if (!take_name(&text, type->field[i]))
			return false;
		values[i].text = (struct str){0};
		if (!take_clear_number(&text, has_decimals, &values[i].number))
			return false;
	}
	return skip_spaces(text).length == 0;
}
