/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model's invariants, for tests: whatever a capture holds, these must be true. */
#include <inttypes.h>

#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

static struct error *broken(const char *what, uint64_t va)
{
	return error_create(ERROR_FORMAT, "model: %s at 0x%" PRIx64, what, va);
}

/* Every known entry is reached from its parent's table, once. */
static struct error *check_linked(const struct mmu *mmu, const struct mmu_entry *entry)
{
	const struct mmu_entry *parent = entry_find(mmu, entry->level - 1, entry->va);
	const struct mmu_table *table = parent ? parent->table : NULL;
	uint32_t found = 0;

	if (parent && !table)
		table = parent->broken; /* until the function that breaks it has returned */
	if (!table)
		return broken("entry below what is no table", entry->va);
	for (const struct mmu_entry *child = table->children; child; child = child->sibling)
		found += child == entry;
	return found == 1 ? NULL : broken("entry not in its table", entry->va);
}

static struct error *check_entry(const struct mmu *mmu, const struct mmu_entry *entry)
{
	const struct mmu_table *table = entry->table;

	if (entry->va & (mmu_level_size(&mmu->geometry, entry->level) - 1))
		return broken("misaligned entry", entry->va);
	if ((entry->kind == ENTRY_TABLE) != (table != NULL))
		return broken("table entry without table, or the other way round", entry->va);
	if (entry->broken && entry->kind != ENTRY_NONE)
		return broken("broken entry that is valid", entry->va);
	if (table && (table->parent != entry || table->va != entry->va ||
		      table->level != entry->level + 1 || !table->refs))
		return broken("table that is not its entry's", entry->va);
	return entry->level > mmu->geometry.first_level ? check_linked(mmu, entry) : NULL;
}

static struct error *check_frames(const struct mmu *mmu)
{
	const struct hash_slot *slot;

	for (size_t cursor = 0; (slot = hash_next(&mmu->frames, &cursor));) {
		const struct mmu_table *table = slot->value;

		if (!table->refs || table->state == TABLE_FREED)
			return broken("freed table that is still watched", table->va);
	}
	return NULL;
}

static struct error *check_mappings(const struct mmu *mmu)
{
	for (struct extent *extent = extents_first(&mmu->mappings, 0, UINT64_MAX); extent;
	     extent = extents_next(&mmu->mappings, extent, UINT64_MAX)) {
		const struct mmu_mapping *mapping = extent->value;

		if (!mapping->refs)
			return broken("mapping that was given up", extent->start);
		if (extent->start < mapping->va || extent->last >= mapping->end)
			return broken("mapping beyond its bounds", extent->start);
	}
	return NULL;
}

static struct error *check_stale(const struct mmu *mmu, enum stale_class class, int level,
				 int layer)
{
	const struct extents *map = &mmu->stale[class][LEVEL_INDEX(level)][layer];
	uint64_t span = mmu_level_size(&mmu->geometry, level);

	for (struct extent *extent = extents_first(map, 0, UINT64_MAX); extent;
	     extent = extents_next(map, extent, UINT64_MAX)) {
		const struct stale_item *item = extent->value;

		if (!(mmu->stale_places & stale_place(class, level)))
			return broken("stale value that nobody would find", extent->start);
		if (!item->pieces || item->info.level != level)
			return broken("stale value that was given up", extent->start);
		if (extent->start & (span - 1) || (extent->last + 1) & (span - 1))
			return broken("part of an entry that is stale", extent->start);
		if ((class == STALE_TABLE) != (item->info.kind == ENTRY_TABLE))
			return broken("stale value of another class", extent->start);
	}
	return NULL;
}

struct error *mmu_check(const struct mmu *mmu)
{
	const struct hash_slot *slot;

	for (size_t cursor = 0; (slot = hash_next(&mmu->entries, &cursor));)
		TRY(check_entry(mmu, slot->value));
	for (int class = 0; class < STALE_CLASSES; class ++)
		for (int level = mmu->geometry.first_level; level <= MMU_LAST_LEVEL; level++)
			for (int layer = 0; layer < STALE_LAYERS; layer++)
				TRY(check_stale(mmu, class, level, layer));
	TRY(check_frames(mmu));
	return check_mappings(mmu);
}
