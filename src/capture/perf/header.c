/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is before the records.  [file]
 *
 * A file:
 *
 *     0 magic       8 u64 size = 104     16 u64 attr_size
 *    24 attrs      40 data              56 event_types      each u64 offset, u64 size
 *    72 u64 features[4], a bitmap
 *
 *     attrs     | perf_event_attr, u64 offset and size of its ids | ... each attr_size bytes
 *     data      | records
 *               | for each feature that is set: u64 offset, u64 size of its section
 *
 * perf record writes the size of the data, and the features, when it is done.
 *
 * A pipe:
 *
 *     0 magic       8 u64 size = 16      16 records, of which some stand for attrs and features
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/try.h"

#include "capture/perf/perf.h"

enum {
	PIPE_HEADER_SIZE = 16,
	FILE_HEADER_SIZE = 104,
	SECTION_SIZE = 16,
	/* Nothing that is read here is nearly as large. */
	SECTION_MAX = 256 * 1024 * 1024,
};

struct section {
	uint64_t offset;
	uint64_t size;
};

struct file_header {
	uint64_t attr_size;
	struct section attrs;
	struct section data;
	uint8_t features[FEATURE_BITS / 8];
};

/* ---- sections ------------------------------------------------------------------------------ */

static struct error *read_section_at(struct cursor *cursor, struct section *ret)
{
	TRY(cursor_u64(cursor, &ret->offset));
	return cursor_u64(cursor, &ret->size);
}

/* The end of a section; UINT64_MAX when it overflows. */
static uint64_t end_of(const struct section *section)
{
	uint64_t end;

	return __builtin_add_overflow(section->offset, section->size, &end) ? UINT64_MAX : end;
}

/*
 * Reads as much of a section as the file has into `*bytes`, which the caller frees, and puts a cursor
 * over it.
 */
static struct error *load_section(struct perf_reader *reader, const struct section *section,
				  const char *what, char **bytes, struct cursor *ret)
{
	uint64_t there = reader->spool.size > section->offset ? reader->spool.size - section->offset
							      : 0;
	size_t size = (size_t)(section->size < there ? section->size : there);

	if (section->size > SECTION_MAX)
		return error_at(error_create(ERROR_FORMAT, "%s cannot have %" PRIu64 " bytes", what,
					     section->size),
				NULL, ERROR_OFFSET, section->offset);
	*bytes = malloc(size ? size : 1);
	if (!*bytes)
		return error_memory();
	if (size)
		TRY(spool_read(&reader->spool, section->offset, *bytes, size));
	*ret = cursor_over((struct str){*bytes, size}, section->offset, what, reader->big_endian);
	return NULL;
}

/* ---- events -------------------------------------------------------------------------------- */

static struct error *read_event(struct capture *capture, struct cursor *entry, uint64_t *ids_left)
{
	_cleanup_(free_pointer) char *bytes = NULL;
	struct perf_reader *reader = capture->reader;
	struct cursor attr_bytes, ids;
	struct perf_attr attr;
	struct section section;

	TRY(cursor_sub(entry, cursor_left(entry) - SECTION_SIZE, "an event's attributes",
		       &attr_bytes));
	TRY(attr_read(&attr_bytes, &attr));
	TRY(read_section_at(entry, &section));
	/* Nothing forbids that events share their ids, but then they are no ids. */
	if (section.size > *ids_left)
		return cursor_error(entry, "the events have more ids than there is room for");
	*ids_left -= section.size;
	TRY(load_section(reader, &section, "the ids of an event", &bytes, &ids));
	return perf_add_event(capture, &attr, &ids);
}

static struct error *read_events(struct capture *capture, const struct file_header *header)
{
	_cleanup_(free_pointer) char *bytes = NULL;
	struct perf_reader *reader = capture->reader;
	uint64_t ids_left = reader->spool.size;
	struct cursor cursor;

	if (header->attr_size < ATTR_SIZE_MIN + SECTION_SIZE ||
	    header->attr_size > ATTR_SIZE_MAX + SECTION_SIZE)
		return error_at(error_create(ERROR_FORMAT,
					     "an event's attributes cannot have %" PRIu64 " bytes",
					     header->attr_size),
				NULL, ERROR_OFFSET, 16);
	TRY(load_section(reader, &header->attrs, "the list of events", &bytes, &cursor));
	while (cursor_left(&cursor)) {
		struct cursor entry;

		TRY(cursor_sub(&cursor, header->attr_size, "the list of events", &entry));
		TRY(read_event(capture, &entry, &ids_left));
	}
	return NULL;
}

/* ---- features ------------------------------------------------------------------------------ */

/*
 * The bitmap is an array of C's unsigned long.  Whatever their size, on a little-endian machine it is
 * one of bytes, too; on a big-endian one the bytes of each long are the other way round.
 */
static bool has_feature(const struct file_header *header, unsigned int feature, bool big_endian,
			unsigned int long_size)
{
	unsigned int byte = feature / 8;

	if (big_endian)
		byte ^= long_size - 1;
	return header->features[byte] >> feature % 8 & 1;
}

