/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit/audit.h"

#include "base/cleanup.h"
#include "base/try.h"

DEFINE_CLEANUP(destroy_audit, struct audit *, audit_destroy)

struct error *audit_create(const struct audit_options *options, finding_handler *handler,
			   void *context, struct audit **ret)
{
	_cleanup_(destroy_audit) struct audit *audit = calloc(1, sizeof(*audit));

	if (!audit)
		return error_memory();
	audit->options = *options;
	audit->handler = handler;
	audit->context = context;
	TRY(coverage_plan(options->kernel, &audit->plan));
	loss_log_init(&audit->losses, &audit->arena);
	pool_init(&audit->pending_pool, &audit->arena, sizeof(struct pending));
	*ret = steal(audit);
	return NULL;
}

void audit_destroy(struct audit *audit)
{
	if (!audit)
		return;
	for (uint64_t i = 0; i < audit->count; i++)
		pending_release(audit, false, audit->queue[(audit->first + i) % PENDING_FINDINGS]);
	hash_deinit(&audit->hazards);
	hash_deinit(&audit->orphans);
	hash_deinit(&audit->accesses);
	hash_deinit(&audit->twins);
	loss_log_deinit(&audit->losses);
	probe_plan_destroy(audit->plan);
	arena_deinit(&audit->arena);
	free(audit);
}

/*
 * Nothing to judge as recorded, but there would be in the other order of two events: no finding, as most
 * often the recorded order is the real one, but not silence either.
 */
static void note_undecided(struct audit *audit, const struct mmu_change *change)
{
	if (!change->undecided)
		return;
	if (!audit->nr_undecided++)
		audit->undecided = *change->undecided;
}

struct error *audit_change(void *context, const struct mmu *mmu, const struct mmu_change *change)
{
	struct audit *audit = context;

	note_undecided(audit, change);
	switch (change->kind) {
	case CHANGE_ENTRY:
		return judge_entry(audit, mmu, change);
	case CHANGE_UNPLACED:
		return judge_unplaced(audit, mmu, change);
	case CHANGE_REFUSED:
		return judge_refused(audit, mmu, change);
	case CHANGE_DETACHED:
		return judge_detached(audit, mmu, change);
	case CHANGE_FREED:
		queue_not_orphaned(audit, change->table->id);
		return judge_freed(audit, mmu, change);
	case CHANGE_ATTACHED:
		queue_not_orphaned(audit, change->table->id);
		return NULL;
	case CHANGE_MAP:
		return judge_map(audit, mmu, change);
	case CHANGE_MAP_END:
		return NULL;
	case CHANGE_UNMAP:
		return judge_unmap(audit, mmu, change);
	case CHANGE_ALIAS:
		return judge_alias(audit, mmu, change);
	case CHANGE_ACCESS:
		return judge_access(audit, mmu, change);
	case CHANGE_STALE_GONE:
		return queue_stale_gone(audit, mmu, change);
	case CHANGE_LIVE_AT_END:
		return judge_live_at_end(audit, mmu, change);
	}
	return NULL;
}

struct error *audit_event(struct audit *audit, const struct mmu *mmu, const struct mmu_event *event)
{
	/* Of most there is nothing to note. */
	return event->kind == EVENT_LOST || audit->losses.nr_open ? loss_log_note(audit, event)
								  : NULL;
}

/*
 * Records out of order by as much as the finding's whole story takes: what came first is not known.
 */
static void doubt_disorder(struct audit *audit, const struct event_summary *events)
{
	for (uint64_t i = 0; i < audit->count && events->nr_time_steps_back; i++) {
		struct pending *pending = audit->queue[(audit->first + i) % PENDING_FINDINGS];
		uint64_t from = pending->from.time, to = pending->finding.where.time;

		if (pending->from.order && (to < from || to - from <= events->max_step_back))
			doubt_because(&pending->finding, DOUBT_TIME_DISORDER, &pending->from,
				      &pending->finding.where);
	}
}

/* When is not known: it may concern any finding that does not rest on what was read. */
static void doubt_missed(struct audit *audit, const struct event_summary *events)
{
	for (uint64_t i = 0; i < audit->count && events->nr_missed_hits; i++) {
		struct pending *pending = audit->queue[(audit->first + i) % PENDING_FINDINGS];

		if (!pending->is_observed)
			doubt(&pending->finding, DOUBT_HITS_MISSED);
	}
}

static bool rests_on_tlbis(const struct finding *finding)
{
	return finding->cause != CAUSE_NONE && finding->cause != CAUSE_NO_BREAK &&
	       finding->cause != CAUSE_NOT_FREED;
}

/* What is missing may be what a probe recorded that is not understood. */
static void doubt_unidentified(struct audit *audit, const struct event_summary *events)
{
	enum probe_may_be may_be = MAY_BE_NOTHING;

	for (uint32_t i = 0; i < events->nr_probes; i++)
		if (events->probe[i].may_be > may_be)
			may_be = events->probe[i].may_be;
	for (uint64_t i = 0; i < audit->count && may_be != MAY_BE_NOTHING; i++) {
		struct pending *pending = audit->queue[(audit->first + i) % PENDING_FINDINGS];

		if (may_be == MAY_BE_ANYTHING
			    ? pending->finding.evidence != EVIDENCE_OBSERVED
			    : !pending->is_observed && rests_on_tlbis(&pending->finding))
			doubt(&pending->finding, DOUBT_UNIDENTIFIED);
	}
}

/* Functions that were probed and never hit were not called: no doubt remains of them. */
static void settle_traced(struct audit *audit, const struct event_summary *events)
{
	for (uint64_t i = 0; i < audit->count && events->traced[EVENT_BREAK]; i++) {
		struct pending *pending = audit->queue[(audit->first + i) % PENDING_FINDINGS];

		doubt_not(&pending->finding, DOUBT_BREAK_UNTRACED);
	}
}

struct error *audit_finish(struct audit *audit, const struct mmu *mmu,
			   const struct capture_info *capture, const struct event_summary *events)
{
	audit->is_uneven = capture->is_uneven;
	settle_traced(audit, events);
	doubt_disorder(audit, events);
	doubt_missed(audit, events);
	doubt_unidentified(audit, events);
	while (audit->count)
		TRY(queue_hand_out_first(audit, mmu));
	TRY(coverage_complete(audit, mmu, capture, events));
	return NULL;
}

const struct coverage *audit_coverage(const struct audit *audit)
{
	return &audit->coverage;
}

const struct audit_summary *audit_summary(const struct audit *audit)
{
	return &audit->summary;
}
