/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on mappings: stale-reuse, overlap, unknown-unmap, mapping-leak. */
#include "audit/audit.h"

#include "base/try.h"

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * Whether the leaves were only seen being cleared, by no unmap that leads to the purge.  Others than
 * ioremap invalidate in functions of their own, pcpu_post_unmap_tlb_flush() (mm/percpu-vm.c) for one.
 */
static bool is_flushed_by_others(const struct mmu_stale *stale)
{
	const struct mmu_mapping *mapping = stale->mapping;

	if (!mapping || mapping->in_ioremap)
		return false;
	return !mapping->unmapped.order ||
	       (mapping->cleared && mapping->unmapped.order == stale->since.order);
}

static struct error *fire_stale_reuse(struct audit *audit, const struct mmu *mmu,
				      const struct mmu_change *change)
{
	const struct mmu_stale *stale = change->stale;
	struct pending *pending;

	TRY(audit_pending(audit, RULE_STALE_REUSE, change, &pending));
	struct finding *finding = &pending->finding;

	finding->va = higher(stale->va, change->va);
	finding->end = lower(stale->end, change->end);
	finding->level = stale->level;
	finding->kind_before = stale->kind;
	finding->has_before = stale->has_descriptor;
	finding->before = stale->descriptor;
	finding->cause = finding_cause(mmu, stale, change->event->where.pid);
	finding_mappings(finding, stale->mapping, change->mapping);
	finding_step(finding, &stale->since, (struct str){0}, "its leaves were cleared");
	finding_invalidations(finding, mmu, stale, stale->since.order);
	finding->has_window = true;
	finding->opened = change->event->where;
	pending->stale_id = stale->id;
	pending->order_matters = true;
	finding_order(finding, mmu, stale);
	pending->from = stale->since;
	pending->needs_tlbi = true;
	pending->needs_outer_tlbi = true;
	if (!stale->mapping)
		doubt_because(finding, DOUBT_BEFORE_CAPTURE, &stale->since, NULL);
	pending->site_is_unknown = is_flushed_by_others(stale);
	if (pending->site_is_unknown || !mmu_facts(mmu)->nr_va_tlbi_in_purge)
		doubt(finding, DOUBT_SITE_UNTRACED);
	return audit_queue(audit, mmu, pending);
}

bool unmap_is_traced(const struct mmu_facts *facts, const struct mmu_mapping *mapping)
{
	return facts->nr_clears || (mapping->in_ioremap && facts->nr_unmaps);
}

static struct error *fire_overlap(struct audit *audit, const struct mmu *mmu,
				  const struct mmu_change *change)
{
	const struct mmu_facts *facts = mmu_facts(mmu);
	const struct mmu_mapping *other = change->other;
	struct pending *pending;

	if (!unmap_is_traced(facts, other))
		return NULL;
	TRY(audit_pending(audit, RULE_OVERLAP, change, &pending));
	struct finding *finding = &pending->finding;

	finding->va = higher(other->va, change->va);
	finding->end = lower(other->end, change->end);
	finding_mappings(finding, change->other, change->mapping);
	pending->from = other->made;
	pending->is_observed = true; /* rests on no TLBI */
	if (!facts->nr_clears)
		doubt(finding, DOUBT_UNMAP_UNTRACED);
	return audit_queue(audit, mmu, pending);
}

struct error *judge_map(struct audit *audit, const struct mmu *mmu, const struct mmu_change *change)
{
	if (change->other)
		TRY(fire_overlap(audit, mmu, change));
	return change->stale ? fire_stale_reuse(audit, mmu, change) : NULL;
}

/*
 * Drivers also undo what they mapped before the capture began, so an address of which nothing is known
 * is no finding.
 */
struct error *judge_unmap(struct audit *audit, const struct mmu *mmu,
			  const struct mmu_change *change)
{
	struct mmu_mapping *mapping = change->mapping;
	struct pending *pending;

	if (mapping)
		queue_just_undone(audit, mmu, change);
	if (!mapping || !change->already_unmapped)
		return NULL;
	TRY(audit_pending(audit, RULE_UNKNOWN_UNMAP, change, &pending));
	finding_mappings(&pending->finding, mapping, NULL);
	finding_step(&pending->finding, &change->event->where, change->event->symbol,
		     "it was undone again");
	pending->from = mapping->unmapped;
	return audit_queue(audit, mmu, pending);
}

struct error *judge_live_at_end(struct audit *audit, const struct mmu *mmu,
				const struct mmu_change *change)
{
	const struct mmu_facts *facts = mmu_facts(mmu);
	struct pending *pending;

	if (!change->mapping->in_ioremap)
		return NULL;
	TRY(audit_pending(audit, RULE_MAPPING_LEAK, change, &pending));
	finding_mappings(&pending->finding, NULL, change->mapping);
	pending->from = change->mapping->made;
	if (!unmap_is_traced(facts, change->mapping))
		doubt(&pending->finding, DOUBT_UNMAP_UNTRACED);
	return audit_queue(audit, mmu, pending);
}
