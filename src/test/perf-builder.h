/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes perf.data files, and parts of them, in either byte order. */
#ifndef MMUREPLAY_TEST_PERF_BUILDER_H
#define MMUREPLAY_TEST_PERF_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/str.h>

#include "base/buffer.h"

#include "capture/perf/abi.h"
#include "capture/perf/stream.h"

struct builder {
	struct buffer bytes;
	bool big_endian;
};

void builder_deinit(struct builder *builder);

static inline struct str built(const struct builder *builder)
{
	return buffer_str(&builder->bytes);
}

void put_u16(struct builder *builder, uint16_t value);
void put_u32(struct builder *builder, uint32_t value);
void put_u64(struct builder *builder, uint64_t value);
void put_bytes(struct builder *builder, struct str bytes);
/* With a NUL, and more of them up to a multiple of 8. */
void put_padded(struct builder *builder, struct str text);
/* Overwrites what is at `at`. */
void set_u16(struct builder *builder, size_t at, uint16_t value);
void set_u64(struct builder *builder, size_t at, uint64_t value);

/* Begins a record and returns where; end_record() sets its size. */
size_t begin_record(struct builder *builder, uint32_t type, uint16_t misc);
void end_record(struct builder *builder, size_t start);

/* What attributes are made of; zeros where nothing is said. */
struct attr_spec {
	uint32_t size; /* 0: 128, as of Linux 6.1 */
	uint32_t type;
	uint64_t config, period, sample_type, read_format;
	uint64_t flags; /* bit n is flag n, whatever the byte order */
	uint64_t branch_sample_type, regs_user, regs_intr;
	int32_t clockid;
};

void put_attr(struct builder *builder, const struct attr_spec *spec);

/* The whole of what was built as one record. */
struct perf_record built_record(const struct builder *builder);

/* ---- whole files ---------------------------------------------------------------------------- */

/*
 * Two probes, as the kernel would describe them:
 *     pgt:pmd_set_huge, id 304    u64 __probe_ip at 8, u64 pmdp at 16, u64 phys at 24
 *     pgt:ioremap_ret, id 305     u64 __probe_func at 8, u64 __probe_ret_ip at 16, u64 ret at 24
 */
enum {
	CALL_ID = 304,
	RETURN_ID = 305,
	RAW_SIZE = 36, /* with the padding that the kernel adds */
};

/* The tracing data of these two; `kallsyms` may be empty. */
void put_tracing_data(struct builder *builder, struct str kallsyms);

/* u32 size and raw data of one of them. */
void put_raw(struct builder *builder, uint16_t id, uint32_t pid, const uint64_t values[3]);

/* A file or a pipe that is being built. */
struct file_spec {
	bool big_endian;
	const struct attr_spec *attr;
	const uint64_t (*ids)[2]; /* two of each event; NULL: none */
	size_t nr_attrs;
	unsigned int long_size; /* of the bitmap of features; 0: 8 */
	bool is_unfinished;	/* perf record was killed */
	bool has_no_tracing_data;
	uint64_t more_features; /* bits; their sections are empty */
};

/* Puts a file with these records together; the caller releases it. */
struct builder build_file(const struct file_spec *spec, const struct builder *records);

/* The same as a pipe: attributes, features and tracing data are records, too. */
struct builder build_pipe(const struct file_spec *spec, const struct builder *records);

/* A file with these bytes, at its start; the caller closes it. */
int file_of(struct str bytes);

#endif
