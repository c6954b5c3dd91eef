/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reader of perf.data remembers: events by their ids, threads by theirs, losses by CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mmureplay/capture.h>

#include "capture/perf/events.h"
#include "capture/perf/losses.h"
#include "capture/perf/threads.h"

#include "perf-builder.h"

static void assert_str(struct str view, const char *text)
{
	assert_int_equal(view.length, strlen(text));
	assert_memory_equal(view.text, text, view.length);
}

/* ---- events -------------------------------------------------------------------------------- */

static struct perf_event *add_event(struct event_table *table, uint64_t sample_type,
				    uint64_t first_id)
{
	struct builder builder = {0};
	struct perf_attr attr;

	put_attr(&builder, &(struct attr_spec){.type = PERF_TYPE_TRACEPOINT,
					       .sample_type = sample_type,
					       .flags = 1 << 18});
	struct cursor cursor = cursor_over(built(&builder), 0, "the attributes", false);

	assert_null(attr_read(&cursor, &attr));
	builder_deinit(&builder);

	struct perf_event *event = events_add(table, &attr);

	assert_non_null(event);
	assert_true(events_add_id(table, first_id, event));
	assert_true(events_add_id(table, first_id + 1, event));
	return event;
}

/* The event of a record that has `id` at both its start and its end. */
static struct perf_event *event_of(struct event_table *table, uint32_t type, uint64_t id)
{
	struct builder builder = {0};
	size_t start = begin_record(&builder, type, 0);

	put_u64(&builder, id);
	for (int i = 0; i < 3; i++)
		put_u64(&builder, 0xf1f1f1f1f1f1f1f1);
	put_u64(&builder, id);
	end_record(&builder, start);
	struct perf_record record = built_record(&builder);
	struct perf_event *event = type == PERF_RECORD_SAMPLE
					   ? events_of_sample(table, &record, false)
					   : events_of_other(table, &record, false);

	builder_deinit(&builder);
	return event;
}

static void finds_events_by_identifier(void **state)
{
	struct event_table table = {0};
	struct perf_event *a = add_event(&table, SAMPLE_IDENTIFIER | SAMPLE_TIME, 10);
	struct perf_event *b = add_event(&table, SAMPLE_IDENTIFIER | SAMPLE_CPU, 20);

	assert_ptr_equal(event_of(&table, PERF_RECORD_SAMPLE, 10), a);
	assert_ptr_equal(event_of(&table, PERF_RECORD_SAMPLE, 21), b);
	assert_ptr_equal(event_of(&table, PERF_RECORD_SAMPLE, 20), b);
	assert_ptr_equal(event_of(&table, PERF_RECORD_SAMPLE, 11), a);
	assert_null(event_of(&table, PERF_RECORD_SAMPLE, 12));
	assert_ptr_equal(event_of(&table, PERF_RECORD_LOST, 21), b);
	/* What perf record makes up has no id. */
	assert_ptr_equal(event_of(&table, PERF_RECORD_COMM, 0), a);
	events_deinit(&table);
}

static void finds_events_by_id_and_stream_id(void **state)
{
	static const uint64_t types[] = {SAMPLE_ID, SAMPLE_STREAM_ID};

	for (size_t i = 0; i < 2; i++) {
		struct event_table table = {0};
		struct perf_event *a = add_event(&table, types[i], 10);
		struct perf_event *b = add_event(&table, types[i] | SAMPLE_RAW, 20);

		assert_ptr_equal(event_of(&table, PERF_RECORD_SAMPLE, 10), a);
		assert_ptr_equal(event_of(&table, PERF_RECORD_SAMPLE, 20), b);
		assert_ptr_equal(event_of(&table, PERF_RECORD_LOST, 20), b);
		events_deinit(&table);
	}
}

static void needs_no_id_for_the_only_event(void **state)
{
	struct event_table table = {0};
	struct perf_event *event = add_event(&table, SAMPLE_TIME, 10);

	assert_ptr_equal(event_of(&table, PERF_RECORD_SAMPLE, 5), event);
	assert_ptr_equal(event_of(&table, PERF_RECORD_COMM, 5), event);
	events_deinit(&table);
}

static void leaves_samples_without_an_id_to_their_raw_data(void **state)
{
	struct event_table table = {0};
	struct perf_event *first = add_event(&table, SAMPLE_TIME | SAMPLE_RAW, 10);

	add_event(&table, SAMPLE_TIME | SAMPLE_RAW, 20);
	struct perf_event *event = event_of(&table, PERF_RECORD_SAMPLE, 20);

	assert_non_null(event);
	assert_true(event->is_anonymous);
	assert_ptr_equal(event_of(&table, PERF_RECORD_LOST, 20), first);
	/* They cannot be read any more when one event has others. */
	add_event(&table, SAMPLE_TIME | SAMPLE_CPU | SAMPLE_RAW, 30);
	assert_null(event_of(&table, PERF_RECORD_SAMPLE, 20));
	events_deinit(&table);
}

