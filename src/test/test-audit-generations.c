/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kernels do inside the traced functions, by generation, where only the calls were traced, or only
 * some of what is inside: none of it may look like an orphan, and what is one must be found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#define VA UINT64_C(0xffff800008a00000)
#define GIB_VA UINT64_C(0xffff800040000000)
#define PHYS UINT64_C(0x8000001000)
#define BLOCK_PHYS UINT64_C(0x8000400000)
#define GIB_PHYS UINT64_C(0x8040000000)
#define PMD_TABLE UINT64_C(0xbfffd)
#define PTE_TABLE_0 UINT64_C(0xb4d16)
#define PTE_TABLE_1 UINT64_C(0xb4d17)

enum {
	PAGE = 0x1000,
	MIB2 = 0x200000,
	GIB = 0x40000000
};

static struct replay replay;

/* Two tables of pages below one of blocks, emptied. */
#define SUBTREE_OF(pmd_pfn, pte_0_pfn, pte_1_pfn)                                                  \
	MAP(0, GIB_VA, PAGE, PHYS), TABLE(0, KERNEL_PUD, GIB_VA, pmd_pfn),                         \
		TABLE(0, KERNEL_PMD, GIB_VA, pte_0_pfn), MAPPED(0, GIB_VA),                        \
		MAP(0, GIB_VA + MIB2, PAGE, PHYS), TABLE(0, KERNEL_PMD, GIB_VA + MIB2, pte_1_pfn), \
		MAPPED(0, GIB_VA + MIB2), UNMAP(0, GIB_VA), CLEAR(0, GIB_VA, 2 * PAGE),            \
		UNMAP(0, GIB_VA + MIB2), CLEAR(0, GIB_VA + MIB2, 2 * PAGE)
#define SUBTREE SUBTREE_OF(PMD_TABLE, PTE_TABLE_0, PTE_TABLE_1)
#define UNKNOWN_SUBTREE SUBTREE_OF(0, 0, 0)
#define PURGED                                                                                     \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vmalle1is", .in_flush = true                            \
	}
#define MAP_GIB MAP(0, GIB_VA, GIB, GIB_PHYS)
#define STORE_GIB BLOCK(0, KERNEL_PUD, GIB_VA, GIB_PHYS, DONE_YES), MAPPED(0, GIB_VA)
#define IN_BREAK(va_)                                                                              \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vaae1is", .va = (va_), .in_break = true                 \
	}

static void assert_safe(uint64_t promotions)
{
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	assert_int_equal(replay.summary.safe_promotions, promotions);
}

/* 6.1: pmd_free_pte_page() is inlined into pud_free_pmd_page(), and nothing but calls was traced. */
static void test_pud_calls_only(void **state)
{
	const struct step steps[] = {UNKNOWN_SUBTREE, MAP_GIB, BREAK(0, KERNEL_PUD, GIB_VA),
				     BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES), STORE_GIB};
	const struct step with_frames[] = {SUBTREE, MAP_GIB, BREAK(0, KERNEL_PUD, GIB_VA),
					   BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES), STORE_GIB};

	REPLAY(steps, 2, &replay);
	assert_safe(1);
	REPLAY(with_frames, 2, &replay);
	assert_safe(1);
}

/* Page frees were traced as well: all three, in either order of 4.19 and 6.18. */
static void test_pud_calls_and_frees(void **state)
{
	const struct step old[] = {FREE(1, 1),
				   SUBTREE,
				   MAP_GIB,
				   BREAK(0, KERNEL_PUD, GIB_VA),
				   FREE(0, PTE_TABLE_0),
				   FREE(0, PTE_TABLE_1),
				   FREE(0, PMD_TABLE),
				   BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES),
				   STORE_GIB};

	REPLAY(old, 2, &replay);
	assert_safe(1);
}

