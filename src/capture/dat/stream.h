/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of one CPU of one buffer, in order. */
#ifndef MMUREPLAY_CAPTURE_DAT_STREAM_H
#define MMUREPLAY_CAPTURE_DAT_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/dat/page.h"
#include "capture/formats.h"
#include "capture/spool.h"

struct dat_reader;
struct dat_buffer;
struct dat_cpu;

enum stream_item {
	ITEM_EVENT,
	ITEM_STACK,
	ITEM_LOST,
	ITEM_END,
	ITEM_FAILED, /* memory is short; never to be seen */
};

struct dat_stream {
	const struct dat_buffer *buffer;
	uint32_t cpu;
	uint32_t page_size;

	/* Where the pages come from: the file, or a chunk that was decompressed. */
	struct window window;
	uint64_t position; /* in the file, of the next page or chunk */
	uint64_t end;
	uint32_t chunks_left;
	char *chunk;
	size_t chunk_capacity;
	struct str chunk_left; /* of the chunk, from the next page on */
	uint64_t chunk_offset;
	bool is_cut; /* the file ends within the data of this CPU */
	bool is_finished;

	struct page page;
	uint64_t page_offset; /* of the page, or of its chunk */
	bool has_page;
	struct page_event event;
	bool has_event; /* found, but not handed out yet: a loss comes first */

	/* What was found last. */
	enum stream_item item;
	uint64_t time; /* converted */
	uint64_t lost; /* ITEM_LOST */
	struct event_format *format;
	bool takes_stack; /* it was an event, and had no chain yet */

	uint64_t lost_total; /* told so far */
	bool lost_unknown;   /* one of them without a number */
	bool lost_pending;   /* to be told before the next event */
	uint64_t pending;    /* ... how many, or LOST_COUNT_UNKNOWN */
};

struct error *dat_stream_init(struct dat_stream *stream, struct dat_reader *reader,
			      const struct dat_buffer *buffer, const struct dat_cpu *cpu,
			      size_t window) MUST_CHECK;
void dat_stream_deinit(struct dat_stream *stream);

/* Moves on to the next item; `stream->item` and `stream->time` say what it is. */
struct error *dat_stream_next(struct dat_stream *stream, struct dat_reader *reader) MUST_CHECK;

/* Where the item is in the file. */
uint64_t dat_stream_place(const struct dat_stream *stream);

#endif
