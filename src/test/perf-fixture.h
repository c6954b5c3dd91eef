/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recordings of two probes on two CPUs: their records are put together here, read and compared. */
#ifndef MMUREPLAY_TEST_PERF_FIXTURE_H
#define MMUREPLAY_TEST_PERF_FIXTURE_H

#include <mmureplay/capture.h>

#include "perf-builder.h"

enum {
	FLAG_FREQ = 1 << 10,
	FLAG_SAMPLE_ID_ALL = 1 << 18,
	FLAG_USE_CLOCKID = 1 << 25,
	FLAG_WRITE_BACKWARD = 1 << 27,

	/* What perf record asks of tracepoints; without RAW and PERIOD, of other records. */
	SAMPLE_TYPE = SAMPLE_IDENTIFIER | SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME | SAMPLE_CPU |
		      SAMPLE_PERIOD | SAMPLE_RAW,
};

#define PROBE_AT 0xffff800008012340
#define CALLER_AT 0xffff80000801abcd

/* The two events, of samples of SAMPLE_TYPE, and their ids on CPUs 0 and 1. */
extern const struct attr_spec usual_attrs[2];
extern const uint64_t usual_ids[2][2];
extern const struct file_spec usual;

/* Where the records of a file of them begin. */
enum {
	USUAL_DATA_AT = 104 + 2 * 16 + 2 * (128 + 16),
};

/* ---- records ------------------------------------------------------------------------------- */

/* A sample of one of the usual events; its arguments follow from its time. */
void put_sample(struct builder *builder, int event, uint32_t cpu, uint64_t time, uint32_t tid);
void put_comm(struct builder *builder, uint32_t tid, struct str comm, uint64_t time);
/* FORK or EXIT. */
void put_task(struct builder *builder, uint32_t type, uint32_t tid, uint32_t parent, uint64_t time);
void put_lost(struct builder *builder, uint64_t id, uint32_t cpu, uint64_t time, uint64_t count);
void put_lost_samples(struct builder *builder, uint16_t misc, uint64_t id, uint32_t cpu,
		      uint64_t time, uint64_t count);
void put_round(struct builder *builder);
/* Says which of the usual ids are on which CPU. */
void put_id_index(struct builder *builder);
void put_thread_map(struct builder *builder, uint64_t pid);
void put_kernel_mmap(struct builder *builder, uint16_t misc, uint32_t pid, struct str name,
		     uint64_t address);

/* What perf record --buildid-mmap writes instead, which is its default in newer versions. */
void put_kernel_mmap2(struct builder *builder, uint16_t misc, struct str id, struct str name,
		      uint64_t address);

/* ---- reading ------------------------------------------------------------------------------- */

/* Opens what was built, and releases it. */
struct capture *open_built(struct builder file);

/* The next step, which is no error. */
enum capture_step next(struct capture *capture, struct record *record);

/*
 * Opening or reading what was built fails so, at `where` in the file (UINT64_MAX: nowhere); returns
 * how many events came before.
 */
size_t assert_fails(struct builder file, const char *message, uint64_t where);

void assert_str(struct str view, const char *text);

/* The next record is a sample of put_sample(); it is valid until the next call. */
struct record *assert_sample(struct capture *capture, int event, uint32_t cpu, uint64_t time,
			     uint32_t tid);
void assert_lost(struct capture *capture, uint32_t cpu, uint64_t count);

/* The next step is the end; the capture is closed. */
void assert_end(struct capture *capture);

#endif