/* One of them was not freed: that one is lost. */
static void test_pud_forgets_a_table(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     SUBTREE,
				     PURGED,
				     MAP_GIB,
				     BREAK(0, KERNEL_PUD, GIB_VA),
				     IN_BREAK(GIB_VA),
				     FREE(0, PTE_TABLE_0),
				     IN_BREAK(GIB_VA + MIB2),
				     IN_BREAK(GIB_VA),
				     FREE(0, PMD_TABLE),
				     BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES),
				     STORE_GIB};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 1);
	assert_int_equal(replay.summary.orphaned_pages, 1);
	assert_int_equal(
		replay.table[replay_find(&replay, RULE_ORPHANED_TABLE) - replay.finding][0].pa,
		PTE_TABLE_1 << 12);
	assert_int_equal(replay_find(&replay, RULE_ORPHANED_TABLE)->cause, CAUSE_NOT_FREED);
}

/* 6.12: the inner function has a symbol of its own, and comes first. */
static void test_pud_inner_calls(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     SUBTREE,
				     PURGED,
				     MAP_GIB,
				     BREAK(0, KERNEL_PUD, GIB_VA),
				     BREAK(0, KERNEL_PMD, GIB_VA),
				     IN_BREAK(GIB_VA),
				     FREE(0, PTE_TABLE_0),
				     BROKEN(0, KERNEL_PMD, GIB_VA, DONE_YES),
				     BREAK(0, KERNEL_PMD, GIB_VA + MIB2),
				     IN_BREAK(GIB_VA + MIB2),
				     FREE(0, PTE_TABLE_1),
				     BROKEN(0, KERNEL_PMD, GIB_VA + MIB2, DONE_YES),
				     IN_BREAK(GIB_VA),
				     FREE(0, PMD_TABLE),
				     BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES),
				     STORE_GIB};
	/* Their returns were not traced. */
	const struct step no_returns[] = {SUBTREE,
					  PURGED,
					  MAP_GIB,
					  BREAK(0, KERNEL_PUD, GIB_VA),
					  BREAK(0, KERNEL_PMD, GIB_VA),
					  IN_BREAK(GIB_VA),
					  BREAK(0, KERNEL_PMD, GIB_VA + MIB2),
					  IN_BREAK(GIB_VA + MIB2),
					  IN_BREAK(GIB_VA),
					  BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES),
					  STORE_GIB};

	REPLAY(steps, 2, &replay);
	assert_safe(1);
	REPLAY(no_returns, 2, &replay);
	assert_safe(1);
}

/* 4.6 - 4.15, and any kernel without the break: each page of the subtree is lost, with or without frames. */
static void test_pud_subtree(void **state)
{
	const struct step steps[] = {FREE(1, 1), SUBTREE, PURGED, MAP_GIB, STORE_GIB};
	const struct step unknown[] = {FREE(1, 1), UNKNOWN_SUBTREE, PURGED, MAP_GIB, STORE_GIB};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_UNSAFE_PROMOTION], 1);
	assert_int_equal(replay.summary.orphaned_pages, 3);
	assert_int_equal(replay.summary.orphaned_bytes, 3 * PAGE);
	REPLAY(unknown, 2, &replay);
	assert_int_equal(replay.summary.orphaned_pages, 3);
}

/* 4.16 - 4.18 and 4.9.y: both gates say only whether the entry is empty. */
static void test_gates(void **state)
{
	const struct step over_table[] = {FREE(1, 1),
					  SUBTREE,
					  PURGED,
					  MAP_GIB,
					  BREAK(0, KERNEL_PUD, GIB_VA),
					  BROKEN(0, KERNEL_PUD, GIB_VA, DONE_NO),
					  MAPPED(0, GIB_VA)};
	const struct step over_nothing[] = {MAP(0, VA, MIB2, BLOCK_PHYS), BREAK(0, KERNEL_PMD, VA),
					    BROKEN(0, KERNEL_PMD, VA, DONE_YES),
					    BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
					    MAPPED(0, VA)};

	REPLAY(over_table, 2, &replay);
	assert_safe(0);
	REPLAY(over_nothing, 2, &replay);
	assert_safe(0);
	assert_int_equal(replay.gap[GAP_UNKNOWN_ENTRIES], 0);
}

