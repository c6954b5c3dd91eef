/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 4, audit: changes of the tables -> findings.
 *
 * Rules judge what the model recorded and change nothing.  A finding carries its evidence, and how
 * sure it may be: what the capture cannot support makes it `possible`, with the reasons.  No output
 * format passes this waist.
 */
#ifndef MMUREPLAY_AUDIT_H
#define MMUREPLAY_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/error.h>
#include <mmureplay/event.h>
#include <mmureplay/geometry.h>
#include <mmureplay/mmu-memory.h>
#include <mmureplay/mmu.h>
#include <mmureplay/probes.h>
#include <mmureplay/vmlinux-kernel.h>

enum audit_rule {
	RULE_ORPHANED_TABLE,
	RULE_UNSAFE_PROMOTION,
	RULE_UNSAFE_DEMOTION,
	RULE_UNSAFE_CHANGE,
	RULE_STALE_REUSE,
	RULE_EARLY_FREE,
	RULE_ACCESS_AFTER_UNMAP,
	RULE_OVERLAP,
	RULE_UNKNOWN_UNMAP,
	RULE_ALIAS_ATTRIBUTES,
	RULE_MAPPING_LEAK,
	AUDIT_RULES
};

enum audit_severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
	AUDIT_SEVERITIES
};

/* What people are told about a rule, besides the evidence of one finding. */
struct audit_rule_info {
	const char *name; /* "orphaned-table" */
	enum audit_severity severity;
	const char *title;	 /* "page-table page orphaned" */
	const char *consequence; /* what may happen now; whole sentences */
	const char *const
		*fix;	    /* kernel commits: "785a19f9d1dd (\"subject\", v4.19)"; NULL ends it */
	const char *advice; /* what to do until it is fixed; whole sentences; NULL: nothing */
	/*
	 * It fires because something was not seen (an unmap, an invalidation) that kernels hardly ever
	 * leave out: where events were lost, or are not in order of time, that explains it, and there
	 * is no verdict.
	 */
	bool needs_all_events;
	bool needs_geometry; /* it is about entries: which one and what it spans, the page size tells */
};

const struct audit_rule_info *audit_rule_info(enum audit_rule rule);
/* AUDIT_RULES or AUDIT_SEVERITIES when there is none of that name. */
enum audit_rule audit_rule_from_name(struct str name);
enum audit_severity audit_severity_from_name(struct str name);
const char *audit_severity_name(enum audit_severity severity);

/* Which step of break-before-make is missing or does not count. */
enum audit_cause {
	CAUSE_NONE, /* rules that have none */
	CAUSE_NO_BREAK,
	CAUSE_NO_TLBI,
	CAUSE_TLBI_BEFORE_BREAK,
	CAUSE_LAST_LEVEL_ONLY,
	CAUSE_WRONG_ADDRESS,
	CAUSE_WRONG_ASID,
	CAUSE_LOCAL_ONLY,
	CAUSE_TTL_MISMATCH,
	CAUSE_GRANULE_MISMATCH,
	CAUSE_NO_DSB,
	CAUSE_NOT_FREED, /* orphaned-table: cleared properly, and then never freed */
	AUDIT_CAUSES
};

const char *audit_cause_name(enum audit_cause cause);
/* "the entry was valid all the time: it was overwritten, not cleared first" */
const char *audit_cause_text(enum audit_cause cause);

enum audit_evidence {
	EVIDENCE_OBSERVED, /* a descriptor was read */
	EVIDENCE_REPLAYED, /* follows from the events */
	EVIDENCE_ASSUMED,  /* rests on what the kernel is known to do */
};

const char *audit_evidence_name(enum audit_evidence evidence);

