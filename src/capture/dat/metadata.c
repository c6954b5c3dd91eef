/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the metadata: their contents are the same in both versions. */
#include "base/try.h"
#include "capture/dat/dat.h"

/* "header_page\0" | u64 size | text; what follows, "header_event", has been the same ever since. */
static struct error *read_header_info(struct dat_reader *reader, struct cursor *cursor)
{
	uint64_t size = 0;
	struct str text;

	TRY(cursor_expect(cursor, STR("header_page\0")));
	TRY(cursor_u64(cursor, &size));
	TRY(cursor_bytes(cursor, size, &text));
	if (!page_layout_parse(&reader->layout, text, reader->big_endian))
		return cursor_error(cursor, "this layout of the ring buffer's pages is not known");
	return NULL;
}

/* u32 count, each u64 size, text */
static struct error *read_formats(struct dat_reader *reader, struct cursor *cursor,
				  struct str system)
{
	uint32_t count = 0;

	TRY(cursor_u32(cursor, &count));
	for (uint32_t i = 0; i < count; i++) {
		uint64_t size = 0;
		struct str text;

		TRY(cursor_u64(cursor, &size));
		TRY(cursor_bytes(cursor, size, &text));
		TRY(formats_add(&reader->formats, system, text));
	}
	return NULL;
}

static struct error *read_ftrace_events(struct dat_reader *reader, struct cursor *cursor)
{
	return read_formats(reader, cursor, STR("ftrace"));
}

/* u32 systems, each name\0, formats */
static struct error *read_event_formats(struct dat_reader *reader, struct cursor *cursor)
{
	uint32_t count = 0;
	struct str system;

	TRY(cursor_u32(cursor, &count));
	for (uint32_t i = 0; i < count; i++) {
		TRY(cursor_string(cursor, &system));
		TRY(read_formats(reader, cursor, system));
	}
	return NULL;
}

/* Keeps the address of the symbol that perf would name (tools/perf/util/machine.c), too. */
static void set_kernel_address(struct dat_reader *reader)
{
	static const char *const names[] = {"_text", "_stext"};
	struct capture_info *info = &reader->capture->info;
	uint64_t address;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !info->kernel_symbol; i++) {
		/* 0: who recorded was not allowed to know (kernel.kptr_restrict). */
		if (!symbols_address(&reader->symbols, str_from(names[i]), &address) || !address)
			continue;
		info->kernel_symbol = names[i];
		info->kernel_address = address;
	}
}

/* u32 size, text */
static struct error *read_kallsyms(struct dat_reader *reader, struct cursor *cursor)
{
	uint32_t size = 0;
	struct str text;

	TRY(cursor_u32(cursor, &size));
	TRY(cursor_bytes(cursor, size, &text));
	symbols_deinit(&reader->symbols);
	if (!symbols_init(&reader->symbols, text))
		return error_memory();
	reader->capture->types.naming.own = &reader->symbols;
	set_kernel_address(reader);
	return naming_compare(reader->capture);
}

static uint64_t comm_key(int32_t pid)
{
	return (uint64_t)(uint32_t)pid + 1;
}

/* One line: "117 sh" */
static struct error *read_comm(struct dat_reader *reader, struct str line)
{
	uint64_t pid = 0;
	size_t i = 0;

	while (i < line.length && i < 10 && line.text[i] >= '0' && line.text[i] <= '9')
		pid = pid * 10 + (uint64_t)(line.text[i++] - '0');
	if (i == 0 || i + 1 >= line.length || line.text[i] != ' ')
		return NULL;
	struct str *comm = arena_alloc(&reader->arena, sizeof(*comm));

	if (!comm)
		return error_memory();
	*comm = arena_copy(&reader->arena, str_skip(line, i + 1));
	if (!comm->text || !hash_set(&reader->comms, comm_key((int32_t)pid), comm))
		return error_memory();
	return NULL;
}

/* u64 size, text of tracefs saved_cmdlines */
static struct error *read_cmdlines(struct dat_reader *reader, struct cursor *cursor)
{
	uint64_t size = 0;
	struct str text, line;

	TRY(cursor_u64(cursor, &size));
	TRY(cursor_bytes(cursor, size, &text));
	while (format_text_line(&text, &line))
		TRY(read_comm(reader, line));
	return NULL;
}

struct str comm_of(const struct dat_reader *reader, int32_t pid)
{
	const struct str *comm = hash_get(&reader->comms, comm_key(pid));

	if (comm)
		return *comm;
	return pid == 0 ? STR("<idle>") : STR("<...>");
}

static struct error *read_part(struct dat_reader *reader, enum dat_part part, const char *what,
			       struct error *(*read)(struct dat_reader *reader,
						     struct cursor *cursor))
{
	struct dat_block block = {0};

	if (!reader->part[part].is_there)
		return NULL;
	struct error *err = block_read(reader, &reader->part[part], what, &block);

	if (!err)
		err = read(reader, &block.cursor);
	block_deinit(&block);
	return err;
}

struct error *metadata_read(struct dat_reader *reader)
{
	TRY(read_part(reader, PART_HEADER_INFO, "the layout of the pages", read_header_info));
	if (reader->layout.data_offset == 0)
		return error_create(ERROR_FORMAT, "the layout of the pages is missing");
	TRY(formats_init(&reader->formats, &reader->capture->types, reader->big_endian,
			 reader->layout.commit_size));
	TRY(read_part(reader, PART_FTRACE_EVENTS, "the list of ftrace's events",
		      read_ftrace_events));
	TRY(read_part(reader, PART_EVENT_FORMATS, "the list of events", read_event_formats));
	TRY(read_part(reader, PART_KALLSYMS, "the list of symbols", read_kallsyms));
	TRY(read_part(reader, PART_CMDLINES, "the list of tasks", read_cmdlines));
	return NULL;
}
