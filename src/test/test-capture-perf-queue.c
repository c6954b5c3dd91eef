/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture/perf/queue.h"

struct numbered {
	struct queue_item item;
	uint64_t number; /* of arrival */
};

static void add(struct queue *queue, uint64_t time, uint64_t number)
{
	struct numbered *item = queue_add(queue, time, sizeof(*item));

	assert_non_null(item);
	item->number = number;
}

/* Takes all that may leave and checks their times. */
static void assert_leave(struct queue *queue, const uint64_t *times, size_t count)
{
	const struct queue_item *item;

	for (size_t i = 0; i < count; i++) {
		item = queue_take(queue);
		assert_non_null(item);
		assert_int_equal(item->time, times[i]);
	}
	assert_null(queue_take(queue));
}

static void keeps_a_round_until_the_next_is_finished(void **state)
{
	static const uint64_t first[] = {1, 2, 2, 3, 4, 5}, second[] = {6, 7, 8, 9};
	static const uint64_t arrivals[2][6] = {{1, 2, 3, 2, 4, 5}, {6, 7, 8, 9}};
	struct queue queue;

	queue_init(&queue);
	for (size_t i = 0; i < 6; i++)
		add(&queue, arrivals[0][i], i);
	assert_null(queue_take(&queue));
	queue_finish_round(&queue);
	assert_null(queue_take(&queue));
	for (size_t i = 0; i < 4; i++)
		add(&queue, arrivals[1][i], i);
	queue_finish_round(&queue);
	assert_leave(&queue, first, 6);
	queue_finish(&queue);
	assert_leave(&queue, second, 4);
	queue_deinit(&queue);
}

static void sorts_what_a_round_brings_late(void **state)
{
	/* Of the second round one is earlier than the newest of the first. */
	static const uint64_t expected[] = {1, 4, 5};
	struct queue queue;

	queue_init(&queue);
	add(&queue, 1, 0);
	add(&queue, 5, 1);
	queue_finish_round(&queue);
	add(&queue, 4, 2);
	add(&queue, 9, 3);
	queue_finish_round(&queue);
	assert_leave(&queue, expected, 3);
	queue_deinit(&queue);
}

static void keeps_the_order_of_arrival_at_equal_times(void **state)
{
	static const uint64_t times[] = {3, 3, 1, 3, 1, 3, 2, 3};
	static const uint64_t expected[] = {2, 4, 6, 0, 1, 3, 5, 7};
	struct queue queue;

	queue_init(&queue);
	for (size_t i = 0; i < 8; i++)
		add(&queue, times[i], i);
	queue_finish(&queue);
	for (size_t i = 0; i < 8; i++) {
		const struct numbered *item = queue_take(&queue);

		assert_non_null(item);
		assert_int_equal(item->number, expected[i]);
	}
	queue_deinit(&queue);
}

static void goes_on_after_it_was_empty(void **state)
{
	struct queue queue;

	queue_init(&queue);
	for (uint64_t time = 1; time < 100000; time++) {
		add(&queue, time, time);
		queue_finish_round(&queue);
		queue_finish_round(&queue);
		assert_leave(&queue, &time, 1);
	}
	assert_int_equal(queue.used_blocks, 1);
	queue_deinit(&queue);
}

/* Items of all sizes, in rounds of several CPUs, against a plain sort. */
static void sorts_as_a_plain_sort_does(void **state)
{
	enum {
		CPUS = 7,
		ROUNDS = 200,
		PER_CPU = 50,
	};
	struct queue queue;
	uint64_t last = 0, nr_added = 0, nr_taken = 0;

	queue_init(&queue);
	srand(1);
	for (uint64_t round = 0; round < ROUNDS; round++) {
		for (uint64_t cpu = 0; cpu < CPUS; cpu++) {
			/* A round may reach back into the one before, not further. */
			uint64_t time = 1000 * round + (uint64_t)(rand() % 900);

			for (int i = rand() % PER_CPU; i > 0; i--) {
				size_t size = 16 + 8 * (size_t)(rand() % (rand() % 50 ? 20 : 9000));

				assert_non_null(queue_add(&queue, time, size));
				time += (uint64_t)(rand() % 20);
				nr_added++;
			}
		}
		queue_finish_round(&queue);
		for (struct queue_item *item; (item = queue_take(&queue)); nr_taken++) {
			assert_true(item->time >= last);
			last = item->time;
		}
	}
	queue_finish(&queue);
	for (struct queue_item *item; (item = queue_take(&queue)); nr_taken++) {
		assert_true(item->time >= last);
		last = item->time;
	}
	assert_int_equal(nr_added, nr_taken);
	assert_true(queue.used_blocks <= 1);
	queue_deinit(&queue);
}

static void is_bounded_when_rounds_do_not_end(void **state)
{
	enum {
		ITEM = 1024,
		ITEMS = 4 * QUEUE_MAX_BLOCKS * (QUEUE_BLOCK_SIZE / ITEM),
	};
	struct queue queue;
	uint64_t last = 0, nr_taken = 0;

	queue_init(&queue);
	/* Nearly sorted: each pair is swapped. */
	for (uint64_t i = 0; i < ITEMS; i++) {
		assert_non_null(queue_add(&queue, 1 + (i ^ 1), ITEM));
		for (struct queue_item *item; (item = queue_take(&queue)); nr_taken++) {
			assert_true(item->time > last);
			last = item->time;
		}
		assert_true(queue.used_blocks <= QUEUE_MAX_BLOCKS + 1);
	}
	assert_true(nr_taken > ITEMS / 2);
	queue_deinit(&queue);
}

static void is_bounded_when_some_never_leave(void **state)
{
	struct queue queue;

	queue_init(&queue);
	/* One of far in the future in each block. */
	for (uint64_t i = 0; i < 200000; i++) {
		assert_non_null(queue_add(&queue, i % 64 ? i : UINT64_MAX - i, 2048));
		queue_finish_round(&queue);
		while (queue_take(&queue))
			;
		assert_true(queue.used_blocks <= QUEUE_MAX_BLOCKS + 1);
	}
	queue_deinit(&queue);
}

static void takes_descending_times(void **state)
{
	struct queue queue;

	queue_init(&queue);
	for (uint64_t i = 10000; i > 0; i--)
		add(&queue, i, i);
	queue_finish(&queue);
	for (uint64_t i = 1; i <= 10000; i++) {
		const struct queue_item *item = queue_take(&queue);

		assert_non_null(item);
		assert_int_equal(item->time, i);
	}
	assert_null(queue_take(&queue));
	queue_deinit(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_a_round_until_the_next_is_finished),
		cmocka_unit_test(sorts_what_a_round_brings_late),
		cmocka_unit_test(keeps_the_order_of_arrival_at_equal_times),
		cmocka_unit_test(goes_on_after_it_was_empty),
		cmocka_unit_test(sorts_as_a_plain_sort_does),
		cmocka_unit_test(is_bounded_when_rounds_do_not_end),
		cmocka_unit_test(is_bounded_when_some_never_leave),
		cmocka_unit_test(takes_descending_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
