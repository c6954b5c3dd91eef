/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where DSBs are traced: many invalidations that wait for theirs, and what becomes of other CPUs'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#define VA UINT64_C(0xffff000008a00000)
#define OTHERS UINT64_C(0xffff000040000000)
#define TABLE_DESC UINT64_C(0xb4d16003)
#define BLOCK_DESC UINT64_C(0xe8008000400705)

enum {
	PAGE = 0x1000,
	MOST = 8192, /* in a row: see PENDING_TLBIS */
	TOO_MANY = 20000,
};

static struct step steps[TOO_MANY * 2 + 16];
static size_t nr_steps;
static struct replay replay;

static void add(struct step step)
{
	steps[nr_steps++] = step;
}

/* DSBs are traced: the store of the table is complete. */
static void begin(void)
{
	nr_steps = 0;
	add((struct step)WRITE(1, KERNEL_PMD, VA, TABLE_DESC));
	add((struct step)DSB(1, "dsb_ishst"));
}

static void clear(void)
{
	add((struct step)WRITE(1, KERNEL_PMD, VA, 0));
	add((struct step)DSB(1, "dsb_ishst"));
}

/* A block takes the place of the table: is that safe? */
static bool is_safe(void)
{
	add((struct step)WRITE(1, KERNEL_PMD, VA, BLOCK_DESC));
	replay_run(steps, nr_steps, 2, &replay);
	return !replay_find(&replay, RULE_UNSAFE_PROMOTION);
}

static void test_own_barrier(void **state)
{
	begin();
	clear();
	add((struct step)TLBI(1, "vaae1is", VA));
	assert_false(is_safe());

	nr_steps--;
	add((struct step)DSB(0, "dsb_ish"));
	assert_false(is_safe());

	nr_steps--;
	add((struct step)DSB(1, "dsb_nsh"));
	assert_false(is_safe());

	nr_steps--;
	add((struct step)DSB(1, "dsb_ish"));
	assert_true(is_safe());
}

/* One barrier completes all that the kernel issues in a row, the first and the last. */
static void test_long_row(void **state)
{
	for (int place = 0; place < MOST; place += MOST - 1) {
		begin();
		clear();
		for (uint64_t i = 0; i < MOST; i++)
			add((struct step)TLBI(1, "vaae1is",
					      (int)i == place ? VA : OTHERS + i * PAGE));
		add((struct step)DSB(1, "dsb_ish"));
		assert_true(is_safe());
	}
}

/* The barriers of one CPU are not traced: that says nothing of what the other invalidates. */
static void test_other_cpu(void **state)
{
	begin();
	for (uint64_t i = 0; i < TOO_MANY; i++)
		add((struct step)TLBI(0, "vaae1is", OTHERS + i * PAGE));
	clear();
	add((struct step)TLBI(1, "vaae1is", VA));
	add((struct step)DSB(1, "dsb_ish"));
	assert_true(is_safe());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_barrier),
		cmocka_unit_test(test_long_row),
		cmocka_unit_test(test_other_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
