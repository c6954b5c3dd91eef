/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace.dat reader: the streams of the CPUs, merged -> records. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/try.h"
#include "capture/dat/dat.h"

enum {
	/* What the windows of all streams take together, as long as a page fits in each. */
	WINDOWS_SIZE = 8 * 1024 * 1024,
	WINDOW_MAX = 128 * 1024,
	/* Sub-buffers of so much together are no kernel's. */
	PAGES_MAX = 1024 * 1024 * 1024,
};

/* ---- records ------------------------------------------------------------------------------- */

static void fill_event(struct dat_reader *reader, const struct dat_stream *stream,
		       struct record *record)
{
	record->nr_frames = 0;
	record->frame = NULL;
	record->lost = 0;
	formats_decode(&reader->formats, stream->format->plan, stream->format->known,
		       stream->event.data, record);
	record->comm = comm_of(reader, record->pid);
}

static void fill_bare(struct record *record)
{
	record->type = NULL;
	record->pid = PID_UNKNOWN;
	record->comm = (struct str){0};
	record->address = 0;
	record->caller = (struct str){0};
	record->caller_address = 0;
	record->nr_fields = 0;
	record->nr_frames = 0;
	record->frame = NULL;
	record->lost = 0;
}

static void fill_stack(struct dat_reader *reader, const struct dat_stream *stream,
		       struct record *record)
{
	fill_bare(record);
	formats_decode_stack(&reader->formats, stream->format, stream->event.data, record);
	record->comm = comm_of(reader, record->pid);
}

/* Buffers whose clocks differ cannot be merged; that matters when both have wanted events. */
static struct error *check_clock(struct dat_reader *reader, const struct dat_buffer *buffer)
{
	struct capture_info *info = &reader->capture->info;

	if (reader->first && reader->first->clock == buffer->clock)
		return NULL;
	if (reader->first)
		return error_create(ERROR_FORMAT,
				    "the events of two buffers, '%.*s' and '%.*s', have no common "
				    "order: their clocks are %s and %s; choose one "
				    "(--instance)",
				    STR_ARGS(reader->first->name), STR_ARGS(buffer->name),
				    reader->first->clock ? reader->first->clock : "not known",
				    buffer->clock ? buffer->clock : "not known");
	reader->first = buffer;
	info->clock = buffer->clock;
	info->clock_is_ticks = buffer->clock && !reader->clock.mult &&
			       !clock_counts_nanoseconds(str_from(buffer->clock));
	return NULL;
}

static struct error *fill(struct dat_reader *reader, const struct dat_stream *stream,
			  struct record *record, enum capture_step *ret)
{
	record->time = stream->time;
	record->cpu = stream->cpu;
	record->place = (struct record_place){0, dat_stream_place(stream)};
	switch (stream->item) {
	case ITEM_EVENT:
		*ret = RECORD_EVENT;
		fill_event(reader, stream, record);
		return check_clock(reader, stream->buffer);
	case ITEM_STACK:
		*ret = RECORD_STACK;
		fill_stack(reader, stream, record);
		return NULL;
	case ITEM_LOST:
	case ITEM_END:
	case ITEM_FAILED:
		break;
	}
	*ret = RECORD_LOST;
	fill_bare(record);
	record->lost = stream->lost;
	return NULL;
}

/* ---- pulling ------------------------------------------------------------------------------- */

/* Of equal times the lower CPU is the first, and of one CPU the top buffer. */
static uint64_t rank_of(const struct dat_reader *reader, const struct dat_stream *stream)
{
	uint64_t number = (uint64_t)(stream->buffer - reader->buffers.at) + 1;

	return (uint64_t)stream->cpu << 32 | (stream->buffer->name.length ? number : 0);
}

static struct error *start(struct dat_reader *reader)
{
	reader->is_started = true;
	for (size_t i = 0; i < reader->nr_streams; i++) {
		struct dat_stream *stream = &reader->streams[i];

		if (reader->only && stream->buffer != reader->only)
			continue;
		TRY(dat_stream_next(stream, reader));
		if (stream->item != ITEM_END &&
		    !merge_push(&reader->merge, stream->time, rank_of(reader, stream), stream))
			return error_memory();
	}
	return NULL;
}

/* Moves the stream on whose item was handed out last; until now that item had to stay valid. */
static struct error *advance(struct dat_reader *reader)
{
	struct dat_stream *stream = reader->current;

	reader->current = NULL;
	TRY(dat_stream_next(stream, reader));
	if (stream->item == ITEM_END)
		merge_drop(&reader->merge);
	else
		merge_replace(&reader->merge, stream->time);
	return NULL;
}

/* Whether another buffer has the same event. */
static bool is_repeated(struct dat_reader *reader, const struct record *record)
{
	if (reader->buffers.count < 2 ||
	    !repeat_is_told(&reader->repeat, record, reader->current->buffer))
		return false;
	reader->capture->info.nr_repeated++;
	reader->current->takes_stack = false;
	return true;
}

