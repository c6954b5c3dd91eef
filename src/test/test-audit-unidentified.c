/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of which nothing says what they are: what they may be, and what that does to the verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"
#include "replay.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- what they may be ---------------------------------------------------------------------- */

static void it_is_told_what_a_probe_may_be(void **state)
{
	static const struct {
		const char *line;
		enum probe_may_be may_be;
	} lines[] = {
		{LINE("a-1", 0, "1.000001", "p_0: (0xffff800008037000) arg1=0x1"), MAY_BE_ANYTHING},
		{LINE("a-1", 0, "1.000002",
		      "r_0: (0xffff800008037004 <- 0xffff800008037000) arg1=0x1"),
		 MAY_BE_ANYTHING},
		{LINE("a-1", 0, "1.000003", "p_f_32: (f+0x20/0x80) arg1=0x1"), MAY_BE_TLBI},
		{LINE("a-1", 0, "1.000004", "p_f_0: (f+0x0/0x80) arg1=0x1"), MAY_BE_NOTHING},
		/* Modules call the kernel's functions. */
		{LINE("a-1", 0, "1.000005", "p_m_32: (m+0x20/0x80 [mod]) arg1=0x1"),
		 MAY_BE_NOTHING},
		{LINE("a-1", 0, "1.000006", "malloc: (0xaaaab0001000) arg1=0x1"), MAY_BE_NOTHING},
		{LINE("a-1", 0, "1.000007", "sched_wakeup: comm=a pid=1"), MAY_BE_NOTHING},
		/* Names that say something. */
		{LINE("a-1", 0, "1.000008", "iounmap: (0xffff800008037000) arg1=0x1"),
		 MAY_BE_NOTHING},
		{LINE("a-1", 0, "1.000009", "vaae1is_3: (f+0x40/0x80) arg1=0x1"), MAY_BE_NOTHING},
		/* Of which address is not known. */
		{LINE("a-1", 0, "1.000010", "vaae1is_3: (f+0x40/0x80)"), MAY_BE_TLBI},
		{LINE("a-1", 0, "1.000010", "vale1is_3: (f+0x40/0x80)"), MAY_BE_NOTHING},
		{LINE("a-1", 0, "1.000011", "vmalle1is_0: (f+0x40/0x80)"), MAY_BE_NOTHING},
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct decoded decoded = decode_text(TEXT(lines[i].line), NULL);

		assert_int_equal(decoded.summary->nr_probes, 1);
		if (decoded.summary->probe[0].may_be != lines[i].may_be)
			fail_msg("%s may be %d", lines[i].line, decoded.summary->probe[0].may_be);
		decoded_deinit(&decoded);
	}
}

/* ---- what that does to the verdicts -------------------------------------------------------- */

#define VA UINT64_C(0xffff000008a00000)
#define OTHER_VA UINT64_C(0xffff000008c00000)
#define TABLE_DESC UINT64_C(0xb4d16003)
#define BLOCK_DESC UINT64_C(0xe8008000400705)
#define BLOCK_ELSEWHERE UINT64_C(0xe8008000600705)

/* TLBIs are traced, and none came between clearing an entry and writing it. */
static const struct step no_tlbi[] = {
	TLBI(1, "vaale1is", OTHER_VA),
	WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
	WRITE(0, KERNEL_PMD, VA, 0),
	WRITE(0, KERNEL_PMD, VA, BLOCK_ELSEWHERE),
};

/* The entry was valid all the time, whatever was invalidated. */
static const struct step no_break[] = {
	TLBI(1, "vaale1is", OTHER_VA),
	WRITE(0, KERNEL_PMD, VA, BLOCK_DESC),
	WRITE(0, KERNEL_PMD, VA, TABLE_DESC),
};

static bool is_certain_with(const struct step *steps, size_t count, enum probe_may_be may_be)
{
	struct replay replay;

	replay_with(steps, count, &(struct replay_settings){.nr_cpus = 2, .may_be = may_be},
		    &replay);
	assert_int_equal(replay.nr_findings, 1);
	assert_int_equal(replay.gap[GAP_UNIDENTIFIED], may_be == MAY_BE_ANYTHING);
	assert_int_equal(replay.gap[GAP_NOT_UNDERSTOOD], may_be != MAY_BE_ANYTHING);
	if (!replay.finding[0].certain)
		assert_int_equal(replay.finding[0].reason[0].doubt, DOUBT_UNIDENTIFIED);
	return replay.finding[0].certain;
}

static void what_is_missing_may_be_among_them(void **state)
{
	assert_true(is_certain_with(no_tlbi, COUNT(no_tlbi), MAY_BE_NOTHING));
	assert_false(is_certain_with(no_tlbi, COUNT(no_tlbi), MAY_BE_TLBI));
	assert_false(is_certain_with(no_tlbi, COUNT(no_tlbi), MAY_BE_ANYTHING));
	assert_true(is_certain_with(no_break, COUNT(no_break), MAY_BE_NOTHING));
	assert_true(is_certain_with(no_break, COUNT(no_break), MAY_BE_TLBI));
	assert_false(is_certain_with(no_break, COUNT(no_break), MAY_BE_ANYTHING));
}

/* A purge whose TLBIs tell no addresses is one whose TLBIs are not traced. */
static void tlbis_without_operands_do_not_count(void **state)
{
	struct decoded decoded = decode_text(
		TEXT(LINE("a-1", 0, "1.000001",
			  "p: (__purge_vmap_area_lazy+0x0/0x800) start=0x0 end=0x0"),
		     LINE("a-1", 0, "1.000002", "vaale1is_8: (__purge_vmap_area_lazy+0x100/0x800)"),
		     LINE("a-1", 0, "1.000003",
			  "r: (f+0x4/0x8 <- __purge_vmap_area_lazy) ret=0x1")),
		NULL);

	assert_int_equal(decoded.summary->nr_events[EVENT_TLBI], 0);
	assert_int_equal(decoded.summary->nr_events[EVENT_FLUSH], 1);
	assert_int_equal(decoded.at[0].nr_tlbi, 0);
	assert_true(decoded.summary->probe[1].lacks_operand);
	decoded_deinit(&decoded);
	assert_true(coverage_gap_info(GAP_NO_OPERANDS)->counts);
}

static void only_what_may_be_anything_is_a_gap(void **state)
{
	assert_true(coverage_gap_info(GAP_UNIDENTIFIED)->counts);
	assert_false(coverage_gap_info(GAP_NOT_UNDERSTOOD)->counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_what_a_probe_may_be),
		cmocka_unit_test(what_is_missing_may_be_among_them),
		cmocka_unit_test(tlbis_without_operands_do_not_count),
		cmocka_unit_test(only_what_may_be_anything_is_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
