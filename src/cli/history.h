/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `history`: all that happened to one address. */
#ifndef MMUREPLAY_CLI_HISTORY_H
#define MMUREPLAY_CLI_HISTORY_H

#include <mmureplay/event.h>

#include "cli/options.h"

/*
 * Replays all events, and writes those that concern options->address, each with what it did to the
 * tables there.  Where reading fails in the middle, what came before is written, and the error is
 * returned after that.
 */
struct error *history(const struct options *options, struct capture *capture,
		      const struct kernel *kernel, struct decoder *decoder,
		      enum exit_status *ret) MUST_CHECK;

#endif
