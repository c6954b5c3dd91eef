/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings from the moment a rule fires until they are handed out: a window may close, an orphan may
 * be freed after all, and whether TLBIs are traced at all shows only later.
 */
#include <inttypes.h>
#include <stdio.h>

#include "audit/audit.h"

#include "base/try.h"

struct twin {
	uint64_t count;
};

void pending_release(struct audit *audit, bool has_model, struct pending *pending)
{
	free(pending->finding.table);
	free(pending->table_ids);
	if (has_model) { /* else all mappings went with it */
		mmu_mapping_put(pending->finding.old_mapping);
		mmu_mapping_put(pending->finding.new_mapping);
	}
	pool_put(&audit->pending_pool, pending);
}

struct error *audit_pending(struct audit *audit, enum audit_rule rule,
			    const struct mmu_change *change, struct pending **ret)
{
	struct pending *pending = pool_get(&audit->pending_pool);

	if (!pending)
		return error_memory();
	pending->needs_all_events = audit_rule_info(rule)->needs_all_events;
	pending->finding = (struct finding){
		.rule = rule,
		.severity = audit_rule_info(rule)->severity,
		.certain = true,
		.evidence = EVIDENCE_REPLAYED,
		.va = change->va,
		.end = change->end,
		.level = change->level,
	};
	if (change->event) {
		pending->finding.where = change->event->where;
		pending->finding.symbol = change->event->symbol;
	}
	*ret = pending;
	return NULL;
}

/* ---- ids ----------------------------------------------------------------------------------- */

/* A caller's name without offset and module, which differ from one build to the next. */
static struct str plain_name(const struct mmu_mapping *mapping)
{
	struct str name = mapping && mapping->origin ? mapping->origin->symbol : (struct str){0};
	const char *plus = name.length ? memchr(name.text, '+', name.length) : NULL;

	return plus ? str_first(name, (size_t)(plus - name.text)) : name;
}

static struct error *make_id(struct audit *audit, struct finding *finding)
{
	uint64_t hash = hash_u64((uint64_t)finding->rule << 16 | (uint64_t)finding->cause << 8 |
				 (uint64_t)(finding->level + 1));

	hash = hash_str(plain_name(finding->old_mapping), hash);
	hash = hash_str(plain_name(finding->new_mapping), hash);
	hash = hash_str(finding->symbol, hash) & UINT32_MAX;

	struct twin *twin = hash_get(&audit->twins, hash);

	if (!twin) {
		twin = arena_alloc(&audit->arena, sizeof(*twin));
		if (!twin || !hash_set(&audit->twins, hash, twin))
			return error_memory();
	}
	snprintf(finding->id, sizeof(finding->id), "%s-%08" PRIx64 "-%" PRIu64,
		 audit_rule_info(finding->rule)->name, hash, ++twin->count);
	return NULL;
}

/* ---- handing out ---------------------------------------------------------------------------- */

/* Takes the finding out of the list of those that one cached value is the hazard of. */
static void unlink_hazard(struct audit *audit, struct pending *pending)
{
	struct pending *at = hash_remove(&audit->hazards, pending->stale_id);

	/* There was an entry with this key, so that setting it again needs no memory. */
	if (at == pending)
		at = pending->same_hazard;
	if (at)
		(void)hash_set(&audit->hazards, pending->stale_id, at);
	for (; at; at = at->same_hazard)
		if (at->same_hazard == pending)
			at->same_hazard = pending->same_hazard;
}

bool is_told(const struct audit *audit, uint64_t stale_id, enum audit_rule rule)
{
	const struct pending *pending = hash_get(&audit->hazards, stale_id);

	while (pending && pending->finding.rule != rule)
		pending = pending->same_hazard;
	return pending;
}

static void forget(struct audit *audit, struct pending *pending)
{
	if (pending->stale_id)
		unlink_hazard(audit, pending);
	if (pending->mapping_id)
		hash_remove(&audit->accesses, pending->mapping_id);
	for (uint32_t i = 0; pending->table_ids && i < pending->finding.nr_tables; i++)
		hash_remove(&audit->orphans, pending->table_ids[i]);
}

static bool is_wanted(const struct audit *audit, const struct finding *finding)
{
	const struct audit_options *options = &audit->options;

	if (!finding->where.order) /* of the end of the capture: no event to filter by */
		return true;
	if (finding->where.time < options->since)
		return false;
	if (options->until && finding->where.time > options->until)
		return false;
	return !options->wants_cpu || options->wants_cpu(options->cpu_context, finding->where.cpu);
}

static bool has_doubt(const struct finding *finding, enum audit_doubt doubt)
{
	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt == doubt)
			return true;
	return false;
}

