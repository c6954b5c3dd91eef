/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/lists.h"

static void assert_usage_error(struct error *err, const char *expected)
{
	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_USAGE);
	assert_string_equal(err->message, expected);
	error_destroy(err);
}

static void takes_numbers_up_to_the_limit(void **state)
{
	uint64_t number = 0;

	assert_true(parse_number("0", 0, &number));
	assert_int_equal(number, 0);
	assert_true(parse_number("18446744073709551615", UINT64_MAX, &number));
	assert_true(number == UINT64_MAX);
	assert_true(parse_number("64", 64, &number));
	assert_false(parse_number("65", 64, &number));
	assert_false(parse_number("18446744073709551616", UINT64_MAX, &number));
	assert_int_equal(number, 64);
}

static void takes_nothing_but_digits(void **state)
{
	static const char *const texts[] = {"", " 1", "1 ", "+1", "-1", "0x10", "1K", "one"};
	uint64_t number;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(parse_number(texts[i], UINT64_MAX, &number));
}

static void splits_at_commas(void **state)
{
	const char *list = "a,,bc";
	struct str item;

	assert_true(take_item(&list, &item) && str_is(item, "a"));
	assert_true(take_item(&list, &item) && str_is(item, ""));
	assert_true(take_item(&list, &item) && str_is(item, "bc"));
	assert_false(take_item(&list, &item));
}

static void cpu_list_has_its_ranges(void **state)
{
	_cleanup_(cpu_list_deinit) struct cpu_list list = {0};

	assert_false(cpu_list_has(&list, 0));
	assert_null(cpu_list_parse("--cpu", "0,2-4,255-255", &list));
	for (uint32_t cpu = 0; cpu < 300; cpu++)
		assert_int_equal(cpu_list_has(&list, cpu),
				 cpu == 0 || (cpu >= 2 && cpu <= 4) || cpu == 255);
	assert_false(cpu_list_has(&list, UINT32_MAX));
}

static void last_cpu_list_wins(void **state)
{
	_cleanup_(cpu_list_deinit) struct cpu_list list = {0};

	assert_null(cpu_list_parse("--cpu", "1", &list));
	assert_null(cpu_list_parse("--cpu", "2", &list));
	assert_false(cpu_list_has(&list, 1));
	assert_true(cpu_list_has(&list, 2));
}

static void refuses_what_is_no_cpu_list(void **state)
{
	static const char *const texts[] = {"",	     ",", "1,",	 "1,,2", "-2", "1-",	    "4-2",
					    "1-2-3", "x", "1 2", "0x1",	 "-",  "4294967295"};
	_cleanup_(cpu_list_deinit) struct cpu_list list = {0};

	assert_null(cpu_list_parse("--cpu", "7", &list));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		_cleanup_(destroy_error) struct error *err =
			cpu_list_parse("--cpu", texts[i], &list);

		assert_non_null(err);
		assert_int_equal(err->kind, ERROR_USAGE);
	}
	assert_true(cpu_list_has(&list, 7));
	assert_usage_error(cpu_list_parse("--cpu", "1;2", &list),
			   "--cpu: '1;2' is no list of CPUs, such as 0,2-4");
}

static uint64_t resolved(const char *text, bool clock_is_ticks)
{
	struct moment moment;
	uint64_t time = 0;

	assert_null(moment_parse("--since", text, &moment));
	assert_true(moment.is_set);
	assert_null(moment_resolve("--since", &moment, clock_is_ticks, &time));
	return time;
}

static void times_are_seconds_or_ticks(void **state)
{
	assert_true(resolved("204.946391", false) == 204946391000);
	assert_true(resolved("204", false) == 204000000000);
	assert_true(resolved("0.000000001", false) == 1);
	assert_true(resolved("1.5", false) == 1500000000);
	assert_true(resolved("190232342", true) == 190232342);
	assert_true(resolved("18446744073709551615", true) == UINT64_MAX);
}

static void times_beyond_all_captures_are_the_end(void **state)
{
	assert_true(resolved("18446744073.709551615", false) == UINT64_MAX);
	assert_true(resolved("18446744073.709551616", false) == UINT64_MAX);
	assert_true(resolved("18446744073709551615", false) == UINT64_MAX);
}

static void refuses_what_is_no_time(void **state)
{
	static const char *const texts[] = {"",	  ".",	 "1.", ".5", "-1", "1.2.3", "1.0000000001",
					    "1s", "1,5", " 1"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct moment moment = {0};
		_cleanup_(destroy_error) struct error *err =
			moment_parse("--since", texts[i], &moment);

		assert_non_null(err);
		assert_int_equal(err->kind, ERROR_USAGE);
		assert_false(moment.is_set);
	}
}

static void refuses_fractions_of_ticks(void **state)
{
	struct moment moment;
	uint64_t time;

	assert_null(moment_parse("--until", "1.5", &moment));
	assert_usage_error(moment_resolve("--until", &moment, true, &time),
			   "--until: this capture's clock counts ticks: give a whole number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_numbers_up_to_the_limit),
		cmocka_unit_test(takes_nothing_but_digits),
		cmocka_unit_test(splits_at_commas),
		cmocka_unit_test(cpu_list_has_its_ranges),
		cmocka_unit_test(last_cpu_list_wins),
		cmocka_unit_test(refuses_what_is_no_cpu_list),
		cmocka_unit_test(times_are_seconds_or_ticks),
		cmocka_unit_test(times_beyond_all_captures_are_the_end),
		cmocka_unit_test(refuses_what_is_no_time),
		cmocka_unit_test(refuses_fractions_of_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
