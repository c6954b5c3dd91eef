/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracing data: the beginning of a trace.dat file, as perf record writes it
 * (tools/perf/util/trace-event-info.c, tracing_data_get()).
 *
 *     17 08 44 "tracing"    version "0.6" NUL    u8 big_endian    u8 long_size    u32 page_size
 *     "header_page" NUL     u64 size, text       how the pages of ring buffers begin
 *     "header_event" NUL    u64 size, text       how the events in them begin
 *     u32 nr    nr times: u64 size, format       of events of ftrace itself
 *     u32 nr    nr times: system NUL, u32 nr, nr times: u64 size, format
 *     u32 size  kallsyms                         empty since Linux 4.2
 *     u32 size  printk formats
 *     u64 size  names of tasks                   from version 0.6 on
 *
 * The long is the kernel's; numbers are in the byte order that is said here.
 */
#include "base/try.h"

#include "capture/perf/perf.h"

static struct error *read_formats(struct formats *formats, struct cursor *cursor, struct str system)
{
	uint32_t nr = 0;

	TRY(cursor_u32(cursor, &nr));
	while (nr-- > 0) {
		struct str text;
		uint64_t size = 0;

		TRY(cursor_u64(cursor, &size));
		TRY(cursor_bytes(cursor, size, &text));
		TRY(formats_add(formats, system, text));
	}
	return NULL;
}

static struct error *skip_named(struct cursor *cursor, struct str name)
{
	uint64_t size = 0;

	TRY(cursor_expect(cursor, name));
	TRY(cursor_u64(cursor, &size));
	return cursor_skip(cursor, size);
}

static struct error *read_systems(struct formats *formats, struct cursor *cursor)
{
	uint32_t nr = 0;

	TRY(read_formats(formats, cursor, STR("ftrace")));
	TRY(cursor_u32(cursor, &nr));
	while (nr-- > 0) {
		struct str system;

		TRY(cursor_string(cursor, &system));
		TRY(read_formats(formats, cursor, system));
	}
	return NULL;
}

static struct error *read_kallsyms(struct capture *capture, struct cursor *cursor)
{
	struct str kallsyms;
	uint32_t size = 0;

	TRY(cursor_u32(cursor, &size));
	TRY(cursor_bytes(cursor, size, &kallsyms));
	return perf_set_symbols(capture, kallsyms);
}

struct error *perf_set_symbols(struct capture *capture, struct str kallsyms)
{
	struct perf_reader *reader = capture->reader;

	if (reader->symbols.table.count || !kallsyms.length)
		return NULL;
	if (!symbols_init(&reader->symbols, kallsyms))
		return error_memory();
	capture->types.naming.own = &reader->symbols;
	return naming_compare(capture);
}

struct error *perf_read_tracing_data(struct capture *capture, struct cursor *cursor)
{
	struct perf_reader *reader = capture->reader;
	struct formats *formats = &reader->formats;
	uint8_t big_endian = 0, long_size = 0;
	struct str version;

	if (formats->count) /* once is enough */
		return NULL;
	TRY(cursor_expect(cursor, (struct str){"\x17\x08\x44tracing", 10}));
	TRY(cursor_string(cursor, &version));
	TRY(cursor_u8(cursor, &big_endian));
	TRY(cursor_u8(cursor, &long_size));
	TRY(cursor_skip(cursor, sizeof(uint32_t)));
	if (big_endian > 1 || (long_size != 4 && long_size != 8))
		return cursor_error(cursor, "the tracing data begin with no such machine");
	cursor->big_endian = big_endian;
	formats_deinit(formats);
	TRY(formats_init(formats, &capture->types, big_endian, long_size));
	TRY(skip_named(cursor, STR("header_page\0")));
	TRY(skip_named(cursor, STR("header_event\0")));
	TRY(read_systems(formats, cursor));
	return read_kallsyms(capture, cursor);
}
