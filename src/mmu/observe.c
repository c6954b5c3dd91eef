/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries whose value becomes known, by being read or from what is below, without being stored. */
#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

struct error *entry_infer_table(struct mmu *mmu, struct mmu_entry *entry,
				const struct mmu_event *event)
{
	entry->seen = event->where;
	if (entry->kind == ENTRY_TABLE)
		return NULL;
	/* What it was before went unseen, so nothing can be said of how it went. */
	entry_set_mapping(entry, NULL);
	TRY(table_forget_broken(mmu, entry, event));
	entry->kind = ENTRY_TABLE;
	entry->has_descriptor = false;
	entry->descriptor_read = false;
	entry->since = (struct event_where){0};
	return table_create(mmu, entry, event);
}

/* When the task that is at work here began: with its range call, or after the entry was last seen. */
static uint64_t work_began(const struct mmu *mmu, const struct mmu_entry *entry)
{
	const struct mmu_mapping *mapping = mapping_find(mmu, entry->va);

	return mapping && mapping_is_live(mapping) && mapping->made.order > entry->seen.order
		       ? mapping->made.order
		       : entry->seen.order;
}

/* The entry went from a table to nothing while nobody looked: what it was may still be cached. */
static struct error *observe_gone(struct mmu *mmu, struct mmu_entry *entry,
				  const struct mmu_event *event)
{
	struct mmu_table *table = steal(entry->table);

	if (entry->kind == ENTRY_TABLE) {
		if (!tlbi_log_implies_break(mmu, entry, work_began(mmu, entry), event->where.pid))
			TRY(stale_remember(mmu, entry, table, false, event));
		table->state = TABLE_DETACHED;
		table->detached = event->where;
		TRY(table_detach_children(mmu, table, event, false));
		table_put(mmu, table);
	}
	return entry_set_value(mmu, entry,
			       (struct entry_value){.kind = ENTRY_NONE, .is_read = true}, event);
}

static struct error *observe_table(struct mmu *mmu, struct mmu_entry *entry, uint64_t descriptor,
				   const struct mmu_event *event)
{
	uint64_t pa = mmu_descriptor_pa(&mmu->geometry, entry->level, descriptor);

	if (entry->kind == ENTRY_TABLE && entry->table->pa_source != PA_UNKNOWN &&
	    entry->table->pa != pa) { /* another table than we knew: ours went unseen */
		struct mmu_table *table = steal(entry->table);

		table->state = TABLE_DETACHED;
		table->detached = event->where;
		TRY(table_detach_children(mmu, table, event, false));
		table_put(mmu, table);
		entry->kind = ENTRY_UNKNOWN;
	}
	TRY(entry_infer_table(mmu, entry, event));
	entry->has_descriptor = true;
	entry->descriptor_read = true;
	entry->descriptor = descriptor;
	if (entry->table->pa_source == PA_DESCRIPTOR)
		return NULL;
	return table_set_frame(mmu, entry->table, pa, PA_DESCRIPTOR);
}

struct error *entry_observe(struct mmu *mmu, struct mmu_entry *entry, uint64_t descriptor,
			    const struct mmu_event *event)
{
	enum mmu_entry_kind kind = mmu_descriptor_kind(&mmu->geometry, entry->level, descriptor);

	if (kind == ENTRY_TABLE)
		return observe_table(mmu, entry, descriptor, event);
	if (kind == ENTRY_NONE)
		return entry->kind == ENTRY_NONE ? NULL : observe_gone(mmu, entry, event);
	if (entry->kind != kind) {
		if (entry->kind == ENTRY_TABLE)
			TRY(observe_gone(mmu, entry, event));
		TRY(table_forget_broken(mmu, entry, event));
		entry->kind = kind;
		entry->since = (struct event_where){0};
	}
	entry->has_descriptor = true;
	entry->descriptor_read = true;
	entry->descriptor = descriptor;
	entry->seen = event->where;
	return NULL;
}
