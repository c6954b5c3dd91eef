/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <event-parse.h>

#include "capture/event-plan.h"

enum {
	WORD = sizeof(uint64_t)
};

/* ---- from the format ----------------------------------------------------------------------- */

/* Whether the field lies where a record can have it; format files come with the capture. */
static bool has_place(const struct tep_format_field *field)
{
	return field->offset >= 0 && field->size >= 0 && field->offset <= UINT16_MAX &&
	       field->size <= UINT16_MAX - field->offset;
}

/* Whether it is a number, behind what all events begin with. */
static bool is_number(const struct tep_format_field *field)
{
	int size = field->size;

	return (size == 1 || size == 2 || size == 4 || size == WORD) &&
	       field->offset + size >= WORD;
}

static enum plan_kind field_kind(const struct tep_format_field *field)
{
	bool is_text = field->flags & TEP_FIELD_IS_STRING;

	if ((field->flags & TEP_FIELD_IS_DYNAMIC) && field->size == sizeof(uint32_t)) {
		if (field->flags & TEP_FIELD_IS_RELATIVE)
			return is_text ? PLAN_RELATIVE_TEXT : PLAN_RELATIVE_BYTES;
		return is_text ? PLAN_DYNAMIC_TEXT : PLAN_DYNAMIC_BYTES;
	}
	if (field->flags & (TEP_FIELD_IS_ARRAY | TEP_FIELD_IS_DYNAMIC))
		return is_text ? PLAN_TEXT : PLAN_BYTES;
	return is_number(field) ? PLAN_NUMBER : PLAN_BYTES;
}

static void cover(struct event_plan *plan, const struct tep_format_field *field)
{
	if (field->offset + field->size > plan->min_size)
		plan->min_size = (uint16_t)(field->offset + field->size);
}

/* Takes the fields that each event of this kernel begins with. */
static bool take_common(struct event_plan *plan, struct tep_event *event)
{
	const struct tep_format_field *type = tep_find_common_field(event, "common_type");
	const struct tep_format_field *pid = tep_find_common_field(event, "common_pid");

	if (!type || type->offset != 0 || type->size != sizeof(uint16_t) || !pid ||
	    !has_place(pid) || pid->size != sizeof(int32_t))
		return false;
	plan->pid_offset = (uint16_t)pid->offset;
	cover(plan, pid);
	return true;
}

/*
 * Takes what the kernel puts before a probe's arguments; all such names begin with "__probe_"
 * (kernel/trace/trace_probe.h, FIELD_STRING_IP and its like).
 */
static bool take_probe_field(struct event_plan *plan, const struct tep_format_field *field,
			     unsigned int long_size)
{
	if (strncmp(field->name, "__probe_", strlen("__probe_")) != 0)
		return false;
	if (field->size != (int)long_size || field->offset == 0)
		return true;
	if (strcmp(field->name, "__probe_ip") == 0 || strcmp(field->name, "__probe_func") == 0) {
		plan->address_offset = (uint16_t)field->offset;
		plan->type.is_probe = true;
		cover(plan, field);
	} else if (strcmp(field->name, "__probe_ret_ip") == 0) {
		plan->caller_offset = (uint16_t)field->offset;
		plan->type.is_return = true;
		cover(plan, field);
	}
	return true;
}

static void take_field(struct event_plan *plan, const struct tep_format_field *field)
{
	struct record_type *type = &plan->type;

	if (type->nr_fields == RECORD_MAX_FIELDS)
		return;
	struct plan_field *planned = &plan->field[type->nr_fields];

	*planned = (struct plan_field){
		.kind = field_kind(field),
		.offset = (uint16_t)field->offset,
		.size = (uint16_t)field->size,
	};
	if (planned->kind == PLAN_NUMBER) {
		planned->word = (uint16_t)(field->offset + field->size - WORD);
		planned->shift = (uint8_t)(8 * (WORD - field->size));
		planned->mask = field->flags & TEP_FIELD_IS_SIGNED ? UINT64_MAX
								   : UINT64_MAX >> planned->shift;
	}
	type->field[type->nr_fields++] = str_from(field->name);
	cover(plan, field);
}

