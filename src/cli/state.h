/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `state`: the tables at one time, in the layout of the kernel's own page-table dump. */
#ifndef MMUREPLAY_CLI_STATE_H
#define MMUREPLAY_CLI_STATE_H

#include <mmureplay/event.h>

#include "cli/options.h"

/*
 * Replays the events up to options->at and writes what is in the tables then.  Where reading fails
 * before that time, what is known by then is written, and the error is returned after that.
 */
struct error *state(const struct options *options, struct capture *capture,
		    const struct kernel *kernel, struct decoder *decoder,
		    enum exit_status *ret) MUST_CHECK;

#endif
