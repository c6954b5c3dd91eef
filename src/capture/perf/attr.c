/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf_event_attr [uapi].  It grew with the kernels, and will; what is read here:
 *
 *      0 u32 type            8 u64 config        24 u64 sample_type    40 u64 flags
 *      4 u32 size           16 u64 period        32 u64 read_format    48 ...
 *     80 ...                92 s32 clockid (from size 96 on)
 *
 * The flags are a bit field.  C counts its bits from the least significant one on a little-endian
 * machine and from the most significant one on a big-endian one: by bytes, flag n is in byte n / 8
 * on both, and within that byte it is bit n % 8 or 7 - n % 8.
 */
#include <inttypes.h>
#include <string.h>

#include "base/try.h"

#include "capture/perf/abi.h"
#include "capture/perf/attr.h"

enum {
	FLAG_FREQ = 10,
	FLAG_SAMPLE_ID_ALL = 18,
	FLAG_USE_CLOCKID = 25,
	FLAG_WRITE_BACKWARD = 27,

	FLAGS_AT = 40,
	CLOCKID_AT = 92,
	ATTR_SIZE_CLOCKID = 96, /* PERF_ATTR_SIZE_VER3 and the rest of its last line */
};

static bool has_flag(const uint8_t *attr, unsigned int flag, bool big_endian)
{
	unsigned int bit = flag % 8;

	return attr[FLAGS_AT + flag / 8] >> (big_endian ? 7 - bit : bit) & 1;
}

static uint8_t take_slot(struct id_layout *layout, bool is_there)
{
	uint8_t at = layout->size;

	if (!is_there)
		return NOWHERE;
	layout->size += sizeof(uint64_t);
	return at;
}

static uint8_t first_of(uint8_t a, uint8_t b, uint8_t c)
{
	if (a != NOWHERE)
		return a;
	return b != NOWHERE ? b : c;
}

/* PERF_RECORD_SAMPLE's order [uapi]; what follows has no fixed size. */
static struct id_layout head_of(uint64_t type)
{
	struct id_layout head = {0};
	uint8_t identifier = take_slot(&head, type & SAMPLE_IDENTIFIER);

	take_slot(&head, type & SAMPLE_IP);
	head.tid = take_slot(&head, type & SAMPLE_TID);
	head.time = take_slot(&head, type & SAMPLE_TIME);
	take_slot(&head, type & SAMPLE_ADDR);
	uint8_t id = take_slot(&head, type & SAMPLE_ID);
	uint8_t stream_id = take_slot(&head, type & SAMPLE_STREAM_ID);

	head.cpu = take_slot(&head, type & SAMPLE_CPU);
	take_slot(&head, type & SAMPLE_PERIOD);
	head.id = first_of(identifier, id, stream_id);
	return head;
}

/* struct sample_id's order [uapi]. */
static struct id_layout tail_of(uint64_t type)
{
	struct id_layout tail = {0};

	tail.tid = take_slot(&tail, type & SAMPLE_TID);
	tail.time = take_slot(&tail, type & SAMPLE_TIME);
	uint8_t id = take_slot(&tail, type & SAMPLE_ID);
	uint8_t stream_id = take_slot(&tail, type & SAMPLE_STREAM_ID);

	tail.cpu = take_slot(&tail, type & SAMPLE_CPU);
	uint8_t identifier = take_slot(&tail, type & SAMPLE_IDENTIFIER);

	tail.id = first_of(identifier, id, stream_id);
	return tail;
}

struct error *attr_read(struct cursor *cursor, struct perf_attr *ret)
{
	struct cursor all = *cursor;
	struct str bytes;
	uint32_t type = 0, size = 0;

	TRY(cursor_u32(&all, &type));
	TRY(cursor_u32(&all, &size));
	if (size == 0) /* before the size was said there was but one */
		size = ATTR_SIZE_MIN;
	if (size < ATTR_SIZE_MIN || size > ATTR_SIZE_MAX)
		return cursor_error(cursor, "an event's attributes cannot have %" PRIu32 " bytes",
				    size);
	TRY(cursor_bytes(cursor, size, &bytes));

	const uint8_t *attr = (const uint8_t *)bytes.text;
	bool big_endian = cursor->big_endian;

	*ret = (struct perf_attr){
		.type = type,
		.config = load_u64(attr + 8, big_endian),
		.sample_period = load_u64(attr + 16, big_endian),
		.sample_type = load_u64(attr + 24, big_endian),
		.read_format = load_u64(attr + 32, big_endian),
		.is_freq = has_flag(attr, FLAG_FREQ, big_endian),
		.sample_id_all = has_flag(attr, FLAG_SAMPLE_ID_ALL, big_endian),
		.write_backward = has_flag(attr, FLAG_WRITE_BACKWARD, big_endian),
		.use_clockid = has_flag(attr, FLAG_USE_CLOCKID, big_endian),
	};
	if (size >= ATTR_SIZE_CLOCKID)
		ret->clockid = (int32_t)load_u32(attr + CLOCKID_AT, big_endian);
	ret->head = head_of(ret->sample_type);
	ret->tail = tail_of(ret->sample_id_all ? ret->sample_type : 0);
	return NULL;
}

bool attr_same_layout(const struct perf_attr *a, const struct perf_attr *b)
{
	return a->sample_type == b->sample_type && a->read_format == b->read_format &&
	       a->sample_id_all == b->sample_id_all;
}
