/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real recordings, record by record against the texts that the kernel and trace-cmd made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "test/record-text.h"

static const char *trace_path(const char *name)
{
	static char path[4096];

	assert_non_null(getenv("TRACES"));
	snprintf(path, sizeof(path), "%s/%s", getenv("TRACES"), name);
	return path;
}

static struct capture *open_path(const char *path)
{
	struct capture *capture = NULL;
	struct error *err = capture_open(path, &capture);

	if (err)
		fail_msg("%s: %s", path, err->message);
	return capture;
}

static enum capture_step next(struct capture *capture, struct record *record)
{
	struct error *err = NULL;
	enum capture_step step = capture_next(capture, record, &err);

	if (err)
		fail_msg("%s", err->message);
	return step;
}

/* ---- against texts ------------------------------------------------------------------------- */

static void assert_same_str(struct str a, struct str b)
{
	if (!str_equal(a, b))
		fail_msg("'%.*s', not '%.*s'", STR_ARGS(a), STR_ARGS(b));
}

/* Index of a field, or -1. */
static int find(const struct record_type *type, struct str name)
{
	for (uint32_t i = 0; i < type->nr_fields; i++)
		if (str_equal(type->field[i], name))
			return (int)i;
	return -1;
}

/*
 * The kernel prints what it takes for the fields of a tracepoint: some are computed, and flags have
 * names.  What is in both as a number must be the same.
 */
static uint32_t compare_fields(const struct record *binary, const struct record *text)
{
	uint32_t same = 0;

	for (uint32_t i = 0; i < binary->nr_fields; i++) {
		int j = find(text->type, binary->type->field[i]);

		if (j < 0 || text->field[j].text.text)
			continue;
		assert_int_equal(binary->field[i].number, text->field[j].number);
		assert_null(binary->field[i].text.text);
		same++;
	}
	return same;
}

static void assert_same_event(const struct record *binary, const struct record *text)
{
	const struct record_type *a = binary->type, *b = text->type;

	assert_same_str(a->name, b->name);
	assert_int_equal((binary->time + 500) / 1000 * 1000, text->time);
	assert_int_equal(binary->cpu, text->cpu);
	assert_int_equal(binary->pid, text->pid);
	assert_same_str(binary->comm, text->comm);
	assert_int_equal(a->is_return, b->is_return);
	if (b->symbol.length) {
		assert_same_str(a->symbol, b->symbol);
		assert_same_str(a->module, b->module);
		assert_int_equal(a->offset, b->offset);
	}
	if (text->address)
		assert_int_equal(binary->address, text->address);
	if (text->caller.length)
		assert_same_str(binary->caller, text->caller);
	if (text->caller_address)
		assert_int_equal(binary->caller_address, text->caller_address);
	uint32_t same = compare_fields(binary, text);

	if (a->symbol.length || binary->address) {
		assert_int_equal(a->nr_fields, b->nr_fields);
		assert_int_equal(same, a->nr_fields);
	} else {
		assert_true(same >= 2);
	}
}

/* Pulls both to their ends; returns how many events there were. */
static uint64_t compare(const char *binary_name, const char *text_name)
{
	static struct record a, b;
	struct capture *binary = open_path(trace_path(binary_name));
	struct capture *text = open_path(trace_path(text_name));
	uint64_t count = 0;

	for (;; count++) {
		enum capture_step step = next(binary, &a);

		assert_int_equal(next(text, &b), step);
		if (step == RECORD_END)
			break;
		assert_int_equal(step, RECORD_EVENT);
		assert_same_event(&a, &b);
	}
	assert_int_equal(capture_info(binary)->nr_records, count);
	assert_int_equal(capture_info(text)->nr_records, count);
	assert_int_equal(capture_info(binary)->nr_unread, 0);
	assert_false(capture_info(binary)->truncated);
	capture_close(binary);
	capture_close(text);
	return count;
}

static void reads_as_trace_cmd_report_does(void **state)
{
	assert_int_equal(compare("debian-6.1/trace-v6.dat", "debian-6.1/trace-cmd-report.txt"),
			 16722);
}

static void reads_as_the_kernel_does(void **state)
{
	assert_int_equal(compare("linux-4.14/trace.dat", "linux-4.14/trace.txt"), 612);
	assert_int_equal(compare("linux-4.14-refused/trace.dat", "linux-4.14-refused/trace.txt"),
			 615);
	assert_int_equal(
		compare("debian-6.1-promotion/trace.dat", "debian-6.1-promotion/trace.txt"), 42);
}

