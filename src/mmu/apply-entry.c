/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stores in entries above the last level: blocks, tables, and what takes them away. */
#include "mmu/model.h"

#include "base/try.h"

/* The entry that an event is about; NULL when its VA cannot be found or is not the kernel's. */
static struct error *find_event_entry(struct mmu *mmu, const struct mmu_event *event,
				      struct mmu_entry **ret)
{
	int level = mmu_level(&mmu->geometry, event->level);
	uint64_t va;
	bool found;

	*ret = NULL;
	TRY(place_event(mmu, event, level, &va, &found));
	if (!found || !mmu_is_kernel_va(va))
		return NULL;
	TRY(entry_get(mmu, level, va, event, ret));
	(*ret)->va_is_unsure = false;
	return linear_note(mmu, *ret, event->entry);
}

/* The same, corrected by what the event's probe read from it. */
static struct error *event_entry(struct mmu *mmu, const struct mmu_event *event,
				 struct mmu_entry **ret)
{
	TRY(find_event_entry(mmu, event, ret));
	return *ret && event->has_old ? entry_observe(mmu, *ret, event->old, event) : NULL;
}

/* The live mapping at va, whose range call came last; NULL: none. */
static struct mmu_mapping *live_mapping(const struct mmu *mmu, uint64_t va)
{
	struct mmu_mapping *mapping = mapping_find(mmu, va);

	return mapping && mapping_is_live(mapping) ? mapping : NULL;
}

static struct error *refuse(struct mmu *mmu, struct mmu_entry *entry, const struct mmu_event *event)
{
	const struct mmu_change change = {
		.kind = CHANGE_REFUSED,
		.event = event,
		.level = entry->level,
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.before = entry,
		.after = entry,
	};

	entry->refused = event->where.order;
	return entry->kind == ENTRY_TABLE ? mmu_emit(mmu, &change) : NULL;
}

/*
 * Whether a function that is not traced broke the table: this task has invalidated its copies since
 * it began this mapping.  A descriptor that was read is better than that.
 */
static bool break_is_implied(const struct mmu *mmu, const struct mmu_entry *entry,
			     const struct mmu_mapping *mapping, const struct mmu_event *event)
{
	return entry->kind == ENTRY_TABLE && !event->has_old && mapping &&
	       tlbi_log_implies_break(mmu, entry, mapping->made.order, event->where.pid);
}

/* Of which entry this is said, when its address may be of several. */
static struct error *guess_entry(struct mmu *mmu, const struct mmu_event *event,
				 struct mmu_entry **ret)
{
	int level = mmu_level(&mmu->geometry, event->level);
	uint64_t va;

	if (event->done == DONE_NO || !place_guess(mmu, event, level, &va))
		return NULL;
	TRY(entry_get(mmu, level, va, event, ret));
	(*ret)->va_is_unsure = true;
	return NULL;
}

/* A block in an entry of which only the address is known: what was read there is all that there is. */
static struct error *store_unplaced(struct mmu *mmu, const struct mmu_event *event)
{
	int level = mmu_level(&mmu->geometry, event->level);
	const struct mmu_change change = {.kind = CHANGE_UNPLACED, .event = event, .level = level};

	if (event->done == DONE_NO || !event->has_old || !event->entry ||
	    mmu_descriptor_kind(&mmu->geometry, level, event->old) != ENTRY_TABLE)
		return NULL;
	return mmu_emit(mmu, &change);
}

struct error *apply_block(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_mapping *mapping;
	struct mmu_entry *entry;

	mmu->facts.nr_blocks++;
	if (event->done == DONE_UNKNOWN)
		mmu->facts.nr_blocks_in_doubt++;
	TRY(contradict_block(mmu, mmu_level(&mmu->geometry, event->level), event));
	TRY(event_entry(mmu, event, &entry));
	if (!entry)
		TRY(guess_entry(mmu, event, &entry));
	if (!entry)
		return store_unplaced(mmu, event);
	if (event->done == DONE_NO)
		return refuse(mmu, entry, event);
	if (entry->broken)
		TRY(break_end(mmu, entry, event));
	if (entry->kind == ENTRY_UNKNOWN)
		mmu->facts.nr_unknown_entries++;
	mapping = live_mapping(mmu, entry->va);
	if (mapping)
		mapping->has_blocks = true;
	return entry_store(mmu, entry,
			   (struct entry_value){
				   .kind = ENTRY_BLOCK,
				   .has_descriptor = event->has_pa && event->has_prot,
				   .descriptor = mmu_leaf_descriptor(&mmu->geometry, entry->level,
								     event->pa, event->prot),
				   .mapping = mapping,
				   .break_implied = break_is_implied(mmu, entry, mapping, event),
			   },
			   event);
}

