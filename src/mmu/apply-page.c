/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page allocator's events, where they concern frames that are known to be tables. */
#include "mmu/model.h"

#include "base/try.h"

/* MAX_ORDER on arm64 is 13 with 64K pages at most (arch/arm64/Kconfig, ARCH_FORCE_MAX_ORDER). */
enum {
	LARGEST_ORDER = 14
};

/* The frame's table, which leaves the frame with this; NULL: the frame is no known table. */
static struct mmu_table *take_table(struct mmu *mmu, uint64_t pfn)
{
	return hash_remove(&mmu->frames, pfn);
}

/* An entry still points to the page: what it holds from now on is unknown. */
static struct error *forget_value(struct mmu *mmu, struct mmu_entry *entry, struct mmu_table *table,
				  const struct mmu_event *event)
{
	entry->table = NULL;
	entry->kind = ENTRY_UNKNOWN;
	entry->has_descriptor = false;
	entry->seen = event->where;
	TRY(table_detach_children(mmu, table, event, false));
	table_put(mmu, table);
	return NULL;
}

/* Freed while an entry points to it: by mistake, or after a break that was not traced. */
static struct error *free_live(struct mmu *mmu, struct mmu_table *table,
			       const struct mmu_event *event)
{
	struct mmu_entry *entry = table->parent;
	const struct mmu_entry before = *entry;
	bool implied = tlbi_log_implies_break(mmu, entry, entry->seen.order, event->where.pid);
	const struct mmu_change change = {
		.kind = CHANGE_FREED,
		.event = event,
		.level = entry->level,
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.before = &before,
		.table = table,
		.break_implied = implied,
	};

	table->state = TABLE_FREED;
	table->freed = event->where;
	table->parent = NULL;
	TRY(mmu_emit(mmu, &change));
	if (!implied)
		return forget_value(mmu, entry, table, event);
	entry->table = NULL;
	entry->kind = ENTRY_NONE;
	entry->was_table = true;
	entry->has_descriptor = false;
	entry->since = event->where;
	entry->seen = event->where;
	TRY(table_detach_children(mmu, table, event, false));
	table_put(mmu, table);
	return NULL;
}

static struct error *free_detached(struct mmu *mmu, struct mmu_table *table,
				   const struct mmu_event *event, bool assumed)
{
	int level = table->level - 1;
	uint64_t span = mmu_level_size(&mmu->geometry, level);
	const struct mmu_entry *entry = entry_find(mmu, level, table->va);
	const struct stale_item *item = stale_find_table(mmu, table, level, table->va);
	struct mmu_undecided undecided;
	struct mmu_change change = {
		.kind = CHANGE_FREED,
		.event = event,
		.level = level,
		.va = table->va,
		.end = table->va + span,
		.before = entry,
		.table = table,
		.by_function = entry && entry->broken == table,
	};

	if (item && !assumed)
		change.stale = &item->info;
	else if (!assumed && order_find(mmu, STALE_TABLE, level, change.va, change.end,
					&event->where, &undecided))
		change.undecided = &undecided;
	table->state = TABLE_FREED;
	table->free_is_assumed = assumed;
	table->freed = event->where;
	return mmu_emit(mmu, &change);
}

static struct error *free_frame(struct mmu *mmu, uint64_t pfn, const struct mmu_event *event,
				bool assumed)
{
	struct mmu_table *table = take_table(mmu, pfn);

	if (!table)
		return NULL;
	if (table->state == TABLE_LIVE && table->parent && !assumed)
		TRY(free_live(mmu, table, event));
	else if (table->state == TABLE_LIVE && table->parent)
		TRY(forget_value(mmu, table->parent, table, event));
	else if (table->state == TABLE_DETACHED)
		TRY(free_detached(mmu, table, event, assumed));
	table_put(mmu, table);
	return NULL;
}

static struct error *free_frames(struct mmu *mmu, const struct mmu_event *event, bool assumed)
{
	uint32_t order = event->page_order < LARGEST_ORDER ? event->page_order : LARGEST_ORDER;

	for (uint64_t i = 0; i < UINT64_C(1) << order && mmu->frames.count; i++)
		TRY(free_frame(mmu, event->pfn + i, event, assumed));
	return NULL;
}

struct error *apply_page_free(struct mmu *mmu, const struct mmu_event *event)
{
	mmu->facts.nr_page_frees++;
	return free_frames(mmu, event, false);
}

/* A frame that is given out again was freed before, even if that was not seen. */
struct error *apply_page_alloc(struct mmu *mmu, const struct mmu_event *event)
{
	return free_frames(mmu, event, true);
}
