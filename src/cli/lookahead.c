/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lookahead.h"

#include "base/cleanup.h"

enum {
	MOST_EVENTS = 1 << 14 /* some 5 MB */
};

struct error *lookahead_init(struct lookahead *lookahead, struct decoder *decoder)
{
	const struct mmu_event *event;

	*lookahead = (struct lookahead){.decoder = decoder, .step = DECODE_EVENT};
	while (lookahead->ahead.count < MOST_EVENTS) {
		lookahead->step = decoder_next(decoder, &event, &lookahead->err);
		if (lookahead->step != DECODE_EVENT)
			return NULL;
		if (!array_push(&lookahead->ahead, *event))
			return error_memory();
		if (mmu_detect_note(&lookahead->detect, event))
			return NULL;
	}
	return NULL;
}

void lookahead_deinit(struct lookahead *lookahead)
{
	array_deinit(&lookahead->ahead);
	error_destroy(lookahead->err);
}

enum decode_step lookahead_take(struct lookahead *lookahead, const struct mmu_event **ret,
				struct error **err)
{
	if (lookahead->taken < lookahead->ahead.count) {
		*ret = &lookahead->ahead.at[lookahead->taken++];
		return DECODE_EVENT;
	}
	array_deinit(&lookahead->ahead);
	lookahead->taken = 0;
	if (lookahead->step == DECODE_EVENT)
		return decoder_next(lookahead->decoder, ret, err);
	*err = steal(lookahead->err);
	return lookahead->step;
}
