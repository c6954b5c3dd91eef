/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "test/dat-file.h"

/* Formats of a kernel whose long has 8 bytes or 4: `L` is its size. */
#define COMMON                                                                                     \
	"format:\n"                                                                                \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"                     \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"             \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char *const call_formats[] = {
	"name: pmd_set_huge\nID: 304\n" COMMON
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:u64 pmdp;\toffset:12;\tsize:8;\tsigned:0;\n"
	"\tfield:s32 small;\toffset:20;\tsize:4;\tsigned:1;\n"
	"\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"(%lx) pmdp=0x%Lx\", REC->__probe_ip, REC->pmdp\n",
	"name: pmd_set_huge\nID: 304\n" COMMON
	"\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 pmdp;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:s32 small;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:__data_loc char[] name;\toffset:28;\tsize:4;\tsigned:1;\n"
	"\nprint fmt: \"(%lx) pmdp=0x%Lx\", REC->__probe_ip, REC->pmdp\n",
};

static const char *const return_formats[] = {
	"name: ioremap_ret\nID: 290\n" COMMON
	"\tfield:unsigned long __probe_func;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long __probe_ret_ip;\toffset:12;\tsize:4;\tsigned:0;\n"
	"\tfield:u64 ret;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\nprint fmt: \"(%lx <- %lx) ret=0x%Lx\", REC->__probe_func, REC->__probe_ret_ip, "
	"REC->ret\n",
	"name: ioremap_ret\nID: 290\n" COMMON
	"\tfield:unsigned long __probe_func;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long __probe_ret_ip;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 ret;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\nprint fmt: \"(%lx <- %lx) ret=0x%Lx\", REC->__probe_func, REC->__probe_ret_ip, "
	"REC->ret\n",
};

static const char free_format[] = "name: mm_page_free\nID: 161\n" COMMON
				  "\tfield:u64 pfn;\toffset:8;\tsize:8;\tsigned:0;\n"
				  "\tfield:unsigned int order;\toffset:16;\tsize:4;\tsigned:0;\n"
				  "\nprint fmt: \"pfn=0x%lx order=%d\", REC->pfn, REC->order\n";

static const char *const stack_formats[] = {
	"name: kernel_stack\nID: 4\n" COMMON "\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long caller[8];\toffset:12;\tsize:32;\tsigned:0;\n"
	"\nprint fmt: \"%d\", REC->size\n",
	"name: kernel_stack\nID: 4\n" COMMON "\tfield:int size;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:unsigned long caller[8];\toffset:16;\tsize:64;\tsigned:0;\n"
	"\nprint fmt: \"%d\", REC->size\n",
};

/* A function of the kernel, and one of a module. */
static const char *const kallsyms[] = {
	"c0010100 T pmd_set_huge\nc0010200 T ioremap\nc0010300 T next\nbf000000 t nmap\t[ht]\n",
	"ffff800008010100 T pmd_set_huge\nffff800008010200 T ioremap\nffff800008010300 T next\n"
	"ffff000000c00000 t nmap\t[ht]\n",
};

static const uint64_t call_address[] = {0xc0010100, 0xffff800008010100};
static const uint64_t return_address[] = {0xc0010200, 0xffff800008010200};
static const uint64_t caller_address[] = {0xbf000084, 0xffff000000c00084};

static const char cmdlines[] = "1 init\n117 a name\n";

static int wide(const struct dat_file *file)
{
	return file->long_size == 8;
}

/* ---- what is recorded ---------------------------------------------------------------------- */

static void init_ring(struct dat_file *file, struct dat_ring *ring, const char *name,
		      const char *clock, unsigned int nr_cpus)
{
	ring->name = name;
	ring->clock = clock;
	ring->text = NULL;
	ring->nr_cpus = nr_cpus;
	for (unsigned int i = 0; i < nr_cpus; i++) {
		ring->cpus[i].cpu = i;
		ring->cpus[i].bytes.length = 0;
		ring->cpus[i].bytes.big_endian = file->big_endian;
	}
}

void dat_file_init(struct dat_file *file, unsigned int version, bool big_endian,
		   unsigned int long_size, enum dat_compression compression, unsigned int nr_cpus)
{
	file->version = version;
	file->big_endian = big_endian;
	file->long_size = long_size;
	file->compression = compression;
	file->page_size = DAT_PAGE;
	file->nr_buffers = 1;
	file->options.big_endian = file->bytes.big_endian = big_endian;
	file->options.length = file->bytes.length = 0;
	init_ring(file, &file->buffers[0], "", "local", nr_cpus);
}

struct dat_ring *dat_file_add_instance(struct dat_file *file, const char *name, const char *clock)
{
	struct dat_ring *ring = &file->buffers[file->nr_buffers++];

	init_ring(file, ring, name, clock, 1);
	return ring;
}

