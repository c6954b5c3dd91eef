/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmd_free_pte_page() and pud_free_pmd_page(): clear the entry, invalidate, free the table.
 *
 *   v4.19 - v6.17  each table: clear, TLBI VAAE1IS, free; a PUD's own table last
 *                  (785a19f9d1dd "ioremap: Update pgtable free interfaces with addr",
 *                  ec28bb9c9b08 "arm64: Implement page table free interfaces")
 *   v6.18          a PUD: clear and TLBI first, then its tables (fa93b45fd397)
 *   v4.16 - v4.18  nothing: return whether the entry is empty (15122ee2c515)
 *
 * What happens inside shows only where its instructions and page frees were traced.  So from the call
 * on, all of it is taken to be cleared and cached; the return value tells whether that was so.
 */
#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

struct error *break_begin(struct mmu *mmu, struct mmu_entry *entry, const struct mmu_event *event)
{
	struct mmu_table *table = entry->table;

	if (entry->kind != ENTRY_TABLE)
		return NULL;
	TRY(stale_remember(mmu, entry, table, false, event));
	for (struct mmu_entry *child = table->children; child; child = child->sibling) {
		if (child->kind != ENTRY_TABLE)
			continue;
		TRY(stale_remember(mmu, child, child->table, false, event));
		child->table->state = TABLE_DETACHED;
		child->table->detached = event->where;
	}
	table->state = TABLE_DETACHED;
	table->detached = event->where;
	table_put(mmu, entry->broken);
	entry->broken = table;
	entry->table = NULL;
	entry->kind = ENTRY_NONE;
	entry->was_table = true;
	return NULL;
}

static void attach_again(struct mmu_table *table)
{
	if (table->state == TABLE_DETACHED)
		table->state = TABLE_LIVE;
	table->detached = (struct event_where){0};
}

/* The function did nothing: the entry was a table all along. */
static struct error *undo(struct mmu *mmu, struct mmu_entry *entry)
{
	struct mmu_table *table = steal(entry->broken);

	TRY(stale_cancel(mmu, STALE_TABLE, entry->level, entry->va, entry_end(mmu, entry)));
	for (struct mmu_entry *child = table->children; child; child = child->sibling) {
		if (child->kind != ENTRY_TABLE)
			continue;
		TRY(stale_cancel(mmu, STALE_TABLE, child->level, child->va, entry_end(mmu, child)));
		attach_again(child->table);
	}
	attach_again(table);
	entry->table = table;
	entry->kind = ENTRY_TABLE;
	return NULL;
}

/* Without any TLBI instruction in the capture, what the function is known to do counts. */
static struct error *assume_invalidated(struct mmu *mmu, const struct mmu_entry *entry)
{
	mmu->facts.nr_flushes_assumed++;
	TRY(stale_cancel(mmu, STALE_TABLE, entry->level, entry->va, entry_end(mmu, entry)));
	for (struct mmu_entry *child = entry->broken->children; child; child = child->sibling)
		TRY(stale_cancel(mmu, STALE_TABLE, child->level, child->va, entry_end(mmu, child)));
	return NULL;
}

/* The function has freed `table`, or should have: seen frees are better than its word. */
static struct error *finish_table(struct mmu *mmu, const struct mmu_entry *entry,
				  struct mmu_table *table, const struct mmu_event *event)
{
	struct mmu_stale stale;
	struct mmu_change change = {
		.kind = CHANGE_FREED,
		.event = event,
		.level = entry->level,
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.before = entry,
		.table = table,
		.by_function = true,
	};

	if (table->state == TABLE_FREED)
		return NULL;
	if (table->pa_source != PA_UNKNOWN && mmu->facts.nr_page_frees) {
		change.kind = CHANGE_DETACHED;
		return mmu_emit(mmu, &change);
	}
	if (stale_find(mmu, STALE_TABLE, entry->level, entry->va, change.end, &stale))
		change.stale = &stale;
	table->state = TABLE_FREED;
	table->free_is_assumed = true;
	table->freed = event->where;
	table_forget_frame(mmu, table); /* its caller, the entry, still has a reference */
	return mmu_emit(mmu, &change);
}

struct error *break_end(struct mmu *mmu, struct mmu_entry *entry, const struct mmu_event *event)
{
	struct mmu_table *table = entry->broken;

	if (!table) {
		/* Whatever it was that we did not know: it is gone now. */
		if (entry->kind == ENTRY_UNKNOWN && event->done == DONE_YES)
			entry->kind = ENTRY_NONE;
		return NULL;
	}
	if (event->done == DONE_NO)
		return undo(mmu, entry);
	if (!mmu->facts.nr_tlbi)
		TRY(assume_invalidated(mmu, entry));
	for (struct mmu_entry *child = table->children; child; child = child->sibling)
		if (child->kind == ENTRY_TABLE)
			TRY(finish_table(mmu, child, child->table, event));
	TRY(finish_table(mmu, entry, table, event));
	entry->broken = NULL;
	entry->since = event->where;
	entry->seen = event->where;
	entry->has_descriptor = false;
	TRY(table_detach_children(mmu, table, event, false));
	table_put(mmu, table);
	return NULL;
}
