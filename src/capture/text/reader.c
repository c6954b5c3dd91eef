/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reader: lines -> records. */
#include <stdlib.h>

#include "capture/text/scan.h"
#include "capture/text/text.h"

void text_note_unread(struct capture *capture)
{
	struct capture_info *info = &capture->info;

	if (info->nr_unread++ == 0)
		info->first_unread = (struct record_place){0, capture->input.line};
}

void text_fill_bare(const struct capture *capture, uint32_t cpu, struct record *record)
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

/* Whether a line that was not understood was to be an event; if not, it continues another line. */
static bool is_broken_event(struct str line)
{
	struct prefix prefix;

	return has_task_and_cpu(line) || prefix_ftrace(line, &prefix) ||
	       prefix_latency(line, &prefix) || prefix_perf(line, &prefix);
}

static enum text_step read_other(struct capture *capture, struct str line, struct record *record)
{
	struct text_loss loss;

	if (text_is_comment(line) || text_is_trace_cmd_header(line))
		text_read_header(capture, line);
	else if (text_parse_loss(line, &loss))
		return text_wants_loss(capture, loss.source)
			       ? text_report_loss(capture, loss.cpu, loss.lost, record)
			       : TEXT_NOTHING;
	else if (is_broken_event(line))
		text_note_unread(capture);
	return TEXT_NOTHING;
}

static enum text_step read_line(struct capture *capture, struct str line, struct record *record,
				struct error **err)
{
	const struct text_reader *reader = capture->reader;
	struct prefix prefix;

	if (first_char(line) == '\t' && reader->kind == TEXT_PERF)
		return TEXT_NOTHING; /* a frame of a chain that nobody wanted */
	line = text_skip_indent(line);
	if (!line.length)
		return TEXT_NOTHING;
	if (!text_is_comment(line) && reader->parse_prefix(line, &prefix) &&
	    prefix.unit == reader->unit)
		return text_wants_event(capture, &prefix)
			       ? text_read_event(capture, &prefix, record, err)
			       : TEXT_NOTHING;
	return read_other(capture, line, record);
}

static enum capture_step text_next(struct capture *capture, struct record *record,
				   struct error **err)
{
	const struct text_reader *reader = capture->reader;
	enum text_step step = TEXT_NOTHING;
	struct str line;

	if (reader->last.takes_stack)
		step = text_read_chain(capture, record, err);
	while (step == TEXT_NOTHING) {
		switch (input_line(&capture->input, &line, err)) {
		case LINE_OK:
			step = read_line(capture, line, record, err);
			break;
		case LINE_TOO_LONG:
			text_note_unread(capture);
			break;
		case LINE_END:
			if (capture->input.unterminated)
				capture_note_end(capture, capture->input.line);
			*err = text_check_instance(capture);
			return *err ? RECORD_ERROR : RECORD_END;
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
	array_deinit(&reader->sources);
	array_deinit(&reader->described);
	repeat_deinit(&reader->repeat);
	free(reader->by_cpu);
	free(reader);
}

static const struct reader_ops text_ops = {
	.next = text_next,
	.close = text_close,
	.set_instance = text_set_instance,
};

static const char *const kind_names[] = {
	[TEXT_FTRACE] = "ftrace text",
	[TEXT_TRACE_CMD] = "trace-cmd report",
	[TEXT_PERF] = "perf script",
};

struct error *text_open(struct capture *capture)
{
	const struct str byte_order_mark = STR("\xef\xbb\xbf"); /* of UTF-8 */
	struct text_reader *reader = calloc(1, sizeof(*reader));
	struct str head;

	if (!reader)
		return error_memory();
	capture->reader = reader;
	capture->ops = &text_ops;

	struct error *err = input_peek(&capture->input, byte_order_mark.length, &head);

	if (err)
		return err;
	if (str_equal(head, byte_order_mark))
		input_skip(&capture->input, head.length);
	err = text_detect(capture, reader);
	if (err)
		return err;
	capture->info.kind = kind_names[reader->kind];
	/* Until a header or a loss shows that this text would tell. */
	capture->info.hides_losses = reader->kind != TEXT_TRACE_CMD;
	return NULL;
}