static void has_no_event_before_the_first(void **state)
{
	struct event_table table = {0};

	assert_null(event_of(&table, PERF_RECORD_SAMPLE, 1));
	assert_null(event_of(&table, PERF_RECORD_COMM, 1));
	events_deinit(&table);
}

/* ---- threads ------------------------------------------------------------------------------- */

static void names_threads(void **state)
{
	struct threads threads;

	threads_init(&threads);
	assert_str(threads_comm(&threads, 0), "swapper");
	assert_str(threads_comm(&threads, 7), "");
	assert_true(threads_name(&threads, 7, STR("sh")));
	assert_true(threads_fork(&threads, 8, 7));
	assert_str(threads_comm(&threads, 8), "sh");
	assert_true(threads_name(&threads, 8, STR("modprobe")));
	assert_str(threads_comm(&threads, 7), "sh");
	assert_str(threads_comm(&threads, 8), "modprobe");
	assert_true(threads_name(&threads, 9, STR("a name of more than 16")));
	assert_str(threads_comm(&threads, 9), "a name of more t");
	threads_deinit(&threads);
}

static void keeps_the_name_of_a_thread_that_ended(void **state)
{
	struct threads threads;

	threads_init(&threads);
	assert_true(threads_name(&threads, 7, STR("sh")));
	threads_exit(&threads, 7);
	threads_exit(&threads, 99); /* nobody knows it */
	assert_str(threads_comm(&threads, 7), "sh");
	/* Its number is given to another one, whose name is not known. */
	assert_true(threads_fork(&threads, 7, 1000));
	assert_str(threads_comm(&threads, 7), "");
	threads_deinit(&threads);
}

static void forgets_threads_that_ended_long_ago(void **state)
{
	struct threads threads;

	threads_init(&threads);
	for (int32_t tid = 1; tid < 100000; tid++) {
		assert_true(threads_name(&threads, tid, STR("short")));
		threads_exit(&threads, tid);
		assert_str(threads_comm(&threads, tid), "short");
	}
	assert_true(threads.by_tid.count <= THREADS_ENDED);
	assert_true(threads.arena.total < 1024 * 1024);
	threads_deinit(&threads);
}

/* ---- losses -------------------------------------------------------------------------------- */

static void assert_next_loss(struct losses *losses, uint32_t cpu, uint64_t count, uint64_t position)
{
	uint32_t got_cpu;
	uint64_t got_count, got_position;

	assert_true(losses_next(losses, &got_cpu, &got_count, &got_position));
	assert_int_equal(got_cpu, cpu);
	assert_int_equal(got_count, count);
	assert_int_equal(got_position, position);
}

static void assert_no_more_losses(struct losses *losses)
{
	uint32_t cpu;
	uint64_t count, position;

	assert_false(losses_next(losses, &cpu, &count, &position));
	losses_deinit(losses);
}

static void gives_what_no_record_told(void **state)
{
	struct losses losses = {0};

	assert_true(losses_tell(&losses, 1, 10));
	assert_true(losses_tell(&losses, 1, 5));
	assert_true(losses_tell(&losses, 3, 7));
	assert_true(losses_count(&losses, 1, 12, 100)); /* of two events */
	assert_true(losses_count(&losses, 1, 8, 200));
	assert_true(losses_count(&losses, 2, 4, 300));
	assert_true(losses_count(&losses, 3, 7, 400));
	assert_next_loss(&losses, 1, 5, 200);
	assert_next_loss(&losses, 2, 4, 300);
	assert_no_more_losses(&losses);
}

static void gives_losses_of_no_cpu(void **state)
{
	struct losses losses = {0};

	assert_true(losses_tell(&losses, 1, 10));
	assert_true(losses_count(&losses, CPU_UNKNOWN, 25, 100));
	assert_next_loss(&losses, CPU_UNKNOWN, 15, 100);
	assert_no_more_losses(&losses);
}

static void gives_nothing_when_all_was_told(void **state)
{
	struct losses losses = {0};

	assert_true(losses_tell(&losses, 0, UINT64_MAX));
	assert_true(losses_tell(&losses, 0, UINT64_MAX));
	assert_true(losses_count(&losses, 0, 3, 100));
	assert_true(losses_count(&losses, CPU_UNKNOWN, 3, 100));
	assert_no_more_losses(&losses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_events_by_identifier),
		cmocka_unit_test(finds_events_by_id_and_stream_id),
		cmocka_unit_test(needs_no_id_for_the_only_event),
		cmocka_unit_test(leaves_samples_without_an_id_to_their_raw_data),
		cmocka_unit_test(has_no_event_before_the_first),
		cmocka_unit_test(names_threads),
		cmocka_unit_test(keeps_the_name_of_a_thread_that_ended),
		cmocka_unit_test(forgets_threads_that_ended_long_ago),
		cmocka_unit_test(gives_what_no_record_told),
		cmocka_unit_test(gives_losses_of_no_cpu),
		cmocka_unit_test(gives_nothing_when_all_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
