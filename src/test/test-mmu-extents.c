/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/hash.h"
#include "mmu/extents.h"

/* A value that counts the extents that have it. */
struct value {
	size_t pieces;
};

static void *share_value(void *context, void *value)
{
	((struct value *)value)->pieces++;
	return value;
}

static void drop_value(void *context, void *value)
{
	struct value *of = value;

	assert_int_not_equal(of->pieces, 0);
	of->pieces--;
}

static const struct extents_hooks counting = {share_value, drop_value, NULL};

struct map {
	struct arena arena;
	struct extents extents;
};

static void map_init(struct map *map)
{
	map->arena = (struct arena){0};
	extents_init(&map->extents, &map->arena, counting);
}

static void map_insert(struct map *map, uint64_t start, uint64_t last, struct value *value)
{
	value->pieces++;
	assert_true(extents_insert(&map->extents, start, last, value));
}

/* Pieces in the order in which a visit got them, or an iteration met them. */
struct pieces {
	struct {
		uint64_t start, last;
		void *value;
	} at[64];
	size_t count;
	size_t fail_at; /* 1: the first visit fails; 0: none does */
};

static struct error *collect(void *context, uint64_t start, uint64_t last, void *value)
{
	struct pieces *pieces = context;

	assert_in_range(pieces->count, 0, 63);
	assert_int_not_equal(((struct value *)value)->pieces, 0);
	pieces->at[pieces->count].start = start;
	pieces->at[pieces->count].last = last;
	pieces->at[pieces->count].value = value;
	return ++pieces->count == pieces->fail_at ? error_memory() : NULL;
}

static void assert_piece(const struct pieces *pieces, size_t i, uint64_t start, uint64_t last,
			 const struct value *value)
{
	assert_in_range(i + 1, 1, pieces->count);
	assert_int_equal(pieces->at[i].start, start);
	assert_int_equal(pieces->at[i].last, last);
	assert_ptr_equal(pieces->at[i].value, value);
}

/* Checks the order of priorities on the way. */
static unsigned int depth_of(const struct extent *extent)
{
	if (!extent)
		return 0;
	if (extent->below)
		assert_true(extent->below->priority <= extent->priority);
	if (extent->above)
		assert_true(extent->above->priority <= extent->priority);
	unsigned int below = depth_of(extent->below), above = depth_of(extent->above);

	return 1 + (below > above ? below : above);
}

static struct pieces all_of(const struct map *map)
{
	struct pieces pieces = {.count = 0};

	assert_in_range(depth_of(map->extents.root), 0, 64);
	for (struct extent *extent = extents_first(&map->extents, 0, UINT64_MAX); extent;
	     extent = extents_next(&map->extents, extent, UINT64_MAX))
		assert_null(collect(&pieces, extent->start, extent->last, extent->value));
	assert_int_equal(pieces.count, extents_count(&map->extents));
	return pieces;
}

static void empty_map_has_nothing(void **state)
{
	struct map map;

	map_init(&map);
	assert_null(extents_first(&map.extents, 0, UINT64_MAX));
	assert_null(extents_remove(&map.extents, 0, UINT64_MAX, NULL, NULL));
	assert_null(extents_clear(&map.extents, NULL, NULL));
	assert_int_equal(extents_count(&map.extents), 0);
	arena_deinit(&map.arena);
}

static void finds_what_overlaps(void **state)
{
	struct value low = {0}, high = {0};
	struct map map;

	map_init(&map);
	map_insert(&map, 30, 39, &high);
	map_insert(&map, 10, 19, &low);
	assert_null(extents_first(&map.extents, 0, 9));
	assert_null(extents_first(&map.extents, 20, 29));
	assert_null(extents_first(&map.extents, 40, UINT64_MAX));
	assert_ptr_equal(extents_first(&map.extents, 0, 10)->value, &low);
	assert_ptr_equal(extents_first(&map.extents, 12, 13)->value, &low);
	assert_ptr_equal(extents_first(&map.extents, 19, 30)->value, &low);
	assert_ptr_equal(extents_first(&map.extents, 20, 30)->value, &high);

	struct extent *first = extents_first(&map.extents, 0, UINT64_MAX);

	assert_null(extents_next(&map.extents, first, 29));
	assert_ptr_equal(extents_next(&map.extents, first, 30)->value, &high);
	assert_null(extents_next(&map.extents, extents_next(&map.extents, first, 30), UINT64_MAX));
	arena_deinit(&map.arena);
}

