/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.dat files that were cut or have wrong bits: never a crash, a hang or more memory than the file
 * explains; of a cut file all that is there, in its order.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "test/dat-file.h"
#include "test/record-text.h"

enum {
	CUTS = 200,
	FLIPS = 1000,
	/* Of the real ones, which take longer: most of them are the names of symbols. */
	FLIPS_OF_LARGE = 300,
	/* No file here takes a second; a test machine that is busy may need some more. */
	HANG_SECONDS = 120,
};

/* A file in memory that can be opened by its path and written to. */
struct victim {
	int fd;
	uint8_t *bytes;
	size_t size;
	char path[40];
};

static void make_victim(struct victim *victim, const void *bytes, size_t size)
{
	victim->fd = memfd_create("damage", MFD_CLOEXEC);
	assert_true(victim->fd >= 0);
	assert_int_equal(ftruncate(victim->fd, (off_t)size), 0);
	victim->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, victim->fd, 0);
	assert_ptr_not_equal(victim->bytes, MAP_FAILED);
	memcpy(victim->bytes, bytes, size);
	victim->size = size;
	snprintf(victim->path, sizeof(victim->path), "/proc/self/fd/%d", victim->fd);
}

static void make_victim_of(struct victim *victim, const char *name)
{
	char path[4096];
	struct stat status;

	assert_non_null(getenv("TRACES"));
	snprintf(path, sizeof(path), "%s/%s", getenv("TRACES"), name);
	_cleanup_(close_file) FILE *stream = fopen(path, "r");

	assert_non_null(stream);
	assert_int_equal(fstat(fileno(stream), &status), 0);
	size_t size = (size_t)status.st_size;
	_cleanup_(free_pointer) char *bytes = malloc(size);

	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, size, stream), size);
	make_victim(victim, bytes, size);
}

static void bury(struct victim *victim)
{
	munmap(victim->bytes, victim->size);
	close(victim->fd);
}

/* Hashes of the records of a file. */
struct trail {
	ARRAY_OF(uint64_t) hashes;
	bool truncated;
};

static uint64_t hash_record(enum capture_step step, const struct record *record)
{
	static struct buffer text;

	buffer_clear(&text);
	/* How many were lost stands at the end of a page, where a cut may take it off. */
	if (step == RECORD_LOST)
		buffer_printf(&text, "lost [%u]", record->cpu);
	else
		add_record(&text, step, record);
	return hash_str(buffer_str(&text), 0);
}

/* Reads to the end; `trail` may be NULL.  The error, if any, is checked and returned as true. */
static bool fails(const char *path, struct trail *trail)
{
	struct capture *capture = NULL;
	struct error *err = capture_open(path, &capture);
	enum capture_step step = RECORD_EVENT;
	static struct record record;

	alarm(HANG_SECONDS);
	while (!err) {
		step = capture_next(capture, &record, &err);
		if (step == RECORD_END || step == RECORD_ERROR)
			break;
		uint64_t hash = hash_record(step, &record);

		if (trail)
			assert_true(array_push(&trail->hashes, hash));
	}
	if (trail && !err)
		trail->truncated = capture_info(capture)->truncated;
	bool failed = err != NULL;

	if (failed) {
		assert_int_equal(err->kind, ERROR_FORMAT);
		assert_true(strlen(err->message) > 0);
	}
	error_destroy(err);
	capture_close(capture);
	alarm(0);
	return failed;
}

/* Whether `part` is in `whole`, in its order. */
static bool is_part_of(const struct trail *part, const struct trail *whole)
{
	size_t i = 0, j = 0;

	for (; i < part->hashes.count && j < whole->hashes.count; j++)
		i += part->hashes.at[i] == whole->hashes.at[j];
	return i == part->hashes.count;
}

static void cut(struct victim *victim)
{
	struct trail whole = {0};
	size_t most = 0, readable = 0;

	assert_false(fails(victim->path, &whole));
	assert_false(whole.truncated);
	for (size_t i = 0; i < CUTS; i++) {
		struct trail part = {0};
		size_t size = victim->size * i / CUTS;
		_cleanup_(close_fd) int fd = memfd_create("cut", MFD_CLOEXEC);
		char path[40];

		assert_int_equal(write(fd, victim->bytes, size), size);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (!fails(path, &part)) {
			readable++;
			assert_true(part.truncated);
			assert_true(is_part_of(&part, &whole));
			assert_true(part.hashes.count >= most);
			most = part.hashes.count;
		} else {
			assert_int_equal(readable, 0);
		}
		array_deinit(&part.hashes);
	}
	assert_true(readable > 0);
	array_deinit(&whole.hashes);
}

