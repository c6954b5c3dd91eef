/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model that events are replayed in: its shape, and each event. */
#ifndef MMUREPLAY_CLI_REPLAY_H
#define MMUREPLAY_CLI_REPLAY_H

#include <mmureplay/mmu-detect.h>
#include <mmureplay/mmu.h>

#include "cli/options.h"

/* Sets the granule and the VA bits in `ret`; true when they are only assumed. */
bool find_geometry(const struct mmu_detect *detect, const struct options *options,
		   struct mmu_options *ret);

/* Applies an event; an error, as of one that contradicts what the user says, gets its place. */
struct error *replay_event(struct mmu *mmu, const struct capture_info *capture,
			   const struct mmu_event *event) MUST_CHECK;

#endif
