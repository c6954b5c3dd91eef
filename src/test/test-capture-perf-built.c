/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and pipes that were put together here: what no recording at hand has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "perf-fixture.h"

/* ---- files and pipes of both byte orders --------------------------------------------------- */

static void put_some_of_all(struct builder *records)
{
	put_id_index(records);
	put_thread_map(records, UINT64_MAX);
	put_kernel_mmap(records, MISC_KERNEL, UINT32_MAX, STR("[kernel.kallsyms]_text"),
			0xffff800008000000);
	put_comm(records, 7, STR("modprobe"), 0);
	put_sample(records, 0, 0, 1000, 7);
	put_sample(records, 1, 0, 3000, 7);
	put_sample(records, 0, 1, 2000, 8);
	put_round(records);
	put_lost(records, 11, 1, 4000, 12);
	put_round(records);
}

static void assert_some_of_all(struct capture *capture, const char *kind)
{
	const struct capture_info *info = capture_info(capture);

	assert_str(assert_sample(capture, 0, 0, 1000, 7)->comm, "modprobe");
	assert_str(assert_sample(capture, 0, 1, 2000, 8)->comm, "");
	assert_str(assert_sample(capture, 1, 0, 3000, 7)->comm, "modprobe");
	assert_lost(capture, 1, 12);
	assert_string_equal(info->kind, kind);
	assert_string_equal(info->release, "5.10.1-arm64");
	assert_int_equal(info->nr_cpus, 6);
	assert_string_equal(info->kernel_symbol, "_text");
	assert_int_equal(info->kernel_address, 0xffff800008000000);
	assert_int_equal(info->nr_records, 3);
	assert_int_equal(info->nr_unread, 0);
	assert_false(info->of_some_tasks);
	assert_false(info->is_sampled);
	assert_false(info->truncated);
	assert_end(capture);
}

static void reads_files_and_pipes_of_both_byte_orders(void **state)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		struct builder records = {.big_endian = big_endian};
		struct file_spec spec = usual;

		spec.big_endian = big_endian;
		put_some_of_all(&records);
		assert_some_of_all(open_built(build_file(&spec, &records)), "perf.data");
		assert_some_of_all(open_built(build_pipe(&spec, &records)), "perf.data (pipe)");
		spec.long_size = 4; /* a 32-bit perf */
		assert_some_of_all(open_built(build_file(&spec, &records)), "perf.data");
		builder_deinit(&records);
	}
}

static void reads_attributes_of_other_versions(void **state)
{
	static const uint32_t sizes[] = {64, 96, 112, 136, 144, 256};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct attr_spec attrs[2] = {usual_attrs[0], usual_attrs[1]};
		struct file_spec spec = usual;
		struct builder records = {0};

		attrs[0].size = attrs[1].size = sizes[i];
		spec.attr = attrs;
		put_some_of_all(&records);
		assert_some_of_all(open_built(build_file(&spec, &records)), "perf.data");
		assert_some_of_all(open_built(build_pipe(&spec, &records)), "perf.data (pipe)");
		builder_deinit(&records);
	}
}

/* ---- which event --------------------------------------------------------------------------- */

/* Samples of these two events without ids are told apart by their raw data. */
static void reads_samples_without_ids(void **state)
{
	struct attr_spec attrs[2] = {usual_attrs[0], usual_attrs[1]};
	struct file_spec spec = usual;
	struct builder records = {0};

	attrs[0].sample_type = attrs[1].sample_type = SAMPLE_TIME | SAMPLE_RAW;
	spec.attr = attrs;
	spec.ids = NULL;
	for (uint64_t time = 1000; time < 1004; time++) {
		size_t start = begin_record(&records, PERF_RECORD_SAMPLE, 0);

		put_u64(&records, time);
		if (time & 1)
			put_raw(&records, RETURN_ID, 4321,
				(uint64_t[]){PROBE_AT, CALLER_AT, time + 3});
		else
			put_raw(&records, CALL_ID, 4321,
				(uint64_t[]){PROBE_AT, time + 1, time + 2});
		end_record(&records, start);
	}
	struct capture *capture = open_built(build_file(&spec, &records));

	/* The task is then that of the raw data. */
	for (uint64_t time = 1000; time < 1004; time++)
		assert_sample(capture, time & 1, CPU_UNKNOWN, time, 4321);
	assert_end(capture);
	builder_deinit(&records);
}

