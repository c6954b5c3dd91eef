/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FEAT_BBM (ID_AA64MMFR2_EL1.BBM): what may be done without a break (R_WHZWS).
 *
 *   level 1  a change of block size while the block has nT set, of which no copy without may be cached;
 *            the Contiguous bit
 *   level 2  a change of block size; the Contiguous bit
 *
 * No level waives a change of memory type, output address or global entries (R_PVTFW): each of these
 * changes must leave the translation as it is.  And none waives the invalidation before the old value's
 * memory, or the table's page, is used for something else: stale-reuse and early-free stand.
 */
#include "audit/audit.h"

/* Whether the pages below a table translate as the block does, as far as they are known. */
static bool table_agrees(const struct mmu *mmu, const struct mmu_table *table, int level,
			 uint64_t va, uint64_t block)
{
	const struct mmu_geometry *geometry = mmu_geometry(mmu);

	for (const struct mmu_entry *child = table->children; child; child = child->sibling) {
		uint64_t part = mmu_leaf_part(geometry, level, block, child->level, child->va - va);

		switch (child->kind) {
		case ENTRY_UNKNOWN:
			break;
		case ENTRY_NONE: /* where the block translates, this faults */
			return false;
		case ENTRY_TABLE:
			if (!table_agrees(mmu, child->table, level, va, block))
				return false;
			break;
		case ENTRY_BLOCK:
		case ENTRY_PAGE:
			if (child->has_descriptor &&
			    mmu_leaf_compare(geometry, child->level, child->descriptor, part) !=
				    LEAF_SAME)
				return false;
			break;
		}
	}
	return true;
}

/*
 * Whether only the size changes.  pmd_set_huge() and the allocation of a table are parts of new mappings,
 * where an older one was undone: what was there did not translate as what comes, even if all of it was
 * invalid.  A plain store within one mapping leaves the translation as it is, unless something is known
 * that differs.
 */
static bool only_size_changes(const struct mmu *mmu, const struct mmu_change *change)
{
	const struct mmu_stale *stale = change->stale;
	const struct mmu_entry *after = change->after;

	if (change->event->kind != EVENT_WRITE)
		return false;
	if (stale->mapping && stale->mapping->unmapped.order)
		return false;
	if (after->kind != ENTRY_BLOCK)
		return true;
	if (after->mapped != stale->mapping)
		return false;
	return !after->has_descriptor || !stale->table ||
	       table_agrees(mmu, stale->table, change->level, change->va, after->descriptor);
}

static bool block_has_nt(const struct mmu_change *change)
{
	const struct mmu_entry *after = change->after;

	if (after->kind == ENTRY_BLOCK)
		return after->has_descriptor && mmu_descriptor_nt(after->descriptor);
	return !change->stale->without_nt;
}

static bool waives_size(const struct audit *audit, const struct mmu *mmu,
			const struct mmu_change *change)
{
	if (audit->options.bbm_level < 2 && !block_has_nt(change))
		return false;
	return only_size_changes(mmu, change);
}

/* Whether two leaves differ in the Contiguous bit only. */
static bool waives_leaf(const struct mmu *mmu, const struct mmu_change *change)
{
	const struct mmu_geometry *geometry = mmu_geometry(mmu);
	uint64_t before = change->stale->descriptor, after = change->after->descriptor;

	return mmu_leaf_compare(geometry, change->level, before, after) == LEAF_CONTIGUOUS &&
	       mmu_leaf_compare(geometry, change->level, mmu_without_contiguous(before),
				mmu_without_contiguous(after)) == LEAF_SAME;
}

bool bbm_waives(struct audit *audit, const struct mmu *mmu, const struct mmu_change *change)
{
	bool is_size = change->stale->kind == ENTRY_TABLE || change->after->kind == ENTRY_TABLE;
	bool waives = audit->options.bbm_level >= 1 &&
		      (is_size ? waives_size(audit, mmu, change) : waives_leaf(mmu, change));

	audit->summary.waived += waives;
	return waives;
}