void dat_file_option(struct dat_file *file, uint16_t id, const void *data, size_t size)
{
	put_u16(&file->options, id);
	put_u32(&file->options, (uint32_t)size);
	put_text(&file->options, data, size);
}

void dat_page_begin(struct dat_file *file, struct dat_pages *pages, uint64_t time)
{
	pages->page = pages->bytes.length;
	pages->time = time;
	put_u64(&pages->bytes, time);
	put_number(&pages->bytes, 0, file->long_size);
}

void dat_page_end(struct dat_file *file, struct dat_pages *pages, uint32_t flags, uint64_t lost)
{
	struct bytes *bytes = &pages->bytes;
	uint64_t commit = bytes->length - (pages->page + 8 + file->long_size);

	set_number(bytes, pages->page + 8, commit | flags, file->long_size);
	if (flags & 1U << 30)
		put_number(bytes, lost, file->long_size);
	put_zeros_up_to(bytes, pages->page + file->page_size);
}

/* The head of an event with `size` bytes of data. */
static void put_head(struct dat_pages *pages, uint64_t time, size_t size, uint16_t id, int32_t pid)
{
	uint64_t delta = time - pages->time;

	if (delta >= 1U << 27) {
		put_event_word(&pages->bytes, 30, delta & ((1U << 27) - 1));
		put_u32(&pages->bytes, (uint32_t)(delta >> 27));
		delta = 0;
	}
	pages->time = time;
	put_event_word(&pages->bytes, (unsigned int)(size / 4), (uint32_t)delta);
	put_u16(&pages->bytes, id);
	put_u16(&pages->bytes, 0);
	put_u32(&pages->bytes, (uint32_t)pid);
}

void dat_put_call(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid,
		  uint64_t pmdp)
{
	size_t fixed = 8 + file->long_size + 8 + 4 + 4;

	put_head(pages, time, fixed + 8, ID_CALL, pid);
	put_number(&pages->bytes, call_address[wide(file)], file->long_size);
	put_u64(&pages->bytes, pmdp);
	put_u32(&pages->bytes, (uint32_t)-7);
	put_u32(&pages->bytes, (uint32_t)(6 << 16 | fixed));
	put_text(&pages->bytes, "hello\0\0", 8);
}

void dat_put_return(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid,
		    uint64_t ret)
{
	put_head(pages, time, 8 + 2 * file->long_size + 8, ID_RETURN, pid);
	put_number(&pages->bytes, return_address[wide(file)], file->long_size);
	put_number(&pages->bytes, caller_address[wide(file)], file->long_size);
	put_u64(&pages->bytes, ret);
}

void dat_put_free(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid,
		  uint64_t pfn)
{
	(void)file;
	put_head(pages, time, 8 + 8 + 4, ID_FREE, pid);
	put_u64(&pages->bytes, pfn);
	put_u32(&pages->bytes, 3);
}

void dat_put_stack(struct dat_file *file, struct dat_pages *pages, uint64_t time, int32_t pid)
{
	put_head(pages, time, 8 + file->long_size + 2 * file->long_size, ID_STACK, pid);
	put_u32(&pages->bytes, 2);
	put_number(&pages->bytes, 0, file->long_size - 4);
	put_number(&pages->bytes, return_address[wide(file)] + 0x10, file->long_size);
	put_number(&pages->bytes, caller_address[wide(file)], file->long_size);
}

void dat_put_unknown(struct dat_file *file, struct dat_pages *pages, uint64_t time)
{
	(void)file;
	put_head(pages, time, 8, 999, 1);
}

/* ---- the parts of the metadata ------------------------------------------------------------- */

static void put_sized_u64(struct bytes *to, const char *text)
{
	put_u64(to, strlen(text));
	put_text(to, text, strlen(text));
}

static void put_header_info(const struct dat_file *file, struct bytes *to)
{
	char text[512];
	unsigned int head = 8 + file->long_size;

	snprintf(text, sizeof(text),
		 "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		 "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
		 "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		 "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:0;\n",
		 file->long_size, head, file->page_size - head);
	put_string(to, "header_page");
	put_sized_u64(to, text);
	put_string(to, "header_event");
	put_sized_u64(to, "# compressed entry header\n");
}

static void put_ftrace_events(const struct dat_file *file, struct bytes *to)
{
	put_u32(to, 1);
	put_sized_u64(to, stack_formats[wide(file)]);
}

static void put_event_formats(const struct dat_file *file, struct bytes *to)
{
	put_u32(to, 2);
	put_string(to, "pgt");
	put_u32(to, 2);
	put_sized_u64(to, call_formats[wide(file)]);
	put_sized_u64(to, return_formats[wide(file)]);
	put_string(to, "kmem");
	put_u32(to, 1);
	put_sized_u64(to, free_format);
}

