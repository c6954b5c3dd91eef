/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events, into the model. */
#ifndef MMUREPLAY_CLI_REPLAY_H
#define MMUREPLAY_CLI_REPLAY_H

#include <mmureplay/mmu.h>

/* Applies an event; an error, as of one that contradicts what the user says, gets its place. */
struct error *replay_event(struct mmu *mmu, const struct capture_info *capture,
			   const struct mmu_event *event) MUST_CHECK;

#endif
