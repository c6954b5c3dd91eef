/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `mmureplay events` writes the members of an event: as text to grep, or as a JSON object. */
#ifndef MMUREPLAY_CLI_EVENT_SINK_H
#define MMUREPLAY_CLI_EVENT_SINK_H

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "base/buffer.h"

struct event_sink {
	void (*begin)(struct buffer *line, const struct capture_info *capture,
		      const struct mmu_event *event);
	void (*word)(struct buffer *line, const char *key, struct str value);
	void (*number)(struct buffer *line, const char *key, uint64_t value);
	void (*hex)(struct buffer *line, const char *key, uint64_t value);
	void (*time)(struct buffer *line, const char *key, const struct capture_info *capture,
		     uint64_t value);
	/* Something that is so; what is not so is left out. */
	void (*flag)(struct buffer *line, const char *key);
	void (*place)(struct buffer *line, const struct capture_info *capture,
		      struct record_place place);
	void (*end)(struct buffer *line);
};

/*
 * "1.111994 [000] init-1 block symbol=pmd_set_huge ...": the first four words are always there,
 * and no word has a space in it.  Bytes that would break that are written \NNN, in octal, as in
 * /proc/mounts.
 */
extern const struct event_sink event_text;

/* A time as the capture prints it: with the digits that its clock has. */
void event_text_time(struct buffer *line, const struct capture_info *capture, uint64_t time);

/* {"time_ns": ..., ...}: an object a line. */
extern const struct event_sink event_json;

#endif
