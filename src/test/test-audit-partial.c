/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures that have only some of the probes: what is not seen must make no finding certain that may be
 * false, and no capture clean that cannot be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

/* Linux 6.1, 4K pages. */
#define VA UINT64_C(0xffff800008600000)
#define ELSEWHERE UINT64_C(0xffff800020000000)
#define PHYS UINT64_C(0x8000a01000)
#define BLOCK_PHYS UINT64_C(0x8000c00000)
#define TABLE_PFN UINT64_C(0x4aa5e)

enum {
	PAGE = 0x1000,
	MIB2 = 0x200000
};

static struct replay replay;

static uint32_t count_errors(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < replay.nr_findings; i++)
		count += replay.finding[i].severity == SEVERITY_ERROR;
	return count;
}

static bool is_doubted_only_for(const struct finding *finding, enum audit_doubt doubt)
{
	return !finding->certain && finding->nr_reasons == 1 && finding->reason[0].doubt == doubt;
}

#define MAP_4K MAP(0, VA, PAGE, PHYS), TABLE(0, KERNEL_PMD, VA, TABLE_PFN), MAPPED(0, VA)
#define UNMAP_4K UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE)
#define FLUSH_TLBI(op_, va_)                                                                       \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = (op_), .va = (va_), .in_flush = true                     \
	}
#define PURGED(done_)                                                                              \
	{                                                                                          \
		.kind = EVENT_FLUSH, .symbol = "__purge_vmap_area_lazy", .done = (done_)           \
	}

/*
 * __purge_vmap_area_lazy() has two sites, and one of them is not probed: that it returned true says that it
 * flushed.  Without its return nothing says so.
 */
static void a_purge_with_a_site_that_is_not_probed(void **state)
{
	const struct step told[] = {FLUSH_TLBI("vaale1is", ELSEWHERE), MAP_4K, UNMAP_4K,
				    PURGED(DONE_YES), MAP_4K};
	const struct step not_told[] = {FLUSH_TLBI("vaale1is", ELSEWHERE), MAP_4K, UNMAP_4K,
					PURGED(DONE_UNKNOWN), MAP_4K};

	REPLAY(told, 2, &replay);
	assert_int_equal(count_errors(), 0);
	assert_int_equal(replay.gap[GAP_FLUSHES_ASSUMED], 1);
	REPLAY(not_told, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_STALE_REUSE));
}

/* It gives addresses back before it returns, and what it removes but leaves it does not say. */
static void what_a_purge_without_its_site_leaves_open(void **state)
{
	const struct step during[] = {FLUSH_TLBI("vaale1is", ELSEWHERE),
				      MAP_4K,
				      UNMAP_4K,
				      MAP_4K,
				      {.kind = EVENT_FLUSH,
				       .symbol = "__purge_vmap_area_lazy",
				       .cpu = 1,
				       .order = 6,
				       .done = DONE_YES}};
	const struct step tables[] = {
		FLUSH_TLBI("vaale1is", ELSEWHERE),
		MAP_4K,
		UNMAP_4K,
		MAP(0, VA, MIB2, BLOCK_PHYS),
		BREAK(0, KERNEL_PMD, VA),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_break = true},
		PURGED(DONE_YES),
		BROKEN(0, KERNEL_PMD, VA, DONE_YES),
		BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		MAPPED(0, VA)};

	REPLAY(during, 2, &replay);
	assert_true(
		is_doubted_only_for(replay_find(&replay, RULE_STALE_REUSE), DOUBT_SITE_UNTRACED));
	REPLAY(tables, 2, &replay);
	assert_true(is_doubted_only_for(replay_find(&replay, RULE_UNSAFE_PROMOTION),
					DOUBT_SITE_UNTRACED));
}

