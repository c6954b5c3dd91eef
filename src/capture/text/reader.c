/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reader: lines -> records. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "capture/text/scan.h"
#include "capture/text/text.h"

/* No step of capture_next(): go on with the next line. */
enum {
	STEP_NONE = -1
};

static void note_unread(struct capture *capture)
{
	struct capture_info *info = &capture->info;

	if (info->nr_unread++ == 0)
		info->first_unread = (struct record_place){0, capture->input.line};
}

struct str text_skip_to_name(const struct text_reader *reader, struct str body)
{
	struct str rest = skip_spaces(body);
	uint64_t number;

	body = rest;
	if (reader->kind == TEXT_PERF) { /* the period of a sampled event */
		if (take_decimal(&rest, &number) && first_char(rest) == ' ')
			body = skip_spaces(rest);
	} else if (take_text(&rest, STR("(+"))) { /* of trace-cmd report --ts-diff */
		if (take_decimal(&rest, &number) && take_text(&rest, STR(")")))
			body = skip_spaces(rest);
	}
	return body;
}

/* The last event of a CPU; NULL when memory is short or the CPU is not known. */
static struct last_event *last_event(struct text_reader *reader, uint32_t cpu)
{
	if (cpu < reader->nr_last)
		return &reader->last[cpu];
	if (cpu > PREFIX_CPU_MAX)
		return NULL;
	struct last_event *last = reallocarray(reader->last, cpu + 1, sizeof(*last));

	if (!last)
		return NULL;
	memset(last + reader->nr_last, 0, (cpu + 1 - reader->nr_last) * sizeof(*last));
	reader->last = last;
	reader->nr_last = cpu + 1;
	return &last[cpu];
}

/* Remembers the event for the chain that may follow: at once, or later on this CPU. */
static void expect_stack(struct text_reader *reader, const struct prefix *prefix, bool is_wanted)
{
	struct last_event event = {prefix->time, prefix->pid, is_wanted};

	if (reader->kind == TEXT_PERF) {
		if (is_wanted) {
			reader->expects_chain = true;
			reader->chain_cpu = prefix->cpu;
			reader->chain_event = event;
		}
		return;
	}
	struct last_event *last = last_event(reader, prefix->cpu);

	if (last)
		*last = event;
}

/* A record without an event: a loss or a call chain. */
static void fill_bare(struct capture *capture, uint32_t cpu, struct record *record)
{
	record->type = NULL;
	record->time = 0;
	record->cpu = cpu;
	record->pid = PID_UNKNOWN;
	record->comm = (struct str){0};
	record->place = (struct record_place){0, capture->input.line};
	record->address = 0;
	record->caller = (struct str){0};
	record->caller_address = 0;
	record->nr_fields = 0;
	record->nr_frames = 0;
	record->frame = NULL;
	record->lost = 0;
}

static int read_stack(struct capture *capture, uint32_t cpu, const struct last_event *event,
		      struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;

	fill_bare(capture, cpu, record);
	record->time = event->time;
	record->pid = event->pid;
	record->frame = reader->frame;
	if (!text_read_frames(capture, reader, &record->nr_frames, err))
		return RECORD_ERROR;
	return record->nr_frames ? (int)RECORD_STACK : STEP_NONE;
}

/* The call chain as an event of its own, of the kernel and of trace-cmd. */
static int read_stack_event(struct capture *capture, uint32_t cpu, struct record *record,
			    struct error **err)
{
	struct last_event *last = last_event(capture->reader, cpu);

	if (!last || !last->takes_stack)
		return STEP_NONE;
	last->takes_stack = false;
	return read_stack(capture, cpu, last, record, err);
}

static int read_loss(struct capture *capture, uint32_t cpu, uint64_t lost, struct record *record)
{
	fill_bare(capture, cpu, record);
	record->lost = lost;
	capture->info.hides_losses = false;
	return RECORD_LOST;
}

static bool same_names(const struct record_type *type, const struct fields *fields)
{
	if (!type || type->nr_fields != fields->count)
		return false;
	for (uint32_t i = 0; i < fields->count; i++)
		if (!str_equal(type->field[i], fields->name[i]))
			return false;
	return true;
}

/* The type of a line of this shape with these fields; NULL when memory is short. */
static const struct known_type *find_type(struct capture *capture, const struct shape *shape,
					  const struct fields *fields)
{
	const struct location *location = &shape->location;
	struct record_type like = {
		.system = shape->system,
		.name = shape->name,
		.symbol = location->symbol,
		.module = location->module,
		.offset = location->offset,
		.is_return = location->is_return || fields->has_caller,
		.nr_fields = fields->count,
	};

	memcpy(like.field, fields->name, fields->count * sizeof(like.field[0]));
	return types_get(&capture->types, &like);
}

/* Decides what a shape's lines are, by the first of them.  False when memory is short. */
static bool classify(struct capture *capture, struct shape *shape, struct str body,
		     struct record *record)
{
	struct text_reader *reader = capture->reader;

