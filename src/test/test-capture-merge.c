/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "capture/merge.h"

enum {
	STREAMS = 37,
	LENGTH = 200,
};

struct stream {
	uint64_t time[LENGTH];
	size_t length;
	size_t next;
};

static uint64_t random_state = 1;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (random_state >> 33) % limit;
}

/* Fills a stream with times that do not fall; small steps, so that many are equal. */
static void fill(struct stream *stream, size_t length)
{
	uint64_t time = random_below(50);

	stream->length = length;
	stream->next = 0;
	for (size_t i = 0; i < length; i++) {
		time += random_below(4);
		stream->time[i] = time;
	}
}

/* Merges the streams and checks that nothing is lost and all is in order. */
static void check(struct stream *streams, size_t count)
{
	struct merge merge = {0};
	const struct merge_item *item;
	struct merge_item before = {0};
	size_t total = 0;

	for (size_t i = count; i-- > 0;)
		if (streams[i].length)
			assert_true(merge_push(&merge, streams[i].time[0], i, &streams[i]));
	while ((item = merge_first(&merge))) {
		struct stream *stream = item->stream;

		assert_ptr_equal(stream, &streams[item->rank]);
		assert_int_equal(item->time, stream->time[stream->next]);
		if (total++)
			assert_true(item->time > before.time ||
				    (item->time == before.time && item->rank >= before.rank));
		before = *item;
		if (++stream->next < stream->length)
			merge_replace(&merge, stream->time[stream->next]);
		else
			merge_drop(&merge);
	}
	for (size_t i = 0; i < count; i++)
		total -= streams[i].length;
	assert_int_equal(total, 0);
	merge_deinit(&merge);
}

static void merges_by_time_and_rank(void **state)
{
	static struct stream streams[STREAMS];

	for (size_t count = 0; count <= STREAMS; count++) {
		for (size_t i = 0; i < count; i++)
			fill(&streams[i], random_below(LENGTH));
		check(streams, count);
	}
}

static void nothing_is_first_in_nothing(void **state)
{
	struct merge merge = {0};

	assert_null(merge_first(&merge));
	merge_deinit(&merge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_by_time_and_rank),
		cmocka_unit_test(nothing_is_first_in_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
