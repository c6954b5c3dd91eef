/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real recordings: record by record as perf script prints them, through a pipe, and damaged in
 * every way.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <mmureplay/capture.h>

#include "base/cleanup.h"

#include "perf-builder.h"

enum {
	MAX_PATH = 4096
};

/* libtraceevent forgets some of what it took for a format that is damaged. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libtraceevent";
}

static void trace_path(const char *name, char path[MAX_PATH])
{
	const char *folder = getenv("TRACES");

	assert_non_null(folder);
	assert_in_range(snprintf(path, MAX_PATH, "%s/debian-6.1/%s", folder, name), 1,
			MAX_PATH - 1);
}

static struct capture *open_path(const char *path)
{
	struct capture *capture = NULL;
	struct error *err = capture_open(path, &capture);

	if (err)
		fail_msg("%s: %s", path, err->message);
	return capture;
}

static struct capture *open_trace(const char *name)
{
	char path[MAX_PATH];

	trace_path(name, path);
	return open_path(path);
}

static struct capture *open_fd(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	return open_path(path);
}

static enum capture_step next(struct capture *capture, struct record *record)
{
	struct error *err = NULL;
	enum capture_step step = capture_next(capture, record, &err);

	if (err)
		fail_msg("%s", err->message);
	return step;
}

/* The bytes of a recording, which the caller frees. */
static struct str load(const char *name)
{
	char path[MAX_PATH];
	char *bytes;
	long size;

	trace_path(name, path);
	_cleanup_(close_file) FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	rewind(file);
	bytes = malloc((size_t)size);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	return (struct str){bytes, (size_t)size};
}

/* ---- against perf script ------------------------------------------------------------------- */

static void assert_same_str(struct str a, struct str b)
{
	assert_int_equal(a.length, b.length);
	if (a.length)
		assert_memory_equal(a.text, b.text, a.length);
}

static void assert_same_type(const struct record_type *a, const struct record_type *b)
{
	assert_same_str(a->system, b->system);
	assert_same_str(a->name, b->name);
	assert_int_equal(a->is_return, b->is_return);
	assert_int_equal(a->nr_fields, b->nr_fields);
	for (uint32_t i = 0; i < a->nr_fields; i++)
		assert_same_str(a->field[i], b->field[i]);
}

/* `text` is as perf script printed it: the time in us, the name of an unknown thread as ":tid". */
static void assert_same_record(const struct record *binary, const struct record *text)
{
	assert_same_type(binary->type, text->type);
	assert_int_equal(binary->time / 1000 * 1000, text->time);
	assert_int_equal(binary->cpu, text->cpu);
	assert_int_equal(binary->pid, text->pid);
	if (binary->comm.length || text->comm.text[0] != ':')
		assert_same_str(binary->comm, text->comm);
	assert_int_equal(binary->address, text->address);
	assert_int_equal(binary->caller_address, text->caller_address);
	for (uint32_t i = 0; i < binary->nr_fields; i++) {
		assert_int_equal(binary->field[i].number, text->field[i].number);
		assert_same_str(binary->field[i].text, text->field[i].text);
	}
}

/* The kernel's part of the chain that perf script printed after a record. */
static void assert_same_frames(const struct record *binary, const struct record *stack)
{
	uint32_t count = 0;

	while (count < stack->nr_frames && stack->frame[count].address >> 63)
		count++;
	assert_int_equal(binary->nr_frames, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(binary->frame[i].address, stack->frame[i].address);
		assert_int_equal(binary->frame[i].symbol.length, 0);
	}
}

