/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that have a prefix: most are events. */
#include <string.h>

#include "base/try.h"
#include "capture/text/scan.h"
#include "capture/text/text.h"

struct str text_skip_to_name(enum text_kind kind, struct str body)
{
	struct str start = skip_spaces(body);
	struct str rest = start;
	uint64_t number;

	if (kind == TEXT_PERF) { /* the period of a sampled event */
		if (take_decimal(&rest, &number) && first_char(rest) == ' ')
			return skip_spaces(rest);
	} else if (take_text(&rest, STR("(+"))) { /* trace-cmd report --ts-diff */
		if (take_decimal(&rest, &number) && take_text(&rest, STR(")")))
			return skip_spaces(rest);
	}
	return start;
}

static bool has_names(const struct record_type *type, const struct fields *fields)
{
	if (!type || type->nr_fields != fields->count)
		return false;
	for (uint32_t i = 0; i < fields->count; i++)
		if (!str_equal(type->field[i], fields->name[i]))
			return false;
	return true;
}

/*
 * Finds the type of a line of this shape and with these fields.  NULL for lines to pass over, of
 * types that the table has no room for.  False when memory is short.
 */
static bool find_type(struct capture *capture, const struct shape *shape,
		      const struct fields *fields, const struct known_type **ret)
{
	const struct location *location = &shape->location;
	struct record_type like = {
		.system = shape->system,
		.name = shape->name,
		.symbol = location->symbol,
		.module = location->module,
		.offset = location->offset,
		.is_return = location->is_return || fields->has_caller,
		.is_probe = shape->is_probe || fields->has_address,
		.nr_fields = fields->count,
	};

	memcpy(like.field, fields->name, fields->count * sizeof(like.field[0]));
	*ret = types_get(&capture->types, &like);
	if (*ret)
		text_note_met(capture->reader, &(*ret)->type);
	return *ret || types_full(&capture->types);
}

/* Names the bare addresses of a shape's location, where somebody knows them. */
static struct error *name_location(struct capture *capture, struct shape *shape)
{
	const struct naming *naming = &capture->types.naming;
	struct text_reader *reader = capture->reader;
	struct location *location = &shape->location;
	char text[SYMBOL_TEXT_MAX];
	struct symbol_place place;

	if (!location->symbol.length && naming_find(naming, location->address, &place)) {
		location->symbol = place.name;
		location->module = place.module;
		location->offset = place.offset;
	} else if (capture->kernel && location->size && !location->module.length) {
		TRY(kernel_check_size(capture->kernel, location->symbol, location->size));
	}
	if (location->caller.length && !str_starts(location->caller, STR("0x")))
		return NULL;
	struct str caller = naming_print(naming, location->caller_address, SYMBOL_LONG, text);

	if (caller.length)
		location->caller = arena_copy(&reader->shapes.arena, caller);
	return caller.length && !location->caller.text ? error_memory() : NULL;
}

/* Decides what a shape's lines are, by the first of them. */
static struct error *classify(struct capture *capture, struct shape *shape, struct str body,
			      struct record *record)
{
	struct text_reader *reader = capture->reader;
	const struct known_type *known;

	if (str_is(shape->name, "kernel_stack")) {
		shape->use = SHAPE_STACK;
		return NULL;
	}
	if (str_is(shape->name, "user_stack") || str_starts(shape->name, STR("PERF_RECORD_")) ||
	    find_char(shape->name, '(') < shape->name.length) {
		shape->use = SHAPE_NO_EVENT;
		return NULL;
	}
	fields_parse(body, shape->is_probe, reader->base, &reader->fields, record->field);
	TRY(name_location(capture, shape));
	if (!find_type(capture, shape, &reader->fields, &known))
		return error_memory();
	shape->use = known && known->wanted ? SHAPE_WANTED : SHAPE_UNWANTED;
	shape->type = known ? &known->type : NULL;
	return NULL;
}

/* Counts an event that is not handed out. */
static enum text_step pass_over(struct capture *capture, const struct prefix *prefix)
{
	capture->info.nr_records++;
	text_expect_stack(capture->reader, prefix, false);
	return TEXT_NOTHING;
}