/* Why a finding is possible, not certain. */
enum audit_doubt {
	DOUBT_EVENTS_LOST,	   /* between the evidence and the verdict: from, to, cpu */
	DOUBT_TLBI_UNTRACED,	   /* no TLBI instruction in the whole capture */
	DOUBT_SITE_UNTRACED,	   /* no TLBI ever seen inside the function that should issue it */
	DOUBT_BREAK_UNTRACED,	   /* the function that would break and free was never seen */
	DOUBT_FREE_UNTRACED,	   /* page frees were not traced */
	DOUBT_UNMAP_UNTRACED,	   /* the functions that undo such mappings were never seen */
	DOUBT_BEFORE_CAPTURE,	   /* rests on state from before the capture */
	DOUBT_RETURN_MISSING,	   /* whether the function did it is not known */
	DOUBT_LEVEL_UNKNOWN,	   /* whether pages or blocks were mapped is not known */
	DOUBT_MEMORY_TYPE_UNKNOWN, /* which types the kernel's AttrIndx stand for is not known */
	DOUBT_VA_UNSURE,	   /* the entry's address may translate one of several VAs */
	DOUBT_ORDER,	    /* two events of different CPUs closer than the clocks can tell */
	DOUBT_HITS_MISSED,  /* the kernel missed hits of probes that matter */
	DOUBT_UNIDENTIFIED, /* what some probes are is not known: see enum probe_may_be */
	DOUBT_GEOMETRY_ASSUMED,
	DOUBT_TIME_DISORDER, /* records in between were not in order of time */
	AUDIT_DOUBTS
};

const char *audit_doubt_name(enum audit_doubt doubt);
/* A sentence for people, with what they can do about it; without the times. */
const char *audit_doubt_text(enum audit_doubt doubt);

struct finding_reason {
	enum audit_doubt doubt;
	uint64_t from, to; /* EVENTS_LOST, TIME_DISORDER: times; otherwise 0 */
	uint32_t cpu;	   /* EVENTS_LOST */
	uint64_t lost;	   /* EVENTS_LOST: how many, or LOST_COUNT_UNKNOWN */
	/* The events that it concerns; order 0: none. */
	struct event_where event[2];
};

/* A page of descriptors that was lost or freed. */
struct finding_table {
	int level; /* of the entries in it: a page of PTEs has 3 */
	uint64_t va, end;
	uint64_t pa; /* 0 when pa_source is PA_UNKNOWN */
	enum mmu_pa_source pa_source;
	struct event_where made; /* order 0: before the capture, or not seen */
};

/* An invalidation that was seen in between, and what it did. */
struct finding_invalidation {
	struct mmu_tlbi_run run;
	enum mmu_tlbi_effect effect;
};

/* One step of the story, in order of time. */
struct finding_step {
	struct event_where where;
	struct str symbol;
	const char *what; /* "the mapping was undone" */
};

enum {
	FINDING_REASONS = 8,
	FINDING_STEPS = 8,
	FINDING_INVALIDATIONS = 16,
};

struct finding {
	enum audit_rule rule;
	enum audit_severity severity;
	enum audit_cause cause;
	bool certain;
	enum audit_evidence evidence;
	uint32_t nr_reasons;
	struct finding_reason reason[FINDING_REASONS];

	char id[40];		  /* "orphaned-table-3f9c2a71-1": see audit_create() */
	struct event_where where; /* of the event that the rule fired on; order 0: the end */
	struct str symbol;	  /* what did it: "pmd_set_huge" */
	uint64_t va, end;	  /* both 0: not known, only the entry's own address is */
	int level;		  /* of the entry (2: a pmd entry); MMU_LAST_LEVEL for pages */
	uint64_t entry;		  /* the entry's own address; 0: unknown */
	enum mmu_entry_kind kind_before, kind_after;
	bool has_before, has_after; /* descriptors known */
	bool before_is_read;	    /* `before` was fetched by a probe, not replayed */
	uint64_t before, after;	    /* descriptors */

	/* The mapping that was there, and the one that came; NULL: none, or unknown. */
	struct mmu_mapping *old_mapping, *new_mapping;

	/* alias-attributes: what the old and the new mapping's AttrIndx stand for. */
	bool has_memory_types;
	enum mmu_memory_type old_memory_type, new_memory_type;

