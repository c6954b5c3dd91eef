/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of the text reader: captures from strings. */
#ifndef MMUREPLAY_TEST_CAPTURE_TEXT_H
#define MMUREPLAY_TEST_CAPTURE_TEXT_H

#ifndef _GNU_SOURCE
#error "define _GNU_SOURCE first"
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <mmureplay/capture.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(close_capture, struct capture *, capture_close)

/* Opens the descriptor as a capture; the capture has its own. */
static inline struct error *open_descriptor(int fd, struct capture **ret)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return capture_open(path, ret);
}

static inline struct error *open_bytes(const void *bytes, size_t size, struct capture **ret)
{
	_cleanup_(close_fd) int fd = memfd_create("capture", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t done = 0; done < size;) {
		ssize_t count = write(fd, (const char *)bytes + done, size - done);

		assert_true(count > 0);
		done += (size_t)count;
	}
	return open_descriptor(fd, ret);
}

/* Opens a text that is a capture. */
static inline struct capture *open_text(const char *text)
{
	struct capture *capture = NULL;
	struct error *err = open_bytes(text, strlen(text), &capture);

	if (err)
		fail_msg("%s\n%s", err->message, text);
	return capture;
}

/* Checks that the text is refused with a message that holds `expected`. */
static inline void assert_refused(const void *bytes, size_t size, const char *expected)
{
	struct capture *capture = NULL;
	_cleanup_(destroy_error) struct error *err = open_bytes(bytes, size, &capture);

	if (!err) {
		capture_close(capture);
		fail_msg("not refused: %s", expected);
		return;
	}
	assert_int_equal(err->kind, ERROR_FORMAT);
	if (!strstr(err->message, expected))
		fail_msg("\"%s\" is not in \"%s\"", expected, err->message);
}

/* Pulls the next record, which must be of this step. */
static inline void assert_next(struct capture *capture, enum capture_step step,
			       struct record *record)
{
	struct error *err = NULL;

	assert_int_equal(capture_next(capture, record, &err), step);
	assert_null(err);
}

static inline void assert_str(struct str view, const char *expected)
{
	if (!str_is(view, expected))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARGS(view), expected);
}

#endif
