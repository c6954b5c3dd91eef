/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of two CPUs closer than their clocks can tell: every sequence is replayed with clocks that are in
 * step, and with clocks that may differ by a step and a half.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#define VA UINT64_C(0xffff000008a00000)
#define OTHER_VA UINT64_C(0xffff000008c00000)
#define TABLE_PFN UINT64_C(0xb4d16)
#define TABLE_DESC UINT64_C(0xb4d16003)
#define BLOCK_DESC UINT64_C(0xe8008000400705)
#define PHYS UINT64_C(0x8000001000)

enum {
	PAGE = 0x1000,
	STEPS = 16,
	IN_STEP = 0,
	NEXT_IS_UNDECIDED = 1500 /* steps are 1000 apart */
};

/* Lets time pass. */
#define LATER FREE(0, 1), FREE(0, 1), FREE(0, 1)
#define TABLE_THERE WRITE(0, KERNEL_PMD, VA, TABLE_DESC)
#define CLEARED(cpu) WRITE(cpu, KERNEL_PMD, VA, 0)
#define STORED(cpu) WRITE(cpu, KERNEL_PMD, VA, BLOCK_DESC)
#define FLUSHED(cpu) TLBI(cpu, "vaae1is", VA)
#define MAP_4K MAP(0, VA, PAGE, PHYS), MAPPED(0, VA)
/* Shows that the TLBIs of purges are traced. */
#define PURGED                                                                                     \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vaale1is", .va = OTHER_VA, .in_flush = true             \
	}
/* Shows that range clears are traced. */
#define TRACED CLEAR(0, OTHER_VA, PAGE)

enum outcome {
	SILENT,	   /* no finding, and nothing undecided */
	UNDECIDED, /* no finding, but one in another order: the coverage says so */
	POSSIBLE,  /* a finding because of the recorded order, which is not certain */
	CERTAIN,   /* a finding in any order */
};

