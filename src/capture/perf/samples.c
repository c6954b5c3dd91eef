/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples of tracepoints: which are wanted, and what becomes of those. */
#include "base/try.h"

#include "capture/perf/item.h"
#include "capture/perf/perf.h"

/* ---- into the queue ------------------------------------------------------------------------ */

COLD static struct error *no_formats(const struct perf_reader *reader, uint64_t position)
{
	static const char *const why[] = {
		[ENDING_WHOLE] =
			"it has no formats of its events (tracing data), without which its "
			"samples cannot be read",
		[ENDING_UNFINISHED] =
			"the recording was not finished: perf writes the formats of the events "
			"(tracing data) at its end, and without them its samples cannot be read; "
			"perf record -o - has them at the start",
		[ENDING_CUT] = "the file was cut before the formats of its events (tracing data), "
			       "without which its samples cannot be read",
	};

	if (reader->ending == ENDING_CUT)
		position = reader->spool.size;
	return error_at(error_create(ERROR_FORMAT, "%s", why[reader->ending]), NULL, ERROR_OFFSET,
			position);
}

/* Puts a sample with so many frames into the queue, and leaves the frames to the caller. */
static inline struct item *put_bare(struct perf_reader *reader, const struct perf_record *record,
				    const struct sample *sample, const struct event_format *format,
				    uint32_t nr_frames)
{
	size_t size = sizeof(struct item) + nr_frames * sizeof(uint64_t) +
		      ((sample->raw.length + 7) & ~(size_t)7);
	struct item *item = queue_add(&reader->queue, sample->id.time, size);

	if (!item)
		return NULL;
	item->kind = ITEM_SAMPLE;
	item->position = record->position;
	item->cpu = sample->id.cpu;
	item->pid = sample->id.pid;
	item->sample.plan = format->plan;
	item->sample.known = format->known;
	item->sample.nr_frames = nr_frames;
	item->sample.raw_size = (uint32_t)sample->raw.length;
	memcpy(&item->frame[nr_frames], sample->raw.text, sample->raw.length);
	return item;
}

/* The same with the addresses of the call chain that are the kernel's, as far as there is room. */
static struct item *put_with_chain(struct perf_reader *reader, const struct perf_record *record,
				   const struct sample *sample, const struct event_format *format)
{
	bool in_kernel = (record->misc & MISC_CPUMODE_MASK) == MISC_KERNEL;
	uint64_t frame[RECORD_MAX_FRAMES];
	uint32_t count = 0;

	for (uint64_t i = 0; i < sample->nr_ips && count < RECORD_MAX_FRAMES; i++) {
		uint64_t ip = load_u64(sample->chain + i * sizeof(ip), reader->big_endian);

		if (ip >= PERF_CONTEXT_MAX)
			in_kernel = ip == PERF_CONTEXT_KERNEL;
		else if (in_kernel)
			frame[count++] = ip;
	}
	struct item *item = put_bare(reader, record, sample, format, count);

	if (item)
		memcpy(item->frame, frame, count * sizeof(frame[0]));
	return item;
}

static struct error *put(struct perf_reader *reader, const struct perf_record *record,
			 const struct sample *sample, const struct event_format *format)
{
	const struct item *item = sample->nr_ips ? put_with_chain(reader, record, sample, format)
						 : put_bare(reader, record, sample, format, 0);

	return item ? NULL : error_memory();
}

/* The first sample of an event: what can be known of all of them. */
COLD static struct error *meet_event(const struct perf_reader *reader, struct perf_event *event,
				     uint64_t position)
{
	bool has_raw = event->attr.sample_type & SAMPLE_RAW;
	bool is_tracepoint = event->is_anonymous ? has_raw
						 : event->attr.type == PERF_TYPE_TRACEPOINT;

	event->use = is_tracepoint ? EVENT_READ : EVENT_UNWANTED;
	if (event->use == EVENT_READ && !reader->formats.count)
		return no_formats(reader, position);
	return NULL;
}

/* Whether the event's samples have all that is needed, and nothing between the head and the raw data. */
static bool is_plain(const struct perf_reader *reader, const struct perf_event *event)
{
	const struct perf_attr *attr = &event->attr;

	return !event->is_anonymous && !reader->big_endian && !reader->formats.big_endian &&
	       attr->head.cpu != NOWHERE && attr->head.tid != NOWHERE &&
	       (attr->sample_type & (SAMPLE_READ | SAMPLE_CALLCHAIN | SAMPLE_RAW)) == SAMPLE_RAW;
}

/* The first wanted sample of an event. */
COLD static struct error *want_event(struct capture *capture, struct perf_event *event,
				     struct event_format *format, uint64_t position)
{
	const struct perf_attr *attr = &event->attr;