/* A capture may say that nothing was mapped: that is no overlap, also within an extent. */
static void empty_ranges_overlap_nothing(void **state)
{
	struct value value = {0};
	struct map map;

	map_init(&map);
	map_insert(&map, 10, 19, &value);
	assert_null(extents_first(&map.extents, 15, 14));
	assert_null(extents_first(&map.extents, UINT64_MAX, 0));
	assert_null(extents_remove(&map.extents, 15, 14, NULL, NULL));
	assert_int_equal(extents_count(&map.extents), 1);
	arena_deinit(&map.arena);
}

static void cuts_both_ends_and_the_middle(void **state)
{
	struct pieces removed = {.count = 0};
	struct value value = {0};
	struct map map;

	map_init(&map);
	map_insert(&map, 10, 99, &value);
	assert_null(extents_remove(&map.extents, 0, 19, collect, &removed));
	assert_piece(&removed, 0, 10, 19, &value);
	assert_null(extents_remove(&map.extents, 90, 200, collect, &removed));
	assert_piece(&removed, 1, 90, 99, &value);
	assert_int_equal(value.pieces, 1);
	assert_null(extents_remove(&map.extents, 40, 59, collect, &removed));
	assert_piece(&removed, 2, 40, 59, &value);
	assert_int_equal(value.pieces, 2);
	assert_int_equal(removed.count, 3);

	struct pieces left = all_of(&map);

	assert_int_equal(left.count, 2);
	assert_piece(&left, 0, 20, 39, &value);
	assert_piece(&left, 1, 60, 89, &value);
	assert_null(extents_clear(&map.extents, NULL, NULL));
	assert_int_equal(value.pieces, 0);
	arena_deinit(&map.arena);
}

static void removes_across_extents_in_order(void **state)
{
	struct pieces removed = {.count = 0};
	struct value values[4] = {{0}};
	struct map map;

	map_init(&map);
	for (unsigned int i = 0; i < 4; i++)
		map_insert(&map, i * 10, i * 10 + 9, &values[i]);
	assert_null(extents_remove(&map.extents, 5, 34, collect, &removed));
	assert_int_equal(removed.count, 4);
	assert_piece(&removed, 0, 5, 9, &values[0]);
	assert_piece(&removed, 1, 10, 19, &values[1]);
	assert_piece(&removed, 2, 20, 29, &values[2]);
	assert_piece(&removed, 3, 30, 34, &values[3]);

	struct pieces left = all_of(&map);

	assert_int_equal(left.count, 2);
	assert_piece(&left, 0, 0, 4, &values[0]);
	assert_piece(&left, 1, 35, 39, &values[3]);
	assert_int_equal(values[1].pieces + values[2].pieces, 0);
	arena_deinit(&map.arena);
}

static void the_ends_of_the_address_space_are_addresses(void **state)
{
	struct pieces removed = {.count = 0};
	struct value value = {0};
	struct map map;

	map_init(&map);
	map_insert(&map, 0, UINT64_MAX, &value);
	assert_null(extents_remove(&map.extents, 0, 0, collect, &removed));
	assert_null(extents_remove(&map.extents, UINT64_MAX, UINT64_MAX, collect, &removed));
	assert_piece(&removed, 0, 0, 0, &value);
	assert_piece(&removed, 1, UINT64_MAX, UINT64_MAX, &value);

	struct pieces left = all_of(&map);

	assert_int_equal(left.count, 1);
	assert_piece(&left, 0, 1, UINT64_MAX - 1, &value);
	map_insert(&map, UINT64_MAX, UINT64_MAX, &value);
	map_insert(&map, 0, 0, &value);
	assert_ptr_equal(extents_first(&map.extents, UINT64_MAX, UINT64_MAX)->value, &value);
	assert_int_equal(all_of(&map).count, 3);
	assert_null(extents_clear(&map.extents, NULL, NULL));
	assert_int_equal(value.pieces, 0);
	arena_deinit(&map.arena);
}

