/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kernels do, as events: the sequences that must give findings, and those that must not, with the
 * certainty that each may have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay-original.h"

static struct replay replay;

/* The report that all of this began with: Linux 4.14, ioremap 4K, iounmap, ioremap 2M. */
static void test_original(void **state)
{
	const struct step steps[] = {FREE(1, 1), MAP_4K,   UNMAP_4K, PURGE_4K,
				     MAP_2M,	 UNMAP_2M, PURGE_4K};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.nr_findings, 2);
	const struct finding *promotion = replay_find(&replay, RULE_UNSAFE_PROMOTION);
	const struct finding *orphan = replay_find(&replay, RULE_ORPHANED_TABLE);

	assert_non_null(promotion);
	assert_non_null(orphan);
	assert_true(promotion->certain);
	assert_true(orphan->certain);
	assert_int_equal(promotion->cause, CAUSE_NO_BREAK);
	assert_int_equal(promotion->evidence, EVIDENCE_REPLAYED);
	assert_int_equal(promotion->before, TABLE_DESC);
	assert_int_equal(promotion->after, UINT64_C(0xe8008000400705));
	/* Both VAAE1IS of the purge, as one run, before the break. */
	assert_int_equal(promotion->nr_invalidations, 1);
	assert_int_equal(promotion->invalidation[0].run.count, 2);
	assert_int_equal(promotion->invalidation[0].effect, TLBI_BEFORE_BREAK);
	assert_true(promotion->closed);
	assert_int_equal(orphan->nr_tables, 1);
	assert_int_equal(replay.table[orphan - replay.finding][0].pa, TABLE_PFN << 12);
	assert_int_equal(replay.table[orphan - replay.finding][0].level, 3);
	assert_int_equal(replay.summary.unsafe_promotions, 1);
	assert_int_equal(replay.summary.safe_promotions, 0);
	assert_true(replay.summary.fails);
}

/* Without any TLBI in the capture the same is possible only, and the coverage says why. */
static void test_original_without_tlbi(void **state)
{
	const struct step steps[] = {FREE(1, 1), MAP_4K, UNMAP_4K, MAP_2M, UNMAP_2M};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.nr_findings, 2);
	for (uint32_t i = 0; i < 2; i++) {
		assert_false(replay.finding[i].certain);
		assert_true(finding_has_doubt(&replay.finding[i], DOUBT_TLBI_UNTRACED));
	}
	assert_int_equal(replay.gap[GAP_TLBI_UNTRACED], 1);
}

/* Nothing says that pmd_free_pte_page() was traced, nor where the page went: possible. */
static void test_original_without_frees(void **state)
{
	const struct step steps[] = {MAP(0, VA, PAGE, PHYS),
				     TABLE(0, KERNEL_PMD, VA, 0),
				     MAPPED(0, VA),
				     UNMAP_4K,
				     PURGE_4K,
				     MAP_2M};

	REPLAY(steps, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_UNSAFE_PROMOTION));
	assert_false(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
	assert_true(finding_has_doubt(replay_find(&replay, RULE_UNSAFE_PROMOTION),
				      DOUBT_BREAK_UNTRACED));
	assert_non_null(replay_find(&replay, RULE_ORPHANED_TABLE));
}

/* The old descriptor was fetched when pmd_set_huge() was entered: nothing is left to doubt. */
static void test_original_observed(void **state)
{
	const struct step steps[] = {
		TLBI(1, "vaae1is", GIB_VA),
		LOST(0, 10),
		MAP(0, VA, MIB2, BLOCK_PHYS),
		{.kind = EVENT_BLOCK,
		 .level = KERNEL_PMD,
		 .va = VA,
		 .pa = BLOCK_PHYS,
		 .prot = PROT_DEVICE,
		 .done = DONE_YES,
		 .has_old = true,
		 .old = TABLE_DESC},
		MAPPED(0, VA),
	};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.nr_findings, 3); /* and the mapping, live at the end */
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->evidence, EVIDENCE_OBSERVED);
	assert_true(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
	assert_true(replay_find(&replay, RULE_ORPHANED_TABLE)->certain);
	assert_int_equal(replay_find(&replay, RULE_ORPHANED_TABLE)->nr_tables, 1);
}