/* Whether what was not seen, and would explain it, may be lost or out of its place in time. */
static bool is_explained(const struct pending *pending)
{
	const struct finding *finding = &pending->finding;

	if (pending->needs_all_events && has_doubt(finding, DOUBT_EVENTS_LOST))
		return true;
	return audit_rule_info(finding->rule)->needs_all_events &&
	       has_doubt(finding, DOUBT_TIME_DISORDER);
}

/* Verdicts that the capture cannot support at all, which shows when it has been read. */
static bool is_supported(struct audit *audit, struct pending *pending, const struct mmu *mmu)
{
	const struct mmu_facts *facts = mmu_facts(mmu);

	if (pending->finding.has_memory_types && !alias_settle(&pending->finding, mmu))
		return false;
	if (pending->finding.rule == RULE_ORPHANED_TABLE && !pending->finding.nr_tables)
		return false; /* all of it was freed after all */
	if (pending->needs_tlbi && (!facts->nr_tlbi || audit->is_uneven))
		return false;
	if (pending->needs_outer_tlbi && facts->nr_tlbi <= facts->nr_tlbi_in_break)
		return false;
	/* A kernel that breaks entries properly looks the same then. */
	if (pending->needs_break_trace && !facts->nr_breaks && !facts->nr_tlbi_in_break &&
	    !facts->nr_writes) {
		audit->nr_unseen_breaks++;
		return false;
	}
	if (pending->needs_break_site && !facts->nr_tlbi_in_break)
		return false;
	/* That events were lost may have shown only after it was queued. */
	bool is_judged = !is_explained(pending);

	audit->summary.unjudged += !is_judged;
	return is_judged;
}

static void count(struct audit *audit, const struct mmu *mmu, const struct finding *finding)
{
	struct audit_summary *summary = &audit->summary;
	uint64_t granule = UINT64_C(1) << mmu_geometry(mmu)->granule_shift;

	summary->nr_findings++;
	summary->by_rule[finding->rule]++;
	summary->by_severity[finding->severity]++;
	if (finding->rule == RULE_ORPHANED_TABLE) {
		summary->orphaned_pages += finding->nr_tables;
		summary->orphaned_bytes += finding->nr_tables * granule;
	}
	if (finding->rule == RULE_UNSAFE_PROMOTION)
		summary->unsafe_promotions++;
	if (audit->options.fail_on_rules >> finding->rule & 1 ||
	    audit->options.fail_on_severities >> finding->severity & 1)
		summary->fails = true;
}

/*
 * Sites that had not been seen when the rule fired, and have been since.  A flush of few pages has others
 * than that of many, which is one of everything.
 */
static void settle_sites(struct pending *pending, const struct mmu_facts *facts)
{
	struct finding *finding = &pending->finding;
	bool is_traced = facts->nr_tlbi_in_break;

	if (finding->rule == RULE_STALE_REUSE)
		is_traced = facts->nr_va_tlbi_in_purge;
	if (is_traced && !pending->site_is_unknown)
		doubt_not(finding, DOUBT_SITE_UNTRACED);
	if (finding->rule == RULE_EARLY_FREE && facts->nr_breaks)
		doubt_not(finding, DOUBT_BREAK_UNTRACED);
}

struct error *queue_hand_out_first(struct audit *audit, const struct mmu *mmu)
{
	struct pending *pending = audit->queue[audit->first % PENDING_FINDINGS];
	struct finding *finding = &pending->finding;
	const struct mmu_facts *facts = mmu_facts(mmu);

	audit->first++;
	audit->count--;
	forget(audit, pending);
	if (is_supported(audit, pending, mmu) && is_wanted(audit, finding)) {
		settle_sites(pending, facts);
		if (!facts->nr_tlbi && finding->severity == SEVERITY_ERROR && !pending->is_observed)
			doubt(finding, DOUBT_TLBI_UNTRACED);
		if (audit->options.geometry_is_assumed &&
		    audit_rule_info(finding->rule)->needs_geometry)
			doubt(finding, DOUBT_GEOMETRY_ASSUMED);
		TRY(make_id(audit, finding));
		count(audit, mmu, finding);
		TRY(audit->handler(audit->context, finding));
	}
	pending_release(audit, true, pending);
	return NULL;
}

/*
 * Whether nothing that is likely to come will change it: captures with thousands of warnings need no
 * memory for all of them.
 */
static bool is_settled(const struct pending *pending, const struct mmu_facts *facts)
{
	bool is_open = pending->stale_id || pending->mapping_id || pending->table_ids;
	bool needs_more = (pending->needs_tlbi || pending->needs_outer_tlbi) && !facts->nr_tlbi;

	return pending->finding.severity != SEVERITY_ERROR && !is_open && !needs_more;
}