	/* access-after-unmap: how many accesses until now, whether the first one wrote. */
	uint64_t nr_accesses;
	bool access_is_write;
	const struct event_origin *access_origin; /* of the first one; NULL: unknown */
	struct event_where last_access;

	uint32_t nr_tables; /* orphaned or freed tables, the top one first */
	struct finding_table *table;

	/* Invalidations between the last use of the old value and the event, oldest first. */
	uint32_t nr_invalidations;
	struct finding_invalidation invalidation[FINDING_INVALIDATIONS];
	uint64_t nr_other_invalidations; /* of other addresses, or beyond what is kept */

	/* While a CPU may still use what it has cached. */
	bool has_window;
	struct event_where opened;
	bool closed;
	struct mmu_tlbi_run closed_by; /* count 0: by an assumed flush */
	uint64_t closed_time;

	uint32_t nr_steps;
	struct finding_step step[FINDING_STEPS];
};

static inline bool finding_has_va(const struct finding *finding)
{
	return finding->va != finding->end;
}

/* What a capture cannot support. */
enum coverage_gap {
	GAP_NO_EVENTS, /* nothing that matters was recorded: no verdict */
	GAP_TLBI_UNTRACED,
	GAP_FLUSHES_ASSUMED, /* TLBIs are traced, but not those in some functions */
	GAP_EVENTS_LOST,
	GAP_START_OVERWRITTEN,
	GAP_TRUNCATED,
	GAP_LOSSES_HIDDEN,
	GAP_SAMPLED,	/* of some events not all were recorded */
	GAP_SOME_TASKS, /* of some tasks nothing was recorded */
	GAP_UNREAD_LINES,
	GAP_NO_BLOCK_PROBE, /* pmd_set_huge() never seen: promotions cannot be */
	GAP_BLOCK_SIZED,    /* ... and mappings were made that blocks fit in */
	GAP_NO_MAP_PROBE,   /* pmd_set_huge() seen, and no mapping that it is a part of */
	GAP_NO_UNMAP_PROBE,
	GAP_RETURNS_MISSING,
	GAP_HITS_MISSED, /* by the kernel, as its kprobe_profile says */
	GAP_NO_RETURNS,	 /* pmd_set_huge() seen, its return never */
	GAP_FREES_UNTRACED,
	GAP_BREAK_UNTRACED,  /* pmd_free_pte_page() never seen */
	GAP_UNSEEN_BREAKS,   /* tables freed, and what cleared and invalidated them not seen */
	GAP_UNKNOWN_ENTRIES, /* blocks stored where the state before the capture decides */
	GAP_UNPLACED,	     /* blocks whose VA is not known */
	GAP_UNJUDGED, /* no verdict because events were lost or in disorder: see needs_all_events */
	GAP_ORDER_UNDECIDED, /* verdicts that another order of two CPUs' events would give */
	GAP_TIME_DISORDER,
	GAP_UNEVEN,	      /* of several files: what one recorded, another may not have */
	GAP_TOLD_TWICE,	      /* events in several instances or files; each counts once */
	GAP_BOOT_UNKNOWN,     /* of several files: whether they are of one boot */
	GAP_GEOMETRY_ASSUMED, /* nothing shows the page size: see audit_options */
	GAP_GEOMETRY_WRONG,   /* events that the page size or VA bits cannot be right for */
	GAP_NO_OPERANDS,      /* TLBIs by address, whose probes did not fetch the address */
	GAP_UNIDENTIFIED,     /* probes at addresses without names: they may be any */
	GAP_NOT_UNDERSTOOD,   /* other probes that mean nothing to us */
	GAP_MISNAMED,	      /* probes of other instructions than they are named for */
	GAP_UNPLACED_KERNEL,  /* where KASLR put the kernel is not known */
	GAP_UNPROBED,	      /* probes that this kernel needs, and the capture did not have */
	GAP_REFUSED,	      /* the same, as the kernel refused them */
	GAP_UNHIT,	      /* the same, or they were never hit: a text does not tell */
	COVERAGE_GAPS
};

