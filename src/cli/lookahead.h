/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events from a decoder, with the first ones pulled ahead to find out what kernel they are of. */
#ifndef MMUREPLAY_CLI_LOOKAHEAD_H
#define MMUREPLAY_CLI_LOOKAHEAD_H

#include <mmureplay/event.h>
#include <mmureplay/mmu-detect.h>

#include "base/array.h"

struct lookahead {
	struct decoder *decoder;
	ARRAY_OF(struct mmu_event) ahead;
	size_t taken;
	enum decode_step step; /* after those ahead */
	struct error *err;     /* DECODE_ERROR: after those ahead */
	struct mmu_detect detect;
};

/*
 * Pulls events until they show what the kernel's geometry is, or until it is no use to go on.  Sets
 * `step` to DECODE_ERROR when reading has failed; lookahead_next() returns that in its place.
 */
struct error *lookahead_init(struct lookahead *lookahead, struct decoder *decoder) MUST_CHECK;
void lookahead_deinit(struct lookahead *lookahead);

/* The part of lookahead_next() for the events ahead, and what comes when they have been taken. */
enum decode_step lookahead_take(struct lookahead *lookahead, const struct mmu_event **ret,
				struct error **err) MUST_CHECK;

/* As decoder_next(). */
static inline enum decode_step lookahead_next(struct lookahead *lookahead,
					      const struct mmu_event **ret, struct error **err)
{
	if (!lookahead->ahead.at && lookahead->step == DECODE_EVENT)
		return decoder_next(lookahead->decoder, ret, err);
	return lookahead_take(lookahead, ret, err);
}

#endif
