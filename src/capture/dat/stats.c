/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/try.h"
#include "capture/dat/dat.h"

/* The rest of `line` behind `key`, as a number. */
static bool take_number(struct str line, struct str key, uint64_t *ret)
{
	uint64_t number = 0;

	if (!str_starts(line, key))
		return false;
	line = str_skip(line, key.length);
	for (size_t i = 0; i < line.length; i++) {
		if (line.text[i] < '0' || line.text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(line.text[i] - '0');
	}
	*ret = number;
	return line.length > 0;
}

/* An option of its own before those of an instance: "\nBuffer: NAME\n\n" */
static struct error *begin_buffer(struct dat_reader *reader, struct str name)
{
	reader->stats_buffer = arena_copy(&reader->arena, name);
	return reader->stats_buffer.text ? NULL : error_memory();
}

/*
 * For each CPU:
 *
 *     CPU: 0
 *     entries: 619
 *     overrun: 0              overwritten before they were read
 *     commit overrun: 0       given up, as an interrupted writer was in the way
 *     ...
 *     dropped events: 0       not written, as there was no room
 *     read events: 15681
 */
struct error *stats_read(struct dat_reader *reader, struct str text)
{
	struct dat_stats stats = {.buffer = reader->stats_buffer};
	uint64_t cpu = UINT64_MAX, number;
	struct str line;

	while (format_text_line(&text, &line)) {
		if (str_starts(line, STR("Buffer: ")))
			return begin_buffer(reader, str_skip(line, strlen("Buffer: ")));
		if (take_number(line, STR("CPU: "), &number))
			cpu = number;
		else if (take_number(line, STR("overrun: "), &number) ||
			 take_number(line, STR("commit overrun: "), &number) ||
			 take_number(line, STR("dropped events: "), &number))
			stats.lost += number;
	}
	if (cpu > UINT32_MAX || !stats.lost)
		return NULL;
	stats.cpu = (uint32_t)cpu;
	return array_push(&reader->stats, stats) ? NULL : error_memory();
}

uint64_t stats_lost(const struct dat_reader *reader, struct str buffer, uint32_t cpu)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < reader->stats.count; i++)
		if (reader->stats.at[i].cpu == cpu && str_equal(reader->stats.at[i].buffer, buffer))
			lost += reader->stats.at[i].lost;
	return lost;
}