static void an_error_of_the_visit_ends_the_removal(void **state)
{
	struct pieces removed = {.fail_at = 2};
	struct value values[3] = {{0}};
	struct map map;

	map_init(&map);
	for (unsigned int i = 0; i < 3; i++)
		map_insert(&map, i * 10, i * 10 + 9, &values[i]);
	assert_ptr_equal(extents_clear(&map.extents, collect, &removed), error_memory());
	assert_int_equal(removed.count, 2);
	assert_int_equal(values[1].pieces, 0);

	struct pieces left = all_of(&map);

	assert_int_equal(left.count, 1);
	assert_piece(&left, 0, 20, 29, &values[2]);
	arena_deinit(&map.arena);
}

/* An arena refuses objects of this size, as it does when memory is short. */
static void short_memory_changes_nothing(void **state)
{
	struct pieces removed = {.count = 0};
	struct value value = {0};
	struct map map;

	map_init(&map);
	map_insert(&map, 10, 99, &value);
	map.extents.pool.size = SIZE_MAX;
	assert_false(extents_insert(&map.extents, 0, 9, &value));
	assert_ptr_equal(extents_remove(&map.extents, 40, 59, collect, &removed), error_memory());
	assert_int_equal(removed.count, 0);
	assert_int_equal(value.pieces, 1);

	struct pieces left = all_of(&map);

	assert_int_equal(left.count, 1);
	assert_piece(&left, 0, 10, 99, &value);
	/* Cutting an end and removing need no memory. */
	assert_null(extents_remove(&map.extents, 10, 19, NULL, NULL));
	assert_null(extents_clear(&map.extents, NULL, NULL));
	arena_deinit(&map.arena);
}

static void *next_value(void *context, void *value)
{
	return (struct value *)value + 1;
}

/* share() may as well make a value of its own for the upper piece. */
static void the_upper_piece_has_what_share_returns(void **state)
{
	const struct extents_hooks hooks = {.share = next_value};
	struct value values[2] = {{0}};
	struct map map = {.arena = {0}};

	extents_init(&map.extents, &map.arena, hooks);
	map_insert(&map, 10, 99, &values[0]);
	assert_null(extents_remove(&map.extents, 40, 59, NULL, NULL));
	assert_ptr_equal(extents_first(&map.extents, 39, 39)->value, &values[0]);
	assert_ptr_equal(extents_first(&map.extents, 60, 60)->value, &values[1]);
	arena_deinit(&map.arena);
}

static void works_without_hooks(void **state)
{
	struct value value = {0};
	struct map map = {.arena = {0}};

	extents_init(&map.extents, &map.arena, (struct extents_hooks){0});
	map_insert(&map, 10, 99, &value);
	assert_null(extents_remove(&map.extents, 40, 59, NULL, NULL));
	assert_ptr_equal(extents_first(&map.extents, 60, 60)->value, &value);
	assert_null(extents_clear(&map.extents, NULL, NULL));
	arena_deinit(&map.arena);
}

/* ---- against a model ---------------------------------------------------------------------- */

enum {
	CELLS = 256,
	OPERATIONS = 80000,
	MAX_LENGTH = 24
};

/* A value, or NULL, for each of a few addresses from `base` on. */
struct model {
	uint64_t base;
	struct value *cell[CELLS];
	struct map map;
};

/* A run of cells with one value is one extent: a cut leaves a gap, and no value comes twice. */
static unsigned int run_end(const struct model *model, unsigned int from, unsigned int end)
{
	unsigned int i = from + 1;

	while (i < end && model->cell[i] == model->cell[from])
		i++;
	return i;
}

/* Checks that `pieces` are the runs of the model in [from, end). */
static void assert_runs(const struct model *model, unsigned int from, unsigned int end,
			const struct pieces *pieces)
{
	size_t count = 0;

	for (unsigned int i = from, next; i < end; i = next) {
		next = run_end(model, i, end);
		if (model->cell[i])
			assert_piece(pieces, count++, model->base + i, model->base + next - 1,
				     model->cell[i]);
	}
	assert_int_equal(pieces->count, count);
}

/* Removes [from, end) and puts `value` there instead, if not NULL. */
static void replace(struct model *model, unsigned int from, unsigned int end, struct value *value)
{
	struct pieces removed = {.count = 0};
	uint64_t start = model->base + from, last = model->base + end - 1;

	assert_null(extents_remove(&model->map.extents, start, last, collect, &removed));
	assert_runs(model, from, end, &removed);
	assert_null(extents_first(&model->map.extents, start, last));
	for (unsigned int i = from; i < end; i++)
		model->cell[i] = value;
	if (value)
		map_insert(&model->map, start, last, value);
}

