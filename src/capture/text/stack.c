/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call chains, one frame a line:
 *
 *      => pmd_set_huge                                        ftrace
 *      => pmd_set_huge+0x0/0x1a4 <ffff800008a2b3c4>           ftrace, other options
 *     => pmd_set_huge (ffff800008a2b3c4)                      trace-cmd report
 *     	ffffd5cb1790ad24 handle_mm_fault+0xe4 ([kernel.kallsyms])   perf script, and an empty line
 */
#define _GNU_SOURCE
#include <string.h>

#include "capture/text/scan.h"
#include "capture/text/text.h"

static struct str skip_blanks(struct str view)
{
	while (first_char(view) == ' ' || first_char(view) == '\t')
		view = str_skip(view, 1);
	return view;
}

/* "(addr)" or "<addr>" at the end. */
static void drop_address(struct str *text, struct record_frame *frame)
{
	struct str rest = *text;
	struct str word = drop_word(&rest);
	char open = first_char(word);
	char close = last_char(word);

	if (word.length < 3 || !((open == '(' && close == ')') || (open == '<' && close == '>')))
		return;
	if (parse_hex(str_skip(str_first(word, word.length - 1), 1), &frame->address))
		*text = trim_end(rest);
}

static bool parse_ftrace_frame(struct str line, struct record_frame *frame)
{
	*frame = (struct record_frame){0};
	line = skip_blanks(line);
	if (!take_text(&line, STR("=> ")))
		return false;
	line = trim_end(skip_spaces(line));
	drop_address(&line, frame);
	if (!location_parse_address(line, &frame->address))
		frame->symbol = line;
	return true;
}

static bool parse_perf_frame(struct str line, struct record_frame *frame)
{
	struct str rest = skip_blanks(line);

	*frame = (struct record_frame){0};
	if (rest.length == line.length || !parse_hex(take_word(&rest), &frame->address))
		return false;
	rest = skip_spaces(rest);
	const char *object = memmem(rest.text, rest.length, " (", 2);

	if (object)
		rest.length = (size_t)(object - rest.text);
	if (!str_is(rest, "[unknown]"))
		frame->symbol = rest;
	return true;
}

enum chain_line {
	CHAIN_FRAME,
	CHAIN_OTHER, /* between perf's frames there may be lines of source */
	CHAIN_END,
};

static enum chain_line parse_frame(const struct text_reader *reader, struct str line,
				   struct record_frame *frame)
{
	struct prefix prefix;

	if (reader->kind != TEXT_PERF)
		return parse_ftrace_frame(line, frame) ? CHAIN_FRAME : CHAIN_END;
	/* "  190 [000] 31.437187: ..." begins like a frame whose tab became spaces. */
	if (!line.length || (line.text[0] != '\t' && reader->parse_prefix(line, &prefix)))
		return CHAIN_END;
	return parse_perf_frame(line, frame) ? CHAIN_FRAME : CHAIN_OTHER;
}

bool text_read_frames(struct capture *capture, struct text_reader *reader, uint32_t *ret,
		      struct error **err)
{
	struct input *input = &capture->input;
	enum line_step step;
	struct str line;
	uint32_t count = 0;

	input_mark(input);
	while ((step = input_line(input, &line, err)) == LINE_OK) {
		struct str base = input_since_mark(input);
		struct record_frame frame;
		enum chain_line what = parse_frame(reader, line, &frame);

		if (what == CHAIN_END || count == RECORD_MAX_FRAMES ||
		    base.length > INPUT_LINE_MAX) {
			input_unread_line(input);
			break;
		}
		if (what == CHAIN_FRAME)
			reader->span[count++] = (struct frame_span){
				.address = frame.address,
				.symbol = frame.symbol.length
						  ? (size_t)(frame.symbol.text - base.text)
						  : 0,
				.length = frame.symbol.length,
			};
	}
	const char *base = input_since_mark(input).text;

	for (uint32_t i = 0; i < count; i++) {
		const struct frame_span *span = &reader->span[i];
		const char *symbol = span->length ? base + span->symbol : NULL;

		reader->frame[i] = (struct record_frame){span->address, {symbol, span->length}};
	}
	input_release(input);
	*ret = count;
	return step != LINE_ERROR;
}
