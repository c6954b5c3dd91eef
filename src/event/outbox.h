/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoded events that wait to be pulled.  Those of the newest record are held back until the next
 * one is there, as that may be the newest one's call chain.
 */
#ifndef MMUREPLAY_EVENT_OUTBOX_H
#define MMUREPLAY_EVENT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <mmureplay/event.h>

#include "base/array.h"

struct outbox_batch {
	struct mmu_event *at; /* those from `count` on are empty */
	size_t count, capacity;
};

struct outbox {
	struct outbox_batch fresh; /* of the newest record */
	struct outbox_batch ready; /* of the record before it */
	size_t next;		   /* in `ready` */
	bool out_of_memory;	   /* an event was lost for that reason: ... */
	struct mmu_event unseen;   /* ... this one */
};

void outbox_deinit(struct outbox *outbox);

/* Makes room for one more event in `fresh`; false when memory is short. */
bool outbox_grow(struct outbox *outbox);

/*
 * Appends an empty event, to be filled in before the next one is added.  When memory is short, it is
 * one that nobody will see.
 */
static inline struct mmu_event *outbox_add(struct outbox *outbox)
{
	struct outbox_batch *fresh = &outbox->fresh;

	if (fresh->count == fresh->capacity && !outbox_grow(outbox))
		return &outbox->unseen;
	return &fresh->at[fresh->count++];
}

/* Appends a copy of `event`. */
void outbox_push(struct outbox *outbox, const struct mmu_event *event);

/* The next record has come: what was pushed so far can be pulled. */
static inline void outbox_release(struct outbox *outbox)
{
	struct outbox_batch drained = outbox->ready;

	if (drained.count) /* all at once: that is cheaper than one by one */
		memset(drained.at, 0, drained.count * sizeof(*drained.at));
	outbox->ready = outbox->fresh;
	outbox->next = 0;
	drained.count = 0;
	outbox->fresh = drained;
}

/* Takes the oldest event that can be pulled; NULL when there is none. */
static inline const struct mmu_event *outbox_pop(struct outbox *outbox)
{
	return outbox->next < outbox->ready.count ? &outbox->ready.at[outbox->next++] : NULL;
}

#endif
