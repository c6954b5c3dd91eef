/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/outbox.h"

void outbox_deinit(struct outbox *outbox)
{
	array_deinit(&outbox->fresh);
	array_deinit(&outbox->ready);
}

bool outbox_grow(struct outbox *outbox)
{
	struct outbox_batch *fresh = &outbox->fresh;
	size_t filled = fresh->capacity;

	if (!array_reserve_((void **)&fresh->at, &fresh->capacity, filled + 1,
			    sizeof(*fresh->at))) {
		outbox->out_of_memory = true;
		return false;
	}
	memset(&fresh->at[filled], 0, (fresh->capacity - filled) * sizeof(*fresh->at));
	return true;
}

void outbox_push(struct outbox *outbox, const struct mmu_event *event)
{
	*outbox_add(outbox) = *event;
}