/* A table that was there before the capture shows by a page that is mapped below it. */
static void test_table_from_before(void **state)
{
	const struct step steps[] = {
		FREE(1, 1), MAP(0, VA, PAGE, PHYS), MAPPED(0, VA), UNMAP_4K, PURGE_4K, MAP_2M};

	REPLAY(steps, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_UNSAFE_PROMOTION));
	assert_non_null(replay_find(&replay, RULE_ORPHANED_TABLE));
	assert_int_equal(replay_find(&replay, RULE_ORPHANED_TABLE)->nr_tables, 1);
	assert_int_equal(replay.table[replay_find(&replay, RULE_ORPHANED_TABLE) - replay.finding][0]
				 .pa_source,
			 PA_UNKNOWN);
}

/* Linux 4.16: pmd_set_huge() refuses; the caller maps pages. */
static void test_refused(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     MAP_4K,
				     UNMAP_4K,
				     PURGE_4K,
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_NO),
				     MAPPED(0, VA),
				     UNMAP_2M,
				     PURGE_4K};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.refused_promotions, 1);
}

/* Linux 4.16 - 4.18: pmd_free_pte_page() does nothing but say that the entry is in use. */
static void test_gated(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     MAP_4K,
				     UNMAP_4K,
				     PURGE_4K,
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     BREAK(0, KERNEL_PMD, VA),
				     BROKEN(0, KERNEL_PMD, VA, DONE_NO),
				     MAPPED(0, VA),
				     UNMAP_2M,
				     PURGE_4K,
				     MAP_4K,
				     UNMAP_4K};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
}

#define BREAK_TLBI(va_)                                                                            \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vaae1is", .va = (va_), .in_break = true                 \
	}

/* Linux 4.19 and later. */
static void test_fixed(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     MAP_4K,
				     UNMAP_4K,
				     LAST_LEVEL_PURGE,
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     BREAK(0, KERNEL_PMD, VA),
				     BREAK_TLBI(VA),
				     FREE(0, TABLE_PFN),
				     BROKEN(0, KERNEL_PMD, VA, DONE_YES),
				     BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
				     MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.safe_promotions, 1);
}

/* The same, seen only by its calls: what the function is known to do is taken as done. */
static void test_fixed_without_tlbi(void **state)
{
	const struct step steps[] = {MAP_4K,
				     UNMAP_4K,
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     BREAK(0, KERNEL_PMD, VA),
				     BROKEN(0, KERNEL_PMD, VA, DONE_YES),
				     BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
				     MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.safe_promotions, 1);
	assert_true(replay.facts.nr_flushes_assumed > 0);
}

/* The same, with pmd_free_pte_page() not traced: its TLBI and its page free show. */
static void test_fixed_without_break(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     MAP_4K,
				     UNMAP_4K,
				     LAST_LEVEL_PURGE,
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     TLBI(0, "vaae1is", VA),
				     FREE(0, TABLE_PFN),
				     BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
				     MAPPED(0, VA)};
	const struct step no_frees[] = {MAP_4K,
					UNMAP_4K,
					LAST_LEVEL_PURGE,
					MAP(0, VA, MIB2, BLOCK_PHYS),
					TLBI(0, "vaae1is", VA),
					BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
					MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.safe_promotions, 1);
	REPLAY(no_frees, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.safe_promotions, 1);
}

/* A backport that clears and frees but invalidates the last level only. */
static void test_bad_backport(void **state)
{
	const struct step steps[] = {
		FREE(1, 1),
		MAP_4K,
		UNMAP_4K,
		LAST_LEVEL_PURGE,
		MAP(0, VA, MIB2, BLOCK_PHYS),
		BREAK(0, KERNEL_PMD, VA),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_break = true},
		FREE(0, TABLE_PFN),
		BROKEN(0, KERNEL_PMD, VA, DONE_YES),
		BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_EARLY_FREE)->cause, CAUSE_LAST_LEVEL_ONLY);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->cause, CAUSE_LAST_LEVEL_ONLY);
	assert_true(replay_find(&replay, RULE_EARLY_FREE)->certain);
	assert_null(replay_find(&replay, RULE_ORPHANED_TABLE));
}

