/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

/* Entries are at least a granule apart, so that the low bits are free for the level. */
static uint64_t entry_key(const struct mmu *mmu, int level, uint64_t va)
{
	uint64_t span = mmu_level_size(&mmu->geometry, level);

	return (va & -span) | (uint64_t)LEVEL_INDEX(level);
}

struct mmu_entry *entry_find(const struct mmu *mmu, int level, uint64_t va)
{
	return hash_get(&mmu->entries, entry_key(mmu, level, va));
}

static void link_to_parent(struct mmu_entry *entry, struct mmu_entry *parent)
{
	entry->sibling = parent->table->children;
	parent->table->children = entry;
}

/* The entry above; NULL for an entry of the first level. */
static struct error *get_parent(struct mmu *mmu, int level, uint64_t va,
				const struct mmu_event *event, struct mmu_entry **ret)
{
	*ret = NULL;
	if (level <= mmu->geometry.first_level)
		return NULL;
	TRY(entry_get(mmu, level - 1, va, event, ret));
	return entry_infer_table(mmu, *ret, event);
}

struct error *entry_get(struct mmu *mmu, int level, uint64_t va, const struct mmu_event *event,
			struct mmu_entry **ret)
{
	uint64_t key = entry_key(mmu, level, va);
	struct mmu_entry *entry = hash_get(&mmu->entries, key);
	struct mmu_entry *parent;

	if (!entry) {
		TRY(get_parent(mmu, level, va, event, &parent));
		entry = pool_get(&mmu->entry_pool);
		if (!entry || !hash_set(&mmu->entries, key, entry))
			return error_memory();
		entry->level = level;
		entry->va = va & -mmu_level_size(&mmu->geometry, level);
		entry->kind = ENTRY_UNKNOWN;
		if (parent)
			link_to_parent(entry, parent);
	}
	*ret = entry;
	return NULL;
}

void entry_set_mapping(struct mmu_entry *entry, struct mmu_mapping *mapping)
{
	if (mapping)
		mmu_mapping_get(mapping);
	mmu_mapping_put(entry->mapped);
	entry->mapped = mapping;
}

static bool is_valid(enum mmu_entry_kind kind)
{
	return kind == ENTRY_TABLE || kind == ENTRY_BLOCK || kind == ENTRY_PAGE;
}

struct error *entry_set_value(struct mmu *mmu, struct mmu_entry *entry, struct entry_value value,
			      const struct mmu_event *event)
{
	TRY(table_forget_broken(mmu, entry, event));
	entry->was_table = is_valid(entry->kind) ? entry->kind == ENTRY_TABLE : entry->was_table;
	if (entry->kind == ENTRY_BLOCK || value.kind != ENTRY_NONE)
		entry->block_of = value.kind == ENTRY_NONE ? entry->mapped : NULL;
	entry->kind = value.kind;
	entry->has_descriptor = value.has_descriptor;
	entry->descriptor_read = value.is_read;
	entry->is_stored = value.is_stored;
	entry->descriptor = value.descriptor;
	entry->since = event->where;
	entry->seen = event->where;
	entry->table = NULL;
	entry_set_mapping(entry, value.mapping);
	if (value.kind != ENTRY_TABLE)
		return NULL;
	if (!value.has_descriptor)
		return table_install(mmu, entry, event);
	return table_attach(mmu, entry,
			    mmu_descriptor_pa(&mmu->geometry, entry->level, value.descriptor),
			    value.is_read ? PA_DESCRIPTOR : PA_ALLOCATION, event);
}

/* Whether the entry is a table and `value` points to the same page: then only attributes change. */
static bool is_same_table(const struct mmu *mmu, const struct mmu_entry *entry,
			  const struct entry_value *value)
{
	return entry->kind == ENTRY_TABLE && value->kind == ENTRY_TABLE && value->has_descriptor &&
	       entry->table->pa_source != PA_UNKNOWN &&
	       entry->table->pa ==
		       mmu_descriptor_pa(&mmu->geometry, entry->level, value->descriptor);
}