/* A gate that has shown itself as one is one where its return is missing, too: the table is still there. */
static void test_gate_without_return(void **state)
{
	const struct step steps[] = {FREE(1, 1),
				     SUBTREE,
				     PURGED,
				     MAP(0, GIB_VA, MIB2, BLOCK_PHYS),
				     BREAK(0, KERNEL_PMD, GIB_VA),
				     BROKEN(0, KERNEL_PMD, GIB_VA, DONE_NO),
				     MAPPED(0, GIB_VA),
				     UNMAP(0, GIB_VA),
				     MAP(0, GIB_VA + MIB2, MIB2, BLOCK_PHYS),
				     BREAK(0, KERNEL_PMD, GIB_VA + MIB2),
				     BROKEN(0, KERNEL_PMD, GIB_VA + MIB2, DONE_UNKNOWN),
				     BLOCK(0, KERNEL_PMD, GIB_VA + MIB2, BLOCK_PHYS, DONE_YES),
				     MAPPED(0, GIB_VA + MIB2)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->cause, CAUSE_NO_BREAK);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->va, GIB_VA + MIB2);
	assert_int_equal(replay.summary.orphaned_pages, 1);
}

/* To 4.19 a flush of a range removes table entries, too: seen of one purge, it holds of the others. */
static void test_flushes_of_tables(void **state)
{
#define PURGE_TLBI(op_)                                                                            \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = (op_), .va = VA, .in_flush = true                        \
	}
#define FLUSH_CALL                                                                                 \
	{                                                                                          \
		.kind = EVENT_FLUSH, .symbol = "flush_tlb_kernel_range", .va = GIB_VA,             \
		.end = GIB_VA + MIB2, .done = DONE_YES                                             \
	}
#define CLEARED_AND_FREED(op_)                                                                     \
	PURGE_TLBI(op_), WRITE(0, KERNEL_PMD, GIB_VA, UINT64_C(0xb4d16003)),                       \
		WRITE(0, KERNEL_PMD, GIB_VA, 0), FLUSH_CALL, FREE(0, PTE_TABLE_0)
	const struct step old[] = {CLEARED_AND_FREED("vaae1is")};
	const struct step new[] = {CLEARED_AND_FREED("vaale1is")};

	REPLAY(old, 2, &replay);
	assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
	REPLAY(new, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_EARLY_FREE], 1);
}

/* pmd_set_huge() with pmdp only, in 2 GiB: index 69 is of two addresses, of which one has a table. */
static void test_several_addresses(void **state)
{
#define SOMEWHERE                                                                                  \
	{                                                                                          \
		.kind = EVENT_BLOCK, .level = KERNEL_PMD, .entry = UINT64_C(0xffff00007fffd228),   \
		.within_va = GIB_VA, .within_end = GIB_VA + 2 * (uint64_t)GIB,                     \
		.prot = PROT_DEVICE, .done = DONE_YES                                              \
	}
	const uint64_t second = GIB_VA + GIB + 69 * (uint64_t)MIB2;
	const struct step over_table[] = {FREE(1, 1),
					  MAP(0, second, PAGE, PHYS),
					  TABLE(0, KERNEL_PMD, second, PTE_TABLE_0),
					  MAPPED(0, second),
					  UNMAP(0, second),
					  CLEAR(0, second, 2 * PAGE),
					  PURGED,
					  SOMEWHERE};
	const struct step over_nothing[] = {FREE(1, 1), PURGED, SOMEWHERE};

	REPLAY(over_table, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->va, second);
	assert_false(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->reason[0].doubt,
			 DOUBT_VA_UNSURE);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->reason[0].event[0].order, 8);
	assert_false(replay_find(&replay, RULE_ORPHANED_TABLE)->certain);
	assert_int_equal(replay.gap[GAP_UNPLACED], 1);
	REPLAY(over_nothing, 2, &replay);
	assert_int_equal(replay.nr_findings, 0);
	assert_int_equal(replay.gap[GAP_UNPLACED], 1);
}

