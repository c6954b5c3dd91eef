/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of the kernel's ring buffer, as it is in the file (Linux kernel/trace/ring_buffer.c, struct
 * buffer_data_page):
 *
 *     u64 timestamp | long commit | events up to `commit` ... | long lost, if there is room
 *
 *     commit:  bit 31  events were lost before this page (RB_MISSED_EVENTS)
 *              bit 30  ... and their number stands behind the events (RB_MISSED_STORED)
 *              bits 26-0  size of the events
 *
 * Each event begins with a word of 5 bits type_len and 27 bits time since the event before (include/
 * linux/ring_buffer.h, struct ring_buffer_event); these are bit fields, so that type_len is the low
 * part in little endian and the high part in big endian:
 *
 *     type_len 1-28     data of 4 * type_len bytes
 *     0                 u32 length of itself and the data | data
 *     29 padding        time 0: nothing follows in this page
 *                       otherwise u32 length of itself and what is to be skipped
 *     30 time extend    u32 high part of the time since the event before
 *     31 time stamp     u32 high part of the time itself, without its uppermost 5 bits
 */
#ifndef MMUREPLAY_CAPTURE_DAT_PAGE_H
#define MMUREPLAY_CAPTURE_DAT_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/str.h>

#include "base/cursor.h"

/* How the pages of a file are laid out; from its "header_page". */
struct page_layout {
	bool big_endian;
	uint8_t commit_size; /* the kernel's long: 4 or 8 */
	uint16_t commit_offset;
	uint16_t data_offset;
	uint32_t data_size;
};

/* Reads the layout from the text of tracefs events/header_page; false when it is none. */
bool page_layout_parse(struct page_layout *layout, struct str text, bool big_endian);

struct page {
	const char *start;
	const char *position;
	const char *end; /* of the events */
	uint64_t time;	 /* of the event before */
	bool big_endian;
	bool is_cut;   /* the page says that it has more events than were read of it */
	bool has_loss; /* events were lost before this page */
	uint64_t lost; /* how many, or LOST_COUNT_UNKNOWN */
};

/* Begins a page; false when it is not even as long as its header. */
bool page_open(struct page *page, const struct page_layout *layout, struct str bytes);

struct page_event {
	const char *header;
	struct str data;
	uint64_t time;
};

enum page_step {
	PAGE_EVENT,
	PAGE_END,
	PAGE_BROKEN, /* what is left of the page is no event */
	PAGE_AGAIN,  /* that was only a time; never returned by page_next() */
};

/* The part of page_next() that is rare. */
enum page_step page_take_special(struct page *page, struct page_event *ret);

/* Takes an event with data whose length is in the header, as nearly all are; false for others. */
static inline bool page_take_data(struct page *page, struct page_event *ret)
{
	enum {
		DATA_TYPE_MAX = 28
	};
	size_t left = (size_t)(page->end - page->position);

	if (left < sizeof(uint32_t))
		return false;
	uint32_t word = load_u32(page->position, page->big_endian);
	uint32_t type = page->big_endian ? word >> 27 : word & 31;
	uint32_t delta = page->big_endian ? word & ((1U << 27) - 1) : word >> 5;
	size_t size = 4 * (size_t)type;

	if (type == 0 || type > DATA_TYPE_MAX || size > left - sizeof(word))
		return false;
	ret->header = page->position;
	ret->data = (struct str){page->position + sizeof(word), size};
	ret->time = page->time += delta;
	page->position += sizeof(word) + size;
	return true;
}

/* The next event with data. */
static inline enum page_step page_next(struct page *page, struct page_event *ret)
{
	enum page_step step = PAGE_AGAIN;

	while (step == PAGE_AGAIN)
		step = page_take_data(page, ret) ? PAGE_EVENT : page_take_special(page, ret);
	return step;
}

#endif
