/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "report/put.h"

static const struct capture_info usec_clock = {.time_resolution = 1000};
static const struct capture_info nsec_clock = {.time_resolution = 1};
static const struct capture_info tick_clock = {.time_resolution = 1, .clock_is_ticks = true};

/* Compares what was put into the buffer, and releases it. */
static void assert_put(struct buffer *buffer, const char *expected)
{
	assert_false(buffer->failed);
	assert_string_equal(buffer->text, expected);
	buffer_deinit(buffer);
}

static void times_have_the_digits_of_the_clock(void **state)
{
	struct buffer buffer = {0};

	put_time(&buffer, &usec_clock, 1000111994999);
	assert_put(&buffer, "1000.111994");
	put_time(&buffer, &nsec_clock, 42);
	assert_put(&buffer, "0.000000042");
	put_time(&buffer, &tick_clock, UINT64_MAX);
	assert_put(&buffer, "18446744073709551615");
}

static void durations_have_a_fitting_unit(void **state)
{
	static const struct {
		uint64_t duration;
		const char *text;
	} cases[] = {
		{0, "0 ns"},
		{999, "999 ns"},
		{1000, "1.000 us"},
		{999999, "999.999 us"},
		{1474000, "1.474 ms"},
		{1000000000, "1.000 s"},
		{UINT64_MAX, "18446744073.709 s"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer buffer = {0};

		put_duration(&buffer, &usec_clock, cases[i].duration);
		assert_put(&buffer, cases[i].text);
	}
}

static void sizes_are_exact(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 bytes"},
		{1023, "1023 bytes"},
		{4096, "4K"},
		{0x200000, "2M"},
		{0x201000, "2052K"},
		{0x40000000, "1G"},
		{UINT64_C(1) << 63, "8E"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer buffer = {0};

		put_size(&buffer, cases[i].bytes);
		assert_put(&buffer, cases[i].text);
	}
}

static void ranges_may_reach_the_end_of_memory(void **state)
{
	struct buffer buffer = {0};

	put_range(&buffer, 0xffff000008a00000, 0xffff000008c00000);
	assert_put(&buffer, "0xffff000008a00000-0xffff000008c00000");
	put_range(&buffer, 0xfffffffffffff000, 0);
	assert_put(&buffer, "0xfffffffffffff000-0x10000000000000000");
}

static void places_are_lines_or_offsets(void **state)
{
	const char *files[] = {"a.txt", "-"};
	struct capture_info capture = {.files = files, .nr_files = 2};
	struct buffer buffer = {0};

	put_place(&buffer, &capture, (struct record_place){0, 91});
	assert_put(&buffer, "a.txt:91");
	put_place(&buffer, &capture, (struct record_place){1, 7});
	assert_put(&buffer, "<stdin>:7");
	capture.is_binary = true;
	put_place(&buffer, &capture, (struct record_place){0, 5120});
	assert_put(&buffer, "a.txt@5120");
	put_place(&buffer, &capture, (struct record_place){2, 0});
	assert_put(&buffer, "?@0");
}

static void what_is_unknown_of_a_task_is_left_out(void **state)
{
	struct event_where where = {.time = 1000, .cpu = 3, .pid = 12, .comm = STR("kworker/0:1")};
	struct buffer buffer = {0};

	put_where(&buffer, &usec_clock, &where);
	assert_put(&buffer, "0.000001  CPU 3  kworker/0:1-12");
	where.cpu = CPU_UNKNOWN;
	where.pid = PID_UNKNOWN;
	put_where(&buffer, &usec_clock, &where);
	assert_put(&buffer, "0.000001  kworker/0:1");
	where.comm = (struct str){0};
	put_where(&buffer, &usec_clock, &where);
	assert_put(&buffer, "0.000001  <...>");
}

static void callers_have_a_name_or_an_address(void **state)
{
	const struct event_origin named = {.symbol = STR("probe+0x1/0x2 [mod]")};
	const struct event_origin nameless = {.address = 0xffff00000808f240};
	struct buffer buffer = {0};

	put_origin(&buffer, &named);
	assert_put(&buffer, "probe+0x1/0x2 [mod]");
	put_origin(&buffer, &nameless);
	assert_put(&buffer, "0xffff00000808f240");
	put_origin(&buffer, NULL);
	assert_put(&buffer, "an unknown caller");
}

/* The well-formed sequences at the borders, and what lies just beyond them (RFC 3629). */
static void utf8_borders(void **state)
{
	static const struct {
		struct str bytes;
		uint32_t character;
		size_t length; /* 0: not UTF-8 */
	} cases[] = {
		{{"\x7f", 1}, 0x7f, 1},
		{{"\xc2\x80", 2}, 0x80, 2},
		{{"\xdf\xbf", 2}, 0x7ff, 2},
		{{"\xe0\xa0\x80", 3}, 0x800, 3},
		{{"\xed\x9f\xbf", 3}, 0xd7ff, 3},
		{{"\xee\x80\x80", 3}, 0xe000, 3},
		{{"\xf4\x8f\xbf\xbf", 4}, 0x10ffff, 4},
		{{"", 0}, 0, 0},
		{{"\x80", 1}, 0, 0},
		{{"\xc1\xbf", 2}, 0, 0},
		{{"\xc2", 1}, 0, 0},
		{{"\xc2\x20", 2}, 0, 0},
		{{"\xe0\x9f\xbf", 3}, 0, 0},
		{{"\xed\xa0\x80", 3}, 0, 0},
		{{"\xf0\x8f\xbf\xbf", 4}, 0, 0},
		{{"\xf4\x90\x80\x80", 4}, 0, 0},
		{{"\xff", 1}, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t character = 0;

		assert_int_equal(utf8_decode(cases[i].bytes, &character), cases[i].length);
		assert_int_equal(character, cases[i].character);
	}
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
	struct buffer buffer = {0};

	utf8_add(&buffer, STR("a\xff\xc3\xa9\xc3"));
	assert_put(&buffer, "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
}

static void terminals_are_not_commanded(void **state)
{
	struct buffer buffer = {0};

	utf8_add_printable(&buffer, STR("a\33[2J\n\x7f\xff\xc2\x9b\xc3\xa9"));
	assert_put(&buffer, "a\\x1b[2J\\x0a\\x7f\\xff\\xc2\\x9b\xc3\xa9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_have_the_digits_of_the_clock),
		cmocka_unit_test(durations_have_a_fitting_unit),
		cmocka_unit_test(sizes_are_exact),
		cmocka_unit_test(ranges_may_reach_the_end_of_memory),
		cmocka_unit_test(places_are_lines_or_offsets),
		cmocka_unit_test(what_is_unknown_of_a_task_is_left_out),
		cmocka_unit_test(callers_have_a_name_or_an_address),
		cmocka_unit_test(utf8_borders),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(terminals_are_not_commanded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