/* Whether a block that a range clear took away before is cleared only here. */
static bool is_clear_again(const struct mmu *mmu, const struct mmu_entry *entry,
			   const struct mmu_event *event)
{
	if (entry->kind != ENTRY_NONE || !entry->block_of)
		return false;
	if (event->has_old)
		return mmu_descriptor_kind(&mmu->geometry, entry->level, event->old) == ENTRY_BLOCK;
	return event->done == DONE_YES;
}

struct error *apply_block_clear(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_entry *entry;

	TRY(find_event_entry(mmu, event, &entry));
	if (!entry)
		return NULL;
	if (is_clear_again(mmu, entry, event))
		return entry_clear_again(mmu, entry, mapping_find(mmu, entry->va), event);
	if (event->has_old)
		TRY(entry_observe(mmu, entry, event->old, event));
	if (event->done == DONE_YES && entry->kind == ENTRY_UNKNOWN)
		entry->kind = ENTRY_BLOCK; /* it says that it has cleared one */
	if (event->done == DONE_NO || entry->kind != ENTRY_BLOCK)
		return NULL;
	return entry_store(mmu, entry, (struct entry_value){.kind = ENTRY_NONE}, event);
}

/* A table's descriptor is laid out as a page's, here with no attributes but its type. */
static uint64_t table_descriptor(const struct mmu *mmu, uint64_t pa)
{
	enum {
		TABLE_OR_PAGE = 3
	};

	return mmu_leaf_descriptor(&mmu->geometry, MMU_LAST_LEVEL, pa, TABLE_OR_PAGE);
}

/*
 * The entry was empty when the function was called, and has been seen as a table since: that table is
 * this one, or another CPU's that was first.
 */
static struct error *confirm_table(struct mmu *mmu, struct mmu_table *table,
				   const struct mmu_event *event, bool has_frame, uint64_t pa)
{
	if (!event->table_lost && !table->made.order) {
		table->made = event->where;
		table->made_by = event->symbol;
	}
	return has_frame && table->pa_source == PA_UNKNOWN
		       ? table_set_frame(mmu, table, pa, PA_ALLOCATION)
		       : NULL;
}

struct error *apply_table(struct mmu *mmu, const struct mmu_event *event)
{
	uint64_t pa = event->table_pfn << mmu->geometry.granule_shift;
	bool has_frame = event->has_table_pfn && !event->table_lost;
	struct mmu_entry *entry;

	if (event->done == DONE_NO)
		return NULL;
	TRY(event_entry(mmu, event, &entry));
	if (!entry)
		return NULL;
	if (entry->broken)
		TRY(break_end(mmu, entry, event));
	if (entry->kind == ENTRY_TABLE &&
	    (event->table_lost || entry->seen.order > event->where.order))
		return confirm_table(mmu, entry->table, event, has_frame, pa);
	/* The kernel allocates only for an entry that it found empty. */
	if (entry->kind != ENTRY_NONE)
		TRY(entry_observe(mmu, entry, 0, event));
	return entry_store(mmu, entry,
			   (struct entry_value){
				   .kind = ENTRY_TABLE,
				   .has_descriptor = has_frame,
				   .descriptor = table_descriptor(mmu, pa),
			   },
			   event);
}

struct error *apply_break(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_entry *entry;

	mmu->facts.nr_breaks++;
	TRY(event_entry(mmu, event, &entry));
	return entry ? break_begin(mmu, entry, event) : NULL;
}

struct error *apply_break_end(struct mmu *mmu, const struct mmu_event *event)
{
	int level = mmu_level(&mmu->geometry, event->level);
	struct mmu_entry *entry;
	uint64_t va;
	bool found;

	/* What the probe read is from before the break. */
	TRY(place_event(mmu, event, level, &va, &found));
	entry = found ? entry_find(mmu, level, va) : NULL;
	return entry ? break_end(mmu, entry, event) : NULL;
}

struct error *apply_write(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_entry *entry;
	struct entry_value value;

	mmu->facts.nr_writes++;
	TRY(event_entry(mmu, event, &entry));
	if (!entry)
		return NULL;
	value = (struct entry_value){
		.kind = mmu_descriptor_kind(&mmu->geometry, entry->level, event->value),
		.has_descriptor = true,
		.is_read = true,
		.is_stored = true,
		.descriptor = event->value,
		.mapping = live_mapping(mmu, entry->va),
	};
	if (value.kind == ENTRY_NONE)
		value.has_descriptor = false;
	if (value.kind == ENTRY_NONE || value.kind == ENTRY_TABLE)
		value.mapping = NULL;
	return entry_store(mmu, entry, value, event);
}
