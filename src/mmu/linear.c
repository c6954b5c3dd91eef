/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page frames of tables by their addresses in the linear map.
 *
 * A descriptor's address ("pmdp") lies in the table's page as the linear map has it: pa = va - PAGE_OFFSET +
 * PHYS_OFFSET, modulo 2^64, whatever KASLR has done to either.  Tables of which both are known give the
 * difference; with it, the address alone gives the frame.
 */
#include "mmu/model.h"

#include "base/try.h"

enum {
	TRUSTED = 2 /* tables that agree */
};

static uint64_t page_of(const struct mmu *mmu, const struct mmu_entry *entry)
{
	return entry->address & -(UINT64_C(1) << mmu->geometry.granule_shift);
}

/*
 * The most frequent difference stays: a frame may be another table's (of two CPUs that allocated for one
 * entry), and the first level's table is in the kernel's image, which has a mapping of its own.
 */
static void learn(struct mmu *mmu, uint64_t offset)
{
	struct linear_map *linear = &mmu->linear;

	if (linear->votes && linear->offset != offset) {
		linear->votes--;
		return;
	}
	linear->offset = offset;
	linear->votes++;
}

struct error *linear_locate(struct mmu *mmu, struct mmu_table *table)
{
	const struct mmu_entry *child = table->children;

	if (table->pa_source != PA_UNKNOWN || mmu->linear.votes < TRUSTED)
		return NULL;
	while (child && !child->address)
		child = child->sibling;
	return child ? table_set_frame(mmu, table, page_of(mmu, child) - mmu->linear.offset,
				       PA_LINEAR_MAP)
		     : NULL;
}

struct error *linear_locate_all(struct mmu *mmu, struct mmu_table *table)
{
	TRY(linear_locate(mmu, table));
	/* As deep as tables are: five at most. */
	for (struct mmu_entry *child = table->children; child; child = child->sibling)
		if (child->kind == ENTRY_TABLE)
			TRY(linear_locate_all(mmu, child->table));
	return NULL;
}

struct error *linear_note(struct mmu *mmu, struct mmu_entry *entry, uint64_t address)
{
	struct mmu_entry *parent;

	if (!address || entry->address == address)
		return NULL;
	entry->address = address;
	if (entry->level <= mmu->geometry.first_level)
		return NULL;
	parent = entry_find(mmu, entry->level - 1, entry->va);
	if (!parent || parent->kind != ENTRY_TABLE)
		return NULL;
	if (parent->table->pa_source == PA_UNKNOWN)
		return linear_locate(mmu, parent->table);
	if (parent->table->pa_source != PA_LINEAR_MAP)
		learn(mmu, page_of(mmu, entry) - parent->table->pa);
	return NULL;
}