static void passes_over_what_is_no_tracepoint(void **state)
{
	struct attr_spec attrs[2] = {usual_attrs[0], usual_attrs[1]};
	struct file_spec spec = usual;
	struct builder records = {0};

	attrs[1].type = 1; /* PERF_TYPE_SOFTWARE */
	spec.attr = attrs;
	put_sample(&records, 1, 0, 1000, 7);
	put_sample(&records, 0, 0, 2000, 7);
	put_sample(&records, 1, 0, 3000, 7);
	struct capture *capture = open_built(build_file(&spec, &records));

	assert_sample(capture, 0, 0, 2000, 7);
	assert_int_equal(capture_info(capture)->nr_unread, 0);
	assert_end(capture);
	builder_deinit(&records);
}

static void counts_samples_that_it_cannot_read(void **state)
{
	struct attr_spec attrs[3] = {usual_attrs[0], usual_attrs[1], usual_attrs[1]};
	const uint64_t ids[3][2] = {{10, 11}, {20, 21}, {30, 31}};
	struct file_spec spec = usual;
	struct builder records = {0};
	uint64_t first;

	attrs[2].config = 999; /* has no format */
	attrs[2].sample_type = SAMPLE_IDENTIFIER | SAMPLE_TIME | SAMPLE_RAW;
	spec.attr = attrs;
	spec.ids = ids;
	spec.nr_attrs = 3;
	put_sample(&records, 0, 0, 1000, 7);
	first = built(&records).length;
	/* No format, no such id, too short, of another event than its id says, no such CPU. */
	for (uint64_t i = 0; i < 5; i++) {
		size_t start = built(&records).length;

		put_sample(&records, 0, i == 4 ? 1000000 : 0, 2000 + i, 7);
		if (i == 0)
			set_u64(&records, start + 8, 30);
		if (i == 1)
			set_u64(&records, start + 8, 12345);
		if (i == 2) {
			records.bytes.length -= 8;
			end_record(&records, start);
		}
		if (i == 3)
			set_u64(&records, start + 8, 20);
	}
	put_sample(&records, 0, 0, 3000, 7);
	struct capture *capture = open_built(build_file(&spec, &records));

	assert_sample(capture, 0, 0, 1000, 7);
	assert_sample(capture, 0, 0, 3000, 7);
	assert_int_equal(capture_info(capture)->nr_unread, 5);
	assert_int_equal(capture_info(capture)->nr_records, 7);
	assert_int_equal(capture_info(capture)->first_unread.position,
			 104 + 3 * 16 + 3 * 144 + first);
	assert_end(capture);
	builder_deinit(&records);
}

/* ---- order --------------------------------------------------------------------------------- */

static void sorts_rounds(void **state)
{
	struct builder records = {0};

	/* As perf record reads two CPUs: one buffer, then the other. */
	for (uint64_t round = 0; round < 100; round++) {
		for (uint32_t cpu = 0; cpu < 2; cpu++)
			for (uint64_t i = 0; i < 10; i++)
				put_sample(&records, 0, cpu, 1000 + round * 100 + i * 10 + cpu, 7);
		put_round(&records);
	}
	struct capture *capture = open_built(build_pipe(&usual, &records));

	for (uint64_t i = 0; i < 2000; i++)
		assert_sample(capture, 0, i & 1, 1000 + i / 2 * 10 + (i & 1), 7);
	assert_end(capture);
	builder_deinit(&records);
}

