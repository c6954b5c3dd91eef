/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times against what was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "capture/dat/clock.h"
#include "test/bytes.h"

typedef struct error *option_reader(struct dat_clock *clock, struct cursor *data);

static struct error *try_option(option_reader *read, struct dat_clock *clock,
				const struct bytes *bytes)
{
	struct cursor cursor = cursor_over((struct str){(const char *)bytes->data, bytes->length},
					   0, "the option", bytes->big_endian);

	return read(clock, &cursor);
}

static void read_option(option_reader *read, struct dat_clock *clock, const struct bytes *bytes)
{
	assert_null(try_option(read, clock, bytes));
}

static void read_text(option_reader *read, struct dat_clock *clock, const char *text)
{
	struct bytes bytes = {0};

	put_string(&bytes, text);
	read_option(read, clock, &bytes);
}

static void nothing_changes_nothing(void **state)
{
	struct dat_clock clock = {0};

	assert_int_equal(clock_convert(&clock, 12345, 3), 12345);
	clock_deinit(&clock);
}

static void adds_offsets(void **state)
{
	struct dat_clock clock = {0};

	read_text(clock_read_offset, &clock, "1000");
	assert_int_equal(clock_convert(&clock, 5, 0), 1005);
	read_text(clock_read_offset, &clock, "-2000");
	assert_int_equal(clock_convert(&clock, 5000, 0), 4000);
	read_text(clock_read_date, &clock, "0x10"); /* microseconds */
	assert_int_equal(clock_convert(&clock, 5000, 0), 20000);
	clock_deinit(&clock);
}

static void converts_counters(void **state)
{
	struct dat_clock clock = {0};
	struct bytes bytes = {.big_endian = true};

	/* 2.5 ns for each count; the product needs more than 64 bits. */
	put_u32(&bytes, 5U << 20);
	put_u32(&bytes, 21);
	put_u64(&bytes, 999);
	read_option(clock_read_tsc2nsec, &clock, &bytes);
	assert_int_equal(clock_convert(&clock, 4, 0), 10);
	assert_int_equal(clock_convert(&clock, 0x1000000000000000, 0), 0x2800000000000000);
	read_text(clock_read_offset, &clock, "7");
	assert_int_equal(clock_convert(&clock, 5, 0), 12 + 7);
	clock_deinit(&clock);
}

/* A shift of a guest with CPU 0 without samples, 1 with one, 2 with four in disorder, one double. */
static void put_time_shift(struct bytes *bytes, uint32_t flags, bool has_fractions)
{
	static const uint64_t times[] = {3000, 1000, 2000, 1000};
	static const uint64_t offsets[] = {600, 100, 300, 100};

	put_u64(bytes, 0x1122334455667788);
	put_u32(bytes, flags);
	put_u32(bytes, 3);
	put_u32(bytes, 0);
	put_u32(bytes, 1);
	put_u64(bytes, 5000);
	put_u64(bytes, (uint64_t)-50);
	put_u64(bytes, 1);
	put_u32(bytes, 4);
	for (int i = 0; i < 4; i++)
		put_u64(bytes, times[i]);
	for (int i = 0; i < 4; i++)
		put_u64(bytes, offsets[i]);
	for (int i = 0; i < 4; i++)
		put_u64(bytes, has_fractions ? 4 : 1);
	if (has_fractions)
		for (int i = 0; i < 5; i++)
			put_u64(bytes, 2);
}

static void shifts_guests(void **state)
{
	struct dat_clock clock = {0};
	struct bytes bytes = {0};

	put_time_shift(&bytes, 0, false);
	read_option(clock_read_time_shift, &clock, &bytes);
	assert_int_equal(clock_convert(&clock, 70, 0), 70);
	assert_int_equal(clock_convert(&clock, 70, 1), 20);
	assert_int_equal(clock_convert(&clock, 70, 3), 70);
	assert_int_equal(clock_convert(&clock, 500, 2), 600);
	assert_int_equal(clock_convert(&clock, 1000, 2), 1100);
	assert_int_equal(clock_convert(&clock, 1999, 2), 2099);
	assert_int_equal(clock_convert(&clock, 2000, 2), 2300);
	assert_int_equal(clock_convert(&clock, 9000, 2), 9300);
	clock_deinit(&clock);
}

static void interpolates_between_samples(void **state)
{
	struct dat_clock clock = {0};
	struct bytes bytes = {0};

	put_time_shift(&bytes, 1, true);
	read_option(clock_read_time_shift, &clock, &bytes);
	assert_int_equal(clock_convert(&clock, 1000, 2), 1100);
	assert_int_equal(clock_convert(&clock, 1500, 2), 1700);
	assert_int_equal(clock_convert(&clock, 2500, 2), 2950);
	assert_int_equal(clock_convert(&clock, 4000, 2), 4900);
	assert_int_equal(clock_convert(&clock, 0, 2), (uint64_t)-100 + 1); /* rounded to zero */
	clock_deinit(&clock);
}

static void refuses_what_makes_no_sense(void **state)
{
	struct dat_clock clock = {0};
	struct bytes bytes = {0};

	put_u32(&bytes, 1);
	put_u32(&bytes, 64);
	put_u64(&bytes, 0);
	_cleanup_(destroy_error) struct error *shift =
		try_option(clock_read_tsc2nsec, &clock, &bytes);

	assert_non_null(shift);
	bytes.length = 0;
	put_string(&bytes, "soon");
	_cleanup_(destroy_error) struct error *date = try_option(clock_read_date, &clock, &bytes);

	assert_string_equal(date->message, "the option is no number");
	clock_deinit(&clock);
	/* A table that is cut, or says that it is larger than it is. */
	bytes.length = 0;
	put_time_shift(&bytes, 1, true);
	for (size_t length = bytes.length; bytes.length > 0; bytes.length--) {
		struct error *err = try_option(clock_read_time_shift, &clock, &bytes);

		clock_convert(&clock, 1500, 2);
		assert_true(err || bytes.length == length || bytes.length == length - 40);
		error_destroy(err);
		clock_deinit(&clock);
	}
	put_u64(&bytes, 0);
	put_u32(&bytes, 0);
	put_u32(&bytes, UINT32_MAX);
	put_u32(&bytes, UINT32_MAX);
	error_destroy(try_option(clock_read_time_shift, &clock, &bytes));
	clock_deinit(&clock);
}

static void knows_clocks(void **state)
{
	assert_true(clock_counts_nanoseconds(STR("local")));
	assert_true(clock_counts_nanoseconds(STR("mono_raw")));
	assert_false(clock_counts_nanoseconds(STR("counter")));
	assert_false(clock_counts_nanoseconds(STR("uptime")));
	assert_false(clock_counts_nanoseconds(STR("x86-tsc")));
	assert_false(clock_counts_nanoseconds(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes_nothing),
		cmocka_unit_test(adds_offsets),
		cmocka_unit_test(converts_counters),
		cmocka_unit_test(shifts_guests),
		cmocka_unit_test(interpolates_between_samples),
		cmocka_unit_test(refuses_what_makes_no_sense),
		cmocka_unit_test(knows_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
