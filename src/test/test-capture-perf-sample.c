/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples of every sample_type, put together here as include/uapi/linux/perf_event.h says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mmureplay/capture.h>

#include "capture/perf/sample.h"

#include "perf-builder.h"

/* The bits of sample_type that nobody but the kernel and this test has to know. */
enum {
	BRANCH_STACK = 1 << 11,
	REGS_USER = 1 << 12,
	STACK_USER = 1 << 13,
	WEIGHT = 1 << 14,
	DATA_SRC = 1 << 15,
	TRANSACTION = 1 << 17,
	REGS_INTR = 1 << 18,
	PHYS_ADDR = 1 << 19,
	AUX = 1 << 20,
	CGROUP = 1 << 21,
	DATA_PAGE_SIZE = 1 << 22,
	CODE_PAGE_SIZE = 1 << 23,
	WEIGHT_STRUCT = 1 << 24,
	SAMPLE_BITS = 25,

	BRANCH_HW_INDEX = 1 << 17,
	FLAG_SAMPLE_ID_ALL = 1 << 18,
};

static const char raw_bytes[] = "raw data of 20 bytes";

static void put_filler(struct builder *builder, unsigned int nr)
{
	while (nr--)
		put_u64(builder, 0xf1f1f1f1f1f1f1f1);
}

static void put_read(struct builder *builder, uint64_t format)
{
	unsigned int times = !!(format & READ_TIME_ENABLED) + !!(format & READ_TIME_RUNNING);
	unsigned int member = 1 + !!(format & READ_ID) + !!(format & READ_LOST);

	if (format & READ_GROUP) {
		put_u64(builder, 3);
		put_filler(builder, times + 3 * member);
	} else {
		put_filler(builder, 1 + times + member - 1);
	}
}

static void put_branches(struct builder *builder, uint64_t branch_type)
{
	put_u64(builder, 2);
	put_filler(builder, (branch_type & BRANCH_HW_INDEX ? 1 : 0) + 2 * 3);
}

static void put_registers(struct builder *builder, uint64_t mask)
{
	put_u64(builder, 2); /* PERF_SAMPLE_REGS_ABI_64 */
	put_filler(builder, (unsigned int)__builtin_popcountll(mask));
}

/* The order is that of perf_output_sample(), kernel/events/core.c. */
static void put_sample(struct builder *builder, const struct attr_spec *spec)
{
	uint64_t type = spec->sample_type;
	size_t start = begin_record(builder, PERF_RECORD_SAMPLE, 1);

	if (type & SAMPLE_IDENTIFIER)
		put_u64(builder, 77);
	if (type & SAMPLE_IP)
		put_u64(builder, 0xffff800008000000);
	if (type & SAMPLE_TID) {
		put_u32(builder, 1234);
		put_u32(builder, 1235);
	}
	if (type & SAMPLE_TIME)
		put_u64(builder, 1000000000123);
	if (type & SAMPLE_ADDR)
		put_filler(builder, 1);
	if (type & SAMPLE_ID)
		put_u64(builder, 77);
	if (type & SAMPLE_STREAM_ID)
		put_u64(builder, 77);
	if (type & SAMPLE_CPU) {
		put_u32(builder, 5);
		put_u32(builder, 0xf1f1f1f1);
	}
	if (type & SAMPLE_PERIOD)
		put_filler(builder, 1);
	if (type & SAMPLE_READ)
		put_read(builder, spec->read_format);
	if (type & SAMPLE_CALLCHAIN) {
		put_u64(builder, 3);
		put_u64(builder, PERF_CONTEXT_KERNEL);
		put_u64(builder, 0xffff800008000001);
		put_u64(builder, 0xffff800008000002);
	}
	if (type & SAMPLE_RAW) {
		put_u32(builder, sizeof(raw_bytes) - 1);
		put_bytes(builder, STR(raw_bytes));
	}
	if (type & BRANCH_STACK)
		put_branches(builder, spec->branch_sample_type);
	if (type & REGS_USER)
		put_registers(builder, spec->regs_user);
	if (type & STACK_USER) {
		put_u64(builder, 16);
		put_filler(builder, 2 + 1);
	}
	if (type & (WEIGHT | WEIGHT_STRUCT))
		put_filler(builder, 1);
	if (type & DATA_SRC)
		put_filler(builder, 1);
	if (type & TRANSACTION)
		put_filler(builder, 1);
	if (type & REGS_INTR)
		put_registers(builder, spec->regs_intr);
	if (type & PHYS_ADDR)
		put_filler(builder, 1);
	if (type & CGROUP)
		put_filler(builder, 1);
	if (type & DATA_PAGE_SIZE)
		put_filler(builder, 1);
	if (type & CODE_PAGE_SIZE)
		put_filler(builder, 1);
	if (type & AUX) {
		put_u64(builder, 8);
		put_filler(builder, 1);
	}
	end_record(builder, start);
}

