/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of a stream, compressed or not, whole or cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

#include "base/hash.h"

#include "capture/perf/stream.h"

#include "perf-builder.h"

/* A stream over what was built. */
struct source {
	struct input input;
	struct stream stream;
};

static void source_init(struct source *source, const struct builder *builder)
{
	input_init(&source->input, file_of(built(builder)));
	stream_init(&source->stream, &source->input, 0, UINT64_MAX, builder->big_endian);
}

static void source_deinit(struct source *source)
{
	stream_deinit(&source->stream);
	input_deinit(&source->input);
}

/* What stands at an offset of a record: looks random, so that zstd cannot make it smaller. */
static uint64_t filler(uint64_t number, size_t at)
{
	return hash_u64(hash_u64(number) + at);
}

/* A record of `size` bytes: a number, and what follows from it. */
static void put_numbered(struct builder *builder, uint64_t number, size_t size)
{
	size_t start = begin_record(builder, PERF_RECORD_SAMPLE, 1);

	put_u64(builder, number);
	for (size_t i = 16; i < size; i += 8)
		put_u64(builder, filler(number, i));
	end_record(builder, start);
}

static void assert_number(const struct source *source, const struct perf_record *record,
			  uint64_t number)
{
	bool big_endian = source->stream.big_endian;

	assert_int_equal(record->type, PERF_RECORD_SAMPLE);
	assert_int_equal(load_u64(record->data + 8, big_endian), number);
	for (size_t i = 16; i < record->size; i += 8)
		assert_int_equal(load_u64(record->data + i, big_endian), filler(number, i));
}

/* Reads numbered records from `first` on to the end of the stream; returns the next number. */
static uint64_t read_numbered(struct source *source, uint64_t first, enum stream_step end)
{
	struct perf_record record;
	struct error *err = NULL;
	enum stream_step step;

	while ((step = stream_next(&source->stream, &record, &err)) == STREAM_RECORD)
		assert_number(source, &record, first++);
	assert_int_equal(step, end);
	assert_int_equal(step == STREAM_ERROR, err != NULL);
	error_destroy(err);
	return first;
}

/* ---- plain --------------------------------------------------------------------------------- */

static void reads_records_of_all_sizes(void **state)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct builder builder = {.big_endian = big_endian};
		struct source source;
		uint64_t count = 0;

		for (size_t size = 16; size < 65536; size += 8 + size / 4 / 8 * 8)
			for (int i = 0; i < 20; i++)
				put_numbered(&builder, count++, size);
		source_init(&source, &builder);
		assert_int_equal(read_numbered(&source, 0, STREAM_END), count);
		assert_int_equal(read_numbered(&source, 0, STREAM_END), 0);
		source_deinit(&source);
		builder_deinit(&builder);
	}
}

static void says_where_records_are(void **state)
{
	struct builder builder = {0};
	struct source source;
	struct perf_record record;
	struct error *err = NULL;
	uint64_t position = 0;

	for (uint64_t i = 0; i < 50000; i++)
		put_numbered(&builder, i, 24);
	source_init(&source, &builder);
	while (stream_next(&source.stream, &record, &err) == STREAM_RECORD) {
		assert_int_equal(record.position, position);
		position += 24;
	}
	assert_int_equal(position, 50000 * 24);
	source_deinit(&source);
	builder_deinit(&builder);
}

static void ends_where_the_section_ends(void **state)
{
	struct builder builder = {0};
	struct source source;

	for (uint64_t i = 0; i < 10; i++)
		put_numbered(&builder, i, 24);
	source_init(&source, &builder);
	source.stream.limit = 5 * 24;
	assert_int_equal(read_numbered(&source, 0, STREAM_END), 5);
	source_deinit(&source);
	source_init(&source, &builder);
	source.stream.limit = 5 * 24 + 8;
	assert_int_equal(read_numbered(&source, 0, STREAM_CUT), 5);
	source_deinit(&source);
	builder_deinit(&builder);
}

static void tells_a_cut_from_an_end(void **state)
{
	struct builder builder = {0};

	for (uint64_t i = 0; i < 3; i++)
		put_numbered(&builder, i, 40);
	for (size_t length = 120; length > 0; length--) {
		struct source source;

		builder.bytes.length = length;
		source_init(&source, &builder);
		assert_int_equal(read_numbered(&source, 0, length % 40 ? STREAM_CUT : STREAM_END),
				 length / 40);
		source_deinit(&source);
	}
	builder_deinit(&builder);
}

static void refuses_a_record_without_a_size(void **state)
{
	for (uint16_t size = 0; size < RECORD_HEADER_SIZE; size++) {
		struct builder builder = {0};
		struct source source;

		put_numbered(&builder, 0, 24);
		put_numbered(&builder, 1, 24);
		set_u16(&builder, 24 + 6, size);
		source_init(&source, &builder);
		assert_int_equal(read_numbered(&source, 0, STREAM_ERROR), 1);
		source_deinit(&source);
		builder_deinit(&builder);
	}
}

