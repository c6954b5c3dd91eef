/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include <event-parse.h>

#include "base/try.h"
#include "capture/format-text.h"
#include "capture/formats.h"

enum {
	/* common_type is a u16. */
	NR_IDS_MAX = UINT16_MAX + 1,
	/* A kernel's formats are 4 MB together, and half of it is how to print them. */
	TEXTS_MAX = 32 * 1024 * 1024,
};

struct error *formats_init(struct formats *formats, struct type_table *types, bool big_endian,
			   unsigned int long_size)
{
	*formats = (struct formats){
		.types = types,
		.big_endian = big_endian,
		.long_size = (uint8_t)long_size,
	};
	interned_init(&formats->systems, &formats->arena);
	tep_set_loglevel(TEP_LOG_NONE); /* it prints */
	formats->tep = tep_alloc();
	if (!formats->tep)
		return error_memory();
	tep_set_long_size(formats->tep, (int)long_size);
	tep_set_file_bigendian(formats->tep, big_endian ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	return NULL;
}

void formats_deinit(struct formats *formats)
{
	tep_free(formats->tep);
	free(formats->by_id);
	interned_deinit(&formats->systems);
	arena_deinit(&formats->arena);
	formats->tep = NULL;
	formats->by_id = NULL;
	formats->nr_ids = 0;
}

/* ---- adding -------------------------------------------------------------------------------- */

/* The rest of the line that begins with `key`. */
static bool find_line(struct str text, struct str key, struct str *ret)
{
	struct str line;

	while (format_text_line(&text, &line))
		if (str_starts(line, key)) {
			*ret = str_skip(line, key.length);
			return true;
		}
	return false;
}

static bool parse_id(struct str digits, uint32_t *ret)
{
	uint32_t id = 0;

	for (size_t i = 0; i < digits.length; i++) {
		if (digits.text[i] < '0' || digits.text[i] > '9')
			return false;
		id = id * 10 + (uint32_t)(digits.text[i] - '0');
		if (id >= NR_IDS_MAX)
			return false;
	}
	*ret = id;
	return digits.length > 0;
}

static bool make_room(struct formats *formats, uint32_t id)
{
	if (id < formats->nr_ids)
		return true;
	uint32_t count = formats->nr_ids * 2 > id ? formats->nr_ids * 2 : id + 1;
	struct event_format **by_id = reallocarray(formats->by_id, count, sizeof(*by_id));

	if (!by_id)
		return false;
	memset(by_id + formats->nr_ids, 0, (count - formats->nr_ids) * sizeof(*by_id));
	formats->by_id = by_id;
	formats->nr_ids = count;
	return true;
}

/*
 * A format file:
 *
 *     name: pmd_set_huge
 *     ID: 304
 *     format:
 *             field:unsigned short common_type;	offset:0;	size:2;	signed:0;
 *             ...
 *
 *     print fmt: "(%lx) pmdp=0x%Lx", REC->__probe_ip, REC->pmdp
 */
struct error *formats_add(struct formats *formats, struct str system, struct str text)
{
	struct str name, digits;
	uint32_t id;

	if (!find_line(text, STR("name: "), &name) || !find_line(text, STR("ID: "), &digits) ||
	    !parse_id(digits, &id) || formats->arena.total > TEXTS_MAX)
		return NULL;
	if (id < formats->nr_ids && formats->by_id[id])
		return NULL;
	struct event_format *format = arena_alloc(&formats->arena, sizeof(*format));

	if (!format || !make_room(formats, id))
		return error_memory();
	*format = (struct event_format){
		.source =
			{
				.system = intern(&formats->systems, system),
				.name = arena_copy(&formats->arena, name),
				.text = format_text_clean(&formats->arena, text),
			},
		.is_probe = memmem(text.text, text.length, " __probe_", strlen(" __probe_")),
	};
	if (!format->source.system.text || !format->source.name.text || !format->source.text.text)
		return error_memory();
	formats->by_id[id] = format;
	formats->count++;
	return NULL;
}

/* ---- judging ------------------------------------------------------------------------------- */

static struct error *make_plan(struct formats *formats, struct event_format *format)
{
	struct event_plan *plan;

	if (format->plan || format->verdict == FORMAT_UNREADABLE)
		return NULL;
	TRY(event_plan_create(formats->tep, &formats->arena, &format->source, &plan));
	if (!plan) {
		format->verdict = FORMAT_UNREADABLE;
		return NULL;
	}
	format->plan = plan;
	format->min_size = plan->min_size;
	format->address_offset = plan->address_offset;
	return NULL;
}

/* The type of a record whose probe is at `address`. */
static enum format_verdict decide(struct formats *formats, struct event_format *format,
				  uint64_t address)
{
	struct record_type like = format->plan->type;
	struct symbol_place place;

	if (naming_find(&formats->types->naming, address, &place)) {
		like.symbol = place.name;
		like.module = place.module;
		like.offset = place.offset;
	}
	const struct known_type *known = types_get(formats->types, &like);

	if (!known && !types_full(formats->types))
		return FORMAT_FAILED;
	format->known = known;
	format->address = address;
	format->verdict = known && known->wanted ? FORMAT_WANTED : FORMAT_UNWANTED;
	return format->verdict;
}

enum format_verdict formats_judge_slowly(struct formats *formats, struct event_format *format,
					 struct str data)
{
	struct error *err = make_plan(formats, format);
	uint64_t address = 0;

	if (err) {
		error_destroy(err);
		return FORMAT_FAILED;
	}
	if (!format->plan || data.length < format->min_size)
		return FORMAT_UNREADABLE;
	if (format->plan->is_stack)
		return format->verdict = FORMAT_STACK;
	/* Several probes may have one name: their records differ in the address only. */
	if (format->address_offset)
		address = formats_long(formats, data.text + format->address_offset);
	return decide(formats, format, address);
}

/* ---- decoding ------------------------------------------------------------------------------ */

void formats_decode_caller(struct formats *formats, const struct event_plan *plan, struct str data,
			   struct record *record)
{
	record->caller_address = formats_long(formats, data.text + plan->caller_offset);
	record->caller = naming_print(&formats->types->naming, record->caller_address, SYMBOL_LONG,
				      formats->caller);
}

void formats_set_frame(struct formats *formats, uint32_t index, uint64_t address)
{
	formats->frame[index] = (struct record_frame){
		.address = address,
		.symbol = naming_print(&formats->types->naming, address, SYMBOL_SHORT,
				       formats->frame_text[index]),
	};
}

void formats_decode_stack(struct formats *formats, const struct event_format *format,
			  struct str data, struct record *record)
{
	const struct event_plan *plan = format->plan;
	struct str frames = str_skip(data, plan->frames_offset);
	uint32_t count = 0, limit = RECORD_MAX_FRAMES;

	if (plan->nr_frames_offset) {
		uint32_t said = load_u32(data.text + plan->nr_frames_offset, formats->big_endian);

		if (said < limit)
			limit = said;
	}
	for (; count < limit && frames.length >= formats->long_size; count++) {
		uint64_t address = formats_long(formats, frames.text);

		/* Older kernels fill up with ULONG_MAX. */
		if (address == (formats->long_size == 8 ? UINT64_MAX : UINT32_MAX))
			break;
		formats_set_frame(formats, count, address);
		frames = str_skip(frames, formats->long_size);
	}
	record->pid = formats_pid(formats, plan, data);
	record->nr_frames = count;
	record->frame = formats->frame;
}

/* ---- the probes that were defined ---------------------------------------------------------- */

struct error *formats_list_probes(struct formats *formats, const struct record_type *const **ret,
				  uint32_t *nr)
{
	const struct record_type **list =
		arena_alloc(&formats->arena, (formats->count + 1) * sizeof(const void *));
	uint32_t count = 0;

	if (!list)
		return error_memory();
	for (uint32_t id = 0; id < formats->nr_ids; id++) {
		struct event_format *format = formats->by_id[id];

		if (!format || !format->is_probe)
			continue;
		TRY(make_plan(formats, format));
		if (format->plan)
			list[count++] = format->known ? &format->known->type : &format->plan->type;
	}
	*ret = list;
	*nr = count;
	return NULL;
}