/* Hands out what has waited long enough. */
static struct error *hand_out_settled(struct audit *audit, const struct mmu *mmu)
{
	while (audit->count > PENDING_SETTLED &&
	       is_settled(audit->queue[audit->first % PENDING_FINDINGS], mmu_facts(mmu)))
		TRY(queue_hand_out_first(audit, mmu));
	return NULL;
}

struct error *audit_queue(struct audit *audit, const struct mmu *mmu, struct pending *pending)
{
	struct finding *finding = &pending->finding;

	if (pending->from.order)
		loss_log_doubt(&audit->losses, finding, &pending->from);
	if (is_explained(pending)) {
		audit->summary.unjudged++;
		pending_release(audit, true, pending);
		return NULL;
	}
	if (audit->count == PENDING_FINDINGS)
		TRY(queue_hand_out_first(audit, mmu));
	audit->queue[(audit->first + audit->count++) % PENDING_FINDINGS] = pending;
	if (pending->stale_id) {
		pending->same_hazard = hash_get(&audit->hazards, pending->stale_id);
		if (!hash_set(&audit->hazards, pending->stale_id, pending))
			return error_memory();
	}
	if (pending->mapping_id && !hash_set(&audit->accesses, pending->mapping_id, pending))
		return error_memory();
	for (uint32_t i = 0; pending->table_ids && i < finding->nr_tables; i++)
		if (!hash_set(&audit->orphans, pending->table_ids[i], pending))
			return error_memory();
	return hand_out_settled(audit, mmu);
}

/* ---- what becomes known later --------------------------------------------------------------- */

static void close_window(struct finding *finding, const struct mmu_change *change)
{
	if (finding->closed || !finding->has_window || !change->event)
		return;
	finding->closed = true;
	finding->closed_time = change->event->where.time;
	if (change->by) {
		finding->closed_by = *change->by;
		finding->closed_time = change->by->last.time;
	}
}

/* A purge whose TLBI is not traced issued it between its call and its return, which tells of it. */
static bool may_have_come_before(const struct pending *pending, const struct mmu_change *change)
{
	return !change->by && change->event && change->event->kind == EVENT_FLUSH &&
	       change->event->where.order < pending->finding.where.order;
}

struct error *queue_stale_gone(struct audit *audit, const struct mmu *mmu,
			       const struct mmu_change *change)
{
	struct pending *head = hash_remove(&audit->hazards, change->stale->id);

	for (struct pending *pending = head; pending; pending = pending->same_hazard) {
		pending->stale_id = change->replaced_by;
		if (change->replaced_by)
			continue;
		close_window(&pending->finding, change);
		if (may_have_come_before(pending, change)) {
			pending->site_is_unknown = true;
			doubt(&pending->finding, DOUBT_SITE_UNTRACED);
		}
		if (pending->order_matters && change->by)
			doubt_order(&pending->finding, mmu, &pending->finding.where,
				    &change->by->last);
	}
	if (head && change->replaced_by && !hash_set(&audit->hazards, change->replaced_by, head))
		return error_memory();
	return NULL;
}

/* What the finding says was live: the mapping that was there; of an overlap, it went with the new one. */
static const struct mmu_mapping *live_one(const struct finding *finding)
{
	if (finding->rule == RULE_OVERLAP)
		return finding->new_mapping;
	return finding->rule == RULE_ALIAS_ATTRIBUTES ? finding->old_mapping : NULL;
}

void queue_just_undone(struct audit *audit, const struct mmu *mmu, const struct mmu_change *change)
{
	const struct event_where *where = &change->event->where;

	for (uint64_t i = audit->count; i > 0; i--) {
		struct pending *pending = audit->queue[(audit->first + i - 1) % PENDING_FINDINGS];
		struct finding *finding = &pending->finding;

		if (mmu_is_later(mmu, where, &finding->where))
			break; /* and than all before it */
		if (live_one(finding) == change->mapping)
			doubt_order(finding, mmu, &finding->where, where);
	}
}

/* An orphan that is freed later was none: the table leaves the finding. */
void queue_not_orphaned(struct audit *audit, uint64_t table_id)
{
	struct pending *pending = hash_remove(&audit->orphans, table_id);
	struct finding *finding = pending ? &pending->finding : NULL;

	for (uint32_t i = 0; finding && i < finding->nr_tables; i++) {
		if (pending->table_ids[i] != table_id)
			continue;
		finding->nr_tables--;
		for (; i < finding->nr_tables; i++) {
			finding->table[i] = finding->table[i + 1];
			pending->table_ids[i] = pending->table_ids[i + 1];
		}
	}
}