	if (attr->head.time == NOWHERE)
		return error_at(error_create(ERROR_FORMAT,
					     "the samples have no times, so that their order is "
					     "not known; record with perf record -T"),
				NULL, ERROR_OFFSET, position);
	event->use = EVENT_WANTED;
	if (attr->is_freq || attr->sample_period != 1)
		capture->info.is_sampled = true;
	if (attr->write_backward) /* over the oldest records, and nobody counts them */
		capture->info.hides_losses = true;
	if (is_plain(capture->reader, event)) {
		event->format = format;
		event->raw_at = RECORD_HEADER_SIZE + attr->head.size + (uint32_t)sizeof(uint32_t);
	}
	return NULL;
}

/*
 * The short way, which nearly all samples go: of an event with a format, where the record is as that says and
 * of the place that the last one was of.  False: the long way decides what becomes of it.
 */
static inline bool take_shortly(struct perf_reader *reader, const struct perf_event *event,
				const struct perf_record *record)
{
	const struct event_format *format = event->format;
	const struct id_layout *head = &event->attr.head;
	const uint8_t *at = record->data + RECORD_HEADER_SIZE;
	const char *raw = (const char *)record->data + event->raw_at;

	if (record->size < event->raw_at)
		return false;
	const struct sample sample = {
		.id = {.time = load_u64(at + head->time, false),
		       .cpu = load_u32(at + head->cpu, false),
		       .pid = (int32_t)load_u32(at + head->tid + sizeof(uint32_t), false)},
		.raw = {raw, load_u32(at + head->size, false)},
	};

	if (sample.raw.length > record->size - event->raw_at || sample.id.cpu > PERF_CPU_MAX ||
	    sample.raw.length < format->min_size || format->verdict != FORMAT_WANTED ||
	    load_u16(raw, false) != event->attr.config)
		return false;
	if (format->address_offset &&
	    formats_long(&reader->formats, raw + format->address_offset) != format->address)
		return false;
	return put_bare(reader, record, &sample, format, 0);
}

/* What the format of a sample's event says of it; `*ret` is set when it is wanted. */
static enum format_verdict judge(struct capture *capture, struct perf_event *event,
				 const struct sample *sample, struct event_format **ret)
{
	struct perf_reader *reader = capture->reader;
	enum format_verdict verdict = formats_judge(&reader->formats, sample->raw, ret);

	if (verdict == FORMAT_UNREADABLE || event->is_anonymous)
		return verdict;
	if (load_u16(sample->raw.text, reader->formats.big_endian) != event->attr.config)
		return FORMAT_UNREADABLE;
	/* With symbols, a probe at another place may be another probe. */
	if (verdict == FORMAT_UNWANTED &&
	    !((*ret)->address_offset && naming_has_any(&capture->types.naming)))
		event->use = EVENT_UNWANTED;
	return verdict;
}

/* Reads a sample; false when it cannot be one of this event. */
static bool read_sample(const struct perf_reader *reader, const struct perf_event *event,
			const struct perf_record *record, struct sample *ret)
{
	return event && sample_read(&event->attr, record, reader->big_endian, ret) &&
	       (ret->id.cpu <= PERF_CPU_MAX || ret->id.cpu == CPU_UNKNOWN);
}

struct error *perf_take_sample(struct capture *capture, const struct perf_record *record)
{
	struct perf_reader *reader = capture->reader;
	struct perf_event *event = events_of_sample(&reader->events, record, reader->big_endian);
	struct event_format *format = NULL;
	struct sample sample;

	capture->info.nr_records++;
	if (MOSTLY(event && event->format) && MOSTLY(take_shortly(reader, event, record)))
		return NULL;
	if (event && event->use == EVENT_NEW)
		TRY(meet_event(reader, event, record->position));
	if (event && event->use == EVENT_UNWANTED)
		return NULL;
	if (!read_sample(reader, event, record, &sample)) {
		perf_note_unread(capture, record->position);
		return NULL;
	}
	switch (judge(capture, event, &sample, &format)) {
	case FORMAT_WANTED:
		if (event->use != EVENT_WANTED)
			TRY(want_event(capture, event, format, record->position));
		return put(reader, record, &sample, format);
	case FORMAT_FAILED:
		return error_memory();
	case FORMAT_NEW:
	case FORMAT_UNREADABLE:
		perf_note_unread(capture, record->position);
		break;
	case FORMAT_UNWANTED:
	case FORMAT_STACK:
		break;
	}
	return NULL;
}

/* ---- out of it ----------------------------------------------------------------------------- */

void perf_decode_sample(struct capture *capture, const struct item *item, struct record *record)
{
	struct perf_reader *reader = capture->reader;
	struct str raw = {(const char *)&item->frame[item->sample.nr_frames],
			  item->sample.raw_size};

	formats_decode(&reader->formats, item->sample.plan, item->sample.known, raw, record);
	record->time = item->queue.time;
	record->cpu = item->cpu;
	if (item->pid > 0) /* the format has the task's number, too, but of no namespace */
		record->pid = item->pid;
	record->comm = threads_comm(&reader->threads, record->pid);
	record->place = (struct record_place){0, item->position};
	record->lost = 0;
	record->nr_frames = item->sample.nr_frames;
	record->frame = reader->formats.frame;
	for (uint32_t i = 0; i < record->nr_frames; i++)
		formats_set_frame(&reader->formats, i, item->frame[i]);
}
