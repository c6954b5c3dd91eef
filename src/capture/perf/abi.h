/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of perf.data, as Linux and perf define them:
 *   [uapi]  include/uapi/linux/perf_event.h
 *   [file]  tools/perf/Documentation/perf.data-file-format.txt
 *   [event] tools/lib/perf/include/perf/event.h
 *   [simpleperf] system/extras/simpleperf/record.h of Android
 */
#ifndef MMUREPLAY_CAPTURE_PERF_ABI_H
#define MMUREPLAY_CAPTURE_PERF_ABI_H

#include <stdint.h>

enum {
	/* A CPU beyond this is no CPU: the largest configuration of a kernel is 8192. */
	PERF_CPU_MAX = 16383,
	PERF_BUILD_ID_SIZE = 20, /* as much as records have room for */
};

/* Every record begins with: u32 type, u16 misc, u16 size with this header.  [uapi] */
enum {
	RECORD_HEADER_SIZE = 8,
};

enum perf_record_type {
	/* By the kernel.  [uapi] enum perf_event_type */
	PERF_RECORD_MMAP = 1,
	PERF_RECORD_LOST = 2,
	PERF_RECORD_COMM = 3,
	PERF_RECORD_EXIT = 4,
	PERF_RECORD_FORK = 7,
	PERF_RECORD_SAMPLE = 9,
	PERF_RECORD_MMAP2 = 10,
	PERF_RECORD_LOST_SAMPLES = 13,

	/* By perf record.  [event] enum perf_user_event_type */
	PERF_RECORD_USER_TYPE_START = 64,
	PERF_RECORD_HEADER_ATTR = 64,
	PERF_RECORD_HEADER_TRACING_DATA = 66,
	PERF_RECORD_HEADER_BUILD_ID = 67,
	PERF_RECORD_FINISHED_ROUND = 68,
	PERF_RECORD_ID_INDEX = 69,
	PERF_RECORD_AUXTRACE = 71,
	PERF_RECORD_THREAD_MAP = 73,
	PERF_RECORD_HEADER_FEATURE = 80,
	PERF_RECORD_COMPRESSED = 81,
	PERF_RECORD_COMPRESSED2 = 83,

	/* By Android's simpleperf.  [simpleperf] */
	SIMPLEPERF_TYPE_START = 32768,
	SIMPLEPERF_KERNEL_SYMBOL = 32769,
	SIMPLEPERF_SPLIT = 32772,
	SIMPLEPERF_SPLIT_END = 32773,
	SIMPLEPERF_EVENT_ID = 32774,
	SIMPLEPERF_TRACING_DATA = 32777,
};

/* The mode of the CPU, in the lowest bits of a record's misc.  [uapi] PERF_RECORD_MISC_* */
enum {
	MISC_CPUMODE_MASK = 7,
	MISC_KERNEL = 1,
	/* MMAP2: a build id stands where device and inode do.  [uapi] PERF_RECORD_MISC_MMAP_BUILD_ID */
	MISC_MMAP_BUILD_ID = 1 << 14,
	/* LOST_SAMPLES: a BPF filter dropped them.  [event] PERF_RECORD_MISC_LOST_SAMPLES_BPF */
	MISC_LOST_SAMPLES_BPF = 1 << 15,
};

/* perf_event_attr.type.  [uapi] enum perf_type_id */
enum {
	PERF_TYPE_TRACEPOINT = 2,
};

/* perf_event_attr.sample_type.  [uapi] enum perf_event_sample_format */
enum {
	SAMPLE_IP = 1 << 0,
	SAMPLE_TID = 1 << 1,
	SAMPLE_TIME = 1 << 2,
	SAMPLE_ADDR = 1 << 3,
	SAMPLE_READ = 1 << 4,
	SAMPLE_CALLCHAIN = 1 << 5,
	SAMPLE_ID = 1 << 6,
	SAMPLE_CPU = 1 << 7,
	SAMPLE_PERIOD = 1 << 8,
	SAMPLE_STREAM_ID = 1 << 9,
	SAMPLE_RAW = 1 << 10,
	SAMPLE_IDENTIFIER = 1 << 16,
};

/* perf_event_attr.read_format.  [uapi] enum perf_event_read_format */
enum {
	READ_TIME_ENABLED = 1 << 0,
	READ_TIME_RUNNING = 1 << 1,
	READ_ID = 1 << 2,
	READ_GROUP = 1 << 3,
	READ_LOST = 1 << 4,
};

/*
 * A call chain holds addresses and, between them, markers of the context that the next ones belong
 * to.  Everything from PERF_CONTEXT_MAX on is a marker.  [uapi] enum perf_callchain_context
 */
#define PERF_CONTEXT_KERNEL ((uint64_t)-128)
#define PERF_CONTEXT_MAX ((uint64_t)-4095)

/* Feature sections that are read here.  [file] "Flags section" */
enum perf_feature {
	FEATURE_TRACING_DATA = 1,
	FEATURE_BUILD_ID = 2,
	FEATURE_HOSTNAME = 3,
	FEATURE_OSRELEASE = 4,
	FEATURE_NRCPUS = 7,
	FEATURE_DIR_FORMAT = 24,
	FEATURE_BITS = 256,
};

#endif