static void put_sample_id(struct builder *builder, uint64_t type)
{
	if (type & SAMPLE_TID) {
		put_u32(builder, 1234);
		put_u32(builder, 1235);
	}
	if (type & SAMPLE_TIME)
		put_u64(builder, 1000000000123);
	if (type & SAMPLE_ID)
		put_u64(builder, 77);
	if (type & SAMPLE_STREAM_ID)
		put_u64(builder, 77);
	if (type & SAMPLE_CPU) {
		put_u32(builder, 5);
		put_u32(builder, 0xf1f1f1f1);
	}
	if (type & SAMPLE_IDENTIFIER)
		put_u64(builder, 77);
}

static struct perf_attr attr_of(const struct attr_spec *spec, bool big_endian)
{
	struct builder builder = {.big_endian = big_endian};
	struct perf_attr attr;

	put_attr(&builder, spec);
	struct cursor cursor = cursor_over(built(&builder), 0, "the attributes", big_endian);

	assert_null(attr_read(&cursor, &attr));
	assert_int_equal(cursor_left(&cursor), 0);
	builder_deinit(&builder);
	return attr;
}

static void assert_id(const struct sample_id *id, uint64_t type)
{
	assert_int_equal(id->time, type & SAMPLE_TIME ? 1000000000123 : 0);
	assert_int_equal(id->cpu, type & SAMPLE_CPU ? 5 : CPU_UNKNOWN);
	assert_int_equal(id->pid, type & SAMPLE_TID ? 1235 : PID_UNKNOWN);
}

static void check_sample(const struct attr_spec *spec, bool big_endian)
{
	struct builder builder = {.big_endian = big_endian};
	struct perf_attr attr = attr_of(spec, big_endian);
	uint64_t type = spec->sample_type;
	struct sample sample;

	put_sample(&builder, spec);
	struct perf_record record = built_record(&builder);

	assert_true(sample_read(&attr, &record, big_endian, &sample));
	assert_id(&sample.id, type);
	if (type & (SAMPLE_IDENTIFIER | SAMPLE_ID | SAMPLE_STREAM_ID))
		assert_int_equal(
			load_u64(record.data + RECORD_HEADER_SIZE + attr.head.id, big_endian), 77);
	else
		assert_int_equal(attr.head.id, NOWHERE);
	assert_int_equal(sample.nr_ips, type & SAMPLE_CALLCHAIN ? 3 : 0);
	if (type & SAMPLE_CALLCHAIN)
		assert_int_equal(load_u64(sample.chain + 16, big_endian), 0xffff800008000002);
	assert_true(str_equal(sample.raw, type & SAMPLE_RAW ? STR(raw_bytes) : (struct str){0}));
	builder_deinit(&builder);
}

static void check_sample_id(const struct attr_spec *spec, bool big_endian)
{
	struct builder builder = {.big_endian = big_endian};
	struct perf_attr attr = attr_of(spec, big_endian);
	uint64_t type = spec->flags & FLAG_SAMPLE_ID_ALL ? spec->sample_type : 0;
	size_t start = begin_record(&builder, PERF_RECORD_LOST, 0);
	put_u64(&builder, 1);
	put_u64(&builder, 2);
	put_sample_id(&builder, type);
	end_record(&builder, start);
	assert_int_equal(attr.tail.size, built(&builder).length - RECORD_HEADER_SIZE - 16);

	const uint8_t *tail = built_record(&builder).data + RECORD_HEADER_SIZE + 16;
	struct sample_id id = sample_id_read(&attr.tail, tail, big_endian);

	assert_id(&id, type);
	if (attr.tail.id != NOWHERE)
		assert_int_equal(load_u64(tail + attr.tail.id, big_endian), 77);
	builder_deinit(&builder);
}

static void check(const struct attr_spec *spec)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		check_sample(spec, big_endian);
		check_sample_id(spec, big_endian);
	}
}

static void reads_each_field_alone(void **state)
{
	for (unsigned int bit = 0; bit < SAMPLE_BITS; bit++)
		check(&(struct attr_spec){.sample_type = 1U << bit, .flags = FLAG_SAMPLE_ID_ALL});
}

static void reads_each_field_with_all_others(void **state)
{
	const uint64_t all = (1U << SAMPLE_BITS) - 1;

	check(&(struct attr_spec){.sample_type = all, .flags = FLAG_SAMPLE_ID_ALL});
	for (unsigned int bit = 0; bit < SAMPLE_BITS; bit++)
		check(&(struct attr_spec){.sample_type = all & ~(1U << bit)});
}

static void reads_all_that_is_needed_in_all_combinations(void **state)
{
	/* All that comes before RAW, in all combinations. */
	for (uint32_t bits = 0; bits < 1 << 12; bits++)
		check(&(struct attr_spec){
			.sample_type = (bits & ((1 << 11) - 1)) |
				       (bits >> 11 ? (uint64_t)SAMPLE_IDENTIFIER : 0),
			.read_format = bits % 32,
			.flags = bits % 3 ? FLAG_SAMPLE_ID_ALL : 0,
		});
}

static void passes_over_every_read_format(void **state)
{
	for (uint64_t format = 0; format < 32; format++)
		check(&(struct attr_spec){
			.sample_type = SAMPLE_READ | SAMPLE_CALLCHAIN | SAMPLE_RAW | SAMPLE_TIME,
			.read_format = format,
		});
}

