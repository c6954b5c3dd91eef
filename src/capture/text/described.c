/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the recording script writes above a text of ftrace, which says none of it itself:
 *
 *     # mmureplay: release 6.1.0-56-arm64
 *     # mmureplay: clock mono
 *     # mmureplay: probe r64:mmu_entry/pmd_set_huge_ret pmd_set_huge ret=$retval
 *     # mmureplay: event kmem/mm_page_alloc
 *
 * Where memory is short less of it is known, as without it.
 */
#include "capture/text/scan.h"
#include "capture/text/text.h"

enum {
	/* Several times the probes that the largest plan has. */
	DESCRIBED_MAX = 4096,
};

static void describe(struct capture *capture, const char **member, struct str value)
{
	value = trim_end(value);
	if (value.length && !*member)
		*member = intern(&capture->types.strings, value).text;
}

/* "GROUP/NAME" */
static bool take_name(struct str *text, struct record_type *ret)
{
	struct str word = take_word(text);
	size_t slash = find_char(word, '/');

	ret->system = str_first(word, slash);
	ret->name = str_skip(word, slash + 1);
	return slash < word.length && ret->name.length > 0;
}

/* "[MODULE:]SYMBOL[+OFFSET]", the offset in either base. */
static void take_place(struct str *text, struct record_type *ret)
{
	struct str word = take_word(text);
	size_t colon = find_char(word, ':');

	if (colon < word.length) {
		ret->module = str_first(word, colon);
		word = str_skip(word, colon + 1);
	}
	size_t plus = find_char(word, '+');
	struct str offset = str_skip(word, plus + 1);

	ret->symbol = str_first(word, plus);
	if (plus == word.length)
		return;
	if (take_text(&offset, STR("0x")))
		parse_hex(offset, &ret->offset);
	else
		parse_decimal(offset, &ret->offset);
}

/* "NAME=FETCH ..." */
static void take_fields(struct str *text, struct record_type *ret)
{
	while (ret->nr_fields < RECORD_MAX_FIELDS) {
		*text = skip_spaces(*text);
		struct str word = take_word(text);
		size_t equals = find_char(word, '=');

		if (!word.length)
			return;
		if (equals < word.length)
			ret->field[ret->nr_fields++] = str_first(word, equals);
	}
}

/* "p:GROUP/NAME PLACE FIELDS", or with "r" and the number of calls that there is room for. */
static bool parse_probe(struct str text, struct record_type *ret)
{
	uint64_t room;

	ret->is_return = first_char(text) == 'r';
	if (!ret->is_return && first_char(text) != 'p')
		return false;
	text = str_skip(text, 1);
	take_decimal(&text, &room);
	if (!take_text(&text, STR(":")) || !take_name(&text, ret))
		return false;
	text = skip_spaces(text);
	take_place(&text, ret);
	take_fields(&text, ret);
	return true;
}

static bool keep(struct capture *capture, struct str *view)
{
	if (!view->length) {
		*view = (struct str){0};
		return true;
	}
	*view = intern(&capture->types.strings, *view);
	return view->text != NULL;
}

static void add(struct capture *capture, const struct record_type *like)
{
	struct text_reader *reader = capture->reader;
	struct record_type *type = NULL;

	if (reader->described.count < DESCRIBED_MAX)
		type = arena_alloc(&capture->types.arena, sizeof(*type));
	if (!type)
		return;
	*type = *like;
	type->id = TYPE_UNMET;
	bool kept = keep(capture, &type->system) && keep(capture, &type->name) &&
		    keep(capture, &type->symbol) && keep(capture, &type->module);

	for (uint32_t i = 0; i < type->nr_fields && kept; i++)
		kept = keep(capture, &type->field[i]);
	if (kept && array_push(&reader->described, (const struct record_type *)type)) {
		capture->info.defined = reader->described.at;
		capture->info.nr_defined = (uint32_t)reader->described.count;
	}
}

bool text_read_description(struct capture *capture, struct str line)
{
	struct record_type type = {0};

	if (!take_text(&line, STR("# mmureplay: ")))
		return false;
	struct str key = take_word(&line);

	line = skip_spaces(line);
	if (str_is(key, "release"))
		describe(capture, &capture->info.release, line);
	else if (str_is(key, "clock"))
		describe(capture, &capture->info.clock, line);
	else if (str_is(key, "probe") ? parse_probe(line, &type)
				      : str_is(key, "event") && take_name(&line, &type))
		add(capture, &type);
	return true;
}

void text_note_met(struct text_reader *reader, const struct record_type *type)
{
	/* By name, as the kernel may print another symbol of the same place. */
	for (size_t i = 0; i < reader->described.count; i++) {
		const struct record_type **described = &reader->described.at[i];

		if ((*described)->id == TYPE_UNMET && (*described)->is_return == type->is_return &&
		    str_equal((*described)->name, type->name))
			*described = type;
	}
}