static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (random_state >> 33) % limit;
}

/* Anywhere, in the header and formats, or around the options, which hold the rest together. */
static size_t choose(const struct victim *victim, size_t options)
{
	size_t near = options > 1500 ? options - 1500 : 0;

	switch (random_below(3)) {
	case 0:
		return random_below(victim->size);
	case 1:
		return random_below(victim->size < 4096 ? victim->size : 4096);
	default:
		return near + random_below(victim->size - near < 3000 ? victim->size - near : 3000);
	}
}

static void flip(struct victim *victim, int flips, uint64_t seed)
{
	const uint8_t *options = memmem(victim->bytes, victim->size, "[local]", 7);
	size_t at = options ? (size_t)(options - victim->bytes) : 0;

	random_state = seed;
	for (int i = 0; i < flips; i++) {
		size_t places[4];
		uint8_t old[4];
		size_t count = 1 + random_below(4);

		for (size_t j = 0; j < count; j++) {
			places[j] = choose(victim, at);
			old[j] = victim->bytes[places[j]];
			victim->bytes[places[j]] ^= (uint8_t)(1 << random_below(8));
		}
		fails(victim->path, NULL);
		for (size_t j = count; j-- > 0;)
			victim->bytes[places[j]] = old[j];
	}
}

static void damage(struct victim *victim, int flips, uint64_t seed)
{
	struct rusage usage;

	cut(victim);
	flip(victim, flips, seed);
	assert_false(fails(victim->path, NULL));
	bury(victim);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
	assert_true(usage.ru_maxrss < 400 * 1024);
#endif
}

/* ---- the files ----------------------------------------------------------------------------- */

static void made(unsigned int version, bool big_endian, unsigned int long_size,
		 enum dat_compression compression)
{
	static struct dat_file file;
	static const char clock[] = "[local] global counter";
	struct victim victim;

	dat_file_init(&file, version, big_endian, long_size, compression, 3);
	for (unsigned int cpu = 0; cpu < 3; cpu++) {
		struct dat_pages *pages = &file.buffers[0].cpus[cpu];
		uint64_t time = 1000 + cpu;

		for (int page = 0; page < 6; page++) {
			dat_page_begin(&file, pages, time);
			for (int i = 0; i < 10; i++, time += 100) {
				dat_put_call(&file, pages, time, 1, time);
				dat_put_stack(&file, pages, time + 1, 1);
				dat_put_return(&file, pages, time + 2, 1, time);
				dat_put_free(&file, pages, time + 3, 117, time);
			}
			dat_page_end(&file, pages, page == 3 ? 3U << 30 : 0, 5);
		}
	}
	dat_file_option(&file, 4, clock, sizeof(clock));
	dat_file_build(&file);
	make_victim(&victim, file.bytes.data, file.bytes.length);
	damage(&victim, FLIPS, version * 1000 + compression * 100 + long_size * 10 + big_endian);
}

static void version_6(void **state)
{
	made(6, false, 8, DAT_NONE);
}

static void version_6_big_endian_32_bits(void **state)
{
	made(6, true, 4, DAT_NONE);
}

static void version_7(void **state)
{
	made(7, false, 8, DAT_NONE);
}

static void version_7_zlib(void **state)
{
	made(7, false, 8, DAT_ZLIB);
}

static void version_7_zstd(void **state)
{
	made(7, true, 8, DAT_ZSTD);
}

static void real_version_6(void **state)
{
	struct victim victim;

	make_victim_of(&victim, "debian-6.1/trace-v6.dat");
	damage(&victim, FLIPS_OF_LARGE, 1);
}

static void real_version_7(void **state)
{
	struct victim victim;

	make_victim_of(&victim, "linux-4.14/trace.dat");
	damage(&victim, FLIPS_OF_LARGE, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_6),	  cmocka_unit_test(version_6_big_endian_32_bits),
		cmocka_unit_test(version_7),	  cmocka_unit_test(version_7_zlib),
		cmocka_unit_test(version_7_zstd), cmocka_unit_test(real_version_6),
		cmocka_unit_test(real_version_7),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
