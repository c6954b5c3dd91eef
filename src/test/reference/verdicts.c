/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mmureplay/audit.h>

#include "base/cleanup.h"

#include "verdicts.h"

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)
DEFINE_CLEANUP(destroy_audit, struct audit *, audit_destroy)

/* The sequences of events begin with these, which show what is traced and concern nothing else. */
enum {
	PROLOGUE = 5
};

struct collector {
	const struct machine *machine;
	struct verdicts *verdicts;
};

static void must(struct error *err)
{
	if (!err)
		return;
	fprintf(stderr, "%s\n", err->message);
	abort();
}

static void add(struct verdicts *verdicts, struct machine_verdict verdict)
{
	if (verdicts->count == MACHINE_VERDICTS)
		abort();
	verdicts->verdict[verdicts->count++] = verdict;
}

static bool kind_of(enum audit_rule rule, enum machine_verdict_kind *ret)
{
	static const struct {
		bool compared;
		enum machine_verdict_kind kind;
	} kinds[AUDIT_RULES] = {
		[RULE_UNSAFE_PROMOTION] = {true, VERDICT_PROMOTION},
		[RULE_UNSAFE_DEMOTION] = {true, VERDICT_DEMOTION},
		[RULE_UNSAFE_CHANGE] = {true, VERDICT_CHANGE},
		[RULE_EARLY_FREE] = {true, VERDICT_EARLY_FREE},
		[RULE_ORPHANED_TABLE] = {true, VERDICT_LOST},
		[RULE_STALE_REUSE] = {true, VERDICT_REUSE},
	};

	*ret = kinds[rule].kind;
	return kinds[rule].compared;
}

static struct error *collect(void *context, const struct finding *finding)
{
	struct collector *collector = context;
	struct machine_verdict verdict = {
		.event = finding->where.order ? (uint32_t)finding->where.order - PROLOGUE : 0};

	if (!kind_of(finding->rule, &verdict.kind))
		return NULL;
	if (!finding->certain)
		collector->verdicts->is_doubtful = true;
	if (verdict.kind != VERDICT_LOST && verdict.kind != VERDICT_EARLY_FREE) {
		add(collector->verdicts, verdict);
		return NULL;
	}
	/* Below a page that is freed too early may be others, which are not freed. */
	uint32_t count = verdict.kind == VERDICT_LOST ? finding->nr_tables : 1;

	for (uint32_t i = 0; i < count; i++) {
		verdict.frame = machine_frame_of(collector->machine, finding->table[i].pa);
		add(collector->verdicts, verdict);
	}
	return NULL;
}

/* TLBIs in a purge and in a break, a page free, a break, and a barrier, where they are traced; all of others. */
static void fill_prologue(const struct machine *m, struct mmu_event *events)
{
	for (uint64_t i = 0; i < PROLOGUE; i++)
		events[i].where = (struct event_where){.time = i + 1, .pid = 99, .order = i + 1};
	for (int i = 0; i < 2; i++) {
		events[i].kind = EVENT_TLBI;
		events[i].op = (struct tlbi_op){.scope = TLBI_INNER,
						.reach = TLBI_VA,
						.last_level = true,
						.any_asid = true,
						.el = 1};
		events[i].has_operand = true;
		events[i].operand = UINT64_C(0xffff000010000000) >> 12 & UINT64_C(0xfffffffffff);
	}
	events[0].in_flush = true;
	events[1].in_break = true;
	events[2].kind = EVENT_PAGE_FREE;
	events[2].pfn = 1;
	events[3].kind = m->has_barriers ? EVENT_DSB : EVENT_PAGE_FREE;
	events[3].pfn = 1;
	events[4].kind = EVENT_BREAK;
	events[4].level = KERNEL_PMD;
	events[4].has_va = true;
	events[4].va = UINT64_C(0xffff000010000000);
}

static void apply(struct mmu *mmu, struct audit *audit, const struct mmu_event *event,
		  struct event_summary *summary)
{
	summary->nr_events[event->kind]++;
	summary->traced[event->kind] = true;
	must(mmu_apply(mmu, event));
	must(audit_event(audit, mmu, event));
}

void verdicts_of_model(const struct machine *m, const struct trace *trace, struct verdicts *ret)
{
	const struct mmu_options mmu_options = {
		.granule = UINT32_C(1) << m->granule_shift, .va_bits = 48, .nr_cpus = MACHINE_CPUS};
	const struct audit_options audit_options = {0};
	const struct capture_info capture = {.kind = "reference"};
	struct collector collector = {m, ret};
	struct event_summary summary = {0};
	struct mmu_event prologue[PROLOGUE] = {0};
	struct audit *created_audit = NULL;
	struct mmu *created_mmu = NULL;

	ret->count = 0;
	ret->is_doubtful = false;
	fill_prologue(m, prologue);
	must(audit_create(&audit_options, collect, &collector, &created_audit));
	_cleanup_(destroy_audit) struct audit *audit = created_audit;
	must(mmu_create(&mmu_options, audit_change, audit, &created_mmu));
	_cleanup_(destroy_mmu) struct mmu *mmu = created_mmu;

	for (uint32_t i = 0; i < PROLOGUE; i++)
		apply(mmu, audit, &prologue[i], &summary);
	for (uint32_t i = 0; i < trace->count; i++) {
		struct mmu_event event = trace->event[i];

		event.where.order += PROLOGUE;
		event.where.time += PROLOGUE;
		apply(mmu, audit, &event, &summary);
	}
	must(mmu_finish(mmu));
	must(audit_finish(audit, mmu, &capture, &summary));
	verdicts_sort(ret);
}

void verdicts_of_machine(const struct machine *m, struct verdicts *ret)
{
	struct machine end = *m;

	machine_finish(&end);
	ret->count = end.nr_verdicts;
	ret->is_doubtful = false;
	memcpy(ret->verdict, end.verdict, sizeof(ret->verdict));
	verdicts_sort(ret);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
	const struct machine_verdict *a = left, *b = right;

	if (a->event != b->event)
		return a->event < b->event ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->frame - b->frame;
}

void verdicts_sort(struct verdicts *verdicts)
{
	qsort(verdicts->verdict, verdicts->count, sizeof(verdicts->verdict[0]), compare);
}

bool verdicts_equal(const struct verdicts *a, const struct verdicts *b)
{
	if (a->count != b->count || a->is_doubtful != b->is_doubtful)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (compare(&a->verdict[i], &b->verdict[i]) != 0)
			return false;
	return true;
}

void verdicts_print(const char *whose, const struct verdicts *verdicts)
{
	static const char *const names[] = {
		[VERDICT_PROMOTION] = "unsafe-promotion", [VERDICT_DEMOTION] = "unsafe-demotion",
		[VERDICT_CHANGE] = "unsafe-change",	  [VERDICT_EARLY_FREE] = "early-free",
		[VERDICT_LOST] = "orphaned-table",	  [VERDICT_REUSE] = "stale-reuse",
	};

	printf("  %s:%s", whose, verdicts->count ? "" : " nothing");
	for (uint32_t i = 0; i < verdicts->count; i++) {
		const struct machine_verdict *verdict = &verdicts->verdict[i];

		printf(" %u:%s", verdict->event, names[verdict->kind]);
		if (verdict->kind == VERDICT_EARLY_FREE || verdict->kind == VERDICT_LOST)
			printf("(%u)", verdict->frame);
	}
	printf("%s\n", verdicts->is_doubtful ? " (some only possible)" : "");
}