static void names_threads_as_they_are_called_then(void **state)
{
	struct builder records = {0};

	/* CPU 1 first: its samples are between those of CPU 0. */
	put_sample(&records, 0, 1, 1500, 7);
	put_sample(&records, 0, 1, 2500, 9);
	put_sample(&records, 0, 1, 4500, 9);
	put_comm(&records, 7, STR("sh"), 0);
	put_sample(&records, 0, 0, 1000, 7);
	put_task(&records, PERF_RECORD_FORK, 9, 7, 2000);
	put_comm(&records, 9, STR("modprobe"), 3000);
	put_sample(&records, 0, 0, 3500, 9);
	put_task(&records, PERF_RECORD_EXIT, 9, 7, 4000);
	put_task(&records, PERF_RECORD_FORK, 9, 100, 5000);
	put_sample(&records, 0, 0, 5500, 9);
	put_sample(&records, 0, 0, 6000, 0);
	struct capture *capture = open_built(build_file(&usual, &records));

	assert_str(assert_sample(capture, 0, 0, 1000, 7)->comm, "sh");
	assert_str(assert_sample(capture, 0, 1, 1500, 7)->comm, "sh");
	assert_str(assert_sample(capture, 0, 1, 2500, 9)->comm, "sh");
	assert_str(assert_sample(capture, 0, 0, 3500, 9)->comm, "modprobe");
	assert_str(assert_sample(capture, 0, 1, 4500, 9)->comm, "modprobe");
	assert_str(assert_sample(capture, 0, 0, 5500, 9)->comm, "");
	assert_str(assert_sample(capture, 0, 0, 6000, 0)->comm, "swapper");
	assert_end(capture);
	builder_deinit(&records);
}

/* The kernel has no number for a task that has ended but for what it still does. */
static void takes_the_number_of_a_dying_task_from_the_raw_data(void **state)
{
	struct builder records = {0};

	put_sample(&records, 0, 0, 1000, 77);
	set_u64(&records, 24, UINT64_MAX); /* pid and tid */
	struct capture *capture = open_built(build_file(&usual, &records));

	assert_sample(capture, 0, 0, 1000, 77);
	assert_end(capture);
	builder_deinit(&records);
}

/* Kernels before 2.6.38 give other records neither time nor CPU. */
static void takes_records_without_a_time_where_they_stand(void **state)
{
	struct attr_spec attrs[2] = {usual_attrs[0], usual_attrs[1]};
	struct file_spec spec = usual;
	struct builder records = {0};
	size_t start;

	attrs[0].flags = attrs[1].flags = 0;
	spec.attr = attrs;
	put_sample(&records, 0, 0, 1000, 7);
	start = begin_record(&records, PERF_RECORD_COMM, 0);
	put_u32(&records, 7);
	put_u32(&records, 7);
	put_padded(&records, STR("sh"));
	end_record(&records, start);
	put_id_index(&records);
	start = begin_record(&records, PERF_RECORD_LOST, 0);
	put_u64(&records, 11);
	put_u64(&records, 5);
	end_record(&records, start);
	put_sample(&records, 0, 0, 2000, 7);
	struct capture *capture = open_built(build_pipe(&spec, &records));

	assert_str(assert_sample(capture, 0, 0, 1000, 7)->comm, "");
	assert_lost(capture, 1, 5); /* the id says of which CPU */
	assert_str(assert_sample(capture, 0, 0, 2000, 7)->comm, "sh");
	assert_end(capture);
	builder_deinit(&records);
}

/* ---- losses -------------------------------------------------------------------------------- */

