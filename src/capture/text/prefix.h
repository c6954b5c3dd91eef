/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in front of an event's name in a line: task, CPU, time. */
#ifndef MMUREPLAY_CAPTURE_TEXT_PREFIX_H
#define MMUREPLAY_CAPTURE_TEXT_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/str.h>

/* A CPU beyond this is no CPU: the largest configuration of a kernel is 8192. */
enum {
	PREFIX_CPU_MAX = 16383
};

/* How a time is printed, which is the same in all lines of a text. */
enum time_unit {
	TIME_SECONDS,	   /* "869.087453": kept as ns */
	TIME_MICROSECONDS, /* "869079381us", of the latency format: kept as ns */
	TIME_TICKS,	   /* "346581530416296": kept as it is */
};

struct prefix {
	struct str source; /* an instance or a file, without its ":"; empty: none is named */
	struct str comm;
	int32_t pid;
	uint32_t cpu;
	uint64_t time; /* saturates */
	enum time_unit unit;
	unsigned int decimals; /* of TIME_SECONDS */
	struct str body;       /* what follows the time's ':' */
};

/* Parses one line; false when it has no such prefix. */
typedef bool prefix_parser(struct str line, struct prefix *ret);

/* "bash-1671  (1671) [001] d..1.   204.946391:", by the kernel and by trace-cmd report. */
bool prefix_ftrace(struct str line, struct prefix *ret);

/* "apt-cach-19018     0d..2. 869079381us+:", the latency format of both. */
bool prefix_latency(struct str line, struct prefix *ret);

/* "perf  6313/6313  [000]  1430.297732:", by perf script; all but the time may be missing. */
bool prefix_perf(struct str line, struct prefix *ret);

#endif
