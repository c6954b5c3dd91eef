/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on page-table pages: orphaned-table, early-free. */
#include "audit/audit.h"

#include "base/try.h"

static void set_entry(struct finding *finding, const struct mmu_change *change)
{
	const struct mmu_entry *before = change->before;

	if (!before)
		return;
	finding->entry = before->address;
	finding->kind_before = ENTRY_TABLE;
	finding->has_before = before->has_descriptor && before->kind == ENTRY_TABLE;
	finding->before = before->descriptor;
	finding->before_is_read = before->descriptor_read;
}

/* What the entry holds now, where the table went by being overwritten. */
static void set_after(struct finding *finding, const struct mmu *mmu,
		      const struct mmu_change *change)
{
	const struct mmu_entry *after = mmu_find_entry(mmu, change->level, change->va);

	finding->kind_after = after ? after->kind : ENTRY_UNKNOWN;
	finding->has_after = after && after->has_descriptor;
	finding->after = after ? after->descriptor : 0;
	finding_mappings(finding, change->before ? change->before->mapped : NULL,
			 after && change->overwritten ? after->mapped : NULL);
}

/* The page was last known to be in use when the entry was last seen to point to it. */
static void doubt_orphan(struct pending *pending, const struct mmu *mmu,
			 const struct mmu_change *change)
{
	struct finding *finding = &pending->finding;
	const struct mmu_facts *facts = mmu_facts(mmu);
	const struct mmu_event *event = change->event;
	bool frame_is_watched = change->table->pa_source != PA_UNKNOWN && facts->nr_page_frees;

	pending->is_observed = change->before && change->before->descriptor_read &&
			       change->before->seen.order == event->where.order;
	pending->from = change->before ? change->before->seen : event->where;
	if (event->done == DONE_UNKNOWN && event->kind == EVENT_BLOCK)
		doubt_because(finding, DOUBT_RETURN_MISSING, &event->where, NULL);
	if (!change->overwritten && !frame_is_watched)
		doubt(finding, DOUBT_FREE_UNTRACED);
	if (pending->is_observed) {
		finding->evidence = EVIDENCE_OBSERVED;
		pending->from = event->where;
	} else if (change->overwritten && !frame_is_watched && !facts->nr_breaks) {
		doubt(finding, DOUBT_BREAK_UNTRACED);
	}
}

static void doubt_va(struct finding *finding, const struct mmu *mmu,
		     const struct mmu_change *change)
{
	const struct mmu_entry *entry = mmu_find_entry(mmu, change->level, change->va);

	if (entry && entry->va_is_unsure)
		doubt_because(finding, DOUBT_VA_UNSURE, &change->event->where, NULL);
}

struct error *judge_detached(struct audit *audit, const struct mmu *mmu,
			     const struct mmu_change *change)
{
	struct pending *pending;

	TRY(audit_pending(audit, RULE_ORPHANED_TABLE, change, &pending));
	struct finding *finding = &pending->finding;

	finding->cause = change->overwritten ? CAUSE_NO_BREAK : CAUSE_NOT_FREED;
	set_entry(finding, change);
	set_after(finding, mmu, change);
	doubt_va(finding, mmu, change);
	TRY(finding_tables(pending, mmu, change->table));
	finding_step(finding, &change->table->made, change->table->made_by,
		     "the page table was installed");
	finding_step(finding, &change->event->where, change->event->symbol,
		     change->overwritten ? "the table's only entry was overwritten"
					 : "the table's only entry was cleared");
	doubt_orphan(pending, mmu, change);
	return audit_queue(audit, mmu, pending);
}

/* Freed while its entry was valid, as far as the capture shows. */
static bool is_live_free(const struct mmu_change *change)
{
	return !change->table->detached.order && !change->break_implied && change->before;
}

static struct error *fire_early_free(struct audit *audit, const struct mmu *mmu,
				     const struct mmu_change *change)
{
	const struct mmu_facts *facts = mmu_facts(mmu);
	const struct mmu_stale *stale = change->stale;
	struct pending *pending;

	TRY(audit_pending(audit, RULE_EARLY_FREE, change, &pending));
	struct finding *finding = &pending->finding;

	set_entry(finding, change);
	TRY(finding_tables(pending, mmu, change->table));
	finding->cause = stale ? finding_cause(mmu, stale, change->event->where.pid)
			       : CAUSE_NO_BREAK;
	finding_step(finding, &change->table->made, change->table->made_by,
		     "the page table was installed");
	finding_step(finding, &change->event->where, change->event->symbol, "its page was freed");
	finding->has_window = true;
	finding->opened = change->event->where;
	/*
	 * That the entry was a table was perhaps seen later, but not that it was this one: a break and
	 * another table may be among what was lost.
	 */
	pending->from = change->table->seen.order ? change->table->seen : change->event->where;
	pending->needs_all_events = !stale;
	pending->needs_break_trace = !stale;
	if (stale) {
		finding->has_before = stale->has_descriptor;
		finding->before = stale->descriptor;
		finding_step(finding, &stale->since, (struct str){0}, "the entry was cleared");
		finding_invalidations(finding, mmu, stale, stale->last_use.order);
		pending->stale_id = stale->id;
		pending->order_matters = true;
		finding_order(finding, mmu, stale);
		pending->from = stale->since;
		doubt_purges(pending, mmu, stale);
	}
	if (change->table->free_is_assumed)
		finding->evidence = EVIDENCE_ASSUMED;
	/* Where neither the free nor the invalidation was seen, both are to be assumed, or neither. */
	pending->needs_break_site = change->table->free_is_assumed;
	if (change->by_function && !facts->nr_tlbi_in_break)
		doubt(finding, DOUBT_SITE_UNTRACED);
	if (!stale && !facts->nr_breaks && !facts->nr_writes)
		doubt(finding, DOUBT_BREAK_UNTRACED);
	pending->needs_tlbi = true;
	/* Only orphans are watched for being freed. */
	free(pending->table_ids);
	pending->table_ids = NULL;
	return audit_queue(audit, mmu, pending);
}

struct error *judge_freed(struct audit *audit, const struct mmu *mmu,
			  const struct mmu_change *change)
{
	if (change->stale || is_live_free(change))
		return fire_early_free(audit, mmu, change);
	return NULL;
}