static void fill_event(const struct capture *capture, const struct prefix *prefix,
		       const struct shape *shape, struct record *record)
{
	const struct text_reader *reader = capture->reader;
	const struct location *location = &shape->location;
	const struct fields *fields = &reader->fields;

	record->type = shape->type;
	record->time = prefix->time;
	record->cpu = prefix->cpu;
	record->pid = prefix->pid;
	record->comm = prefix->comm;
	record->place = (struct record_place){0, capture->input.line};
	record->address = fields->has_address ? fields->address : location->address;
	record->caller = location->caller;
	record->caller_address = fields->has_caller ? fields->caller : location->caller_address;
	record->nr_fields = fields->count;
	record->nr_frames = 0;
	record->frame = NULL;
	record->lost = 0;
}

/* Parses the fields of a line that is like the last one of its shape; false when it is not. */
static bool parse_alike(struct text_reader *reader, const struct shape *shape, struct str body,
			struct record_field *values)
{
	struct fields *fields = &reader->fields;

	bool is_clear = !shape->is_probe || reader->base > BASE_ASSUMED;
	bool has_decimals = !shape->is_probe || reader->base == BASE_PREFIXED;

	if (!is_clear || !shape->type ||
	    !fields_parse_alike(body, shape->type, has_decimals, values))
		return false;
	fields->count = shape->type->nr_fields;
	fields->has_address = fields->has_caller = false;
	return true;
}

/* Parses the fields of any line, and finds its type.  Only TEXT_EVENT says that it is wanted. */
static enum text_step parse_unlike(struct capture *capture, const struct prefix *prefix,
				   struct shape *shape, struct str body, struct record *record,
				   struct error **err)
{
	struct text_reader *reader = capture->reader;
	enum text_step step = text_parse_fields(capture, shape, body, record, err);
	const struct known_type *known;

	if (step != TEXT_EVENT || has_names(shape->type, &reader->fields))
		return step;
	if (!find_type(capture, shape, &reader->fields, &known)) {
		*err = error_memory();
		return TEXT_ERROR;
	}
	if (!known || !known->wanted)
		return pass_over(capture, prefix);
	shape->type = &known->type;
	return TEXT_EVENT;
}

static enum text_step read_wanted(struct capture *capture, const struct prefix *prefix,
				  struct shape *shape, struct str body, struct record *record,
				  struct error **err)
{
	struct text_reader *reader = capture->reader;

	if (!parse_alike(reader, shape, body, record->field)) {
		enum text_step step = parse_unlike(capture, prefix, shape, body, record, err);

		if (step != TEXT_EVENT)
			return step;
	}
	fill_event(capture, prefix, shape, record);
	if (text_is_repeated(capture, prefix, record))
		return pass_over(capture, prefix);
	capture->info.nr_records++;
	text_expect_stack(reader, prefix, true);
	return TEXT_EVENT;
}

/* A line with a prefix, but without an event's name behind it. */
static enum text_step read_nameless(struct capture *capture, const struct prefix *prefix,
				    struct str text, struct record *record, struct error **err)
{
	const struct text_reader *reader = capture->reader;
	uint64_t lost;

	if (reader->kind == TEXT_PERF) {
		if (text_parse_perf_loss(text, &lost))
			return text_report_loss(capture, prefix->cpu, lost, record);
		if (!str_starts(text, STR("PERF_RECORD_")))
			text_note_unread(capture);
		return TEXT_NOTHING;
	}
	if (str_starts(text, STR("<stack trace")))
		return text_read_stack(capture, prefix->cpu, record, err);
	if (str_starts(text, STR("<user stack")) || str_starts(text, STR("user_stack:")))
		return TEXT_NOTHING;
	/* The function tracer's "func <-parent", the system calls' "sys_close(fd: 3)". */
	return pass_over(capture, prefix);
}

enum text_step text_read_event(struct capture *capture, const struct prefix *prefix,
			       struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;
	struct str text = text_skip_to_name(reader->kind, prefix->body);
	struct str body = text;
	struct shape_key key;

	shapes_take_key(&body, &key);
	if (!key.name.length)
		return read_nameless(capture, prefix, text, record, err);
	struct shape *shape = shapes_get(&reader->shapes, &key, reader->kind != TEXT_FTRACE);

	if (!shape)
		*err = error_memory();
	else if (shape->use == SHAPE_NEW)
		*err = classify(capture, shape, body, record);
	if (*err)
		return TEXT_ERROR;
	switch (shape->use) {
	case SHAPE_WANTED:
		return read_wanted(capture, prefix, shape, body, record, err);
	case SHAPE_STACK:
		return text_read_stack(capture, prefix->cpu, record, err);
	case SHAPE_NO_EVENT:
		return read_nameless(capture, prefix, text, record, err);
	case SHAPE_NEW:
	case SHAPE_UNWANTED:
		break;
	}
	return pass_over(capture, prefix);
}
