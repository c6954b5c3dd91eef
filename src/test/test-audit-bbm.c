/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Break-before-make, row by row: sequences that a checker gets wrong, and what the architecture says of
 * each.  Expected verdicts come from the Arm ARM's rules that are named with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "replay.h"

/* The values of traces/linux-4.14/truth.json. */
#define VA UINT64_C(0xffff000008a00000)
#define OTHER_VA UINT64_C(0xffff000008c00000)
#define GIB_VA UINT64_C(0xffff000040000000)
#define TABLE_PFN UINT64_C(0xb4d16)
#define TABLE_DESC UINT64_C(0xb4d16003)
#define OTHER_TABLE_PFN UINT64_C(0xb4d17)
#define OTHER_TABLE_DESC UINT64_C(0xb4d17003)
#define PAGE_DESC UINT64_C(0xe8008000001707)
#define OTHER_PAGE_DESC UINT64_C(0xe8008000002707)
#define BLOCK_DESC UINT64_C(0xe8008000400705)

/* The same block at another address; with another shareability ([9:8]); contiguous ([52]). */
#define BLOCK_ELSEWHERE UINT64_C(0xe8008000600705)
#define BLOCK_OTHER_SH UINT64_C(0xe8008000400405)
#define BLOCK_CONTIGUOUS UINT64_C(0xf8008000400705)
/* Read-only ([7]): a change of permissions only. */
#define BLOCK_READ_ONLY UINT64_C(0xe8008000400785)

#define ASID(n) ((uint64_t)(n) << 48)
/* TTL: 4K granule ([3:2] = 1) and a level. */
#define TTL(level) ((uint64_t)(4 | (level)) << 44)

enum {
	STEPS = 24,
	FINDINGS = 4
};

struct expected {
	enum audit_rule rule;
	enum audit_cause cause;
};

struct sequence {
	const char *name;
	struct step step[STEPS];
	struct expected expected[FINDINGS];
	uint32_t nr_expected;
};

static const struct expected leak_and_no_break[] = {
	{RULE_UNSAFE_PROMOTION, CAUSE_NO_BREAK},
	{RULE_ORPHANED_TABLE, CAUSE_NO_BREAK},
};

/* A step without kind EVENT_MAP's members set is the end: EVENT_MAP needs a VA. */
static size_t count_steps(const struct sequence *sequence)
{
	size_t count = 0;

	while (count < STEPS && (sequence->step[count].kind || sequence->step[count].va))
		count++;
	return count;
}

/* A DSB somewhere at first shows that DSBs are traced. */
#define WITH_DSBS DSB(0, "dsb_ish"), WRITE(0, KERNEL_PMD, VA, TABLE_DESC)

