/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "capture/dat/dat.h"

enum {
	/* trace-cmd's chunks are ten pages. */
	CHUNK_MAX = 10 * DAT_PAGE_MAX,
	CHUNK_HEADER = 2 * sizeof(uint32_t),
};

struct error *dat_stream_init(struct dat_stream *stream, struct dat_reader *reader,
			      const struct dat_buffer *buffer, const struct dat_cpu *cpu,
			      size_t window)
{
	uint64_t end = reader->spool.size;
	/* The size of compressed data is without the number of its chunks. */
	uint64_t head = buffer->is_compressed ? sizeof(uint32_t) : 0;
	struct str count;

	*stream = (struct dat_stream){
		.buffer = buffer,
		.cpu = cpu->cpu,
		.page_size = buffer->page_size,
		.position = cpu->offset,
	};
	stream->is_cut = cpu->offset > end || cpu->size > end - cpu->offset;
	stream->end = end;
	if (!stream->is_cut && head < end - cpu->offset - cpu->size)
		stream->end = cpu->offset + head + cpu->size;
	TRY(window_init(&stream->window, &reader->spool, window));
	if (!buffer->is_compressed || stream->position >= stream->end)
		return NULL;
	if (stream->end - stream->position < sizeof(uint32_t)) {
		stream->is_cut = true;
		return NULL;
	}
	TRY(window_view(&stream->window, stream->position, sizeof(uint32_t), &count));
	stream->chunks_left = load_u32(count.text, reader->big_endian);
	stream->position += sizeof(uint32_t);
	return NULL;
}

void dat_stream_deinit(struct dat_stream *stream)
{
	window_deinit(&stream->window);
	free(stream->chunk);
	*stream = (struct dat_stream){0};
}

/* ---- losses -------------------------------------------------------------------------------- */

static void note_loss(struct dat_stream *stream, uint64_t lost)
{
	if (!stream->lost_pending)
		stream->pending = 0;
	stream->lost_pending = true;
	if (lost == LOST_COUNT_UNKNOWN || stream->pending == LOST_COUNT_UNKNOWN ||
	    __builtin_add_overflow(stream->pending, lost, &stream->pending))
		stream->pending = LOST_COUNT_UNKNOWN;
}

/* Something in the file cannot be understood: what it held is as good as lost. */
static void note_unread(struct dat_stream *stream, struct dat_reader *reader, uint64_t place)
{
	struct capture_info *info = &reader->capture->info;

	if (info->nr_unread++ == 0)
		info->first_unread = (struct record_place){0, place};
	note_loss(stream, LOST_COUNT_UNKNOWN);
}

/* Makes the loss that is pending the stream's item. */
static void tell_loss(struct dat_stream *stream, uint64_t time)
{
	stream->item = ITEM_LOST;
	stream->time = time;
	stream->lost = stream->pending;
	stream->lost_pending = false;
	stream->takes_stack = false; /* the next chain may be that of a lost event */
	if (stream->lost == LOST_COUNT_UNKNOWN)
		stream->lost_unknown = true;
	else
		stream->lost_total += stream->lost;
}

/* ---- pages --------------------------------------------------------------------------------- */

/* Makes room for `size` bytes behind those that are left of the chunk before. */
static bool make_room(struct dat_stream *stream, size_t size)
{
	size_t left = stream->chunk_left.length;

	if (left)
		memmove(stream->chunk, stream->chunk_left.text, left);
	if (left + size > stream->chunk_capacity) {
		char *chunk = realloc(stream->chunk, left + size);

		if (!chunk)
			return false;
		stream->chunk = chunk;
		stream->chunk_capacity = left + size;
	}
	stream->chunk_left = (struct str){stream->chunk, left};
	return true;
}

/* Whether these sizes can be true; nothing grows much when it is compressed. */
static bool is_chunk(uint32_t packed, uint32_t size)
{
	return size > 0 && size <= CHUNK_MAX && packed <= size + size / 64 + 1024;
}

/* A chunk is damaged, and with it the start of a page that ended in it. */
static void pass_over_chunk(struct dat_stream *stream, struct dat_reader *reader)
{
	stream->chunk_left.length = 0;
	note_unread(stream, reader, stream->chunk_offset);
}

/* Appends a chunk's data to what is left of the one before. */
static struct error *unpack_chunk(struct dat_stream *stream, struct dat_reader *reader,
				  struct str packed, uint32_t size)
{
	if (!make_room(stream, size))
		return error_memory();
	char *to = stream->chunk + stream->chunk_left.length;

	if (inflate_block(&reader->inflater, packed, to, size))
		stream->chunk_left.length += size;
	else
		pass_over_chunk(stream, reader);
	return NULL;
}

/*
 * Reads the next chunk:
 *
 *     u32 compressed size | u32 size | compressed data
 */
static struct error *load_chunk(struct dat_stream *stream, struct dat_reader *reader)
{
	uint64_t left = stream->end - stream->position;
	struct str view;

	stream->chunks_left--;
	stream->chunk_offset = stream->position;
	if (left < CHUNK_HEADER) {
		stream->is_cut = true;
		stream->chunks_left = 0;
		return NULL;
	}
	TRY(window_view(&stream->window, stream->position, CHUNK_HEADER, &view));
	uint32_t packed = load_u32(view.text, reader->big_endian);
	uint32_t size = load_u32(view.text + sizeof(uint32_t), reader->big_endian);

