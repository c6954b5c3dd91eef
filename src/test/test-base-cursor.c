/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/cursor.h"

static const char bytes[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";

/* A cursor over the first `size` of `bytes`, at offset 1000 of a file. */
static struct cursor over(size_t size, bool big_endian)
{
	return cursor_over((struct str){bytes, size}, 1000, "the header", big_endian);
}

/* Checks an error of the input at `where`, and releases it. */
static void assert_error(struct error *err, uint64_t where, const char *message)
{
	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_FORMAT);
	assert_int_equal(err->place, ERROR_OFFSET);
	assert_int_equal(err->where, where);
	assert_string_equal(err->message, message);
	error_destroy(err);
}

static void reads_numbers(struct cursor *cursor, uint64_t numbers[4])
{
	uint8_t one = 0;
	uint16_t two = 0;
	uint32_t four = 0;

	assert_null(cursor_u8(cursor, &one));
	assert_null(cursor_u16(cursor, &two));
	assert_null(cursor_u32(cursor, &four));
	assert_null(cursor_u64(cursor, &numbers[3]));
	numbers[0] = one;
	numbers[1] = two;
	numbers[2] = four;
	assert_int_equal(cursor_offset(cursor), 1015);
	assert_int_equal(cursor_left(cursor), 1);
}

static void reads_little_endian(void **state)
{
	struct cursor cursor = over(16, false);
	uint64_t numbers[4];

	reads_numbers(&cursor, numbers);
	assert_int_equal(numbers[0], 0x01);
	assert_int_equal(numbers[1], 0x0302);
	assert_int_equal(numbers[2], 0x07060504);
	assert_int_equal(numbers[3], 0x0f0e0d0c0b0a0908);
}

static void reads_big_endian(void **state)
{
	struct cursor cursor = over(16, true);
	uint64_t numbers[4];

	reads_numbers(&cursor, numbers);
	assert_int_equal(numbers[0], 0x01);
	assert_int_equal(numbers[1], 0x0203);
	assert_int_equal(numbers[2], 0x04050607);
	assert_int_equal(numbers[3], 0x08090a0b0c0d0e0f);
}

static void reads_longs_of_either_size(void **state)
{
	struct cursor cursor = over(16, true);
	uint64_t number;

	assert_null(cursor_long(&cursor, 4, &number));
	assert_int_equal(number, 0x01020304);
	assert_null(cursor_long(&cursor, 8, &number));
	assert_int_equal(number, 0x05060708090a0b0c);
	assert_error(cursor_long(&cursor, 8, &number), 1012,
		     "the header ends too early: 4 of 8 bytes are missing");
	assert_int_equal(number, 0x05060708090a0b0c);
}

static void failed_reads_do_not_advance(void **state)
{
	struct cursor cursor = over(1, false);
	struct cursor sub;
	struct str view;
	uint16_t two = 7;
	uint32_t four;
	uint64_t eight;
	uint8_t one;

	assert_error(cursor_u16(&cursor, &two), 1000,
		     "the header ends too early: 1 of 2 bytes are missing");
	assert_int_equal(two, 7);
	assert_error(cursor_u32(&cursor, &four), 1000,
		     "the header ends too early: 3 of 4 bytes are missing");
	assert_error(cursor_u64(&cursor, &eight), 1000,
		     "the header ends too early: 7 of 8 bytes are missing");
	assert_error(cursor_bytes(&cursor, 2, &view), 1000,
		     "the header ends too early: 1 of 2 bytes are missing");
	assert_error(cursor_skip(&cursor, 2), 1000,
		     "the header ends too early: 1 of 2 bytes are missing");
	assert_error(cursor_sub(&cursor, 2, "the page", &sub), 1000,
		     "the page ends too early: 1 of 2 bytes are missing");
	assert_error(cursor_string(&cursor, &view), 1000, "the header ends within a string");
	assert_null(cursor_u8(&cursor, &one));
	assert_int_equal(one, 1);
	assert_error(cursor_u8(&cursor, &one), 1001,
		     "the header ends too early: 1 of 1 bytes are missing");
}

static void huge_sizes_do_not_wrap(void **state)
{
	struct cursor cursor = over(16, false);
	struct str view;

	assert_null(cursor_skip(&cursor, 8));
	assert_error(cursor_bytes(&cursor, UINT64_MAX, &view), 1008,
		     "the header ends too early: 18446744073709551607 of 18446744073709551615 "
		     "bytes are missing");
	assert_error(cursor_skip(&cursor, UINT64_MAX - 7), 1008,
		     "the header ends too early: 18446744073709551600 of 18446744073709551608 "
		     "bytes are missing");
	assert_int_equal(cursor_left(&cursor), 8);
}

static void takes_strings(void **state)
{
	static const char text[] = "first\0\0third";
	struct cursor cursor = cursor_over((struct str){text, sizeof(text) - 1}, 0, "x", false);
	struct str view;

	assert_null(cursor_string(&cursor, &view));
	assert_true(str_is(view, "first"));
	assert_null(cursor_string(&cursor, &view));
	assert_int_equal(view.length, 0);
	assert_error(cursor_string(&cursor, &view), 7, "x ends within a string");
	assert_null(cursor_bytes(&cursor, 5, &view));
	assert_true(str_is(view, "third"));
}

static void expects_tags(void **state)
{
	struct cursor cursor = cursor_over(STR("options  \0flyrec"), 0, "the list", false);

	assert_error(cursor_expect(&cursor, STR("latency")), 0,
		     "the list: 'latency' should be here");
	assert_null(cursor_expect(&cursor, STR("options  \0")));
	assert_error(cursor_expect(&cursor, STR("flyrecord")), 10,
		     "the list ends too early: 3 of 9 bytes are missing");
}

static void parts_know_their_place(void **state)
{
	struct cursor cursor = over(16, true);
	struct cursor sub;
	uint16_t two;

	assert_null(cursor_skip(&cursor, 4));
	assert_null(cursor_sub(&cursor, 3, "a part", &sub));
	assert_int_equal(cursor_offset(&cursor), 1007);
	assert_null(cursor_u16(&sub, &two));
	assert_int_equal(two, 0x0506);
	assert_error(cursor_u16(&sub, &two), 1006,
		     "a part ends too early: 1 of 2 bytes are missing");
}

static void inflated_data_has_one_place(void **state)
{
	struct cursor cursor = over(16, false);
	struct cursor sub;

	cursor.inflated = true;
	assert_null(cursor_skip(&cursor, 9));
	assert_int_equal(cursor_offset(&cursor), 1000);
	assert_null(cursor_sub(&cursor, 3, "a part", &sub));
	assert_int_equal(cursor_offset(&sub), 1000);
}

static void empty_data_is_valid(void **state)
{
	struct cursor cursor = cursor_over((struct str){0}, 5, "nothing", false);
	struct str view;

	assert_int_equal(cursor_left(&cursor), 0);
	assert_null(cursor_bytes(&cursor, 0, &view));
	assert_error(cursor_string(&cursor, &view), 5, "nothing ends within a string");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_little_endian),
		cmocka_unit_test(reads_big_endian),
		cmocka_unit_test(reads_longs_of_either_size),
		cmocka_unit_test(failed_reads_do_not_advance),
		cmocka_unit_test(huge_sizes_do_not_wrap),
		cmocka_unit_test(takes_strings),
		cmocka_unit_test(expects_tags),
		cmocka_unit_test(parts_know_their_place),
		cmocka_unit_test(inflated_data_has_one_place),
		cmocka_unit_test(empty_data_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
