/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The build ids of what was running, of which the kernel's own is kept.  Each is a record, in a file's
 * feature section and in a pipe alike:
 *
 *     header    s32 pid    u8 id[20]    u8 size, u8 and u16 reserved    char filename[]    [event]
 */
#include <stdio.h>

#include "base/try.h"

#include "capture/perf/perf.h"

enum {
	/* [event] PERF_RECORD_MISC_BUILD_ID_SIZE: older perf wrote no size */
	MISC_HAS_SIZE = 1 << 15,
};

struct error *perf_take_build_id(struct capture *capture, struct str id)
{
	if (!id.length || capture->info.build_id)
		return NULL;
	char text[2 * PERF_BUILD_ID_SIZE + 1];

	for (size_t i = 0; i < id.length; i++)
		snprintf(text + 2 * i, 3, "%02x", (uint8_t)id.text[i]);
	capture->info.build_id =
		intern(&capture->types.strings, (struct str){text, 2 * id.length}).text;
	return capture->info.build_id ? NULL : error_memory();
}

struct error *perf_read_build_id(struct capture *capture, uint16_t misc, struct cursor *body)
{
	uint8_t size = 0;
	struct str id;

	TRY(cursor_skip(body, sizeof(uint32_t)));
	TRY(cursor_bytes(body, PERF_BUILD_ID_SIZE, &id));
	TRY(cursor_u8(body, &size));
	TRY(cursor_skip(body, sizeof(uint8_t) + sizeof(uint16_t)));
	struct str file = {(const char *)body->position, cursor_left(body)};

	if (misc & MISC_HAS_SIZE)
		id = str_first(id, size);
	/* Of a guest's kernel the name is another, and so is the mode. */
	if ((misc & MISC_CPUMODE_MASK) != MISC_KERNEL ||
	    !str_starts(file, STR("[kernel.kallsyms]")))
		return NULL;
	return perf_take_build_id(capture, id);
}

struct error *perf_read_build_ids(struct capture *capture, struct cursor *cursor)
{
	while (cursor_left(cursor)) {
		uint16_t misc = 0, size = 0;
		uint32_t type;
		struct cursor body;

		TRY(cursor_u32(cursor, &type));
		TRY(cursor_u16(cursor, &misc));
		TRY(cursor_u16(cursor, &size));
		if (size < RECORD_HEADER_SIZE)
			return cursor_error(cursor, "a build id cannot have %u bytes", size);
		TRY(cursor_sub(cursor, size - RECORD_HEADER_SIZE, "a build id", &body));
		TRY(perf_read_build_id(capture, misc, &body));
	}
	return NULL;
}