static struct error *next(struct dat_reader *reader, struct record *record, enum capture_step *ret)
{
	struct capture_info *info = &reader->capture->info;

	if (!reader->is_started)
		TRY(start(reader));
	for (;;) {
		if (reader->current)
			TRY(advance(reader));
		const struct merge_item *first = merge_first(&reader->merge);

		if (!first)
			break;
		reader->current = first->stream;
		TRY(fill(reader, first->stream, record, ret));
		if (*ret != RECORD_EVENT || !is_repeated(reader, record))
			return NULL;
	}
	*ret = RECORD_END;
	if (info->defined)
		return NULL;
	return formats_list_probes(&reader->formats, &info->defined, &info->nr_defined);
}

static enum capture_step dat_next(struct capture *capture, struct record *record,
				  struct error **err)
{
	enum capture_step step = RECORD_ERROR;
	struct error *failure = next(capture->reader, record, &step);

	if (!failure)
		return step;
	*err = failure;
	return RECORD_ERROR;
}

/* ---- opening ------------------------------------------------------------------------------- */

static void dat_close(struct capture *capture)
{
	struct dat_reader *reader = capture->reader;

	for (size_t i = 0; i < reader->nr_streams; i++)
		dat_stream_deinit(&reader->streams[i]);
	free(reader->streams);
	for (size_t i = 0; i < reader->buffers.count; i++)
		array_deinit(&reader->buffers.at[i].cpus);
	array_deinit(&reader->buffers);
	array_deinit(&reader->stats);
	merge_deinit(&reader->merge);
	repeat_deinit(&reader->repeat);
	hash_deinit(&reader->comms);
	formats_deinit(&reader->formats);
	symbols_deinit(&reader->symbols);
	clock_deinit(&reader->clock);
	inflater_deinit(&reader->inflater);
	window_deinit(&reader->window);
	spool_deinit(&reader->spool);
	arena_deinit(&reader->arena);
	free(reader);
	capture->reader = NULL;
}

/* The names of all buffers, for people: "'a', 'b', and '' for the top one". */
static void name_buffers(const struct dat_reader *reader, struct buffer *to)
{
	bool has_top = false;

	for (size_t i = 0; i < reader->buffers.count; i++) {
		struct str name = reader->buffers.at[i].name;

		has_top |= name.length == 0;
		if (name.length)
			buffer_printf(to, "%s'%.*s'", to->length ? ", " : "", STR_ARGS(name));
	}
	if (has_top)
		buffer_printf(to, "%s'' for the top one", to->length ? ", and " : "");
}

static struct error *dat_set_instance(struct capture *capture, struct str name)
{
	struct dat_reader *reader = capture->reader;

	for (size_t i = 0; i < reader->buffers.count; i++) {
		if (str_equal(reader->buffers.at[i].name, name)) {
			reader->only = &reader->buffers.at[i];
			return NULL;
		}
	}
	struct buffer names = {0};

	name_buffers(reader, &names);
	struct error *err = error_create(ERROR_USAGE, "it has no instance '%.*s'; there are: %s",
					 STR_ARGS(name), names.text ? names.text : "none");

	buffer_deinit(&names);
	return err;
}

static const struct reader_ops dat_ops = {
	.next = dat_next,
	.close = dat_close,
	.set_instance = dat_set_instance,
};

/* Reads the first header, and what is behind it as its version says. */
static struct error *read_header(struct dat_reader *reader)
{
	struct dat_walk walk = {reader, 0, "the header"};
	struct cursor cursor;
	struct str version;
	uint8_t big_endian = 0;

	TRY(walk_take(&walk, strlen("\x17\x08\x44tracing"), &cursor));
	TRY(walk_string(&walk, &version));
	reader->version = str_is(version, "7") ? 7 : 6;
	if (!str_is(version, "6") && !str_is(version, "7"))
		return error_create(ERROR_FORMAT,
				    "this is version '%.*s' of trace.dat; 6 and 7 are known here",
				    STR_ARGS(version));
	TRY(walk_take(&walk, 2, &cursor));
	TRY(cursor_u8(&cursor, &big_endian));
	TRY(cursor_u8(&cursor, &reader->long_size));
	reader->big_endian = big_endian == 1;
	TRY(walk_u32(&walk, &reader->page_size));
	if (reader->page_size == 0 || reader->page_size > DAT_PAGE_MAX)
		return error_at(error_create(ERROR_FORMAT, "a page size of %u cannot be",
					     reader->page_size),
				NULL, ERROR_OFFSET, walk.position - sizeof(reader->page_size));
	return reader->version == 7 ? v7_read(reader, &walk) : v6_read(reader, &walk);
}

static bool has_data(const struct dat_buffer *buffer)
{
	for (size_t i = 0; i < buffer->cpus.count; i++)
		if (buffer->cpus.at[i].size > 0)
			return true;
	return false;
}

