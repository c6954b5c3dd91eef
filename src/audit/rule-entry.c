/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on stores in entries: unsafe-promotion, unsafe-demotion, unsafe-change. */
#include "audit/audit.h"

#include "base/try.h"

/*
 * Doubts of a verdict that rests on an entry having been a table up to the store.  A table whose page
 * was not freed, with frees traced, has not been broken by pmd_free_pte_page(); nor has one where that
 * function is traced.
 */
static void doubt_break(struct finding *finding, const struct mmu *mmu,
			const struct mmu_entry *before)
{
	const struct mmu_facts *facts = mmu_facts(mmu);
	bool frame_is_watched = before->table && before->table->pa_source != PA_UNKNOWN &&
				facts->nr_page_frees;

	if (!frame_is_watched && !facts->nr_breaks)
		doubt(finding, DOUBT_BREAK_UNTRACED);
}

/* Whether the entry was cleared by an event, and not found empty by this one. */
static bool clear_was_seen(const struct mmu_change *change)
{
	return !change->stale->overwritten &&
	       change->stale->since.order != change->event->where.order;
}

/* The same, of an entry that was a table, then empty: how it came to be empty was not seen. */
static void doubt_clear(struct finding *finding, const struct mmu *mmu,
			const struct mmu_change *change)
{
	const struct mmu_facts *facts = mmu_facts(mmu);

	if (!change->stale->overwritten && !clear_was_seen(change) && !facts->nr_breaks)
		doubt(finding, DOUBT_BREAK_UNTRACED);
	if (facts->nr_breaks && !facts->nr_tlbi_in_break)
		doubt(finding, DOUBT_SITE_UNTRACED);
}

static void set_descriptors(struct finding *finding, const struct mmu_change *change)
{
	const struct mmu_entry *before = change->before, *after = change->after;

	finding->entry = after->address;
	finding->kind_before = before->kind;
	finding->has_before = before->has_descriptor;
	finding->before = before->descriptor;
	finding->before_is_read = before->descriptor_read;
	finding->kind_after = after->kind;
	finding->has_after = after->has_descriptor;
	finding->after = after->descriptor;
}

/* What was there was cleared before: then that is the old value, not the empty entry. */
static void set_cleared(struct finding *finding, const struct mmu_stale *stale)
{
	finding->kind_before = stale->kind;
	finding->has_before = stale->has_descriptor;
	finding->before = stale->descriptor;
	finding_step(finding, &stale->since, (struct str){0}, "the entry was cleared");
}

static uint64_t order_of_unmap(const struct mmu_mapping *mapping)
{
	return mapping && mapping->unmapped.order ? mapping->unmapped.order - 1 : 0;
}

/* From where on invalidations are of interest: the last use of what the old value led to. */
static uint64_t story_begins(const struct mmu_mapping *mapping, const struct mmu_stale *stale)
{
	uint64_t unmap = order_of_unmap(mapping);

	return unmap && unmap < stale->since.order ? unmap : stale->last_use.order;
}

static void judge_certainty(struct pending *pending, const struct mmu *mmu,
			    const struct mmu_change *change)
{
	struct finding *finding = &pending->finding;
	const struct mmu_entry *before = change->before;

	if (change->event->done == DONE_UNKNOWN && change->event->kind == EVENT_BLOCK)
		doubt_because(finding, DOUBT_RETURN_MISSING, &change->event->where, NULL);
	if (change->after->va_is_unsure)
		doubt_because(finding, DOUBT_VA_UNSURE, &change->event->where, NULL);
	pending->from = clear_was_seen(change) ? change->stale->since : change->stale->last_use;
	pending->is_observed = change->stale->overwritten && before->descriptor_read &&
			       before->seen.order == change->event->where.order;
	if (pending->is_observed) {
		finding->evidence = EVIDENCE_OBSERVED;
		pending->from = change->event->where;
	} else if (before->kind == ENTRY_TABLE) {
		doubt_break(finding, mmu, before);
	} else if (change->stale->kind == ENTRY_TABLE) {
		doubt_clear(finding, mmu, change);
	}
}

static struct error *fire(struct audit *audit, const struct mmu *mmu, enum audit_rule rule,
			  const struct mmu_change *change, struct mmu_mapping *old_mapping)
{
	const struct mmu_stale *stale = change->stale;
	bool is_broken = !stale->overwritten;
	struct pending *pending;

	TRY(audit_pending(audit, rule, change, &pending));
	struct finding *finding = &pending->finding;

	set_descriptors(finding, change);
	finding->cause = finding_cause(mmu, stale, change->event->where.pid);
	if (stale->table)
		finding_step(finding, &stale->table->made, stale->table->made_by,
			     "the page table was installed");
	finding_mappings(finding, old_mapping, change->after->mapped);
	if (is_broken)
		set_cleared(finding, stale);
	finding_step(finding, &change->event->where, change->event->symbol,
		     change->after->kind == ENTRY_TABLE ? "a page table was installed"
							: "the new value was stored");
	finding_invalidations(finding, mmu, stale, story_begins(old_mapping, stale));
	finding->has_window = true;
	finding->opened = change->event->where;
	pending->stale_id = stale->id;
	pending->order_matters = is_broken;
	finding_order(finding, mmu, stale);
	judge_certainty(pending, mmu, change);
	doubt_purges(pending, mmu, stale);
	/*
	 * It was cleared, or overwritten by an earlier store: then it is the missing invalidation that counts,
	 * if one would have shown.
	 */
	pending->needs_tlbi = is_broken;
	pending->needs_outer_tlbi = is_broken && stale->kind != ENTRY_TABLE;
	pending->needs_all_events = is_broken || change->before->kind == ENTRY_NONE;
	return audit_queue(audit, mmu, pending);
}

