/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "capture/spool.h"

/* ---- keeping a pipe ------------------------------------------------------------------------ */

static const char *temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && folder[0] ? folder : "/var/tmp";
}

/* A file without a name; -1 and errno when there is no place for one. */
static int open_temporary_file(void)
{
	_cleanup_(free_pointer) char *path = NULL;

	if (asprintf(&path, "%s/mmureplay-XXXXXX", temporary_folder()) < 0) {
		path = NULL;
		errno = ENOMEM;
		return -1;
	}
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	return fd;
}

int spool_create_file(void)
{
	int fd = memfd_create("mmureplay", MFD_CLOEXEC);

	return fd >= 0 ? fd : open_temporary_file();
}

static struct error *write_error(void)
{
	return error_system(
		errno,
		"cannot keep the capture, which can only be read as a whole, in %s; set "
		"TMPDIR to a folder with room for it, or give it as a file",
		temporary_folder());
}

static bool write_all(int fd, struct str data)
{
	while (data.length) {
		ssize_t done = write(fd, data.text, data.length);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0)
			data = str_skip(data, (size_t)done);
	}
	return true;
}

/* Moves what was kept so far from memory to a file. */
static struct error *move_to_file(struct spool *spool)
{
	_cleanup_(free_pointer) char *chunk = malloc(INPUT_CHUNK);
	int fd = open_temporary_file();

	if (fd < 0)
		return write_error();
	struct spool file = {.fd = fd, .is_kept = true, .is_cut = spool->is_cut};
	struct error *err = chunk ? NULL : error_memory();

	while (!err && file.size < spool->size) {
		uint64_t left = spool->size - file.size;
		size_t size = left < INPUT_CHUNK ? (size_t)left : INPUT_CHUNK;

		err = spool_read(spool, file.size, chunk, size);
		if (!err && !write_all(fd, (struct str){chunk, size}))
			err = write_error();
		file.size += size;
	}
	if (err) {
		spool_deinit(&file);
		return err;
	}
	spool_deinit(spool);
	*spool = file;
	return NULL;
}

/* Shows the next bytes.  Where compressed data end in the middle, those before are the last. */
static struct error *peek_all(struct spool *spool, struct input *input, struct str *ret)
{
	struct error *err = input_peek(input, INPUT_CHUNK, ret);
	size_t held = input->end - input->start;

	if (!err || err->kind != ERROR_FORMAT || spool->size + held == 0)
		return err;
	error_destroy(err);
	spool->is_cut = true;
	return input_peek(input, held, ret);
}

static struct error *keep(struct spool *spool, struct input *input, uint64_t memory_max)
{
	bool in_memory = true;
	struct str data;

	spool->fd = memfd_create("mmureplay", MFD_CLOEXEC);
	spool->is_kept = spool->fd >= 0;
	if (spool->fd < 0) {
		in_memory = false;
		TRY(move_to_file(spool));
	}
	while (!spool->is_cut) {
		TRY(peek_all(spool, input, &data));
		if (!data.length)
			return NULL;
		if (in_memory && spool->size + data.length > memory_max) {
			in_memory = false;
			TRY(move_to_file(spool));
		}
		if (!write_all(spool->fd, data))
			return write_error();
		spool->size += data.length;
		input_skip(input, data.length);
	}
	return NULL;
}

/* ---- the spool ----------------------------------------------------------------------------- */

/* Whether the input can be read at any place, and then from which one on. */
static bool is_seekable(struct input *input, struct spool *spool)
{
	struct stat status;

	if (fstat(input->fd, &status) < 0 || !S_ISREG(status.st_mode))
		return false;
	off_t position = lseek(input->fd, 0, SEEK_CUR);
	uint64_t buffered = input->end - input->start;

	/* The kernel's own files say that they are empty. */
	if (position < 0 || (uint64_t)position < buffered || status.st_size < position)
		return false;
	spool->fd = input->fd;
	spool->base = (uint64_t)position - buffered;
	spool->size = (uint64_t)status.st_size - spool->base;
	return true;
}

struct error *spool_init(struct spool *spool, struct input *input, uint64_t memory_max)
{
	*spool = (struct spool){.fd = -1};
	if (is_seekable(input, spool))
		return NULL;
	return keep(spool, input, memory_max);
}

void spool_deinit(struct spool *spool)
{
	if (spool->is_kept)
		close(spool->fd);
	*spool = (struct spool){.fd = -1};
}

static struct error *too_short(uint64_t offset, uint64_t missing, uint64_t size)
{
	struct error *err = error_create(ERROR_FORMAT,
					 "the file ends too early: %" PRIu64 " of %" PRIu64
					 " bytes are missing",
					 missing, size);

	return error_at(err, NULL, ERROR_OFFSET, offset);
}

struct error *spool_read(const struct spool *spool, uint64_t offset, void *to, size_t size)
{
	uint64_t there = offset < spool->size ? spool->size - offset : 0;

	if (size > there)
		return too_short(offset, size - there, size);
	for (size_t done = 0; done < size;) {
		off_t from = (off_t)(spool->base + offset + done);
		ssize_t got = pread(spool->fd, (char *)to + done, size - done, from);

		if (got < 0 && errno != EINTR)
			return error_at(error_system(errno, "cannot read"), NULL, ERROR_OFFSET,
					offset + done);
		if (got == 0) /* somebody made it shorter meanwhile */
			return too_short(offset, size - done, size);
		if (got > 0)
			done += (size_t)got;
	}
	return NULL;
}

/* ---- windows ------------------------------------------------------------------------------- */

struct error *window_init(struct window *window, const struct spool *spool, size_t capacity)
{
	*window = (struct window){.spool = spool, .capacity = capacity};
	window->buffer = malloc(capacity);
	return window->buffer ? NULL : error_memory();
}

void window_deinit(struct window *window)
{
	free(window->buffer);
	*window = (struct window){0};
}

/* Makes room for `size` bytes, which are known to be there. */
static bool grow(struct window *window, size_t size)
{
	char *buffer = malloc(size);

	if (!buffer)
		return false;
	free(window->buffer);
	window->buffer = buffer;
	window->capacity = size;
	window->length = 0;
	return true;
}

struct error *window_fill(struct window *window, uint64_t offset, uint64_t size, struct str *ret)
{
	uint64_t end = window->spool->size;
	uint64_t there = offset < end ? end - offset : 0;

	if (size > there)
		return too_short(offset, size - there, size);
	if (size > window->capacity && (size > SIZE_MAX || !grow(window, (size_t)size)))
		return error_memory();
	size_t length = there < window->capacity ? (size_t)there : window->capacity;

	window->length = 0;
	TRY(spool_read(window->spool, offset, window->buffer, length));
	window->start = offset;
	window->length = length;
	*ret = (struct str){window->buffer, (size_t)size};
	return NULL;
}