static void tells_losses_in_their_turn(void **state)
{
	struct builder records = {0};

	put_id_index(&records);
	put_sample(&records, 0, 0, 1000, 7);
	put_lost(&records, 10, 0, 3000, 12);
	put_sample(&records, 0, 0, 3000, 7);
	put_sample(&records, 0, 1, 2000, 7);
	put_lost_samples(&records, 0, 21, 1, 4000, 3); /* by the kernel: it has a time */
	put_lost_samples(&records, MISC_LOST_SAMPLES_BPF, 10, 0, 0, 1000);
	/* By perf record, at the end: all of an event and CPU, with those that LOST told. */
	put_lost_samples(&records, 0, 10, 0, 0, 10);
	put_lost_samples(&records, 0, 20, 0, 0, 6);
	put_lost_samples(&records, 0, 11, 0, 0, 7);
	put_round(&records);
	struct capture *capture = open_built(build_file(&usual, &records));

	assert_sample(capture, 0, 0, 1000, 7);
	assert_sample(capture, 0, 1, 2000, 7);
	assert_lost(capture, 0, 12);
	assert_sample(capture, 0, 0, 3000, 7);
	assert_lost(capture, 1, 3);
	assert_lost(capture, 0, 4); /* 10 + 6, less 12 */
	assert_lost(capture, 1, 7); /* what the kernel told with LOST_SAMPLES is no LOST */
	assert_end(capture);
	builder_deinit(&records);
}

/* ---- what was recorded --------------------------------------------------------------------- */

static const struct capture_info *info_of(struct attr_spec attr, uint64_t task,
					  struct capture **capture)
{
	struct attr_spec attrs[2] = {attr, usual_attrs[1]};
	struct file_spec spec = usual;
	struct builder records = {0};

	spec.attr = attrs;
	put_thread_map(&records, task);
	put_sample(&records, 0, 0, 1000, 7);
	*capture = open_built(build_file(&spec, &records));
	assert_sample(*capture, 0, 0, 1000, 7);
	builder_deinit(&records);
	return capture_info(*capture);
}

static void says_when_not_all_was_recorded(void **state)
{
	struct attr_spec attr = usual_attrs[0];
	struct capture *capture;

	attr.period = 10;
	assert_true(info_of(attr, UINT64_MAX, &capture)->is_sampled);
	assert_end(capture);
	attr.period = 1;
	attr.flags |= FLAG_FREQ;
	assert_true(info_of(attr, UINT64_MAX, &capture)->is_sampled);
	assert_end(capture);
	attr.flags = FLAG_SAMPLE_ID_ALL | FLAG_WRITE_BACKWARD;
	assert_true(info_of(attr, UINT64_MAX, &capture)->hides_losses);
	assert_end(capture);
	assert_true(info_of(usual_attrs[0], 1234, &capture)->of_some_tasks);
	assert_end(capture);
}

static void names_the_clock(void **state)
{
	static const struct {
		int32_t clockid;
		const char *name;
	} clocks[] = {{1, "mono"}, {4, "mono_raw"}, {7, "boot"}, {0, "realtime"}, {11, "tai"}};
	struct attr_spec attr = usual_attrs[0];
	struct capture *capture;

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		attr.flags = FLAG_SAMPLE_ID_ALL | FLAG_USE_CLOCKID;
		attr.clockid = clocks[i].clockid;
		assert_string_equal(info_of(attr, UINT64_MAX, &capture)->clock, clocks[i].name);
		assert_end(capture);
	}
	assert_string_equal(info_of(usual_attrs[0], UINT64_MAX, &capture)->clock, "local");
	assert_end(capture);
}

static void lists_the_probes(void **state)
{
	struct builder records = {0};

	put_sample(&records, 1, 0, 1000, 7);
	struct capture *capture = open_built(build_file(&usual, &records));
	const struct capture_info *info = capture_info(capture);
	static struct record record;

	assert_sample(capture, 1, 0, 1000, 7);
	assert_int_equal(next(capture, &record), RECORD_END);
	assert_int_equal(info->nr_defined, 2);
	assert_str(info->defined[0]->name, "pmd_set_huge");
	assert_int_equal(info->defined[0]->id, TYPE_UNMET);
	assert_str(info->defined[1]->name, "ioremap_ret");
	assert_int_equal(info->defined[1]->id, 0);
	assert_end(capture);
	builder_deinit(&records);
}