struct coverage_gap_info {
	const char *name; /* "tlbi-untraced" */
	const char *text; /* what it means for the verdict, and what to do */
	bool counts;	  /* --strict fails on it (a mere remark does not) */
};

const struct coverage_gap_info *coverage_gap_info(enum coverage_gap gap);

struct coverage_loss {
	uint32_t cpu;
	uint64_t events; /* sum of the known counts */
	uint64_t times;	 /* how often */
	bool unknown;	 /* at least one loss of unknown size */
	uint64_t first, last;
};

struct coverage {
	const struct capture_info *capture;
	const struct event_summary *events;
	const struct mmu_facts *facts;
	const struct kernel *kernel; /* as audit_options has it */
	struct mmu_geometry geometry;
	uint32_t bbm_level;		/* as audit_options say */
	uint64_t clock_skew;		/* as mmu_options say */
	struct mmu_undecided undecided; /* GAP_ORDER_UNDECIDED: the first of them */
	uint64_t gap[COVERAGE_GAPS];	/* 0: none; otherwise how many, or 1 */
	uint32_t nr_losses;
	const struct coverage_loss *loss; /* by CPU */
	uint64_t nr_mappings, nr_unmaps, nr_tables, nr_blocks;
	/* GAP_UNPROBED, GAP_UNHIT: the probes that they are about. */
	uint32_t nr_unprobed;
	const struct probe *const *unprobed;
};

struct audit_summary {
	uint64_t nr_findings;
	uint64_t by_rule[AUDIT_RULES];
	uint64_t by_severity[AUDIT_SEVERITIES];
	uint64_t orphaned_pages, orphaned_bytes;
	uint64_t safe_promotions, unsafe_promotions, refused_promotions;
	uint64_t waived;   /* changes without a break that FEAT_BBM allows */
	uint64_t unjudged; /* findings that are none, because events were lost before them */
	bool fails;	   /* a finding as --fail-on asks for was among them */
};

struct audit_options {
	/* Findings that make audit_summary.fails: bit masks by rule and by severity. */
	uint32_t fail_on_rules;
	uint32_t fail_on_severities;
	/* What is reported, not what is replayed: times as in events; until 0: no end. */
	uint64_t since, until;
	bool (*wants_cpu)(const void *context, uint32_t cpu); /* NULL: all */
	const void *cpu_context;
	const struct kernel *kernel; /* what is known of the captured one; NULL: nothing */
	/* Places where it refused probes, "secondary_start_kernel+0x6c"; to outlive the audit. */
	const struct str *refused;
	size_t nr_refused;
	bool geometry_is_assumed; /* the capture does not show it */
	uint32_t bbm_level;	  /* FEAT_BBM of the CPUs: 0, 1 or 2 */
};

struct audit;

/* Gets each finding once, when nothing more can become known of it, in order of the events. */
typedef struct error *finding_handler(void *context, const struct finding *finding);

/*
 * Ids: the rule, a hash of what makes two findings of different captures the same (cause, level,
 * symbols of those who mapped, without addresses and offsets), and a number among equals.
 */
struct error *audit_create(const struct audit_options *options, finding_handler *handler,
			   void *context, struct audit **ret) MUST_CHECK;
void audit_destroy(struct audit *audit);

/* The mmu_change_handler to create the model with; context is the audit. */
struct error *audit_change(void *audit, const struct mmu *mmu,
			   const struct mmu_change *change) MUST_CHECK;

/* To be called with every event, after mmu_apply(): losses, times, what is traced. */
struct error *audit_event(struct audit *audit, const struct mmu *mmu,
			  const struct mmu_event *event) MUST_CHECK;

/* After mmu_finish(): hands out what is pending and completes the coverage and summary. */
struct error *audit_finish(struct audit *audit, const struct mmu *mmu,
			   const struct capture_info *capture,
			   const struct event_summary *events) MUST_CHECK;

const struct coverage *audit_coverage(const struct audit *audit);
const struct audit_summary *audit_summary(const struct audit *audit);

#endif