/* Pulls both to their ends; returns how many records there were. */
static uint64_t compare(struct capture *binary, struct capture *text, bool has_frames)
{
	static struct record a, b;
	uint64_t count = 0;

	for (;; count++) {
		enum capture_step step = next(binary, &a);

		assert_int_equal(next(text, &b), step);
		if (step == RECORD_END)
			break;
		assert_int_equal(step, RECORD_EVENT);
		assert_same_record(&a, &b);
		if (has_frames) {
			assert_int_equal(next(text, &b), RECORD_STACK);
			assert_same_frames(&a, &b);
		} else {
			assert_int_equal(a.nr_frames, 0);
		}
	}
	assert_int_equal(capture_info(binary)->nr_records, count);
	assert_int_equal(capture_info(text)->nr_records, count);
	assert_int_equal(capture_info(binary)->nr_unread, 0);
	assert_false(capture_info(binary)->truncated);
	capture_close(binary);
	capture_close(text);
	return count;
}

static void reads_a_file_as_perf_script_does(void **state)
{
	assert_int_equal(compare(open_trace("perf.data"), open_trace("perf-script.txt"), false),
			 4660);
}

static void reads_compressed_chains_as_perf_script_does(void **state)
{
	assert_int_equal(compare(open_trace("perf-zstd-callgraph.data"),
				 open_trace("perf-script-callgraph.txt"), true),
			 611);
}

/* ---- what a recording says of itself -------------------------------------------------------- */

static void assert_says(const char *name, const char *kind)
{
	struct capture *capture = open_trace(name);
	const struct capture_info *info = capture_info(capture);
	static struct record record;
	uint64_t last = 0;

	while (next(capture, &record) == RECORD_EVENT) {
		assert_true(record.time >= last);
		last = record.time;
	}
	assert_string_equal(info->kind, kind);
	assert_string_equal(info->clock, "local");
	assert_string_equal(info->release, "6.1.0-50-arm64");
	assert_int_equal(info->nr_cpus, 2);
	assert_int_equal(info->time_resolution, 1);
	assert_true(info->is_binary);
	assert_false(info->hides_losses);
	assert_false(info->is_sampled);
	assert_false(info->of_some_tasks);
	assert_string_equal(info->kernel_symbol, "_stext");
	assert_int_equal(info->kernel_address, 0xffffd5cb17610000);
	capture_close(capture);
}

/* As perf buildid-list prints it; the other recordings hold none of the kernel. */
static void tells_the_kernels_build_id(void **state)
{
	struct capture *capture = open_trace("perf.data");
	struct capture *compressed = open_trace("perf-zstd-callgraph.data");

	assert_string_equal(capture_info(capture)->build_id,
			    "338d20205ee321570ed1bbd998bf2e1a2b8aa92c");
	assert_null(capture_info(compressed)->build_id);
	capture_close(capture);
	capture_close(compressed);
}

static void tells_of_the_system(void **state)
{
	assert_says("perf.data", "perf.data");
	assert_says("perf-pipe.data", "perf.data (pipe)");
	assert_says("perf-zstd-callgraph.data", "perf.data");
}

/* Where a record is in the file: the sample's header is there, and its data are at a fixed distance. */
static void says_where_records_are(void **state)
{
	struct str bytes = load("perf.data");
	struct capture *capture = open_trace("perf.data");
	static struct record record;

	while (next(capture, &record) == RECORD_EVENT) {
		const char *at = bytes.text + record.place.position;

		assert_in_range(record.place.position, 104, bytes.length - 64);
		assert_int_equal(load_u32(at, false), PERF_RECORD_SAMPLE);
		assert_int_equal(load_u64(at + 32, false), record.time);
	}
	capture_close(capture);
	free((char *)bytes.text);
}

/* ---- filters ------------------------------------------------------------------------------- */

static bool is_ioremap(void *context, const struct record_type *type)
{
	++*(int *)context;
	return str_is(type->name, "ioremap");
}

static void passes_over_unwanted_types(void **state)
{
	static const char *const names[] = {"perf.data", "perf-pipe.data",
					    "perf-zstd-callgraph.data"};
	static const uint64_t nr_records[] = {4660, 4796, 611};

	for (size_t i = 0; i < 3; i++) {
		struct capture *capture = open_trace(names[i]);
		static struct record record;
		int asked = 0, count = 0;

		capture_set_filter(capture, is_ioremap, &asked);
		for (; next(capture, &record) == RECORD_EVENT; count++)
			assert_true(str_is(record.type->name, "ioremap"));
		assert_int_equal(count, 18);
		assert_in_range(asked, 10, 60);
		assert_int_equal(capture_info(capture)->nr_records, nr_records[i]);
		capture_close(capture);
	}
}