/* Seeded, so that a failure comes again. */
static void agrees_with_the_model_at(uint64_t base)
{
	struct value *values = calloc(OPERATIONS, sizeof(*values));
	struct model model = {.base = base};

	assert_non_null(values);
	map_init(&model.map);
	for (size_t i = 0; i < OPERATIONS; i++) {
		uint64_t random = hash_u64(base + i * 2 + 1);
		unsigned int from = random % CELLS;
		unsigned int end = from + 1 + (random >> 16) % MAX_LENGTH;
		bool inserts = random >> 32 & 1;

		replace(&model, from, end < CELLS ? end : CELLS, inserts ? &values[i] : NULL);
		if (i % 16)
			continue;
		struct pieces all = all_of(&model.map);

		assert_runs(&model, 0, CELLS, &all);
	}
	assert_null(extents_clear(&model.map.extents, NULL, NULL));
	for (size_t i = 0; i < OPERATIONS; i++)
		assert_int_equal(values[i].pieces, 0);
	arena_deinit(&model.map.arena);
	free(values);
}

static void agrees_with_a_model(void **state)
{
	agrees_with_the_model_at(0);
	agrees_with_the_model_at(0xffff800008000000);
	agrees_with_the_model_at(UINT64_MAX - (CELLS - 1));
}

/* ---- size ----------------------------------------------------------------------------------- */

enum {
	PAGES = 32000,
	PAGE = 4096
};

static uint64_t page(size_t i)
{
	return 0xffff800008000000 + i * PAGE;
}

/*
 * One mapping whose pages go one by one: the even ones first, so that as many extents are left as
 * can be.  A random tree of 16,000 is about 35 deep; 64 is far from both that and a list.
 */
static void stays_flat_when_pages_go_one_by_one(void **state)
{
	struct value value = {0};
	struct map map;

	map_init(&map);
	map_insert(&map, page(0), page(PAGES) - 1, &value);
	for (size_t i = 0; i < PAGES; i += 2)
		assert_null(extents_remove(&map.extents, page(i), page(i + 1) - 1, NULL, NULL));
	assert_int_equal(extents_count(&map.extents), PAGES / 2);
	assert_in_range(depth_of(map.extents.root), 14, 64);
	for (size_t i = PAGES - 1; i < PAGES; i -= 2)
		assert_null(extents_remove(&map.extents, page(i), page(i + 1) - 1, NULL, NULL));
	assert_int_equal(extents_count(&map.extents), 0);
	assert_int_equal(value.pieces, 0);
	arena_deinit(&map.arena);
}

/* Memory follows what is mapped, not what has been: the second round takes what the first left. */
static void stays_flat_when_pages_come_in_order(void **state)
{
	struct value value = {0};
	size_t taken = 0;
	struct map map;

	map_init(&map);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < PAGES; i++)
			map_insert(&map, page(i), page(i + 1) - 1, &value);
		assert_in_range(depth_of(map.extents.root), 15, 64);
		assert_null(extents_clear(&map.extents, NULL, NULL));
		assert_int_equal(value.pieces, 0);
		if (round == 0)
			taken = map.arena.total;
		assert_int_equal(map.arena.total, taken);
	}
	arena_deinit(&map.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_map_has_nothing),
		cmocka_unit_test(finds_what_overlaps),
		cmocka_unit_test(empty_ranges_overlap_nothing),
		cmocka_unit_test(cuts_both_ends_and_the_middle),
		cmocka_unit_test(removes_across_extents_in_order),
		cmocka_unit_test(the_ends_of_the_address_space_are_addresses),
		cmocka_unit_test(an_error_of_the_visit_ends_the_removal),
		cmocka_unit_test(short_memory_changes_nothing),
		cmocka_unit_test(the_upper_piece_has_what_share_returns),
		cmocka_unit_test(works_without_hooks),
		cmocka_unit_test(agrees_with_a_model),
		cmocka_unit_test(stays_flat_when_pages_go_one_by_one),
		cmocka_unit_test(stays_flat_when_pages_come_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
