/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/utf8.h"
#include "report/text.h"

/* As gcc has them. */
static const char *const colours[] = {
	[COLOUR_NONE] = NULL,	       [COLOUR_PLACE] = "\33[01m",
	[COLOUR_ERROR] = "\33[01;31m", [COLOUR_WARNING] = "\33[01;35m",
	[COLOUR_NOTE] = "\33[01;36m",  [COLOUR_GOOD] = "\33[01;32m",
};

enum text_colour text_severity_colour(enum audit_severity severity)
{
	static const enum text_colour of_severity[AUDIT_SEVERITIES] = {
		[SEVERITY_NOTE] = COLOUR_NOTE,
		[SEVERITY_WARNING] = COLOUR_WARNING,
		[SEVERITY_ERROR] = COLOUR_ERROR,
	};

	return of_severity[severity];
}

void text_start(struct text *text, enum text_colour colour)
{
	if (text->report->options.colour && colours[colour])
		buffer_add(&text->out, str_from(colours[colour]));
}

void text_end(struct text *text, enum text_colour colour)
{
	if (text->report->options.colour && colours[colour])
		buffer_add(&text->out, STR("\33[m"));
}

static void add_spaces(struct buffer *buffer, size_t count)
{
	while (count--)
		buffer_add_char(buffer, ' ');
}

static size_t count_leading_spaces(struct str line)
{
	size_t count = 0;

	while (count < line.length && line.text[count] == ' ')
		count++;
	return count;
}

/* How many bytes of `line` to print when `room` columns are left: it is cut at a space, if at all. */
static size_t fitting(struct str line, size_t room)
{
	size_t cut = 0;

	for (size_t i = count_leading_spaces(line); i < line.length; i++) {
		if (line.text[i] != ' ')
			continue;
		if (utf8_columns(str_first(line, i)) > room)
			return cut ? cut : i;
		cut = i;
	}
	return utf8_columns(line) > room && cut ? cut : line.length;
}

/* Ends the part: its lines, the first in column `column`, the others indented, cut at spaces. */
static void add_wrapped(struct text *text, size_t column, size_t indent)
{
	struct str rest = buffer_str(&text->part);

	while (rest.length) {
		const char *newline = memchr(rest.text, '\n', rest.length);
		struct str line =
			str_first(rest, newline ? (size_t)(newline - rest.text) : rest.length);
		size_t fits = fitting(line, column < TEXT_WIDTH ? TEXT_WIDTH - column : 0);

		buffer_add(&text->out, str_first(line, fits));
		buffer_add_char(&text->out, '\n');
		rest = str_skip(rest, fits);
		/* What it was cut at: an end of line, or spaces. */
		rest = str_skip(rest, fits == line.length ? 1 : count_leading_spaces(rest));
		if (rest.length)
			add_spaces(&text->out, indent);
		column = indent;
	}
	text->out.failed |= text->part.failed;
	buffer_clear(&text->part);
}

void text_paragraph(struct text *text, const char *label)
{
	if (!text->part.length)
		return;
	size_t column = TEXT_LABEL_INDENT + strlen(label);

	add_spaces(&text->out, TEXT_LABEL_INDENT);
	text_start(text, COLOUR_PLACE);
	buffer_add(&text->out, str_from(label));
	text_end(text, COLOUR_PLACE);
	add_spaces(&text->out, column < TEXT_CONTENT_INDENT ? TEXT_CONTENT_INDENT - column : 0);
	add_wrapped(text, TEXT_CONTENT_INDENT, TEXT_CONTENT_INDENT);
}

void text_line(struct text *text, const char *label, enum text_colour colour)
{
	text_start(text, colour);
	buffer_add(&text->out, str_from(label));
	text_end(text, colour);
	buffer_add_char(&text->out, ' ');
	add_wrapped(text, strlen(label) + 1, TEXT_DETAIL_INDENT);
}

void text_detail(struct text *text)
{
	if (!text->part.length)
		return;
	add_spaces(&text->out, TEXT_DETAIL_INDENT);
	add_wrapped(text, TEXT_DETAIL_INDENT, TEXT_DETAIL_INDENT);
}

void text_place(struct text *text, const struct event_where *where)
{
	const struct capture_info *capture = text->report->capture;

	text_start(text, COLOUR_PLACE);
	if (where && where->order)
		put_place(&text->out, capture, where->place);
	else
		utf8_add_printable(&text->out,
				   str_from(capture->nr_files ? capture->files[0] : "capture"));
	buffer_add_char(&text->out, ':');
	text_end(text, COLOUR_PLACE);
	buffer_add_char(&text->out, ' ');
}

/* As utf8_columns(), for text with colours in it: "ESC [ ... m" takes no column. */
static size_t printed_columns(struct str view)
{
	size_t columns = 0;

	while (view.length) {
		const char *escape = memchr(view.text, '\33', view.length);
		size_t plain = escape ? (size_t)(escape - view.text) : view.length;

		columns += utf8_columns(str_first(view, plain));
		view = str_skip(view, plain);
		const char *end = view.length ? memchr(view.text, 'm', view.length) : NULL;

		view = str_skip(view, end ? (size_t)(end - view.text) + 1 : view.length);
	}
	return columns;
}

void text_note(struct text *text, const struct event_where *where)
{
	size_t start = text->out.length;

	text_place(text, where);
	text_start(text, COLOUR_NOTE);
	buffer_add(&text->out, STR("note:"));
	text_end(text, COLOUR_NOTE);
	buffer_add_char(&text->out, ' ');
	add_wrapped(text, printed_columns(str_skip(buffer_str(&text->out), start)),
		    TEXT_DETAIL_INDENT);
}
