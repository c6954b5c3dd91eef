/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <mmureplay/mmu-walk.h>

#include "base/try.h"
#include "mmu/model.h"

struct walk {
	const struct mmu *mmu;
	bool knows_pages; /* stores of single pages' entries were traced */
	ARRAY_OF(struct mmu_item) items;
};

static void walk_deinit(struct walk *walk)
{
	array_deinit(&walk->items);
}

/* Whether `next` goes on where `item` ends, in all that the kernel's own dump would look at. */
static bool goes_on(const struct mmu_item *item, const struct mmu_item *next)
{
	uint64_t size = item->end - item->va;

	return item->kind == next->kind && item->kind != ITEM_EMPTY_TABLE &&
	       item->level == next->level && item->end == next->va &&
	       item->mapping == next->mapping && item->descriptor_read == next->descriptor_read &&
	       item->has_pa == next->has_pa && (!item->has_pa || item->pa + size == next->pa) &&
	       item->has_descriptor == next->has_descriptor &&
	       (!item->has_pa || item->descriptor - item->pa == next->descriptor - next->pa);
}

static struct error *add(struct walk *walk, const struct mmu_item *item)
{
	return array_push(&walk->items, *item) ? NULL : error_memory();
}

static bool is_leaf(const struct mmu_entry *entry)
{
	return entry->kind == ENTRY_BLOCK || entry->kind == ENTRY_PAGE;
}

/* ---- entries ------------------------------------------------------------------------------- */

static struct error *add_leaf(struct walk *walk, const struct mmu_entry *entry)
{
	const struct mmu_geometry *geometry = &walk->mmu->geometry;
	struct mmu_item item = {
		.kind = entry->level == MMU_LAST_LEVEL ? ITEM_PAGES : ITEM_BLOCKS,
		.va = entry->va,
		.end = entry_end(walk->mmu, entry),
		.level = entry->level,
		.has_pa = entry->has_descriptor,
		.has_descriptor = entry->has_descriptor,
		.descriptor_read = entry->descriptor_read,
		.descriptor = entry->descriptor,
		.mapping = entry->mapped,
		.entry = entry,
	};

	if (item.has_pa)
		item.pa = mmu_descriptor_pa(geometry, entry->level, entry->descriptor);
	return add(walk, &item);
}

static struct error *add_entry(struct walk *walk, const struct mmu_entry *entry)
{
	if (is_leaf(entry))
		return add_leaf(walk, entry);
	if (entry->kind != ENTRY_TABLE)
		return NULL;
	/* Whether it is empty shows when all are sorted. */
	return add(walk, &(const struct mmu_item){
				 .kind = ITEM_EMPTY_TABLE,
				 .va = entry->va,
				 .end = entry_end(walk->mmu, entry),
				 .level = entry->level + 1,
				 .entry = entry,
			 });
}

/* ---- mappings ------------------------------------------------------------------------------ */

/* Whether the entry says itself what is in its span; else the mapping says it. */
static bool decides(const struct mmu_entry *entry)
{
	return entry->kind == ENTRY_BLOCK ||
	       (entry->level == MMU_LAST_LEVEL && entry->kind != ENTRY_UNKNOWN);
}

/* The entry that decides what is at va, or else that of the last level but one; NULL: unknown. */
static const struct mmu_entry *find_entry(const struct walk *walk, uint64_t va)
{
	const struct mmu_entry *last = NULL;
	int end = walk->knows_pages ? MMU_LAST_LEVEL + 1 : MMU_LAST_LEVEL;

	for (int level = walk->mmu->geometry.first_level; level < end; level++) {
		const struct mmu_entry *entry = entry_find(walk->mmu, level, va);

		if (entry && decides(entry))
			return entry;
		if (level < MMU_LAST_LEVEL)
			last = entry;
	}
	return last;
}

