/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that lack something: each says what, and gives what it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "perf-fixture.h"

static void says_that_formats_are_missing(void **state)
{
	struct file_spec spec = usual;
	struct builder records = {0};

	put_sample(&records, 0, 0, 1000, 7);
	spec.is_unfinished = true;
	assert_fails(build_file(&spec, &records),
		     "the recording was not finished: perf writes the formats of the events "
		     "(tracing data) at its end, and without them its samples cannot be read; "
		     "perf record -o - has them at the start",
		     USUAL_DATA_AT);
	spec.is_unfinished = false;
	spec.has_no_tracing_data = true;
	assert_fails(build_file(&spec, &records),
		     "it has no formats of its events (tracing data), without which its samples "
		     "cannot be read",
		     USUAL_DATA_AT);

	struct builder file = build_file(&usual, &records);

	file.bytes.length = USUAL_DATA_AT + built(&records).length + 8;
	assert_fails(file,
		     "the file was cut before the formats of its events (tracing data), without "
		     "which its samples cannot be read",
		     USUAL_DATA_AT + built(&records).length + 8);
	builder_deinit(&records);
}

static void needs_no_formats_without_samples_of_tracepoints(void **state)
{
	struct file_spec spec = usual;
	struct builder records = {0};
	static struct record record;

	spec.is_unfinished = true;
	put_comm(&records, 7, STR("sh"), 0);
	struct capture *capture = open_built(build_file(&spec, &records));

	assert_int_equal(next(capture, &record), RECORD_END);
	assert_true(capture_info(capture)->truncated);
	capture_close(capture);
	builder_deinit(&records);
}

static void says_that_times_are_missing(void **state)
{
	struct attr_spec attrs[2] = {usual_attrs[0], usual_attrs[1]};
	struct file_spec spec = usual;
	struct builder records = {0};
	size_t start = begin_record(&records, PERF_RECORD_SAMPLE, 0);

	attrs[0].sample_type = SAMPLE_IDENTIFIER | SAMPLE_RAW;
	spec.attr = attrs;
	put_u64(&records, 10);
	put_raw(&records, CALL_ID, 4321, (uint64_t[]){PROBE_AT, 1, 2});
	end_record(&records, start);
	assert_fails(build_file(&spec, &records),
		     "the samples have no times, so that their order is not known; record with "
		     "perf record -T",
		     USUAL_DATA_AT);
	builder_deinit(&records);
}

static void says_that_the_samples_are_elsewhere(void **state)
{
	struct file_spec spec = usual;
	struct builder records = {0};

	put_sample(&records, 0, 0, 1000, 7);
	spec.more_features = 1 << FEATURE_DIR_FORMAT;
	assert_fails(build_file(&spec, &records),
		     "the samples are not in this file but beside it, one file for each thread of "
		     "perf; record without --threads",
		     UINT64_MAX);
	builder_deinit(&records);
}

/* What came before a damaged record is handed out. */
static void hands_out_what_came_before_damage(void **state)
{
	struct builder records = {0};
	size_t damaged;

	put_sample(&records, 0, 0, 1000, 7);
	put_sample(&records, 0, 0, 2000, 7);
	damaged = built(&records).length;
	put_sample(&records, 0, 0, 3000, 7);
	set_u16(&records, damaged + 6, 4);
	assert_int_equal(assert_fails(build_file(&usual, &records), "a record cannot have 4 bytes",
				      USUAL_DATA_AT + damaged),
			 2);
	builder_deinit(&records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_that_formats_are_missing),
		cmocka_unit_test(needs_no_formats_without_samples_of_tracepoints),
		cmocka_unit_test(says_that_times_are_missing),
		cmocka_unit_test(says_that_the_samples_are_elsewhere),
		cmocka_unit_test(hands_out_what_came_before_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
