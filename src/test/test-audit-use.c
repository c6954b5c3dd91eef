/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How mapped memory is used: one range mapped with two memory types, accesses to what was unmapped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#define VA UINT64_C(0xffff800008a00000)
#define VA2 UINT64_C(0xffff800009c00000)
#define PHYS UINT64_C(0x8000400000)

/* pgprot_t of Linux 6.1 by AttrIndx ([4:2]): PROT_DEVICE_nGnRE has 4, Normal-NC 2, Normal 0. */
#define PROT(index) (UINT64_C(0x68000000000703) | (uint64_t)(index) << 2)

enum {
	PAGE = 0x1000,
	MIB2 = 0x200000
};

static struct replay replay;

#define MAP_AS(va_, size_, pa_, index_, symbol_)                                                   \
	{.kind = EVENT_MAP,                                                                        \
	 .va = (va_),                                                                              \
	 .end = (va_) + (size_),                                                                   \
	 .pa = (pa_),                                                                              \
	 .prot = PROT(index_),                                                                     \
	 .in_ioremap = true,                                                                       \
	 .symbol = (symbol_)},                                                                     \
		MAPPED(0, va_)
/* Shows that unmaps and range clears are traced. */
#define TRACED CLEAR(1, VA + 16 * MIB2, 2 * PAGE)

/* ioremap() and ioremap_wc() of one page of a larger range, on 6.1: certain. */
static void test_alias(void **state)
{
	const struct step steps[] = {TRACED, MAP_AS(VA, 4 * PAGE, PHYS, 4, "ioremap_prot"),
				     MAP_AS(VA2, PAGE, PHYS + 2 * PAGE, 2, "ioremap_prot")};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_ALIAS_ATTRIBUTES], 1);
	const struct finding *alias = replay_find(&replay, RULE_ALIAS_ATTRIBUTES);

	assert_int_equal(alias->severity, SEVERITY_WARNING);
	assert_true(alias->certain);
	assert_int_equal(alias->va, VA2);
	assert_int_equal(alias->end, VA2 + PAGE);
	assert_int_equal(alias->old_memory_type, MEMORY_DEVICE_NGNRE);
	assert_int_equal(alias->new_memory_type, MEMORY_NORMAL_NC);
	assert_false(replay.summary.fails);
}