static void takes_only_the_kernels_own_address(void **state)
{
	struct builder records = {0};

	put_kernel_mmap(&records, 2, UINT32_MAX, STR("[kernel.kallsyms]_text"), 1);
	put_kernel_mmap(&records, 4, UINT32_MAX, STR("[guest.kernel.kallsyms]_text"), 2);
	put_kernel_mmap(&records, MISC_KERNEL, 0, STR("[kernel.kallsyms]_text"), 3);
	put_kernel_mmap(&records, MISC_KERNEL, UINT32_MAX, STR("[kernel.kallsyms]"), 4);
	put_kernel_mmap(&records, MISC_KERNEL, UINT32_MAX, STR("/lib/modules/ht.ko"), 5);
	put_kernel_mmap(&records, MISC_KERNEL, UINT32_MAX, STR("[kernel.kallsyms]_stext"), 6);
	put_kernel_mmap(&records, MISC_KERNEL, UINT32_MAX, STR("[kernel.kallsyms]_text"), 7);
	struct capture *capture = open_built(build_file(&usual, &records));
	static struct record record;

	assert_int_equal(next(capture, &record), RECORD_END);
	assert_string_equal(capture_info(capture)->kernel_symbol, "_stext");
	assert_int_equal(capture_info(capture)->kernel_address, 6);
	capture_close(capture);
	builder_deinit(&records);
}

static void takes_address_and_build_id_of_mmap2(void **state)
{
	enum {
		WITH_ID = MISC_KERNEL | MISC_MMAP_BUILD_ID
	};
	const struct str id = STR("0123456789abcdefghij");
	struct builder records = {0};

	put_kernel_mmap2(&records, 2 | MISC_MMAP_BUILD_ID, id, STR("/bin/true"), 1);
	put_kernel_mmap2(&records, WITH_ID, STR("xyz"), STR("/lib/modules/ht.ko"), 2);
	put_kernel_mmap2(&records, WITH_ID, id, STR("[kernel.kallsyms]_stext"), 3);
	put_kernel_mmap2(&records, WITH_ID, STR("no"), STR("[kernel.kallsyms]_text"), 4);
	struct capture *capture = open_built(build_file(&usual, &records));
	static struct record record;

	assert_int_equal(next(capture, &record), RECORD_END);
	assert_string_equal(capture_info(capture)->kernel_symbol, "_stext");
	assert_int_equal(capture_info(capture)->kernel_address, 3);
	assert_string_equal(capture_info(capture)->build_id,
			    "303132333435363738396162636465666768696a");
	assert_int_equal(capture_info(capture)->nr_unread, 0);
	capture_close(capture);
	builder_deinit(&records);
}

/* Without the bit, device and inode stand there. */
static void takes_no_inode_for_a_build_id(void **state)
{
	struct builder records = {0};

	put_kernel_mmap2(&records, MISC_KERNEL, STR("0123"), STR("[kernel.kallsyms]_text"), 5);
	struct capture *capture = open_built(build_file(&usual, &records));
	static struct record record;

	assert_int_equal(next(capture, &record), RECORD_END);
	assert_int_equal(capture_info(capture)->kernel_address, 5);
	assert_null(capture_info(capture)->build_id);
	capture_close(capture);
	builder_deinit(&records);
}

static void put_build_id(struct builder *builder, uint16_t misc, const char *id, uint8_t size,
			 const char *file)
{
	size_t start = begin_record(builder, PERF_RECORD_HEADER_BUILD_ID, misc);

	put_u32(builder, UINT32_MAX);
	put_bytes(builder, (struct str){id, 20});
	put_bytes(builder, (struct str){(const char *)&size, 1});
	put_bytes(builder, (struct str){"\0\0", 3});
	put_padded(builder, str_from(file));
	end_record(builder, start);
}

