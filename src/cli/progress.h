/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The progress line: "mmureplay: 1234567 records read" on standard error, when that is a terminal
 * and the capture takes more than a second.
 *
 * A timer's signal draws it, because reading may pass over many records before it hands one out.
 * There is one timer in a process, so there is one progress line.
 */
#ifndef MMUREPLAY_CLI_PROGRESS_H
#define MMUREPLAY_CLI_PROGRESS_H

#include <mmureplay/capture.h>

/* From now on, until progress_stop(). `capture` must live as long. */
void progress_start(const struct capture_info *capture);

/* Erases the line, for others to write to the terminal, and draws it again in time. */
void progress_pause(void);
void progress_resume(void);

/* Erases the line for good.  Does nothing when none was started. */
void progress_stop(void);

#endif
