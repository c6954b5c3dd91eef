/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "perf-builder.h"

void builder_deinit(struct builder *builder)
{
	buffer_deinit(&builder->bytes);
}

void put_bytes(struct builder *builder, struct str bytes)
{
	buffer_add(&builder->bytes, bytes);
	assert_false(builder->bytes.failed);
}

void put_u16(struct builder *builder, uint16_t value)
{
	value = builder->big_endian ? htobe16(value) : htole16(value);
	put_bytes(builder, (struct str){(const char *)&value, sizeof(value)});
}

void put_u32(struct builder *builder, uint32_t value)
{
	value = builder->big_endian ? htobe32(value) : htole32(value);
	put_bytes(builder, (struct str){(const char *)&value, sizeof(value)});
}

void put_u64(struct builder *builder, uint64_t value)
{
	value = builder->big_endian ? htobe64(value) : htole64(value);
	put_bytes(builder, (struct str){(const char *)&value, sizeof(value)});
}

void put_padded(struct builder *builder, struct str text)
{
	static const char zeros[8];

	put_bytes(builder, text);
	put_bytes(builder, (struct str){zeros, 8 - text.length % 8});
}

void set_u16(struct builder *builder, size_t at, uint16_t value)
{
	value = builder->big_endian ? htobe16(value) : htole16(value);
	memcpy(builder->bytes.text + at, &value, sizeof(value));
}

void set_u64(struct builder *builder, size_t at, uint64_t value)
{
	value = builder->big_endian ? htobe64(value) : htole64(value);
	memcpy(builder->bytes.text + at, &value, sizeof(value));
}

size_t begin_record(struct builder *builder, uint32_t type, uint16_t misc)
{
	size_t start = built(builder).length;

	put_u32(builder, type);
	put_u16(builder, misc);
	put_u16(builder, 0);
	return start;
}

void end_record(struct builder *builder, size_t start)
{
	set_u16(builder, start + 6, (uint16_t)(built(builder).length - start));
}

/* A bit field as the compiler of that byte order lays it out. */
static void put_flags(struct builder *builder, uint64_t flags)
{
	uint64_t reversed = 0;

	for (unsigned int bit = 0; bit < 64; bit++)
		reversed |= (flags >> bit & 1) << (63 - bit);
	put_u64(builder, builder->big_endian ? reversed : flags);
}

void put_attr(struct builder *builder, const struct attr_spec *spec)
{
	size_t start = built(builder).length;
	uint32_t size = spec->size ? spec->size : 128;

	put_u32(builder, spec->type);
	put_u32(builder, size);
	put_u64(builder, spec->config);
	put_u64(builder, spec->period);
	put_u64(builder, spec->sample_type);
	put_u64(builder, spec->read_format);
	put_flags(builder, spec->flags);
	put_u64(builder, 0); /* wakeup, bp_type */
	put_u64(builder, 0); /* config1 */
	put_u64(builder, 0); /* config2 */
	put_u64(builder, spec->branch_sample_type);
	put_u64(builder, spec->regs_user);
	put_u32(builder, 0); /* sample_stack_user */
	put_u32(builder, (uint32_t)spec->clockid);
	put_u64(builder, spec->regs_intr);
	while (built(builder).length < start + size)
		buffer_add_char(&builder->bytes, '\0');
	builder->bytes.length = start + size;
}

struct perf_record built_record(const struct builder *builder)
{
	const uint8_t *data = (const uint8_t *)built(builder).text;

	return (struct perf_record){
		.data = data,
		.size = (uint32_t)built(builder).length,
		.type = load_u32(data, builder->big_endian),
		.misc = load_u16(data + 4, builder->big_endian),
	};
}

/* ---- whole files ---------------------------------------------------------------------------- */

#define COMMON_FIELDS                                                                              \
	"format:\n"                                                                                \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"             \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char call_format[] =
	"name: pmd_set_huge\nID: 304\n" COMMON_FIELDS
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 pmdp;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 phys;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\nprint fmt: \"(%lx) pmdp=0x%Lx\", REC->__probe_ip, REC->pmdp\n";