static const struct sequence {
	const char *name;
	struct step step[STEPS];
	enum audit_rule rule;
	enum outcome in_step, undecided;
	uint64_t first, second; /* the two events that the doubt is about; 0: none */
} sequences[] = {
	{
		"a TLBI of CPU 1 just before the clear of CPU 0",
		{TABLE_THERE, LATER, FLUSHED(1), CLEARED(0), LATER, STORED(0), LATER, FLUSHED(0)},
		RULE_UNSAFE_PROMOTION,
		CERTAIN,
		POSSIBLE,
		5,
		6,
	},
	{
		"the same of one CPU",
		{TABLE_THERE, LATER, FLUSHED(0), CLEARED(0), LATER, STORED(0), LATER, FLUSHED(0)},
		RULE_UNSAFE_PROMOTION,
		CERTAIN,
		CERTAIN,
		0,
		0,
	},
	{
		"a TLBI of CPU 1 just after the store of CPU 0",
		{TABLE_THERE, CLEARED(0), LATER, STORED(0), FLUSHED(1)},
		RULE_UNSAFE_PROMOTION,
		CERTAIN,
		POSSIBLE,
		6,
		7,
	},
	{
		"the same of one task that has moved to CPU 1",
		{TABLE_THERE,
		 CLEARED(0),
		 LATER,
		 STORED(0),
		 {.kind = EVENT_TLBI, .cpu = 1, .pid = 100, .op = "vaae1is", .va = VA}},
		RULE_UNSAFE_PROMOTION,
		CERTAIN,
		CERTAIN,
		0,
		0,
	},
	{
		"an overwritten table: no order of the TLBI makes that good",
		{TABLE_THERE, LATER, FLUSHED(1), STORED(0), FLUSHED(1)},
		RULE_UNSAFE_PROMOTION,
		CERTAIN,
		CERTAIN,
		0,
		0,
	},
	{
		"a TLBI of another address just after the store changes nothing",
		{TABLE_THERE, CLEARED(0), LATER, STORED(0), TLBI(1, "vaae1is", OTHER_VA), LATER,
		 FLUSHED(1)},
		RULE_UNSAFE_PROMOTION,
		CERTAIN,
		CERTAIN,
		0,
		0,
	},
	{
		"a TLBI of CPU 1 just after the clear of CPU 0: it may have come before",
		{TABLE_THERE, CLEARED(0), FLUSHED(1), LATER, STORED(0)},
		RULE_UNSAFE_PROMOTION,
		SILENT,
		UNDECIDED,
		2,
		3,
	},
	{
		"the same, with another one later",
		{TABLE_THERE, CLEARED(0), FLUSHED(1), LATER, FLUSHED(1), LATER, STORED(0)},
		RULE_UNSAFE_PROMOTION,
		SILENT,
		SILENT,
		0,
		0,
	},
	{
		"the same, with another one of the wrong sort",
		{TABLE_THERE, CLEARED(0), FLUSHED(1), LATER, TLBI(1, "vaale1is", VA), LATER,
		 STORED(0)},
		RULE_UNSAFE_PROMOTION,
		SILENT,
		UNDECIDED,
		2,
		3,
	},
	{
		"a TLBI of CPU 1 just before the store of CPU 0: it may have come after",
		{TABLE_THERE, CLEARED(0), LATER, FLUSHED(1), STORED(0)},
		RULE_UNSAFE_PROMOTION,
		SILENT,
		UNDECIDED,
		6,
		7,
	},
	{
		"the same of one CPU",
		{TABLE_THERE, CLEARED(0), LATER, FLUSHED(0), STORED(0)},
		RULE_UNSAFE_PROMOTION,
		SILENT,
		SILENT,
		0,
		0,
	},
	{
		"the DSB that completes a TLBI of CPU 1, just before the store of CPU 0",
		{DSB(0, "dsb_ish"), TABLE_THERE, CLEARED(0), DSB(0, "dsb_ishst"), LATER, FLUSHED(1),
		 LATER, DSB(1, "dsb_ish"), STORED(0)},
		RULE_UNSAFE_PROMOTION,
		SILENT,
		UNDECIDED,
		12,
		13,
	},
	{
		"the table's page freed by CPU 0 just after the TLBI of CPU 1",
		{TABLE_THERE, CLEARED(0), LATER, FLUSHED(1), FREE(0, TABLE_PFN)},
		RULE_EARLY_FREE,
		SILENT,
		UNDECIDED,
		6,
		7,
	},
	{
		"the table's page freed by CPU 0 just before the TLBI of CPU 1",
		{TABLE_THERE, CLEARED(0), LATER, FREE(0, TABLE_PFN), FLUSHED(1)},
		RULE_EARLY_FREE,
		CERTAIN,
		POSSIBLE,
		6,
		7,
	},
	{
		"an address mapped again just before its TLBI",
		{PURGED,
		 MAP_4K,
		 UNMAP(0, VA),
		 CLEAR(0, VA, PAGE),
		 LATER,
		 MAP(0, VA, PAGE, PHYS),
		 {.kind = EVENT_TLBI, .cpu = 1, .op = "vaale1is", .va = VA, .in_flush = true}},
		RULE_STALE_REUSE,
		CERTAIN,
		POSSIBLE,
		9,
		10,
	},
	{
		"an address mapped again just after its TLBI",
		{PURGED,
		 MAP_4K,
		 UNMAP(0, VA),
		 CLEAR(0, VA, PAGE),
		 LATER,
		 {.kind = EVENT_TLBI, .cpu = 1, .op = "vaale1is", .va = VA, .in_flush = true},
		 MAP(0, VA, PAGE, PHYS)},
		RULE_STALE_REUSE,
		SILENT,
		UNDECIDED,
		9,
		10,
	},
	{
		"an access of CPU 1 just after the unmap of CPU 0",
		{MAP_4K, LATER, UNMAP(0, VA), ACCESS(1, VA)},
		RULE_ACCESS_AFTER_UNMAP,
		CERTAIN,
		POSSIBLE,
		6,
		7,
	},
	{
		"the same, and another one that was later for certain",
		{MAP_4K, LATER, UNMAP(0, VA), ACCESS(1, VA), LATER, ACCESS(1, VA)},
		RULE_ACCESS_AFTER_UNMAP,
		CERTAIN,
		CERTAIN,
		0,
		0,
	},
	{
		"an access of CPU 1 just before the unmap of CPU 0",
		{MAP_4K, LATER, ACCESS(1, VA), UNMAP(0, VA)},
		RULE_ACCESS_AFTER_UNMAP,
		SILENT,
		UNDECIDED,
		6,
		7,
	},
	{
		"a mapping of CPU 1 over one that CPU 0 undoes just after",
		{TRACED, MAP_4K, LATER, MAP(1, VA, PAGE, PHYS), UNMAP(0, VA)},
		RULE_OVERLAP,
		CERTAIN,
		POSSIBLE,
		7,
		8,
	},
	{
		"a mapping of CPU 1 where CPU 0 has undone one just before",
		{TRACED, MAP_4K, LATER, UNMAP(0, VA), MAP(1, VA, PAGE, PHYS)},
		RULE_OVERLAP,
		SILENT,
		UNDECIDED,
		7,
		8,
	},
};

