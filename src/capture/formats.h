/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats of a binary capture's events: raw data -> records.
 *
 * Each recording carries the kernel's own description of each event's fields (tracefs
 * events/SYSTEM/EVENT/format).  libtraceevent parses one when the first record of its event is met;
 * after that a record is read by the offsets that were found then.  Nothing is formatted as text.
 *
 * A record begins with the fields that all events have in common (Linux include/linux/
 * trace_events.h, struct trace_entry), and of a probe (kernel/trace/trace_probe.h) with places:
 *
 *     u16 common_type | u8 flags | u8 preempt_count | s32 common_pid | fields...
 *                                                                    | __probe_ip | arguments...
 *                                           | __probe_func | __probe_ret_ip | arguments...
 *
 * The places become record.address and record.caller; the arguments are the record's fields.
 */
#ifndef MMUREPLAY_CAPTURE_FORMATS_H
#define MMUREPLAY_CAPTURE_FORMATS_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/symbols.h"
#include "capture/event-plan.h"
#include "capture/types.h"

struct tep_handle;

/* What is to be done with a record. */
enum format_verdict {
	FORMAT_NEW,	   /* not decided yet; never returned */
	FORMAT_UNREADABLE, /* no format fits it */
	FORMAT_UNWANTED,
	FORMAT_WANTED,
	FORMAT_STACK, /* the kernel's call chain of the record before it */
	FORMAT_FAILED /* memory is short */
};

/* The format of one event. */
struct event_format {
	struct event_source source;
	bool is_probe;
	enum format_verdict verdict; /* of the last record */
	uint16_t min_size;	 /* of a record: up to the end of its last field of fixed size */
	uint16_t address_offset; /* of a probe's address; 0 for a tracepoint */
	uint64_t address;	 /* of the last record */
	const struct known_type *known; /* likewise */
	struct event_plan *plan;	/* how to read a record; NULL before the first */
};

struct formats {
	struct type_table *types;
	bool big_endian;
	uint8_t long_size; /* the kernel's: 4 or 8 */
	struct tep_handle *tep;
	struct arena arena;
	struct interned systems;
	struct event_format **by_id; /* NULL: no such event */
	uint32_t nr_ids;
	uint32_t count; /* of formats that were added */
	char caller[SYMBOL_TEXT_MAX];
	char frame_text[RECORD_MAX_FRAMES][SYMBOL_TEXT_MAX];
	struct record_frame frame[RECORD_MAX_FRAMES];
};

/* `long_size` is the size of the kernel's `long`. */
struct error *formats_init(struct formats *formats, struct type_table *types, bool big_endian,
			   unsigned int long_size) MUST_CHECK;

/* Releases formats; those that are all zero, too. */
void formats_deinit(struct formats *formats);

/*
 * Adds the text of one format file.  A text that is none is passed over: its event's records will be
 * found unreadable.
 */
struct error *formats_add(struct formats *formats, struct str system, struct str text) MUST_CHECK;

/* The parts of formats_judge() that are not on its short way. */
enum format_verdict formats_judge_slowly(struct formats *formats, struct event_format *format,
					 struct str data);

static inline uint64_t formats_long(const struct formats *formats, const char *from)
{
	return formats->long_size == sizeof(uint64_t) ? load_u64(from, formats->big_endian)
						      : load_u32(from, formats->big_endian);
}

/* Finds the format of a record, which is only set when one fits, and says what is to be done. */
static inline enum format_verdict formats_judge(struct formats *formats, struct str data,
						struct event_format **ret)
{
	if (data.length < sizeof(uint16_t))
		return FORMAT_UNREADABLE;
	uint16_t id = load_u16(data.text, formats->big_endian);
	struct event_format *format = id < formats->nr_ids ? formats->by_id[id] : NULL;

	if (!format)
		return FORMAT_UNREADABLE;
	*ret = format;
	if (format->verdict == FORMAT_NEW)
		return formats_judge_slowly(formats, format, data);
	if (data.length < format->min_size)
		return FORMAT_UNREADABLE;
	if (!format->address_offset ||
	    formats_long(formats, data.text + format->address_offset) == format->address)
		return format->verdict;
	return formats_judge_slowly(formats, format, data);
}

/* Sets a frame of formats.frame; its text stays until the frame is set again. */
void formats_set_frame(struct formats *formats, uint32_t index, uint64_t address);

static inline int32_t formats_pid(const struct formats *formats, const struct event_plan *plan,
				  struct str data)
{
	return (int32_t)load_u32(data.text + plan->pid_offset, formats->big_endian);
}

/* The part of formats_decode() for returns. */
void formats_decode_caller(struct formats *formats, const struct event_plan *plan, struct str data,
			   struct record *record);

/*
 * Fills in what the data of a record tells: type, pid, address, caller and fields.  The record was
 * found FORMAT_WANTED, with a format that had then this plan and this type.  Texts point into `data`,
 * and into `formats` until the next call.
 */
static inline void formats_decode(struct formats *formats, const struct event_plan *plan,
				  const struct known_type *known, struct str data,
				  struct record *record)
{
	record->type = &known->type;
	record->pid = formats_pid(formats, plan, data);
	record->address =
		plan->address_offset ? formats_long(formats, data.text + plan->address_offset) : 0;
	record->caller = (struct str){0};
	record->caller_address = 0;
	if (plan->caller_offset)
		formats_decode_caller(formats, plan, data, record);
	record->nr_fields = plan->type.nr_fields;
	event_plan_read(plan, data, formats->big_endian, record->field);
}

/* Fills in the pid and the frames of a record that was found FORMAT_STACK. */
void formats_decode_stack(struct formats *formats, const struct event_format *format,
			  struct str data, struct record *record);

/*
 * Lists the probes that were defined, each as it was met last, or as capture_info.defined says if it
 * was not met; the list is made anew by each call and stays until formats_deinit().
 */
struct error *formats_list_probes(struct formats *formats, const struct record_type *const **ret,
				  uint32_t *nr) MUST_CHECK;

#endif