/* Flushes of few pages have a site of their own, which was never seen. */
static void only_flushes_of_everything_were_seen(void **state)
{
	const struct step everything[] = {FLUSH_TLBI("vmalle1is", 0), MAP_4K, UNMAP_4K, MAP_4K};
	const struct step both[] = {FLUSH_TLBI("vmalle1is", 0), MAP_4K, UNMAP_4K, MAP_4K,
				    FLUSH_TLBI("vaale1is", ELSEWHERE)};

	REPLAY(everything, 2, &replay);
	assert_true(
		is_doubted_only_for(replay_find(&replay, RULE_STALE_REUSE), DOUBT_SITE_UNTRACED));
	REPLAY(both, 2, &replay);
	assert_true(replay_find(&replay, RULE_STALE_REUSE)->certain);
}

/* vunmap_range_noflush() alone, of a percpu chunk: it is flushed from a site that no purge has. */
static void areas_that_others_flush(void **state)
{
#define PERCPU                                                                                     \
	{                                                                                          \
		.kind = EVENT_MAP, .va = VA, .end = VA + PAGE, .pages_only = true                  \
	}
	const struct step percpu[] = {FLUSH_TLBI("vaale1is", ELSEWHERE), PERCPU, MAPPED(0, VA),
				      CLEAR(0, VA, PAGE), PERCPU};
	const struct step vfree[] = {FLUSH_TLBI("vaale1is", ELSEWHERE),
				     PERCPU,
				     MAPPED(0, VA),
				     UNMAP(0, VA),
				     CLEAR(0, VA, 2 * PAGE),
				     PERCPU};

	REPLAY(percpu, 2, &replay);
	assert_true(
		is_doubted_only_for(replay_find(&replay, RULE_STALE_REUSE), DOUBT_SITE_UNTRACED));
	REPLAY(vfree, 2, &replay);
	assert_true(replay_find(&replay, RULE_STALE_REUSE)->certain);
}

/* DSBs are probed in one function: the TLBIs of others have theirs all the same. */
static void barriers_of_one_function(void **state)
{
#define AT(function_) .symbol = function_ "+0x40"
	const struct step steps[] = {
		MAP_4K,
		UNMAP_4K,
		{.kind = EVENT_DSB, .op = "dsb_ishst", AT("pmd_free_pte_page")},
		{.kind = EVENT_TLBI, .op = "vaae1is", .va = ELSEWHERE, AT("pmd_free_pte_page")},
		{.kind = EVENT_DSB, .op = "dsb_ish", AT("pmd_free_pte_page")},
		{.kind = EVENT_TLBI,
		 .op = "vaale1is",
		 .va = VA,
		 AT("__purge_vmap_area_lazy"),
		 .in_flush = true},
		MAP_4K};
	const struct step its_own[] = {
		MAP_4K,
		UNMAP_4K,
		{.kind = EVENT_DSB, .op = "dsb_ishst", AT("__purge_vmap_area_lazy")},
		{.kind = EVENT_TLBI,
		 .op = "vaale1is",
		 .va = VA,
		 AT("__purge_vmap_area_lazy"),
		 .in_flush = true},
		MAP_4K};

	REPLAY(steps, 2, &replay);
	assert_int_equal(count_errors(), 0);
	REPLAY(its_own, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->cause, CAUSE_NO_DSB);
}

/*
 * The gate of 4.16 - 4.18, whose return is not probed, over a table.  Page frees are traced, and there is
 * none; or they are not, and that it was freed would be as much an assumption as that it was invalidated.
 */