/* The first that is the kernel's own and not empty, of as many bytes as it has. */
static void takes_only_the_kernels_own_build_id(void **state)
{
	enum {
		GUEST_KERNEL = 4,
		HAS_SIZE = 1 << 15
	};
	static const char id[20] = "\x01\xab";
	struct builder records = {0};

	put_build_id(&records, MISC_KERNEL | HAS_SIZE, id, 0, "[kernel.kallsyms]");
	put_build_id(&records, MISC_KERNEL | HAS_SIZE, id, 5, "/lib/modules/ht.ko");
	put_build_id(&records, GUEST_KERNEL | HAS_SIZE, id, 5, "[guest.kernel.kallsyms]");
	put_build_id(&records, MISC_KERNEL | HAS_SIZE, id, 3, "[kernel.kallsyms]");
	put_build_id(&records, MISC_KERNEL, id, 3, "[kernel.kallsyms]");
	struct capture *capture = open_built(build_file(&usual, &records));
	static struct record record;

	assert_int_equal(next(capture, &record), RECORD_END);
	assert_string_equal(capture_info(capture)->build_id, "01ab00");
	capture_close(capture);
	records.bytes.length = 0;
	put_build_id(&records, MISC_KERNEL, id, 3, "[kernel.kallsyms]");
	capture = open_built(build_pipe(&usual, &records));
	assert_int_equal(next(capture, &record), RECORD_END);
	assert_string_equal(capture_info(capture)->build_id,
			    "01ab000000000000000000000000000000000000");
	assert_string_equal(capture_info(capture)->host, "host");
	capture_close(capture);
	builder_deinit(&records);
}

/* ---- call chains --------------------------------------------------------------------------- */

static void hands_out_the_kernels_part_of_a_chain(void **state)
{
	const uint64_t chain[] = {
		PERF_CONTEXT_KERNEL,	   PROBE_AT, CALLER_AT,
		(uint64_t)-512 /* user */, 0x400000, 0x401000,
	};
	struct attr_spec attrs[2] = {usual_attrs[0], usual_attrs[1]};
	struct file_spec spec = usual;
	struct builder records = {0};
	size_t start = begin_record(&records, PERF_RECORD_SAMPLE, 2);

	attrs[0].sample_type = SAMPLE_IDENTIFIER | SAMPLE_TIME | SAMPLE_CALLCHAIN | SAMPLE_RAW;
	spec.attr = attrs;
	put_u64(&records, 10);
	put_u64(&records, 1000);
	put_u64(&records, sizeof(chain) / sizeof(chain[0]));
	for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++)
		put_u64(&records, chain[i]);
	put_raw(&records, CALL_ID, 4321, (uint64_t[]){PROBE_AT, 1001, 1002});
	end_record(&records, start);
	struct capture *capture = open_built(build_file(&spec, &records));
	const struct record *record = assert_sample(capture, 0, CPU_UNKNOWN, 1000, 4321);

	assert_int_equal(record->nr_frames, 2);
	assert_int_equal(record->frame[0].address, PROBE_AT);
	assert_int_equal(record->frame[0].symbol.length, 0);
	assert_int_equal(record->frame[1].address, CALLER_AT);
	assert_end(capture);
	builder_deinit(&records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_files_and_pipes_of_both_byte_orders),
		cmocka_unit_test(reads_attributes_of_other_versions),
		cmocka_unit_test(reads_samples_without_ids),
		cmocka_unit_test(passes_over_what_is_no_tracepoint),
		cmocka_unit_test(counts_samples_that_it_cannot_read),
		cmocka_unit_test(sorts_rounds),
		cmocka_unit_test(names_threads_as_they_are_called_then),
		cmocka_unit_test(takes_the_number_of_a_dying_task_from_the_raw_data),
		cmocka_unit_test(takes_records_without_a_time_where_they_stand),
		cmocka_unit_test(tells_losses_in_their_turn),
		cmocka_unit_test(says_when_not_all_was_recorded),
		cmocka_unit_test(names_the_clock),
		cmocka_unit_test(lists_the_probes),
		cmocka_unit_test(takes_only_the_kernels_own_address),
		cmocka_unit_test(takes_address_and_build_id_of_mmap2),
		cmocka_unit_test(takes_no_inode_for_a_build_id),
		cmocka_unit_test(takes_only_the_kernels_own_build_id),
		cmocka_unit_test(hands_out_the_kernels_part_of_a_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
