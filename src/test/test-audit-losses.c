/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A promotion without a break, and events that were lost before, meanwhile and after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "replay.h"

#define VA UINT64_C(0xffff000008a00000)
#define TABLE_DESC UINT64_C(0xb4d16003)
#define BLOCK_DESC UINT64_C(0xe8008000400705)

/* What the finding reaches back to, and the finding. */
#define TABLE_THERE WRITE(0, KERNEL_PMD, VA, TABLE_DESC)
#define PROMOTED WRITE(0, KERNEL_PMD, VA, BLOCK_DESC)
/* An event of a CPU that says nothing of this table. */
#define HEARD(cpu_) FREE(cpu_, 1)
/* The same, of before the loss: it waited for its function to return. */
#define HEARD_LATE(cpu_, order_)                                                                   \
	{                                                                                          \
		.kind = EVENT_PAGE_FREE, .cpu = (cpu_), .pfn = 1, .order = (order_)                \
	}

enum {
	STEPS = 8,
	NAMED = 4, /* losses that a finding names */
};

static struct replay replay;

static const struct finding *promotion(const struct step *steps, size_t count)
{
	replay_run(steps, count, 4, &replay);
	const struct finding *finding = replay_find(&replay, RULE_UNSAFE_PROMOTION);

	assert_non_null(finding);
	return finding;
}

/* The CPUs whose losses a finding names, as bits. */
static uint32_t cpus_named(const struct finding *finding)
{
	uint32_t cpus = 0;

	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt == DOUBT_EVENTS_LOST)
			cpus |= 1u << finding->reason[i].cpu;
	return cpus;
}

static const struct sequence {
	const char *name;
	struct step step[STEPS];
	uint32_t cpus; /* whose losses the finding rests on */
} sequences[] = {
	{"no loss", {TABLE_THERE, PROMOTED}, 0},
	{"over before", {LOST(1, 5), HEARD(1), TABLE_THERE, PROMOTED}, 0},
	{"meanwhile", {TABLE_THERE, LOST(1, 5), HEARD(1), PROMOTED}, 1u << 1},
	{"begun before and over meanwhile", {LOST(1, 5), TABLE_THERE, HEARD(1), PROMOTED}, 1u << 1},
	{"not over", {LOST(1, 5), TABLE_THERE, HEARD(2), PROMOTED}, 1u << 1},
	{"after", {TABLE_THERE, PROMOTED, LOST(1, 5), HEARD(1)}, 0},
	{"of two CPUs, one over",
	 {LOST(1, 5), LOST(2, 5), HEARD(2), TABLE_THERE, HEARD(2), PROMOTED},
	 1u << 1},
	{"of two CPUs, the other over",
	 {LOST(1, 5), LOST(2, 5), HEARD(1), TABLE_THERE, HEARD(1), PROMOTED},
	 1u << 2},
	{"of two CPUs",
	 {TABLE_THERE, LOST(1, 5), HEARD(1), LOST(2, 5), PROMOTED},
	 1u << 1 | 1u << 2},
	{"two, over at once", {LOST(1, 5), LOST(1, 5), HEARD(1), TABLE_THERE, PROMOTED}, 0},
	{"one over, with an event of before the other",
	 {LOST(1, 5), HEARD(2), LOST(1, 5), HEARD_LATE(1, 2), TABLE_THERE, PROMOTED},
	 1u << 1},
	{"not over with an event of before it",
	 {HEARD(1), LOST(1, 5), HEARD_LATE(1, 1), TABLE_THERE, PROMOTED},
	 1u << 1},
	{"before the CPU was heard of",
	 {TABLE_THERE, PROMOTED, HEARD(0), LATE_START(3), HEARD(3)},
	 1u << 3},
};

static void test_sequences(void **state)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++) {
		const struct sequence *sequence = &sequences[i];
		size_t count = 0;

		while (count < STEPS && (sequence->step[count].va || sequence->step[count].pfn ||
					 sequence->step[count].lost))
			count++;
		const struct finding *finding = promotion(sequence->step, count);

		if (cpus_named(finding) != sequence->cpus)
			fail_msg("%s: rests on losses of CPUs %#x, and not %#x", sequence->name,
				 cpus_named(finding), sequence->cpus);
	}
}

/* More than are kept: the newest are named, and the one that is not over is not forgotten. */
static void test_many(void **state)
{
	enum {
		MANY = 10000
	};
	static struct step steps[2 * MANY + 3];
	size_t count = 0;

	steps[count++] = (struct step)LOST(1, 7);
	steps[count++] = (struct step)TABLE_THERE;
	for (uint64_t i = 1; i <= MANY; i++) {
		steps[count++] = (struct step)LOST(2, i);
		steps[count++] = (struct step)HEARD(2);
	}
	steps[count++] = (struct step)PROMOTED;
	const struct finding *finding = promotion(steps, count);

	assert_false(finding->certain);
	assert_int_equal(cpus_named(finding), 1u << 1 | 1u << 2);
	assert_int_equal(finding->reason[0].cpu, 1);
	assert_int_equal(finding->reason[0].lost, 7);
	for (uint32_t i = 1; i < NAMED; i++) {
		assert_int_equal(finding->reason[i].cpu, 2);
		assert_int_equal(finding->reason[i].lost, MANY + 1 - i);
	}
	assert_int_not_equal(finding->reason[NAMED].doubt, DOUBT_EVENTS_LOST);
	assert_int_equal(replay.gap[GAP_EVENTS_LOST], MANY + 1);
}

/* A CPU that is silent to the end loses events again and again. */
static void test_many_open(void **state)
{
	enum {
		MANY = 10000
	};
	static struct step steps[MANY + 4];
	size_t count = 0;

	for (size_t i = 0; i < MANY; i++)
		steps[count++] = (struct step)LOST(1, 1);
	steps[count++] = (struct step)TABLE_THERE;
	steps[count++] = (struct step)PROMOTED;
	assert_int_equal(cpus_named(promotion(steps, count)), 1u << 1);
	/* Heard of in time, it lost nothing that matters. */
	steps[count - 2] = (struct step)HEARD(1);
	steps[count - 1] = (struct step)TABLE_THERE;
	steps[count++] = (struct step)PROMOTED;
	assert_int_equal(cpus_named(promotion(steps, count)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