static void a_gate_without_its_return(void **state)
{
	const struct step freed_pages[] = {FREE(1, 1),
					   MAP_4K,
					   UNMAP_4K,
					   FLUSH_TLBI("vaae1is", VA),
					   FLUSH_TLBI("vaae1is", VA + PAGE),
					   MAP(0, VA, MIB2, BLOCK_PHYS),
					   BREAK(0, KERNEL_PMD, VA),
					   BROKEN(0, KERNEL_PMD, VA, DONE_UNKNOWN),
					   MAPPED(0, VA)};
	const size_t count = sizeof(freed_pages) / sizeof(freed_pages[0]);

	/* Not probed either, what comes next seems to come from within. */
	const struct step next_purge[] = {FREE(1, 1),
					  MAP_4K,
					  UNMAP_4K,
					  FLUSH_TLBI("vaae1is", VA),
					  FLUSH_TLBI("vaae1is", VA + PAGE),
					  MAP(0, VA, MIB2, BLOCK_PHYS),
					  BREAK(0, KERNEL_PMD, VA),
					  FLUSH_TLBI("vaae1is", VA),
					  BROKEN(0, KERNEL_PMD, VA, DONE_UNKNOWN),
					  MAPPED(0, VA)};

	REPLAY(freed_pages, 2, &replay);
	assert_int_equal(count_errors(), 0);
	REPLAY(next_purge, 2, &replay);
	assert_int_equal(count_errors(), 0);
	replay_run(freed_pages + 1, count - 1, 2, &replay);
	assert_int_equal(count_errors(), 0);
}

/* The function was seen to invalidate: then that its page was not freed is a leak. */
static void a_break_without_free_and_without_its_return(void **state)
{
	const struct step steps[] = {
		FREE(1, 1),
		MAP_4K,
		UNMAP_4K,
		FLUSH_TLBI("vaale1is", VA),
		FLUSH_TLBI("vaale1is", VA + PAGE),
		MAP(0, VA, MIB2, BLOCK_PHYS),
		BREAK(0, KERNEL_PMD, VA),
		{.kind = EVENT_TLBI, .op = "vaae1is", .va = VA, .in_break = true},
		BROKEN(0, KERNEL_PMD, VA, DONE_UNKNOWN),
		BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(count_errors(), 1);
	assert_int_equal(replay_find(&replay, RULE_ORPHANED_TABLE)->cause, CAUSE_NOT_FREED);
}

/* The table's page came back to the allocator: how its entry was cleared was not seen. */
static void a_break_of_which_only_the_free_was_seen(void **state)
{
	const struct step unseen[] = {MAP_4K, UNMAP_4K, FLUSH_TLBI("vaale1is", VA),
				      FREE(0, TABLE_PFN)};
	const struct step seen[] = {MAP_4K, UNMAP_4K, FLUSH_TLBI("vaale1is", VA),
				    TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN)};

	REPLAY(unseen, 2, &replay);
	assert_int_equal(count_errors(), 0);
	assert_int_equal(replay.gap[GAP_UNSEEN_BREAKS], 1);
	REPLAY(seen, 2, &replay);
	assert_int_equal(count_errors(), 0);
	assert_int_equal(replay.gap[GAP_UNSEEN_BREAKS], 0);
}

/* Neither the table nor the end of the mapping was seen: that it is undone shows that its table is there. */
static void a_table_that_only_its_use_shows(void **state)
{
	const struct step steps[] = {
		MAP(0, VA, PAGE, PHYS),
		CLEAR(0, VA, 2 * PAGE),
		FLUSH_TLBI("vaale1is", VA),
		FLUSH_TLBI("vaale1is", VA + PAGE),
		MAP(0, VA, MIB2, BLOCK_PHYS),
		BREAK(0, KERNEL_PMD, VA),
		{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_break = true},
		BROKEN(0, KERNEL_PMD, VA, DONE_YES),
		BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		MAPPED(0, VA)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->cause, CAUSE_LAST_LEVEL_ONLY);
	assert_non_null(replay_find(&replay, RULE_EARLY_FREE));
}