/* Whether in another order there would be one; of leaves below a new mapping CHANGE_MAP tells. */
static bool find_undecided(const struct mmu *mmu, const struct mmu_change *change,
			   struct mmu_undecided *ret)
{
	const struct event_where *where = &change->event->where;

	switch (change->after->kind) {
	case ENTRY_BLOCK:
		return order_find(mmu, STALE_TABLE, change->level, change->va, change->end, where,
				  ret);
	case ENTRY_TABLE:
		return order_find(mmu, STALE_LEAF, change->level, change->va, change->end, where,
				  ret);
	case ENTRY_UNKNOWN:
	case ENTRY_NONE:
	case ENTRY_PAGE:
		break;
	}
	return false;
}

/* `table` has no entry any more; who holds `before` is told, then what is below goes too. */
static struct error *detach(struct mmu *mmu, const struct mmu_entry *before,
			    struct mmu_table *table, bool overwritten, bool implied,
			    const struct mmu_event *event)
{
	struct mmu_change change = {
		.kind = CHANGE_DETACHED,
		.event = event,
		.level = before->level,
		.va = before->va,
		.end = entry_end(mmu, before),
		.before = before,
		.table = table,
		.overwritten = overwritten,
	};

	TRY(linear_locate_all(mmu, table));
	table->state = TABLE_DETACHED;
	table->detached = event->where;
	table->parent = NULL;
	if (!implied) /* else the function that broke the entry has freed the page as well */
		TRY(mmu_emit(mmu, &change));
	TRY(table_detach_children(mmu, table, event, !implied));
	table_put(mmu, table);
	return NULL;
}

struct error *entry_store(struct mmu *mmu, struct mmu_entry *entry, struct entry_value value,
			  const struct mmu_event *event)
{
	const struct mmu_entry before = *entry;
	struct mmu_table *table = before.table;
	bool overwritten = is_valid(value.kind);
	struct mmu_undecided undecided;
	struct mmu_stale stale[MMU_ENTRY_STALE];
	struct mmu_change change = {
		.kind = CHANGE_ENTRY,
		.event = event,
		.level = entry->level,
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.before = &before,
		.after = entry,
		.break_implied = value.break_implied,
	};

	if (is_same_table(mmu, entry, &value)) {
		entry->descriptor = value.descriptor;
		entry->seen = event->where;
		return NULL;
	}
	/* `before` shares its mapping with the entry, which is about to give it up. */
	if (before.mapped)
		mmu_mapping_get(before.mapped);
	if (is_valid(before.kind) && !value.break_implied)
		TRY(stale_remember(mmu, &before, before.table, overwritten, event));
	TRY(entry_set_value(mmu, entry, value, event));
	change.nr_stale = stale_collect(mmu, entry, stale);
	change.stale = change.nr_stale ? stale : NULL;
	if (!change.stale && find_undecided(mmu, &change, &undecided))
		change.undecided = &undecided;
	TRY(mmu_emit(mmu, &change));
	if (table)
		TRY(detach(mmu, &before, table, overwritten, value.break_implied, event));
	mmu_mapping_put(before.mapped);
	return NULL;
}

struct error *entry_clear_again(struct mmu *mmu, struct mmu_entry *entry,
				struct mmu_mapping *mapping, const struct mmu_event *event)
{
	struct mmu_stale info = {
		.level = entry->level,
		.kind = ENTRY_BLOCK,
		.has_descriptor = event->has_old,
		.descriptor = event->old,
		.mapping = mapping,
	};
	struct mmu_stale known;

	if (stale_find(mmu, STALE_LEAF, entry->level, entry->va, entry_end(mmu, entry), &known))
		info = known;
	info.va = entry->va;
	info.end = entry_end(mmu, entry);
	info.since = event->where;
	entry->since = event->where;
	return stale_add(mmu, STALE_LEAF, &info);
}
