/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables: their frames, and what goes with one that is gone. */
#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

void table_put(struct mmu *mmu, struct mmu_table *table)
{
	if (table && --table->refs == 0)
		pool_put(&mmu->table_pool, table);
}

static uint64_t frame_of(const struct mmu *mmu, uint64_t pa)
{
	return pa >> mmu->geometry.granule_shift;
}

struct error *table_set_frame(struct mmu *mmu, struct mmu_table *table, uint64_t pa,
			      enum mmu_pa_source source)
{
	struct mmu_table *other = hash_get(&mmu->frames, frame_of(mmu, pa));

	table->pa = pa;
	table->pa_source = source;
	if (other == table)
		return NULL;
	if (!hash_set(&mmu->frames, frame_of(mmu, pa), table))
		return error_memory();
	table->refs++;
	table_put(mmu, other); /* the frame came back as another table: its end was not seen */
	return NULL;
}

void table_forget_frame(struct mmu *mmu, struct mmu_table *table)
{
	if (table->pa_source == PA_UNKNOWN ||
	    hash_get(&mmu->frames, frame_of(mmu, table->pa)) != table)
		return;
	hash_remove(&mmu->frames, frame_of(mmu, table->pa));
	table_put(mmu, table);
}

/* A table for `entry` to point to, which has the one reference. */
struct error *table_create(struct mmu *mmu, struct mmu_entry *entry, const struct mmu_event *event)
{
	struct mmu_table *table = pool_get(&mmu->table_pool);

	if (!table)
		return error_memory();
	table->id = ++mmu->last_table_id;
	table->level = entry->level + 1;
	table->va = entry->va;
	table->seen = event->where;
	table->parent = entry;
	table->refs = 1;
	entry->table = table;
	return NULL;
}

struct error *table_install(struct mmu *mmu, struct mmu_entry *entry, const struct mmu_event *event)
{
	TRY(table_create(mmu, entry, event));
	entry->table->made = event->where;
	entry->table->made_by = event->symbol;
	mmu->facts.nr_tables++;
	return NULL;
}

/* The page of a table that no entry pointed to was not lost. */
static struct error *emit_attached(struct mmu *mmu, const struct mmu_entry *entry,
				   struct mmu_table *table, const struct mmu_event *event)
{
	const struct mmu_change change = {
		.kind = CHANGE_ATTACHED,
		.event = event,
		.level = entry->level,
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.after = entry,
		.table = table,
	};

	return mmu_emit(mmu, &change);
}

struct error *table_attach(struct mmu *mmu, struct mmu_entry *entry, uint64_t pa,
			   enum mmu_pa_source source, const struct mmu_event *event)
{
	struct mmu_table *old = hash_get(&mmu->frames, frame_of(mmu, pa));

	if (old && old->state == TABLE_DETACHED) {
		TRY(emit_attached(mmu, entry, old, event));
		if (old->level == entry->level + 1 && old->va == entry->va) {
			old->state = TABLE_LIVE;
			old->detached = (struct event_where){0};
			old->parent = entry;
			old->refs++;
			entry->table = old;
			return NULL;
		}
	}
	TRY(table_install(mmu, entry, event));
	return table_set_frame(mmu, entry->table, pa, source);
}

/* Frees what the model keeps of an entry. */
static void forget_entry(struct mmu *mmu, struct mmu_entry *entry)
{
	uint64_t key = entry->va | (uint64_t)LEVEL_INDEX(entry->level);

	hash_remove(&mmu->entries, key);
	table_put(mmu, entry->table);
	table_put(mmu, entry->broken);
	mmu_mapping_put(entry->mapped);
	pool_put(&mmu->entry_pool, entry);
}

struct error *table_detach_children(struct mmu *mmu, struct mmu_table *table,
				    const struct mmu_event *event, bool add_stale)
{
	struct mmu_entry *next;

	for (struct mmu_entry *child = steal(table->children); child; child = next) {
		next = child->sibling;
		if (child->kind == ENTRY_TABLE) {
			if (add_stale)
				TRY(stale_remember(mmu, child, child->table, false, event));
			if (child->table->state == TABLE_LIVE)
				child->table->state = TABLE_DETACHED;
			child->table->detached = event->where;
			child->table->parent = NULL;
			TRY(table_detach_children(mmu, child->table, event, add_stale));
		} else if (add_stale && (child->kind == ENTRY_BLOCK || child->kind == ENTRY_PAGE)) {
			TRY(stale_remember_below(mmu, child, table, event));
		}
		TRY(table_forget_broken(mmu, child, event));
		forget_entry(mmu, child);
	}
	return NULL;
}

struct error *table_forget_broken(struct mmu *mmu, struct mmu_entry *entry,
				  const struct mmu_event *event)
{
	struct mmu_table *table = steal(entry->broken);

	if (!table)
		return NULL;
	TRY(table_detach_children(mmu, table, event, false));
	table_put(mmu, table);
	return NULL;
}