/* What `mapping` has in va..end, which is in the span of one entry and no block's. */
static struct mmu_item leaves_of(const struct mmu *mmu, const struct mmu_mapping *mapping,
				 const struct mmu_entry *entry, uint64_t va, uint64_t end)
{
	struct mmu_item item = {
		.kind = entry && entry->kind == ENTRY_TABLE ? ITEM_PAGES : ITEM_LEAVES,
		.va = va,
		.end = end,
		.level = MMU_LAST_LEVEL,
		.has_pa = mapping->has_pa,
		.has_descriptor = mapping->has_prot,
		.mapping = mapping,
	};

	if (item.has_pa)
		item.pa = mapping->pa + (va - mapping->va);
	if (item.has_descriptor)
		item.descriptor =
			mmu_leaf_descriptor(&mmu->geometry, MMU_LAST_LEVEL, item.pa, mapping->prot);
	return item;
}

/* A piece of a live mapping, less what entries decide. */
static struct error *add_piece(struct walk *walk, const struct extent *extent)
{
	const struct mmu *mmu = walk->mmu;
	uint64_t va = extent->start, last = extent->last;

	for (;;) {
		const struct mmu_entry *entry = find_entry(walk, va);
		bool is_decided = entry && decides(entry);
		int level = walk->knows_pages ? MMU_LAST_LEVEL : MMU_LAST_LEVEL - 1;
		uint64_t size = mmu_level_size(&mmu->geometry, is_decided ? entry->level : level);
		uint64_t span_last = va | (size - 1);
		uint64_t piece_last = last < span_last ? last : span_last;
		struct mmu_item item = leaves_of(mmu, extent->value, entry, va, piece_last + 1);

		if (!is_decided)
			TRY(add(walk, &item));
		if (piece_last == last)
			return NULL;
		va = piece_last + 1;
	}
}

/* ---- all ----------------------------------------------------------------------------------- */

/* What is around others comes before them. */
static int compare(const void *a, const void *b)
{
	const struct mmu_item *one = a, *other = b;

	if (one->va != other->va)
		return one->va < other->va ? -1 : 1;
	if (one->level != other->level)
		return one->level - other->level;
	return (other->kind == ITEM_EMPTY_TABLE) - (one->kind == ITEM_EMPTY_TABLE);
}

static struct error *collect(struct walk *walk)
{
	const struct mmu *mmu = walk->mmu;
	const struct hash_slot *slot;
	size_t cursor = 0;

	while ((slot = hash_next(&mmu->entries, &cursor))) {
		const struct mmu_entry *entry = slot->value;

		walk->knows_pages |= entry->level == MMU_LAST_LEVEL;
		TRY(add_entry(walk, entry));
	}
	for (struct extent *extent = extents_first(&mmu->mappings, 0, UINT64_MAX); extent;
	     extent = extents_next(&mmu->mappings, extent, UINT64_MAX))
		if (mapping_is_live(extent->value))
			TRY(add_piece(walk, extent));
	return NULL;
}

/* A table is empty when nothing begins in its span. */
static bool is_full(const struct walk *walk, size_t i)
{
	const struct mmu_item *item = &walk->items.at[i];

	return item->kind == ITEM_EMPTY_TABLE && i + 1 < walk->items.count &&
	       walk->items.at[i + 1].va < item->end;
}

/* Leaves out full tables; and what is under a block, left over from before it in the model only. */
static void leave_out(struct walk *walk)
{
	size_t kept = 0;
	uint64_t end = 0;

	for (size_t i = 0; i < walk->items.count; i++) {
		if (is_full(walk, i) || walk->items.at[i].va < end)
			continue;
		end = walk->items.at[i].end;
		walk->items.at[kept++] = walk->items.at[i];
	}
	walk->items.count = kept;
}

static struct error *hand_out(const struct walk *walk, mmu_item_handler *handler, void *context)
{
	size_t count = walk->items.count;

	for (size_t i = 0; i < count;) {
		struct mmu_item item = walk->items.at[i];

		while (++i < count && goes_on(&item, &walk->items.at[i]))
			item.end = walk->items.at[i].end;
		TRY(handler(context, &item));
	}
	return NULL;
}

struct error *mmu_walk(const struct mmu *mmu, mmu_item_handler *handler, void *context)
{
	struct walk walk = {.mmu = mmu};
	struct error *err = collect(&walk);

	if (!err && walk.items.count)
		qsort(walk.items.at, walk.items.count, sizeof(*walk.items.at), compare);
	leave_out(&walk);
	if (!err)
		err = hand_out(&walk, handler, context);
	walk_deinit(&walk);
	return err;
}
