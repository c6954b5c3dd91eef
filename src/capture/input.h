/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of one input, a file or a pipe, in order, through one buffer; and its lines.
 *
 * Files are read, not mapped.  The buffer stays in the processor's cache, so that copying into it
 * costs a quarter of a mapping's page faults; memory stays flat; files without a size (tracefs) and
 * pipes take the same way; and a file that shrinks under us is a short read, not a SIGBUS.
 */
#ifndef MMUREPLAY_CAPTURE_INPUT_H
#define MMUREPLAY_CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

enum {
	/* The buffer's size to begin with, and the most that is asked of one read(). */
	INPUT_CHUNK = 256 * 1024,
	/* The longest line.  The kernel's are at most two pages; nothing in this field prints more. */
	INPUT_LINE_MAX = 1024 * 1024,
};

/* Where bytes come from, other than from a descriptor. */
struct input_source {
	/* Reads up to `size` bytes; `*ret` 0: there are no more. */
	struct error *(*read)(void *context, char *to, size_t size, size_t *ret);
	void (*close)(void *context);
	void *context;
};

struct input {
	int fd; /* -1: `source` */
	struct input_source source;
	char *buffer;
	size_t capacity;
	size_t start;	   /* of the next line */
	size_t end;	   /* of what was read */
	size_t scanned;	   /* there is no newline between `start` and here */
	size_t line_start; /* of the last line */
	size_t mark;	   /* kept from here on, see input_mark(); SIZE_MAX when nothing is */
	uint64_t mark_line;
	uint64_t line;	   /* number of the last line, from 1 */
	bool at_end;	   /* nothing is left to be read into the buffer */
	bool unterminated; /* the last line of all had no newline */
};

/* Takes over `fd`; input_deinit() closes it, unless it is standard input. */
void input_init(struct input *input, int fd);
void input_deinit(struct input *input);

/* Takes over `source`. */
void input_init_from(struct input *input, struct input_source source);

/* Shows the next `size` bytes, or as many as there are; input_skip() drops what was shown. */
struct error *input_peek(struct input *input, size_t size, struct str *ret) MUST_CHECK;
void input_skip(struct input *input, size_t size);

/* All that is in the buffer and was not yet taken: at least what was last shown. */
static inline struct str input_buffered(const struct input *input)
{
	return (struct str){input->buffer + input->start, input->end - input->start};
}

enum line_step {
	LINE_OK, /* a line without "\n" or "\r\n", valid until the next call */
	/*
	 * A line longer than INPUT_LINE_MAX.  It was passed over; but while a mark is set it cannot
	 * be, and is met again.
	 */
	LINE_TOO_LONG,
	LINE_END,
	LINE_ERROR, /* the error is the caller's */
};

/* The parts of input_line() that are not on its short way. */
enum line_step input_line_slowly(struct input *input, struct str *line, struct error **err);

static inline struct str input_take_line(struct input *input, const char *newline)
{
	struct str line = {input->buffer + input->start, 0};

	line.length = (size_t)(newline - line.text);
	input->line_start = input->start;
	input->start += line.length + 1;
	input->scanned = input->start;
	input->line++;
	if (line.length && line.text[line.length - 1] == '\r')
		line.length--;
	return line;
}

/* The next line. */
static inline enum line_step input_line(struct input *input, struct str *line, struct error **err)
{
	const char *from = input->buffer + input->scanned;
	const char *newline = NULL;

	if (input->scanned < input->end)
		newline = memchr(from, '\n', input->end - input->scanned);
	if (!newline)
		return input_line_slowly(input, line, err);
	*line = input_take_line(input, newline);
	return LINE_OK;
}

/* Makes the line that was last handed out the next one again. */
void input_unread_line(struct input *input);

/*
 * Keeps everything from the next line on in the buffer, until input_rewind() goes back there or
 * input_release() goes on.  The buffer grows and moves meanwhile: offsets from the mark stay valid,
 * pointers do not.  How far to read is the caller's to bound.
 */
void input_mark(struct input *input);
void input_rewind(struct input *input);
void input_release(struct input *input);

/* What was handed out since the mark. */
struct str input_since_mark(const struct input *input);

#endif
