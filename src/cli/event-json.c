/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/utf8.h"
#include "cli/digits.h"
#include "cli/event-sink.h"

/* How many bytes from the start on need no escape; nearly always all of them. */
static size_t plain_length(struct str value)
{
	size_t length = 0;

	while (length < value.length) {
		uint32_t character = 0;
		size_t bytes = utf8_decode(str_skip(value, length), &character);

		if (!bytes || character < ' ' || character == '"' || character == '\\')
			break;
		length += bytes;
	}
	return length;
}

/* json-c would allocate a tree for each of millions of lines. */
static void add_string(struct buffer *line, struct str value)
{
	buffer_add_char(line, '"');
	while (value.length) {
		size_t length = plain_length(value);

		buffer_add(line, str_first(value, length));
		value = str_skip(value, length);
		if (!value.length)
			break;
		unsigned char byte = (unsigned char)value.text[0];

		if (byte >= 0x80) /* not UTF-8 */
			buffer_add(line, STR("\\ufffd"));
		else
			buffer_printf(line, "\\u%04x", byte);
		value = str_skip(value, 1);
	}
	buffer_add_char(line, '"');
}

static void add_key(struct buffer *line, const char *key)
{
	buffer_add(line, STR(", \""));
	buffer_add(line, str_from(key));
	buffer_add(line, STR("\": "));
}

static void json_word(struct buffer *line, const char *key, struct str value)
{
	add_key(line, key);
	add_string(line, value);
}

static void json_number(struct buffer *line, const char *key, uint64_t value)
{
	add_key(line, key);
	add_decimal(line, value, 0);
}

/* A string: many readers keep numbers as doubles, with 53 bits. */
static void json_hex(struct buffer *line, const char *key, uint64_t value)
{
	add_key(line, key);
	buffer_add_char(line, '"');
	add_hex(line, value);
	buffer_add_char(line, '"');
}

static void json_time(struct buffer *line, const char *key, const struct capture_info *capture,
		      uint64_t value)
{
	buffer_add(line, STR(", \""));
	buffer_add(line, str_from(key));
	buffer_add(line, capture->clock_is_ticks ? STR("_ticks\": ") : STR("_ns\": "));
	add_decimal(line, value, 0);
}

static void json_begin(struct buffer *line, const struct capture_info *capture,
		       const struct mmu_event *event)
{
	const struct event_where *where = &event->where;

	buffer_add(line, STR("{\"event\": "));
	add_string(line, str_from(mmu_event_name(event->kind)));
	json_time(line, "time", capture, where->time);
	if (where->cpu != CPU_UNKNOWN)
		json_number(line, "cpu", where->cpu);
	if (where->pid != PID_UNKNOWN)
		buffer_printf(line, ", \"pid\": %" PRId32, where->pid);
	if (where->comm.length)
		json_word(line, "comm", where->comm);
}

static void json_flag(struct buffer *line, const char *key)
{
	add_key(line, key);
	buffer_add(line, STR("true"));
}

static void json_place(struct buffer *line, const struct capture_info *capture,
		       struct record_place place)
{
	if (place.file >= capture->nr_files)
		return;
	json_word(line, "file", str_from(capture->files[place.file]));
	json_number(line, capture_is_binary(capture, place.file) ? "offset" : "line",
		    place.position);
}

static void json_end(struct buffer *line)
{
	buffer_add(line, STR("}\n"));
}

const struct event_sink event_json = {
	.begin = json_begin,
	.word = json_word,
	.number = json_number,
	.hex = json_hex,
	.time = json_time,
	.flag = json_flag,
	.place = json_place,
	.end = json_end,
};
