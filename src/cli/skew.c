/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/skew.h"

#include <stddef.h>
#include <string.h>

/*
 * What the kernel says of its trace clocks (Documentation/trace/ftrace.rst, "trace_clock"; kernel/trace/
 * trace_clock.c).  global and counter give no event a time before that of one that has its own already;
 * mono, boot and tai are the time of day's clocks, one for all CPUs.  Only of local is it said that it may
 * differ from CPU to CPU; on arm64 it reads the one system counter, so that what may differ is how long
 * each CPU is on its way from there to the record.
 */
static const char *const global_clocks[] = {
	"global", "counter", "mono", "mono_raw", "boot", "tai", "realtime",
};

/* Of local clocks, in ns; what the printed time leaves out is added. */
enum {
	LOCAL_SKEW = 1000
};

uint64_t default_clock_skew(const struct capture_info *capture)
{
	for (size_t i = 0; capture->clock && i < sizeof(global_clocks) / sizeof(*global_clocks);
	     i++)
		if (strcmp(capture->clock, global_clocks[i]) == 0)
			return 0;
	if (capture->clock_is_ticks) /* how long a tick is, no capture says */
		return 0;
	return LOCAL_SKEW + (capture->time_resolution > 1 ? capture->time_resolution : 0);
}
