/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader of trace.dat files, which trace-cmd writes: its state, shared by its files.
 *
 * The formats are documented in trace-cmd, trace-cmd.dat.v6(5) and trace-cmd.dat.v7(5).  Both begin
 *
 *     17 08 44 "tracing" | version\0 | u8 1 = big endian | u8 long size | u32 page size
 *
 * where the long size is that of user space; the kernel's is the size of `commit` in "header_page".
 * Version 6 goes on with the parts of its metadata, one behind the other (v6.c); version 7 has
 * sections, and options that say where they are (v7.c).
 */
#ifndef MMUREPLAY_CAPTURE_DAT_DAT_H
#define MMUREPLAY_CAPTURE_DAT_DAT_H

#include "base/symbols.h"
#include "capture/reader.h"

#include "capture/dat/clock.h"
#include "capture/dat/inflate.h"
#include "capture/dat/page.h"
#include "capture/dat/stream.h"
#include "capture/format-text.h"
#include "capture/formats.h"
#include "capture/merge.h"
#include "capture/repeat.h"
#include "capture/spool.h"

enum {
	/* Larger metadata is not read: a kernel's is some 15 MB. */
	DAT_METADATA_MAX = 128 * 1024 * 1024,
	/* Linux has at most 8192. */
	DAT_CPUS_MAX = 16384,
	/* Instances are made by hand or by scripts. */
	DAT_BUFFERS_MAX = 1024,
	/* A sub-buffer's size goes up to 4 MB (tracefs buffer_subbuf_size_kb). */
	DAT_PAGE_MAX = 16 * 1024 * 1024,
};

/* The parts of the metadata; their numbers are those of version 7's options and sections. */
enum dat_part {
	PART_HEADER_INFO = 16,
	PART_FTRACE_EVENTS,
	PART_EVENT_FORMATS,
	PART_KALLSYMS,
	PART_PRINTK, /* not read */
	PART_CMDLINES,
	PARTS
};

/* Where a part is. */
struct dat_place {
	bool is_there;
	bool is_compressed;
	uint64_t offset;
	uint64_t size;
};

/* The records of one CPU. */
struct dat_cpu {
	uint32_t cpu;
	uint64_t offset;
	uint64_t size;
};

/* A ring buffer: the top one, or that of a tracing instance. */
struct dat_buffer {
	struct str name;    /* empty: the top one */
	const char *clock;  /* NULL: not known */
	uint64_t offset;    /* of its section or table */
	uint32_t page_size; /* 0: as the file's */
	bool is_compressed;
	bool is_text; /* of a latency tracer: no pages */
	ARRAY_OF(struct dat_cpu) cpus;
};

/* What the kernel counted for one CPU of a buffer (tracefs per_cpu/cpuN/stats). */
struct dat_stats {
	struct str buffer;
	uint32_t cpu;
	uint64_t lost;
};

struct dat_reader {
	struct capture *capture;
	struct spool spool;
	struct window window; /* for what is read in passing */
	struct arena arena;
	unsigned int version;
	bool big_endian;
	uint8_t long_size;
	uint32_t page_size;
	struct str algorithm;
	struct inflater inflater;
	struct dat_place part[PARTS];
	uint32_t nr_cpus;
	uint64_t options; /* of version 7: where the first section of options is; 0: nowhere */
	const char *clock_name;
	struct dat_clock clock;
	ARRAY_OF(struct dat_buffer) buffers;
	ARRAY_OF(struct dat_stats) stats;
	struct str stats_buffer; /* whose statistics the next are */
	struct page_layout layout;
	struct symbols symbols;
	struct formats formats;
	struct hash_map comms; /* struct str by pid + 1 */
	struct dat_stream *streams;
	size_t nr_streams;
	struct merge merge;
	const struct dat_buffer *only; /* the buffer to read; NULL: all */
	struct repeat repeat;
	bool is_started;
	struct dat_stream *current;	/* whose item was handed out last */
	const struct dat_buffer *first; /* of the first wanted record */
};

/* ---- file.c: pieces of the file ------------------------------------------------------------ */

/* Where in the file we are, for reading forward; `what` is for errors. */
struct dat_walk {
	struct dat_reader *reader;
	uint64_t position;
	const char *what;
};

/* Takes the next `size` bytes; they are valid until the next is taken. */
struct error *walk_take(struct dat_walk *walk, uint64_t size, struct cursor *ret) MUST_CHECK;
struct error *walk_u32(struct dat_walk *walk, uint32_t *ret) MUST_CHECK;
struct error *walk_u64(struct dat_walk *walk, uint64_t *ret) MUST_CHECK;
/* A C string of less than 1 KiB. */
struct error *walk_string(struct dat_walk *walk, struct str *ret) MUST_CHECK;
/* Passes over `size` bytes, which must be there. */
struct error *walk_skip(struct dat_walk *walk, uint64_t size) MUST_CHECK;

/* A piece of the file in memory, decompressed. */
struct dat_block {
	char *data;
	struct cursor cursor;
};

/* Reads a piece; `*ret` must be zero and is to be released with block_deinit() in any case. */
struct error *block_read(struct dat_reader *reader, const struct dat_place *place, const char *what,
			 struct dat_block *ret) MUST_CHECK;
void block_deinit(struct dat_block *block);

/* ---- v6.c, v7.c, options.c: finding things ------------------------------------------------- */

/* Find the parts, the options and the buffers; `walk` is behind the first header. */
struct error *v6_read(struct dat_reader *reader, struct dat_walk *walk) MUST_CHECK;
struct error *v7_read(struct dat_reader *reader, struct dat_walk *walk) MUST_CHECK;

enum {
	V7_SECTION_HEADER = 16
};

/* What the header of a section of version 7 says. */
struct v7_section {
	uint16_t id;
	struct dat_place place;
	uint64_t next; /* where the next section begins */
};

struct error *v7_read_section(struct dat_reader *reader, uint64_t offset,
			      struct v7_section *ret) MUST_CHECK;

/* recover.c: finds the data of a version 7 whose list of buffers was cut off. */
struct error *v7_recover(struct dat_reader *reader, uint64_t offset) MUST_CHECK;

/* One option, other than the end of options. */
struct error *option_read(struct dat_reader *reader, uint16_t id, struct cursor *data) MUST_CHECK;

/* Sets the clock's name from the text of trace_clock: "[local] global counter". */
struct error *dat_set_clock(struct dat_reader *reader, struct str text) MUST_CHECK;

/* stats.c: the option CPUSTAT; and the number of events that the kernel says were lost. */
struct error *stats_read(struct dat_reader *reader, struct str text) MUST_CHECK;
uint64_t stats_lost(const struct dat_reader *reader, struct str buffer, uint32_t cpu);

/* ---- metadata.c: reading the parts --------------------------------------------------------- */

struct error *metadata_read(struct dat_reader *reader) MUST_CHECK;

/* The name of a task, as trace-cmd prints it. */
struct str comm_of(const struct dat_reader *reader, int32_t pid);

/* latency.c: makes the capture one of the text that a latency tracer left. */
struct error *latency_open(struct capture *capture, const struct dat_buffer *buffer) MUST_CHECK;

#endif