static const struct sequence sequences[] = {
	{
		"clear, dsb ishst, vaae1is, dsb ish, free, block: safe (R_DDMVT)",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), DSB(0, "dsb_ishst"),
		 TLBI(0, "vaae1is", VA), DSB(0, "dsb_ish"), FREE(0, TABLE_PFN),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{0}},
		0,
	},
	{
		"the same without DSBs traced: safe",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{0}},
		0,
	},
	{
		"2M block cleared, vaale1is of a VA in it, new block: safe, the block is the final level",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaale1is", VA + 0x123000), WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{0}},
		0,
	},
	{
		"2M block cleared, vaale1is of a VA beside it, new block: violation",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaale1is", OTHER_VA), WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{RULE_UNSAFE_CHANGE, CAUSE_WRONG_ADDRESS}},
		1,
	},
	{
		"clear and dsb on CPU 0, then TLBI and dsb on CPU 1: safe, the clear is ordered",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), DSB(0, "dsb_ishst"),
		 TLBI(1, "vaae1is", VA), DSB(1, "dsb_ish"), FREE(0, TABLE_PFN),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{0}},
		0,
	},
	{
		"clear on CPU 0, then dsb, TLBI and dsb on CPU 1, as a lazy purge does it: safe",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), DSB(1, "dsb_ishst"),
		 TLBI(1, "vaae1is", VA), DSB(1, "dsb_ish"), FREE(0, TABLE_PFN),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{0}},
		0,
	},
	{
		"clear on CPU 0 with no dsb, TLBI and dsb on CPU 1: violation, the clear is not ordered",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), TLBI(1, "vaae1is", VA), DSB(1, "dsb_ish"),
		 DSB(0, "dsb_ish"), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_NO_DSB}, {RULE_EARLY_FREE, CAUSE_NO_DSB}},
		2,
	},
	{
		"PTE and PMD cleared, one vmalle1is: safe",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC),
		 WRITE(0, KERNEL_PTE, VA, UINT64_C(0xe8008000001707)), WRITE(0, KERNEL_PTE, VA, 0),
		 WRITE(0, KERNEL_PMD, VA, 0), TLBI(0, "vmalle1is", 0), FREE(0, TABLE_PFN),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{0}},
		0,
	},
	{
		"live change of the output address: violation (R_WHZWS)",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{RULE_UNSAFE_CHANGE, CAUSE_NO_BREAK}},
		1,
	},
	{
		"live change of shareability: violation",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_OTHER_SH)},
		{{RULE_UNSAFE_CHANGE, CAUSE_NO_BREAK}},
		1,
	},
	{
		"live change of the contiguous bit: violation",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_CONTIGUOUS)},
		{{RULE_UNSAFE_CHANGE, CAUSE_NO_BREAK}},
		1,
	},
	{
		"live change of permissions: no break needed (R_GPPYH)",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, BLOCK_READ_ONLY)},
		{{0}},
		0,
	},
	{
		"TLBI with TTL 3 for a level 2 block: nothing guaranteed (R_SQXYZ)",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0),
		 {.kind = EVENT_TLBI, .op = "vaae1is", .va = VA, .operand = TTL(3)},
		 WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{RULE_UNSAFE_CHANGE, CAUSE_TTL_MISMATCH}},
		1,
	},
	{
		"the same with TTL 2: safe",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0),
		 {.kind = EVENT_TLBI, .op = "vaae1is", .va = VA, .operand = TTL(2)},
		 WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{0}},
		0,
	},
	{
		"vae1is with an ASID for a kernel table: insufficient (R_CHVGJ)",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0),
		 {.kind = EVENT_TLBI, .op = "vae1is", .va = VA, .operand = ASID(5)},
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 TLBI(0, "vaae1is", VA),
		 FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_WRONG_ASID}},
		1,
	},
	{
		"table page never freed: leak",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaae1is", VA), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), FREE(0, 1)},
		{{RULE_ORPHANED_TABLE, CAUSE_NOT_FREED}},
		1,
	},
	{
		"freed before the TLBI: a walker may read the reused page",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 FREE(0, TABLE_PFN), TLBI(0, "vaae1is", VA), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{RULE_EARLY_FREE, CAUSE_NO_TLBI}},
		1,
	},
	{
		"no DSB before the TLBI: violation",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), TLBI(0, "vaae1is", VA), DSB(0, "dsb_ish"),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), TLBI(0, "vaae1is", VA), DSB(0, "dsb_ish"),
		 FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_NO_DSB}},
		1,
	},
	{
		"DSB ISHST after the TLBI, which waits for stores only: violation",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), DSB(0, "dsb_ishst"),
		 TLBI(0, "vaae1is", VA), DSB(0, "dsb_ishst"), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 DSB(0, "dsb_ish"), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_NO_DSB}},
		1,
	},
	{
		"DSB NSH after a broadcast TLBI: violation (R_PSMWS)",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), DSB(0, "dsb_ishst"),
		 TLBI(0, "vaae1is", VA), DSB(0, "dsb_nsh"), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 DSB(0, "dsb_ish"), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_NO_DSB}},
		1,
	},
	{
		"TLBI of the wrong VA: violation",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaae1is", OTHER_VA), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_WRONG_ADDRESS}},
		1,
	},
	{
		"TLBI of the last level: table entries stay (kernels from 4.20 flush like this)",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaale1is", VA), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_LAST_LEVEL_ONLY}},
		1,
	},
	{
		"TLBI heard by its own CPU only: violation",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaae1", VA), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), TLBI(0, "vaae1is", VA),
		 FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_LOCAL_ONLY}},
		1,
	},
	{
		"local TLBIs on both of two CPUs: safe",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaae1", VA), TLBI(1, "vmalle1", 0), FREE(0, TABLE_PFN),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{0}},
		0,
	},
	{
		"TLBI before the clear: it may be cached again",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), TLBI(0, "vaae1is", VA),
		 WRITE(0, KERNEL_PMD, VA, 0), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_TLBI_BEFORE_BREAK}},
		1,
	},
	{
		"table -> block written directly: violation and leak",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), TLBI(0, "vaae1is", VA),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), FREE(0, 1)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_NO_BREAK}, {RULE_ORPHANED_TABLE, CAUSE_NO_BREAK}},
		2,
	},
	{
		"block -> table written directly: violation",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), WRITE(0, KERNEL_PMD, VA, TABLE_DESC)},
		{{RULE_UNSAFE_DEMOTION, CAUSE_NO_BREAK}},
		1,
	},
	{
		"vale1is, xzr: an erratum's work-around, not an invalidation of VA 0",
		{TLBI(1, "vaale1is", OTHER_VA), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0), TLBI(0, "vale1is", 0),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{RULE_UNSAFE_CHANGE, CAUSE_NO_TLBI}},
		1,
	},
	{
		"child tables flushed only after their PUD was cleared and invalidated: safe",
		{WRITE(0, KERNEL_PUD, GIB_VA, UINT64_C(0xbfffd003)),
		 WRITE(0, KERNEL_PMD, GIB_VA, TABLE_DESC),
		 WRITE(0, KERNEL_PMD, GIB_VA + 0x200000, UINT64_C(0xb4d17003)),
		 WRITE(0, KERNEL_PUD, GIB_VA, 0), TLBI(0, "vaae1is", GIB_VA), FREE(0, TABLE_PFN),
		 TLBI(0, "vaae1is", GIB_VA + 0x200000), FREE(0, 0xb4d17), FREE(0, 0xbfffd),
		 WRITE(0, KERNEL_PUD, GIB_VA, UINT64_C(0xe8008040000705))},
		{{0}},
		0,
	},
	{
		"a child table freed with the PUD's TLBI only: its own entry may still be cached",
		{WRITE(0, KERNEL_PUD, GIB_VA, UINT64_C(0xbfffd003)),
		 WRITE(0, KERNEL_PMD, GIB_VA + 0x200000, UINT64_C(0xb4d17003)),
		 WRITE(0, KERNEL_PUD, GIB_VA, 0), TLBI(0, "vaae1is", GIB_VA), FREE(0, 0xb4d17),
		 FREE(0, 0xbfffd)},
		{{RULE_EARLY_FREE, CAUSE_WRONG_ADDRESS}},
		1,
	},
	{
		"a PUD block where a PMD entry may still be cached: a walk may start from that",
		{WRITE(0, KERNEL_PUD, GIB_VA, UINT64_C(0xbfffd003)),
		 WRITE(0, KERNEL_PMD, GIB_VA + 0x200000, UINT64_C(0xb4d17003)),
		 WRITE(0, KERNEL_PUD, GIB_VA, 0), TLBI(0, "vaae1is", GIB_VA), FREE(0, 0xbfffd),
		 WRITE(0, KERNEL_PUD, GIB_VA, UINT64_C(0xe8008040000705)),
		 TLBI(0, "vaae1is", GIB_VA + 0x200000), FREE(0, 0xb4d17)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_WRONG_ADDRESS}},
		1,
	},
	{
		"a table cleared, another one stored with no TLBI: a walk may go through the old one",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaale1is", VA), WRITE(0, KERNEL_PMD, VA, OTHER_TABLE_DESC),
		 TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_CHANGE, CAUSE_LAST_LEVEL_ONLY}},
		1,
	},
	{
		"the same with vaae1is in between: safe",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 TLBI(0, "vaae1is", VA), WRITE(0, KERNEL_PMD, VA, OTHER_TABLE_DESC),
		 FREE(0, TABLE_PFN)},
		{{0}},
		0,
	},
	{
		"a table's attributes changed: the page is neither lost nor another one",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC),
		 WRITE(0, KERNEL_PMD, VA, TABLE_DESC | UINT64_C(1) << 59), FREE(0, 1)},
		{{0}},
		0,
	},
	{
		"a table cleared and put back: it is not lost",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, 0),
		 WRITE(0, KERNEL_PMD, VA, TABLE_DESC), FREE(0, 1)},
		{{0}},
		0,
	},
	{
		"two tables in turn with no TLBI, and the first one freed: it may be walked, too",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PMD, VA, OTHER_TABLE_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0), FREE(0, TABLE_PFN), TLBI(0, "vaae1is", VA),
		 FREE(0, OTHER_TABLE_PFN)},
		{{RULE_UNSAFE_CHANGE, CAUSE_NO_BREAK}, {RULE_EARLY_FREE, CAUSE_NO_BREAK}},
		2,
	},
	{
		"two blocks in turn, the first never invalidated: both conflict with what comes",
		{TLBI(1, "vaae1is", OTHER_VA), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0), WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE | UINT64_C(0x80))},
		{{RULE_UNSAFE_CHANGE, CAUSE_NO_TLBI}, {RULE_UNSAFE_CHANGE, CAUSE_NO_TLBI}},
		2,
	},
	{
		"a page below a table, the table's entry invalidated but not the page: another size",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PTE, VA + 0x1000, PAGE_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0), TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)},
		{{RULE_UNSAFE_CHANGE, CAUSE_WRONG_ADDRESS}},
		1,
	},
	{
		"a page below a table that went, and another page in the table that came",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PTE, VA + 0x1000, PAGE_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0), TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN),
		 WRITE(0, KERNEL_PMD, VA, OTHER_TABLE_DESC),
		 WRITE(0, KERNEL_PTE, VA + 0x1000, OTHER_PAGE_DESC)},
		{{RULE_UNSAFE_CHANGE, CAUSE_WRONG_ADDRESS}},
		1,
	},
	{
		"the same, the page invalidated, but not the old table: it is walked to the page again",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), WRITE(0, KERNEL_PTE, VA, PAGE_DESC),
		 WRITE(0, KERNEL_PMD, VA, OTHER_TABLE_DESC), TLBI(0, "vaale1is", VA),
		 WRITE(0, KERNEL_PTE, VA, OTHER_PAGE_DESC), TLBI(0, "vaae1is", VA),
		 FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_CHANGE, CAUSE_NO_BREAK}, {RULE_UNSAFE_CHANGE, CAUSE_NO_TLBI}},
		2,
	},
	{
		"a non-global block and vae1is with one ASID: copies of other ASIDs stay",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC | UINT64_C(0x800)),
		 WRITE(0, KERNEL_PMD, VA, 0),
		 {.kind = EVENT_TLBI, .op = "vae1is", .va = VA, .operand = ASID(5)},
		 WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{RULE_UNSAFE_CHANGE, CAUSE_WRONG_ASID}},
		1,
	},
	{
		"a global block and vae1is with one ASID: safe",
		{WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		 WRITE(0, KERNEL_PMD, VA, 0),
		 {.kind = EVENT_TLBI, .op = "vae1is", .va = VA, .operand = ASID(5)},
		 WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE)},
		{{0}},
		0,
	},
	{
		"DSB NSH before a broadcast TLBI: other CPUs may walk to the old value again (R_PSMWS)",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), DSB(0, "dsb_nsh"), TLBI(0, "vaae1is", VA),
		 DSB(0, "dsb_ish"), WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), TLBI(0, "vaae1is", VA),
		 DSB(0, "dsb_ish"), FREE(0, TABLE_PFN)},
		{{RULE_UNSAFE_PROMOTION, CAUSE_NO_DSB}},
		1,
	},
	{
		"the same, and then a local TLBI on the other CPU: safe",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), DSB(0, "dsb_nsh"), TLBI(0, "vaae1is", VA),
		 DSB(0, "dsb_ish"), TLBI(1, "vaae1", VA), DSB(1, "dsb_nsh"),
		 WRITE(0, KERNEL_PMD, VA, BLOCK_DESC), FREE(0, TABLE_PFN)},
		{{0}},
		0,
	},
	{
		"a local vmalle1 before its CPU may know of the clear: violation",
		{WITH_DSBS, WRITE(0, KERNEL_PMD, VA, 0), TLBI(1, "vmalle1", 0), DSB(1, "dsb_nsh"),
		 DSB(0, "dsb_ish"), TLBI(0, "vmalle1", 0), DSB(0, "dsb_nsh"), FREE(0, TABLE_PFN)},
		{{RULE_EARLY_FREE, CAUSE_LOCAL_ONLY}},
		1,
	},
	{
		"a table invalidated and freed under its valid entry, whose stores are traced",
		{WRITE(0, KERNEL_PMD, VA, TABLE_DESC), TLBI(0, "vaae1is", VA), FREE(0, TABLE_PFN)},
		{{RULE_EARLY_FREE, CAUSE_NO_BREAK}},
		1,
	},
};

