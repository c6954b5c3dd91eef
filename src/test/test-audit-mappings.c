/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings: addresses and entries that are used again, overlaps, unmaps of nothing, leaks, and captures that
 * lack some of that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay-original.h"

static struct replay replay;

/* An address mapped again with no flush, with the flush, and where flushes are not traced. */
static void test_stale_reuse(void **state)
{
	const struct step unflushed[] = {MAP_4K, UNMAP_4K, TLBI(0, "vaale1is", VA + MIB2), MAP_4K};
	const struct step flushed[] = {MAP_4K, UNMAP_4K, LAST_LEVEL_PURGE, MAP_4K};
	const struct step untraced[] = {MAP_4K, UNMAP_4K, MAP_4K};
	const struct step half[] = {MAP(0, VA, 2 * PAGE, PHYS), MAPPED(0, VA), UNMAP(0, VA),
				    TLBI(0, "vaale1is", VA), MAP(0, VA, 2 * PAGE, PHYS)};

	REPLAY(unflushed, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_STALE_REUSE], 1);
	assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->cause, CAUSE_WRONG_ADDRESS);
	assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->va, VA);
	REPLAY(flushed, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	REPLAY(untraced, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	REPLAY(half, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->va, VA + PAGE);
	assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->end, VA + 2 * PAGE);
}

/* Whether the sites of purges are traced may show only after the reuse. */
static void test_site_seen_later(void **state)
{
	const struct step never[] = {MAP_4K, UNMAP_4K, TLBI(0, "vaale1is", VA + MIB2), MAP_4K};
	const struct step later[] = {
		MAP_4K,
		UNMAP_4K,
		TLBI(0, "vaale1is", VA + MIB2),
		MAP_4K,
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA + MIB2, .in_flush = true}};

	REPLAY(never, 2, &replay);
	assert_true(finding_has_doubt(replay_find(&replay, RULE_STALE_REUSE), DOUBT_SITE_UNTRACED));
	REPLAY(later, 2, &replay);
	assert_false(
		finding_has_doubt(replay_find(&replay, RULE_STALE_REUSE), DOUBT_SITE_UNTRACED));
	assert_true(replay_find(&replay, RULE_STALE_REUSE)->certain);
}

/* A block is gone with one TLBI of any address in it, whatever said first that it was undone. */
static void test_block_reuse(void **state)
{
	const struct step one_tlbi[] = {
		MAP_2M,
		UNMAP_2M,
		{.kind = EVENT_BLOCK_CLEAR,
		 .level = KERNEL_PMD,
		 .va = VA,
		 .done = DONE_YES,
		 .has_old = true,
		 .old = UINT64_C(0xe8008000400705)},
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA + PAGE, .in_flush = true},
		MAP_2M};
	const struct step none[] = {MAP_2M, UNMAP_2M, TLBI(0, "vaale1is", GIB_VA), MAP_2M};
	/* The TLBI came when only iounmap() had been entered. */
	const struct step too_early[] = {
		MAP_2M,
		UNMAP(0, VA),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_flush = true},
		CLEAR(0, VA, MIB2 + PAGE),
		MAP_2M};

	REPLAY(one_tlbi, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	REPLAY(none, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_STALE_REUSE], 1);
	assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->level, 2);
	REPLAY(too_early, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_STALE_REUSE], 1);
}

/* 2M, then 4K in its place: the block must have been flushed before the table comes. */
static void test_demotion(void **state)
{
	const struct step flushed[] = {MAP_2M, UNMAP_2M, LAST_LEVEL_PURGE, MAP_4K};
	const struct step unflushed[] = {MAP_2M, UNMAP_2M, TLBI(0, "vaale1is", GIB_VA),
					 TABLE(0, KERNEL_PMD, VA, TABLE_PFN)};
	const struct step untraced[] = {MAP_2M, UNMAP_2M, TABLE(0, KERNEL_PMD, VA, TABLE_PFN)};
	const struct step lossy[] = {MAP_2M, UNMAP_2M, TLBI(0, "vaale1is", GIB_VA), LOST(1, 1),
				     TABLE(0, KERNEL_PMD, VA, TABLE_PFN)};

	REPLAY(flushed, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	REPLAY(unflushed, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_UNSAFE_DEMOTION], 1);
	REPLAY(untraced, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	REPLAY(lossy, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.gap[GAP_UNJUDGED], 1);
}

/* The guard page of an area is flushed with it, but was never mapped. */
static void test_guard_page(void **state)
{
	const struct step steps[] = {
		TLBI(0, "vaale1is", GIB_VA),
		CLEAR(0, VA, 2 * PAGE),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_flush = true},
		MAP(0, VA + PAGE, PAGE, PHYS)};

	REPLAY(steps, 2, &replay);
	assert_null(replay_find(&replay, RULE_STALE_REUSE));
}

static void test_overlap(void **state)
{
	const struct step over_live[] = {CLEAR(0, GIB_VA, 2 * PAGE), MAP_4K,
					 MAP(1, VA, PAGE, PHYS + PAGE), MAPPED(1, VA)};
	const struct step untraced[] = {MAP_4K, MAP(1, VA, PAGE, PHYS + PAGE), MAPPED(1, VA)};
	const struct step lossy[] = {CLEAR(0, GIB_VA, 2 * PAGE), MAP_4K, LOST(1, 3),
				     MAP(1, VA, PAGE, PHYS + PAGE), MAPPED(1, VA)};

	REPLAY(over_live, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_OVERLAP));
	assert_true(replay_find(&replay, RULE_OVERLAP)->certain);
	REPLAY(untraced, 2, &replay);
	assert_null(replay_find(&replay, RULE_OVERLAP));
	REPLAY(lossy, 2, &replay);
	assert_null(replay_find(&replay, RULE_OVERLAP));
	assert_int_equal(replay.gap[GAP_UNJUDGED], 1);
}

