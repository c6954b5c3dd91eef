/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a trace.dat; their numbers and contents are the same in both versions. */
#define _GNU_SOURCE
#include <string.h>

#include "base/try.h"
#include "capture/dat/dat.h"

enum {
	OPTION_DATE = 1,
	OPTION_CPUSTAT = 2,
	OPTION_BUFFER = 3,
	OPTION_TRACECLOCK = 4,
	OPTION_UNAME = 5,
	OPTION_OFFSET = 7,
	OPTION_CPUCOUNT = 8,
	OPTION_TRACEID = 11,
	OPTION_TIME_SHIFT = 12,
	OPTION_TSC2NSEC = 14,
	OPTION_BUFFER_TEXT = 22,
};

/* Keeps a text for the life of the capture; NULL when memory is short. */
static const char *keep(struct dat_reader *reader, struct str text)
{
	return intern(&reader->capture->types.strings, text).text;
}

/* All that is left, up to a NUL. */
static struct str rest_as_text(struct cursor *data)
{
	size_t left = cursor_left(data);
	const char *text = (const char *)data->position;

	return (struct str){text, left ? strnlen(text, left) : 0};
}

struct error *dat_set_clock(struct dat_reader *reader, struct str text)
{
	const char *open = memchr(text.text, '[', text.length);
	struct str name = {0};

	if (open)
		name = str_skip(text, (size_t)(open - text.text) + 1);
	const char *close = name.length ? memchr(name.text, ']', name.length) : NULL;

	if (!close)
		return NULL;
	name.length = (size_t)(close - name.text);
	reader->clock_name = keep(reader, name);
	return reader->clock_name ? NULL : error_memory();
}

/* The node's name, of the text up to the release: "Linux (none)"; that one is Linux's for none. */
static struct error *set_host(struct dat_reader *reader, struct str text)
{
	const char *start = memchr(text.text, ' ', text.length);
	struct capture_info *info = &reader->capture->info;

	if (!start)
		return NULL;
	struct str host = str_skip(text, (size_t)(start - text.text) + 1);

	if (!host.length || str_is(host, "(none)"))
		return NULL;
	info->host = keep(reader, host);
	return info->host ? NULL : error_memory();
}

/* "Linux (none) 6.1.0-50-arm64 aarch64": system, node, release, machine. */
static struct error *read_uname(struct dat_reader *reader, struct cursor *data)
{
	struct str text = rest_as_text(data);
	const char *end = memrchr(text.text, ' ', text.length);

	if (!end)
		return NULL;
	text.length = (size_t)(end - text.text);
	const char *start = memrchr(text.text, ' ', text.length);

	if (!start)
		return NULL;
	struct str release = str_skip(text, (size_t)(start - text.text) + 1);

	reader->capture->info.release = keep(reader, release);
	if (!reader->capture->info.release)
		return error_memory();
	return set_host(reader, str_first(text, (size_t)(start - text.text)));
}

static struct error *read_cpu_count(struct dat_reader *reader, struct cursor *data)
{
	uint32_t count = 0;

	TRY(cursor_u32(data, &count));
	if (count > DAT_CPUS_MAX)
		return cursor_error(data, "a recording of %u CPUs cannot be", count);
	reader->nr_cpus = count;
	return NULL;
}

/* u32 page size | u32 CPUs | each u32 CPU, u64 offset, u64 size */
static struct error *read_cpus(struct cursor *data, struct dat_buffer *buffer)
{
	uint32_t count = 0;

	TRY(cursor_u32(data, &buffer->page_size));
	TRY(cursor_u32(data, &count));
	if (count > DAT_CPUS_MAX)
		return cursor_error(data, "a recording of %u CPUs cannot be", count);
	for (uint32_t i = 0; i < count; i++) {
		struct dat_cpu cpu = {0};

		TRY(cursor_u32(data, &cpu.cpu));
		if (cpu.cpu >= DAT_CPUS_MAX)
			return cursor_error(data, "there is no CPU %u", cpu.cpu);
		TRY(cursor_u64(data, &cpu.offset));
		TRY(cursor_u64(data, &cpu.size));
		if (!array_push(&buffer->cpus, cpu))
			return error_memory();
	}
	return NULL;
}

/*
 *     u64 offset | name\0                               all that there is in version 6
 *                | clock\0 | u32 page size, CPUs        the latter not of text
 */
static struct error *read_buffer(struct dat_reader *reader, struct cursor *data,
				 struct dat_buffer *buffer)
{
	struct str name, clock;

	TRY(cursor_u64(data, &buffer->offset));
	TRY(cursor_string(data, &name));
	buffer->name = arena_copy(&reader->arena, name);
	if (!buffer->name.text)
		return error_memory();
	if (reader->version < 7)
		return NULL;
	TRY(cursor_string(data, &clock));
	if (clock.length) {
		buffer->clock = keep(reader, clock);
		if (!buffer->clock)
			return error_memory();
	}
	return buffer->is_text ? NULL : read_cpus(data, buffer);
}

static struct error *add_buffer(struct dat_reader *reader, struct cursor *data, bool is_text)
{
	struct dat_buffer buffer = {.is_text = is_text};
	struct error *err;

	if (reader->buffers.count >= DAT_BUFFERS_MAX)
		return cursor_error(data, "more than %d buffers cannot be", DAT_BUFFERS_MAX);
	err = read_buffer(reader, data, &buffer);
	if (!err && !array_push(&reader->buffers, buffer))
		err = error_memory();
	if (err)
		array_deinit(&buffer.cpus);
	return err;
}

/* One that says where a part of the metadata is: u64 offset */
static struct error *read_place(struct dat_reader *reader, uint16_t id, struct cursor *data)
{
	struct dat_place *place = &reader->part[id];

	if (reader->version < 7)
		return NULL;
	place->is_there = true;
	return cursor_u64(data, &place->offset);
}

struct error *option_read(struct dat_reader *reader, uint16_t id, struct cursor *data)
{
	switch (id) {
	case OPTION_DATE:
		data->what = "the option DATE";
		return clock_read_date(&reader->clock, data);
	case OPTION_OFFSET:
		data->what = "the option OFFSET";
		return clock_read_offset(&reader->clock, data);
	case OPTION_TIME_SHIFT:
		data->what = "the option TIME_SHIFT";
		return clock_read_time_shift(&reader->clock, data);
	case OPTION_TSC2NSEC:
		data->what = "the option TSC2NSEC";
		return clock_read_tsc2nsec(&reader->clock, data);
	case OPTION_TRACECLOCK:
		return dat_set_clock(reader, rest_as_text(data));
	case OPTION_UNAME:
		return read_uname(reader, data);
	case OPTION_CPUSTAT:
		return stats_read(reader, rest_as_text(data));
	case OPTION_CPUCOUNT:
		data->what = "the option CPUCOUNT";
		return read_cpu_count(reader, data);
	case OPTION_TRACEID:
		data->what = "the option TRACEID";
		return cursor_u64(data, &reader->capture->info.recording);
	case OPTION_BUFFER:
	case OPTION_BUFFER_TEXT:
		data->what = "the option BUFFER";
		return add_buffer(reader, data, id == OPTION_BUFFER_TEXT);
	case PART_HEADER_INFO:
	case PART_FTRACE_EVENTS:
	case PART_EVENT_FORMATS:
	case PART_KALLSYMS:
	case PART_CMDLINES:
		data->what = "an option that says where a section is";
		return read_place(reader, id, data);
	default: /* hooks, process maps, guests, and what will come */
		return NULL;
	}
}
