/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Version 6 (trace-cmd.dat.v6(5)), strictly forward:
 *
 *     "header_page\0" u64 size, text | "header_event\0" u64 size, text
 *     u32 formats of ftrace's own events, each u64 size, text
 *     u32 systems, each name\0, u32 formats, each u64 size, text
 *     u32 size of kallsyms, text | u32 size of printk formats, text | u64 size of cmdlines, text
 *     u32 CPUs
 *     "options  \0", each u16 id, u32 size, data; at the end u16 0
 *     "flyrecord\0", for each CPU u64 offset, u64 size      or "latency  \0", text to the end
 *     if the clock is known: u64 size, text of trace_clock
 *
 * and then the pages of the CPUs.  An instance's buffer, which an option tells of, has the tags and
 * tables from "options" or "flyrecord" on at a place of its own.
 */
#include "base/try.h"
#include "capture/dat/dat.h"

enum {
	TAG_LENGTH = 10
};

/* ---- the parts of the metadata ------------------------------------------------------------- */

static struct error *pass_tagged(struct dat_walk *walk, struct str tag)
{
	struct cursor cursor;
	uint64_t size = 0;

	TRY(walk_take(walk, tag.length, &cursor));
	TRY(cursor_expect(&cursor, tag));
	TRY(walk_u64(walk, &size));
	return walk_skip(walk, size);
}

static struct error *pass_header_info(struct dat_walk *walk)
{
	TRY(pass_tagged(walk, STR("header_page\0")));
	return pass_tagged(walk, STR("header_event\0"));
}

/* u32 count, each u64 size, text */
static struct error *pass_formats(struct dat_walk *walk)
{
	uint32_t count = 0;

	TRY(walk_u32(walk, &count));
	for (uint32_t i = 0; i < count; i++) {
		uint64_t size = 0;

		TRY(walk_u64(walk, &size));
		TRY(walk_skip(walk, size));
	}
	return NULL;
}

static struct error *pass_systems(struct dat_walk *walk)
{
	uint32_t count = 0;
	struct str name;

	TRY(walk_u32(walk, &count));
	for (uint32_t i = 0; i < count; i++) {
		TRY(walk_string(walk, &name));
		TRY(pass_formats(walk));
	}
	return NULL;
}

static struct error *pass_sized_u32(struct dat_walk *walk)
{
	uint32_t size = 0;

	TRY(walk_u32(walk, &size));
	return walk_skip(walk, size);
}

static struct error *pass_sized_u64(struct dat_walk *walk)
{
	uint64_t size = 0;

	TRY(walk_u64(walk, &size));
	return walk_skip(walk, size);
}

/* Notes where each part is. */
static struct error *find_parts(struct dat_walk *walk)
{
	static const struct {
		enum dat_part part;
		const char *what;
		struct error *(*pass)(struct dat_walk *walk);
	} parts[] = {
		{PART_HEADER_INFO, "the layout of the pages", pass_header_info},
		{PART_FTRACE_EVENTS, "the list of ftrace's events", pass_formats},
		{PART_EVENT_FORMATS, "the list of events", pass_systems},
		{PART_KALLSYMS, "the list of symbols", pass_sized_u32},
		{PART_PRINTK, "the list of printk formats", pass_sized_u32},
		{PART_CMDLINES, "the list of tasks", pass_sized_u64},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint64_t start = walk->position;

		walk->what = parts[i].what;
		TRY(parts[i].pass(walk));
		walk->reader->part[parts[i].part] = (struct dat_place){
			.is_there = true,
			.offset = start,
			.size = walk->position - start,
		};
	}
	return NULL;
}

/* ---- options and buffers ------------------------------------------------------------------- */

static struct error *read_options(struct dat_walk *walk)
{
	for (;;) {
		struct cursor cursor;
		uint16_t id = 0;
		uint32_t size = 0;

		walk->what = "the options";
		TRY(walk_take(walk, sizeof(id), &cursor));
		TRY(cursor_u16(&cursor, &id));
		if (id == 0)
			return NULL;
		TRY(walk_u32(walk, &size));
		TRY(walk_take(walk, size, &cursor));
		TRY(option_read(walk->reader, id, &cursor));
	}
}

