/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each level of FEAT_BBM waives, and what it never does (Arm ARM, ID_AA64MMFR2_EL1.BBM; R_WHZWS,
 * R_PVTFW): every sequence with the findings at the levels 0, 1 and 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#define VA UINT64_C(0xffff000008a00000)
#define TABLE_PFN UINT64_C(0xb4d16)
#define TABLE_DESC UINT64_C(0xb4d16003)
#define BLOCK_DESC UINT64_C(0xe8008000400705)
#define NT (UINT64_C(1) << 16)
#define CONTIGUOUS (UINT64_C(1) << 52)
/* What the block translates, as pages: the first and the second one. */
#define PAGE_0 UINT64_C(0xe8008000400707)
#define PAGE_1 UINT64_C(0xe8008000401707)
#define PHYS UINT64_C(0x8000001000)
#define BLOCK_PHYS UINT64_C(0x8000400000)

enum {
	PAGE = 0x1000,
	MIB2 = 0x200000,
	LEVELS = 3,
	STEPS = 16
};

struct sequence {
	const char *name;
	struct step step[STEPS];
	enum audit_rule rule;
	uint32_t expected[LEVELS]; /* findings of that rule */
};

#define AFTERWARDS TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN)

static const struct sequence sequences[] = {
	{
		"table -> block, nothing known of the pages",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 AFTERWARDS},
		RULE_UNSAFE_PROMOTION,
		{1, 1, 0},
	},
	{
		"table -> block of the same pages",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PTE, VA, PAGE_0),
		 WRITE(0, KERNEL_PTE, VA + PAGE, PAGE_1), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 AFTERWARDS},
		RULE_UNSAFE_PROMOTION,
		{1, 1, 0},
	},
	{
		"table -> block of other pages: the output address changes",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PTE, VA, PAGE_0),
		 WRITE(0, KERNEL_PTE, VA + PAGE, PAGE_0), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 AFTERWARDS},
		RULE_UNSAFE_PROMOTION,
		{1, 1, 1},
	},
	{
		"table -> block of another memory type",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PTE, VA, PAGE_0 ^ 0xc),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), AFTERWARDS},
		RULE_UNSAFE_PROMOTION,
		{1, 1, 1},
	},
	{
		"table with an invalid page -> block: what comes faults where it is cached",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PTE, VA, PAGE_0),
		 WRITE(0, KERNEL_PTE, VA, 0), TLBI(0, "vaae1is", VA),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), AFTERWARDS},
		RULE_UNSAFE_PROMOTION,
		{1, 1, 1},
	},
	{
		"table -> block with nT, TLBI, nT clear: level 1's sequence",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC | NT),
		 AFTERWARDS, WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		RULE_UNSAFE_PROMOTION,
		{1, 0, 0},
	},
	{
		"table -> block with nT, nT clear before the TLBI",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC | NT),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), AFTERWARDS},
		RULE_UNSAFE_PROMOTION,
		{2, 1, 0},
	},
	{
		"block -> table",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, TABLE_DESC)},
		RULE_UNSAFE_DEMOTION,
		{1, 1, 0},
	},
	{
		"block -> block with nT, TLBI, table: level 1's sequence",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC | NT),
		 TLBI(0, "vaale1is", VA), WRITE(0, KERNEL_PMD, VA, TABLE_DESC)},
		RULE_UNSAFE_DEMOTION,
		{1, 0, 0},
	},
	{
		"block -> block with nT, table with no TLBI between: copies without nT are left",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC | NT),
		 WRITE(0, KERNEL_PMD, VA, TABLE_DESC)},
		RULE_UNSAFE_DEMOTION,
		{1, 1, 0},
	},
	{
		"the Contiguous bit alone",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC | CONTIGUOUS)},
		RULE_UNSAFE_CHANGE,
		{1, 0, 0},
	},
	{
		"the Contiguous bit and the output address",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 WRITE(0, KERNEL_PMD, VA, (BLOCK_DESC | CONTIGUOUS) + MIB2)},
		RULE_UNSAFE_CHANGE,
		{1, 1, 1},
	},
	{
		"the memory type",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC ^ 0xc)},
		RULE_UNSAFE_CHANGE,
		{1, 1, 1},
	},
	{
		"non-global -> global ([11])",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC | 0x800),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		RULE_UNSAFE_CHANGE,
		{1, 1, 1},
	},
	{
		"the table of an allowed promotion, freed before the TLBI",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 FREE(0, TABLE_PFN), TLBI(0, "vaae1is", VA)},
		RULE_EARLY_FREE,
		{1, 1, 1},
	},
	{
		"the table of an allowed promotion, never freed",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 TLBI(0, "vaae1is", VA), FREE(0, 1)},
		RULE_ORPHANED_TABLE,
		{1, 1, 1},
	},
	{
		"ioremap 4K, iounmap, ioremap 2M: another mapping, and so another translation",
		{FREE(1, 1), MAP(0, VA, PAGE, PHYS), TABLE(0, KERNEL_PMD, VA, TABLE_PFN),
		 MAPPED(0, VA), UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE), TLBI(0, "vmalle1is", 0),
		 MAP(0, VA, MIB2, BLOCK_PHYS), BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES),
		 MAPPED(0, VA)},
		RULE_UNSAFE_PROMOTION,
		{1, 1, 1},
	},
	{
		"an address reused with no TLBI",
		{TLBI(0, "vaale1is", VA + MIB2), MAP(0, VA, PAGE, PHYS), MAPPED(0, VA),
		 UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE), MAP(0, VA, PAGE, PHYS + PAGE)},
		RULE_STALE_REUSE,
		{1, 1, 1},
	},
};

static size_t count_steps(const struct sequence *sequence)
{
	size_t count = 0;

	while (count < STEPS && (sequence->step[count].kind || sequence->step[count].va))
		count++;
	return count;
}

static void test_levels(void **state)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		const struct sequence *sequence = &sequences[i];

		for (uint32_t level = 0; level < LEVELS; level++) {
			const struct replay_settings settings = {.nr_cpus = 2, .bbm_level = level};
			struct replay replay;

			replay_with(sequence->step, count_steps(sequence), &settings, &replay);
			if (replay.summary.by_rule[sequence->rule] != sequence->expected[level])
				fail_msg("%s: %u findings at level %u, not %u", sequence->name,
					 (unsigned int)replay.summary.by_rule[sequence->rule],
					 level, sequence->expected[level]);
			if (sequence->expected[level] < sequence->expected[0])
				assert_true(replay.summary.waived > 0);
			if (level == 0)
				assert_int_equal(replay.summary.waived, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
