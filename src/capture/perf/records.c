/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All records but samples.  What has a time goes into the queue, for its turn; what says something of
 * the recording itself is taken at once.  Types that are not named here are passed over.
 */
#include <string.h>

#include "base/try.h"

#include "capture/perf/item.h"
#include "capture/perf/perf.h"

/* ---- what goes into the queue -------------------------------------------------------------- */

/* A record's own fields, and the sample_id behind them. */
struct parts {
	struct cursor body;
	struct sample_id id;
	bool has_time;
	uint32_t id_cpu; /* the CPU of the event whose id it has; CPU_UNKNOWN where nobody says it */
};

static struct error *take_apart(struct perf_reader *reader, const struct perf_record *record,
				struct parts *ret)
{
	static const struct perf_attr none = {.tail = {0, NOWHERE, NOWHERE, NOWHERE, NOWHERE}};
	bool big_endian = reader->big_endian;
	const struct perf_event *event = events_of_other(&reader->events, record, big_endian);
	const struct perf_attr *attr = event ? &event->attr : &none;
	const struct event_id *id = NULL;

	ret->body = record_cursor(&reader->stream, record, "a record");
	if (cursor_left(&ret->body) < attr->tail.size)
		return cursor_too_short(&ret->body, attr->tail.size);
	ret->body.end -= attr->tail.size;
	ret->id = sample_id_read(&attr->tail, ret->body.end, big_endian);
	ret->has_time = attr->tail.time != NOWHERE;
	if (attr->tail.id != NOWHERE)
		id = events_find_id(&reader->events,
				    load_u64(ret->body.end + attr->tail.id, big_endian));
	ret->id_cpu = id ? id->cpu : CPU_UNKNOWN;
	return NULL;
}

/* Queues an item; one without a time comes behind all that came before it. */
static struct error *put(struct perf_reader *reader, const struct perf_record *record,
			 const struct item *item, const struct parts *parts)
{
	uint64_t time = parts->has_time ? parts->id.time : reader->queue.newest;
	struct item *queued = queue_add(&reader->queue, time, sizeof(*item));

	if (!queued)
		return error_memory();
	struct queue_item head = queued->queue;

	*queued = *item;
	queued->queue = head;
	queued->position = record->position;
	return NULL;
}

/* u32 pid, tid    char comm[]  [uapi] */
static struct error *take_comm(struct capture *capture, const struct perf_record *record)
{
	struct item item = {.kind = ITEM_COMM};
	struct parts parts;
	uint32_t tid = 0;

	TRY(take_apart(capture->reader, record, &parts));
	TRY(cursor_skip(&parts.body, sizeof(uint32_t)));
	TRY(cursor_u32(&parts.body, &tid));
	item.pid = (int32_t)tid;
	strncpy(item.comm, (const char *)parts.body.position,
		cursor_left(&parts.body) < COMM_MAX ? cursor_left(&parts.body) : COMM_MAX);
	return put(capture->reader, record, &item, &parts);
}

/* u32 pid, ppid    u32 tid, ptid    u64 time  [uapi] */
static struct error *take_task(struct capture *capture, const struct perf_record *record)
{
	struct item item = {.kind = record->type == PERF_RECORD_FORK ? ITEM_FORK : ITEM_EXIT};
	struct parts parts;
	uint32_t tid = 0, parent = 0;

	TRY(take_apart(capture->reader, record, &parts));
	TRY(cursor_skip(&parts.body, 2 * sizeof(uint32_t)));
	TRY(cursor_u32(&parts.body, &tid));
	TRY(cursor_u32(&parts.body, &parent));
	if (!parts.has_time)
		TRY(cursor_u64(&parts.body, &parts.id.time));
	parts.has_time = true;
	item.pid = (int32_t)tid;
	item.parent = (int32_t)parent;
	return put(capture->reader, record, &item, &parts);
}

/* u64 id    u64 lost  [uapi] */
static struct error *take_lost(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct item item = {.kind = ITEM_LOST};
	struct parts parts;
	uint64_t id = 0;

	TRY(take_apart(reader, record, &parts));
	TRY(cursor_u64(&parts.body, &id));
	TRY(cursor_u64(&parts.body, &item.lost));

	const struct event_id *entry = events_find_id(&reader->events, id);

	item.cpu = parts.id.cpu;
	if (item.cpu > PERF_CPU_MAX)
		item.cpu = entry ? entry->cpu : CPU_UNKNOWN;
	if (!losses_tell(&reader->losses, item.cpu, item.lost))
		return error_memory();
	return put(reader, record, &item, &parts);
}

