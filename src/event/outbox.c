/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/outbox.h"

void outbox_deinit(struct outbox *outbox)
{
	array_deinit(&outbox->fresh);
	array_deinit(&outbox->ready);
}

void outbox_push(struct outbox *outbox, const struct mmu_event *event)
{
	if (!array_push(&outbox->fresh, *event))
		outbox->out_of_memory = true;
}

void outbox_release(struct outbox *outbox)
{
	struct outbox_batch drained = outbox->ready;

	outbox->ready = outbox->fresh;
	outbox->next = 0;
	drained.count = 0;
	outbox->fresh = drained;
}

const struct mmu_event *outbox_pop(struct outbox *outbox)
{
	return outbox->next < outbox->ready.count ? &outbox->ready.at[outbox->next++] : NULL;
}