	if (str_is(shape->name, "kernel_stack")) {
		shape->use = SHAPE_STACK;
		return true;
	}
	if (str_is(shape->name, "user_stack") || str_starts(shape->name, STR("PERF_RECORD_")) ||
	    find_char(shape->name, '(') < shape->name.length) {
		shape->use = SHAPE_NO_EVENT;
		return true;
	}
	fields_parse(body, shape->is_probe, reader->base, &reader->fields, record->field);
	const struct known_type *known = find_type(capture, shape, &reader->fields);

	if (!known && !types_full(&capture->types))
		return false;
	shape->use = known && known->wanted ? SHAPE_WANTED : SHAPE_UNWANTED;
	if (known)
		shape->type = &known->type;
	return true;
}

/*
 * Looks for evidence of the base of this kernel's probe arguments in the lines to come, as far as
 * BASE_WINDOW, and goes back.  False when reading fails.
 */
static bool look_ahead_for_base(struct capture *capture, struct record *scratch, struct error **err)
{
	enum {
		BASE_WINDOW = 64 * 1024
	};
	struct text_reader *reader = capture->reader;
	struct input *input = &capture->input;
	enum line_step step = LINE_OK;
	struct str line;

	reader->base = BASE_ASSUMED;
	input_mark(input);
	while (reader->base == BASE_ASSUMED && input_since_mark(input).length < BASE_WINDOW) {
		struct fields *fields = &reader->fields;
		struct prefix prefix;
		struct shape_key key;
		struct location place;

		step = input_line(input, &line, err);
		if (step != LINE_OK)
			break;
		if (!reader->parse_prefix(line, &prefix))
			continue;
		struct str body = text_skip_to_name(reader, prefix.body);

		shapes_take_key(&body, &key);
		bool is_probe = location_parse(key.location, false, &place);

		fields_parse(body, is_probe, BASE_UNKNOWN, fields, scratch->field);
		if (is_probe || fields->has_address)
			reader->base = fields_base(fields, reader->base);
	}
	input_rewind(input);
	return step != LINE_ERROR;
}

/*
 * Parses the fields of a wanted event into `record`.  STEP_NONE when the line has to be read again,
 * since how its numbers are printed had to be found out first.
 */
static int parse_fields(struct capture *capture, const struct shape *shape, struct str body,
			struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;
	struct fields *fields = &reader->fields;

	fields_parse(body, shape->is_probe, reader->base, fields, record->field);
	if (reader->base > BASE_ASSUMED || !(shape->is_probe || fields->has_address))
		return RECORD_EVENT;
	enum probe_base base = fields_base(fields, reader->base);

	if (base == BASE_UNKNOWN && fields->evidence.ambiguous) {
		input_unread_line(&capture->input);
		return look_ahead_for_base(capture, record, err) ? STEP_NONE : (int)RECORD_ERROR;
	}
	reader->base = base;
	if (base == BASE_BARE)
		fields_parse(body, shape->is_probe, base, fields, record->field);
	return RECORD_EVENT;
}

/* The line of a wanted shape. */
static int read_wanted(struct capture *capture, const struct prefix *prefix, struct shape *shape,
		       struct str body, struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;
	const struct location *location = &shape->location;
	const struct fields *fields = &reader->fields;
	int step = parse_fields(capture, shape, body, record, err);

	if (step != RECORD_EVENT)
		return step;
	bool is_wanted = true;

	if (!same_names(shape->type, fields)) {
		const struct known_type *known = find_type(capture, shape, fields);

		if (!known && !types_full(&capture->types)) {
			*err = error_memory();
			return RECORD_ERROR;
		}
		is_wanted = known && known->wanted;
		if (is_wanted)
			shape->type = &known->type;
	}
	capture->info.nr_records++;
	expect_stack(reader, prefix, is_wanted);
	if (!is_wanted)
		return STEP_NONE;
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
	return RECORD_EVENT;
}

/* A line with a prefix, but without an event's name behind it. */
static int read_nameless(struct capture *capture, const struct prefix *prefix, struct str text,
			 struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;
	uint64_t lost;

	if (reader->kind == TEXT_PERF) {
		if (text_parse_perf_loss(text, &lost))
			return read_loss(capture, prefix->cpu, lost, record);
		if (!str_starts(text, STR("PERF_RECORD_")))
			note_unread(capture);
		return STEP_NONE;
	}
	if (str_starts(text, STR("<stack trace")))
		return read_stack_event(capture, prefix->cpu, record, err);
	if (str_starts(text, STR("<user stack")))
		return STEP_NONE;
	/* The function tracer's "func <-parent", the system calls' "sys_close(fd: 3)". */
	capture->info.nr_records++;
	expect_stack(reader, prefix, false);
	return STEP_NONE;
}

