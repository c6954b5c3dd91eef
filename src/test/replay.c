/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#include "replay.h"

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)
DEFINE_CLEANUP(destroy_audit, struct audit *, audit_destroy)

static struct error *note_finding(void *context, const struct finding *finding)
{
	struct replay *replay = context;
	uint32_t at = replay->nr_findings;

	assert_true(at < REPLAY_FINDINGS);
	replay->finding[at] = *finding;
	for (uint32_t i = 0; i < finding->nr_tables && i < 8; i++)
		replay->table[at][i] = finding->table[i];
	replay->nr_findings++;
	return NULL;
}

static void set_instruction(const struct step *step, struct mmu_event *event)
{
	if (step->kind == EVENT_DSB)
		assert_true(dsb_type_parse(str_from(step->op), &event->dsb));
	if (step->kind != EVENT_TLBI)
		return;
	assert_true(tlbi_op_parse(str_from(step->op), &event->op));
	event->has_operand = event->op.reach == TLBI_VA || event->op.reach == TLBI_RANGE;
	/* The operand holds VA[55:12]; what is above, the step says. */
	event->operand = (step->va >> 12 & UINT64_C(0xfffffffffff)) | step->operand;
}

static struct mmu_event make_event(const struct step *step, uint64_t place)
{
	uint64_t order = step->order ? step->order : place;
	struct mmu_event event = {
		.kind = step->kind,
		.done = step->done,
		.where = {.time = order * 1000,
			  .cpu = step->cpu,
			  .pid = step->pid ? step->pid : 100 + (int32_t)step->cpu,
			  .comm = STR("test"),
			  .place.position = order,
			  .order = order},
		.end_time = order * 1000,
		.symbol = str_from(step->symbol ? step->symbol : ""),
		.level = step->level,
		.entry = step->entry,
		.has_old = step->has_old,
		.old = step->old,
		.value = step->value,
		.has_table_pfn = step->pfn != 0,
		.table_pfn = step->pfn,
		.table_lost = step->table_lost,
		.has_va = step->va != 0,
		.va = step->va,
		.end = step->end,
		.within = {.va = step->within_va, .end = step->within_end},
		.has_pa = step->pa != 0,
		.pa = step->pa,
		.has_prot = step->prot != 0,
		.prot = step->prot,
		.in_ioremap = step->in_ioremap,
		.pages_only = step->pages_only,
		.in_break = step->in_break,
		.in_flush = step->in_flush,
		.is_witnessed = step->is_witnessed,
		.is_write = step->is_write,
		.pfn = step->pfn,
		.lost = step->lost,
		.lost_after = step->lost_after,
	};

	set_instruction(step, &event);
	return event;
}

void replay_run(const struct step *steps, size_t count, uint32_t nr_cpus, struct replay *ret)
{
	replay_with(steps, count, &(struct replay_settings){.nr_cpus = nr_cpus}, ret);
}

void replay_capture(const struct step *steps, size_t count, uint32_t nr_cpus,
		    const struct capture_info *capture, struct replay *ret)
{
	replay_with(steps, count, &(struct replay_settings){.nr_cpus = nr_cpus, .capture = capture},
		    ret);
}

void replay_with(const struct step *steps, size_t count, const struct replay_settings *settings,
		 struct replay *ret)
{
	const struct capture_info silent = {.kind = "test"};
	const struct mmu_options mmu_options = {.nr_cpus = settings->nr_cpus,
						.granule = settings->granule,
						.va_bits = settings->va_bits,
						.clock_skew = settings->clock_skew};
	const struct audit_options audit_options = {
		.fail_on_severities = 1u << SEVERITY_ERROR,
		.bbm_level = settings->bbm_level,
		.geometry_is_assumed = settings->geometry_is_assumed,
	};
	const struct record_type unknown = {.name = {"p_0", 3}};
	const struct event_probe probe = {.type = &unknown, .may_be = settings->may_be, .count = 1};
	struct event_summary events = {.nr_time_steps_back = settings->max_step_back > 0,
				       .max_step_back = settings->max_step_back,
				       .probe = &probe,
				       .nr_probes = 1};

	memset(ret, 0, sizeof(*ret));

	struct audit *created_audit = NULL;
	struct mmu *created_mmu = NULL;

	assert_null(audit_create(&audit_options, note_finding, ret, &created_audit));
	_cleanup_(destroy_audit) struct audit *audit = created_audit;
	assert_null(mmu_create(&mmu_options, audit_change, audit, &created_mmu));
	_cleanup_(destroy_mmu) struct mmu *mmu = created_mmu;

	for (size_t i = 0; i < count; i++) {
		const struct mmu_event event = make_event(&steps[i], i + 1);

		events.nr_events[event.kind]++;
		events.traced[event.kind] = true;
		assert_null(mmu_apply(mmu, &event));
		assert_null(audit_event(audit, mmu, &event));
		assert_null(mmu_check(mmu));
	}
	assert_null(mmu_finish(mmu));
	assert_null(
		audit_finish(audit, mmu, settings->capture ? settings->capture : &silent, &events));
	ret->summary = *audit_summary(audit);
	memcpy(ret->gap, audit_coverage(audit)->gap, sizeof(ret->gap));
	ret->undecided = audit_coverage(audit)->undecided;
	ret->facts = *mmu_facts(mmu);
}

const struct finding *replay_find(const struct replay *replay, enum audit_rule rule)
{
	for (uint32_t i = 0; i < replay->nr_findings; i++)
		if (replay->finding[i].rule == rule)
			return &replay->finding[i];
	return NULL;
}

bool finding_has_doubt(const struct finding *finding, enum audit_doubt doubt)
{
	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt == doubt)
			return true;
	return false;
}