static void ends_at_text(void **state)
{
	static const char text[] = "[ perf record: Woken up 1 times to write data ]\n";

	for (size_t length = RECORD_HEADER_SIZE; length < sizeof(text); length++) {
		struct builder builder = {0};
		struct source source;

		put_numbered(&builder, 0, 24);
		put_bytes(&builder, (struct str){text, length});
		source_init(&source, &builder);
		assert_int_equal(read_numbered(&source, 0, STREAM_END), 1);
		source_deinit(&source);
		builder_deinit(&builder);
	}
}

static void refuses_text_among_records(void **state)
{
	struct builder builder = {0};
	struct source source;

	put_numbered(&builder, 0, 24);
	put_bytes(&builder, STR("Warning: something\n"));
	put_numbered(&builder, 1, 24);
	source_init(&source, &builder);
	assert_int_equal(read_numbered(&source, 0, STREAM_ERROR), 1);
	source_deinit(&source);
	builder_deinit(&builder);
}

/* ---- what follows records ------------------------------------------------------------------ */

static void put_auxtrace(struct builder *builder, uint64_t size)
{
	size_t start = begin_record(builder, PERF_RECORD_AUXTRACE, 0);

	put_u64(builder, size);
	for (int i = 0; i < 4; i++)
		put_u64(builder, 0);
	end_record(builder, start);
}

static void passes_over_traces_of_hardware(void **state)
{
	struct builder builder = {0};
	struct source source;
	size_t trace_at;

	put_numbered(&builder, 0, 24);
	put_auxtrace(&builder, 8 * 100000);
	trace_at = built(&builder).length;
	for (int i = 0; i < 100000; i++)
		put_u64(&builder, 9); /* looks like a record without a size */
	put_numbered(&builder, 1, 24);
	put_auxtrace(&builder, 0);
	put_numbered(&builder, 2, 24);
	source_init(&source, &builder);
	assert_int_equal(read_numbered(&source, 0, STREAM_END), 3);
	source_deinit(&source);

	set_u64(&builder, trace_at - 40, UINT64_MAX);
	source_init(&source, &builder);
	assert_int_equal(read_numbered(&source, 0, STREAM_CUT), 1);
	source_deinit(&source);
	builder_deinit(&builder);
}

/* As perf writes it: the record, then the data. */
static void hands_out_tracing_data(void **state)
{
	struct builder builder = {0};
	struct source source;
	struct perf_record record;
	struct error *err = NULL;
	size_t start = begin_record(&builder, PERF_RECORD_HEADER_TRACING_DATA, 0);

	put_u32(&builder, 300000);
	put_u32(&builder, 0);
	end_record(&builder, start);
	for (int i = 0; i < 300000 / 4; i++)
		put_bytes(&builder, STR("\x17\x08\x44t"));
	put_numbered(&builder, 0, 24);
	source_init(&source, &builder);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_RECORD);
	assert_int_equal(record.type, PERF_RECORD_HEADER_TRACING_DATA);
	assert_int_equal(record.size, 16);
	assert_int_equal(record.after.length, 300000);
	assert_int_equal(record.after.text[299999], 't');
	assert_int_equal(read_numbered(&source, 0, STREAM_END), 1);
	source_deinit(&source);

	builder.bytes.length = 1000; /* what is there of it is handed out, too */
	source_init(&source, &builder);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_RECORD);
	assert_int_equal(record.after.length, 1000 - 16);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_CUT);
	source_deinit(&source);
	builder_deinit(&builder);
}

/* As simpleperf once wrote it: within the record. */
static void hands_out_tracing_data_within_the_record(void **state)
{
	struct builder builder = {0};
	struct source source;
	struct perf_record record;
	struct error *err = NULL;
	size_t start = begin_record(&builder, PERF_RECORD_HEADER_TRACING_DATA, 0);

	put_u32(&builder, 1004);
	for (int i = 0; i < 1004 / 4; i++)
		put_bytes(&builder, STR("\x17\x08\x44t"));
	end_record(&builder, start);
	put_numbered(&builder, 0, 24);
	source_init(&source, &builder);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_RECORD);
	assert_int_equal(record.size, 1016);
	assert_int_equal(record.after.length, 0);
	assert_int_equal(read_numbered(&source, 0, STREAM_END), 1);
	source_deinit(&source);
	builder_deinit(&builder);
}

