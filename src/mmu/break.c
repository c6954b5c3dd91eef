/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmd_free_pte_page() and pud_free_pmd_page(): clear the entry, invalidate, free the table; or do nothing:
 * see contract.c.
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
	TRY(linear_locate_all(mmu, table));
	/* Within a function that broke a table above, its copies are remembered since that one's call. */
	if (table->state != TABLE_DETACHED)
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

/* The tables that the entries of a table point to. */
static struct error *invalidate_below(struct mmu *mmu, const struct mmu_table *table)
{
	for (struct mmu_entry *child = table->children; child; child = child->sibling)
		TRY(stale_cancel(mmu, STALE_TABLE, child->level, child->va, entry_end(mmu, child)));
	return NULL;
}

/* The function has freed `table`, or should have: seen frees are better than its word. */
static struct error *finish_table(struct mmu *mmu, const struct mmu_entry *entry,
				  struct mmu_table *table, const struct mmu_event *event)
{
	const struct stale_item *item;
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
	item = stale_find_table(mmu, table, entry->level, entry->va);
	if (item)
		change.stale = &item->info;
	table->state = TABLE_FREED;
	table->free_is_assumed = true;
	table->freed = event->where;
	table_forget_frame(mmu, table); /* its caller, the entry, still has a reference */
	return mmu_emit(mmu, &change);
}

static struct error *free_below(struct mmu *mmu, const struct mmu_table *table,
				const struct mmu_event *event)
{
	for (struct mmu_entry *child = table->children; child; child = child->sibling)
		if (child->kind == ENTRY_TABLE)
			TRY(finish_table(mmu, child, child->table, event));
	return NULL;
}

/* Where no TLBI instruction was traced in the whole capture, what the function is known to do counts. */
static struct error *take_step(struct mmu *mmu, struct mmu_entry *entry, enum contract_step step,
			       const struct mmu_event *event)
{
	bool assumes = !mmu->facts.nr_tlbi;

	switch (step) {
	case STEP_INVALIDATE_BELOW:
		return assumes ? invalidate_below(mmu, entry->broken) : NULL;
	case STEP_INVALIDATE_OWN:
		mmu->facts.nr_flushes_assumed += assumes;
		return assumes ? stale_cancel(mmu, STALE_TABLE, entry->level, entry->va,
					      entry_end(mmu, entry))
			       : NULL;
	case STEP_FREE_BELOW:
		return free_below(mmu, entry->broken, event);
	case STEP_FREE_OWN:
		return finish_table(mmu, entry, entry->broken, event);
	case STEP_END:
		break;
	}
	return NULL;
}

static bool has_freed(const struct mmu_table *table)
{
	for (const struct mmu_entry *child = table->children; child; child = child->sibling)
		if (child->kind == ENTRY_TABLE && child->table->state == TABLE_FREED)
			return true;
	return table->state == TABLE_FREED;
}

/*
 * Whether a function whose return was not seen did nothing, as the gate of 4.16 - 4.18 does over a table: a
 * free would have been seen, and it was seen neither to free nor to invalidate anything.
 */
static bool did_nothing(const struct mmu *mmu, const struct mmu_table *table,
			const struct mmu_event *event)
{
	const struct mmu_tlbi_run *run;

	if (table->pa_source == PA_UNKNOWN || !mmu->facts.nr_page_frees || has_freed(table))
		return false;
	for (uint32_t i = 0;
	     (run = mmu_tlbi_log(mmu, i)) && run->last.order > table->detached.order; i++)
		if (run->last.pid == event->where.pid && run->in_break)
			return false;
	return true;
}

/* What the call and its return value show of the kernel's generation. */
static void note_generation(struct mmu *mmu, const struct mmu_event *event)
{
	mmu->generations &= contract_generations(event->symbol);
	if (event->done == DONE_NO) /* over a table: the others never do that */
		mmu->generations &= GENERATION_GATE;
	else if (event->done == DONE_YES)
		mmu->generations &= ~(uint32_t)GENERATION_GATE;
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
	if (event->kind == EVENT_BREAK_END)
		note_generation(mmu, event);
	const struct contract *contract = contract_find(mmu->generations);

	if (event->done == DONE_NO ||
	    (event->done == DONE_UNKNOWN && event->kind == EVENT_BREAK_END &&
	     did_nothing(mmu, table, event)) ||
	    (event->kind == EVENT_BREAK_END && contract->step[0] == STEP_END))
		return undo(mmu, entry);
	for (int i = 0; i < CONTRACT_STEPS && contract->step[i] != STEP_END; i++)
		TRY(take_step(mmu, entry, contract->step[i], event));
	entry->broken = NULL;
	entry->since = event->where;
	entry->seen = event->where;
	entry->has_descriptor = false;
	TRY(table_detach_children(mmu, table, event, false));
	table_put(mmu, table);
	return NULL;
}