/* u64 lost  [uapi] */
static struct error *take_lost_samples(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct item item = {.kind = ITEM_LOST};
	struct parts parts;

	if (record->misc & MISC_LOST_SAMPLES_BPF)
		return NULL;
	TRY(take_apart(reader, record, &parts));
	TRY(cursor_u64(&parts.body, &item.lost));
	item.cpu = parts.id.cpu <= PERF_CPU_MAX ? parts.id.cpu : parts.id_cpu;
	if (parts.id.time)
		return put(reader, record, &item, &parts);
	/* Made up by perf record, which knows the id only; see losses.h. */
	return losses_count(&reader->losses, parts.id_cpu, item.lost, record->position)
		       ? NULL
		       : error_memory();
}

/* ---- what says something of the recording -------------------------------------------------- */

/*
 * MMAP:  u32 pid, tid    u64 addr    u64 len    u64 pgoff    char filename[]
 * MMAP2: the same, and before the name either u32 maj, min, u64 inode, u64 generation, or, with
 *        MISC_MMAP_BUILD_ID, u8 size, u8 and u16 reserved, u8 id[20]; then u32 prot, flags    [uapi]
 */
struct mapped {
	uint32_t pid;
	uint64_t page_offset;
	struct str build_id; /* empty: none */
	struct str name;
};

static struct error *read_mapped(const struct perf_record *record, struct cursor *body,
				 struct mapped *ret)
{
	bool has_build_id = record->misc & MISC_MMAP_BUILD_ID;

	*ret = (struct mapped){0};
	TRY(cursor_u32(body, &ret->pid));
	TRY(cursor_skip(body, sizeof(uint32_t) + 2 * sizeof(uint64_t)));
	TRY(cursor_u64(body, &ret->page_offset));
	if (record->type == PERF_RECORD_MMAP2) {
		uint8_t size = 0;

		TRY(cursor_u8(body, &size));
		TRY(cursor_skip(body, sizeof(uint8_t) + sizeof(uint16_t)));
		TRY(cursor_bytes(body, PERF_BUILD_ID_SIZE, &ret->build_id));
		ret->build_id = str_first(ret->build_id, has_build_id ? size : 0);
		TRY(cursor_skip(body, 2 * sizeof(uint32_t)));
	}
	const char *text = (const char *)body->position;

	ret->name = (struct str){text, strnlen(text, cursor_left(body))};
	return NULL;
}

/*
 * perf record makes one up for the kernel itself: pid -1, the name of a symbol, and its address as
 * page offset (tools/perf/util/synthetic-events.c).
 */
static struct error *take_mmap(struct capture *capture, const struct perf_record *record)
{
	const struct str kernel = STR("[kernel.kallsyms]");
	struct capture_info *info = &capture->info;
	struct mapped mapped;
	struct parts parts;

	if (info->kernel_symbol || (record->misc & MISC_CPUMODE_MASK) != MISC_KERNEL)
		return NULL;
	TRY(take_apart(capture->reader, record, &parts));
	TRY(read_mapped(record, &parts.body, &mapped));
	if (mapped.pid != UINT32_MAX || !str_starts(mapped.name, kernel) ||
	    mapped.name.length == kernel.length)
		return NULL;
	struct str symbol = intern(&capture->types.strings, str_skip(mapped.name, kernel.length));

	if (!symbol.text)
		return error_memory();
	info->kernel_symbol = symbol.text;
	info->kernel_address = mapped.page_offset;
	TRY(perf_take_build_id(capture, mapped.build_id));
	return naming_compare(capture);
}

/* perf_event_attr    u64 ids[]  [file] */
static struct error *take_attr(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct cursor cursor = record_cursor(&reader->stream, record, "the record of an event");
	struct perf_attr attr;

	TRY(attr_read(&cursor, &attr));
	return perf_add_event(capture, &attr, &cursor);
}

