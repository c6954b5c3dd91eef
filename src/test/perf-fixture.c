/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "perf-fixture.h"

const struct attr_spec usual_attrs[2] = {
	{.type = PERF_TYPE_TRACEPOINT,
	 .config = CALL_ID,
	 .period = 1,
	 .sample_type = SAMPLE_TYPE,
	 .flags = FLAG_SAMPLE_ID_ALL},
	{.type = PERF_TYPE_TRACEPOINT,
	 .config = RETURN_ID,
	 .period = 1,
	 .sample_type = SAMPLE_TYPE,
	 .flags = FLAG_SAMPLE_ID_ALL},
};

const uint64_t usual_ids[2][2] = {{10, 11}, {20, 21}};

const struct file_spec usual = {
	.attr = usual_attrs,
	.ids = usual_ids,
	.nr_attrs = 2,
};

/* ---- records ------------------------------------------------------------------------------- */

void put_sample(struct builder *builder, int event, uint32_t cpu, uint64_t time, uint32_t tid)
{
	size_t start = begin_record(builder, PERF_RECORD_SAMPLE, MISC_KERNEL);

	put_u64(builder, usual_ids[event][cpu & 1]);
	put_u64(builder, PROBE_AT);
	put_u32(builder, tid);
	put_u32(builder, tid);
	put_u64(builder, time);
	put_u32(builder, cpu);
	put_u32(builder, 0);
	put_u64(builder, 1);
	if (event == 0)
		put_raw(builder, CALL_ID, tid, (uint64_t[]){PROBE_AT, time + 1, time + 2});
	else
		put_raw(builder, RETURN_ID, tid, (uint64_t[]){PROBE_AT, CALLER_AT, time + 3});
	end_record(builder, start);
}

/* The sample_id of SAMPLE_TYPE. */
static void put_tail(struct builder *builder, uint64_t id, uint32_t cpu, uint64_t time)
{
	put_u32(builder, 0);
	put_u32(builder, 0);
	put_u64(builder, time);
	put_u32(builder, cpu);
	put_u32(builder, 0);
	put_u64(builder, id);
}

void put_comm(struct builder *builder, uint32_t tid, struct str comm, uint64_t time)
{
	size_t start = begin_record(builder, PERF_RECORD_COMM, 0);

	put_u32(builder, tid);
	put_u32(builder, tid);
	put_padded(builder, comm);
	put_tail(builder, 10, 0, time);
	end_record(builder, start);
}

void put_task(struct builder *builder, uint32_t type, uint32_t tid, uint32_t parent, uint64_t time)
{
	size_t start = begin_record(builder, type, 0);

	put_u32(builder, tid);
	put_u32(builder, parent);
	put_u32(builder, tid);
	put_u32(builder, parent);
	put_u64(builder, time);
	put_tail(builder, 10, 0, time);
	end_record(builder, start);
}

void put_lost(struct builder *builder, uint64_t id, uint32_t cpu, uint64_t time, uint64_t count)
{
	size_t start = begin_record(builder, PERF_RECORD_LOST, 0);

	put_u64(builder, id);
	put_u64(builder, count);
	put_tail(builder, id, cpu, time);
	end_record(builder, start);
}

void put_lost_samples(struct builder *builder, uint16_t misc, uint64_t id, uint32_t cpu,
		      uint64_t time, uint64_t count)
{
	size_t start = begin_record(builder, PERF_RECORD_LOST_SAMPLES, misc);

	put_u64(builder, count);
	put_tail(builder, id, cpu, time);
	end_record(builder, start);
}

void put_round(struct builder *builder)
{
	end_record(builder, begin_record(builder, PERF_RECORD_FINISHED_ROUND, 0));
}

void put_id_index(struct builder *builder)
{
	size_t start = begin_record(builder, PERF_RECORD_ID_INDEX, 0);

	put_u64(builder, 4);
	for (uint64_t event = 0; event < 2; event++) {
		for (uint64_t cpu = 0; cpu < 2; cpu++) {
			put_u64(builder, usual_ids[event][cpu]);
			put_u64(builder, event);
			put_u64(builder, cpu);
			put_u64(builder, UINT64_MAX);
		}
	}
	end_record(builder, start);
}

void put_thread_map(struct builder *builder, uint64_t pid)
{
	size_t start = begin_record(builder, PERF_RECORD_THREAD_MAP, 0);

	put_u64(builder, 1);
	put_u64(builder, pid);
	for (int i = 0; i < 2; i++)
		put_u64(builder, 0);
	end_record(builder, start);
}