static void does_not_care_what_follows_the_raw_data(void **state)
{
	check(&(struct attr_spec){
		.sample_type = SAMPLE_TID | SAMPLE_RAW | BRANCH_STACK | REGS_USER | REGS_INTR,
		.branch_sample_type = BRANCH_HW_INDEX,
		.regs_user = 0x1ffffffff,
		.regs_intr = 0xff,
	});
}

static void refuses_samples_that_are_too_short(void **state)
{
	const struct attr_spec spec = {
		.sample_type = SAMPLE_IDENTIFIER | SAMPLE_TID | SAMPLE_TIME | SAMPLE_CPU |
			       SAMPLE_READ | SAMPLE_CALLCHAIN | SAMPLE_RAW,
		.read_format = READ_GROUP | READ_ID,
	};
	struct builder builder = {0};
	struct perf_attr attr = attr_of(&spec, false);
	struct sample sample;

	put_sample(&builder, &spec);
	struct perf_record record = built_record(&builder);

	assert_true(sample_read(&attr, &record, false, &sample));
	while (record.size-- > RECORD_HEADER_SIZE)
		assert_false(sample_read(&attr, &record, false, &sample));
	builder_deinit(&builder);
}

static void refuses_counts_that_overflow(void **state)
{
	static const uint64_t counts[] = {
		4, 1ULL << 32, 1ULL << 60, 1ULL << 61, UINT64_MAX / 24, UINT64_MAX,
	};
	const struct attr_spec chain = {.sample_type = SAMPLE_CALLCHAIN};
	const struct attr_spec read = {
		.sample_type = SAMPLE_READ,
		.read_format = READ_GROUP | READ_ID | READ_LOST,
	};
	struct perf_attr attrs[] = {attr_of(&chain, false), attr_of(&read, false)};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct builder builder = {0};
		size_t start = begin_record(&builder, PERF_RECORD_SAMPLE, 0);
		struct sample sample;

		put_u64(&builder, counts[i]);
		put_filler(&builder, 3);
		end_record(&builder, start);
		struct perf_record record = built_record(&builder);

		assert_false(sample_read(&attrs[0], &record, false, &sample));
		assert_false(sample_read(&attrs[1], &record, false, &sample));
		builder_deinit(&builder);
	}
}

/* ---- attributes ---------------------------------------------------------------------------- */

static void reads_attributes_of_both_byte_orders(void **state)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct perf_attr attr = attr_of(
			&(struct attr_spec){
				.type = PERF_TYPE_TRACEPOINT,
				.config = 0x53e,
				.period = 1,
				.sample_type = SAMPLE_TIME,
				.read_format = READ_ID,
				.flags = 1 << 10 | 1 << 25 | 1 << 27,
				.clockid = -5,
			},
			big_endian);

		assert_int_equal(attr.type, PERF_TYPE_TRACEPOINT);
		assert_int_equal(attr.config, 0x53e);
		assert_int_equal(attr.sample_period, 1);
		assert_int_equal(attr.sample_type, SAMPLE_TIME);
		assert_int_equal(attr.read_format, READ_ID);
		assert_true(attr.is_freq);
		assert_false(attr.sample_id_all);
		assert_true(attr.use_clockid);
		assert_true(attr.write_backward);
		assert_int_equal(attr.clockid, -5);
	}
}

static void reads_attributes_of_any_size(void **state)
{
	static const uint32_t sizes[] = {64, 72, 80, 96, 104, 112, 120, 128, 136, 144, 4096};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct perf_attr attr = attr_of(
			&(struct attr_spec){
				.size = sizes[i], .config = 7, .clockid = 4, .flags = 1 << 18},
			false);

		assert_int_equal(attr.config, 7);
		assert_true(attr.sample_id_all);
		assert_int_equal(attr.clockid, sizes[i] < 96 ? 0 : 4);
	}
}

static void refuses_attributes_of_impossible_sizes(void **state)
{
	static const uint32_t sizes[] = {1, 63, 4097, UINT32_MAX};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct builder builder = {0};
		struct perf_attr attr;

		put_u32(&builder, PERF_TYPE_TRACEPOINT);
		put_u32(&builder, sizes[i]);
		put_filler(&builder, 1000);
		struct cursor cursor = cursor_over(built(&builder), 0, "the attributes", false);
		struct error *err = attr_read(&cursor, &attr);

		assert_non_null(err);
		error_destroy(err);
		builder_deinit(&builder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_field_alone),
		cmocka_unit_test(reads_each_field_with_all_others),
		cmocka_unit_test(reads_all_that_is_needed_in_all_combinations),
		cmocka_unit_test(passes_over_every_read_format),
		cmocka_unit_test(does_not_care_what_follows_the_raw_data),
		cmocka_unit_test(refuses_samples_that_are_too_short),
		cmocka_unit_test(refuses_counts_that_overflow),
		cmocka_unit_test(reads_attributes_of_both_byte_orders),
		cmocka_unit_test(reads_attributes_of_any_size),
		cmocka_unit_test(refuses_attributes_of_impossible_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
