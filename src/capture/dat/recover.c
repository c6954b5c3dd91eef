/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of version 7 that was cut has lost the option that says where its events are, as that comes
 * last.  But sections lie one behind the other, so that the buffers' are found all the same:
 *
 *     ... | options | buffer: header, padding up to a page, CPU data, padding, CPU data ... | options
 *
 * Compressed data of a CPU says itself where it ends.  Pages do not; but a CPU's times rise, and
 * those of the next begin before, nearly always.  Which CPU it was is then a guess: the first, the
 * second, and so on.
 */
#include "base/try.h"
#include "capture/dat/dat.h"

enum {
	SECTION_BUFFER = 3
};

static uint64_t align_up(uint64_t offset, uint64_t to)
{
	uint64_t over = offset % to;

	return over ? offset + (to - over) : offset;
}

static bool add_cpu(struct dat_buffer *buffer, uint64_t start, uint64_t end)
{
	struct dat_cpu cpu = {(uint32_t)buffer->cpus.count, start, end - start};

	return end <= start || buffer->cpus.count >= DAT_CPUS_MAX || array_push(&buffer->cpus, cpu);
}

/* The end of compressed data: u32 chunks, each u32 compressed size, u32 size, compressed data. */
static struct error *find_end_of_chunks(struct dat_reader *reader, uint64_t start, uint64_t *ret)
{
	struct dat_walk walk = {reader, start, "the compressed data of a CPU"};
	uint32_t count = 0;

	TRY(walk_u32(&walk, &count));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t packed = 0, size = 0;

		TRY(walk_u32(&walk, &packed));
		TRY(walk_u32(&walk, &size));
		TRY(walk_skip(&walk, packed));
	}
	*ret = walk.position;
	return NULL;
}

static struct error *recover_chunks(struct dat_reader *reader, struct dat_buffer *buffer,
				    uint64_t start, uint64_t end)
{
	uint64_t next = end;

	for (uint64_t at = start; at < end; at = align_up(next, reader->page_size)) {
		struct error *err = find_end_of_chunks(reader, at, &next);

		if (err) /* this CPU's was cut */
			next = end;
		error_destroy(err);
		if (!add_cpu(buffer, at, next))
			return error_memory();
		if (next <= at)
			break;
	}
	return NULL;
}

static struct error *recover_pages(struct dat_reader *reader, struct dat_buffer *buffer,
				   uint64_t start, uint64_t end)
{
	uint64_t first = start, before = 0;

	for (uint64_t at = start; at < end && end - at >= sizeof(uint64_t);
	     at += reader->page_size) {
		struct dat_walk walk = {reader, at, "a page"};
		uint64_t time = 0;

		TRY(walk_u64(&walk, &time));
		if (time < before) {
			if (!add_cpu(buffer, first, at))
				return error_memory();
			first = at;
		}
		before = time;
	}
	return add_cpu(buffer, first, end) ? NULL : error_memory();
}

static struct error *recover_buffer(struct dat_reader *reader, const struct v7_section *section)
{
	struct dat_buffer buffer = {
		.is_compressed = section->place.is_compressed,
		.offset = section->place.offset - V7_SECTION_HEADER,
	};
	uint64_t start = align_up(section->place.offset, reader->page_size);
	uint64_t end = section->place.size ? section->next : UINT64_MAX;
	struct error *err;

	if (end > reader->spool.size)
		end = reader->spool.size;
	if (buffer.is_compressed)
		err = recover_chunks(reader, &buffer, start, end);
	else
		err = recover_pages(reader, &buffer, start, end);
	if (err || !array_push(&reader->buffers, buffer)) {
		array_deinit(&buffer.cpus);
		return err ? err : error_memory();
	}
	return NULL;
}

struct error *v7_recover(struct dat_reader *reader, uint64_t offset)
{
	while (offset < reader->spool.size && reader->buffers.count < DAT_BUFFERS_MAX) {
		struct v7_section section;
		struct error *err = v7_read_section(reader, offset, &section);

		if (err) { /* cut within this header */
			error_destroy(err);
			break;
		}
		if (section.id == SECTION_BUFFER)
			TRY(recover_buffer(reader, &section));
		if (section.place.size == 0)
			break;
		offset = section.next;
	}
	if (reader->buffers.count)
		return NULL;
	return error_at(error_create(ERROR_FORMAT, "the file ends before its first event"), NULL,
			ERROR_OFFSET, reader->spool.size);
}
