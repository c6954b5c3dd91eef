/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/utf8.h"
#include "cli/digits.h"
#include "cli/event-sink.h"

enum {
	NS_PER_US = 1000,
	NS_PER_S = 1000000000
};

static bool is_plain(uint32_t character)
{
	return character > ' ' && character != '\\' && !(character >= 0x7f && character <= 0xa0);
}

/* How many bytes from the start on are plain; nearly always all of them. */
static size_t plain_length(struct str word)
{
	size_t length = 0;

	while (length < word.length) {
		uint32_t character = 0;
		size_t bytes = utf8_decode(str_skip(word, length), &character);

		if (!bytes || !is_plain(character))
			break;
		length += bytes;
	}
	return length;
}

static void add_word(struct buffer *line, struct str word)
{
	while (word.length) {
		size_t length = plain_length(word);

		buffer_add(line, str_first(word, length));
		word = str_skip(word, length);
		if (!word.length)
			break;
		buffer_printf(line, "\\%03o", (unsigned char)word.text[0]);
		word = str_skip(word, 1);
	}
}

void event_text_time(struct buffer *line, const struct capture_info *capture, uint64_t time)
{
	if (capture->clock_is_ticks) {
		add_decimal(line, time, 0);
		return;
	}
	add_decimal(line, time / NS_PER_S, 0);
	buffer_add_char(line, '.');
	if (capture->time_resolution >= NS_PER_US)
		add_decimal(line, time % NS_PER_S / NS_PER_US, 6);
	else
		add_decimal(line, time % NS_PER_S, 9);
}

static void add_key(struct buffer *line, const char *key)
{
	buffer_add_char(line, ' ');
	buffer_add(line, str_from(key));
	buffer_add_char(line, '=');
}

/* "1.111994 [000] init-1 block" */
static void text_begin(struct buffer *line, const struct capture_info *capture,
		       const struct mmu_event *event)
{
	const struct event_where *where = &event->where;

	event_text_time(line, capture, where->time);
	buffer_add(line, STR(" ["));
	if (where->cpu == CPU_UNKNOWN)
		buffer_add(line, STR("???"));
	else
		add_decimal(line, where->cpu, 3);
	buffer_add(line, STR("] "));
	add_word(line, where->comm);
	buffer_add_char(line, '-');
	if (where->pid == PID_UNKNOWN)
		buffer_add_char(line, '?');
	else
		buffer_printf(line, "%" PRId32, where->pid);
	buffer_add_char(line, ' ');
	buffer_add(line, str_from(mmu_event_name(event->kind)));
}

static void text_word(struct buffer *line, const char *key, struct str value)
{
	add_key(line, key);
	add_word(line, value);
}

static void text_number(struct buffer *line, const char *key, uint64_t value)
{
	add_key(line, key);
	add_decimal(line, value, 0);
}

static void text_hex(struct buffer *line, const char *key, uint64_t value)
{
	add_key(line, key);
	add_hex(line, value);
}

static void text_time(struct buffer *line, const char *key, const struct capture_info *capture,
		      uint64_t value)
{
	add_key(line, key);
	event_text_time(line, capture, value);
}

static void text_flag(struct buffer *line, const char *key)
{
	add_key(line, key);
	buffer_add(line, STR("yes"));
}

/* As a report points at it: FILE:LINE, or FILE@OFFSET in a binary capture. */
static void text_place(struct buffer *line, const struct capture_info *capture,
		       struct record_place place)
{
	if (place.file >= capture->nr_files)
		return;
	struct str file = str_from(capture->files[place.file]);

	text_word(line, "at", str_is(file, "-") ? STR("<stdin>") : file);
	buffer_add_char(line, capture_is_binary(capture, place.file) ? '@' : ':');
	add_decimal(line, place.position, 0);
}

static void text_end(struct buffer *line)
{
	buffer_add_char(line, '\n');
}

const struct event_sink event_text = {
	.begin = text_begin,
	.word = text_word,
	.number = text_number,
	.hex = text_hex,
	.time = text_time,
	.flag = text_flag,
	.place = text_place,
	.end = text_end,
};
