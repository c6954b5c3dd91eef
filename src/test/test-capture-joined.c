/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several captures as one. */
#define _GNU_SOURCE
#include <inttypes.h>

#include "test/capture-text.h"

#include "base/buffer.h"
#include "test/dat-file.h"

enum {
	MAX_PARTS = 4
};

#define EVENT(cpu, time, event) "  init-1  [00" #cpu "] d....  " time ": " event "\n"
#define UNMAP(address) "iounmap: (iounmap+0x0/0x60) addr=" address
#define REPORT "cpus=2\n"

/* A file of its own with these bytes. */
static int make_part(const void *bytes, size_t size)
{
	int fd = memfd_create("part", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes, size), size);
	return fd;
}

/* Opens files as one capture, and closes them. */
static struct error *open_parts(const int *fds, size_t nr, struct capture **ret)
{
	char paths[MAX_PARTS][32];
	const char *list[MAX_PARTS] = {0};

	assert_in_range(nr, 1, MAX_PARTS);
	for (size_t i = 0; i < nr; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", fds[i]);
		list[i] = paths[i];
	}
	struct error *err = capture_open_all(list, nr, ret);

	for (size_t i = 0; i < nr; i++)
		close(fds[i]);
	return err;
}

static struct error *open_texts(const char *const *texts, struct capture **ret)
{
	int fds[MAX_PARTS] = {0};
	size_t nr = 0;

	for (; texts[nr]; nr++) {
		assert_true(nr < MAX_PARTS);
		fds[nr] = make_part(texts[nr], strlen(texts[nr]));
	}
	return open_parts(fds, nr, ret);
}

/* "FILE:LINE TIME CPU NAME FIELD", "FILE:LINE lost CPU COUNT", "stack CPU SYMBOL". */
static void print_record(enum capture_step step, const struct record *record, struct buffer *to)
{
	if (step == RECORD_STACK) {
		buffer_printf(to, "stack %u %.*s\n", record->cpu,
			      STR_ARGS(record->frame[0].symbol));
		return;
	}
	buffer_printf(to, "%u:%" PRIu64 " ", record->place.file, record->place.position);
	if (step == RECORD_EVENT)
		buffer_printf(to, "%" PRIu64 " %u %.*s %" PRIx64 "\n", record->time / 1000,
			      record->cpu, STR_ARGS(record->type->name), record->field[0].number);
	else if (record->lost == LOST_COUNT_UNKNOWN)
		buffer_printf(to, "lost %u some\n", record->cpu);
	else
		buffer_printf(to, "lost %u %" PRIu64 "\n", record->cpu, record->lost);
}

static struct error *read_all(struct capture *capture, struct buffer *to)
{
	struct record record;
	struct error *err = NULL;
	enum capture_step step;

	while ((step = capture_next(capture, &record, &err)) < RECORD_END)
		print_record(step, &record, to);
	assert_int_equal(step, err ? RECORD_ERROR : RECORD_END);
	return err;
}

static struct capture *assert_reads(const char *const *texts, const char *expected)
{
	_cleanup_(buffer_deinit) struct buffer text = {0};
	struct capture *capture = NULL;

	assert_null(open_texts(texts, &capture));
	assert_null(read_all(capture, &text));
	assert_string_equal(text.text, expected);
	return capture;
}