/* Two tables for one entry, unless they are known to be the same page. */
static bool other_table(const struct mmu_stale *stale, const struct mmu_entry *after)
{
	return stale->table != after->table &&
	       (stale->table->pa_source == PA_UNKNOWN || after->table->pa_source == PA_UNKNOWN ||
		stale->table->pa != after->table->pa);
}

/* Two leaves of one address: of two sizes, or different in what needs a break. */
static bool other_leaf(const struct mmu *mmu, const struct mmu_change *change)
{
	const struct mmu_stale *stale = change->stale;
	const struct mmu_entry *after = change->after;

	if (stale->level != after->level)
		return true;
	if (!stale->has_descriptor || !after->has_descriptor || stale->kind != after->kind)
		return false;
	return mmu_leaf_compare(mmu_geometry(mmu), change->level, stale->descriptor,
				after->descriptor) != LEAF_SAME;
}

/* Of a new mapping over what is still cached stale-reuse has told, or has found that it cannot. */
static bool is_reuse(struct audit *audit, const struct mmu_change *change)
{
	const struct mmu_stale *stale = change->stale;
	const struct mmu_mapping *mapping = change->after->mapped;

	if (stale->kind == ENTRY_TABLE || stale->overwritten)
		return false;
	return is_told(audit, stale->id, RULE_STALE_REUSE) ||
	       (mapping && stale->since.order < mapping->made.order);
}

/*
 * Which rule the new value breaks, with the one old value that change->stale is; false: none.  How an
 * entry went that was only found to be empty was not seen: then another table says nothing.
 */
static bool find_rule(struct audit *audit, const struct mmu *mmu, const struct mmu_change *change,
		      enum audit_rule *ret)
{
	const struct mmu_stale *stale = change->stale;
	bool was_table = stale->kind == ENTRY_TABLE;

	if (change->after->kind == ENTRY_TABLE) {
		*ret = was_table ? RULE_UNSAFE_CHANGE : RULE_UNSAFE_DEMOTION;
		if (was_table && (!other_table(stale, change->after) ||
				  (!stale->overwritten && !clear_was_seen(change))))
			return false;
	} else {
		*ret = was_table ? RULE_UNSAFE_PROMOTION : RULE_UNSAFE_CHANGE;
		if (!was_table && !other_leaf(mmu, change))
			return false;
	}
	return !is_reuse(audit, change) && !bbm_waives(audit, mmu, change);
}

static void count_promotion(struct audit *audit, const struct mmu_change *change)
{
	const struct mmu_entry *before = change->before;

	if (change->after->kind == ENTRY_BLOCK &&
	    (before->kind == ENTRY_TABLE || (before->kind == ENTRY_NONE && before->was_table)))
		audit->summary.safe_promotions++;
}

/* One store is one finding: of the old values of another sort than the new one, if there are any. */
struct error *judge_entry(struct audit *audit, const struct mmu *mmu,
			  const struct mmu_change *change)
{
	struct mmu_change one = *change;
	enum audit_rule rule;

	if (change->after->kind == ENTRY_NONE || change->after->kind == ENTRY_UNKNOWN)
		return NULL;
	for (int same_sort = 0; same_sort <= 1; same_sort++) {
		for (uint32_t i = 0; i < change->nr_stale; i++) {
			one.stale = &change->stale[i];
			if ((one.stale->kind == ENTRY_TABLE) ==
				    ((change->after->kind == ENTRY_TABLE) == same_sort) &&
			    find_rule(audit, mmu, &one, &rule))
				return fire(audit, mmu, rule, &one, one.stale->mapping);
		}
	}
	count_promotion(audit, change);
	return NULL;
}

/* Which mappings and TLBIs belong to it is not known; but that it was a table up to the store is. */
struct error *judge_unplaced(struct audit *audit, const struct mmu *mmu,
			     const struct mmu_change *change)
{
	const struct mmu_event *event = change->event;
	struct pending *pending;

	TRY(audit_pending(audit, RULE_UNSAFE_PROMOTION, change, &pending));
	struct finding *finding = &pending->finding;

	finding->cause = CAUSE_NO_BREAK;
	finding->entry = event->entry;
	finding->kind_before = ENTRY_TABLE;
	finding->has_before = finding->before_is_read = true;
	finding->before = event->old;
	finding->kind_after = ENTRY_BLOCK;
	finding->has_after = event->has_pa && event->has_prot;
	if (finding->has_after)
		finding->after = mmu_leaf_descriptor(mmu_geometry(mmu), change->level, event->pa,
						     event->prot);
	finding_step(finding, &event->where, event->symbol, "the new value was stored");
	finding->evidence = EVIDENCE_OBSERVED;
	pending->is_observed = true;
	pending->from = event->where;
	if (event->done == DONE_UNKNOWN)
		doubt_because(finding, DOUBT_RETURN_MISSING, &event->where, NULL);
	return audit_queue(audit, mmu, pending);
}

struct error *judge_refused(struct audit *audit, const struct mmu *mmu,
			    const struct mmu_change *change)
{
	audit->summary.refused_promotions++;
	return NULL;
}
