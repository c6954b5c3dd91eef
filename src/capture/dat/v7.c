/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Version 7 (trace-cmd.dat.v7(5)).  Behind the first header:
 *
 *     name of the compression\0 | its version\0 | u64 offset of the first section of options
 *
 * The rest is sections, one behind the other:
 *
 *     u16 id | u16 flags, 1 = compressed | u32 name | u64 size | `size` bytes
 *
 * A section of options has the id 0 and holds options, u16 id | u32 size | data.  The last of them,
 * with the id 0, is the offset of the next section of options or 0.  The options say where all the
 * other sections are; those of the buffers come last, as the last thing that a recording writes.
 */
#include "base/try.h"
#include "capture/dat/dat.h"

enum {
	SECTION_OPTIONS = 0,
	OPTION_SECTIONS_MAX = 4096,
};

struct error *v7_read_section(struct dat_reader *reader, uint64_t offset, struct v7_section *ret)
{
	struct dat_walk walk = {reader, offset, "the header of a section"};
	struct v7_section section = {0};
	struct cursor cursor;
	uint16_t flags = 0;
	uint32_t name;
	uint64_t size = 0;

	TRY(walk_take(&walk, V7_SECTION_HEADER, &cursor));
	TRY(cursor_u16(&cursor, &section.id));
	TRY(cursor_u16(&cursor, &flags));
	TRY(cursor_u32(&cursor, &name));
	TRY(cursor_u64(&cursor, &size));
	section.place = (struct dat_place){
		.is_there = true,
		.is_compressed = flags & 1,
		.offset = walk.position,
		.size = size,
	};
	if (__builtin_add_overflow(walk.position, size, &section.next))
		section.next = UINT64_MAX;
	*ret = section;
	return NULL;
}

/* The options of one section; `*next` is where the next section of options is, 0 at the end. */
static struct error *read_options(struct dat_reader *reader, struct cursor *options, uint64_t *next)
{
	*next = 0;
	while (cursor_left(options)) {
		struct cursor data;
		uint16_t id = 0;
		uint32_t size = 0;

		TRY(cursor_u16(options, &id));
		TRY(cursor_u32(options, &size));
		TRY(cursor_sub(options, size, "an option", &data));
		if (id == SECTION_OPTIONS)
			return cursor_u64(&data, next);
		TRY(option_read(reader, id, &data));
	}
	return NULL;
}

/* Reads the section of options at `offset`; `*behind` is where the section behind it begins. */
static struct error *read_option_section(struct dat_reader *reader, uint64_t offset,
					 uint64_t *behind, uint64_t *next)
{
	struct v7_section section;
	struct dat_block block = {0};

	TRY(v7_read_section(reader, offset, &section));
	if (section.id != SECTION_OPTIONS)
		return error_at(error_create(ERROR_FORMAT, "there are no options here"), NULL,
				ERROR_OFFSET, offset);
	struct error *err = block_read(reader, &section.place, "a section of options", &block);

	if (!err)
		err = read_options(reader, &block.cursor, next);
	block_deinit(&block);
	if (!err)
		*behind = section.next;
	return err;
}

/* Where the sections of the parts are, the options told; what they are, their headers tell. */
static struct error *find_parts(struct dat_reader *reader)
{
	for (int part = PART_HEADER_INFO; part < PARTS; part++) {
		struct dat_place *place = &reader->part[part];
		struct v7_section section;

		if (!place->is_there)
			continue;
		TRY(v7_read_section(reader, place->offset, &section));
		if (section.id != part)
			return error_at(error_create(ERROR_FORMAT,
						     "section %d should be here, not %d", part,
						     section.id),
					NULL, ERROR_OFFSET, place->offset);
		*place = section.place;
	}
	return NULL;
}

/* Likewise the sections of the buffers. */
static struct error *find_buffers(struct dat_reader *reader)
{
	for (size_t i = 0; i < reader->buffers.count; i++) {
		struct dat_buffer *buffer = &reader->buffers.at[i];
		struct v7_section section;

		TRY(v7_read_section(reader, buffer->offset, &section));
		buffer->is_compressed = section.place.is_compressed;
	}
	return NULL;
}

/*
 * All sections of options.  Where the list breaks off, since the file was cut or is damaged, the
 * events of the buffers that the rest would have told of are looked for behind the last section.
 */
static struct error *read_all_options(struct dat_reader *reader)
{
	uint64_t offset = reader->options;
	uint64_t behind = 0;

	for (int i = 0; offset && i < OPTION_SECTIONS_MAX; i++) {
		uint64_t next = 0;
		struct error *err = read_option_section(reader, offset, &behind, &next);

		if (err && (i == 0 || err->kind != ERROR_FORMAT))
			return err;
		if (err) {
			error_destroy(err);
			capture_note_end(reader->capture, reader->spool.size);
			return v7_recover(reader, behind);
		}
		offset = next;
	}
	return reader->buffers.count ? NULL : v7_recover(reader, behind);
}

struct error *v7_read(struct dat_reader *reader, struct dat_walk *walk)
{
	struct str name, version;

	walk->what = "the name of the compression";
	TRY(walk_string(walk, &name));
	reader->algorithm = arena_copy(&reader->arena, name);
	if (!reader->algorithm.text)
		return error_memory();
	reader->inflater.algorithm = inflate_algorithm_parse(name);
	TRY(walk_string(walk, &version));
	walk->what = "the place of the options";
	TRY(walk_u64(walk, &reader->options));
	if (reader->options == 0)
		return error_at(error_create(ERROR_FORMAT,
					     "the recording was not finished, and its events are "
					     "still in the files NAME.cpu0 and so on; trace-cmd "
					     "restore puts them together"),
				NULL, ERROR_OFFSET, walk->position);
	TRY(read_all_options(reader));
	TRY(find_buffers(reader));
	return find_parts(reader);
}
