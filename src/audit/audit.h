/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit's parts, shared by the files of this stage. */
#ifndef MMUREPLAY_AUDIT_AUDIT_H
#define MMUREPLAY_AUDIT_AUDIT_H

#include <mmureplay/audit.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/hash.h"

enum {
	/* Findings wait for what is still to be known of them, but not more than this many ... */
	PENDING_FINDINGS = 2048,
	/* ... and not behind more than this many if they are no errors, and nothing is open. */
	PENDING_SETTLED = 64,
	/* Stretches with losses that reasons can name; older ones count in the coverage only. */
	KEPT_LOSSES = 4096,
};

/* A finding that may still change: its window may close, its table may be freed after all. */
struct pending {
	struct finding finding;
	struct event_where from; /* the evidence that the verdict reaches back to */
	uint64_t stale_id;	 /* the cached value that is the hazard; 0: none */
	uint64_t *table_ids;	 /* orphaned-table: of finding.table[] */
	bool order_matters;	 /* an invalidation just after it would have made it none */
	uint64_t mapping_id;	 /* access-after-unmap: of the mapping; otherwise 0 */
	bool needs_tlbi;	 /* no verdict at all if no TLBI is traced */
	bool needs_outer_tlbi;	 /* ... and none if those in break functions are the only ones */
	bool needs_break_site;	 /* ... and none if no break function is seen to issue any */
	bool site_is_unknown; /* what should have invalidated may be none of the known functions */
	bool needs_break_trace;	     /* none if nothing is traced that breaks an entry */
	bool needs_all_events;	     /* no verdict after losses: see struct audit_rule_info */
	bool is_observed;	     /* does not rest on what is traced */
	struct pending *same_hazard; /* another finding with the same stale_id */
};

struct loss; /* loss-log.c */

struct loss_log {
	struct arena *arena;
	struct pool pool;
	struct hash_map cpus;		       /* by number: struct loss_cpu */
	ARRAY_OF(struct coverage_loss) counts; /* one for each of them */
	struct loss *newest_open;	       /* those whose CPU has not been heard of since ... */
	size_t nr_open;			       /* ... KEPT_LOSSES at most */
	ARRAY_OF(struct loss *) closed;	       /* the newest KEPT_LOSSES, by end_order */
};

struct audit {
	struct audit_options options;
	finding_handler *handler;
	void *context;

	struct arena arena;
	struct pool pending_pool;
	struct pending *queue[PENDING_FINDINGS]; /* a ring, oldest first */
	uint64_t first, count;
	struct hash_map hazards;  /* stale id -> pending */
	struct hash_map orphans;  /* table id -> pending */
	struct hash_map accesses; /* mapping id -> pending */
	struct hash_map twins;	  /* hash of an id -> struct twin */

	struct loss_log losses;
	bool is_uneven;		 /* see struct capture_info; known at the end */
	struct probe_plan *plan; /* of the captured kernel; NULL: that is not known */
	struct coverage coverage;
	struct audit_summary summary;
	uint64_t nr_unseen_breaks; /* tables freed by what was not seen to break their entries */
	uint64_t nr_undecided;
	struct mmu_undecided undecided; /* the first */
};

/* ---- queue.c ------------------------------------------------------------------------------- */

/* A finding to fill, not queued yet. */
struct error *audit_pending(struct audit *audit, enum audit_rule rule,
			    const struct mmu_change *change, struct pending **ret) MUST_CHECK;

/* Queues a finding, or drops it where lost events leave no verdict. */
struct error *audit_queue(struct audit *audit, const struct mmu *mmu,
			  struct pending *pending) MUST_CHECK;

/* Hands out the oldest finding, if the capture supports it after all. */
struct error *queue_hand_out_first(struct audit *audit, const struct mmu *mmu) MUST_CHECK;

/* A cached value is gone, or goes on as another one: windows close, or are handed on. */
struct error *queue_stale_gone(struct audit *audit, const struct mmu *mmu,
			       const struct mmu_change *change) MUST_CHECK;

/*
 * A mapping was undone: findings that it was live, of just before, may rest on the order in which two
 * CPUs did that.
 */
void queue_just_undone(struct audit *audit, const struct mmu *mmu, const struct mmu_change *change);

/* Whether a finding of this rule, about this cached value, is waiting. */
bool is_told(const struct audit *audit, uint64_t stale_id, enum audit_rule rule);

