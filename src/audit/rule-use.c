/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on how mapped memory is used: alias-attributes, access-after-unmap. */
#include "audit/audit.h"

#include "base/try.h"

struct error *judge_alias(struct audit *audit, const struct mmu *mmu,
			  const struct mmu_change *change)
{
	const struct mmu_facts *facts = mmu_facts(mmu);
	struct pending *pending;

	/* Where unmaps are not traced, the older mapping may long be gone. */
	if (!unmap_is_traced(facts, change->other))
		return NULL;
	TRY(audit_pending(audit, RULE_ALIAS_ATTRIBUTES, change, &pending));
	finding_mappings(&pending->finding, change->other, change->mapping);
	pending->finding.has_memory_types = true;
	pending->from = change->other->made;
	pending->is_observed = true; /* rests on no TLBI */
	if (!facts->nr_clears)
		doubt(&pending->finding, DOUBT_UNMAP_UNTRACED);
	return audit_queue(audit, mmu, pending);
}

bool alias_settle(struct finding *finding, const struct mmu *mmu)
{
	uint32_t layouts = mmu_mair_layouts(mmu);
	uint32_t old_index = mmu_attr_index(finding->old_mapping->prot);
	uint32_t new_index = mmu_attr_index(finding->new_mapping->prot);

	finding->old_memory_type = mmu_memory_type(layouts, old_index);
	finding->new_memory_type = mmu_memory_type(layouts, new_index);
	switch (mmu_memory_mismatch(layouts, old_index, new_index)) {
	case MISMATCH_NONE:
		return false;
	case MISMATCH_UNKNOWN:
		doubt(finding, DOUBT_MEMORY_TYPE_UNKNOWN);
		break;
	case MISMATCH_CERTAIN:
		break;
	}
	return true;
}

/* A driver that goes on using an address does so again and again: one finding counts them all. */
static bool count_access(struct audit *audit, const struct mmu *mmu,
			 const struct mmu_change *change)
{
	struct pending *pending = hash_get(&audit->accesses, change->mapping->id);

	if (!pending)
		return false;
	pending->finding.nr_accesses++;
	pending->finding.last_access = change->event->where;
	/* The first one may have come before the unmap: this one did not. */
	if (mmu_order_is_certain(mmu, &change->mapping->unmapped, &change->event->where))
		doubt_not(&pending->finding, DOUBT_ORDER);
	return true;
}

/*
 * The mapping is gone, as far as the capture shows.  Of an address that was never seen being mapped
 * nothing can be said: it may be from before the capture, or not of these functions at all.
 */
struct error *judge_access(struct audit *audit, const struct mmu *mmu,
			   const struct mmu_change *change)
{
	struct pending *pending;

	if (count_access(audit, mmu, change))
		return NULL;
	TRY(audit_pending(audit, RULE_ACCESS_AFTER_UNMAP, change, &pending));
	struct finding *finding = &pending->finding;

	finding_mappings(finding, change->mapping, NULL);
	finding_step(finding, &change->event->where, change->event->symbol,
		     change->event->is_write ? "it was written to" : "it was read");
	finding->nr_accesses = 1;
	finding->last_access = change->event->where;
	finding->access_origin = change->event->origin;
	finding->access_is_write = change->event->is_write;
	doubt_order(finding, mmu, &change->mapping->unmapped, &change->event->where);
	pending->mapping_id = change->mapping->id;
	pending->from = change->mapping->unmapped;
	pending->is_observed = true; /* rests on no TLBI */
	return audit_queue(audit, mmu, pending);
}
