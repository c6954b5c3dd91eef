/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events, into the model. */
#ifndef MMUREPLAY_CLI_REPLAY_H
#define MMUREPLAY_CLI_REPLAY_H

#include <mmureplay/mmu.h>

#include "base/likely.h"

/* Gives an error the place of the event that it came with. */
struct error *replay_error(struct error *err, const struct capture_info *capture,
			   const struct mmu_event *event) MUST_CHECK;

/* Applies an event; an error, as of one that contradicts what the user says, gets its place. */
static inline struct error *replay_event(struct mmu *mmu, const struct capture_info *capture,
					 const struct mmu_event *event)
{
	struct error *err = mmu_apply(mmu, event);

	return RARELY(err) ? replay_error(err, capture, event) : NULL;
}

#endif
