/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The default command: what went wrong in a capture. */
#ifndef MMUREPLAY_CLI_ANALYSE_H
#define MMUREPLAY_CLI_ANALYSE_H

#include <mmureplay/event.h>

#include "cli/options.h"

/*
 * Replays all events and writes the reports.  `kernel` is what is known of the captured one, or NULL.  Where reading fails in the middle, what came before
 * is reported, and the error is returned after that.
 */
struct error *analyse(const struct options *options, struct capture *capture,
		      const struct kernel *kernel, struct decoder *decoder,
		      enum exit_status *ret) MUST_CHECK;

#endif