/*
 * trace-cmd 3.1 writes the clock "local" for an instance whatever it is, and the true one, of the first
 * buffer that it recorded, for the file: that is the instance's where it is the only one with events.
 */
static void set_buffer_clock(const struct dat_reader *reader, struct dat_buffer *buffer)
{
	if (!buffer->clock) {
		buffer->clock = reader->clock_name;
		return;
	}
	if (!buffer->name.length || strcmp(buffer->clock, "local") != 0 || !reader->clock_name)
		return;
	for (size_t i = 0; i < reader->buffers.count; i++)
		if (has_data(&reader->buffers.at[i]) != (&reader->buffers.at[i] == buffer))
			return;
	buffer->clock = reader->clock_name;
}

/* Completes what is known of the buffers; the number of their CPUs that have data goes to `*nr`. */
static struct error *complete_buffers(struct dat_reader *reader, size_t *nr)
{
	uint32_t page_size = reader->layout.data_offset + reader->layout.data_size;
	uint64_t total = 0;

	/* Version 6 does not say the size of sub-buffers larger than a page. */
	if (page_size < reader->page_size || page_size > DAT_PAGE_MAX)
		page_size = reader->page_size;
	for (size_t i = 0; i < reader->buffers.count; i++) {
		struct dat_buffer *buffer = &reader->buffers.at[i];

		if (buffer->is_compressed && reader->inflater.algorithm == INFLATE_UNKNOWN)
			return error_create(ERROR_FORMAT,
					    "the events are compressed with '%.*s', which is not "
					    "known here; trace-cmd convert --compression none "
					    "makes a file without",
					    STR_ARGS(reader->algorithm));
		set_buffer_clock(reader, buffer);
		if (buffer->page_size == 0 || buffer->page_size > DAT_PAGE_MAX)
			buffer->page_size = page_size;
		for (size_t j = 0; j < buffer->cpus.count; j++) {
			const struct dat_cpu *cpu = &buffer->cpus.at[j];

			if (cpu->cpu >= reader->nr_cpus && cpu->cpu < DAT_CPUS_MAX)
				reader->nr_cpus = cpu->cpu + 1;
			*nr += cpu->size > 0;
			total += cpu->size > 0 ? buffer->page_size : 0;
		}
	}
	if (total > PAGES_MAX)
		return error_create(ERROR_FORMAT, "%zu CPUs with sub-buffers of %u bytes cannot be",
				    *nr, page_size);
	return NULL;
}

static struct error *create_streams(struct dat_reader *reader)
{
	size_t nr = 0;

	TRY(complete_buffers(reader, &nr));
	size_t window = nr ? WINDOWS_SIZE / nr : 0;

	if (window > WINDOW_MAX)
		window = WINDOW_MAX;
	reader->streams = calloc(nr + 1, sizeof(*reader->streams));
	if (!reader->streams)
		return error_memory();
	for (size_t i = 0; i < reader->buffers.count; i++) {
		struct dat_buffer *buffer = &reader->buffers.at[i];

		for (size_t j = 0; j < buffer->cpus.count; j++) {
			const struct dat_cpu *cpu = &buffer->cpus.at[j];
			size_t size = window > buffer->page_size ? window : buffer->page_size;

			if (cpu->size == 0)
				continue;
			TRY(dat_stream_init(&reader->streams[reader->nr_streams++], reader, buffer,
					    cpu, size));
		}
	}
	return NULL;
}

/* The text of a latency tracer, where there is one and no pages. */
static const struct dat_buffer *find_text(const struct dat_reader *reader)
{
	const struct dat_buffer *text = NULL;

	for (size_t i = 0; i < reader->buffers.count; i++) {
		const struct dat_buffer *buffer = &reader->buffers.at[i];

		if (!buffer->is_text)
			return NULL;
		if (!text || buffer->name.length == 0)
			text = buffer;
	}
	return text;
}

static void set_info(struct dat_reader *reader)
{
	struct capture_info *info = &reader->capture->info;

	info->kind = reader->version == 7 ? "trace.dat version 7" : "trace.dat version 6";
	info->is_binary = true;
	info->time_resolution = 1;
	info->nr_cpus = reader->nr_cpus;
	info->clock = reader->clock_name;
}

struct error *dat_open(struct capture *capture)
{
	struct dat_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return error_memory();
	reader->spool.fd = -1;
	reader->capture = capture;
	capture->reader = reader;
	capture->ops = &dat_ops;
	TRY(spool_init(&reader->spool, &capture->input, SPOOL_MEMORY_MAX));
	if (reader->spool.is_cut)
		capture_note_end(capture, reader->spool.size);
	TRY(window_init(&reader->window, &reader->spool, WINDOW_MAX));
	TRY(read_header(reader));
	const struct dat_buffer *text = find_text(reader);

	if (text)
		return latency_open(capture, text);
	TRY(metadata_read(reader));
	TRY(create_streams(reader));
	set_info(reader);
	return NULL;
}