/* ---- what is not in the events ------------------------------------------------------------- */

/* Whether a field called `name` has a symbol, and the probe was met. */
static void count_probes(const struct capture_info *info, uint32_t *met, uint32_t *unmet)
{
	*met = *unmet = 0;
	for (uint32_t i = 0; i < info->nr_defined; i++) {
		const struct record_type *type = info->defined[i];

		if (type->id == TYPE_UNMET) {
			assert_int_equal(type->symbol.length, 0);
			++*unmet;
		} else {
			assert_true(type->symbol.length > 0);
			assert_true(type->is_probe);
			++*met;
		}
	}
}

static void pull_all(struct capture *capture)
{
	struct record record;

	while (next(capture, &record) != RECORD_END)
		;
}

static void knows_what_the_recording_says(void **state)
{
	struct capture *capture = open_path(trace_path("debian-6.1/trace-v7-zstd-mono.dat"));
	const struct capture_info *info = capture_info(capture);
	uint32_t met, unmet;

	pull_all(capture);
	assert_string_equal(info->kind, "trace.dat version 7");
	assert_string_equal(info->clock, "mono");
	assert_string_equal(info->release, "6.1.0-50-arm64");
	assert_int_equal(info->nr_cpus, 2);
	assert_true(info->is_binary);
	assert_false(info->clock_is_ticks);
	assert_false(info->hides_losses);
	assert_int_equal(info->time_resolution, 1);
	/* kprobe_events.txt defines 46; see kprobe_profile.txt for those that were hit. */
	count_probes(info, &met, &unmet);
	assert_int_equal(met + unmet, 46);
	assert_int_equal(met, 17);
	capture_close(capture);
}

/* As `trace-cmd report` prints them, "CPU:0 [104 EVENTS DROPPED]". */
static void tells_the_losses_that_trace_cmd_tells(void **state)
{
	static const uint64_t expected[2][7] = {
		{104, 290, 423, 552, 698, 2120, LOST_COUNT_UNKNOWN},
		{84, 141, 145, 240, 553, 905, LOST_COUNT_UNKNOWN},
	};
	struct capture *capture = open_path(trace_path("debian-6.1/trace-v7-lost.dat"));
	bool seen[2][7] = {{false}};
	struct record record;
	enum capture_step step;
	unsigned int losses = 0;

	while ((step = next(capture, &record)) != RECORD_END) {
		if (step != RECORD_LOST)
			continue;
		size_t i = 0;

		assert_in_range(record.cpu, 0, 1);
		while (i < 7 && expected[record.cpu][i] != record.lost)
			i++;
		assert_in_range(i, 0, 6);
		assert_false(seen[record.cpu][i]);
		seen[record.cpu][i] = true;
		losses++;
	}
	assert_int_equal(losses, 14);
	assert_int_equal(capture_info(capture)->nr_records, 47942);
	capture_close(capture);
}

/* ---- pipes --------------------------------------------------------------------------------- */

static void read_all(struct capture *capture, struct buffer *text)
{
	struct record record;
	enum capture_step step;

	while ((step = next(capture, &record)) != RECORD_END) {
		add_record(text, step, &record);
		buffer_printf(text, " @%llu\n", (unsigned long long)record.place.position);
	}
	capture_close(capture);
}

/* Copies a file into a pipe, from a process that ends with it. */
static int pipe_of(const char *path)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	if (fork() == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execlp("cat", "cat", path, (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	return ends[0];
}

static void reads_pipes(void **state)
{
	static const char *const names[] = {"linux-4.14/trace.dat", "debian-6.1/trace-v6.dat"};

	for (size_t i = 0; i < 2; i++) {
		struct buffer whole = {0}, piped = {0};
		char path[64];
		int fd = pipe_of(trace_path(names[i]));

		snprintf(path, sizeof(path), "/dev/fd/%d", fd);
		read_all(open_path(trace_path(names[i])), &whole);
		read_all(open_path(path), &piped);
		assert_int_equal(whole.length, piped.length);
		assert_memory_equal(whole.text, piped.text, whole.length);
		buffer_deinit(&whole);
		buffer_deinit(&piped);
		close(fd);
		wait(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_trace_cmd_report_does),
		cmocka_unit_test(reads_as_the_kernel_does),
		cmocka_unit_test(knows_what_the_recording_says),
		cmocka_unit_test(tells_the_losses_that_trace_cmd_tells),
		cmocka_unit_test(reads_pipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