/* Checks that reading ends at once, with a message that has these parts in this order. */
static void assert_apart(const char *const *texts, const char *const *parts)
{
	_cleanup_(close_capture) struct capture *capture = NULL;
	_cleanup_(buffer_deinit) struct buffer text = {0};

	assert_null(open_texts(texts, &capture));
	_cleanup_(destroy_error) struct error *err = read_all(capture, &text);

	assert_non_null(err);
	assert_int_equal(text.length, 0);
	assert_int_equal(err->kind, ERROR_USAGE);
	const char *at = err->message;

	for (size_t i = 0; parts[i]; i++) {
		at = strstr(at, parts[i]);
		if (!at)
			fail_msg("\"%s\" is not in \"%s\"", parts[i], err->message);
	}
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void merges_by_time_and_names_the_files(void **state)
{
	_cleanup_(close_capture) struct capture *capture = assert_reads(
		TEXTS(EVENT(0, "1.000001", UNMAP("0x1000")) EVENT(0, "1.000004", UNMAP("0x4000")),
		      EVENT(1, "1.000003", UNMAP("0x3000")) EVENT(0, "1.000005", UNMAP("0x5000")),
		      EVENT(1, "1.000002", UNMAP("0x2000")) EVENT(0, "1.000006", UNMAP("0x6000"))),
		"0:1 1000001 0 iounmap 1000\n"
		"2:1 1000002 1 iounmap 2000\n"
		"1:1 1000003 1 iounmap 3000\n"
		"0:2 1000004 0 iounmap 4000\n"
		"1:2 1000005 0 iounmap 5000\n"
		"2:2 1000006 0 iounmap 6000\n");
	const struct capture_info *info = capture_info(capture);

	assert_int_equal(info->nr_files, 3);
	assert_string_equal(info->kind, "ftrace text");
	assert_int_equal(info->nr_records, 6);
	assert_int_equal(info->time_resolution, 1000);
	assert_true(info->is_unproven);
	assert_true(info->hides_losses);
	for (uint32_t i = 0; i < info->nr_files; i++)
		assert_non_null(strstr(info->files[i], "/proc/self/fd/"));
}

/* At the same time, the file that was named first is the first. */
static void keeps_the_order_of_equal_times(void **state)
{
	const char *text = EVENT(0, "1.000001", UNMAP("0x1000"))
		EVENT(0, "1.000002", UNMAP("0x2000"));

	capture_close(assert_reads(TEXTS(EVENT(1, "1.000001", UNMAP("0xa000"))
						 EVENT(1, "1.000002", UNMAP("0xb000")),
					 text),
				   "0:1 1000001 1 iounmap a000\n"
				   "1:1 1000001 0 iounmap 1000\n"
				   "0:2 1000002 1 iounmap b000\n"
				   "1:2 1000002 0 iounmap 2000\n"));
}

static bool wants_unmaps(void *count, const struct record_type *type)
{
	++*(unsigned int *)count;
	return str_is(type->name, "iounmap");
}

/* A type of two files is one; the filter is asked once. */
static void types_of_all_files_are_one(void **state)
{
	const char *text = EVENT(0, "1.000001", UNMAP("0x1000"))
		EVENT(0, "1.000002", "other: (other+0x0/0x60) a=0x1")
			EVENT(0, "1.000008", UNMAP("0x2000"));
	_cleanup_(close_capture) struct capture *capture = NULL;
	const struct record_type *type = NULL;
	struct record record;
	unsigned int asked = 0;

	assert_null(open_texts(TEXTS(text, EVENT(1, "1.000003", "first: (first+0x0/0x60) a=0x1")
						   EVENT(1, "1.000004", UNMAP("0x3000"))),
			       &capture));
	capture_set_filter(capture, wants_unmaps, &asked);
	for (int i = 0; i < 3; i++) {
		assert_next(capture, RECORD_EVENT, &record);
		assert_true(!type || type == record.type);
		type = record.type;
	}
	assert_next(capture, RECORD_END, &record);
	assert_int_equal(asked, 3);
	assert_int_equal(capture_info(capture)->nr_records, 5);
}

/* What one file lost comes right before the next that it has. */
static void losses_stay_with_their_file(void **state)
{
	_cleanup_(close_capture) struct capture *capture = assert_reads(
		TEXTS(EVENT(0, "1.000001", UNMAP("0x1000")) "CPU:0 [LOST 7 EVENTS]\n"
							    "CPU:1 [LOST EVENTS]\n" EVENT(
								    0, "1.000005", UNMAP("0x5000")),
		      "CPU:1 [LOST 3 EVENTS]\n" EVENT(1, "1.000002", UNMAP("0x2000"))
			      EVENT(0, "1.000006", UNMAP("0x6000")) "CPU:0 [LOST 2 EVENTS]\n"),
		"0:1 1000001 0 iounmap 1000\n"
		"1:1 lost 1 3\n"
		"1:2 1000002 1 iounmap 2000\n"
		"0:2 lost 0 7\n"
		"0:3 lost 1 some\n"
		"0:4 1000005 0 iounmap 5000\n"
		"1:3 1000006 0 iounmap 6000\n"
		"1:4 lost 0 2\n");

	assert_false(capture_info(capture)->hides_losses);
}

#define STACK(cpu, time, symbol) EVENT(cpu, time, "<stack trace>") " => " symbol "\n"

/* A call chain is the last event's of its CPU: nothing may come in between. */
static void call_chains_follow_their_events(void **state)
{
	capture_close(assert_reads(
		TEXTS(EVENT(0, "1.000001", UNMAP("0x1000")) STACK(0, "1.000001", "one")
			      EVENT(0, "1.000003", UNMAP("0x3000")),
		      EVENT(0, "1.000001", UNMAP("0x2000")) STACK(0, "1.000001", "two")),
		"0:1 1000001 0 iounmap 1000\n"
		"stack 0 one\n"
		"1:1 1000001 0 iounmap 2000\n"
		"stack 0 two\n"
		"0:4 1000003 0 iounmap 3000\n"));
}

/* Where nothing was recorded between two files, all CPUs lost what happened. */
static void a_gap_between_files_is_a_loss(void **state)
{
	capture_close(assert_reads(
		TEXTS(EVENT(0, "3.000001", UNMAP("0x3000")) EVENT(1, "3.000002", UNMAP("0x4000")),
		      EVENT(0, "1.000001", UNMAP("0x1000")) EVENT(1, "1.000002", UNMAP("0x2000"))),
		"1:1 1000001 0 iounmap 1000\n"
		"1:2 1000002 1 iounmap 2000\n"
		"0:1 lost 0 some\n"
		"0:1 lost 1 some\n"
		"0:1 3000001 0 iounmap 3000\n"
		"0:2 3000002 1 iounmap 4000\n"));
}

/* An event of two recordings happened once; of one recording, twice. */
static void what_two_files_tell_counts_once(void **state)
{
	const char *text = EVENT(0, "1.000001", UNMAP("0x1000")) STACK(0, "1.000001", "one")
		EVENT(0, "1.000001", UNMAP("0x1000")) EVENT(0, "1.000001", UNMAP("0x2000"));
	_cleanup_(close_capture) struct capture *capture = assert_reads(
		TEXTS(text, EVENT(0, "1.000001", UNMAP("0x1000")) STACK(0, "1.000001", "two")
				    EVENT(0, "1.000001", UNMAP("0x1000"))
					    EVENT(0, "1.000002", UNMAP("0x2000"))
						    EVENT(1, "1.000003", UNMAP("0x2000"))
							    EVENT(0, "1.002000", UNMAP("0x2000"))),
		"0:1 1000001 0 iounmap 1000\n"
		"stack 0 one\n"
		"0:4 1000001 0 iounmap 1000\n"
		"0:5 1000001 0 iounmap 2000\n"
		"1:6 1000003 1 iounmap 2000\n"
		"1:7 1002000 0 iounmap 2000\n");

	assert_int_equal(capture_info(capture)->nr_repeated, 3);
}

#define LATENCY(release) "# nop latency trace v1.1.5 on " release "\n"

static void refuses_what_is_not_of_one_boot(void **state)
{
	const char *event = EVENT(0, "1.000001", UNMAP("0x1000"));
	const char *ticks = EVENT(0, "1000001", UNMAP("0x1000"));
	const char *fine = REPORT EVENT(0, "1.000001000", UNMAP("0x1000"));
	const char *perf = "# clockid: monotonic (1)\n"
			   "a     6  [000]     1.000001: p:iounmap: (iounmap) addr=0x1\n";
	const char *perf_raw = "# clockid: monotonic_raw (4)\n"
			       "a     6  [000]     1.000001: p:iounmap: (iounmap) addr=0x1\n";

	assert_apart(TEXTS(event, ticks), TEXTS("/proc/self/fd/", " and /proc/self/fd/",
						"counts ticks", "record both with one clock"));
	assert_apart(TEXTS(event, fine), TEXTS("are coarser", "trace-cmd report -t"));
	assert_apart(TEXTS(perf, perf_raw),
		     TEXTS("their clocks are monotonic and monotonic_raw", "perf record -k"));
	assert_apart(TEXTS(LATENCY("6.1.0") EVENT(0, "1.000001", UNMAP("0x1000")),
			   LATENCY("6.1.1") EVENT(0, "1.000001", UNMAP("0x1000"))),
		     TEXTS("two kernels, 6.1.0 and 6.1.1", "run mmureplay once for each"));
}

static void refuses_a_file_that_is_named_twice(void **state)
{
	const char *const twice[] = {"/dev/null", "a", "/dev/null"};
	_cleanup_(close_fd) int fd = memfd_create("part", MFD_CLOEXEC);
	const char *text = EVENT(0, "1.000001", UNMAP("0x1000"));
	struct capture *capture;
	char paths[2][64];

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	snprintf(paths[0], sizeof(paths[0]), "/proc/self/fd/%d", fd);
	snprintf(paths[1], sizeof(paths[1]), "/proc/%d/fd/%d", (int)getpid(), fd);
	const char *const same[] = {paths[0], paths[1]};
	const char *const equal[] = {paths[0], paths[0]};
	_cleanup_(destroy_error) struct error *err = capture_open_all(same, 2, &capture);
	_cleanup_(destroy_error) struct error *other = capture_open_all(equal, 2, &capture);
	_cleanup_(destroy_error) struct error *none = capture_open_all(twice, 3, &capture);

	assert_int_equal(err->kind, ERROR_USAGE);
	assert_non_null(strstr(err->message, "are the same file; name it once"));
	assert_int_equal(other->kind, ERROR_USAGE);
	assert_non_null(strstr(other->message, "is named twice; name it once"));
	assert_int_not_equal(none->kind, ERROR_USAGE); /* it is empty, which comes first */
}

/* Files of different times, of which one may not have recorded what the other did. */
static void tells_when_files_hold_different_events(void **state)
{
	const char *first = EVENT(0, "1.000001", UNMAP("0x1000"))
		EVENT(0, "1.000002", "tlbi: (f+0x8/0x60) op=0x1");
	const char *later = EVENT(0, "2.000001", UNMAP("0x1000"));
	const char *later_both = EVENT(0, "2.000001", "tlbi: (f+0x8/0x60) op=0x1")
		EVENT(0, "2.000002", UNMAP("0x1000"));
	const char *beside = EVENT(1, "1.000001", UNMAP("0x3000"));
	const struct {
		const char *second;
		bool is_uneven;
	} cases[] = {{later, true}, {later_both, false}, {beside, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(close_capture) struct capture *capture = NULL;
		_cleanup_(buffer_deinit) struct buffer text = {0};

		assert_null(open_texts(TEXTS(first, cases[i].second), &capture));
		assert_null(read_all(capture, &text));
		assert_int_equal(capture_info(capture)->is_uneven, cases[i].is_uneven);
	}
}

enum {
	OPTION_UNAME = 5,
	OPTION_TRACEID = 11
};

/* A trace.dat of this host and TRACEID with two events from `time` on. */
static int make_dat(uint64_t time, const char *uname, uint64_t trace_id)
{
	static struct dat_file file;

	dat_file_init(&file, 7, false, 8, DAT_ZSTD, 1);
	struct dat_pages *cpu = &file.buffers[0].cpus[0];

	dat_page_begin(&file, cpu, time);
	dat_put_free(&file, cpu, time, 1, 0x10);
	dat_put_free(&file, cpu, time + 1000, 1, 0x11);
	dat_page_end(&file, cpu, 0, 0);
	dat_file_option(&file, OPTION_UNAME, uname, strlen(uname) + 1);
	dat_file_option(&file, OPTION_TRACEID, &trace_id, sizeof(trace_id));
	dat_file_build(&file);
	return make_part(file.bytes.data, file.bytes.length);
}

#define ON_HOST(host) "Linux " host " 6.1.0 aarch64"

/* Of one TRACEID, one goes on where the other has ended. */
static void parts_of_one_recording_have_no_gap(void **state)
{
	static const struct {
		uint64_t trace_id;
		bool is_another;
	} cases[] = {{7, false}, {8, true}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(close_capture) struct capture *capture = NULL;
		_cleanup_(buffer_deinit) struct buffer text = {0};
		const int fds[] = {make_dat(1000000, ON_HOST("board"), 7),
				   make_dat(9000000, ON_HOST("board"), cases[i].trace_id)};

		assert_null(open_parts(fds, 2, &capture));
		assert_null(read_all(capture, &text));
		assert_int_equal(strstr(text.text, "lost 0 some") != NULL, cases[i].is_another);
		const struct capture_info *info = capture_info(capture);

		assert_int_equal(info->is_unproven, cases[i].is_another);
		assert_string_equal(info->host, "board");
		assert_string_equal(info->release, "6.1.0");
		assert_true(capture_is_binary(info, 1));
	}
}

static void refuses_two_machines(void **state)
{
	_cleanup_(close_capture) struct capture *capture = NULL;
	_cleanup_(buffer_deinit) struct buffer text = {0};
	const int fds[] = {make_dat(1000000, ON_HOST("one"), 1),
			   make_dat(9000000, ON_HOST("(none)"), 2),
			   make_dat(9000000, ON_HOST("another"), 3)};

	assert_null(open_parts(fds, 3, &capture));
	_cleanup_(destroy_error) struct error *err = read_all(capture, &text);

	assert_int_equal(text.length, 0);
	assert_non_null(strstr(err->message, "they are of two machines, one and another; run"));
}

/* Lines of the one, offsets of the other. */
static void a_text_and_a_recording_keep_their_positions(void **state)
{
	_cleanup_(close_capture) struct capture *capture = NULL;
	_cleanup_(buffer_deinit) struct buffer text = {0};
	const char *line = REPORT
		"  init-1  [000]  0.001000500: iounmap: (ffff800008000000) addr=0x1\n";
	const int fds[] = {make_part(line, strlen(line)), make_dat(1000000, ON_HOST("one"), 1)};

	assert_null(open_parts(fds, 2, &capture));
	assert_null(read_all(capture, &text));
	const struct capture_info *info = capture_info(capture);

	assert_string_equal(info->kind, "trace-cmd report, trace.dat version 7");
	assert_false(capture_is_binary(info, 0));
	assert_true(capture_is_binary(info, 1));
	assert_non_null(strstr(text.text, "\n0:2 1000 0 iounmap 1\n1:"));
}

/* The pieces of a trace-cmd report: an event of two instances counts once, too. */
static void instances_in_a_text_tell_an_event_once(void **state)
{
	const char *top = "            init-1     [000]     ";
	const char *other = "rh:             init-1     [000]     ";
	char text[512], losses[512];

	snprintf(text, sizeof(text),
		 REPORT "%s1.000001: iounmap: (ffff800008000000) addr=0x1\n"
			"%s1.000002: iounmap: (ffff800008000000) addr=0x1\n"
			"%s1.000003: iounmap: (ffff800008000000) addr=0x2\n"
			"%s1.000004: iounmap: (ffff800008000000) addr=0x1\n",
		 top, other, other, other);
	snprintf(losses, sizeof(losses),
		 REPORT "%s1.000005: iounmap: (ffff800008000000) addr=0x3\n"
			"rh: CPU:0 [5 EVENTS DROPPED]\nCPU:1 [EVENTS DROPPED]\n"
			"%s1.000006: iounmap: (ffff800008000000) addr=0x4\n",
		 top, other);
	_cleanup_(close_capture) struct capture *capture =
		assert_reads(TEXTS(text), "0:2 1000001 0 iounmap 1\n"
					  "0:4 1000003 0 iounmap 2\n"
					  "0:5 1000004 0 iounmap 1\n");

	assert_int_equal(capture_info(capture)->nr_repeated, 1);
	static const struct {
		const char *name, *expected;
	} one[] = {
		{"rh", "0:3 lost 0 5\n0:5 1000006 0 iounmap 4\n"},
		{"", "0:2 1000005 0 iounmap 3\n0:4 lost 1 some\n"},
	};

	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
		_cleanup_(close_capture) struct capture *part = NULL;
		_cleanup_(buffer_deinit) struct buffer read = {0};

		assert_null(open_texts(TEXTS(losses), &part));
		assert_null(capture_set_instance(part, one[i].name));
		assert_null(read_all(part, &read));
		assert_string_equal(read.text, one[i].expected);
	}
	_cleanup_(close_capture) struct capture *part = NULL;
	_cleanup_(buffer_deinit) struct buffer read = {0};

	assert_null(open_texts(TEXTS(losses), &part));
	assert_null(capture_set_instance(part, "hr"));
	_cleanup_(destroy_error) struct error *err = read_all(part, &read);

	assert_int_equal(err->kind, ERROR_USAGE);
	assert_string_equal(err->message,
			    "it has no instance 'hr'; there are: 'rh', and '' for the top one");
}

/* As trace-cmd 3.1.6 prints it: behind a loss, the instance's name is missing. */
static void the_event_behind_a_loss_is_of_its_instance(void **state)
{
	static const char *const text = // clang-format off
		REPORT
		"                   init-1     [000]     0.001000000: iounmap: (ffff) addr=0x99\n"
		"other:             init-1     [000]     0.001000001: iounmap: (ffff) addr=0x99\n"
		"other:           a name-117   [000]     0.002000001: iounmap: (ffff) addr=0x11\n"
		"       CPU:0 [5 EVENTS DROPPED]\n"
		"            init-1     [000]     0.003000000: iounmap: (ffff) addr=0x99\n"
		"other: CPU:0 [7 EVENTS DROPPED]\n"
		"            init-1     [000]     0.003000001: iounmap: (ffff) addr=0x99\n"
		"                   init-1     [000]     0.004000000: iounmap: (ffff) addr=0x55\n";
	// clang-format on
	static const struct {
		const char *name, *expected;
	} instances[] = {
		{NULL, "0:2 1000 0 iounmap 99\n0:4 2000 0 iounmap 11\n0:5 lost 0 5\n"
		       "0:6 3000 0 iounmap 99\n0:7 lost 0 7\n0:9 4000 0 iounmap 55\n"},
		{"", "0:2 1000 0 iounmap 99\n0:5 lost 0 5\n0:6 3000 0 iounmap 99\n"
		     "0:9 4000 0 iounmap 55\n"},
		{"other", "0:3 1000 0 iounmap 99\n0:4 2000 0 iounmap 11\n0:7 lost 0 7\n"
			  "0:8 3000 0 iounmap 99\n"},
	};

	for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
		_cleanup_(close_capture) struct capture *capture = NULL;
		_cleanup_(buffer_deinit) struct buffer read = {0};

		assert_null(open_texts(TEXTS(text), &capture));
		if (instances[i].name)
			assert_null(capture_set_instance(capture, instances[i].name));
		assert_null(read_all(capture, &read));
		assert_string_equal(read.text, instances[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_by_time_and_names_the_files),
		cmocka_unit_test(keeps_the_order_of_equal_times),
		cmocka_unit_test(types_of_all_files_are_one),
		cmocka_unit_test(losses_stay_with_their_file),
		cmocka_unit_test(call_chains_follow_their_events),
		cmocka_unit_test(a_gap_between_files_is_a_loss),
		cmocka_unit_test(what_two_files_tell_counts_once),
		cmocka_unit_test(refuses_what_is_not_of_one_boot),
		cmocka_unit_test(refuses_a_file_that_is_named_twice),
		cmocka_unit_test(parts_of_one_recording_have_no_gap),
		cmocka_unit_test(refuses_two_machines),
		cmocka_unit_test(a_text_and_a_recording_keep_their_positions),
		cmocka_unit_test(tells_when_files_hold_different_events),
		cmocka_unit_test(the_event_behind_a_loss_is_of_its_instance),
		cmocka_unit_test(instances_in_a_text_tell_an_event_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