/*
 * The kernel's call chains (kernel/trace/trace_entries.h, kernel_stack): `caller` is said to be an
 * array of 8, but has as many elements as were needed; older kernels did not say how many.
 */
static bool take_stack(struct event_plan *plan, struct tep_event *event)
{
	const struct tep_format_field *frames = tep_find_field(event, "caller");
	const struct tep_format_field *count = tep_find_field(event, "size");

	if (!frames || !has_place(frames))
		return false;
	plan->is_stack = true;
	plan->frames_offset = (uint16_t)frames->offset;
	if (plan->min_size < frames->offset)
		plan->min_size = (uint16_t)frames->offset;
	if (count && has_place(count) && count->size == sizeof(int32_t) &&
	    count->offset < frames->offset)
		plan->nr_frames_offset = (uint16_t)count->offset;
	return true;
}

static bool take_event(struct event_plan *plan, struct tep_event *event)
{
	unsigned int long_size = (unsigned int)tep_get_long_size(event->tep);

	if (!take_common(plan, event))
		return false;
	if (str_is(plan->type.system, "ftrace") && str_is(plan->type.name, "kernel_stack"))
		return take_stack(plan, event);
	for (struct tep_format_field *field = event->format.fields; field; field = field->next)
		if (has_place(field) && !take_probe_field(plan, field, long_size))
			take_field(plan, field);
	return true;
}

struct error *event_plan_create(struct tep_handle *tep, struct arena *arena,
				const struct event_source *source, struct event_plan **ret)
{
	struct event_plan *plan = arena_alloc(arena, sizeof(*plan));
	struct tep_event *event = NULL;
	struct str text = source->text;

	*ret = NULL;
	if (!plan)
		return error_memory();
	plan->type.id = TYPE_UNMET;
	plan->type.system = source->system;
	plan->type.name = source->name;
	if (tep_parse_format(tep, &event, text.text, text.length, source->system.text) == 0 &&
	    event && take_event(plan, event))
		*ret = plan;
	return NULL;
}

/* ---- records ------------------------------------------------------------------------------- */

static struct record_field text(const char *start, size_t length)
{
	return (struct record_field){.text = {start, length}};
}

/* The bytes that a u32 at the field says; what it says wrong gives none. */
static struct record_field read_dynamic(const struct event_plan *plan,
					const struct plan_field *field, struct str data,
					bool big_endian, bool is_text)
{
	uint32_t word = load_u32(data.text + field->offset, big_endian);
	size_t offset = word & 0xffff;
	size_t size = word >> 16;

	/* A string that could not be fetched is empty, without even its NUL. */
	if (is_text && size == 0 && plan->address_offset)
		return (struct record_field){.text = STR("(fault)")};
	if (field->kind == PLAN_RELATIVE_TEXT || field->kind == PLAN_RELATIVE_BYTES)
		offset += field->offset + sizeof(word);
	if (offset > data.length || size > data.length - offset)
		return text(data.text, 0);
	return text(data.text + offset, is_text ? strnlen(data.text + offset, size) : size);
}

struct record_field event_plan_read_field(const struct event_plan *plan,
					  const struct plan_field *field, struct str data,
					  bool big_endian)
{
	const char *at = data.text + field->offset;

	switch (field->kind) {
	case PLAN_NUMBER:
		break; /* see event_plan_read() */
	case PLAN_TEXT:
		return text(at, strnlen(at, field->size));
	case PLAN_BYTES:
		return text(at, field->size);
	case PLAN_DYNAMIC_TEXT:
	case PLAN_RELATIVE_TEXT:
		return read_dynamic(plan, field, data, big_endian, true);
	case PLAN_DYNAMIC_BYTES:
	case PLAN_RELATIVE_BYTES:
		return read_dynamic(plan, field, data, big_endian, false);
	}
	return text(at, 0);
}