/* u64 feature, and what would be in its section  [event] */
static struct error *take_feature(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct cursor cursor = record_cursor(&reader->stream, record, "the record of a feature");
	uint64_t feature = 0;

	TRY(cursor_u64(&cursor, &feature));
	TRY(perf_read_feature(capture, feature, &cursor));
	return feature == FEATURE_BUILD_ID ? naming_compare(capture) : NULL;
}

static struct error *take_build_id(struct capture *capture, const struct perf_record *record)
{
	const struct perf_reader *reader = capture->reader;
	struct cursor cursor = record_cursor(&reader->stream, record, "the record of a build id");

	TRY(perf_read_build_id(capture, record->misc, &cursor));
	return naming_compare(capture);
}

/* u32 size, and then, within the record or behind it, so much tracing data; see stream.c. */
static struct error *take_tracing_data(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct cursor cursor = record_cursor(&reader->stream, record, "the tracing data");
	uint32_t size = 0;

	TRY(cursor_u32(&cursor, &size));
	if (record->after.length)
		cursor = cursor_over(record->after, record->position + record->size,
				     "the tracing data", reader->big_endian);
	else if (size < cursor_left(&cursor))
		cursor.end = cursor.position + size;
	return perf_read_tracing_data(capture, &cursor);
}

/* u64 nr    nr times: u64 id, u64 idx, u64 cpu, u64 tid  [file] */
static struct error *take_id_index(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct cursor cursor = record_cursor(&reader->stream, record, "the index of ids");
	uint64_t nr = 0, id = 0, cpu = 0;

	TRY(cursor_u64(&cursor, &nr));
	while (nr-- > 0) {
		TRY(cursor_u64(&cursor, &id));
		TRY(cursor_skip(&cursor, sizeof(uint64_t)));
		TRY(cursor_u64(&cursor, &cpu));
		TRY(cursor_skip(&cursor, sizeof(uint64_t)));
		struct event_id *entry = events_find_id(&reader->events, id);

		if (entry)
			entry->cpu = cpu <= PERF_CPU_MAX ? (uint32_t)cpu : CPU_UNKNOWN;
	}
	return NULL;
}

/* u64 nr    nr times: u64 pid, char comm[16]  [event] */
static struct error *take_thread_map(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct cursor cursor = record_cursor(&reader->stream, record, "the list of tasks");
	uint64_t nr = 0, pid = 0;

	TRY(cursor_u64(&cursor, &nr));
	if (nr == 0)
		return NULL;
	TRY(cursor_u64(&cursor, &pid));
	capture->info.of_some_tasks = (int32_t)pid != -1;
	return NULL;
}

/* ---- all of them --------------------------------------------------------------------------- */

static struct error *take(struct capture *capture, const struct perf_record *record)
{
	switch (record->type) {
	case PERF_RECORD_COMM:
		return take_comm(capture, record);
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		return take_task(capture, record);
	case PERF_RECORD_LOST:
		return take_lost(capture, record);
	case PERF_RECORD_LOST_SAMPLES:
		return take_lost_samples(capture, record);
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
		return take_mmap(capture, record);
	case PERF_RECORD_HEADER_ATTR:
		return take_attr(capture, record);
	case PERF_RECORD_HEADER_FEATURE:
		return take_feature(capture, record);
	case PERF_RECORD_HEADER_BUILD_ID:
		return take_build_id(capture, record);
	case PERF_RECORD_HEADER_TRACING_DATA:
	case SIMPLEPERF_TRACING_DATA:
		return take_tracing_data(capture, record);
	case PERF_RECORD_ID_INDEX:
		return take_id_index(capture, record);
	case PERF_RECORD_THREAD_MAP:
		return take_thread_map(capture, record);
	case SIMPLEPERF_KERNEL_SYMBOL:
	case SIMPLEPERF_EVENT_ID:
	case SIMPLEPERF_SPLIT:
	case SIMPLEPERF_SPLIT_END:
		return perf_take_simpleperf(capture, record);
	}
	return NULL;
}

struct error *perf_take_record(struct capture *capture, const struct perf_record *record)
{
	struct error *err = take(capture, record);

	if (!err || err->kind != ERROR_FORMAT)
		return err;
	/* The record is not as it should be; the others may be. */
	error_destroy(err);
	perf_note_unread(capture, record->position);
	return NULL;
}
