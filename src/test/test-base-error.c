/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/error.h>

#include "base/cleanup.h"

/* Checks what error_format() makes of `err`, and releases it. */
static void assert_formats_as(struct error *err, const char *expected)
{
	_cleanup_(free_pointer) char *text = error_format(err);

	assert_string_equal(text, expected);
	error_destroy(err);
}

static void formats_without_a_place(void **state)
{
	assert_formats_as(error_create(ERROR_USAGE, "no rule %s", "x"), "no rule x");
}

static void formats_with_a_line(void **state)
{
	struct error *err = error_create(ERROR_FORMAT, "no time");

	assert_formats_as(error_at(err, "trace.txt", ERROR_LINE, 12), "trace.txt:12: no time");
}

static void formats_with_an_offset(void **state)
{
	struct error *err = error_create(ERROR_FORMAT, "no header");

	assert_formats_as(error_at(err, "trace.dat", ERROR_OFFSET, UINT64_MAX),
			  "trace.dat: at byte 18446744073709551615: no header");
}

static void keeps_the_first_place(void **state)
{
	struct error *err = error_create(ERROR_FORMAT, "no time");

	err = error_at(err, "inner.txt", ERROR_LINE, 1);
	assert_formats_as(error_at(err, "outer.txt", ERROR_LINE, 2), "inner.txt:1: no time");
}

static void adds_the_file_to_a_place(void **state)
{
	struct error *err = error_create(ERROR_FORMAT, "no page");

	err = error_at(err, NULL, ERROR_OFFSET, 4096);
	err = error_at(err, "trace.dat", ERROR_NO_PLACE, 0);
	assert_formats_as(err, "trace.dat: at byte 4096: no page");
}

static void system_error_says_why(void **state)
{
	_cleanup_(destroy_error) struct error *err = error_system(ENOENT, "open %s", "x");

	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_string_equal(err->message, "open x: No such file or directory");
}

static void memory_error_needs_no_release(void **state)
{
	struct error *err = error_at(error_memory(), "x", ERROR_LINE, 1);

	assert_ptr_equal(err, error_memory());
	assert_int_equal(err->kind, ERROR_MEMORY);
	assert_int_equal(err->place, ERROR_NO_PLACE);
	error_destroy(err);
	error_destroy(err);
	error_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_without_a_place),
		cmocka_unit_test(formats_with_a_line),
		cmocka_unit_test(formats_with_an_offset),
		cmocka_unit_test(keeps_the_first_place),
		cmocka_unit_test(adds_the_file_to_a_place),
		cmocka_unit_test(system_error_says_why),
		cmocka_unit_test(memory_error_needs_no_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
