/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoded events that wait to be pulled.  Those of the newest record are held back until the next
 * one is there, as that may be the newest one's call chain.
 */
#ifndef MMUREPLAY_EVENT_OUTBOX_H
#define MMUREPLAY_EVENT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include <mmureplay/event.h>

#include "base/array.h"

struct outbox_batch {
	struct mmu_event *at;
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

/*
 * Appends an empty event, to be filled in before the next one is added.  When memory is short, it is
 * one that nobody will see.
 */
struct mmu_event *outbox_add(struct outbox *outbox);

/* Appends a copy of `event`. */
void outbox_push(struct outbox *outbox, const struct mmu_event *event);

/* The next record has come: what was pushed so far can be pulled. */
void outbox_release(struct outbox *outbox);

/* Takes the oldest event that can be pulled; NULL when there is none. */
const struct mmu_event *outbox_pop(struct outbox *outbox);

#endif