static int read_event(struct capture *capture, const struct prefix *prefix, struct record *record,
		      struct error **err)
{
	struct text_reader *reader = capture->reader;
	struct str text = text_skip_to_name(reader, prefix->body);
	struct str body = text;
	struct shape_key key;

	shapes_take_key(&body, &key);
	if (!key.name.length)
		return read_nameless(capture, prefix, text, record, err);
	struct shape *shape = shapes_get(&reader->shapes, &key, reader->kind != TEXT_FTRACE);

	if (!shape || (shape->use == SHAPE_NEW && !classify(capture, shape, body, record))) {
		*err = error_memory();
		return RECORD_ERROR;
	}
	switch (shape->use) {
	case SHAPE_WANTED:
		return read_wanted(capture, prefix, shape, body, record, err);
	case SHAPE_STACK:
		return read_stack_event(capture, prefix->cpu, record, err);
	case SHAPE_NO_EVENT:
		return read_nameless(capture, prefix, text, record, err);
	case SHAPE_NEW:
	case SHAPE_UNWANTED:
		break;
	}
	capture->info.nr_records++;
	expect_stack(reader, prefix, false);
	return STEP_NONE;
}

/* "... 1671 [001] ...": whatever follows, this was to be an event. */
static bool has_task_and_cpu(struct str line)
{
	size_t bracket = find_char(line, '[');
	struct str task = trim_end(str_first(line, bracket));
	struct str rest = str_skip(line, bracket + 1);
	uint64_t cpu;

	return task.length < bracket && (is_digit(last_char(task)) || last_char(task) == ')') &&
	       take_decimal(&rest, &cpu) && first_char(rest) == ']';
}

/* Whether a line that did not parse should have been an event; otherwise it continues another. */
static bool is_broken_event(struct str line)
{
	struct prefix prefix;

	return has_task_and_cpu(line) || prefix_ftrace(line, &prefix) ||
	       prefix_latency(line, &prefix) || prefix_perf(line, &prefix);
}

static int read_other(struct capture *capture, struct str line, struct record *record)
{
	const struct text_reader *reader = capture->reader;
	uint32_t cpu;
	uint64_t lost;

	if (text_is_comment(line)) {
		text_read_header(capture, line);
		return STEP_NONE;
	}
	if (text_parse_loss(line, &cpu, &lost))
		return read_loss(capture, cpu, lost, record);
	if (first_char(line) == '\t' || !line.length)
		return STEP_NONE;
	if (reader->kind == TEXT_TRACE_CMD && text_is_trace_cmd_header(line))
		text_read_header(capture, line);
	else if (is_broken_event(line))
		note_unread(capture);
	return STEP_NONE;
}

static int read_line(struct capture *capture, struct str line, struct record *record,
		     struct error **err)
{
	const struct text_reader *reader = capture->reader;
	struct prefix prefix;

	if (!text_is_comment(line) && reader->parse_prefix(line, &prefix) &&
	    prefix.unit == reader->unit)
		return read_event(capture, &prefix, record, err);
	return read_other(capture, line, record);
}

static enum capture_step text_next(struct capture *capture, struct record *record,
				   struct error **err)
{
	struct text_reader *reader = capture->reader;
	int step = STEP_NONE;
	struct str line;

	if (reader->expects_chain) {
		reader->expects_chain = false;
		step = read_stack(capture, reader->chain_cpu, &reader->chain_event, record, err);
	}
	while (step == STEP_NONE) {
		switch (input_line(&capture->input, &line, err)) {
		case LINE_OK:
			step = read_line(capture, line, record, err);
			break;
		case LINE_TOO_LONG:
			note_unread(capture);
			break;
		case LINE_END:
			capture->info.truncated = capture->input.unterminated;
			return RECORD_END;
		case LINE_ERROR:
			return RECORD_ERROR;
		}
	}
	return (enum capture_step)step;
}

static void text_close(struct capture *capture)
{
	struct text_reader *reader = capture->reader;

	shapes_deinit(&reader->shapes);
	free(reader->last);
	free(reader);
}

static const struct reader_ops text_ops = {text_next, text_close};

static const char *const kind_names[] = {
	[TEXT_FTRACE] = "ftrace text",
	[TEXT_TRACE_CMD] = "trace-cmd report",
	[TEXT_PERF] = "perf script",
};

struct error *text_open(struct capture *capture)
{
	struct text_reader *reader = calloc(1, sizeof(*reader));
	struct str head;

	if (!reader)
		return error_memory();
	capture->reader = reader;
	capture->ops = &text_ops;

	struct error *err = input_peek(&capture->input, 3, &head);

	if (err)
		return err;
	if (str_is(head, "\xef\xbb\xbf")) /* the byte order mark of UTF-8 */
		input_skip(&capture->input, head.length);
	err = text_detect(capture, reader);
	if (err)
		return err;
	capture->info.kind = kind_names[reader->kind];
	/* Until a header or a line says otherwise. */
	capture->info.hides_losses = reader->kind != TEXT_TRACE_CMD;
	return NULL;
}
