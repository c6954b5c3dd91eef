/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call chains, one frame a line:
 *
 *      => pmd_set_huge                                        ftrace, after "<stack trace>"
 *      => pmd_set_huge+0x0/0x1a4 <ffff800008a2b3c4>           the same with other options
 *     => pmd_set_huge (ffff800008a2b3c4)                      trace-cmd, after "kernel_stack:"
 *     TAB ffffd5cb1790ad24 handle_mm_fault+0xe4 ([kernel.kallsyms])    perf script
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "capture/text/scan.h"
#include "capture/text/text.h"

/* The owner of what follows on a CPU; NULL when memory is short or the CPU is not known. */
static struct stack_owner *owner_on(struct text_reader *reader, uint32_t cpu)
{
	if (cpu < reader->nr_by_cpu)
		return &reader->by_cpu[cpu];
	if (cpu > PREFIX_CPU_MAX)
		return NULL;
	struct stack_owner *by_cpu = reallocarray(reader->by_cpu, cpu + 1, sizeof(*by_cpu));

	if (!by_cpu)
		return NULL;
	memset(by_cpu + reader->nr_by_cpu, 0, (cpu + 1 - reader->nr_by_cpu) * sizeof(*by_cpu));
	reader->by_cpu = by_cpu;
	reader->nr_by_cpu = cpu + 1;
	return &by_cpu[cpu];
}

void text_expect_stack(struct text_reader *reader, const struct prefix *prefix, bool is_wanted)
{
	struct stack_owner *owner = reader->kind == TEXT_PERF ? &reader->last
							      : owner_on(reader, prefix->cpu);

	if (owner)
		*owner = (struct stack_owner){prefix->time, prefix->cpu, prefix->pid, is_wanted};
}

static struct str skip_blanks(struct str view)
{
	while (first_char(view) == ' ' || first_char(view) == '\t')
		view = str_skip(view, 1);
	return view;
}

/* Drops "(address)" or "<address>". */
static void drop_address(struct str *text, uint64_t *address)
{
	struct str rest = *text;
	struct str word = drop_word(&rest);
	char open = first_char(word);
	char close = last_char(word);

	if (word.length < 3 || !((open == '(' && close == ')') || (open == '<' && close == '>')))
		return;
	if (parse_hex(str_skip(str_first(word, word.length - 1), 1), address))
		*text = trim_end(rest);
}

static bool parse_ftrace_frame(struct str line, struct record_frame *frame)
{
	*frame = (struct record_frame){0};
	line = skip_blanks(line);
	if (!take_text(&line, STR("=> ")))
		return false;
	line = trim_end(skip_spaces(line));
	drop_address(&line, &frame->address);
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

static enum chain_line parse_frame(const struct text_reader *reader, struct str line, bool is_first,
				   struct record_frame *frame)
{
	struct prefix prefix;
	bool is_frame = reader->kind == TEXT_PERF ? parse_perf_frame(line, frame)
						  : parse_ftrace_frame(line, frame);

	if (reader->kind != TEXT_PERF || !line.length || line.text[0] == '\t')
		return is_frame ? CHAIN_FRAME : CHAIN_END;
	/* "  190 [000] 31.437187: ..." begins like a frame whose tab became spaces. */
	if ((is_first && !is_frame) || reader->parse_prefix(line, &prefix))
		return CHAIN_END;
	return is_frame ? CHAIN_FRAME : CHAIN_OTHER;
}

/* Where a frame's symbol is, as an offset from the input's mark: the buffer moves while we read. */
struct frame_span {
	uint64_t address;
	size_t symbol;
	size_t length;
};

/* Reads the frames that follow the last line; false when reading fails. */
static bool read_frames(struct capture *capture, uint32_t *ret, struct error **err)
{
	struct text_reader *reader = capture->reader;
	struct input *input = &capture->input;
	struct frame_span span[RECORD_MAX_FRAMES];
	enum line_step step;
	struct str line;
	uint32_t count = 0;

	input_mark(input);
	while ((step = input_line(input, &line, err)) == LINE_OK) {
		struct str read = input_since_mark(input);
		struct record_frame frame;
		enum chain_line what = parse_frame(reader, line, count == 0, &frame);

		if (what == CHAIN_END || count == RECORD_MAX_FRAMES ||
		    read.length > INPUT_LINE_MAX) {
			input_unread_line(input);
			break;
		}
		if (what == CHAIN_FRAME)
			span[count++] = (struct frame_span){
				.address = frame.address,
				.symbol = frame.symbol.length
						  ? (size_t)(frame.symbol.text - read.text)
						  : 0,
				.length = frame.symbol.length,
			};
	}
	const char *base = input_since_mark(input).text;

	for (uint32_t i = 0; i < count; i++) {
		const char *symbol = span[i].length ? base + span[i].symbol : NULL;

		reader->frame[i] = (struct record_frame){span[i].address, {symbol, span[i].length}};
		if (!symbol)
			reader->frame[i].symbol = naming_print(&capture->types.naming,
							       span[i].address, SYMBOL_SHORT,
							       reader->frame_text[i]);
	}
	input_release(input);
	*ret = count;
	return step != LINE_ERROR;
}

static enum text_step read_chain_of(struct capture *capture, struct stack_owner *owner,
				    struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;

	owner->takes_stack = false;
	text_fill_bare(capture, owner->cpu, record);
	record->time = owner->time;
	record->pid = owner->pid;
	record->frame = reader->frame;
	if (!read_frames(capture, &record->nr_frames, err))
		return TEXT_ERROR;
	return record->nr_frames ? TEXT_STACK : TEXT_NOTHING;
}

/* Whether what comes next may be a frame of perf's: a blank, a hexadecimal number, and a space. */
static bool may_be_frame(const struct input *input)
{
	struct str next = input_buffered(input);
	struct str rest = skip_blanks(next);

	if (rest.length && rest.length == next.length)
		return false;
	while (rest.length && hex_value(rest.text[0]) >= 0)
		rest = str_skip(rest, 1);
	return !rest.length || rest.text[0] == ' ';
}

enum text_step text_read_chain(struct capture *capture, struct record *record, struct error **err)
{
	struct text_reader *reader = capture->reader;

	if (!may_be_frame(&capture->input)) {
		reader->last.takes_stack = false;
		return TEXT_NOTHING;
	}
	return read_chain_of(capture, &reader->last, record, err);
}

enum text_step text_read_stack(struct capture *capture, uint32_t cpu, struct record *record,
			       struct error **err)
{
	struct stack_owner *owner = owner_on(capture->reader, cpu);

	if (!owner || !owner->takes_stack)
		return TEXT_NOTHING;
	return read_chain_of(capture, owner, record, err);
}
