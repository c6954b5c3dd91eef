/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <string.h>

#include "capture/text/scan.h"
#include "capture/text/text.h"

/* The text after `what` in `line`; false when it is not in there. */
static bool find_after(struct str line, struct str what, struct str *ret)
{
	const char *at = memmem(line.text, line.length, what.text, what.length);

	if (!at)
		return false;
	*ret = str_skip(line, (size_t)(at - line.text) + what.length);
	return true;
}

/* The number after `what`. */
static bool find_number(struct str line, struct str what, uint64_t *ret)
{
	struct str rest;

	if (!find_after(line, what, &rest))
		return false;
	rest = skip_spaces(rest);
	return take_decimal(&rest, ret);
}

bool text_is_comment(struct str line)
{
	/* A comm may begin with '#', too. */
	return first_char(line) == '#' &&
	       (line.length == 1 || line.text[1] == ' ' || line.text[1] == '#');
}

bool text_is_trace_cmd_header(struct str line)
{
	struct str source = line;
	struct str word = drop_word(&source);

	source = trim_end(source);
	if (str_starts(word, STR("cpus=")))
		return !source.length || last_char(source) == ':';
	return str_starts(line, STR("version = ")) ||
	       (str_starts(line, STR("CPU ")) && str_ends(line, STR(" is empty")));
}

static void add_saturated(uint64_t *sum, uint64_t count)
{
	if (__builtin_add_overflow(*sum, count, sum))
		*sum = UINT64_MAX;
}

/* "N/M" after `what`: entries in the buffer, and written to it. */
static bool read_entries(struct capture *capture, struct str line, struct str what)
{
	struct str rest;
	uint64_t held, written;

	if (!find_after(line, what, &rest))
		return false;
	rest = skip_spaces(rest);
	if (!take_decimal(&rest, &held) || !take_text(&rest, STR("/")) ||
	    !take_decimal(&rest, &written))
		return false;
	add_saturated(&capture->info.entries_in_buffer, held);
	add_saturated(&capture->info.entries_written, written);
	return true;
}

static void set_text(struct capture *capture, const char **member, struct str value)
{
	value = trim_end(skip_spaces(value));
	if (value.length && !*member)
		*member = intern(&capture->types.strings, value).text;
}

static void set_cpus(struct capture *capture, uint64_t count)
{
	if (count <= PREFIX_CPU_MAX + 1 && count > capture->info.nr_cpus)
		capture->info.nr_cpus = (uint32_t)count;
}

/* The headers of the kernel's own text. */
static void read_ftrace_header(struct capture *capture, struct str line)
{
	struct str rest;
	uint64_t count;

	if (text_read_description(capture, line))
		return;
	/* Only a kernel that prints one of these also prints that events were lost. */
	if (read_entries(capture, line, STR("entries-in-buffer/entries-written:")) ||
	    (find_after(line, STR("# latency: "), &rest) && read_entries(capture, rest, STR("#"))))
		capture->info.hides_losses = false;
	if (find_number(line, STR("#P:"), &count))
		set_cpus(capture, count);
	if (find_after(line, STR(" latency trace v"), &rest) &&
	    find_after(rest, STR(" on "), &rest))
		set_text(capture, &capture->info.release, take_word(&rest));
}

/* The headers of perf script --header. */
static void read_perf_header(struct capture *capture, struct str line)
{
	struct str rest;
	uint64_t count;

	if (find_after(line, STR("# os release :"), &rest))
		set_text(capture, &capture->info.release, rest);
	else if (find_number(line, STR("# nrcpus online :"), &count))
		set_cpus(capture, count);
	else if (find_after(line, STR("# clockid: "), &rest))
		set_text(capture, &capture->info.clock, take_word(&rest));
}

void text_read_header(struct capture *capture, struct str line)
{
	const struct text_reader *reader = capture->reader;
	uint64_t count;

	switch (reader->kind) {
	case TEXT_FTRACE:
		read_ftrace_header(capture, line);
		break;
	case TEXT_TRACE_CMD: /* which prints the kernel's own text for a latency tracer's file */
		if (text_is_comment(line))
			read_ftrace_header(capture, line);
		else if (find_number(line, STR("cpus="), &count))
			set_cpus(capture, count);
		break;
	case TEXT_PERF:
		read_perf_header(capture, line);
		break;
	}
}
