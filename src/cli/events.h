/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `events`: what a capture was decoded to, one event a line. */
#ifndef MMUREPLAY_CLI_EVENTS_H
#define MMUREPLAY_CLI_EVENTS_H

#include <mmureplay/event.h>

#include "cli/options.h"

/*
 * Lists the events.  Where reading fails in the middle, those before are listed, and the error is
 * returned after that.
 */
struct error *events(const struct options *options, struct capture *capture,
		     struct decoder *decoder, enum exit_status *ret) MUST_CHECK;

#endif