static void reads_large_records_of_simpleperf(void **state)
{
	struct builder builder = {0};
	struct source source;
	struct perf_record record;
	struct error *err = NULL;

	put_u32(&builder, SIMPLEPERF_KERNEL_SYMBOL);
	put_u16(&builder, 2); /* the upper half of the size */
	put_u16(&builder, 8);
	for (int i = 0; i < 0x20000 / 8; i++)
		put_u64(&builder, 0);
	put_numbered(&builder, 0, 24);
	source_init(&source, &builder);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_RECORD);
	assert_int_equal(record.size, 0x20008);
	assert_int_equal(read_numbered(&source, 0, STREAM_END), 1);
	source_deinit(&source);
	builder_deinit(&builder);
}

/* ---- compressed ---------------------------------------------------------------------------- */

struct zipper {
	ZSTD_CCtx *zstd;
	char *buffer;
	size_t capacity;
};

static void zipper_init(struct zipper *zipper)
{
	*zipper = (struct zipper){ZSTD_createCCtx(), malloc(1 << 22), 1 << 22};
	assert_non_null(zipper->zstd);
	assert_non_null(zipper->buffer);
}

static void zipper_deinit(struct zipper *zipper)
{
	ZSTD_freeCCtx(zipper->zstd);
	free(zipper->buffer);
}

/* The next bytes of the one zstd stream, flushed, as perf record does with each piece. */
static struct str zip(struct zipper *zipper, struct str piece)
{
	ZSTD_inBuffer from = {piece.text, piece.length, 0};
	ZSTD_outBuffer to = {zipper->buffer, zipper->capacity, 0};

	assert_int_equal(ZSTD_compressStream2(zipper->zstd, &to, &from, ZSTD_e_flush), 0);
	return (struct str){zipper->buffer, to.pos};
}

static void put_compressed(struct builder *builder, struct str packed)
{
	size_t start = begin_record(builder, PERF_RECORD_COMPRESSED, 0);

	assert_true(packed.length < 65528);
	put_bytes(builder, packed);
	end_record(builder, start);
}

static void put_compressed2(struct builder *builder, struct str packed)
{
	static const char zeros[8];
	size_t start = begin_record(builder, PERF_RECORD_COMPRESSED2, 0);

	put_u64(builder, packed.length);
	put_bytes(builder, packed);
	put_bytes(builder, (struct str){zeros, -packed.length & 7});
	end_record(builder, start);
}

typedef void put_packed(struct builder *builder, struct str packed);

/* Records of changing sizes, in pieces that end anywhere. */
static void check_compressed(put_packed *put, size_t piece)
{
	struct builder plain = {0}, builder = {0};
	struct zipper zipper;
	struct source source;
	uint64_t count = 0;

	for (; built(&plain).length < 400000; count++)
		put_numbered(&plain, count, 16 + 8 * (count % 300));
	zipper_init(&zipper);
	for (struct str rest = built(&plain); rest.length; rest = str_skip(rest, piece))
		put(&builder, zip(&zipper, str_first(rest, piece)));
	source_init(&source, &builder);
	assert_int_equal(read_numbered(&source, 0, STREAM_END), count);
	source_deinit(&source);
	zipper_deinit(&zipper);
	builder_deinit(&builder);
	builder_deinit(&plain);
}

static void inflates_compressed_records(void **state)
{
	check_compressed(put_compressed, 60000);
	check_compressed(put_compressed, 1000);
	check_compressed(put_compressed, 7);
}

static void inflates_compressed2_records(void **state)
{
	check_compressed(put_compressed2, 60000);
	check_compressed(put_compressed2, 1003);
	check_compressed(put_compressed2, 7);
}

/* Records between compressed ones come in their turn, with their own position. */
static void keeps_compressed_and_plain_records_in_order(void **state)
{
	struct builder plain = {0}, builder = {0};
	struct zipper zipper;
	struct source source;
	struct perf_record record;
	struct error *err = NULL;

	put_numbered(&plain, 0, 24);
	put_numbered(&plain, 1, 24);
	zipper_init(&zipper);
	put_compressed(&builder, zip(&zipper, built(&plain)));
	size_t second = built(&builder).length;

	put_numbered(&builder, 2, 24);
	source_init(&source, &builder);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_RECORD);
	assert_int_equal(record.position, 0);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_RECORD);
	assert_int_equal(record.position, 0);
	assert_int_equal(stream_next(&source.stream, &record, &err), STREAM_RECORD);
	assert_int_equal(record.position, second);
	source_deinit(&source);
	zipper_deinit(&zipper);
	builder_deinit(&builder);
	builder_deinit(&plain);
}

static uint64_t put_noise(struct builder *builder, size_t length)
{
	uint64_t count = 0;

	for (; built(builder).length < length; count++)
		put_numbered(builder, count, 4096);
	return count;
}

