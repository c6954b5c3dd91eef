/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How to read the records of one event: made once from its format, by libtraceevent. */
#ifndef MMUREPLAY_CAPTURE_EVENT_PLAN_H
#define MMUREPLAY_CAPTURE_EVENT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>

#include "base/arena.h"
#include "base/cursor.h"

struct tep_handle;

/* Numbers are in the capture's byte order; texts end at their NUL or with their field. */
enum plan_kind {
	PLAN_NUMBER,	     /* of 1, 2, 4 or 8 bytes */
	PLAN_TEXT,	     /* char[16] */
	PLAN_BYTES,	     /* u64[3], structures: handed out as they are */
	PLAN_DYNAMIC_TEXT,   /* __data_loc char[]: u32, size << 16 | where in the record */
	PLAN_DYNAMIC_BYTES,  /* __data_loc u8[] */
	PLAN_RELATIVE_TEXT,  /* __rel_loc char[]: the same, but from the end of this u32 */
	PLAN_RELATIVE_BYTES, /* __rel_loc u8[] */
};

/*
 * A number of any size is read as the upper part of the 8 bytes that end with it, as all fields lie
 * behind the 8 bytes that every event begins with: no field of another size than the last one costs a branch.
 *
 *     ... | common | u64 ptr                 | u32 order |
 *                            | 8 bytes read        order |
 */
struct plan_field {
	enum plan_kind kind;
	uint16_t offset;
	uint16_t size;
	uint16_t word; /* NUMBER: offset of those 8 bytes; */
	uint8_t shift; /* ... by how much their upper part is to be moved down, */
	uint64_t mask; /* ... and what of it is the number, with its sign */
};

struct event_plan {
	struct record_type type; /* without the probed place; the id is TYPE_UNMET */
	uint16_t min_size;	 /* of a record: up to the end of its last field of fixed size */
	uint16_t pid_offset;
	uint16_t address_offset; /* __probe_ip or __probe_func; 0 for a tracepoint */
	uint16_t caller_offset;	 /* __probe_ret_ip; 0 when there is none */
	bool is_stack;
	uint16_t frames_offset;	   /* of a stack: an array of longs up to the record's end */
	uint16_t nr_frames_offset; /* likewise: s32, how many; 0 when there is none */
	struct plan_field field[RECORD_MAX_FIELDS];
};

/* What a plan is made from. */
struct event_source {
	struct str system; /* with a NUL behind it */
	struct str name;
	struct str text; /* from format_text_clean() */
};

/*
 * Makes a plan in `arena`; the names of its fields are kept by `tep`.  A format that cannot be
 * understood gives NULL in `*ret`.
 */
struct error *event_plan_create(struct tep_handle *tep, struct arena *arena,
				const struct event_source *source,
				struct event_plan **ret) MUST_CHECK;

/* Reads a field that is no number. */
struct record_field event_plan_read_field(const struct event_plan *plan,
					  const struct plan_field *field, struct str data,
					  bool big_endian);

static inline uint64_t plan_read_number(const struct plan_field *field, struct str data,
					bool big_endian)
{
	uint64_t word = load_u64(data.text + field->word, big_endian);

	/* In memory the number comes last: that is below in big-endian words. */
	if (RARELY(big_endian))
		word <<= field->shift;
	return (uint64_t)((int64_t)word >> field->shift) & field->mask;
}

/* Reads all fields of a record of at least `min_size` bytes into `values`. */
static inline void event_plan_read(const struct event_plan *plan, struct str data, bool big_endian,
				   struct record_field *values)
{
	for (uint32_t i = 0; i < plan->type.nr_fields; i++) {
		const struct plan_field *field = &plan->field[i];

		if (MOSTLY(field->kind == PLAN_NUMBER))
			values[i] = (struct record_field){
				.number = plan_read_number(field, data, big_endian)};
		else
			values[i] = event_plan_read_field(plan, field, data, big_endian);
	}
}

#endif