/* ---- the same with larger granules --------------------------------------------------------- */

#define HALF_START UINT64_C(0xffff000000000000)
#define ADDRESS UINT64_C(0x0000fffffffff000) /* [47:12] */
#define TTL_GRANULE (UINT64_C(3) << 46)

static uint64_t block_size(uint32_t shift)
{
	return UINT64_C(1) << (shift + shift -
			       3); /* a table has one granule of 8-byte descriptors */
}

/* The same block and the same page in it, by their numbers. */
static uint64_t scale(uint64_t address, uint32_t shift)
{
	uint64_t page = (address & (block_size(12) - 1)) >> 12;

	return address / block_size(12) * block_size(shift) + (page << shift) + (address & 0xfff);
}

static uint64_t scale_descriptor(uint64_t descriptor, enum kernel_level level, uint32_t shift)
{
	bool is_block = level == KERNEL_PMD && (descriptor & 3) == 1;
	uint64_t address = descriptor & ADDRESS;

	address = is_block ? scale(address, shift) : address >> 12 << shift;
	return address | (descriptor & ~ADDRESS);
}

/* 16K and 64K have no blocks of the PUD level. */
static bool scale_step(struct step *step, uint32_t shift)
{
	if (step->va)
		step->va = HALF_START + scale(step->va - HALF_START, shift);
	if (step->kind == EVENT_WRITE && step->value)
		step->value = scale_descriptor(step->value, step->level, shift);
	if (step->operand & TTL_GRANULE)
		step->operand = (step->operand & ~TTL_GRANULE) | (uint64_t)(shift - 10) / 2 << 46;
	return step->kind != EVENT_WRITE || step->level != KERNEL_PUD;
}

