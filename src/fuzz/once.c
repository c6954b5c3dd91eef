/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives files to a fuzz target, once each: what a fuzzer has found, or a test's. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#include "fuzz.h"

static bool run(const char *path)
{
	_cleanup_(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return false;
	size_t size = (size_t)status.st_size;
	void *data = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;

	if (data == MAP_FAILED)
		return false;
	LLVMFuzzerTestOneInput(data, size);
	if (size)
		munmap(data, size);
	return true;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (run(argv[i]))
			continue;
		perror(argv[i]);
		return EXIT_FAILURE;
	}
	return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
