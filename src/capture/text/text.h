/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reader's own state, and what its files offer each other. */
#ifndef MMUREPLAY_CAPTURE_TEXT_TEXT_H
#define MMUREPLAY_CAPTURE_TEXT_TEXT_H

#include "capture/reader.h"
#include "capture/repeat.h"
#include "capture/text/fields.h"
#include "capture/text/prefix.h"
#include "capture/text/shapes.h"

enum text_kind {
	TEXT_FTRACE,
	TEXT_TRACE_CMD,
	TEXT_PERF,
};

/* An event, for the call chain that may follow it. */
struct stack_owner {
	uint64_t time;
	uint32_t cpu;
	int32_t pid;
	bool takes_stack; /* it was handed out, and had no chain yet */
};

struct text_reader {
	enum text_kind kind;
	prefix_parser *parse_prefix;
	enum time_unit unit;
	enum probe_base base;
	struct shape_table shapes;
	struct fields fields;
	struct stack_owner last;    /* perf: the last event, whose chain follows at once */
	struct stack_owner *by_cpu; /* the others: the last event of each CPU */
	uint32_t nr_by_cpu;
	struct record_frame frame[RECORD_MAX_FRAMES];
	char frame_text[RECORD_MAX_FRAMES][SYMBOL_TEXT_MAX]; /* names of those that have none */
	struct str only;	      /* the instance to read; text NULL: all */
	ARRAY_OF(struct str) sources; /* those met, without the top one */
	const char *source;	      /* of the last line that names one: its kept name */
	/* Named by the line before, which tells of a loss: the event behind it has no name of its own. */
	struct str loss_source;
	bool has_top; /* lines without a source were met */
	struct repeat repeat;
	ARRAY_OF(const struct record_type *) described; /* capture_info.defined */
};

/* What becomes of a line: a step of capture_next(), or nothing that is handed out. */
enum text_step {
	TEXT_EVENT = RECORD_EVENT,
	TEXT_LOST = RECORD_LOST,
	TEXT_STACK = RECORD_STACK,
	TEXT_ERROR = RECORD_ERROR,
	TEXT_NOTHING,
};

/* detect.c: finds out the kind, the prefix and the unit of time, and goes back to the start. */
struct error *text_detect(struct capture *capture, struct text_reader *reader) MUST_CHECK;

/* event.c: the text after the time, without trace-cmd's "(+13)" and perf's period. */
struct str text_skip_to_name(enum text_kind kind, struct str body);

/* event.c: a line with this prefix. */
enum text_step text_read_event(struct capture *capture, const struct prefix *prefix,
			       struct record *record, struct error **err);

/*
 * base.c: parses the fields of the last line, whose shape is wanted, into `record`.  TEXT_NOTHING
 * when the line has to be read again: how its numbers are printed had to be found out first.
 */
enum text_step text_parse_fields(struct capture *capture, const struct shape *shape,
				 struct str body, struct record *record, struct error **err);

/* stack.c: remembers an event; a call chain that follows is its own, and wanted as it is. */
void text_expect_stack(struct text_reader *reader, const struct prefix *prefix, bool is_wanted);

/* stack.c: the chain of the event before, which follows at once in perf's text. */
enum text_step text_read_chain(struct capture *capture, struct record *record, struct error **err);

/* stack.c: the chain of the CPU's last event, after a line of its own in the others. */
enum text_step text_read_stack(struct capture *capture, uint32_t cpu, struct record *record,
			       struct error **err);

/* headers.c: what a line that is no event says about the capture. */
bool text_is_comment(struct str line);
/* "cpus=2", perhaps after the name of a file; "version = 6"; "CPU 0 is empty". */
bool text_is_trace_cmd_header(struct str line);
void text_read_header(struct capture *capture, struct str line);

/* described.c: what the recording script says of the capture; false when the line is none of that. */
bool text_read_description(struct capture *capture, struct str line);
/* described.c: a type that there are events of. */
void text_note_met(struct text_reader *reader, const struct record_type *type);

/* "CPU:0 [LOST 81586 EVENTS]" and its like. */
struct text_loss {
	struct str source; /* as in struct prefix */
	uint32_t cpu;
	uint64_t lost;
};

/* loss.c: parses such a line; false when it is none. */
bool text_parse_loss(struct str line, struct text_loss *ret);
/* loss.c: parses "PERF_RECORD_LOST lost 18043"; false when the text does not begin so. */
bool text_parse_perf_loss(struct str text, uint64_t *lost);
enum text_step text_report_loss(struct capture *capture, uint32_t cpu, uint64_t lost,
				struct record *record);

/* source.c: note the source of a line, the prefix's if it has to be; whether it is wanted. */
bool text_wants_event(struct capture *capture, struct prefix *prefix);
bool text_wants_loss(struct capture *capture, struct str source);
/* source.c: whether an event that is to be handed out was told by another source already. */
bool text_is_repeated(struct capture *capture, const struct prefix *prefix,
		      const struct record *record);
/* source.c: reader_ops.set_instance; and, at the end of the text, whether there is that instance. */
struct error *text_set_instance(struct capture *capture, struct str name) MUST_CHECK;
struct error *text_check_instance(const struct capture *capture) MUST_CHECK;

/* reader.c: counts the last line as one that was not understood. */
void text_note_unread(struct capture *capture);
/* reader.c: fills in a record that is no event. */
void text_fill_bare(const struct capture *capture, uint32_t cpu, struct record *record);

#endif