static void check(const struct sequence *sequence, uint32_t shift)
{
	const struct replay_settings settings = {
		.nr_cpus = 2, .granule = 1U << shift, .va_bits = 48};
	size_t count = count_steps(sequence);
	struct step steps[STEPS];
	struct replay replay;

	memcpy(steps, sequence->step, sizeof(steps));
	for (size_t i = 0; i < count; i++)
		if (!scale_step(&steps[i], shift) && shift != 12)
			return;
	replay_with(steps, count, &settings, &replay);
	if (replay.nr_findings != sequence->nr_expected)
		fail_msg("%s, %uK: %u findings, not %u (first: %s, %s)", sequence->name,
			 1U << (shift - 10), replay.nr_findings, sequence->nr_expected,
			 replay.nr_findings ? replay.finding[0].id : "-",
			 replay.nr_findings ? audit_cause_name(replay.finding[0].cause) : "-");
	for (uint32_t i = 0; i < replay.nr_findings; i++) {
		const struct finding *finding = &replay.finding[i];
		const struct expected *expected = &sequence->expected[i];

		if (finding->rule != expected->rule || finding->cause != expected->cause)
			fail_msg("%s, %uK: finding %u is %s (%s), not %s (%s)", sequence->name,
				 1U << (shift - 10), i, audit_rule_info(finding->rule)->name,
				 audit_cause_name(finding->cause),
				 audit_rule_info(expected->rule)->name,
				 audit_cause_name(expected->cause));
	}
}

