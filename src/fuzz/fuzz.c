/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"

#include "fuzz.h"

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

int fuzz_bytes(const uint8_t *data, size_t size)
{
	_cleanup_(close_fd) int fd = memfd_create("fuzz", MFD_CLOEXEC);
	_cleanup_(destroy_error) struct error *err = NULL;
	char path[64];

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size, "cannot make a file of the input");
	must(lseek(fd, 0, SEEK_SET) == 0, "cannot rewind the input");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = fuzz_file(path);
	if (!err)
		return 0;
	_cleanup_(free_pointer) char *text = error_format(err);

	must(text && strlen(text) > strlen(path), "an error that says nothing");
	return 0;
}
