/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A prefix is parsed backwards from the ':' after its time, since it starts with a comm, which may
 * hold anything: spaces, brackets, dashes, colons.  Columns are never counted: widths differ between
 * versions, and long comms and large numbers push everything to the right.
 *
 *     TASK-PID  (TGID) [CPU] FLAGS   TIME:          ftrace, trace-cmd report
 *     SOURCE: TASK-PID [CPU] FLAGS   TIME:          trace-cmd report of instances or several files
 *     TASK-PID  CPUFLAGS  TIME                      latency format: "0d..2. 869079381us!:"
 *     TASK  PID/TID [CPU] MISC   TIME:              perf script
 */
#define _GNU_SOURCE
#include <string.h>

#include <mmureplay/capture.h>

#include "capture/text/prefix.h"
#include "capture/text/scan.h"

enum {
	COMM_MAX = 15,	 /* TASK_COMM_LEN - 1 */
	FLAGS_MAX = 8,	 /* of old PREEMPT_RT kernels */
	FLAGS_WIDTH = 5, /* of trace-cmd */
	PERF_DECIMALS = 6,
	COUNT_WIDTH = 12, /* trace-cmd prints a bare count with "%12d" */
};

static uint64_t scale_time(uint64_t count, uint64_t ns_per_count, uint64_t ns)
{
	uint64_t time;

	if (__builtin_mul_overflow(count, ns_per_count, &time) ||
	    __builtin_add_overflow(time, ns, &time))
		return UINT64_MAX;
	return time;
}

/* Drops "SECONDS.FRACTION" or a bare count. */
static bool drop_time(struct str *head, struct prefix *prefix)
{
	static const uint32_t ns_per_step[] = {0,     100000000, 10000000, 1000000, 100000,
					       10000, 1000,	 100,	   10,	    1};
	struct str rest = *head;
	uint64_t last, seconds;

	if (!drop_decimal(&rest, &last))
		return false;
	size_t decimals = head->length - rest.length;

	if (last_char(rest) == '.' && decimals < sizeof(ns_per_step) / sizeof(ns_per_step[0])) {
		struct str whole = str_first(rest, rest.length - 1);

		if (drop_decimal(&whole, &seconds)) {
			prefix->unit = TIME_SECONDS;
			prefix->decimals = (unsigned int)decimals;
			prefix->time =
				scale_time(seconds, 1000000000, last * ns_per_step[decimals]);
			*head = whole;
			return true;
		}
	}
	prefix->unit = TIME_TICKS;
	prefix->time = last;
	*head = rest;
	return true;
}

static bool is_flags(struct str word)
{
	if (word.length == 0 || word.length > FLAGS_MAX || is_digit(word.text[0]))
		return false;
	for (size_t i = 0; i < word.length; i++) {
		char c = word.text[i];

		if (c != '.' && c != '#' && c != '-' && !is_digit(c) && !is_letter(c))
			return false;
	}
	return true;
}

/*
 * Flags, and a count after them without a space.  The last flags may be digits, too: then the width
 * of the flags' column tells the two apart ("d..21106439675591340": "d..21" and the rest).
 */
static bool split_count(struct str flags, struct str count, struct prefix *prefix)
{
	size_t missing = flags.length < FLAGS_WIDTH ? FLAGS_WIDTH - flags.length : 0;

	if (prefix->unit != TIME_TICKS || !is_flags(flags) || count.length < COUNT_WIDTH)
		return false;
	if (count.length < COUNT_WIDTH + missing)
		missing = count.length - COUNT_WIDTH;
	return parse_decimal(str_skip(count, missing), &prefix->time);
}

/* Drops "[003]". */
static bool drop_cpu(struct str *head, struct prefix *prefix)
{
	struct str rest = *head;
	uint64_t cpu;

	if (last_char(rest) != ']')
		return false;
	rest.length--;
	if (!drop_decimal(&rest, &cpu) || last_char(rest) != '[' || cpu > PREFIX_CPU_MAX)
		return false;
	rest.length--;
	if (rest.length && last_char(rest) != ' ')
		return false;
	prefix->cpu = (uint32_t)cpu;
	*head = trim_end(rest);
	return true;
}

/* Drops "(  77)" or "(-----)", when there is one. */
static void drop_tgid(struct str *head)
{
	struct str rest = *head;

	if (last_char(rest) != ')')
		return;
	do
		rest.length--;
	while (is_digit(last_char(rest)) || last_char(rest) == '-' || last_char(rest) == ' ');
	if (last_char(rest) != '(')
		return;
	rest.length--;
	*head = trim_end(rest);
}

/* Takes the whole of "SOURCE: TASK-PID" apart. */
static bool parse_task(struct str head, struct prefix *prefix)
{
	uint64_t pid;

	if (!drop_decimal(&head, &pid) || last_char(head) != '-' || pid > INT32_MAX)
		return false;
	head.length--;
	prefix->pid = (int32_t)pid;
	struct str task = trim_end(skip_spaces(head));

	prefix->comm = task;
	prefix->source = (struct str){0};
	while (prefix->comm.length > COMM_MAX) { /* "SOURCE: ", an instance's or a file's name */
		const char *colon = memmem(prefix->comm.text, prefix->comm.length, ": ", 2);

		if (!colon)
			break;
		prefix->source = str_first(task, (size_t)(colon - task.text));
		prefix->comm = skip_spaces(
			str_skip(prefix->comm, (size_t)(colon - prefix->comm.text) + 1));
	}
	return true;
}

