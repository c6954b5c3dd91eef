/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/output.h"

static bool is_standard(const char *path)
{
	return !path || strcmp(path, "-") == 0;
}

static bool is_same_file(int fd, const char *capture)
{
	struct stat a, b;
	int failed = is_standard(capture) ? fstat(STDIN_FILENO, &a) : stat(capture, &a);

	return !failed && fstat(fd, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Not O_TRUNC: the file is emptied when it is known not to be the capture. */
static struct error *open_file(const char *path, int *ret)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0)
		return error_system(errno, "%s: cannot open it for writing", path);
	*ret = fd;
	return NULL;
}

static struct error *empty_file(int fd, const char *path)
{
	struct stat status;

	/* Devices and pipes have nothing to be emptied of. */
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && ftruncate(fd, 0) != 0)
		return error_system(errno, "%s: cannot empty it", path);
	return NULL;
}

struct error *output_open(const char *path, const char *const *captures, struct output *ret)
{
	bool standard = is_standard(path);
	const char *name = standard ? "standard output" : path;
	_cleanup_(close_fd) int opened = -1;

	if (!standard) {
		struct error *err = open_file(path, &opened);

		if (err)
			return err;
	}
	for (; *captures; captures++)
		if (is_same_file(standard ? STDOUT_FILENO : opened, *captures))
			return error_create(ERROR_USAGE,
					    "%s is the capture itself: name another file for the "
					    "output",
					    name);
	if (standard) {
		*ret = (struct output){stdout, name};
		return NULL;
	}
	struct error *err = empty_file(opened, path);

	if (err)
		return err;
	FILE *file = fdopen(opened, "w");

	if (!file)
		return error_memory();
	opened = -1;
	*ret = (struct output){file, name};
	return NULL;
}

struct error *output_close(struct output *output)
{
	FILE *file = steal(output->file);

	if (!file)
		return NULL;
	bool failed_before = ferror(file);

	/* Standard output too: some file systems report a full disk only now. */
	errno = 0;
	if (fclose(file) == 0 && !failed_before)
		return NULL;
	return error_system(errno ? errno : EIO, "%s: cannot write", output->name);
}

void output_deinit(struct output *output)
{
	FILE *file = steal(output->file);

	if (file == stdout)
		fflush(file); /* before the message that follows */
	else if (file)
		fclose(file);
}

static bool is_capable_terminal(int fd)
{
	const char *terminal = getenv("TERM");

	return isatty(fd) && terminal && strcmp(terminal, "dumb") != 0;
}

bool output_wants_colour(const struct output *output, enum colour_when when)
{
	/* https://no-color.org: set and not empty, whatever it is set to. */
	const char *no_color = getenv("NO_COLOR");

	if (when != COLOUR_AUTO)
		return when == COLOUR_ALWAYS;
	return (!no_color || !*no_color) && is_capable_terminal(fileno(output->file));
}

bool stderr_can_show_progress(void)
{
	return is_capable_terminal(STDERR_FILENO);
}