/* ---- through a pipe ------------------------------------------------------------------------ */

struct flow {
	struct str bytes;
	int fd;
};

static void *write_all(void *context)
{
	struct flow *flow = context;

	while (flow->bytes.length) {
		/* Pieces that end anywhere. */
		struct str piece = str_first(flow->bytes, 4001);
		ssize_t written = write(flow->fd, piece.text, piece.length);

		if (written <= 0)
			break;
		flow->bytes = str_skip(flow->bytes, (size_t)written);
	}
	close(flow->fd);
	return NULL;
}

static void reads_the_same_through_a_pipe(void **state)
{
	static const char *const names[] = {"perf.data", "perf-pipe.data",
					    "perf-zstd-callgraph.data"};

	for (size_t i = 0; i < 3; i++) {
		static struct record a, b;
		struct str bytes = load(names[i]);
		int ends[2];
		pthread_t writer;

		assert_int_equal(pipe(ends), 0);
		struct flow flow = {bytes, ends[1]};

		assert_int_equal(pthread_create(&writer, NULL, write_all, &flow), 0);
		struct capture *piped = open_fd(ends[0]), *whole = open_trace(names[i]);
		enum capture_step step;

		do {
			step = next(whole, &a);
			assert_int_equal(next(piped, &b), step);
			if (step != RECORD_EVENT)
				break;
			assert_same_type(a.type, b.type);
			assert_int_equal(a.time, b.time);
			assert_int_equal(a.place.position, b.place.position);
			assert_same_str(a.comm, b.comm);
		} while (step == RECORD_EVENT);
		assert_int_equal(step, RECORD_END);
		assert_string_equal(capture_info(piped)->kind, capture_info(whole)->kind);
		capture_close(whole);
		capture_close(piped);
		close(ends[0]);
		pthread_join(writer, NULL);
		free((char *)bytes.text);
	}
}

/* ---- damage -------------------------------------------------------------------------------- */

/* Looks at all that a record says, so that the sanitizers see it. */
static uint64_t look_at(const struct record *record)
{
	uint64_t sum = record->address + record->caller_address + record->cpu + record->lost;

	for (size_t i = 0; i < record->comm.length; i++)
		sum += (uint8_t)record->comm.text[i];
	for (uint32_t i = 0; i < record->nr_fields; i++) {
		sum += record->field[i].number;
		for (size_t j = 0; j < record->field[i].text.length; j++)
			sum += (uint8_t)record->field[i].text.text[j];
	}
	for (uint32_t i = 0; i < record->nr_frames; i++)
		sum += record->frame[i].address + record->frame[i].symbol.length;
	return sum;
}

struct outcome {
	uint64_t nr_events;
	uint64_t sum; /* of what was looked at */
	bool truncated;
	bool failed;
};

/* Reads a damaged file to its end. */
static struct outcome read_damaged(int fd)
{
	static struct record record;
	struct outcome outcome = {0};
	struct capture *capture = NULL;
	struct error *err = NULL;
	char path[64];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	err = capture_open(path, &capture);
	while (!err) {
		enum capture_step step = capture_next(capture, &record, &err);

		if (step == RECORD_END || step == RECORD_ERROR)
			break;
		outcome.sum += look_at(&record);
		outcome.nr_events += step == RECORD_EVENT;
	}
	outcome.failed = err != NULL;
	if (capture)
		outcome.truncated = capture_info(capture)->truncated;
	if (err)
		assert_true(err->message[0]);
	error_destroy(err);
	capture_close(capture);
	return outcome;
}

static const char *const damaged_names[] = {"perf.data", "perf-pipe.data",
					    "perf-zstd-callgraph.data"};