static const char return_format[] =
	"name: ioremap_ret\nID: 305\n" COMMON_FIELDS
	"\tfield:unsigned long __probe_func;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long __probe_ret_ip;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 ret;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\nprint fmt: \"(%lx <- %lx)\", REC->__probe_func, REC->__probe_ret_ip\n";

static void put_u8(struct builder *builder, uint8_t value)
{
	put_bytes(builder, (struct str){(const char *)&value, 1});
}

static void put_sized(struct builder *builder, struct str text)
{
	put_u64(builder, text.length);
	put_bytes(builder, text);
}

void put_tracing_data(struct builder *builder, struct str kallsyms)
{
	put_bytes(builder, STR("\x17\x08\x44tracing0.6\0"));
	put_u8(builder, builder->big_endian);
	put_u8(builder, 8);
	put_u32(builder, 4096);
	put_bytes(builder, STR("header_page\0"));
	put_sized(builder, STR("\tfield: u64 timestamp;\n"));
	put_bytes(builder, STR("header_event\0"));
	put_sized(builder, STR("# compressed entry header\n"));
	put_u32(builder, 0); /* of ftrace itself */
	put_u32(builder, 1);
	put_bytes(builder, STR("pgt\0"));
	put_u32(builder, 2);
	put_sized(builder, STR(call_format));
	put_sized(builder, STR(return_format));
	put_u32(builder, (uint32_t)kallsyms.length);
	put_bytes(builder, kallsyms);
	put_u32(builder, 0); /* printk formats */
	put_u64(builder, 0); /* names of tasks */
}

void put_raw(struct builder *builder, uint16_t id, uint32_t pid, const uint64_t values[3])
{
	put_u32(builder, RAW_SIZE);
	put_u16(builder, id);
	put_u16(builder, 0);
	put_u32(builder, pid);
	for (int i = 0; i < 3; i++)
		put_u64(builder, values[i]);
	put_u32(builder, 0);
}

static void put_feature_string(struct builder *builder, struct str text)
{
	put_u32(builder, 64);
	put_bytes(builder, text);
	for (size_t i = text.length; i < 64; i++)
		put_u8(builder, 0);
}

/* The section of a feature. */
static void put_feature(struct builder *builder, unsigned int feature)
{
	switch (feature) {
	case FEATURE_TRACING_DATA:
		put_tracing_data(builder, (struct str){0});
		break;
	case FEATURE_HOSTNAME:
		put_feature_string(builder, STR("host"));
		break;
	case FEATURE_OSRELEASE:
		put_feature_string(builder, STR("5.10.1-arm64"));
		break;
	case FEATURE_NRCPUS:
		put_u32(builder, 8); /* available */
		put_u32(builder, 6); /* online */
		break;
	}
}

static uint64_t features_of(const struct file_spec *spec)
{
	uint64_t features = 1 << FEATURE_HOSTNAME | 1 << FEATURE_OSRELEASE | 1 << FEATURE_NRCPUS;

	if (!spec->has_no_tracing_data)
		features |= 1 << FEATURE_TRACING_DATA;
	return features | spec->more_features;
}

static void put_bitmap(struct builder *builder, uint64_t features, unsigned int long_size)
{
	if (long_size == 4) {
		put_u32(builder, (uint32_t)features);
		put_u32(builder, (uint32_t)(features >> 32));
	} else {
		put_u64(builder, features);
	}
	for (int i = 0; i < 3; i++)
		put_u64(builder, 0);
}

static void put_sections(struct builder *file, uint64_t features)
{
	size_t table = built(file).length;

	for (unsigned int feature = 0; feature < 64; feature++)
		if (features >> feature & 1)
			for (int i = 0; i < 2; i++)
				put_u64(file, 0);
	for (unsigned int feature = 0; feature < 64; feature++) {
		size_t start = built(file).length;

		if (!(features >> feature & 1))
			continue;
		put_feature(file, feature);
		set_u64(file, table, start);
		set_u64(file, table + 8, built(file).length - start);
		table += 16;
	}
}