/* Two tables of pages below one of blocks, as 1 GiB at GIB_VA has them. */
#define SUBTREE                                                                                    \
	MAP(0, GIB_VA, PAGE, PHYS), TABLE(0, KERNEL_PUD, GIB_VA, 0xbfffd),                         \
		TABLE(0, KERNEL_PMD, GIB_VA, 0xb4d16), MAPPED(0, GIB_VA),                          \
		MAP(0, GIB_VA + MIB2, PAGE, PHYS), TABLE(0, KERNEL_PMD, GIB_VA + MIB2, 0xb4d17),   \
		MAPPED(0, GIB_VA + MIB2), UNMAP(0, GIB_VA), UNMAP(0, GIB_VA + MIB2),               \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vmalle1is", .in_flush = true                            \
	}
#define GIB_PHYS UINT64_C(0x8040000000)

/* A PUD block over a subtree, unfixed: every table of it is lost. */
static void test_pud_orphans(void **state)
{
	const struct step steps[] = {FREE(1, 1), SUBTREE, MAP(0, GIB_VA, GIB, GIB_PHYS),
				     BLOCK(0, KERNEL_PUD, GIB_VA, GIB_PHYS, DONE_YES),
				     MAPPED(0, GIB_VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->level, 1);
	assert_int_equal(replay.summary.by_rule[RULE_UNSAFE_PROMOTION], 1);
	assert_int_equal(replay.summary.by_rule[RULE_ORPHANED_TABLE], 1);
	assert_int_equal(replay_find(&replay, RULE_ORPHANED_TABLE)->nr_tables, 3);
	assert_int_equal(replay.summary.orphaned_pages, 3);
	assert_int_equal(
		replay.table[replay_find(&replay, RULE_ORPHANED_TABLE) - replay.finding][0].pa,
		UINT64_C(0xbfffd000));
}

/* pud_free_pmd_page() of 4.19 - 6.17: below first; the inner function's calls do not show. */
static void test_pud_fixed(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     SUBTREE,
				     MAP(0, GIB_VA, GIB, GIB_PHYS),
				     BREAK(0, KERNEL_PUD, GIB_VA),
				     BREAK_TLBI(GIB_VA),
				     FREE(0, 0xb4d16),
				     BREAK_TLBI(GIB_VA + MIB2),
				     FREE(0, 0xb4d17),
				     BREAK_TLBI(GIB_VA),
				     FREE(0, 0xbfffd),
				     BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES),
				     BLOCK(0, KERNEL_PUD, GIB_VA, GIB_PHYS, DONE_YES),
				     MAPPED(0, GIB_VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.safe_promotions, 1);
}

/* ... and of 6.18, which clears the PUD first. */
static void test_pud_fixed_6_18(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     SUBTREE,
				     MAP(0, GIB_VA, GIB, GIB_PHYS),
				     BREAK(0, KERNEL_PUD, GIB_VA),
				     BREAK_TLBI(GIB_VA),
				     BREAK(0, KERNEL_PMD, GIB_VA),
				     BREAK_TLBI(GIB_VA),
				     FREE(0, 0xb4d16),
				     BROKEN(0, KERNEL_PMD, GIB_VA, DONE_YES),
				     BREAK(0, KERNEL_PMD, GIB_VA + MIB2),
				     BREAK_TLBI(GIB_VA + MIB2),
				     FREE(0, 0xb4d17),
				     BROKEN(0, KERNEL_PMD, GIB_VA + MIB2, DONE_YES),
				     FREE(0, 0xbfffd),
				     BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES),
				     BLOCK(0, KERNEL_PUD, GIB_VA, GIB_PHYS, DONE_YES),
				     MAPPED(0, GIB_VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.safe_promotions, 1);
}