static size_t count_steps(const struct sequence *sequence)
{
	size_t count = 0;

	while (count < STEPS && (sequence->step[count].kind || sequence->step[count].va))
		count++;
	return count;
}

static enum outcome outcome_of(const struct replay *replay, enum audit_rule rule)
{
	const struct finding *finding = replay_find(replay, rule);

	if (finding)
		return finding->certain ? CERTAIN : POSSIBLE;
	return replay->gap[GAP_ORDER_UNDECIDED] ? UNDECIDED : SILENT;
}

static const struct finding_reason *order_reason(const struct finding *finding)
{
	for (uint32_t i = 0; finding && i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt == DOUBT_ORDER)
			return &finding->reason[i];
	return NULL;
}

static void check(const struct sequence *sequence, uint64_t skew, enum outcome expected)
{
	const struct replay_settings settings = {.nr_cpus = 2, .clock_skew = skew};
	struct replay replay;

	replay_with(sequence->step, count_steps(sequence), &settings, &replay);
	enum outcome outcome = outcome_of(&replay, sequence->rule);
	const struct finding_reason *reason = order_reason(replay_find(&replay, sequence->rule));

	if (outcome != expected)
		fail_msg("%s: with a skew of %u the outcome is %u, not %u", sequence->name,
			 (unsigned int)skew, outcome, expected);
	assert_int_equal(reason != NULL, outcome == POSSIBLE);
	if (reason) {
		assert_int_equal(reason->event[0].order, sequence->first);
		assert_int_equal(reason->event[1].order, sequence->second);
	}
	if (outcome == UNDECIDED) {
		assert_int_equal(replay.undecided.first.order, sequence->first);
		assert_int_equal(replay.undecided.second.order, sequence->second);
	}
}

static void test_sequences(void **state)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		check(&sequences[i], IN_STEP, sequences[i].in_step);
		check(&sequences[i], NEXT_IS_UNDECIDED, sequences[i].undecided);
	}
}

/* Records that were not in order of time, by more than the story takes: the reason says from when to when. */
static void test_disorder(void **state)
{
	const struct step steps[] = {TABLE_THERE, CLEARED(0), LATER, STORED(0), LATER, FLUSHED(0)};
	const struct replay_settings settings = {.nr_cpus = 2, .max_step_back = 10000};
	struct replay replay;

	replay_with(steps, sizeof(steps) / sizeof(steps[0]), &settings, &replay);
	const struct finding *finding = replay_find(&replay, RULE_UNSAFE_PROMOTION);

	assert_non_null(finding);
	assert_int_equal(finding->nr_reasons, 1);
	assert_int_equal(finding->reason[0].doubt, DOUBT_TIME_DISORDER);
	assert_int_equal(finding->reason[0].from, 2000);
	assert_int_equal(finding->reason[0].to, 6000);
	assert_int_equal(finding->reason[0].event[1].order, 6);
}

/* The purge may be anywhere. */
static void test_reuse_in_disorder(void **state)
{
	const struct step steps[] = {PURGED, MAP_4K, UNMAP(0, VA), LATER, MAP_4K};
	const struct replay_settings settings = {.nr_cpus = 2, .max_step_back = 10000};
	struct replay replay;

	replay_run(steps, sizeof(steps) / sizeof(steps[0]), 2, &replay);
	assert_non_null(replay_find(&replay, RULE_STALE_REUSE));
	replay_with(steps, sizeof(steps) / sizeof(steps[0]), &settings, &replay);
	assert_null(replay_find(&replay, RULE_STALE_REUSE));
	assert_int_equal(replay.gap[GAP_UNJUDGED], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_disorder),
		cmocka_unit_test(test_reuse_in_disorder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