	if (packed > left - CHUNK_HEADER) {
		stream->is_cut = true;
		stream->chunks_left = 0;
		return NULL;
	}
	stream->position += CHUNK_HEADER + packed;
	if (!is_chunk(packed, size)) {
		pass_over_chunk(stream, reader);
		return NULL;
	}
	TRY(window_view(&stream->window, stream->position - packed, packed, &view));
	return unpack_chunk(stream, reader, view, size);
}

/* The next page's bytes, less than a page where the data ends, and nothing at its end. */
static struct error *next_bytes(struct dat_stream *stream, struct dat_reader *reader,
				struct str *ret)
{
	*ret = (struct str){0};
	if (!stream->buffer->is_compressed) {
		uint64_t left = stream->end > stream->position ? stream->end - stream->position : 0;
		uint64_t size = left < stream->page_size ? left : stream->page_size;

		if (!size)
			return NULL;
		stream->page_offset = stream->position;
		TRY(window_view(&stream->window, stream->position, size, ret));
		stream->position += size;
		return NULL;
	}
	/* Sub-buffers larger than a page may go on in the next chunk. */
	while (stream->chunk_left.length < stream->page_size && stream->chunks_left)
		TRY(load_chunk(stream, reader));
	if (!stream->chunk_left.length)
		return NULL;
	*ret = str_first(stream->chunk_left, stream->page_size);
	stream->chunk_left = str_skip(stream->chunk_left, ret->length);
	stream->page_offset = stream->chunk_offset;
	return NULL;
}

/* Begins the next page; `stream->has_page` says whether there is one. */
static struct error *load_page(struct dat_stream *stream, struct dat_reader *reader)
{
	struct str bytes;

	TRY(next_bytes(stream, reader, &bytes));
	stream->has_page = bytes.length > 0 && page_open(&stream->page, &reader->layout, bytes);
	if (stream->has_page && stream->page.has_loss)
		note_loss(stream, stream->page.lost);
	if (bytes.length > 0 && bytes.length < stream->page_size)
		stream->is_cut = true;
	return NULL;
}

/* Is called where no event is left in the page. */
static void finish_page(struct dat_stream *stream, struct dat_reader *reader, enum page_step step)
{
	bool is_last = stream->is_cut && stream->position >= stream->end;

	stream->has_page = false;
	/* An event that the file's end cuts is no damage. */
	if ((step == PAGE_BROKEN || stream->page.is_cut) && !is_last)
		note_unread(stream, reader, stream->page_offset);
}

/* ---- items --------------------------------------------------------------------------------- */

uint64_t dat_stream_place(const struct dat_stream *stream)
{
	uint64_t in_page = (uint64_t)(stream->event.header - stream->page.start);

	if (stream->buffer->is_compressed || stream->item == ITEM_LOST)
		return stream->page_offset;
	return stream->page_offset + in_page;
}

/* What comes after the last event: losses that the kernel counted, but that no page tells of. */
static void finish(struct dat_stream *stream, struct dat_reader *reader)
{
	uint64_t lost = stats_lost(reader, stream->buffer->name, stream->cpu);

	if (stream->is_cut)
		capture_note_end(reader->capture, reader->spool.size);
	if (!stream->is_finished && !stream->is_cut && !stream->lost_unknown &&
	    lost > stream->lost_total)
		note_loss(stream, lost - stream->lost_total);
	stream->is_finished = true;
	if (stream->lost_pending)
		tell_loss(stream, clock_convert(&reader->clock, stream->page.time, stream->cpu));
	else
		stream->item = ITEM_END;
}

/* Decides what to do with the event; true when it is an item. */
static bool take_event(struct dat_stream *stream, struct dat_reader *reader)
{
	switch (formats_judge(&reader->formats, stream->event.data, &stream->format)) {
	case FORMAT_WANTED:
		stream->item = ITEM_EVENT;
		stream->time = clock_convert(&reader->clock, stream->event.time, stream->cpu);
		stream->takes_stack = true;
		return true;
	case FORMAT_STACK: {
		bool is_item = stream->takes_stack;

		/* Its time is that of the event before it. */
		stream->takes_stack = false;
		stream->item = ITEM_STACK;
		return is_item;
	}
	case FORMAT_FAILED:
		stream->item = ITEM_FAILED;
		return true;
	case FORMAT_UNREADABLE: {
		struct capture_info *info = &reader->capture->info;

		stream->item = ITEM_EVENT;
		if (info->nr_unread++ == 0)
			info->first_unread = (struct record_place){0, dat_stream_place(stream)};
		break;
	}
	case FORMAT_UNWANTED:
	case FORMAT_NEW:
		break;
	}
	stream->takes_stack = false;
	return false;
}

struct error *dat_stream_next(struct dat_stream *stream, struct dat_reader *reader)
{
	for (;;) {
		if (stream->has_event) {
			stream->has_event = false;
			if (take_event(stream, reader))
				break;
		}
		if (!stream->has_page) {
			TRY(load_page(stream, reader));
			if (!stream->has_page) {
				finish(stream, reader);
				return NULL;
			}
		}
		enum page_step step = page_next(&stream->page, &stream->event);

		if (step != PAGE_EVENT) {
			finish_page(stream, reader, step);
			continue;
		}
		reader->capture->info.nr_records++;
		stream->has_event = true;
		if (stream->lost_pending) {
			tell_loss(stream,
				  clock_convert(&reader->clock, stream->event.time, stream->cpu));
			return NULL;
		}
	}
	return stream->item == ITEM_FAILED ? error_memory() : NULL;
}
