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
static struct error *table_create(struct mmu *mmu, struct mmu_entry *entry,
				  const struct mmu_event *event)
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

static void set_mapping(struct mmu *mmu, struct mmu_entry *entry, struct mmu_mapping *mapping)
{
	if (mapping)
		mmu_mapping_get(mapping);
	mmu_mapping_put(mmu, entry->mapped);
	entry->mapped = mapping;
}

struct error *entry_infer_table(struct mmu *mmu, struct mmu_entry *entry,
				const struct mmu_event *event)
{
	entry->seen = event->where;
	if (entry->kind == ENTRY_TABLE)
		return NULL;
	/* What it was before went unseen, so nothing can be said of how it went. */
	set_mapping(mmu, entry, NULL);
	TRY(break_forget(mmu, entry, event));
	entry->kind = ENTRY_TABLE;
	entry->has_descriptor = false;
	entry->descriptor_read = false;
	entry->since = (struct event_where){0};
	return table_create(mmu, entry, event);
}

static bool is_valid(enum mmu_entry_kind kind)
{
	return kind == ENTRY_TABLE || kind == ENTRY_BLOCK || kind == ENTRY_PAGE;
}

static enum stale_class class_of(enum mmu_entry_kind kind)
{
	return kind == ENTRY_TABLE ? STALE_TABLE : STALE_LEAF;
}

/* The value that `before` had may still be cached. */
static struct error *remember(struct mmu *mmu, const struct mmu_entry *before, bool overwritten,
			      const struct mmu_event *event)
{
	struct mmu_stale info = {
		.va = before->va,
		.end = before->va + mmu_level_size(&mmu->geometry, before->level),
		.level = before->level,
		.kind = before->kind,
		.has_descriptor = before->has_descriptor,
		.descriptor = before->descriptor,
		.overwritten = overwritten,
		.last_use = before->seen,
		.since = event->where,
		.table = before->table,
		.mapping = before->mapped,
	};

	return stale_add(mmu, class_of(before->kind), &info);
}

/* Sets the members that hold the value; the table of a TABLE is made by this. */
static struct error *set_value(struct mmu *mmu, struct mmu_entry *entry, struct entry_value value,
			       const struct mmu_event *event)
{
	TRY(break_forget(mmu, entry, event));
	entry->was_table = is_valid(entry->kind) ? entry->kind == ENTRY_TABLE : entry->was_table;
	entry->kind = value.kind;
	entry->has_descriptor = value.has_descriptor;
	entry->descriptor_read = value.is_read;
	entry->descriptor = value.descriptor;
	entry->since = event->where;
	entry->seen = event->where;
	entry->table = NULL;
	set_mapping(mmu, entry, value.mapping);
	if (value.kind != ENTRY_TABLE)
		return NULL;
	TRY(table_create(mmu, entry, event));
	entry->table->made = event->where;
	entry->table->made_by = event->symbol;
	mmu->facts.nr_tables++;
	if (!value.has_descriptor)
		return NULL;
	return table_set_frame(mmu, entry->table,
			       mmu_descriptor_pa(&mmu->geometry, entry->level, value.descriptor),
			       value.is_read ? PA_DESCRIPTOR : PA_ALLOCATION);
}

/* What CPUs may still hold of this entry: a table before a leaf, as that is the worse. */
static const struct mmu_stale *find_stale(struct mmu *mmu, const struct mmu_entry *entry,
					  struct mmu_stale *buffer)
{
	uint64_t end = entry->va + mmu_level_size(&mmu->geometry, entry->level);

	if (stale_find(mmu, STALE_TABLE, entry->level, entry->va, end, buffer) ||
	    stale_find(mmu, STALE_LEAF, entry->level, entry->va, end, buffer))
		return buffer;
	return NULL;
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
		.end = before->va + mmu_level_size(&mmu->geometry, before->level),
		.before = before,
		.table = table,
		.overwritten = overwritten,
	};

	table->state = TABLE_DETACHED;
	table->detached = event->where;
	table->parent = NULL;
	if (!implied) /* else the function that broke the entry has freed the page as well */
		TRY(mmu_emit(mmu, &change));
	TRY(detach_children(mmu, table, event, !implied));
	table_put(mmu, table);
	return NULL;
}

struct error *entry_store(struct mmu *mmu, struct mmu_entry *entry, struct entry_value value,
			  const struct mmu_event *event)
{
	const struct mmu_entry before = *entry;
	struct mmu_table *table = before.table;
	bool overwritten = is_valid(value.kind);
	struct mmu_stale stale;
	struct mmu_change change = {
		.kind = CHANGE_ENTRY,
		.event = event,
		.level = entry->level,
		.va = entry->va,
		.end = entry->va + mmu_level_size(&mmu->geometry, entry->level),
		.before = &before,
		.after = entry,
		.break_implied = value.break_implied,
	};

	tlbi_log_seal(mmu, event->where.order);
	/* `before` shares its mapping with the entry, which is about to give it up. */
	if (before.mapped)
		mmu_mapping_get(before.mapped);
	if (is_valid(before.kind) && !value.break_implied)
		TRY(remember(mmu, &before, overwritten, event));
	TRY(set_value(mmu, entry, value, event));
	change.stale = find_stale(mmu, entry, &stale);
	TRY(mmu_emit(mmu, &change));
	if (table)
		TRY(detach(mmu, &before, table, overwritten, value.break_implied, event));
	mmu_mapping_put(mmu, before.mapped);
	return NULL;
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
			TRY(remember(mmu, entry, false, event));
		table->state = TABLE_DETACHED;
		table->detached = event->where;
		TRY(detach_children(mmu, table, event, false));
		table_put(mmu, table);
	}
	return set_value(mmu, entry, (struct entry_value){.kind = ENTRY_NONE, .is_read = true},
			 event);
}

static struct error *observe_table(struct mmu *mmu, struct mmu_entry *entry, uint64_t descriptor,
				   const struct mmu_event *event)
{
	uint64_t pa = mmu_descriptor_pa(&mmu->geometry, entry->level, descriptor);

	if (entry->kind == ENTRY_TABLE && entry->table->pa_source != PA_UNKNOWN &&
	    entry->table->pa != pa) { /* another table than we knew: ours went unseen */
		struct mmu_table *table = steal(entry->table);

		table->state = TABLE_DETACHED;
		TRY(detach_children(mmu, table, event, false));
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
		TRY(break_forget(mmu, entry, event));
		entry->kind = kind;
		entry->since = (struct event_where){0};
	}
	entry->has_descriptor = true;
	entry->descriptor_read = true;
	entry->descriptor = descriptor;
	entry->seen = event->where;
	return NULL;
}
