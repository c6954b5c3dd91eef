/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <string.h>

#include <mmureplay/capture.h>

#include "capture/dat/page.h"

enum {
	TYPE_LONG_DATA = 0,
	TYPE_PADDING = 29,
	TYPE_TIME_EXTEND = 30,
	TYPE_TIME_STAMP = 31,
	DELTA_BITS = 27,
};

#define COMMIT_MASK ((1ULL << 27) - 1)
#define COMMIT_LOSS (1ULL << 31)
#define COMMIT_LOSS_STORED (1ULL << 30)
/* The bits of a time that a time stamp has no room for. */
#define TIME_HIGH_BITS (0xf8ULL << 56)

/* ---- the layout ---------------------------------------------------------------------------- */

/* The number after `key` in `line`. */
static bool find_number(struct str line, struct str key, uint32_t *ret)
{
	const char *found = memmem(line.text, line.length, key.text, key.length);
	uint32_t number = 0;

	if (!found)
		return false;
	struct str rest = str_skip(line, (size_t)(found - line.text) + key.length);
	size_t i = 0;

	for (; i < rest.length && i < 7 && rest.text[i] >= '0' && rest.text[i] <= '9'; i++)
		number = number * 10 + (uint32_t)(rest.text[i] - '0');
	*ret = number;
	return i > 0;
}

/* Where the field `name` lies: "	field: local_t commit;	offset:8;	size:8;	signed:1;" */
static bool find_field(struct str text, struct str name, uint32_t *offset, uint32_t *size)
{
	const char *found = memmem(text.text, text.length, name.text, name.length);

	if (!found)
		return false;
	struct str line = str_skip(text, (size_t)(found - text.text));
	const char *newline = memchr(line.text, '\n', line.length);

	if (newline)
		line.length = (size_t)(newline - line.text);
	return find_number(line, STR("offset:"), offset) && find_number(line, STR("size:"), size);
}

bool page_layout_parse(struct page_layout *layout, struct str text, bool big_endian)
{
	uint32_t time, time_size, commit, commit_size, data, data_size;

	if (!find_field(text, STR(" timestamp;"), &time, &time_size) ||
	    !find_field(text, STR(" commit;"), &commit, &commit_size) ||
	    !find_field(text, STR(" data;"), &data, &data_size) || time != 0 ||
	    time_size != sizeof(uint64_t) || (commit_size != 4 && commit_size != 8) ||
	    commit < time_size || commit + commit_size > data || data > UINT16_MAX)
		return false;
	*layout = (struct page_layout){
		.big_endian = big_endian,
		.commit_size = (uint8_t)commit_size,
		.commit_offset = (uint16_t)commit,
		.data_offset = (uint16_t)data,
		.data_size = data_size,
	};
	return true;
}

/* ---- pages --------------------------------------------------------------------------------- */

static uint64_t load_long(const char *from, const struct page_layout *layout)
{
	return layout->commit_size == sizeof(uint64_t) ? load_u64(from, layout->big_endian)
						       : load_u32(from, layout->big_endian);
}

bool page_open(struct page *page, const struct page_layout *layout, struct str bytes)
{
	if (bytes.length < layout->data_offset)
		return false;
	uint64_t commit = load_long(bytes.text + layout->commit_offset, layout);
	uint64_t size = commit & COMMIT_MASK;
	struct str data = str_skip(bytes, layout->data_offset);

	*page = (struct page){
		.start = bytes.text,
		.position = data.text,
		.time = load_u64(bytes.text, layout->big_endian),
		.big_endian = layout->big_endian,
		.is_cut = size > data.length,
		.has_loss = commit & COMMIT_LOSS,
		.lost = LOST_COUNT_UNKNOWN,
	};
	if (page->is_cut)
		size = data.length;
	page->end = data.text + size;
	if ((commit & COMMIT_LOSS) && (commit & COMMIT_LOSS_STORED) &&
	    data.length - size >= layout->commit_size)
		page->lost = load_long(page->end, layout);
	return true;
}

/* An event with data whose length does not fit in the header. */
static enum page_step take_long_data(struct page *page, uint32_t delta, struct page_event *ret)
{
	const uint32_t word = sizeof(uint32_t);
	struct str rest = {page->position, (size_t)(page->end - page->position)};

	if (rest.length < 2 * word)
		return PAGE_BROKEN;
	uint32_t length = load_u32(rest.text + word, page->big_endian);

	if (length < word || length > rest.length - word)
		return PAGE_BROKEN;
	ret->header = rest.text;
	ret->data = (struct str){rest.text + 2 * word, length - word};
	ret->time = page->time += delta;
	/* The next one is at a multiple of 4, as all are. */
	size_t used = word + (((size_t)length + 3) & ~(size_t)3);

	page->position += used < rest.length ? used : rest.length;
	return PAGE_EVENT;
}

/* Something was to be here, but was given up: its time counts. */
static bool skip_padding(struct page *page, uint32_t delta)
{
	size_t left = (size_t)(page->end - page->position);

	if (left < 2 * sizeof(uint32_t))
		return false;
	uint64_t used = sizeof(uint32_t) + (uint64_t)load_u32(page->position + 4, page->big_endian);

	if (used > left)
		return false;
	page->time += delta;
	page->position += used;
	return true;
}

/* The upper bits of a time come from the time before (rb_fix_abs_ts()). */
static uint64_t complete_time(uint64_t stamp, uint64_t before)
{
	uint64_t time = stamp | (before & TIME_HIGH_BITS);

	if ((before & TIME_HIGH_BITS) && time < before)
		time += 1ULL << 59;
	return time;
}

static bool take_time(struct page *page, uint32_t type, uint32_t delta)
{
	if ((size_t)(page->end - page->position) < 2 * sizeof(uint32_t))
		return false;
	uint64_t high = load_u32(page->position + 4, page->big_endian);
	uint64_t time = (high << DELTA_BITS) + delta;

	if (type == TYPE_TIME_EXTEND)
		page->time += time;
	else
		page->time = complete_time(time, page->time);
	page->position += 2 * sizeof(uint32_t);
	return true;
}

enum page_step page_take_special(struct page *page, struct page_event *ret)
{
	size_t left = (size_t)(page->end - page->position);

	if (left < sizeof(uint32_t))
		return left ? PAGE_BROKEN : PAGE_END;
	uint32_t word = load_u32(page->position, page->big_endian);
	uint32_t type = page->big_endian ? word >> DELTA_BITS : word & 31;
	uint32_t delta = page->big_endian ? word & ((1U << DELTA_BITS) - 1) : word >> 5;

	switch (type) {
	case TYPE_LONG_DATA:
		return take_long_data(page, delta, ret);
	case TYPE_PADDING:
		if (delta == 0) {
			page->position = page->end;
			return PAGE_END;
		}
		return skip_padding(page, delta) ? PAGE_AGAIN : PAGE_BROKEN;
	case TYPE_TIME_EXTEND:
	case TYPE_TIME_STAMP:
		return take_time(page, type, delta) ? PAGE_AGAIN : PAGE_BROKEN;
	default:
		return PAGE_BROKEN;
	}
}