/* What perf record writes whenever zstd makes more than 65512 bytes of a buffer. */
static void put_overflowed(struct builder *builder, struct str packed)
{
	enum {
		PART = 65519
	};
	size_t nr_parts = (packed.length + PART - 1) / PART;
	size_t whole = 16 * nr_parts + packed.length;
	bool is_first = true;

	for (; packed.length; packed = str_skip(packed, PART)) {
		struct str part = str_first(packed, PART);
		size_t start = begin_record(builder, PERF_RECORD_COMPRESSED2, 0);

		put_u64(builder, is_first ? whole - 16 : 0xf1f1f1f1f1f1f1f1);
		put_bytes(builder, part);
		end_record(builder, start);
		if (is_first)
			set_u16(builder, start + 6, (uint16_t)((whole + 7) & ~(size_t)7));
		is_first = false;
	}
}

static void inflates_compressed2_whose_size_overflowed(void **state)
{
	static const size_t lengths[] = {65512, 65513, 65519, 65520, 70000, 131038, 140000, 400000};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct builder plain = {0}, builder = {0};
		struct zipper zipper;
		struct source source;
		struct str packed;
		uint64_t count = put_noise(&plain, lengths[i] + 8192);

		zipper_init(&zipper);
		packed = zip(&zipper, built(&plain));
		assert_true(packed.length > lengths[i]);
		/* The end of the stream comes in a record that is as it should be. */
		put_overflowed(&builder, str_first(packed, lengths[i]));
		put_compressed2(&builder, str_skip(packed, lengths[i]));
		put_numbered(&builder, count, 24);
		source_init(&source, &builder);
		assert_int_equal(read_numbered(&source, 0, STREAM_END), count + 1);
		source_deinit(&source);
		zipper_deinit(&zipper);
		builder_deinit(&builder);
		builder_deinit(&plain);
	}
}

static void inflates_what_there_is_of_a_cut_file(void **state)
{
	struct builder plain = {0}, builder = {0};
	struct zipper zipper;
	uint64_t last = 0;

	put_noise(&plain, 300000);
	zipper_init(&zipper);
	for (struct str rest = built(&plain); rest.length; rest = str_skip(rest, 50000))
		put_compressed(&builder, zip(&zipper, str_first(rest, 50000)));
	size_t length = built(&builder).length;

	for (size_t cut = 1; cut < length; cut += 997) {
		struct source source;
		uint64_t count;

		builder.bytes.length = cut;
		source_init(&source, &builder);
		count = read_numbered(&source, 0, STREAM_CUT);
		assert_true(count >= last);
		last = count;
		source_deinit(&source);
	}
	assert_true(last > 60);
	zipper_deinit(&zipper);
	builder_deinit(&builder);
	builder_deinit(&plain);
}

static void refuses_damaged_compression(void **state)
{
	struct builder plain = {0}, builder = {0};
	struct zipper zipper;
	struct source source;

	put_noise(&plain, 20000);
	zipper_init(&zipper);
	put_compressed(&builder, zip(&zipper, built(&plain)));
	builder.bytes.text[8] ^= 1; /* the magic of zstd */
	source_init(&source, &builder);
	assert_int_equal(read_numbered(&source, 0, STREAM_ERROR), 0);
	source_deinit(&source);
	zipper_deinit(&zipper);
	builder_deinit(&builder);
	builder_deinit(&plain);
}

static void refuses_impossible_sizes_of_compressed2(void **state)
{
	static const uint64_t sizes[] = {1000, 65600, 1ULL << 40, UINT64_MAX - 15, UINT64_MAX};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct builder builder = {0};
		struct source source;

		put_compressed2(&builder, STR("123"));
		set_u64(&builder, 8, sizes[i]);
		source_init(&source, &builder);
		assert_int_equal(read_numbered(&source, 0, STREAM_ERROR), 0);
		source_deinit(&source);
		builder_deinit(&builder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_records_of_all_sizes),
		cmocka_unit_test(says_where_records_are),
		cmocka_unit_test(ends_where_the_section_ends),
		cmocka_unit_test(tells_a_cut_from_an_end),
		cmocka_unit_test(refuses_a_record_without_a_size),
		cmocka_unit_test(ends_at_text),
		cmocka_unit_test(refuses_text_among_records),
		cmocka_unit_test(passes_over_traces_of_hardware),
		cmocka_unit_test(hands_out_tracing_data),
		cmocka_unit_test(hands_out_tracing_data_within_the_record),
		cmocka_unit_test(reads_large_records_of_simpleperf),
		cmocka_unit_test(inflates_compressed_records),
		cmocka_unit_test(inflates_compressed2_records),
		cmocka_unit_test(keeps_compressed_and_plain_records_in_order),
		cmocka_unit_test(inflates_compressed2_whose_size_overflowed),
		cmocka_unit_test(inflates_what_there_is_of_a_cut_file),
		cmocka_unit_test(refuses_damaged_compression),
		cmocka_unit_test(refuses_impossible_sizes_of_compressed2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
