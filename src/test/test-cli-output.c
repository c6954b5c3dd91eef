/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/output.h"

/* A folder of our own, with a capture in it. */
struct folder {
	char path[32];
	char *capture, *report;
	const char *captures[3]; /* another one, and this */
};

static void write_file(const char *path, const char *content)
{
	_cleanup_(close_file) FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
}

static void assert_content(const char *path, const char *expected)
{
	_cleanup_(close_file) FILE *file = fopen(path, "re");
	char content[64] = {0};

	assert_non_null(file);
	size_t length = fread(content, 1, sizeof(content) - 1, file);

	assert_false(ferror(file));
	assert_int_equal(length, strlen(expected));
	assert_string_equal(content, expected);
}

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	strcpy(folder->path, "/tmp/test-cli-output-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	assert_true(asprintf(&folder->capture, "%s/trace.txt", folder->path) > 0);
	assert_true(asprintf(&folder->report, "%s/report.txt", folder->path) > 0);
	write_file(folder->capture, "the evidence");
	folder->captures[0] = "/nonexistent/trace.txt";
	folder->captures[1] = folder->capture;
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	unlink(folder->capture);
	unlink(folder->report);
	rmdir(folder->path);
	free(folder->capture);
	free(folder->report);
	free(folder);
	return 0;
}

static void replaces_what_a_file_had(void **state)
{
	struct folder *folder = *state;
	struct output output;

	write_file(folder->report, "an older and longer report");
	assert_null(output_open(folder->report, folder->captures, &output));
	assert_true(fputs("new", output.file) >= 0);
	assert_null(output_close(&output));
	assert_null(output.file);
	assert_content(folder->report, "new");
}

static void never_writes_over_the_capture(void **state)
{
	struct folder *folder = *state;
	struct output output;

	assert_int_equal(link(folder->capture, folder->report), 0);
	_cleanup_(destroy_error) struct error *err =
		output_open(folder->report, folder->captures, &output);

	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_USAGE);
	assert_content(folder->capture, "the evidence");
}

static void takes_a_dash_for_standard_output(void **state)
{
	struct folder *folder = *state;
	struct output output;

	assert_null(output_open("-", folder->captures, &output));
	assert_ptr_equal(output.file, stdout);
	assert_null(output_open(NULL, folder->captures, &output));
	assert_ptr_equal(output.file, stdout);
}

static void says_that_a_disk_is_full(void **state)
{
	struct folder *folder = *state;
	struct output output;

	assert_null(output_open("/dev/full", folder->captures, &output));
	assert_true(fputs("new", output.file) >= 0);
	_cleanup_(destroy_error) struct error *err = output_close(&output);

	assert_non_null(err);
	assert_string_equal(err->message, "/dev/full: cannot write: No space left on device");
}

static void says_what_cannot_be_opened(void **state)
{
	struct folder *folder = *state;
	struct output output;
	_cleanup_(destroy_error) struct error *err =
		output_open("/nonexistent/report.txt", folder->captures, &output);

	assert_non_null(err);
	assert_string_equal(err->message, "/nonexistent/report.txt: cannot open it for writing: "
					  "No such file or directory");
}

static void colours_are_for_terminals(void **state)
{
	struct folder *folder = *state;
	struct output output;

	assert_null(output_open(folder->report, folder->captures, &output));
	assert_false(output_wants_colour(&output, COLOUR_AUTO));
	assert_false(output_wants_colour(&output, COLOUR_NEVER));
	assert_true(output_wants_colour(&output, COLOUR_ALWAYS));
	assert_null(output_close(&output));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replaces_what_a_file_had, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(never_writes_over_the_capture, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(takes_a_dash_for_standard_output, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(says_that_a_disk_is_full, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(says_what_cannot_be_opened, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(colours_are_for_terminals, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
