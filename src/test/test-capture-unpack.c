/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures compressed as a whole are read as they are: the same records, and clear errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include <mmureplay/capture.h>

#include "base/cleanup.h"

enum {
	LINES = 20000, /* more than one chunk of packed data, and of unpacked */
	LINE_SIZE = 100,
	GZIP_WINDOW_BITS = 15 + 16,
};

struct bytes {
	char *data;
	size_t size;
};

static void free_bytes(struct bytes *bytes)
{
	free(bytes->data);
}

DEFINE_CLEANUP(close_capture, struct capture *, capture_close)

/* A text whose lines do not repeat, so that it does not pack to nothing. */
static struct bytes make_text(void)
{
	struct bytes text = {calloc(LINES, LINE_SIZE), 0};

	assert_non_null(text.data);
	for (unsigned int i = 0; i < LINES; i++) {
		unsigned int noise = i * 2654435761u; /* Knuth's multiplicative hash */

		text.size += (size_t)snprintf(text.data + text.size, LINE_SIZE,
					      "  sh-%u [000] d... %u.%06u: iounmap: "
					      "(iounmap+0x0/0x60) addr=0xffff8000%08x\n",
					      noise % 30000 + 1, i / 1000 + 1, i % 1000 * 1000,
					      noise & ~0xfffu);
	}
	return text;
}

static struct bytes pack_gzip(struct bytes plain)
{
	z_stream stream = {0};

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, GZIP_WINDOW_BITS, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	struct bytes packed = {NULL, deflateBound(&stream, plain.size)};

	packed.data = malloc(packed.size);
	assert_non_null(packed.data);
	stream.next_in = (Bytef *)plain.data;
	stream.avail_in = (uInt)plain.size;
	stream.next_out = (Bytef *)packed.data;
	stream.avail_out = (uInt)packed.size;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	packed.size = stream.total_out;
	deflateEnd(&stream);
	return packed;
}

static struct bytes pack_zstd(struct bytes plain)
{
	struct bytes packed = {NULL, ZSTD_compressBound(plain.size)};

	packed.data = malloc(packed.size);
	assert_non_null(packed.data);
	packed.size = ZSTD_compress(packed.data, packed.size, plain.data, plain.size, 3);
	assert_false(ZSTD_isError(packed.size));
	return packed;
}

struct outcome {
	uint64_t records;
	uint64_t sum; /* of all addresses */
	char error[200];
};

static void note_error(struct outcome *outcome, struct error *err)
{
	_cleanup_(destroy_error) struct error *owned = err;

	snprintf(outcome->error, sizeof(outcome->error), "%s", owned->message);
}

static struct outcome read_file(const char *path)
{
	_cleanup_(close_capture) struct capture *capture = NULL;
	struct outcome outcome = {0};
	struct record record;
	struct error *err = capture_open(path, &capture);

	if (err) {
		note_error(&outcome, err);
		return outcome;
	}
	for (;;) {
		switch (capture_next(capture, &record, &err)) {
		case RECORD_EVENT:
			outcome.records++;
			outcome.sum += record.field[0].number;
			continue;
		case RECORD_LOST:
		case RECORD_STACK:
			continue;
		case RECORD_ERROR:
			note_error(&outcome, err);
			return outcome;
		case RECORD_END:
			return outcome;
		}
	}
}

static struct outcome read_bytes(struct bytes first, struct bytes second)
{
	char path[] = "/tmp/mmureplay-unpack-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, first.data, first.size), (ssize_t)first.size);
	if (second.size)
		assert_int_equal(write(fd, second.data, second.size), (ssize_t)second.size);
	close(fd);
	struct outcome outcome = read_file(path);

	unlink(path);
	return outcome;
}

static const struct bytes nothing = {NULL, 0};

typedef struct bytes pack(struct bytes plain);

static void check(pack *pack_it)
{
	_cleanup_(free_bytes) struct bytes plain = make_text();
	_cleanup_(free_bytes) struct bytes packed = pack_it(plain);
	struct outcome expected = read_bytes(plain, nothing);
	struct outcome whole = read_bytes(packed, nothing);
	struct outcome twice = read_bytes(packed, packed);
	struct outcome cut = read_bytes((struct bytes){packed.data, packed.size * 2 / 3}, nothing);

	assert_int_equal(expected.records, LINES);
	assert_string_equal(expected.error, "");
	assert_int_equal(whole.records, LINES);
	assert_int_equal(whole.sum, expected.sum);
	assert_string_equal(whole.error, "");
	/* Two compressed files one after another are one text. */
	assert_int_equal(twice.records, 2 * LINES);
	assert_string_equal(twice.error, "");
	/* What came before the end is read; then it says what is wrong. */
	assert_true(cut.records > LINES / 3 && cut.records < LINES);
	assert_non_null(strstr(cut.error, "ends in the middle"));
}

static void test_gzip(void **state)
{
	check(pack_gzip);
}

static void test_zstd(void **state)
{
	check(pack_zstd);
}

/* Flipped bytes: an error or other records, but no crash; and nothing compressed twice. */
static void test_damaged(void **state)
{
	_cleanup_(free_bytes) struct bytes plain = make_text();
	pack *const packs[] = {pack_gzip, pack_zstd};

	for (int i = 0; i < 2; i++) {
		_cleanup_(free_bytes) struct bytes packed = packs[i](plain);
		_cleanup_(free_bytes) struct bytes again = packs[i](packed);

		for (size_t at = 8; at < packed.size; at += packed.size / 50) {
			packed.data[at] ^= 0x10;
			struct outcome outcome = read_bytes(packed, nothing);

			assert_true(outcome.records <= 2 * LINES);
			packed.data[at] ^= 0x10;
		}
		assert_non_null(strstr(read_bytes(again, nothing).error, "twice"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_zstd),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
