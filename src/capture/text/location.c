/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <string.h>

#include "capture/text/location.h"
#include "capture/text/scan.h"

/* "symbol+0x1/0x2 [module] <address>" in part or whole, or an address alone. */
struct place {
	struct str text; /* without the address */
	struct str symbol;
	struct str module;
	uint64_t offset;
	uint64_t size;
	uint64_t address;
	bool has_symbol;
	bool has_offset;
};

bool location_parse_address(struct str text, uint64_t *ret)
{
	enum {
		SYMBOL_LIKE = 8
	}; /* "add" is a function; no function has a name like "deadbeef" */

	if (take_text(&text, STR("0x")))
		return parse_hex(text, ret);
	return (is_digit(first_char(text)) || text.length >= SYMBOL_LIKE) && parse_hex(text, ret);
}

static bool is_symbol_char(char c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '$' || c == '@';
}

static struct str take_symbol(struct str *view)
{
	size_t length = 0;

	while (length < view->length && is_symbol_char(view->text[length]))
		length++;
	struct str symbol = str_first(*view, length);

	*view = str_skip(*view, length);
	return symbol;
}

/* Takes a hexadecimal number, and what must stand before it. */
static bool take_hex(struct str *view, struct str before, uint64_t *ret)
{
	struct str rest = *view;
	size_t length = 0;

	if (!take_text(&rest, before))
		return false;
	while (length < rest.length && hex_value(rest.text[length]) >= 0)
		length++;
	if (!parse_hex(str_first(rest, length), ret))
		return false;
	*view = str_skip(rest, length);
	return true;
}

/* Takes "+0x1/0x2". */
static bool take_offset(struct str *view, uint64_t *offset, uint64_t *size)
{
	struct str rest = *view;

	if (!take_hex(&rest, STR("+0x"), offset) || !take_hex(&rest, STR("/0x"), size))
		return false;
	*view = rest;
	return true;
}

/* Takes " [module]" or " <address>": the text between the brackets. */
static struct str take_bracketed(struct str *view, char open, char close)
{
	struct str rest = skip_spaces(*view);

	if (first_char(rest) != open)
		return (struct str){0};
	rest = str_skip(rest, 1);
	size_t length = find_char(rest, close);

	if (length == rest.length)
		return (struct str){0};
	*view = str_skip(rest, length + 1);
	return str_first(rest, length);
}

static bool parse_place(struct str text, struct place *place)
{
	struct str rest = text;

	*place = (struct place){.text = text};
	if (location_parse_address(text, &place->address))
		return true;
	place->symbol = take_symbol(&rest);
	place->has_symbol = place->symbol.length > 0 && !is_digit(place->symbol.text[0]);
	place->has_offset = take_offset(&rest, &place->offset, &place->size);
	place->module = take_bracketed(&rest, '[', ']');
	struct str name = str_first(text, text.length - rest.length);
	struct str address = take_bracketed(&rest, '<', '>');

	if (address.length) {
		place->text = name;
		if (!parse_hex(address, &place->address))
			return false;
	}
	return place->has_symbol && rest.length == 0;
}

static bool is_plain_symbol(const struct place *place)
{
	return place->has_symbol && !place->has_offset;
}

/* As no kernel prints one: it has "0x" in front of an address that has no symbol. */
static bool is_bare_address(const struct place *place)
{
	return place->address && !place->has_symbol && !str_starts(place->text, STR("0x"));
}

static bool parse_return(struct str first, struct str second, bool function_first,
			 struct location *ret)
{
	struct place places[2];
	bool valid[2] = {parse_place(first, &places[0]), parse_place(second, &places[1])};
	int function = function_first || is_bare_address(&places[0]) ? 0 : 1;

	if (is_plain_symbol(&places[0]) != is_plain_symbol(&places[1]))
		function = is_plain_symbol(&places[0]) ? 0 : 1;
	const struct place *from = &places[function];
	const struct place *to = &places[!function];

	if (!valid[function])
		return false;
	/* Where to is only quoted: "[unknown/kretprobe'd]" is as good as a symbol. */
	*ret = (struct location){
		.symbol = from->has_symbol ? from->symbol : (struct str){0},
		.module = from->module,
		.offset = from->offset,
		.size = from->size,
		.address = from->address,
		.is_return = true,
		.caller = valid[!function] && !to->has_symbol ? (struct str){0} : to->text,
		.caller_address = to->address,
	};
	return true;
}

bool location_parse(struct str inside, bool function_first, struct location *ret)
{
	enum {
		ADDRESS_MIN = 5
	};
	const struct str arrow = STR(" <- ");
	struct place place;

	if (!inside.length)
		return false;
	const char *at = memmem(inside.text, inside.length, arrow.text, arrow.length);

	if (at) {
		struct str first = str_first(inside, (size_t)(at - inside.text));

		return parse_return(first, str_skip(inside, first.length + arrow.length),
				    function_first, ret);
	}
	if (!parse_place(inside, &place) || is_plain_symbol(&place))
		return false;
	if (!place.has_symbol && inside.length < ADDRESS_MIN && inside.length > 1)
		return false; /* a tracepoint's "(12)" */
	*ret = (struct location){
		.symbol = place.has_symbol ? place.symbol : (struct str){0},
		.module = place.module,
		.offset = place.offset,
		.size = place.size,
		.address = place.address,
	};
	return true;
}
