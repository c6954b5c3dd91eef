/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/outbox.h"

void outbox_deinit(struct outbox *outbox)
{
	array_deinit(&outbox->fresh);
	array_deinit(&outbox->ready);
}

/* Room for one more event. */
static struct mmu_event *make_room(struct outbox *outbox)
{
	struct outbox_batch *fresh = &outbox->fresh;

	if (array_reserve_((void **)&fresh->at, &fresh->capacity, fresh->count + 1,
			   sizeof(*fresh->at)))
		return &fresh->at[fresh->count++];
	outbox->out_of_memory = true;
	return &outbox->unseen;
}

struct mmu_event *outbox_add(struct outbox *outbox)
{
	struct mmu_event *event = make_room(outbox);

	*event = (struct mmu_event){0};
	return event;
}

void outbox_push(struct outbox *outbox, const struct mmu_event *event)
{
	*make_room(outbox) = *event;
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
