/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "capture/spool.h"

enum {
	SIZE = 3 * INPUT_CHUNK + 1000,
};

/* What the inputs hold: a byte says where it is. */
static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset ^ offset >> 8 ^ offset >> 16);
}

static void write_bytes(int fd, size_t size)
{
	_cleanup_(free_pointer) uint8_t *bytes = malloc(size + 1);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = byte_at(i);
	for (size_t done = 0; done < size;) {
		ssize_t got = write(fd, bytes + done, size - done);

		if (got <= 0)
			break;
		done += (size_t)got;
	}
}

/* A file of `size` bytes. */
static int file_of(size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	write_bytes(fd, size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* A pipe that gives `size` bytes; the child that writes them goes with it. */
static int pipe_of(size_t size)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	if (fork() == 0) {
		close(ends[0]);
		write_bytes(ends[1], size);
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

static void assert_error(struct error *err, uint64_t where, const char *message)
{
	assert_non_null(err);
	assert_int_equal(err->where, where);
	assert_string_equal(err->message, message);
	error_destroy(err);
}

/* Checks that the spool holds what the input held from `first` on. */
static void assert_holds(const struct spool *spool, uint64_t first, uint64_t size)
{
	uint8_t bytes[4000];

	assert_int_equal(spool->size, size);
	for (uint64_t offset = 0; offset < size; offset += sizeof(bytes)) {
		uint64_t left = size - offset;
		size_t count = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);

		assert_null(spool_read(spool, offset, bytes, count));
		for (size_t i = 0; i < count; i++)
			if (bytes[i] != byte_at(first + offset + i))
				fail_msg("byte %zu is wrong", (size_t)offset + i);
	}
	assert_error(spool_read(spool, size - 3, bytes, 10), size - 3,
		     "the file ends too early: 7 of 10 bytes are missing");
	assert_error(spool_read(spool, UINT64_MAX, bytes, 10), UINT64_MAX,
		     "the file ends too early: 10 of 10 bytes are missing");
	assert_null(spool_read(spool, size, bytes, 0));
}

/* Spools `fd` after `skipped` bytes were taken from it. */
static void check(int fd, size_t skipped, uint64_t memory_max, uint64_t first)
{
	struct input input;
	struct spool spool;
	struct str head;

	input_init(&input, fd);
	if (skipped) {
		assert_null(input_peek(&input, skipped, &head));
		input_skip(&input, skipped);
	}
	assert_null(spool_init(&spool, &input, memory_max));
	assert_holds(&spool, first + skipped, SIZE - first - skipped);
	spool_deinit(&spool);
	spool_deinit(&spool);
	input_deinit(&input);
	while (wait(NULL) > 0)
		;
}

static void reads_a_file_where_it_lies(void **state)
{
	check(file_of(SIZE), 0, 0, 0);
	check(file_of(SIZE), 16, 0, 0);
}

static void begins_where_the_file_is_at(void **state)
{
	int fd = file_of(SIZE);

	assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
	check(fd, 16, 0, 100);
}

static void keeps_a_pipe_in_memory(void **state)
{
	check(pipe_of(SIZE), 0, SPOOL_MEMORY_MAX, 0);
	check(pipe_of(SIZE), 16, SPOOL_MEMORY_MAX, 0);
}

static void keeps_a_large_pipe_in_a_file(void **state)
{
	check(pipe_of(SIZE), 0, SIZE / 2, 0);
	check(pipe_of(SIZE), 16, 0, 0);
}

/* What decompressed data are that end in the middle. */
static struct error *read_cut(void *context, char *to, size_t size, size_t *ret)
{
	size_t *done = context;

	if (*done >= SIZE)
		return error_create(ERROR_FORMAT, "it ends in the middle");
	for (*ret = 0; *ret < size && *done < SIZE; ++*ret)
		to[*ret] = (char)byte_at((*done)++);
	return NULL;
}

static void close_cut(void *context)
{
	*(size_t *)context = 0;
}

static void keeps_what_was_there_before_a_cut(void **state)
{
	static const uint64_t limits[] = {SPOOL_MEMORY_MAX, SIZE / 2, SIZE - 10};
	struct input input;
	struct spool spool;
	size_t done = 0;

	for (size_t i = 0; i < 3; i++) {
		input_init_from(&input, (struct input_source){read_cut, close_cut, &done});
		assert_null(spool_init(&spool, &input, limits[i]));
		assert_true(spool.is_cut);
		assert_holds(&spool, 0, SIZE);
		spool_deinit(&spool);
		input_deinit(&input);
	}
}

static void says_when_there_is_no_place(void **state)
{
	struct input input;
	struct spool spool;

	setenv("TMPDIR", "/nowhere", 1);
	input_init(&input, pipe_of(SIZE));
	struct error *err = spool_init(&spool, &input, 1000);

	unsetenv("TMPDIR");
	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_string_equal(err->message,
			    "cannot keep the capture, which can only be read as a whole, in "
			    "/nowhere; set TMPDIR to a folder with room for it, or give it as a "
			    "file: No such file or directory");
	error_destroy(err);
	spool_deinit(&spool);
	input_deinit(&input);
	while (wait(NULL) > 0)
		;
}

static void says_when_space_runs_out(void **state)
{
	struct rlimit old, low;
	struct input input;
	struct spool spool;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = (struct rlimit){INPUT_CHUNK + 10, old.rlim_max};
	input_init(&input, pipe_of(SIZE));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	struct error *err = spool_init(&spool, &input, 0);

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_non_null(strstr(err->message, "set TMPDIR to a folder with room for it"));
	error_destroy(err);
	spool_deinit(&spool);
	input_deinit(&input);
	while (wait(NULL) > 0)
		;
}

static void notices_a_file_that_shrinks(void **state)
{
	int fd = file_of(SIZE);
	struct input input;
	struct spool spool;
	char bytes[100];

	input_init(&input, fd);
	assert_null(spool_init(&spool, &input, 0));
	assert_int_equal(ftruncate(fd, 1000), 0);
	assert_error(spool_read(&spool, 950, bytes, 100), 950,
		     "the file ends too early: 50 of 100 bytes are missing");
	spool_deinit(&spool);
	input_deinit(&input);
}

static void windows_show_any_place(void **state)
{
	static const struct {
		uint64_t offset, size;
	} views[] = {
		{0, 10},    {10, 10},	   {4090, 10}, {100, 4096}, {100, 4097}, {50, 1},
		{60000, 1}, {SIZE - 1, 1}, {SIZE, 0},  {0, 0},	    {0, SIZE},	 {7, 5000},
	};
	struct input input;
	struct spool spool;
	struct window window;
	struct str view;

	input_init(&input, file_of(SIZE));
	assert_null(spool_init(&spool, &input, 0));
	assert_null(window_init(&window, &spool, 4096));
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		assert_null(window_view(&window, views[i].offset, views[i].size, &view));
		assert_int_equal(view.length, views[i].size);
		for (size_t j = 0; j < view.length; j++)
			if ((uint8_t)view.text[j] != byte_at(views[i].offset + j))
				fail_msg("byte %zu of view %zu is wrong", j, i);
	}
	assert_error(window_view(&window, SIZE - 5, 8, &view), SIZE - 5,
		     "the file ends too early: 3 of 8 bytes are missing");
	assert_error(window_view(&window, 8, UINT64_MAX, &view), 8,
		     "the file ends too early: 18446744073708764191 of 18446744073709551615 bytes "
		     "are missing");
	assert_error(window_view(&window, UINT64_MAX - 1, 8, &view), UINT64_MAX - 1,
		     "the file ends too early: 8 of 8 bytes are missing");
	assert_null(window_view(&window, 3, 1, &view));
	window_deinit(&window);
	window_deinit(&window);
	spool_deinit(&spool);
	input_deinit(&input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_file_where_it_lies),
		cmocka_unit_test(begins_where_the_file_is_at),
		cmocka_unit_test(keeps_a_pipe_in_memory),
		cmocka_unit_test(keeps_a_large_pipe_in_a_file),
		cmocka_unit_test(keeps_what_was_there_before_a_cut),
		cmocka_unit_test(says_when_there_is_no_place),
		cmocka_unit_test(says_when_space_runs_out),
		cmocka_unit_test(notices_a_file_that_shrinks),
		cmocka_unit_test(windows_show_any_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