/* The same type twice, neighbours, one after the other, unknown attributes: nothing. */
static void test_no_alias(void **state)
{
	const struct step same[] = {TRACED, MAP_AS(VA, 4 * PAGE, PHYS, 4, "ioremap_prot"),
				    MAP_AS(VA2, PAGE, PHYS + PAGE, 4, "ioremap_prot")};
	const struct step neighbours[] = {TRACED, MAP_AS(VA, PAGE, PHYS, 4, "ioremap_prot"),
					  MAP_AS(VA2, PAGE, PHYS + PAGE, 2, "ioremap_prot")};
	const struct step sequel[] = {TRACED, MAP_AS(VA, PAGE, PHYS, 4, "ioremap_prot"),
				      UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE),
				      MAP_AS(VA2, PAGE, PHYS, 2, "ioremap_prot")};
	const struct step failed[] = {
		TRACED,
		MAP_AS(VA, PAGE, PHYS, 4, "ioremap_prot"),
		{.kind = EVENT_MAP, .va = VA2, .end = VA2 + PAGE, .pa = PHYS, .prot = PROT(2)},
		{.kind = EVENT_MAP_END, .va = VA2, .done = DONE_NO}};
	/* Of the first mapping only the other page is left. */
	const struct step partly[] = {TRACED, MAP_AS(VA, 2 * PAGE, PHYS, 4, "ioremap_prot"),
				      CLEAR(0, VA, PAGE),
				      MAP_AS(VA2, PAGE, PHYS, 2, "ioremap_prot")};
	/* No unmap was ever seen: the first one may be long gone. */
	const struct step untraced[] = {MAP_AS(VA, PAGE, PHYS, 4, "ioremap_prot"),
					MAP_AS(VA2, PAGE, PHYS, 2, "ioremap_prot")};
	const struct step lossy[] = {TRACED, MAP_AS(VA, PAGE, PHYS, 4, "ioremap_prot"), LOST(1, 3),
				     MAP_AS(VA2, PAGE, PHYS, 2, "ioremap_prot")};

	REPLAY(same, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
	REPLAY(neighbours, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
	REPLAY(sequel, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
	REPLAY(failed, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
	REPLAY(partly, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
	REPLAY(untraced, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
	REPLAY(lossy, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
	assert_int_equal(replay.gap[GAP_UNJUDGED], 1);
}

/* The half of the first mapping that is left still counts; and a mapping over it takes it away. */
static void test_alias_parts(void **state)
{
	const struct step rest[] = {TRACED, MAP_AS(VA, 2 * PAGE, PHYS, 4, "ioremap_prot"),
				    CLEAR(0, VA, PAGE),
				    MAP_AS(VA2, 2 * PAGE, PHYS, 2, "ioremap_prot")};
	const struct step covered[] = {TRACED, MAP_AS(VA, PAGE, PHYS, 4, "ioremap_prot"),
				       MAP_AS(VA, PAGE, PHYS + MIB2, 4, "ioremap_prot"),
				       MAP_AS(VA2, PAGE, PHYS, 2, "ioremap_prot")};

	REPLAY(rest, 2, &replay);
	assert_int_equal(replay_find(&replay, RULE_ALIAS_ATTRIBUTES)->va, VA2 + PAGE);
	assert_int_equal(replay_find(&replay, RULE_ALIAS_ATTRIBUTES)->end, VA2 + 2 * PAGE);
	REPLAY(covered, 2, &replay);
	assert_non_null(replay_find(&replay, RULE_OVERLAP));
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
}

/*
 * AttrIndx 0 and 1: Device-nGnRnE and -nGnRE to Linux 5.9, Normal and Normal-Tagged since.  Which
 * kernel it is, functions and other mappings may tell later.
 */
static void test_alias_generations(void **state)
{
#define PAIR TRACED, MAP_AS(VA, PAGE, PHYS, 0, ""), MAP_AS(VA2, PAGE, PHYS, 1, "")
	/* ioremap() itself asks for 1 in old kernels only; vmap_pfn() and the like may for more. */
#define OF_NOBODY(va_, index_)                                                                     \
	{.kind = EVENT_MAP, .va = (va_), .end = (va_) + PAGE, .pa = PHYS, .prot = PROT(index_)},   \
		MAPPED(0, va_)
	const struct step old[] = {PAIR};
	const struct step unknown[] = {TRACED, OF_NOBODY(VA, 0), OF_NOBODY(VA2, 1)};
	const struct step tagged[] = {TRACED,
				      OF_NOBODY(VA, 0),
				      OF_NOBODY(VA2, 1),
				      {.kind = EVENT_CLEAR,
				       .va = VA,
				       .end = VA + PAGE,
				       .symbol = "__vunmap_range_noflush"}};

	REPLAY(old, 2, &replay);
	assert_true(replay_find(&replay, RULE_ALIAS_ATTRIBUTES)->certain);
	assert_int_equal(replay_find(&replay, RULE_ALIAS_ATTRIBUTES)->old_memory_type,
			 MEMORY_DEVICE_NGNRNE);
	REPLAY(unknown, 2, &replay);
	assert_false(replay_find(&replay, RULE_ALIAS_ATTRIBUTES)->certain);
	assert_true(finding_has_doubt(replay_find(&replay, RULE_ALIAS_ATTRIBUTES),
				      DOUBT_MEMORY_TYPE_UNKNOWN));
	assert_int_equal(replay_find(&replay, RULE_ALIAS_ATTRIBUTES)->old_memory_type,
			 MEMORY_UNKNOWN);
	REPLAY(tagged, 2, &replay);
	assert_null(replay_find(&replay, RULE_ALIAS_ATTRIBUTES));
}

#define MAP_4K MAP(0, VA, PAGE, PHYS), MAPPED(0, VA)
#define UNMAP_4K UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE)

/* A timer that outlives its driver: one finding, all accesses counted. */
static void test_access(void **state)
{
	const struct step steps[] = {
		MAP_4K,
		ACCESS(0, VA + 8),
		UNMAP_4K,
		{.kind = EVENT_ACCESS, .cpu = 1, .va = VA + 8, .end = VA + 12, .is_write = true},
		ACCESS(1, VA + 16),
		ACCESS(1, VA + 8)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.summary.by_rule[RULE_ACCESS_AFTER_UNMAP], 1);
	const struct finding *access = replay_find(&replay, RULE_ACCESS_AFTER_UNMAP);

	assert_int_equal(access->severity, SEVERITY_ERROR);
	assert_true(access->certain);
	assert_int_equal(access->va, VA + 8);
	assert_int_equal(access->end, VA + 12);
	assert_true(access->access_is_write);
	assert_int_equal(access->nr_accesses, 3);
	assert_int_equal(access->last_access.order, 8);
	assert_true(replay.summary.fails);
}

/* Of an address that was mapped again, or never seen being mapped, or with losses: nothing. */
static void test_no_access(void **state)
{
	const struct step again[] = {MAP_4K,
				     UNMAP_4K,
				     {.kind = EVENT_TLBI, .op = "vmalle1is"},
				     MAP_4K,
				     ACCESS(0, VA + 8)};
	const struct step never[] = {ACCESS(0, VA), UNMAP(0, VA), ACCESS(0, VA)};
	const struct step guard[] = {MAP_4K, UNMAP_4K, ACCESS(0, VA + PAGE)};
	const struct step lossy[] = {MAP_4K, UNMAP_4K, LOST(0, 1), ACCESS(1, VA)};

	REPLAY(again, 2, &replay);
	assert_null(replay_find(&replay, RULE_ACCESS_AFTER_UNMAP));
	REPLAY(never, 2, &replay);
	assert_int_equal(replay.nr_findings, 0);
	REPLAY(guard, 2, &replay);
	assert_null(replay_find(&replay, RULE_ACCESS_AFTER_UNMAP));
	REPLAY(lossy, 2, &replay);
	assert_null(replay_find(&replay, RULE_ACCESS_AFTER_UNMAP));
	assert_int_equal(replay.gap[GAP_UNJUDGED], 1);
}

/* arch/arm64/include/asm/memory.h: MT_* of v5.4, v5.10, v5.15. */
static void test_memory_types(void **state)
{
	assert_int_equal(mmu_memory_type(MAIR_4_9, 0), MEMORY_DEVICE_NGNRNE);
	assert_int_equal(mmu_memory_type(MAIR_4_9, 1), MEMORY_DEVICE_NGNRE);
	assert_int_equal(mmu_memory_type(MAIR_4_9, 3), MEMORY_NORMAL_NC);
	assert_int_equal(mmu_memory_type(MAIR_4_9, 4), MEMORY_NORMAL);
	assert_int_equal(mmu_memory_type(MAIR_5_10, 4), MEMORY_DEVICE_NGNRNE);
	assert_int_equal(mmu_memory_type(MAIR_5_10, 5), MEMORY_DEVICE_NGNRE);
	assert_int_equal(mmu_memory_type(MAIR_5_10, 2), MEMORY_NORMAL_NC);
	assert_int_equal(mmu_memory_type(MAIR_5_10, 0), MEMORY_NORMAL);
	assert_int_equal(mmu_memory_type(MAIR_5_15, 3), MEMORY_DEVICE_NGNRNE);
	assert_int_equal(mmu_memory_type(MAIR_5_15, 4), MEMORY_DEVICE_NGNRE);
	assert_int_equal(mmu_memory_type(MAIR_5_15, 2), MEMORY_NORMAL_NC);
	assert_int_equal(mmu_memory_type(MAIR_5_15, 1), MEMORY_NORMAL_TAGGED);
	/* 2 is Normal-NC in two of them; 4 is something else in each. */
	assert_int_equal(mmu_memory_type(MAIR_5_10 | MAIR_5_15, 2), MEMORY_NORMAL_NC);
	assert_int_equal(mmu_memory_type(MAIR_ANY, 4), MEMORY_UNKNOWN);
	/* Whatever 3 and 4 are, they are two things. */
	assert_int_equal(mmu_memory_mismatch(MAIR_ANY, 3, 4), MISMATCH_CERTAIN);
	assert_int_equal(mmu_memory_mismatch(MAIR_ANY, 0, 1), MISMATCH_UNKNOWN);
	assert_int_equal(mmu_memory_mismatch(MAIR_5_15, 0, 1), MISMATCH_NONE);
}

/* A wrong bit in its size does not make a mapping of most of the address space, table by table. */
static void test_damaged_size(void **state)
{
	const uint64_t start = UINT64_C(0xffff000000000000), size = UINT64_C(1) << 46;
	const struct step steps[] = {TRACED, MAP(0, start, size, PHYS + PAGE), MAPPED(0, start)};

	REPLAY(steps, 2, &replay);
	assert_int_equal(replay.nr_findings, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_size),	  cmocka_unit_test(test_alias),
		cmocka_unit_test(test_no_alias),	  cmocka_unit_test(test_alias_parts),
		cmocka_unit_test(test_alias_generations), cmocka_unit_test(test_access),
		cmocka_unit_test(test_no_access),	  cmocka_unit_test(test_memory_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