static void test_sequences(void **state)
{
	for (uint32_t shift = 12; shift <= 16; shift += 2)
		for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
			check(&sequences[i], shift);
}

/* A range operation covers what it says and no more. */
static void test_range(void **state)
{
	/* NUM = 0, SCALE = 0: two granules from BaseADDR, TG = 4K. */
	const struct step in_range[] = {
		WRITE(0, KERNEL_PMD, VA, TABLE_DESC),
		WRITE(0, KERNEL_PMD, VA, 0),
		{.kind = EVENT_TLBI,
		 .op = "rvaae1is",
		 .operand = UINT64_C(1) << 46 | (VA >> 12 & UINT64_C(0x1fffffffff))},
		FREE(0, TABLE_PFN),
		WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
	};
	struct replay replay;

	replay_run(in_range, 5, 2, &replay);
	assert_int_equal(replay.nr_findings, 0);
	assert_int_equal(replay.summary.safe_promotions, 1);
}

/* Verdict, addresses and window of the direct overwrite. */
static void test_evidence(void **state)
{
	const struct step steps[] = {
		WRITE(0, KERNEL_PMD, VA, TABLE_DESC),
		TLBI(1, "vaae1is", VA),
		WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
		FREE(1, 1),
		TLBI(1, "vaale1is", VA),
		TLBI(1, "vaae1is", VA + 0x1000),
	};
	struct replay replay;

	replay_run(steps, sizeof(steps) / sizeof(steps[0]), 2, &replay);
	assert_int_equal(replay.nr_findings, 2);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(replay.finding[i].rule, leak_and_no_break[i].rule);
		assert_int_equal(replay.finding[i].cause, leak_and_no_break[i].cause);
		assert_int_equal(replay.finding[i].va, VA);
		assert_int_equal(replay.finding[i].end, VA + 0x200000);
		assert_int_equal(replay.finding[i].level, 2);
		assert_int_equal(replay.finding[i].before, TABLE_DESC);
		assert_int_equal(replay.finding[i].after, BLOCK_DESC);
	}
	/* The second TLBI leaves tables alone; the third closes the window. */
	assert_true(replay.finding[0].closed);
	assert_int_equal(replay.finding[0].closed_by.first.order, 6);
	assert_int_equal(replay.finding[0].nr_invalidations, 1);
	assert_int_equal(replay.finding[0].invalidation[0].effect, TLBI_BEFORE_BREAK);
	assert_int_equal(replay.finding[1].nr_tables, 1);
	assert_int_equal(replay.table[1][0].pa, TABLE_PFN << 12);
	assert_int_equal(replay.summary.orphaned_pages, 1);
	assert_int_equal(replay.summary.orphaned_bytes, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