/* 6.18: the PUD entry was cleared and invalidated; the inner function's TLBI is not probed. */
static void an_inner_site_that_is_not_probed(void **state)
{
#define GIB_VA UINT64_C(0xffff800040000000)
	const struct step steps[] = {
		FREE(1, 1),
		FLUSH_TLBI("vaale1is", ELSEWHERE),
		MAP(0, GIB_VA, PAGE, PHYS),
		TABLE(0, KERNEL_PUD, GIB_VA, TABLE_PFN + 1),
		TABLE(0, KERNEL_PMD, GIB_VA, TABLE_PFN),
		MAPPED(0, GIB_VA),
		CLEAR(0, GIB_VA, 2 * PAGE),
		FLUSH_TLBI("vmalle1is", 0),
		BREAK(0, KERNEL_PUD, GIB_VA),
		{.kind = EVENT_TLBI, .op = "vaae1is", .va = GIB_VA, .in_break = true},
		BREAK(0, KERNEL_PMD, GIB_VA),
		FREE(0, TABLE_PFN),
		BROKEN(0, KERNEL_PMD, GIB_VA, DONE_YES),
		FREE(0, TABLE_PFN + 1),
		BROKEN(0, KERNEL_PUD, GIB_VA, DONE_YES)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(count_errors(), 0);
}

/* Whether a mapping that a block fits in was made with one, only pmd_set_huge() tells. */
static void blocks_that_are_not_probed(void **state)
{
	const struct step unknown[] = {MAP(0, VA, MIB2, BLOCK_PHYS), MAPPED(0, VA)};
	const struct step small[] = {MAP_4K};
	const struct step unaligned[] = {MAP(0, VA, MIB2, BLOCK_PHYS + PAGE), MAPPED(0, VA)};
	const struct step pages[] = {MAP(0, VA, MIB2, BLOCK_PHYS),
				     TABLE(0, KERNEL_PMD, VA, TABLE_PFN), MAPPED(0, VA)};
	const struct step probed[] = {MAP(0, VA, MIB2, BLOCK_PHYS),
				      BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
				      MAPPED(0, VA)};

	REPLAY(unknown, 2, &replay);
	assert_int_equal(replay.gap[GAP_BLOCK_SIZED], 1);
	REPLAY(small, 2, &replay);
	assert_int_equal(replay.gap[GAP_BLOCK_SIZED], 0);
	REPLAY(unaligned, 2, &replay);
	assert_int_equal(replay.gap[GAP_BLOCK_SIZED], 0);
	REPLAY(pages, 2, &replay);
	assert_int_equal(replay.gap[GAP_BLOCK_SIZED], 0);
	REPLAY(probed, 2, &replay);
	assert_int_equal(replay.gap[GAP_BLOCK_SIZED], 0);
}

static void mappings_that_are_not_probed(void **state)
{
	const struct step steps[] = {BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES)};
	const struct step unmap[] = {UNMAP_4K};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.gap[GAP_NO_MAP_PROBE], 1);
	REPLAY(unmap, 2, &replay);
	assert_int_equal(replay.gap[GAP_NO_MAP_PROBE], 0);
}

/* pmd_set_huge(), its return, and what it found there: which address that is of, nothing tells. */
static void only_the_entry_is_known(void **state)
{
#define SET_HUGE(old_, done_)                                                                      \
	{                                                                                          \
		.kind = EVENT_BLOCK, .level = KERNEL_PMD, .entry = 0xffff270dc256f218,             \
		.pa = BLOCK_PHYS, .prot = PROT_DEVICE, .has_old = true, .old = (old_),             \
		.done = (done_)                                                                    \
	}
	const struct step stored[] = {SET_HUGE(TABLE_PFN << 12 | 3, DONE_YES)};
	const struct step not_told[] = {SET_HUGE(TABLE_PFN << 12 | 3, DONE_UNKNOWN)};
	const struct step refused[] = {SET_HUGE(TABLE_PFN << 12 | 3, DONE_NO)};
	const struct step empty[] = {SET_HUGE(0, DONE_YES)};
	const struct finding *finding;

	REPLAY(stored, 2, &replay);
	finding = replay_find(&replay, RULE_UNSAFE_PROMOTION);
	assert_non_null(finding);
	assert_true(finding->certain);
	assert_int_equal(finding->evidence, EVIDENCE_OBSERVED);
	assert_int_equal(finding->entry, 0xffff270dc256f218);
	assert_int_equal(finding->before, TABLE_PFN << 12 | 3);
	assert_false(finding_has_va(finding));
	REPLAY(not_told, 2, &replay);
	assert_true(is_doubted_only_for(replay_find(&replay, RULE_UNSAFE_PROMOTION),
					DOUBT_RETURN_MISSING));
	REPLAY(refused, 2, &replay);
	assert_int_equal(count_errors(), 0);
	REPLAY(empty, 2, &replay);
	assert_int_equal(count_errors(), 0);
	assert_int_equal(replay.gap[GAP_UNPLACED], 1);
}