struct builder build_file(const struct file_spec *spec, const struct builder *records)
{
	struct builder file = {.big_endian = spec->big_endian};
	uint32_t attr_size = spec->attr[0].size ? spec->attr[0].size : 128;
	size_t ids_at = 104, ids_size = spec->ids ? 16 * spec->nr_attrs : 0;
	size_t attrs_at = ids_at + ids_size;
	size_t data_at = attrs_at + spec->nr_attrs * (attr_size + 16);

	put_bytes(&file, spec->big_endian ? STR("2ELIFREP") : STR("PERFILE2"));
	put_u64(&file, 104);
	put_u64(&file, attr_size + 16);
	put_u64(&file, attrs_at);
	put_u64(&file, data_at - attrs_at);
	put_u64(&file, data_at);
	put_u64(&file, spec->is_unfinished ? 0 : built(records).length);
	put_u64(&file, 0);
	put_u64(&file, 0);
	put_bitmap(&file, features_of(spec), spec->long_size);
	for (size_t i = 0; spec->ids && i < spec->nr_attrs; i++)
		for (int j = 0; j < 2; j++)
			put_u64(&file, spec->ids[i][j]);
	for (size_t i = 0; i < spec->nr_attrs; i++) {
		put_attr(&file, &spec->attr[i]);
		put_u64(&file, ids_at + 16 * i);
		put_u64(&file, spec->ids ? 16 : 0);
	}
	assert_int_equal(built(&file).length, data_at);
	put_bytes(&file, built(records));
	if (!spec->is_unfinished)
		put_sections(&file, features_of(spec));
	return file;
}

struct builder build_pipe(const struct file_spec *spec, const struct builder *records)
{
	struct builder pipe = {.big_endian = spec->big_endian};
	struct builder tracing_data = {.big_endian = spec->big_endian};
	uint64_t features = features_of(spec) & ~(uint64_t)(1 << FEATURE_TRACING_DATA);

	put_bytes(&pipe, spec->big_endian ? STR("2ELIFREP") : STR("PERFILE2"));
	put_u64(&pipe, 16);
	for (size_t i = 0; i < spec->nr_attrs; i++) {
		size_t start = begin_record(&pipe, PERF_RECORD_HEADER_ATTR, 0);

		put_attr(&pipe, &spec->attr[i]);
		for (int j = 0; spec->ids && j < 2; j++)
			put_u64(&pipe, spec->ids[i][j]);
		end_record(&pipe, start);
	}
	for (unsigned int feature = 0; feature < 64; feature++) {
		if (!(features >> feature & 1))
			continue;
		size_t start = begin_record(&pipe, PERF_RECORD_HEADER_FEATURE, 0);

		put_u64(&pipe, feature);
		put_feature(&pipe, feature);
		end_record(&pipe, start);
	}
	if (!spec->has_no_tracing_data) {
		size_t start = begin_record(&pipe, PERF_RECORD_HEADER_TRACING_DATA, 0);

		put_tracing_data(&tracing_data, (struct str){0});
		while (built(&tracing_data).length % 8)
			put_u8(&tracing_data, 0);
		put_u32(&pipe, (uint32_t)built(&tracing_data).length);
		put_u32(&pipe, 0);
		end_record(&pipe, start);
		put_bytes(&pipe, built(&tracing_data));
		builder_deinit(&tracing_data);
	}
	put_bytes(&pipe, built(records));
	return pipe;
}

int file_of(struct str bytes)
{
	int fd = memfd_create("perf.data", MFD_CLOEXEC);

	assert_true(fd >= 0);
	while (bytes.length) {
		ssize_t written = write(fd, bytes.text, bytes.length);

		assert_true(written > 0);
		bytes = str_skip(bytes, (size_t)written);
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}