/* For each CPU u64 offset, u64 size. */
static struct error *read_cpus(struct dat_walk *walk, struct dat_buffer *buffer)
{
	walk->what = "the table of CPUs";
	if (walk->reader->nr_cpus > DAT_CPUS_MAX)
		return error_at(error_create(ERROR_FORMAT, "a recording of %u CPUs cannot be",
					     walk->reader->nr_cpus),
				NULL, ERROR_OFFSET, walk->position);
	for (uint32_t i = 0; i < walk->reader->nr_cpus; i++) {
		struct dat_cpu cpu = {.cpu = i};

		TRY(walk_u64(walk, &cpu.offset));
		TRY(walk_u64(walk, &cpu.size));
		if (!array_push(&buffer->cpus, cpu))
			return error_memory();
	}
	return NULL;
}

/* Reads the tags, up to a buffer's table. */
static struct error *read_buffer(struct dat_walk *walk, struct dat_buffer *buffer)
{
	struct cursor cursor;
	struct str tag;

	walk->what = "the start of the events";
	TRY(walk_take(walk, TAG_LENGTH, &cursor));
	TRY(cursor_bytes(&cursor, TAG_LENGTH, &tag));
	if (str_starts(tag, STR("options"))) {
		TRY(read_options(walk));
		TRY(walk_take(walk, TAG_LENGTH, &cursor));
		TRY(cursor_bytes(&cursor, TAG_LENGTH, &tag));
	}
	buffer->is_text = str_starts(tag, STR("latency"));
	buffer->offset = walk->position;
	if (buffer->is_text)
		return NULL;
	if (!str_starts(tag, STR("flyrecord")))
		return error_at(error_create(ERROR_FORMAT,
					     "neither 'flyrecord' nor 'latency' is here"),
				NULL, ERROR_OFFSET, walk->position - TAG_LENGTH);
	return read_cpus(walk, buffer);
}

/* u64 size, "[local] global counter ..." */
static struct error *read_clock(struct dat_walk *walk)
{
	enum {
		LONGEST = 4096
	};
	struct cursor cursor;
	uint64_t size = 0;
	struct str text;

	walk->what = "the name of the clock";
	TRY(walk_u64(walk, &size));
	if (size > LONGEST)
		return NULL;
	TRY(walk_take(walk, size, &cursor));
	TRY(cursor_bytes(&cursor, size, &text));
	return dat_set_clock(walk->reader, text);
}

/* The buffers that options told of; the options of one may tell of further ones. */
static void read_instances(struct dat_reader *reader)
{
	for (size_t i = 0; i < reader->buffers.count; i++) {
		struct dat_buffer buffer = reader->buffers.at[i];
		struct dat_walk walk = {reader, buffer.offset, "an instance"};
		struct error *err = read_buffer(&walk, &buffer);

		/* They lie at the end of the file: most likely it was cut. */
		if (err)
			capture_note_end(reader->capture, reader->spool.size);
		error_destroy(err);
		reader->buffers.at[i] = buffer;
	}
}

struct error *v6_read(struct dat_reader *reader, struct dat_walk *walk)
{
	struct dat_buffer top = {0};

	TRY(find_parts(walk));
	walk->what = "the number of CPUs";
	TRY(walk_u32(walk, &reader->nr_cpus));
	struct error *err = read_buffer(walk, &top);

	if (!err)
		read_instances(reader);
	if (!array_push(&reader->buffers, top)) {
		array_deinit(&top.cpus);
		error_destroy(err);
		return error_memory();
	}
	/* Older trace-cmd wrote it there only, and the oldest not well. */
	if (!err && !top.is_text && !reader->clock_name)
		error_destroy(read_clock(walk));
	return err;
}