/* With another page size it is another entry; but two mappings overlap whatever that is. */
static void the_page_size_is_assumed(void **state)
{
	const struct step steps[] = {
		TLBI(0, "vaale1is", ELSEWHERE),
		MAP_4K,
		UNMAP_4K,
		MAP(0, VA, MIB2, BLOCK_PHYS),
		{.kind = EVENT_BLOCK,
		 .level = KERNEL_PMD,
		 .va = VA,
		 .pa = BLOCK_PHYS,
		 .prot = PROT_DEVICE,
		 .has_old = true,
		 .old = TABLE_PFN << 12 | 3,
		 .done = DONE_YES},
		MAPPED(0, VA),
		MAP(0, VA, MIB2, BLOCK_PHYS),
	};

	replay_with(steps, sizeof(steps) / sizeof(steps[0]),
		    &(struct replay_settings){.nr_cpus = 2, .geometry_is_assumed = true}, &replay);
	assert_true(is_doubted_only_for(replay_find(&replay, RULE_UNSAFE_PROMOTION),
					DOUBT_GEOMETRY_ASSUMED));
	assert_true(is_doubted_only_for(replay_find(&replay, RULE_ORPHANED_TABLE),
					DOUBT_GEOMETRY_ASSUMED));
	assert_true(replay_find(&replay, RULE_OVERLAP)->certain);
}

/*
 * Nothing is assumed of a purge whose call of flush_tlb_kernel_range() was recorded, nor of one that was seen to
 * call it before.
 */
static void a_purge_whose_call_is_probed(void **state)
{
#define CALLED(va_, end_)                                                                          \
	{                                                                                          \
		.kind = EVENT_FLUSH, .symbol = "__purge_vmap_area_lazy+0x2f8", .va = (va_),        \
		.end = (end_), .done = DONE_YES, .in_flush = true, .is_witnessed = true            \
	}
#define PURGE_CALLED                                                                               \
	{                                                                                          \
		.kind = EVENT_FLUSH, .symbol = "__purge_vmap_area_lazy", .done = DONE_UNKNOWN      \
	}
	const struct step covered[] = {MAP_4K, UNMAP_4K, CALLED(VA, VA + 2 * PAGE), MAP_4K};
	const struct step elsewhere[] = {MAP_4K, UNMAP_4K, CALLED(ELSEWHERE, ELSEWHERE + PAGE),
					 PURGE_CALLED, MAP_4K};

	REPLAY(covered, 2, &replay);
	assert_int_equal(count_errors(), 0);
	assert_int_equal(replay.gap[GAP_FLUSHES_ASSUMED], 0);
	REPLAY(elsewhere, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_STALE_REUSE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_purge_with_a_site_that_is_not_probed),
		cmocka_unit_test(what_a_purge_without_its_site_leaves_open),
		cmocka_unit_test(only_flushes_of_everything_were_seen),
		cmocka_unit_test(areas_that_others_flush),
		cmocka_unit_test(barriers_of_one_function),
		cmocka_unit_test(a_gate_without_its_return),
		cmocka_unit_test(a_break_without_free_and_without_its_return),
		cmocka_unit_test(a_break_of_which_only_the_free_was_seen),
		cmocka_unit_test(a_table_that_only_its_use_shows),
		cmocka_unit_test(an_inner_site_that_is_not_probed),
		cmocka_unit_test(blocks_that_are_not_probed),
		cmocka_unit_test(mappings_that_are_not_probed),
		cmocka_unit_test(only_the_entry_is_known),
		cmocka_unit_test(the_page_size_is_assumed),
		cmocka_unit_test(a_purge_whose_call_is_probed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
