/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often the kernel missed a hit of a probe: what tracefs kprobe_profile says. */
#ifndef MMUREPLAY_EVENT_PROFILE_H
#define MMUREPLAY_EVENT_PROFILE_H

#include <mmureplay/event.h>

struct profile_line {
	struct str name; /* of the event, without its system */
	uint64_t missed;
};

/* The lines, one for each probe that there was, NULL behind the last; `index` from 0. */
const struct profile_line *probe_profile_line(const struct probe_profile *profile, size_t index);

/* As probe_profile_load(), from a text; `name` is for errors. */
struct error *probe_profile_parse(const char *name, struct str text,
				  struct probe_profile **ret) MUST_CHECK;

#endif
