/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an orphan's page frame is known from, and what the page allocator says of it later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

/* The linear map and the table of traces/linux-4.14/: pmdp ffff80007fffd228 in the table at 0xbfffd000. */
#define PMDP UINT64_C(0xffff80007fffd228)
#define PMD_TABLE UINT64_C(0xbfffd)
#define LINEAR_OFFSET UINT64_C(0xffff7fffc0000000)

#define VA UINT64_C(0xffff000008a00000)
#define GIB UINT64_C(0x40000000)
#define GIB_VA(n) (UINT64_C(0xffff000040000000) + (n)*GIB)
#define PHYS UINT64_C(0x8000001000)
#define BLOCK_PHYS UINT64_C(0x8000400000)
#define GIB_PHYS UINT64_C(0x8040000000)
#define TABLE_PFN UINT64_C(0xb4d16)
#define TABLE_DESC UINT64_C(0xb4d16003)

enum {
	PAGE = 0x1000,
	MIB2 = 0x200000
};

static struct replay replay;

static const struct finding_table *orphan(uint32_t number)
{
	const struct finding *finding = replay_find(&replay, RULE_ORPHANED_TABLE);

	assert_non_null(finding);
	assert_true(number < finding->nr_tables);
	return &replay.table[finding - replay.finding][number];
}

/* A PMD entry that is looked at by a function which is given its address only. */
#define LOOK(va_, entry_)                                                                          \
	{                                                                                          \
		.kind = EVENT_BLOCK_CLEAR, .level = KERNEL_PMD, .va = (va_), .entry = (entry_),    \
		.done = DONE_NO                                                                    \
	}

static void test_linear_map(void **state)
{
	const struct step steps[] = {
		FREE(1, 1),
		/* Two tables of which the frame and an entry's address are known. */
		TABLE(0, KERNEL_PUD, GIB_VA(0), PMD_TABLE), LOOK(GIB_VA(0), PMDP),
		TABLE(0, KERNEL_PUD, GIB_VA(1), PMD_TABLE + 5), LOOK(GIB_VA(1), PMDP + 5 * PAGE),
		/* One from before the capture, of which only an address is known. */
		LOOK(GIB_VA(2), PMDP - 7 * PAGE), MAP(0, GIB_VA(2), GIB, GIB_PHYS),
		BLOCK(0, KERNEL_PUD, GIB_VA(2), GIB_PHYS, DONE_YES), MAPPED(0, GIB_VA(2))};
	const struct step one_is_not_enough[] = {FREE(1, 1),
						 TABLE(0, KERNEL_PUD, GIB_VA(0), PMD_TABLE),
						 LOOK(GIB_VA(0), PMDP),
						 LOOK(GIB_VA(2), PMDP - 7 * PAGE),
						 MAP(0, GIB_VA(2), GIB, GIB_PHYS),
						 BLOCK(0, KERNEL_PUD, GIB_VA(2), GIB_PHYS,
						       DONE_YES),
						 MAPPED(0, GIB_VA(2))};

	assert_int_equal((PMDP & -(uint64_t)PAGE) - (PMD_TABLE << 12), LINEAR_OFFSET);
	REPLAY(steps, 2, &replay);
	assert_int_equal(orphan(0)->pa_source, PA_LINEAR_MAP);
	assert_int_equal(orphan(0)->pa, (PMD_TABLE - 7) << 12);
	REPLAY(one_is_not_enough, 2, &replay);
	assert_int_equal(orphan(0)->pa_source, PA_UNKNOWN);
}

/* The frame that was worked out is watched as any other. */
static void test_linear_map_and_free(void **state)
{
	const struct step steps[] = {
		FREE(1, 1),
		TABLE(0, KERNEL_PUD, GIB_VA(0), PMD_TABLE),
		LOOK(GIB_VA(0), PMDP),
		TABLE(0, KERNEL_PUD, GIB_VA(1), PMD_TABLE + 5),
		LOOK(GIB_VA(1), PMDP + 5 * PAGE),
		LOOK(GIB_VA(2), PMDP - 7 * PAGE),
		MAP(0, GIB_VA(2), GIB, GIB_PHYS),
		BREAK(0, KERNEL_PUD, GIB_VA(2)),
		{.kind = EVENT_TLBI, .op = "vaae1is", .va = GIB_VA(2), .in_break = true},
		FREE(0, PMD_TABLE - 7),
		BROKEN(0, KERNEL_PUD, GIB_VA(2), DONE_YES),
		BLOCK(0, KERNEL_PUD, GIB_VA(2), GIB_PHYS, DONE_YES),
		MAPPED(0, GIB_VA(2))};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
}

#define ORIGINAL                                                                                   \
	FREE(1, 1), MAP(0, VA, PAGE, PHYS), TABLE(0, KERNEL_PMD, VA, TABLE_PFN), MAPPED(0, VA),    \
		UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE), TLBI(0, "vaae1is", VA),                      \
		MAP(0, VA, MIB2, BLOCK_PHYS), BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),      \
		MAPPED(0, VA)

