/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PERF_RECORD_SAMPLE [uapi], what of it is needed being marked:
 *
 *     8 IDENTIFIER * | IP | TID * | TIME * | ADDR | ID * | STREAM_ID * | CPU * | PERIOD
 *       u64 each; TID is u32 pid, tid; CPU is u32 cpu, res
 *     READ       depends on read_format, see skip_read()
 *     CALLCHAIN *  u64 nr, u64 ips[nr]
 *     RAW *        u32 size, u8 data[size]
 *     BRANCH_STACK | REGS_USER | STACK_USER | WEIGHT | WEIGHT_STRUCT | DATA_SRC | TRANSACTION |
 *     REGS_INTR | PHYS_ADDR | CGROUP | DATA_PAGE_SIZE | CODE_PAGE_SIZE | AUX and what later kernels
 *     add: behind all that is needed, so that nobody has to know how long they are
 */
#include "capture/perf/sample.h"

/* Goes on by `nr` u64; false when there are fewer. */
static bool skip_u64s(struct cursor *cursor, uint64_t nr)
{
	if (nr > cursor_left(cursor) / sizeof(uint64_t))
		return false;
	cursor->position += nr * sizeof(uint64_t);
	return true;
}

static bool take_u64(struct cursor *cursor, uint64_t *ret)
{
	const uint8_t *at = cursor->position;

	if (!skip_u64s(cursor, 1))
		return false;
	*ret = load_u64(at, cursor->big_endian);
	return true;
}

/*
 * struct read_format [uapi]:
 *     one:    u64 value, { enabled, } { running, } { id, } { lost }
 *     GROUP:  u64 nr, { enabled, } { running, } nr times: value, { id, } { lost }
 */
static bool skip_read(struct cursor *cursor, uint64_t format)
{
	uint64_t times = !!(format & READ_TIME_ENABLED) + !!(format & READ_TIME_RUNNING);
	uint64_t member = 1 + !!(format & READ_ID) + !!(format & READ_LOST);
	uint64_t nr = 1;

	if ((format & READ_GROUP) && !take_u64(cursor, &nr))
		return false;
	return skip_u64s(cursor, times) && nr <= cursor_left(cursor) &&
	       skip_u64s(cursor, nr * member);
}

static bool take_chain(struct cursor *cursor, struct sample *ret)
{
	if (!take_u64(cursor, &ret->nr_ips))
		return false;
	ret->chain = cursor->position;
	return skip_u64s(cursor, ret->nr_ips);
}

static bool take_raw(struct cursor *cursor, struct str *ret)
{
	uint32_t size;

	if (cursor_left(cursor) < sizeof(size))
		return false;
	size = load_u32(cursor->position, cursor->big_endian);
	cursor->position += sizeof(size);
	if (cursor_left(cursor) < size)
		return false;
	*ret = (struct str){(const char *)cursor->position, size};
	return true;
}

bool sample_read_slowly(const struct perf_attr *attr, const struct perf_record *record,
			bool big_endian, struct sample *ret)
{
	struct cursor cursor = {
		.position = record->data + RECORD_HEADER_SIZE,
		.end = record->data + record->size,
		.big_endian = big_endian,
	};
	uint64_t type = attr->sample_type;

	if (cursor_left(&cursor) < attr->head.size)
		return false;
	ret->id = sample_id_read(&attr->head, cursor.position, big_endian);
	cursor.position += attr->head.size;
	ret->nr_ips = 0;
	ret->raw = (struct str){0};
	return (!(type & SAMPLE_READ) || skip_read(&cursor, attr->read_format)) &&
	       (!(type & SAMPLE_CALLCHAIN) || take_chain(&cursor, ret)) &&
	       (!(type & SAMPLE_RAW) || take_raw(&cursor, &ret->raw));
}
