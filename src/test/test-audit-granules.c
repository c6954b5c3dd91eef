/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The original sequence and its fix on every geometry that Linux has: levels, block sizes and page frames
 * as in the Arm ARM's tables for the granule, worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)

#define TABLE_PFN UINT64_C(0xb4d1)
#define PHYS UINT64_C(0x8000000000)
#define BLOCK_PHYS UINT64_C(0x9000000000)

static const struct {
	uint32_t granule, va_bits;
	uint64_t va;	/* in vmalloc, aligned to a block */
	uint64_t block; /* size of what pmd_set_huge() stores */
	uint64_t table_pa;
} kernels[] = {
	{KIB(4), 39, 0xffffffc008a00000, MIB(2), 0xb4d1000},
	{KIB(4), 48, 0xffff800008a00000, MIB(2), 0xb4d1000},
	{KIB(4), 52, 0xffff800080a00000, MIB(2), 0xb4d1000},
	{KIB(16), 36, 0xfffffff80a000000, MIB(32), 0x2d344000},
	{KIB(16), 47, 0xffffc0000a000000, MIB(32), 0x2d344000},
	{KIB(16), 48, 0xffff80000a000000, MIB(32), 0x2d344000},
	{KIB(16), 52, 0xffffc0000a000000, MIB(32), 0x2d344000},
	{KIB(64), 42, 0xfffffe0020000000, MIB(512), 0xb4d10000},
	{KIB(64), 48, 0xffff800020000000, MIB(512), 0xb4d10000},
	{KIB(64), 52, 0xffff800020000000, MIB(512), 0xb4d10000},
};

static struct replay replay;

static void run(size_t kernel, const struct step *steps, size_t count)
{
	const struct replay_settings settings = {
		.nr_cpus = 2,
		.granule = kernels[kernel].granule,
		.va_bits = kernels[kernel].va_bits,
	};

	replay_with(steps, count, &settings, &replay);
}

static void test_original(void **state)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		const uint64_t va = kernels[i].va, page = kernels[i].granule,
			       block = kernels[i].block;
		const struct step steps[] = {FREE(1, 1),
					     MAP(0, va, page, PHYS),
					     TABLE(0, KERNEL_PMD, va, TABLE_PFN),
					     MAPPED(0, va),
					     UNMAP(0, va),
					     CLEAR(0, va, 2 * page),
					     TLBI(0, "vaale1is", va),
					     TLBI(0, "vaale1is", va + page),
					     MAP(0, va, block, BLOCK_PHYS),
					     BLOCK(0, KERNEL_PMD, va, BLOCK_PHYS, DONE_YES),
					     MAPPED(0, va)};

		run(i, steps, sizeof(steps) / sizeof(steps[0]));
		assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 2);
		assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->va, va);
		assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->end, va + block);
		assert_int_equal(replay_find(&replay, RULE_UNSAFE_PROMOTION)->level, 2);
		assert_true(replay_find(&replay, RULE_UNSAFE_PROMOTION)->certain);
		assert_int_equal(
			replay.table[replay_find(&replay, RULE_ORPHANED_TABLE) - replay.finding][0]
				.pa,
			kernels[i].table_pa);
		assert_int_equal(replay.summary.orphaned_bytes, page);
	}
}

static void test_fixed(void **state)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		const uint64_t va = kernels[i].va, page = kernels[i].granule,
			       block = kernels[i].block;
		const struct step steps[] = {
			FREE(1, 1),
			MAP(0, va, page, PHYS),
			TABLE(0, KERNEL_PMD, va, TABLE_PFN),
			MAPPED(0, va),
			UNMAP(0, va),
			CLEAR(0, va, 2 * page),
			TLBI(0, "vaale1is", va),
			TLBI(0, "vaale1is", va + page),
			MAP(0, va, block, BLOCK_PHYS),
			BREAK(0, KERNEL_PMD, va),
			{.kind = EVENT_TLBI, .op = "vaae1is", .va = va, .in_break = true},
			FREE(0, TABLE_PFN),
			BROKEN(0, KERNEL_PMD, va, DONE_YES),
			BLOCK(0, KERNEL_PMD, va, BLOCK_PHYS, DONE_YES),
			MAPPED(0, va)};

		run(i, steps, sizeof(steps) / sizeof(steps[0]));
		assert_int_equal(replay.summary.by_severity[SEVERITY_ERROR], 0);
		assert_int_equal(replay.summary.safe_promotions, 1);
	}
}

/* One TLBI for each page, and a page is as large as the granule: a step of 4K misses the others. */
static void test_flush_of_pages(void **state)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		const uint64_t va = kernels[i].va, page = kernels[i].granule;
		const struct step steps[] = {
			MAP(0, va, 3 * page, PHYS),
			MAPPED(0, va),
			UNMAP(0, va),
			CLEAR(0, va, 4 * page),
			{.kind = EVENT_TLBI, .op = "vaale1is", .va = va, .in_flush = true},
			{.kind = EVENT_TLBI,
			 .op = "vaale1is",
			 .va = va + 2 * page,
			 .in_flush = true},
			MAP(0, va, 3 * page, PHYS)};

		run(i, steps, sizeof(steps) / sizeof(steps[0]));
		assert_int_equal(replay.summary.by_rule[RULE_STALE_REUSE], 1);
		assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->va, va + page);
		assert_int_equal(replay_find(&replay, RULE_STALE_REUSE)->end, va + 2 * page);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_original),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_flush_of_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