static struct error *read_feature(struct capture *capture, unsigned int feature,
				  const struct section *section)
{
	_cleanup_(free_pointer) char *bytes = NULL;
	struct cursor cursor;

	if (feature == FEATURE_DIR_FORMAT)
		return error_create(ERROR_FORMAT,
				    "the samples are not in this file but beside it, one file for "
				    "each thread of perf; record without --threads");
	if (!perf_wants_feature(feature))
		return NULL;

	struct error *err = load_section(capture->reader, section, "a feature", &bytes, &cursor);

	if (!err)
		err = perf_read_feature(capture, feature, &cursor);
	if (!err || err->kind != ERROR_FORMAT)
		return err;
	/* What is damaged is not known; the rest of the file may still be whole. */
	error_destroy(err);
	perf_note_unread(capture, section->offset);
	return NULL;
}

static struct error *read_features(struct capture *capture, const struct file_header *header)
{
	_cleanup_(free_pointer) char *bytes = NULL;
	struct perf_reader *reader = capture->reader;
	struct section table = {end_of(&header->data), FEATURE_BITS * SECTION_SIZE};
	bool big_endian = reader->big_endian;
	/* Of features, the host name is never missing; so tools/perf/util/header.c tells them, too. */
	unsigned int long_size = has_feature(header, FEATURE_HOSTNAME, big_endian, 8) ? 8 : 4;
	struct cursor cursor;

	TRY(load_section(reader, &table, "the list of features", &bytes, &cursor));
	for (unsigned int feature = 0; feature < FEATURE_BITS; feature++) {
		struct section section;

		if (!has_feature(header, feature, big_endian, long_size))
			continue;
		if (cursor_left(&cursor) < SECTION_SIZE) {
			reader->ending = ENDING_CUT;
			return NULL;
		}
		TRY(read_section_at(&cursor, &section));
		if (end_of(&section) > reader->spool.size)
			reader->ending = ENDING_CUT;
		TRY(read_feature(capture, feature, &section));
	}
	return NULL;
}

/* ---- header -------------------------------------------------------------------------------- */

/* Opens the data section as a stream. */
static struct error *open_data(struct perf_reader *reader, const struct section *data)
{
	int fd = fcntl(reader->spool.fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	off_t start = (off_t)(reader->spool.base + data->offset);
	uint64_t limit = data->size ? end_of(data) : UINT64_MAX;

	if (fd < 0)
		return error_system(errno, "cannot read");
	input_init(&reader->data, fd);
	if (lseek(fd, start, SEEK_SET) < 0)
		return error_system(errno, "cannot read");
	stream_init(&reader->stream, &reader->data, data->offset, limit, reader->big_endian);
	return NULL;
}

static struct error *read_file_header(struct perf_reader *reader, struct file_header *ret)
{
	uint8_t bytes[FILE_HEADER_SIZE];
	struct cursor cursor = cursor_over((struct str){(const char *)bytes, sizeof(bytes)}, 0,
					   "the header", reader->big_endian);
	struct str features;

	TRY(spool_read(&reader->spool, 0, bytes, sizeof(bytes)));
	TRY(cursor_skip(&cursor, 2 * sizeof(uint64_t)));
	TRY(cursor_u64(&cursor, &ret->attr_size));
	TRY(read_section_at(&cursor, &ret->attrs));
	TRY(read_section_at(&cursor, &ret->data));
	TRY(cursor_skip(&cursor, SECTION_SIZE));
	TRY(cursor_bytes(&cursor, sizeof(ret->features), &features));
	memcpy(ret->features, features.text, features.length);
	return NULL;
}

static struct error *read_file(struct capture *capture)
{
	struct perf_reader *reader = capture->reader;
	struct file_header header = {0};

	TRY(spool_init(&reader->spool, &capture->input, SPOOL_MEMORY_MAX));
	TRY(read_file_header(reader, &header));
	TRY(read_events(capture, &header));
	if (header.data.offset > reader->spool.size)
		return error_at(error_create(ERROR_FORMAT, "the file ends before its records"),
				NULL, ERROR_OFFSET, reader->spool.size);
	if (header.data.size == 0)
		reader->ending = ENDING_UNFINISHED;
	else if (end_of(&header.data) > reader->spool.size)
		reader->ending = ENDING_CUT;
	else
		TRY(read_features(capture, &header));
	return open_data(reader, &header.data);
}

struct error *perf_read_header(struct capture *capture)
{
	struct perf_reader *reader = capture->reader;
	struct str head;
	uint64_t size = 0;

	TRY(input_peek(&capture->input, PIPE_HEADER_SIZE, &head));
	reader->big_endian = !str_starts(head, STR("PERFILE2"));

	struct cursor cursor = cursor_over(head, 0, "the header", reader->big_endian);

	TRY(cursor_skip(&cursor, sizeof(uint64_t)));
	TRY(cursor_u64(&cursor, &size));
	reader->is_pipe = size == PIPE_HEADER_SIZE;
	if (!reader->is_pipe && size < FILE_HEADER_SIZE)
		return cursor_error(&cursor, "a header cannot have %" PRIu64 " bytes", size);
	if (!reader->is_pipe)
		return read_file(capture);
	input_skip(&capture->input, PIPE_HEADER_SIZE);
	stream_init(&reader->stream, &capture->input, PIPE_HEADER_SIZE, UINT64_MAX,
		    reader->big_endian);
	return NULL;
}
