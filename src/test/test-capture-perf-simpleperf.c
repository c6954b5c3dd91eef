/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Android's simpleperf writes otherwise than perf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "perf-fixture.h"

static const char kallsyms[] = "ffff800008012300 T pmd_set_huge\n"
			       "ffff80000801ab00 T ioremap\n"
			       "ffff80000801b000 T after\n";

/* A record of simpleperf's own, whose size has 32 bits, in pieces. */
static void put_split(struct builder *builder, uint32_t type, struct str body)
{
	struct builder record = {.big_endian = builder->big_endian};
	uint32_t size = (uint32_t)(RECORD_HEADER_SIZE + body.length);

	put_u32(&record, type);
	put_u16(&record, (uint16_t)(size >> 16));
	put_u16(&record, (uint16_t)size);
	put_bytes(&record, body);
	for (struct str rest = built(&record); rest.length; rest = str_skip(rest, 1000)) {
		size_t start = begin_record(builder, SIMPLEPERF_SPLIT, 0);

		put_bytes(builder, str_first(rest, 1000));
		end_record(builder, start);
	}
	end_record(builder, begin_record(builder, SIMPLEPERF_SPLIT_END, 0));
	builder_deinit(&record);
}

static void put_sized_split(struct builder *builder, uint32_t type, struct str content)
{
	struct builder body = {.big_endian = builder->big_endian};

	put_u32(&body, (uint32_t)content.length);
	put_bytes(&body, content);
	put_u32(&body, 0); /* padding */
	put_split(builder, type, built(&body));
	builder_deinit(&body);
}

static void put_event_ids(struct builder *builder)
{
	size_t start = begin_record(builder, SIMPLEPERF_EVENT_ID, 0);

	put_u64(builder, 4);
	for (uint64_t event = 0; event < 2; event++) {
		for (int i = 0; i < 2; i++) {
			put_u64(builder, event);
			put_u64(builder, usual_ids[event][i]);
		}
	}
	end_record(builder, start);
	set_u16(builder, start + 4, 0);
}

static void reads_what_simpleperf_writes(void **state)
{
	struct file_spec spec = usual;
	struct builder records = {0}, tracing_data = {0};
	struct capture *capture;
	const struct record *record;

	spec.has_no_tracing_data = true;
	spec.ids = NULL;
	put_tracing_data(&tracing_data, (struct str){0});
	put_event_ids(&records);
	put_sized_split(&records, SIMPLEPERF_KERNEL_SYMBOL, STR(kallsyms));
	put_sized_split(&records, SIMPLEPERF_TRACING_DATA, built(&tracing_data));
	put_sample(&records, 0, 0, 1000, 7);
	put_sample(&records, 1, 1, 2000, 7);
	capture = open_built(build_file(&spec, &records));
	record = assert_sample(capture, 0, 0, 1000, 7);
	assert_str(record->type->symbol, "pmd_set_huge");
	assert_int_equal(record->type->offset, 0x40);
	record = assert_sample(capture, 1, 1, 2000, 7);
	assert_str(record->caller, "ioremap+0xcd/0x500");
	assert_int_equal(capture_info(capture)->nr_unread, 0);
	assert_end(capture);
	builder_deinit(&tracing_data);
	builder_deinit(&records);
}

/* Older versions had the tracing data in a record of perf's type, but within it. */
static void reads_what_old_simpleperf_wrote(void **state)
{
	struct file_spec spec = usual;
	struct builder records = {0}, tracing_data = {0};
	size_t start;

	spec.has_no_tracing_data = true;
	put_tracing_data(&tracing_data, (struct str){0});
	start = begin_record(&records, PERF_RECORD_HEADER_TRACING_DATA, 0);
	put_u32(&records, (uint32_t)built(&tracing_data).length);
	put_bytes(&records, built(&tracing_data));
	end_record(&records, start);
	put_sample(&records, 0, 0, 1000, 7);
	struct capture *capture = open_built(build_file(&spec, &records));

	assert_sample(capture, 0, 0, 1000, 7);
	assert_end(capture);
	builder_deinit(&tracing_data);
	builder_deinit(&records);
}

static void counts_split_records_that_are_none(void **state)
{
	struct builder records = {0};

	end_record(&records, begin_record(&records, SIMPLEPERF_SPLIT_END, 0));
	put_split(&records, SIMPLEPERF_SPLIT_END, STR("of itself"));
	put_sized_split(&records, SIMPLEPERF_KERNEL_SYMBOL, (struct str){0});
	put_sample(&records, 0, 0, 1000, 7);
	struct capture *capture = open_built(build_file(&usual, &records));

	assert_sample(capture, 0, 0, 1000, 7);
	assert_int_equal(capture_info(capture)->nr_unread, 1);
	assert_end(capture);
	builder_deinit(&records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_simpleperf_writes),
		cmocka_unit_test(reads_what_old_simpleperf_wrote),
		cmocka_unit_test(counts_split_records_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
