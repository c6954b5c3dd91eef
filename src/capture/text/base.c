/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The base of a capture's probe arguments, see enum probe_base. */
#include "capture/text/text.h"

/*
 * How far to look for evidence: some hundred lines.  A kernel that prints bare hexadecimal numbers
 * has a kernel address among the arguments of any probe of interest.
 */
enum {
	BASE_WINDOW = 64 * 1024,
};

/* The base by what was known before and by the fields of one more probe. */
static enum probe_base weigh(enum probe_base before, const struct base_evidence *evidence)
{
	if (evidence->prefixed)
		return BASE_PREFIXED;
	return evidence->bare ? BASE_BARE : before;
}

/* Takes the evidence of one line, if it is a probe's. */
static void look_at(struct text_reader *reader, struct str line, struct record_field *scratch)
{
	struct fields *fields = &reader->fields;
	struct prefix prefix;
	struct shape_key key;
	struct location location;

	if (!reader->parse_prefix(line, &prefix))
		return;
	struct str body = text_skip_to_name(reader->kind, prefix.body);

	shapes_take_key(&body, &key);
	bool is_probe = location_parse(key.location, false, &location);

	fields_parse(body, is_probe, BASE_UNKNOWN, fields, scratch);
	if (is_probe || fields->has_address)
		reader->base = weigh(reader->base, &fields->evidence);
}

/* Looks for evidence from the next line on, and goes back.  False when reading fails. */
static bool look_ahead(struct capture *capture, struct record_field *scratch, struct error **err)
{
	struct text_reader *reader = capture->reader;
	struct input *input = &capture->input;
	enum line_step step = LINE_OK;
	struct str line;

	reader->base = BASE_ASSUMED;
	input_mark(input);
	while (reader->base == BASE_ASSUMED && input_since_mark(input).length < BASE_WINDOW) {
		step = input_line(input, &line, err);
		if (step != LINE_OK)
			break;
		look_at(reader, line, scratch);
	}
	input_rewind(input);
	return step != LINE_ERROR;
}

enum text_step text_parse_fields(struct capture *capture, const struct shape *shape,
				 struct str body, struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;
	struct fields *fields = &reader->fields;

	fields_parse(body, shape->is_probe, reader->base, fields, record->field);
	if (reader->base > BASE_ASSUMED || !(shape->is_probe || fields->has_address))
		return TEXT_EVENT;
	enum probe_base base = weigh(reader->base, &fields->evidence);

	if (base == BASE_UNKNOWN && fields->evidence.ambiguous) {
		input_unread_line(&capture->input);
		return look_ahead(capture, record->field, err) ? TEXT_NOTHING : TEXT_ERROR;
	}
	reader->base = base;
	if (base == BASE_BARE) /* now the numbers without letters are clear, too */
		fields_parse(body, shape->is_probe, base, fields, record->field);
	return TEXT_EVENT;
}
