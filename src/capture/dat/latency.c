/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Latency tracers leave no pages, but the text of tracefs trace.  In version 6 it is all that follows
 * in the file; in version 7 it is a section, perhaps compressed in chunks like the data of a CPU.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "capture/dat/dat.h"

static struct error *write_all(int fd, struct str text)
{
	while (text.length) {
		ssize_t done = write(fd, text.text, text.length);

		if (done < 0 && errno != EINTR)
			return error_system(errno, "cannot keep the text of the capture");
		if (done > 0)
			text = str_skip(text, (size_t)done);
	}
	return NULL;
}

static struct error *copy_plain(struct dat_reader *reader, uint64_t offset, uint64_t end, int fd)
{
	while (offset < end) {
		uint64_t left = end - offset;
		struct str view;

		TRY(window_view(&reader->window, offset, left < INPUT_CHUNK ? left : INPUT_CHUNK,
				&view));
		TRY(write_all(fd, view));
		offset += view.length;
	}
	return NULL;
}

/* u32 chunks, each u32 compressed size, u32 size, compressed data */
static struct error *copy_chunks(struct dat_reader *reader, uint64_t offset, int fd)
{
	struct dat_walk walk = {reader, offset, "the compressed text"};
	uint32_t chunks = 0;

	TRY(walk_u32(&walk, &chunks));
	for (uint32_t i = 0; i < chunks; i++) {
		struct cursor packed;
		uint32_t packed_size = 0, size = 0;
		struct str from;

		TRY(walk_u32(&walk, &packed_size));
		TRY(walk_u32(&walk, &size));
		TRY(walk_take(&walk, packed_size, &packed));
		TRY(cursor_bytes(&packed, packed_size, &from));
		if (size > DAT_METADATA_MAX)
			return cursor_error(&packed, "%s cannot be so long", packed.what);
		_cleanup_(free_pointer) char *text = malloc((size_t)size + 1);

		if (!text)
			return error_memory();
		if (!inflate_block(&reader->inflater, from, text, size))
			return cursor_error(&packed, "%s cannot be decompressed", packed.what);
		TRY(write_all(fd, (struct str){text, size}));
	}
	return NULL;
}

static struct error *copy_text(struct dat_reader *reader, const struct dat_buffer *buffer, int fd)
{
	struct v7_section section;
	uint64_t end = reader->spool.size;

	if (reader->version < 7)
		return copy_plain(reader, buffer->offset, end, fd);
	TRY(v7_read_section(reader, buffer->offset, &section));
	if (section.place.is_compressed)
		return copy_chunks(reader, section.place.offset, fd);
	if (section.next < end)
		end = section.next;
	else if (section.next > end)
		capture_note_end(reader->capture, reader->spool.size);
	return copy_plain(reader, section.place.offset, end, fd);
}

struct error *latency_open(struct capture *capture, const struct dat_buffer *buffer)
{
	struct dat_reader *reader = capture->reader;
	unsigned int version = reader->version;
	int fd = spool_create_file();

	if (fd < 0)
		return error_system(errno, "cannot keep the text of the capture");
	struct error *err = copy_text(reader, buffer, fd);

	if (err || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return err ? err : error_system(errno, "cannot read the text of the capture");
	}
	capture->ops->close(capture);
	capture->ops = NULL;
	input_deinit(&capture->input);
	input_init(&capture->input, fd);
	err = text_open(capture);
	capture->info.kind = version == 6 ? "trace.dat version 6, text"
					  : "trace.dat version 7, text";
	return err;
}