/* Whoever frees the frame, however late: the page was not lost. */
static void test_freed_later(void **state)
{
	const struct step by_another[] = {ORIGINAL, TLBI(0, "vaae1is", VA), FREE(1, 7), FREE(1, 8),
					  FREE(1, TABLE_PFN)};
	/* It left the allocator once more: it must have come back to it, unseen. */
	const struct step given_out[] = {ORIGINAL,
					 TLBI(0, "vaae1is", VA),
					 {.kind = EVENT_PAGE_ALLOC, .cpu = 1, .pfn = TABLE_PFN}};
	const struct step of_another_frame[] = {ORIGINAL, TLBI(0, "vaae1is", VA),
						FREE(1, TABLE_PFN + 1)};

	REPLAY(by_another, 2, &replay);
	assert_null(replay_find(&replay, RULE_ORPHANED_TABLE));
	assert_null(replay_find(&replay, RULE_EARLY_FREE));
	assert_non_null(replay_find(&replay, RULE_UNSAFE_PROMOTION));
	assert_int_equal(replay.summary.orphaned_pages, 0);
	REPLAY(given_out, 2, &replay);
	assert_null(replay_find(&replay, RULE_ORPHANED_TABLE));
	REPLAY(of_another_frame, 2, &replay);
	assert_int_equal(orphan(0)->pa, TABLE_PFN << 12);
	assert_int_equal(orphan(0)->pa_source, PA_ALLOCATION);
}

/* Freed after all, but before the walk caches were invalidated: no leak, but too early. */
static void test_freed_too_early(void **state)
{
	const struct step steps[] = {ORIGINAL, FREE(1, TABLE_PFN), TLBI(0, "vaae1is", VA)};

	REPLAY(steps, 2, &replay);
	assert_null(replay_find(&replay, RULE_ORPHANED_TABLE));
	assert_non_null(replay_find(&replay, RULE_EARLY_FREE));
	assert_int_equal(replay_find(&replay, RULE_EARLY_FREE)->cause, CAUSE_NO_BREAK);
}

/* Freed while its entry was valid; after a loss, the entry may have got another table meanwhile. */
static void test_freed_live(void **state)
{
#define LIVE                                                                                       \
	FREE(1, 1), MAP(0, VA, PAGE, PHYS), TABLE(0, KERNEL_PMD, VA, TABLE_PFN), MAPPED(0, VA),    \
		UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE), TLBI(0, "vaale1is", VA),                     \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vaae1is", .va = GIB_VA(2), .in_break = true             \
	}
#define MAP_AGAIN MAP(0, VA, PAGE, PHYS), MAPPED(0, VA)
#define ELSEWHERE BREAK(0, KERNEL_PMD, GIB_VA(2)), BROKEN(0, KERNEL_PMD, GIB_VA(2), DONE_YES)
	const struct step steps[] = {ELSEWHERE, LIVE, MAP_AGAIN, FREE(1, TABLE_PFN)};
	const struct step not_probed[] = {LIVE, MAP_AGAIN, FREE(1, TABLE_PFN)};
	const struct step site_later[] = {
		MAP(0, VA, PAGE, PHYS),
		TABLE(0, KERNEL_PMD, VA, TABLE_PFN),
		MAPPED(0, VA),
		UNMAP(0, VA),
		CLEAR(0, VA, 2 * PAGE),
		/* A purge's invalidates no entry that was broken. */
		{.kind = EVENT_TLBI, .op = "vaae1is", .va = VA, .in_flush = true},
		FREE(0, TABLE_PFN),
		{.kind = EVENT_TLBI, .op = "vaae1is", .va = VA, .in_break = true}};
	const struct step lossy[] = {LIVE, LOST(1, 3), TLBI(1, "vaae1is", VA), MAP_AGAIN,
				     FREE(1, TABLE_PFN)};

	REPLAY(steps, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_EARLY_FREE));
	assert_true(replay_find(&replay, RULE_EARLY_FREE)->certain);
	/* The call that clears the entry is not probed: it may have been cleared all the same. */
	REPLAY(not_probed, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_EARLY_FREE));
	assert_false(replay_find(&replay, RULE_EARLY_FREE)->certain);
	/* The function's first invalidation comes after the free. */
	REPLAY(site_later, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_EARLY_FREE));
	assert_false(replay_find(&replay, RULE_EARLY_FREE)->certain);
	REPLAY(lossy, 2, &replay);
	assert_null(replay_find(&replay, RULE_EARLY_FREE));
	assert_int_equal(replay.summary.unjudged, 1);
}

/* The entry was read, and holds another table: how the first went was not seen. */
static void test_another_table(void **state)
{
	const struct step steps[] = {LIVE,
				     {.kind = EVENT_BLOCK_CLEAR,
				      .level = KERNEL_PMD,
				      .va = VA,
				      .done = DONE_NO,
				      .has_old = true,
				      .old = (TABLE_PFN + 1) << 12 | 3},
				     FREE(1, TABLE_PFN)};

	REPLAY(steps, 2, &replay);
	assert_null(replay_find(&replay, RULE_EARLY_FREE));
}

/* A descriptor that a probe read is better than the allocation that was seen. */
static void test_descriptor(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     MAP(0, VA, PAGE, PHYS),
				     TABLE(0, KERNEL_PMD, VA, TABLE_PFN + 1),
				     MAPPED(0, VA),
				     UNMAP(0, VA),
				     MAP(0, VA, MIB2, BLOCK_PHYS),
				     {.kind = EVENT_BLOCK,
				      .level = KERNEL_PMD,
				      .va = VA,
				      .pa = BLOCK_PHYS,
				      .prot = PROT_DEVICE,
				      .done = DONE_YES,
				      .has_old = true,
				      .old = TABLE_DESC},
				     MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(orphan(0)->pa, TABLE_PFN << 12);
	assert_int_equal(orphan(0)->pa_source, PA_DESCRIPTOR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linear_map),  cmocka_unit_test(test_linear_map_and_free),
		cmocka_unit_test(test_freed_later), cmocka_unit_test(test_freed_too_early),
		cmocka_unit_test(test_freed_live),  cmocka_unit_test(test_another_table),
		cmocka_unit_test(test_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
