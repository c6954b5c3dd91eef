/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far apart the clocks of two CPUs may be. */
#ifndef MMUREPLAY_CLI_SKEW_H
#define MMUREPLAY_CLI_SKEW_H

#include <stdint.h>

#include <mmureplay/capture.h>

/* In units of record.time; 0: the recorded order of events is the real one. */
uint64_t default_clock_skew(const struct capture_info *capture);

#endif