/* Whether a pipe that was cut here ends behind a record: it may as well have ended by itself. */
static bool is_between_records(struct str pipe)
{
	struct str rest = str_skip(pipe, 16);

	while (rest.length >= RECORD_HEADER_SIZE) {
		size_t size = load_u16(rest.text + 6, false);

		if (load_u32(rest.text, false) == PERF_RECORD_HEADER_TRACING_DATA)
			size += load_u32(rest.text + 8, false);
		if (size > rest.length)
			return false;
		rest = str_skip(rest, size);
	}
	return pipe.length >= 16 && rest.length == 0;
}

static void reads_what_there_is_of_cut_files(void **state)
{
	for (size_t i = 0; i < 3; i++) {
		struct str bytes = load(damaged_names[i]);
		int fd = file_of(bytes);
		uint64_t last = UINT64_MAX;

		for (size_t cut = 199; cut-- > 0;) {
			struct str part = str_first(bytes, bytes.length * cut / 199);

			assert_int_equal(ftruncate(fd, (off_t)part.length), 0);
			struct outcome outcome = read_damaged(fd);

			assert_true(outcome.failed || outcome.truncated ||
				    (i == 1 && is_between_records(part)));
			assert_true(outcome.nr_events <= last);
			last = outcome.nr_events;
			/* Only a pipe has what samples need before them. */
			if (cut == 180 && i == 1)
				assert_in_range(last, 4200, 4400);
		}
		assert_int_equal(last, 0);
		close(fd);
		free((char *)bytes.text);
	}
}

/* Reads the file with some of its bytes replaced, and puts them back. */
static void read_with(int fd, struct str whole, size_t at, const void *bytes, size_t length)
{
	assert_int_equal(pwrite(fd, bytes, length, (off_t)at), length);
	read_damaged(fd);
	assert_int_equal(pwrite(fd, whole.text + at, length, (off_t)at), length);
}

static void survives_flipped_bits(void **state)
{
	for (size_t i = 0; i < 3; i++) {
		struct str bytes = load(damaged_names[i]);
		int fd = file_of(bytes);
		uint64_t random = 1;

		for (int round = 0; round < 1000; round++) {
			random = random * 6364136223846793005 + 1442695040888963407;
			/* Every other one near the start, where all is decided. */
			size_t within = round % 2 ? bytes.length : 16384;
			size_t at = (size_t)(random >> 20) % within;
			char flipped = (char)(bytes.text[at] ^ 1 << (random >> 60 & 7));

			read_with(fd, bytes, at, &flipped, 1);
		}
		close(fd);
		free((char *)bytes.text);
	}
}

static void survives_overwritten_words(void **state)
{
	static const uint64_t words[] = {0,	     1,		 8,	     0xffff,
					 0x7fffffff, 0xffffffff, 1ULL << 40, UINT64_MAX};

	for (size_t i = 0; i < 3; i++) {
		struct str bytes = load(damaged_names[i]);
		int fd = file_of(bytes);

		for (size_t at = 0; at < 104 + 64; at += 4)
			for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
				read_with(fd, bytes, at, &words[j], sizeof(words[j]));
		close(fd);
		free((char *)bytes.text);
	}
}

/* After all the damage: nothing took memory because a file said so. */
static void memory_stays_bounded(void **state)
{
#if defined(__SANITIZE_ADDRESS__)
	skip();
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	skip();
#endif
#endif
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_in_range(usage.ru_maxrss, 1, 96 * 1024); /* KiB */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_file_as_perf_script_does),
		cmocka_unit_test(reads_compressed_chains_as_perf_script_does),
		cmocka_unit_test(tells_the_kernels_build_id),
		cmocka_unit_test(tells_of_the_system),
		cmocka_unit_test(says_where_records_are),
		cmocka_unit_test(passes_over_unwanted_types),
		cmocka_unit_test(reads_the_same_through_a_pipe),
		cmocka_unit_test(reads_what_there_is_of_cut_files),
		cmocka_unit_test(survives_flipped_bits),
		cmocka_unit_test(survives_overwritten_words),
		cmocka_unit_test(memory_stays_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
