/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random events, sensible or not: nothing crashes, and the model's invariants hold after each.  Few
 * addresses, so that they meet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mmureplay/mmu-walk.h>
#include <mmureplay/mmu.h>

#include "base/cleanup.h"
#include "base/hash.h"

#define BASE UINT64_C(0xffff000040000000)

enum {
	SEQUENCES = 100,
	EVENTS = 400,
};

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)

static uint64_t state;

static uint64_t pick(uint64_t below)
{
	state += UINT64_C(0x9e3779b97f4a7c15);
	return hash_u64(state) % below;
}

static uint64_t pick_va(void)
{
	static const uint64_t offsets[] = {0,	     0x1000,	 0x2000,  0x200000,
					   0x201000, 0x40000000, 0x1ff000};

	return BASE + offsets[pick(sizeof(offsets) / sizeof(offsets[0]))];
}

static uint64_t pick_descriptor(void)
{
	static const uint64_t values[] = {0, 0xb4d16003, 0xb4d17003, 0xe8008000400705, 0xbfffd003};

	return values[pick(sizeof(values) / sizeof(values[0]))];
}

static struct tlbi_op pick_op(void)
{
	return (struct tlbi_op){
		.scope = (enum tlbi_scope)pick(3),
		.reach = (enum tlbi_reach)pick(4),
		.last_level = pick(2),
		.any_asid = pick(2),
		.el = 1,
	};
}

static struct mmu_event random_event(uint64_t order)
{
	static const uint64_t sizes[] = {0x1000, 0x2000, 0x200000, 0x201000, 0x40000000};
	uint64_t va = pick_va();
	struct mmu_event event = {
		.kind = (enum mmu_event_kind)pick(EVENT_KINDS),
		.done = (enum event_done)pick(3),
		.where = {.time = order,
			  .cpu = (uint32_t)pick(3),
			  .pid = (int32_t)pick(3) + 1,
			  .order = order},
		.level = pick(4) ? KERNEL_PMD : (enum kernel_level)pick(5),
		.has_old = pick(3) == 0,
		.old = pick_descriptor(),
		.value = pick_descriptor(),
		.has_table_pfn = pick(2),
		.table_pfn = 0xb4d15 + pick(4),
		.table_lost = pick(5) == 0,
		.has_va = pick(8) != 0,
		.va = va,
		.end = va + sizes[pick(5)],
		.has_pa = pick(2),
		.pa = 0x8000400000 + (pick(2) << 12),
		.has_prot = true,
		.prot = 0xe8000000000707,
		.in_ioremap = pick(2),
		.pages_only = pick(2),
		.op = pick_op(),
		.has_operand = true,
		.operand = va >> 12 & UINT64_C(0xfffffffffff),
		.in_flush = pick(4) == 0,
		.in_break = pick(4) == 0,
		.pfn = 0xb4d15 + pick(4),
		.page_order = (uint32_t)pick(2),
	};

	if (pick(2))
		event.entry = 0xffff80007fffd000 + pick(4) * 8;
	if (!event.has_va) {
		event.within.va = pick_va();
		event.within.end = event.within.va + sizes[pick(5)];
	}
	return event;
}

static struct error *no_rules(void *context, const struct mmu *mmu, const struct mmu_change *change)
{
	uint64_t *changes = context;

	++*changes;
	return NULL;
}

/* Items come in order, do not overlap and are not empty. */
static struct error *check_item(void *context, const struct mmu_item *item)
{
	uint64_t *end = context;

	assert_true(item->va >= *end);
	assert_true(item->end > item->va);
	*end = item->end;
	return NULL;
}

static void test_random(void **unused)
{
	uint64_t changes = 0;

	for (uint64_t seed = 0; seed < SEQUENCES; seed++) {
		/* Of a third of the sequences the order of CPUs is certain. */
		const struct mmu_options options = {.nr_cpus = 3, .clock_skew = seed % 3};
		struct mmu *created = NULL;

		state = seed;
		assert_null(mmu_create(&options, no_rules, &changes, &created));
		_cleanup_(destroy_mmu) struct mmu *mmu = created;

		for (uint64_t order = 1; order <= EVENTS; order++) {
			const struct mmu_event event = random_event(order);

			if (event.kind == EVENT_DSB && seed % 2)
				continue; /* half of the sequences without barriers */
			assert_null(mmu_apply(mmu, &event));
			struct error *err = mmu_check(mmu);

			if (err)
				fail_msg("seed %u, event %u: %s", (unsigned int)seed,
					 (unsigned int)order, err->message);
		}
		uint64_t end = 0;

		assert_null(mmu_walk(mmu, check_item, &end));
		assert_null(mmu_finish(mmu));
	}
	assert_true(changes > SEQUENCES * EVENTS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