static void put_kallsyms(const struct dat_file *file, struct bytes *to)
{
	put_u32(to, (uint32_t)strlen(kallsyms[wide(file)]));
	put_text(to, kallsyms[wide(file)], strlen(kallsyms[wide(file)]));
}

static void put_printk(const struct dat_file *file, struct bytes *to)
{
	(void)file;
	put_u32(to, 4);
	put_text(to, "none", 4);
}

static void put_cmdlines(const struct dat_file *file, struct bytes *to)
{
	(void)file;
	put_sized_u64(to, cmdlines);
}

static void (*const parts[])(const struct dat_file *file, struct bytes *to) = {
	put_header_info, put_ftrace_events, put_event_formats,
	put_kallsyms,	 put_printk,	    put_cmdlines,
};

enum {
	NR_PARTS = 6,
	FIRST_PART = 16,
};

/* ---- version 6 ----------------------------------------------------------------------------- */

/* Puts a table of zeros, to be filled in by put_data_v6(). */
static size_t put_table_v6(struct dat_file *file, const struct dat_ring *ring)
{
	size_t table;

	put_text(&file->bytes, "flyrecord", 10);
	table = file->bytes.length;
	put_zeros_up_to(&file->bytes, table + 16 * file->buffers[0].nr_cpus);
	(void)ring;
	return table;
}

static void put_data_v6(struct dat_file *file, const struct dat_ring *ring, size_t table)
{
	for (unsigned int i = 0; i < ring->nr_cpus; i++) {
		const struct dat_pages *cpu = &ring->cpus[i];

		put_zeros_up_to(&file->bytes,
				(file->bytes.length + DAT_PAGE - 1) / DAT_PAGE * DAT_PAGE);
		set_number(&file->bytes, table + 16 * cpu->cpu, file->bytes.length, 8);
		set_number(&file->bytes, table + 16 * cpu->cpu + 8, cpu->bytes.length, 8);
		put_text(&file->bytes, cpu->bytes.data, cpu->bytes.length);
	}
}

static void build_v6(struct dat_file *file)
{
	struct bytes *to = &file->bytes;
	size_t instance = 0, table;

	for (int i = 0; i < NR_PARTS; i++)
		parts[i](file, to);
	put_u32(to, file->buffers[0].nr_cpus);
	put_text(to, "options  ", 10);
	put_text(to, file->options.data, file->options.length);
	if (file->nr_buffers > 1) {
		put_u16(to, 3);
		put_u32(to, (uint32_t)(8 + strlen(file->buffers[1].name) + 1));
		instance = to->length;
		put_u64(to, 0);
		put_string(to, file->buffers[1].name);
	}
	put_u16(to, 0);
	if (file->buffers[0].text) {
		put_text(to, "latency  ", 10);
		put_text(to, file->buffers[0].text, strlen(file->buffers[0].text));
		return;
	}
	table = put_table_v6(file, &file->buffers[0]);
	put_u64(to, strlen("local [") + strlen(file->buffers[0].clock) + 2);
	put_text(to, "local [", 7);
	put_text(to, file->buffers[0].clock, strlen(file->buffers[0].clock));
	put_text(to, "]\n", 2);
	put_data_v6(file, &file->buffers[0], table);
	if (instance) {
		set_number(to, instance, to->length, 8);
		table = put_table_v6(file, &file->buffers[1]);
		put_data_v6(file, &file->buffers[1], table);
	}
}

/* ---- version 7 ----------------------------------------------------------------------------- */

static void put_packed(const struct dat_file *file, struct bytes *to, const void *data, size_t size)
{
	uint8_t *packed = to->data + to->length + 8;
	size_t room = sizeof(to->data) - to->length - 8, packed_size = 0;

	if (file->compression == DAT_ZLIB) {
		uLongf length = room;

		if (compress(packed, &length, data, size) == Z_OK)
			packed_size = length;
	} else {
		packed_size = ZSTD_compress(packed, room, data, size, 1);
	}
	put_u32(to, (uint32_t)packed_size);
	put_u32(to, (uint32_t)size);
	to->length += packed_size;
}

static size_t begin_section(const struct dat_file *file, struct bytes *to, uint16_t id,
			    bool is_packed)
{
	put_u16(to, id);
	put_u16(to, is_packed && file->compression != DAT_NONE);
	put_u32(to, 0);
	put_u64(to, 0);
	return to->length;
}

static void end_section(struct bytes *to, size_t start)
{
	set_number(to, start - 8, to->length - start, 8);
}

static void put_part_v7(struct dat_file *file, int part)
{
	static struct bytes plain;
	size_t start = begin_section(file, &file->bytes, (uint16_t)(FIRST_PART + part), true);

	plain.big_endian = file->big_endian;
	plain.length = 0;
	parts[part](file, &plain);
	if (file->compression == DAT_NONE)
		put_text(&file->bytes, plain.data, plain.length);
	else
		put_packed(file, &file->bytes, plain.data, plain.length);
	end_section(&file->bytes, start);
}