/* pud_free_pmd_page() not traced: its TLBIs and frees must not look like orphans. */
static void test_pud_fixed_without_break(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     SUBTREE,
				     MAP(0, GIB_VA, GIB, GIB_PHYS),
				     TLBI(0, "vaae1is", GIB_VA),
				     FREE(0, 0xb4d16),
				     TLBI(0, "vaae1is", GIB_VA + MIB2),
				     FREE(0, 0xb4d17),
				     TLBI(0, "vaae1is", GIB_VA),
				     FREE(0, 0xbfffd),
				     BLOCK(0, KERNEL_PUD, GIB_VA, GIB_PHYS, DONE_YES),
				     MAPPED(0, GIB_VA)};
	const struct step no_frees[] = {SUBTREE,
					MAP(0, GIB_VA, GIB, GIB_PHYS),
					TLBI(0, "vaae1is", GIB_VA),
					TLBI(0, "vaae1is", GIB_VA + MIB2),
					TLBI(0, "vaae1is", GIB_VA),
					BLOCK(0, KERNEL_PUD, GIB_VA, GIB_PHYS, DONE_YES),
					MAPPED(0, GIB_VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	REPLAY(no_frees, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
}

/* A vendor's fix that stores first, then invalidates and frees: no leak, but no break either. */
static void test_freed_late(void **state)
{
	const struct step steps[] = {FREE(1, 1),	MAP_4K, UNMAP_4K,
				     PURGE_4K,		MAP_2M, TLBI(0, "vaae1is", VA),
				     FREE(0, TABLE_PFN)};

	REPLAY(steps, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_UNSAFE_PROMOTION));
	assert_null(replay_find(&replay, RULE_ORPHANED_TABLE));
	assert_null(replay_find(&replay, RULE_EARLY_FREE));
}

/* Two CPUs allocate for one entry: the loser frees its page at once. */
static void test_race(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     MAP(0, VA, PAGE, PHYS),
				     MAP(1, VA + PAGE, PAGE, PHYS),
				     {.kind = EVENT_TABLE,
				      .cpu = 1,
				      .level = KERNEL_PMD,
				      .va = VA,
				      .pfn = 0x777,
				      .table_lost = true,
				      .done = DONE_YES},
				     TABLE(0, KERNEL_PMD, VA, TABLE_PFN),
				     FREE(1, 0x777),
				     MAPPED(0, VA),
				     MAPPED(1, VA + PAGE),
				     UNMAP(0, VA),
				     UNMAP(1, VA + PAGE),
				     PURGE_4K,
				     MAP_2M};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_ORPHANED_TABLE], 1);
	assert_int_equal(
		replay.table[replay_find(&replay, RULE_ORPHANED_TABLE) - replay.finding][0].pa,
		TABLE_PFN << 12);
	assert_null(replay_find(&replay, RULE_EARLY_FREE));
}

/* Another CPU maps below the new table before the one that made it has returned. */
static void test_race_seen_first(void **state)
{
	struct step steps[] = {FREE(1, 1),
			       TLBI(1, "vaae1is", GIB_VA),
			       MAP(0, VA, PAGE, PHYS),
			       MAP(1, VA + PAGE, PAGE, PHYS),
			       MAPPED(1, VA + PAGE),
			       TABLE(0, KERNEL_PMD, VA, TABLE_PFN),
			       MAPPED(0, VA),
			       UNMAP(0, VA),
			       UNMAP(1, VA + PAGE),
			       PURGE_4K,
			       MAP_2M};

	/* The call came before all of that; the event came with its return. */
	steps[5].order = 3;
	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_UNSAFE_PROMOTION], 1);
	assert_int_equal(replay.summary.by_rule[RULE_ORPHANED_TABLE], 1);
	assert_int_equal(
		replay.table[replay_find(&replay, RULE_ORPHANED_TABLE) - replay.finding][0].pa,
		TABLE_PFN << 12);
}

/* A break of what is from before the capture: not a finding, and nothing left unknown. */
static void test_fixed_from_before(void **state)
{
	const struct step steps[] = {TLBI(1, "vaale1is", GIB_VA),
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     BREAK(0, KERNEL_PMD, VA),
				     BREAK_TLBI(VA),
				     BROKEN(0, KERNEL_PMD, VA, DONE_YES),
				     BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
				     MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.gap[GAP_UNKNOWN_ENTRIES], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_original),
		cmocka_unit_test(test_original_without_tlbi),
		cmocka_unit_test(test_original_without_frees),
		cmocka_unit_test(test_original_observed),
		cmocka_unit_test(test_table_from_before),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_gated),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_fixed_without_tlbi),
		cmocka_unit_test(test_fixed_without_break),
		cmocka_unit_test(test_bad_backport),
		cmocka_unit_test(test_pud_orphans),
		cmocka_unit_test(test_pud_fixed),
		cmocka_unit_test(test_pud_fixed_6_18),
		cmocka_unit_test(test_pud_fixed_without_break),
		cmocka_unit_test(test_freed_late),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_race_seen_first),
		cmocka_unit_test(test_fixed_from_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
