/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members of an event, as far as they are known, given to a sink one by one. */
#ifndef MMUREPLAY_CLI_EVENT_MEMBERS_H
#define MMUREPLAY_CLI_EVENT_MEMBERS_H

#include "cli/event-sink.h"

/* Adds the whole line. */
void event_write(const struct event_sink *sink, struct buffer *line,
		 const struct capture_info *capture, const struct mmu_event *event);

#endif