/* In chunks of two pages, of which there are several then; larger pages lie in more than one. */
static void put_chunks(struct dat_file *file, const void *data, size_t size)
{
	size_t chunk = file->page_size == DAT_PAGE ? 2 * DAT_PAGE : 5 * DAT_PAGE;
	const char *from = data;

	put_u32(&file->bytes, (uint32_t)((size + chunk - 1) / chunk));
	while (size) {
		size_t length = size < chunk ? size : chunk;

		put_packed(file, &file->bytes, from, length);
		from += length;
		size -= length;
	}
}

/* Puts the data of a buffer, and the option that says where they are into `option`. */
static void put_buffer_v7(struct dat_file *file, const struct dat_ring *ring, struct bytes *option)
{
	struct bytes *to = &file->bytes;
	size_t section = to->length;
	size_t start = begin_section(file, to, ring->text ? 22 : 3, true);

	put_u64(option, section);
	put_string(option, ring->name);
	put_string(option, ring->clock);
	if (ring->text) {
		if (file->compression == DAT_NONE)
			put_text(to, ring->text, strlen(ring->text));
		else
			put_chunks(file, ring->text, strlen(ring->text));
		end_section(to, start);
		return;
	}
	put_u32(option, file->page_size);
	put_u32(option, ring->nr_cpus);
	for (unsigned int i = 0; i < ring->nr_cpus; i++) {
		const struct bytes *pages = &ring->cpus[i].bytes;
		size_t at = (to->length + DAT_PAGE - 1) / DAT_PAGE * DAT_PAGE;

		put_zeros_up_to(to, at);
		if (file->compression == DAT_NONE)
			put_text(to, pages->data, pages->length);
		else
			put_chunks(file, pages->data, pages->length);
		put_u32(option, ring->cpus[i].cpu);
		put_u64(option, at);
		put_u64(option, to->length - at - (file->compression == DAT_NONE ? 0 : 4));
	}
	end_section(to, start);
}

static void put_option(struct bytes *to, uint16_t id, const void *data, size_t size)
{
	put_u16(to, id);
	put_u32(to, (uint32_t)size);
	put_text(to, data, size);
}

static void build_v7(struct dat_file *file)
{
	static const char *const algorithms[] = {"none", "zlib", "zstd"};
	static struct bytes option;
	struct bytes *to = &file->bytes;
	uint64_t places[NR_PARTS];
	size_t first_options, start, next;

	option.big_endian = file->big_endian;
	put_string(to, algorithms[file->compression]);
	put_string(to, "1.0");
	first_options = to->length;
	put_u64(to, 0);
	for (int i = 0; i < NR_PARTS; i++) {
		places[i] = to->length;
		put_part_v7(file, i);
	}
	set_number(to, first_options, to->length, 8);
	start = begin_section(file, to, 0, false);
	for (int i = 0; i < NR_PARTS; i++) {
		option.length = 0;
		put_u64(&option, places[i]);
		put_option(to, (uint16_t)(FIRST_PART + i), option.data, option.length);
	}
	put_text(to, file->options.data, file->options.length);
	put_u16(to, 0);
	put_u32(to, 8);
	next = to->length;
	put_u64(to, 0);
	end_section(to, start);
	for (unsigned int i = 0; i < file->nr_buffers; i++) {
		option.length = 0;
		put_buffer_v7(file, &file->buffers[i], &option);
		file->last_options = to->length;
		set_number(to, next, to->length, 8);
		start = begin_section(file, to, 0, false);
		put_option(to, file->buffers[i].text ? 22 : 3, option.data, option.length);
		put_u16(to, 0);
		put_u32(to, 8);
		next = to->length;
		put_u64(to, 0);
		end_section(to, start);
	}
}

/* ---- the file ------------------------------------------------------------------------------ */

void dat_file_build(struct dat_file *file)
{
	struct bytes *to = &file->bytes;

	to->length = 0;
	put_text(to, "\x17\x08\x44tracing", 10);
	put_string(to, file->version == 6 ? "6" : "7");
	put_u8(to, file->big_endian);
	put_u8(to, (uint8_t)file->long_size);
	put_u32(to, DAT_PAGE);
	if (file->version == 6)
		build_v6(file);
	else
		build_v7(file);
}

static int published = -1;

const char *dat_file_publish(const struct dat_file *file, size_t size)
{
	static char path[40];

	published = memfd_create("test", MFD_CLOEXEC);
	if (published < 0 || write(published, file->bytes.data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", published);
	return path;
}

void dat_file_withdraw(void)
{
	close(published);
	published = -1;
}