/* 6.1 and later: vmalloc maps blocks, too, with no ioremap in sight. */
static void test_vmalloc_blocks(void **state)
{
#define VMALLOC(size_)                                                                             \
	{                                                                                          \
		.kind = EVENT_MAP, .va = VA, .end = VA + (size_), .prot = PROT_DEVICE              \
	}
	const struct step fixed[] = {
		FREE(1, 1),
		VMALLOC(PAGE),
		TABLE(0, KERNEL_PMD, VA, PTE_TABLE_0),
		MAPPED(0, VA),
		CLEAR(0, VA, PAGE),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_flush = true},
		VMALLOC(MIB2),
		BREAK(0, KERNEL_PMD, VA),
		IN_BREAK(VA),
		FREE(0, PTE_TABLE_0),
		BROKEN(0, KERNEL_PMD, VA, DONE_YES),
		BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		MAPPED(0, VA)};
	const struct step unfixed[] = {
		FREE(1, 1),
		VMALLOC(PAGE),
		TABLE(0, KERNEL_PMD, VA, PTE_TABLE_0),
		MAPPED(0, VA),
		CLEAR(0, VA, PAGE),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_flush = true},
		VMALLOC(MIB2),
		BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		MAPPED(0, VA)};

	REPLAY(fixed, 2, &replay);
	assert_safe(1);
	REPLAY(unfixed, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_UNSAFE_PROMOTION));
	assert_int_equal(replay.summary.orphaned_pages, 1);
}

/*
 * vunmap() clears, and the purge flushes later, of which only the call was traced: that counts from its
 * return on, and not where it says that there was nothing to do.
 */
static void test_purge_later(void **state)
{
#define MAP_4K MAP(0, VA, PAGE, PHYS), MAPPED(0, VA)
#define UNMAP_4K UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE)
#define PURGE_CALL(done_)                                                                          \
	{                                                                                          \
		.kind = EVENT_FLUSH, .symbol = "__purge_vmap_area_lazy", .done = (done_)           \
	}
	/* Elsewhere TLBIs are traced. */
	const struct step purged[] = {TLBI(1, "vaale1is", GIB_VA), MAP_4K, UNMAP_4K,
				      PURGE_CALL(DONE_YES), MAP_4K};
	const struct step nothing_done[] = {TLBI(1, "vaale1is", GIB_VA), MAP_4K, UNMAP_4K,
					    PURGE_CALL(DONE_NO), MAP_4K};

	REPLAY(purged, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_STALE_REUSE], 0);
	assert_true(replay.facts.nr_flushes_assumed > 0);
	assert_int_equal(replay.gap[GAP_FLUSHES_ASSUMED], 1);
	REPLAY(nothing_done, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_STALE_REUSE], 1);
}

/* A page freed too early by what the function's call and the page allocator say. */
static void test_assumed_is_said(void **state)
{
	/* TLBIs are traced, and the function issued one of the last level only. */
	const struct step steps[] = {
		MAP(0, VA, PAGE, PHYS),
		TABLE(0, KERNEL_PMD, VA, 0),
		MAPPED(0, VA),
		UNMAP_4K,
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_flush = true},
		MAP(0, VA, MIB2, BLOCK_PHYS),
		BREAK(0, KERNEL_PMD, VA),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_break = true},
		BROKEN(0, KERNEL_PMD, VA, DONE_YES),
		BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_EARLY_FREE)->evidence, EVIDENCE_ASSUMED);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->cause, CAUSE_LAST_LEVEL_ONLY);
	assert_null(replay_find(&replay, RULE_ORPHANED_TABLE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pud_calls_only),
		cmocka_unit_test(test_pud_calls_and_frees),
		cmocka_unit_test(test_pud_forgets_a_table),
		cmocka_unit_test(test_pud_inner_calls),
		cmocka_unit_test(test_pud_subtree),
		cmocka_unit_test(test_gates),
		cmocka_unit_test(test_gate_without_return),
		cmocka_unit_test(test_flushes_of_tables),
		cmocka_unit_test(test_several_addresses),
		cmocka_unit_test(test_vmalloc_blocks),
		cmocka_unit_test(test_purge_later),
		cmocka_unit_test(test_assumed_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
