/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/input.h"

#define NO_MARK SIZE_MAX

void input_init(struct input *input, int fd)
{
	*input = (struct input){.fd = fd, .mark = NO_MARK};
}

void input_init_from(struct input *input, struct input_source source)
{
	*input = (struct input){.fd = -1, .source = source, .mark = NO_MARK};
}

void input_deinit(struct input *input)
{
	free(input->buffer);
	if (input->source.close)
		input->source.close(input->source.context);
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	*input = (struct input){.fd = -1, .mark = NO_MARK};
}

/* Moves what is still needed to the front, and makes the buffer larger when that is not enough. */
static bool make_room(struct input *input)
{
	size_t keep = input->mark == NO_MARK ? input->start : input->mark;

	if (keep > 0) {
		memmove(input->buffer, input->buffer + keep, input->end - keep);
		input->start -= keep;
		input->scanned -= keep;
		input->end -= keep;
		if (input->mark != NO_MARK)
			input->mark = 0;
	}
	if (input->end < input->capacity)
		return true;
	size_t capacity = input->capacity ? input->capacity * 2 : INPUT_CHUNK;
	char *buffer = realloc(input->buffer, capacity);

	if (!buffer)
		return false;
	input->buffer = buffer;
	input->capacity = capacity;
	return true;
}

static ssize_t read_some(int fd, char *to, size_t size)
{
	for (;;) {
		ssize_t got = read(fd, to, size);

		if (got >= 0 || (errno != EINTR && errno != EAGAIN))
			return got;
		if (errno == EAGAIN) /* somebody made our standard input non-blocking */
			poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1);
	}
}

/* Up to `size` bytes from wherever they come; `*ret` 0: there are no more. */
static struct error *read_source(const struct input *input, char *to, size_t size, size_t *ret)
{
	if (input->source.read)
		return input->source.read(input->source.context, to, size, ret);
	ssize_t got = read_some(input->fd, to, size);

	if (got < 0)
		return error_system(errno, "cannot read");
	*ret = (size_t)got;
	return NULL;
}

/* Reads more into the buffer, or sets `at_end`. */
static struct error *fill(struct input *input)
{
	if (!make_room(input))
		return error_memory();
	size_t room = input->capacity - input->end, got = 0;
	struct error *err = read_source(input, input->buffer + input->end,
					room < INPUT_CHUNK ? room : INPUT_CHUNK, &got);

	if (err)
		return err;
	input->end += got;
	input->at_end = got == 0;
	return NULL;
}

struct error *input_peek(struct input *input, size_t size, struct str *ret)
{
	while (input->end - input->start < size && !input->at_end) {
		struct error *err = fill(input);

		if (err)
			return err;
	}
	*ret = str_first((struct str){input->buffer + input->start, input->end - input->start},
			 size);
	return NULL;
}

void input_skip(struct input *input, size_t size)
{
	input->start += size;
	input->scanned = input->start;
}

/* Drops the buffered part of an overlong line, again and again, up to its newline. */
static enum line_step pass_over_line(struct input *input, struct error **err)
{
	const char *newline = NULL;

	while (!newline && !input->at_end) {
		input->start = input->scanned = input->end;
		*err = fill(input);
		if (*err)
			return LINE_ERROR;
		newline = memchr(input->buffer + input->start, '\n', input->end - input->start);
	}
	if (newline) {
		input_take_line(input, newline);
	} else {
		input->start = input->scanned = input->end;
		input->unterminated = true;
		input->line++;
	}
	return LINE_TOO_LONG;
}

enum line_step input_line_slowly(struct input *input, struct str *line, struct error **err)
{
	const char *newline = NULL;

	while (!newline) {
		size_t length = input->end - input->start;

		input->scanned = input->end;
		if (length > INPUT_LINE_MAX)
			return input->mark == NO_MARK ? pass_over_line(input, err) : LINE_TOO_LONG;
		if (input->at_end && length == 0)
			return LINE_END;
		if (input->at_end)
			break;
		*err = fill(input);
		if (*err)
			return LINE_ERROR;
		newline = memchr(input->buffer + input->scanned, '\n', input->end - input->scanned);
	}
	if (!newline) {
		/* A line at the very end.  There is room behind it: the last fill() made some. */
		newline = input->buffer + input->end;
		input->unterminated = true;
		*line = input_take_line(input, newline);
		input->start = input->scanned = input->end;
		return LINE_OK;
	}
	*line = input_take_line(input, newline);
	return LINE_OK;
}

void input_unread_line(struct input *input)
{
	input->start = input->scanned = input->line_start;
	input->line--;
}

void input_mark(struct input *input)
{
	input->mark = input->start;
	input->mark_line = input->line;
}

void input_rewind(struct input *input)
{
	input->start = input->scanned = input->mark;
	input->line = input->mark_line;
	input->mark = NO_MARK;
}

void input_release(struct input *input)
{
	input->mark = NO_MARK;
}

struct str input_since_mark(const struct input *input)
{
	return (struct str){input->buffer + input->mark, input->start - input->mark};
}
