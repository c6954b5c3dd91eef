/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text reader's own state, shared by its files. */
#ifndef MMUREPLAY_CAPTURE_TEXT_TEXT_H
#define MMUREPLAY_CAPTURE_TEXT_TEXT_H

#include "capture/reader.h"
#include "capture/text/fields.h"
#include "capture/text/prefix.h"
#include "capture/text/shapes.h"

enum text_kind {
	TEXT_FTRACE,
	TEXT_TRACE_CMD,
	TEXT_PERF,
};

/* The last event of a CPU, for the call chain that may follow it. */
struct last_event {
	uint64_t time;
	int32_t pid;
	bool takes_stack; /* it was handed out, and had no chain yet */
};

/* Where a frame's symbol is, as an offset from the input's mark: the buffer moves while we read. */
struct frame_span {
	uint64_t address;
	size_t symbol;
	size_t length;
};

struct text_reader {
	enum text_kind kind;
	prefix_parser *parse_prefix;
	enum time_unit unit;
	enum probe_base base;
	struct shape_table shapes;
	struct fields fields;
	struct last_event *last; /* by CPU */
	uint32_t nr_last;
	bool expects_chain; /* perf: the line before was handed out; its chain follows at once */
	uint32_t chain_cpu;
	struct last_event chain_event;
	struct frame_span span[RECORD_MAX_FRAMES];
	struct record_frame frame[RECORD_MAX_FRAMES];
};

/* detect.c: finds out the kind, the prefix and the unit of time, and goes back to the start. */
struct error *text_detect(struct capture *capture, struct text_reader *reader) MUST_CHECK;

/* headers.c: what a line that is no event says about the capture. */
bool text_is_comment(struct str line);
/* "cpus=2", perhaps after the name of a file; "version = 6"; "CPU 0 is empty". */
bool text_is_trace_cmd_header(struct str line);
void text_read_header(struct capture *capture, struct str line);

/* Parses "CPU:0 [LOST 81586 EVENTS]" and its like; false when the line is none. */
bool text_parse_loss(struct str line, uint32_t *cpu, uint64_t *lost);
/* Parses "PERF_RECORD_LOST lost 18043"; false when the text does not begin so. */
bool text_parse_perf_loss(struct str text, uint64_t *lost);

/*
 * stack.c: reads the frames that follow the last line, up to `*ret` and `reader->frame`.  False when
 * reading fails.
 */
bool text_read_frames(struct capture *capture, struct text_reader *reader, uint32_t *ret,
		      struct error **err);

/* The text after the time, without trace-cmd's "(+13)" and perf's period. */
struct str text_skip_to_name(const struct text_reader *reader, struct str body);

#endif
