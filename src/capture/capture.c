/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/try.h"
#include "capture/joined.h"
#include "capture/naming.h"
#include "capture/reader.h"
#include "capture/unpack.h"

/* Tried from the first to the last; an empty magic fits everything. */
static const struct capture_kind kinds[] = {
	{.magic = "\x17\x08\x44tracing", .name = "a trace.dat file", .open = dat_open},
	{.magic = "PERFILE2", .name = "a perf.data file", .open = perf_open},
	{.magic = "2ELIFREP", .name = "a perf.data file of the other byte order", .open = perf_open},
	{.magic = "\x1f\x8b", .name = "gzip data", .unpack = unpack_gzip},
	{.magic = "\x28\xb5\x2f\xfd", .name = "zstd data", .unpack = unpack_zstd},
	{.magic = "\xfd\x37zXZ", .name = "xz data", .converter = "xzcat"},
	{.magic = "BZh", .name = "bzip2 data", .converter = "bzcat"},
	{.magic = "\x7f\x45LF", .name = "an ELF file"},
	{.magic = "\xff\xfe", .name = "UTF-16 text", .converter = "iconv -f UTF-16 -t UTF-8"},
	{.magic = "", .name = "text", .open = text_open},
};

enum {
	MAGIC_MAX = 16,
	TAR_MAGIC_OFFSET = 257, /* "ustar", behind the first file's name and numbers: tar(5) */
};

static struct error *open_input(struct capture *capture, const char *path)
{
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_system(errno, "cannot open");
	input_init(&capture->input, fd);
	struct stat status;

	/* Of devices, each opening may give something else. */
	if (fstat(fd, &status) == 0 && !S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) {
		capture->device = status.st_dev;
		capture->inode = status.st_ino;
	}
	return NULL;
}

static struct error *find_kind(struct capture *capture, const struct capture_kind **ret)
{
	struct str head;
	struct error *err = input_peek(&capture->input, MAGIC_MAX, &head);
	const struct capture_kind *kind = kinds;

	if (err)
		return err;
	while (!str_starts(head, str_from(kind->magic)))
		kind++;
	*ret = kind;
	return NULL;
}

/* The recording script packs its folder; its archive has the first file's name where others have a magic. */
static struct error *refuse_archive(struct capture *capture)
{
	const struct str magic = STR("ustar");
	struct str head;
	struct error *err = input_peek(&capture->input, TAR_MAGIC_OFFSET + magic.length, &head);

	if (err || !str_starts(str_skip(head, TAR_MAGIC_OFFSET), magic))
		return err;
	return error_create(
		ERROR_FORMAT,
		"this is a tar archive: unpack it (tar -xf), and name the folder or the "
		"capture in it");
}

/* Puts the decompressed form in the place of the input. */
static struct error *unpack(struct capture *capture, const struct capture_kind *kind)
{
	struct input_source source;

	if (capture->packed.fd >= 0)
		return error_create(ERROR_FORMAT, "this is compressed twice; unpack it once");
	capture->packed = capture->input;
	input_init(&capture->input, -1);
	struct error *err = kind->unpack(&capture->packed, &source);

	if (!err)
		input_init_from(&capture->input, source);
	return err;
}

/* Hands the capture to the reader of its kind. */
static struct error *open_kind(struct capture *capture)
{
	const struct capture_kind *kind;
	struct error *err = find_kind(capture, &kind);

	while (!err && kind->unpack) {
		err = unpack(capture, kind);
		if (!err)
			err = find_kind(capture, &kind);
	}
	if (!err)
		err = refuse_archive(capture);
	if (err)
		return err;
	if (kind->open)
		return kind->open(capture);
	if (!kind->converter)
		return error_create(ERROR_FORMAT, "this is %s, not a capture", kind->name);
	return error_create(ERROR_FORMAT, "this is %s; make text of it: %s %s | mmureplay -",
			    kind->name, kind->converter,
			    strcmp(capture->path, "-") == 0 ? "FILE" : capture->path);
}

/* A capture of nothing; NULL when memory is short. */
static struct capture *new_capture(void)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture)
		return NULL;
	capture->packed.fd = -1;
	capture->input.fd = -1;
	types_init(&capture->types);
	return capture;
}