void put_kernel_mmap(struct builder *builder, uint16_t misc, uint32_t pid, struct str name,
		     uint64_t address)
{
	size_t start = begin_record(builder, PERF_RECORD_MMAP, misc);

	put_u32(builder, pid);
	put_u32(builder, 0);
	put_u64(builder, address);
	put_u64(builder, 0x1000000);
	put_u64(builder, address);
	put_padded(builder, name);
	put_tail(builder, 0, 0, 0);
	end_record(builder, start);
}

void put_kernel_mmap2(struct builder *builder, uint16_t misc, struct str id, struct str name,
		      uint64_t address)
{
	size_t start = begin_record(builder, PERF_RECORD_MMAP2, misc);
	char room[PERF_BUILD_ID_SIZE] = "";

	memcpy(room, id.text, id.length);
	put_u32(builder, UINT32_MAX);
	put_u32(builder, 0);
	put_u64(builder, address);
	put_u64(builder, 0x1000000);
	put_u64(builder, address);
	put_bytes(builder, (struct str){(const char[]){(char)id.length, 0, 0, 0}, 4});
	put_bytes(builder, (struct str){room, sizeof(room)});
	put_u64(builder, 0); /* prot, flags */
	put_padded(builder, name);
	put_tail(builder, 0, 0, 0);
	end_record(builder, start);
}

/* ---- reading ------------------------------------------------------------------------------- */

static struct capture *open_bytes(struct str bytes, struct error **err)
{
	struct capture *capture = NULL;
	char path[64];
	int fd = file_of(bytes);

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	*err = capture_open(path, &capture);
	close(fd);
	return capture;
}

struct capture *open_built(struct builder file)
{
	struct error *err = NULL;
	struct capture *capture = open_bytes(built(&file), &err);

	if (err)
		fail_msg("%s", err->message);
	builder_deinit(&file);
	return capture;
}

enum capture_step next(struct capture *capture, struct record *record)
{
	struct error *err = NULL;
	enum capture_step step = capture_next(capture, record, &err);

	if (err)
		fail_msg("%s", err->message);
	return step;
}

size_t assert_fails(struct builder file, const char *message, uint64_t where)
{
	static struct record record;
	struct error *err = NULL;
	struct capture *capture = open_bytes(built(&file), &err);
	size_t count = 0;

	while (!err && capture_next(capture, &record, &err) == RECORD_EVENT)
		count++;
	assert_non_null(err);
	assert_string_equal(err->message, message);
	assert_int_equal(err->kind, ERROR_FORMAT);
	if (where != UINT64_MAX) {
		assert_int_equal(err->place, ERROR_OFFSET);
		assert_int_equal(err->where, where);
	}
	error_destroy(err);
	capture_close(capture);
	builder_deinit(&file);
	return count;
}

void assert_str(struct str view, const char *text)
{
	assert_int_equal(view.length, strlen(text));
	assert_memory_equal(view.text, text, view.length);
}

struct record *assert_sample(struct capture *capture, int event, uint32_t cpu, uint64_t time,
			     uint32_t tid)
{
	static struct record record;

	assert_int_equal(next(capture, &record), RECORD_EVENT);
	assert_str(record.type->system, "pgt");
	assert_str(record.type->name, event ? "ioremap_ret" : "pmd_set_huge");
	assert_int_equal(record.type->is_return, event);
	assert_int_equal(record.time, time);
	assert_int_equal(record.cpu, cpu);
	assert_int_equal(record.pid, tid);
	assert_int_equal(record.address, PROBE_AT);
	if (event) {
		assert_int_equal(record.caller_address, CALLER_AT);
		assert_int_equal(record.nr_fields, 1);
		assert_int_equal(record.field[0].number, time + 3);
	} else {
		assert_int_equal(record.nr_fields, 2);
		assert_int_equal(record.field[0].number, time + 1);
		assert_int_equal(record.field[1].number, time + 2);
	}
	return &record;
}

void assert_lost(struct capture *capture, uint32_t cpu, uint64_t count)
{
	static struct record record;

	assert_int_equal(next(capture, &record), RECORD_LOST);
	assert_int_equal(record.cpu, cpu);
	assert_int_equal(record.lost, count);
}

void assert_end(struct capture *capture)
{
	static struct record record;

	assert_int_equal(next(capture, &record), RECORD_END);
	assert_int_equal(next(capture, &record), RECORD_END);
	capture_close(capture);
}
