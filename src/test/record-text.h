/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as text, one a line, to compare what readers hand out. */
#ifndef MMUREPLAY_TEST_RECORD_TEXT_H
#define MMUREPLAY_TEST_RECORD_TEXT_H

#include <inttypes.h>

#include <mmureplay/capture.h>

#include "base/buffer.h"

static inline void add_field(struct buffer *to, struct str name, const struct record_field *field)
{
	buffer_printf(to, " %.*s=", STR_ARGS(name));
	if (field->text.text)
		buffer_printf(to, "'%.*s'", STR_ARGS(field->text));
	else
		buffer_printf(to, "0x%" PRIx64, field->number);
}

static inline void add_event(struct buffer *to, const struct record *record)
{
	const struct record_type *type = record->type;

	buffer_printf(to, "%" PRIu64 " [%u] %.*s-%d %.*s:%.*s", record->time, record->cpu,
		      STR_ARGS(record->comm), record->pid, STR_ARGS(type->system),
		      STR_ARGS(type->name));
	if (type->symbol.length)
		buffer_printf(to, " (%.*s+0x%" PRIx64, STR_ARGS(type->symbol), type->offset);
	if (type->is_return)
		buffer_printf(to, " <- %.*s", STR_ARGS(record->caller));
	if (type->symbol.length)
		buffer_add_char(to, ')');
	for (uint32_t i = 0; i < record->nr_fields; i++)
		add_field(to, type->field[i], &record->field[i]);
}

/* Appends what a step of capture_next() gave, without a newline. */
static inline void add_record(struct buffer *to, enum capture_step step,
			      const struct record *record)
{
	switch (step) {
	case RECORD_EVENT:
		add_event(to, record);
		break;
	case RECORD_LOST:
		if (record->lost == LOST_COUNT_UNKNOWN)
			buffer_printf(to, "lost [%u] ?", record->cpu);
		else
			buffer_printf(to, "lost [%u] %" PRIu64, record->cpu, record->lost);
		break;
	case RECORD_STACK:
		buffer_printf(to, "stack %" PRIu64 " [%u] %d", record->time, record->cpu,
			      record->pid);
		for (uint32_t i = 0; i < record->nr_frames; i++)
			buffer_printf(to, " %.*s", STR_ARGS(record->frame[i].symbol));
		break;
	case RECORD_END:
		buffer_printf(to, "end");
		break;
	case RECORD_ERROR:
		buffer_printf(to, "error");
		break;
	}
}

#endif
