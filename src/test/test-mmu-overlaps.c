/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Overlapping ranges against a plain list of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "mmu/overlaps.h"

enum {
	RANGES = 200,
	STEPS = 20000,
	SPACE = 1000
};

struct range {
	uint64_t start, last;
	bool is_in;
};

static struct range list[RANGES];
static uint64_t state;

static uint64_t pick(uint64_t below)
{
	state += UINT64_C(0x9e3779b97f4a7c15);
	return hash_u64(state) % below;
}

/* Wanted are the ranges with an even id, or all. */
static bool is_wanted(void *context, const struct overlap *overlap)
{
	const bool *only_even = context;

	assert_ptr_equal(overlap->value, &list[overlap->id]);
	return !*only_even || overlap->id % 2 == 0;
}

static const struct range *find_plainly(uint64_t start, uint64_t last, bool only_even)
{
	const struct range *found = NULL;

	for (size_t i = 0; i < RANGES; i += only_even ? 2 : 1) {
		const struct range *range = &list[i];

		if (!range->is_in || range->start > last || range->last < start)
			continue;
		if (!found || range->start < found->start)
			found = range;
	}
	return found;
}

static void test_random(void **unused)
{
	struct arena arena = {0};
	struct pool pool;
	struct overlaps overlaps = {.pool = &pool};
	size_t hits = 0;

	pool_init(&pool, &arena, sizeof(struct overlap));
	for (int step = 0; step < STEPS; step++) {
		uint64_t id = pick(RANGES), start = pick(SPACE), last = start + pick(50);
		bool only_even = pick(2);

		if (list[id].is_in) {
			assert_true(overlaps_remove(&overlaps, list[id].start, id));
			assert_false(overlaps_remove(&overlaps, list[id].start, id));
			list[id].is_in = false;
		} else {
			list[id] = (struct range){start, last, true};
			assert_true(overlaps_add(&overlaps, start, last, id, &list[id]));
		}
		start = pick(SPACE);
		last = start + pick(50);
		const struct overlap *found =
			overlaps_find(&overlaps, start, last, is_wanted, &only_even);

		assert_ptr_equal(found ? found->value : NULL, find_plainly(start, last, only_even));
		hits += found != NULL;
	}
	assert_true(hits > STEPS / 10);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