struct error *capture_open(const char *path, struct capture **ret)
{
	struct capture *capture = new_capture();

	if (!capture)
		return error_memory();
	capture->path = strdup(path);
	if (!capture->path) {
		capture_close(capture);
		return error_memory();
	}
	capture->files[0] = capture->path;
	capture->info.files = capture->files;
	capture->info.nr_files = 1;

	struct error *err = open_input(capture, path);

	if (!err)
		err = open_kind(capture);
	if (err) {
		capture_close(capture);
		return error_at(err, path, ERROR_NO_PLACE, 0);
	}
	*ret = capture;
	return NULL;
}

/* ---- several ------------------------------------------------------------------------------- */

struct captures {
	ARRAY_OF(struct capture *) list;
};

static void close_all(struct captures *captures)
{
	for (size_t i = 0; i < captures->list.count; i++)
		capture_close(captures->list.at[i]);
	array_deinit(&captures->list);
}

/* Twice the same file would tell each event twice. */
static struct error *check_path(const struct captures *captures, const char *path)
{
	for (size_t i = 0; i < captures->list.count; i++)
		if (strcmp(captures->list.at[i]->path, path) == 0)
			return error_create(ERROR_USAGE, "'%s' is named twice; name it once", path);
	return NULL;
}

static struct error *check_file(const struct captures *captures, const struct capture *capture)
{
	for (size_t i = 0; i < captures->list.count; i++) {
		const struct capture *other = captures->list.at[i];

		if (capture->inode && other->inode == capture->inode &&
		    other->device == capture->device)
			return error_create(ERROR_USAGE,
					    "'%s' and '%s' are the same file; name it once",
					    other->path, capture->path);
	}
	return NULL;
}

static struct error *open_one(struct captures *captures, const char *path)
{
	struct capture *capture = NULL;

	TRY(check_path(captures, path));
	TRY(capture_open(path, &capture));
	struct error *err = check_file(captures, capture);

	if (!err && !array_push(&captures->list, capture))
		err = error_memory();
	if (err)
		capture_close(capture);
	return err;
}

struct error *capture_open_all(const char *const *paths, size_t nr, struct capture **ret)
{
	_cleanup_(close_all) struct captures captures = {0};

	if (nr == 1)
		return capture_open(paths[0], ret);
	for (size_t i = 0; i < nr; i++)
		TRY(open_one(&captures, paths[i]));
	struct capture *capture = new_capture();

	if (!capture)
		return error_memory();
	captures.list.count = 0; /* they are the joined one's */
	struct error *err = joined_open(capture, captures.list.at, nr);

	if (err)
		capture_close(capture);
	else
		*ret = capture;
	return err;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->ops)
		capture->ops->close(capture);
	input_deinit(&capture->input); /* reads from the packed one */
	input_deinit(&capture->packed);
	types_deinit(&capture->types);
	free(capture->path);
	free(capture);
}

void capture_set_filter(struct capture *capture, capture_filter *filter, void *context)
{
	capture->types.filter = filter;
	capture->types.filter_context = context;
}

struct error *capture_set_instance(struct capture *capture, const char *name)
{
	struct error *err;

	if (capture->ops->set_instance)
		err = capture->ops->set_instance(capture, str_from(name));
	else
		err = error_create(ERROR_USAGE, "%s has no instances", capture->info.kind);
	return error_at(err, capture->path, ERROR_NO_PLACE, 0);
}

/* The capture ends, one way or the other. */
COLD static enum capture_step end(struct capture *capture, enum capture_step step,
				  struct error **err)
{
	/* By now it has said all of its kernel that it will. */
	if (step == RECORD_END && (*err = naming_compare(capture)))
		step = RECORD_ERROR;
	if (step == RECORD_ERROR) {
		capture_note_end(capture, (*err)->where);
		*err = error_at(*err, capture->path, ERROR_NO_PLACE, 0);
	}
	return step;
}

enum capture_step capture_next(struct capture *capture, struct record *record, struct error **err)
{
	enum capture_step step = capture->ops->next(capture, record, err);

	return RARELY(step == RECORD_END || step == RECORD_ERROR) ? end(capture, step, err) : step;
}

const struct capture_info *capture_info(const struct capture *capture)
{
	return &capture->info;
}