static bool parse_ftrace_head(struct str head, struct prefix *prefix)
{
	struct str whole = head;

	if (!drop_time(&head, prefix))
		return false;
	if (last_char(head) == ' ') {
		head = trim_end(head);
		if (last_char(head) != ']' && !is_flags(drop_word(&head)))
			return false;
	} else if (last_char(head) != ']') {
		struct str flags = drop_word(&head);
		struct str count = str_skip(whole, head.length + flags.length);

		if (!split_count(flags, count, prefix))
			return false;
	}
	head = trim_end(head);
	if (!drop_cpu(&head, prefix))
		return false;
	drop_tgid(&head);
	return parse_task(head, prefix);
}

/* Drops "869079381us" and the mark of a delay, one of "$@*#!+ "; or a plain time. */
static bool drop_latency_time(struct str *head, struct prefix *prefix)
{
	struct str rest = str_first(*head, head->length ? head->length - 1 : 0);

	if (!str_ends(rest, STR("us")) || !memchr(" +!#*@$", last_char(*head), 7))
		return drop_time(head, prefix);
	rest.length -= 2;
	if (!drop_decimal(&rest, &prefix->time))
		return false;
	prefix->time = scale_time(prefix->time, 1000, 0);
	prefix->unit = TIME_MICROSECONDS;
	*head = rest;
	return true;
}

static bool parse_latency_head(struct str head, struct prefix *prefix)
{
	struct str whole = head;
	uint64_t cpu;

	if (!drop_latency_time(&head, prefix))
		return false;
	bool is_apart = last_char(head) == ' ';

	head = trim_end(head);
	struct str flags = drop_word(&head);
	struct str count = str_skip(whole, head.length + flags.length);

	if (!take_decimal(&flags, &cpu) || cpu > PREFIX_CPU_MAX)
		return false;
	if (is_apart ? !is_flags(flags) : !split_count(flags, count, prefix))
		return false;
	prefix->cpu = (uint32_t)cpu;
	return parse_task(trim_end(head), prefix);
}

/* Drops "TID" or "PID/TID", when there is one. */
static bool drop_perf_pid(struct str *head, struct prefix *prefix)
{
	struct str rest = *head;
	struct str word = drop_word(&rest);
	size_t slash = find_char(word, '/');
	struct str tid = slash < word.length ? str_skip(word, slash + 1) : word;
	bool is_negative = take_text(&tid, STR("-")); /* -1: perf did not know */
	uint64_t pid;

	if (!parse_decimal(tid, &pid) || pid > INT32_MAX)
		return false;
	prefix->pid = is_negative ? -(int32_t)pid : (int32_t)pid;
	*head = trim_end(rest);
	return true;
}

/*
 * Drops the CPU of perf script -L, which has no brackets: "perf-exe   190   0    31.437187:".  Only
 * that the comm is padded to eight characters tells it from a comm that ends in a number.
 */
static bool drop_bare_cpu(struct str *head, struct prefix *prefix)
{
	enum {
		COMM_WIDTH = 8
	};
	struct str rest = *head;
	struct str word = drop_word(&rest);
	uint64_t cpu, pid;

	if (!parse_decimal(word, &cpu) || cpu > PREFIX_CPU_MAX)
		return false;
	rest = trim_end(rest);
	struct str before = rest;

	if (!parse_decimal(drop_word(&before), &pid) || trim_end(before).length != COMM_WIDTH)
		return false;
	prefix->cpu = (uint32_t)cpu;
	*head = rest;
	return true;
}

/* Drops "[003]", or "[003] K" as -F misc prints it, or the CPU of -L. */
static bool drop_perf_cpu(struct str *head, struct prefix *prefix)
{
	struct str rest = *head;

	if (drop_cpu(head, prefix))
		return true;
	if (is_flags(drop_word(&rest))) {
		rest = trim_end(rest);
		if (drop_cpu(&rest, prefix)) {
			*head = rest;
			return true;
		}
	}
	return drop_bare_cpu(head, prefix);
}

static bool parse_perf_head(struct str head, struct prefix *prefix)
{
	if (!drop_time(&head, prefix) || prefix->unit != TIME_SECONDS ||
	    prefix->decimals < PERF_DECIMALS)
		return false;
	if (head.length && last_char(head) != ' ')
		return false;
	head = trim_end(head);
	if (!drop_perf_cpu(&head, prefix))
		prefix->cpu = CPU_UNKNOWN;
	if (!drop_perf_pid(&head, prefix))
		prefix->pid = PID_UNKNOWN;
	prefix->comm = skip_spaces(head);
	prefix->source = (struct str){0};
	return true;
}

/* Tries each ':' of the line as the one that ends the prefix. */
static inline bool find_prefix(prefix_parser *parse_head, struct str line, struct prefix *ret)
{
	size_t colon = find_char(line, ':');

	while (colon < line.length) {
		ret->body = str_skip(line, colon + 1);
		if (parse_head(str_first(line, colon), ret))
			return true;
		colon += 1 + find_char(ret->body, ':');
	}
	return false;
}

bool prefix_ftrace(struct str line, struct prefix *ret)
{
	return find_prefix(parse_ftrace_head, line, ret);
}

bool prefix_latency(struct str line, struct prefix *ret)
{
	return find_prefix(parse_latency_head, line, ret);
}

bool prefix_perf(struct str line, struct prefix *ret)
{
	return find_prefix(parse_perf_head, line, ret);
}