static void test_unmap_twice(void **state)
{
	const struct step twice[] = {MAP_4K, UNMAP_4K, UNMAP(1, VA)};
	const struct step from_before[] = {UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE)};

	REPLAY(twice, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_UNKNOWN_UNMAP], 1);
	assert_int_equal(replay_find(&replay, RULE_UNKNOWN_UNMAP)->severity, SEVERITY_WARNING);
	REPLAY(from_before, 2, &replay);
	assert_int_equal(replay.nr_findings, 0);
}

static void test_mapping_leak(void **state)
{
	const struct step steps[] = {MAP_4K, UNMAP_4K, MAP(0, VA + MIB2, PAGE, PHYS),
				     MAPPED(0, VA + MIB2)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_MAPPING_LEAK], 1);
	assert_int_equal(replay_find(&replay, RULE_MAPPING_LEAK)->va, VA + MIB2);
	assert_int_equal(replay_find(&replay, RULE_MAPPING_LEAK)->severity, SEVERITY_NOTE);
	assert_false(replay.summary.fails);
}

/* Where pmd_set_huge()'s return is not known, it may have refused. */
static void test_return_missing(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     MAP_4K,
				     UNMAP_4K,
				     PURGE_4K,
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_UNKNOWN),
				     MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_false(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
	assert_true(finding_has_doubt(replay_find(&replay, RULE_UNSAFE_PROMOTION),
				      DOUBT_RETURN_MISSING));
	assert_true(
		finding_has_doubt(replay_find(&replay, RULE_ORPHANED_TABLE), DOUBT_RETURN_MISSING));
	assert_int_equal(replay.gap[GAP_NO_RETURNS], 1);
}

/* A loss counts between the evidence and the verdict, and not before it. */
static void test_losses(void **state)
{
	const struct step between[] = {FREE(1, 1), MAP_4K,     UNMAP_4K,
				       PURGE_4K,   LOST(1, 7), TLBI(1, "vaale1is", GIB_VA),
				       MAP_2M};
	const struct step before[] = {FREE(1, 1), LOST(1, 7), TLBI(1, "vaale1is", GIB_VA),
				      MAP_4K,	  UNMAP_4K,   PURGE_4K,
				      MAP_2M};

	REPLAY(between, 2, &replay);
	assert_false(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
	assert_true(
		finding_has_doubt(replay_find(&replay, RULE_UNSAFE_PROMOTION), DOUBT_EVENTS_LOST));
	assert_int_equal(replay.gap[GAP_EVENTS_LOST], 1);
	REPLAY(before, 2, &replay);
	assert_true(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
	assert_true(replay_find(&replay, RULE_ORPHANED_TABLE)->certain);
}

/* A CPU whose part of the buffer was overwritten shows that only with its first event. */
static void test_late_start(void **state)
{
	const struct step reuse[] = {
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = GIB_VA, .in_flush = true},
		MAP_4K,
		UNMAP_4K,
		MAP_4K,
		LATE_START(1),
		TLBI(1, "vaale1is", GIB_VA)};
	const struct step promotion[] = {FREE(0, 1), MAP_4K,	    UNMAP_4K,	PURGE_4K,
					 MAP_2M,     LATE_START(1), FREE(1, 1), UNMAP(0, VA)};
	const struct step later[] = {LATE_START(1), FREE(1, 1), MAP_4K, UNMAP_4K, PURGE_4K, MAP_2M};

	REPLAY(reuse, 2, &replay);
	assert_null(replay_find(&replay, RULE_STALE_REUSE));
	assert_int_equal(replay.gap[GAP_UNJUDGED], 1);
	REPLAY(promotion, 2, &replay);
	assert_false(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
	assert_true(
		finding_has_doubt(replay_find(&replay, RULE_UNSAFE_PROMOTION), DOUBT_EVENTS_LOST));
	REPLAY(later, 2, &replay);
	assert_true(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
}

/* Nothing that matters: no verdict. */
static void test_nothing(void **state)
{
	const struct step steps[] = {FREE(0, 1)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.gap[GAP_NO_EVENTS], 1);
}

/* What perf was told to leave out. */
static void test_partial(void **state)
{
	const struct step steps[] = {MAP_4K};
	const struct capture_info sampled = {.kind = "test", .is_sampled = true};
	const struct capture_info some_tasks = {.kind = "test", .of_some_tasks = true};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.gap[GAP_SAMPLED], 0);
	assert_int_equal(replay.gap[GAP_SOME_TASKS], 0);
	replay_capture(steps, 3, 2, &sampled, &replay);
	assert_int_equal(replay.gap[GAP_SAMPLED], 1);
	replay_capture(steps, 3, 2, &some_tasks, &replay);
	assert_int_equal(replay.gap[GAP_SOME_TASKS], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stale_reuse),    cmocka_unit_test(test_site_seen_later),
		cmocka_unit_test(test_block_reuse),    cmocka_unit_test(test_demotion),
		cmocka_unit_test(test_guard_page),     cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_unmap_twice),    cmocka_unit_test(test_mapping_leak),
		cmocka_unit_test(test_return_missing), cmocka_unit_test(test_losses),
		cmocka_unit_test(test_late_start),     cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_partial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