/* An orphan that is freed later was none. */
void queue_not_orphaned(struct audit *audit, uint64_t table_id);

/* The model may be gone already, and the mappings with it. */
void pending_release(struct audit *audit, bool has_model, struct pending *pending);

/* ---- doubt.c ------------------------------------------------------------------------------- */

void doubt(struct finding *finding, enum audit_doubt doubt);

/* The same, because of these one or two events; `other` may be NULL. */
void doubt_because(struct finding *finding, enum audit_doubt doubt, const struct event_where *event,
		   const struct event_where *other);

/* The order of two events, if it is not certain. */
void doubt_order(struct finding *finding, const struct mmu *mmu, const struct event_where *first,
		 const struct event_where *second);

/*
 * A purge whose TLBI is not traced came after `stale`, a table's copy, had come up: most invalidate leaves
 * only, but one of many pages removes it, too.
 */
void doubt_purges(struct pending *pending, const struct mmu *mmu, const struct mmu_stale *stale);

/* Takes a reason back that has turned out to be none; without any, the finding is certain. */
void doubt_not(struct finding *finding, enum audit_doubt doubt);

/* ---- loss-log.c ---------------------------------------------------------------------------- */

/* No losses, with memory from `arena`, which must live longer. */
void loss_log_init(struct loss_log *losses, struct arena *arena);
void loss_log_deinit(struct loss_log *losses);

/* Of an EVENT_LOST; and of all others while losses are open. */
struct error *loss_log_note(struct audit *audit, const struct mmu_event *event) MUST_CHECK;

/* Adds what was lost since `from` to the finding's reasons: the newest, as far as there is room. */
void loss_log_doubt(const struct loss_log *losses, struct finding *finding,
		    const struct event_where *from);

/* ---- evidence.c ---------------------------------------------------------------------------- */

void finding_step(struct finding *finding, const struct event_where *where, struct str symbol,
		  const char *what);

/* The invalidations since `since` and what they did to `stale`. */
void finding_invalidations(struct finding *finding, const struct mmu *mmu,
			   const struct mmu_stale *stale, uint64_t since);

/*
 * Doubts of a finding about `stale`, which was cleared: invalidations that may have come after that, and
 * so would have removed it.
 */
void finding_order(struct finding *finding, const struct mmu *mmu, const struct mmu_stale *stale);

/* Which step was missing for `stale`, an entry that was cleared and not invalidated. */
enum audit_cause finding_cause(const struct mmu *mmu, const struct mmu_stale *stale, int32_t pid);

void finding_mappings(struct finding *finding, struct mmu_mapping *old_mapping,
		      struct mmu_mapping *new_mapping);

/* `table` and the tables below it become the finding's, with their ids. */
struct error *finding_tables(struct pending *pending, const struct mmu *mmu,
			     const struct mmu_table *table) MUST_CHECK;

/* ---- bbm.c --------------------------------------------------------------------------------- */

/* Whether FEAT_BBM, at the level that the CPUs have, allows this change of `stale`; counts it then. */
bool bbm_waives(struct audit *audit, const struct mmu *mmu, const struct mmu_change *change);

/* ---- rule-*.c: what each kind of change may be -------------------------------------------- */

typedef struct error *judge_change(struct audit *audit, const struct mmu *mmu,
				   const struct mmu_change *change);

judge_change judge_entry, judge_unplaced, judge_refused, judge_detached, judge_freed;
judge_change judge_map, judge_unmap, judge_live_at_end;
judge_change judge_alias, judge_access;

/*
 * Whether an unmap of such a mapping would have been seen: where not, a mapping over it is what every
 * reuse of an address looks like.
 */
bool unmap_is_traced(const struct mmu_facts *facts, const struct mmu_mapping *mapping);

/* Which memory types the finding is about, by all that the capture shows; false: no finding. */
bool alias_settle(struct finding *finding, const struct mmu *mmu);

/* ---- coverage.c ---------------------------------------------------------------------------- */

struct error *coverage_complete(struct audit *audit, const struct mmu *mmu,
				const struct capture_info *capture,
				const struct event_summary *events) MUST_CHECK;

/* In unprobed.c: the probes that the kernel needs; NULL where its image is not known. */
struct error *coverage_plan(const struct kernel *kernel, struct probe_plan **ret) MUST_CHECK;

/* Which of them were not there. */
struct error *coverage_compare_plan(struct audit *audit,
				    const struct event_summary *events) MUST_CHECK;

#endif
