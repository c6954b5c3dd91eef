/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole trace.dat files made by hand: versions, byte orders, sizes of long, compressions. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "test/dat-file.h"
#include "test/record-text.h"

static const struct variant {
	const char *name;
	unsigned int version;
	bool big_endian;
	unsigned int long_size;
	enum dat_compression compression;
} variants[] = {
	{"6", 6, false, 8, DAT_NONE},
	{"6, 32 bits", 6, false, 4, DAT_NONE},
	{"6, big endian", 6, true, 8, DAT_NONE},
	{"6, big endian, 32 bits", 6, true, 4, DAT_NONE},
	{"7", 7, false, 8, DAT_NONE},
	{"7, zlib", 7, false, 8, DAT_ZLIB},
	{"7, zstd", 7, false, 8, DAT_ZSTD},
	{"7, big endian, 32 bits, zstd", 7, true, 4, DAT_ZSTD},
	{"7, big endian", 7, true, 8, DAT_NONE},
};

enum {
	NR_VARIANTS = sizeof(variants) / sizeof(variants[0])
};

static struct dat_file file;

static void init(const struct variant *variant, unsigned int nr_cpus)
{
	dat_file_init(&file, variant->version, variant->big_endian, variant->long_size,
		      variant->compression, nr_cpus);
}

/* What reading the first `size` bytes gives: its records as text, and some of capture_info. */
struct result {
	struct buffer text;
	struct error *err; /* of capture_open() or the last capture_next() */
	bool is_open;
	bool truncated;
	bool clock_is_ticks;
	uint32_t nr_cpus;
	uint64_t nr_records;
	uint64_t nr_unread;
	uint32_t nr_defined;
	uint32_t nr_unmet;
	char clock[32];
	char kind[64];
	char release[32];
};

static void keep_info(struct result *result, const struct capture_info *info)
{
	result->truncated = info->truncated;
	result->clock_is_ticks = info->clock_is_ticks;
	result->nr_cpus = info->nr_cpus;
	result->nr_records = info->nr_records;
	result->nr_unread = info->nr_unread;
	result->nr_defined = info->nr_defined;
	for (uint32_t i = 0; i < info->nr_defined; i++)
		result->nr_unmet += info->defined[i]->id == TYPE_UNMET;
	snprintf(result->clock, sizeof(result->clock), "%s", info->clock ? info->clock : "none");
	snprintf(result->kind, sizeof(result->kind), "%s", info->kind);
	snprintf(result->release, sizeof(result->release), "%s",
		 info->release ? info->release : "none");
}

static void read_cut(struct result *result, size_t size)
{
	enum capture_step step = RECORD_ERROR;
	struct capture *capture = NULL;
	struct record record;

	*result = (struct result){0};
	result->err = capture_open(dat_file_publish(&file, size), &capture);
	result->is_open = result->err == NULL;
	while (result->is_open) {
		step = capture_next(capture, &record, &result->err);
		if (step == RECORD_END || step == RECORD_ERROR)
			break;
		add_record(&result->text, step, &record);
		buffer_add_char(&result->text, '\n');
	}
	if (result->is_open)
		keep_info(result, capture_info(capture));
	capture_close(capture);
	dat_file_withdraw();
}

static void release(struct result *result)
{
	buffer_deinit(&result->text);
	error_destroy(result->err);
}

/* Builds the file, reads it, and checks the text. */
static void expect(const struct variant *variant, struct result *result, const char *expected)
{
	dat_file_build(&file);
	read_cut(result, file.bytes.length);
	if (result->err)
		fail_msg("version %s: %s", variant->name, result->err->message);
	if (strcmp(result->text.text ? result->text.text : "", expected) != 0)
		fail_msg("version %s:\n%snot\n%s", variant->name, result->text.text, expected);
}

/* Two CPUs, three pages and two: enough for two chunks. */
static void put_two_cpus(void)
{
	struct dat_pages *first = &file.buffers[0].cpus[0];
	struct dat_pages *second = &file.buffers[0].cpus[1];

	dat_page_begin(&file, first, 1000);
	dat_put_call(&file, first, 1000, 1, 0x10);
	dat_put_return(&file, first, 1500, 117, 0x20);
	dat_page_end(&file, first, 0, 0);
	dat_page_begin(&file, first, 2000);
	dat_put_free(&file, first, 2000, 0, 0x30);
	dat_page_end(&file, first, 0, 0);
	dat_page_begin(&file, first, 2500);
	dat_put_call(&file, first, 9000000000, 5, 0x40);
	dat_page_end(&file, first, 0, 0);
	dat_page_begin(&file, second, 900);
	dat_put_free(&file, second, 1000, 1, 0x50);
	dat_put_free(&file, second, 1001, 1, 0x60);
	dat_page_end(&file, second, 0, 0);
	dat_page_begin(&file, second, 3000);
	dat_put_free(&file, second, 3000, 1, 0x70);
	dat_page_end(&file, second, 0, 0);
}

#define CALL(pmdp)                                                                                 \
	"pgt:pmd_set_huge (pmd_set_huge+0x0) pmdp=" pmdp " small=0xfffffffffffffff9 name='hello'\n"
#define RETURN(ret) "pgt:ioremap_ret (ioremap+0x0 <- nmap+0x84/0x1000 [ht]) ret=" ret "\n"
#define FREE(pfn) "kmem:mm_page_free pfn=" pfn " order=0x3\n"

static const char two_cpus[] =
	"1000 [0] init-1 " CALL("0x10") "1000 [1] init-1 " FREE("0x50") "1001 [1] init-1 " FREE("0x60") "1500 [0] a name-117 " RETURN(
		"0x20") "2000 [0] <idle>-0 " FREE("0x30") "3000 [1] init-1 " FREE("0x70") "9000000000 [0] <...>-5 " CALL("0x40");

static void reads_every_variant(void **state)
{
	static const char uname[] = "Linux a-node 6.1.0-50-arm64 aarch64";
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 2);
		put_two_cpus();
		dat_file_option(&file, 5, uname, sizeof(uname));
		expect(&variants[i], &result, two_cpus);
		assert_string_equal(result.clock, "local");
		assert_string_equal(result.release, "6.1.0-50-arm64");
		assert_int_equal(strncmp(result.kind, "trace.dat version ", 18), 0);
		assert_int_equal(result.kind[18], '0' + (int)variants[i].version);
		assert_false(result.clock_is_ticks);
		assert_false(result.truncated);
		assert_int_equal(result.nr_cpus, 2);
		assert_int_equal(result.nr_records, 7);
		assert_int_equal(result.nr_unread, 0);
		assert_int_equal(result.nr_defined, 2);
		assert_int_equal(result.nr_unmet, 0);
		release(&result);
	}
}

static void tells_losses(void **state)
{
	static const char stats[] = "CPU: 1\nentries: 0\noverrun: 50\ncommit overrun: 2\n"
				    "bytes: 0\ndropped events: 3\nread events: 15681\n";
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 2);
		struct dat_pages *cpus = file.buffers[0].cpus;

		dat_page_begin(&file, &cpus[0], 1000);
		dat_put_free(&file, &cpus[0], 1000, 1, 1);
		dat_page_end(&file, &cpus[0], 0, 0);
		dat_page_begin(&file, &cpus[0], 2000);
		dat_put_free(&file, &cpus[0], 2000, 1, 2);
		dat_page_end(&file, &cpus[0], 1U << 31, 0);
		dat_page_begin(&file, &cpus[1], 1500);
		dat_page_end(&file, &cpus[1], 3U << 30, 20); /* without events */
		dat_page_begin(&file, &cpus[1], 1600);
		dat_put_free(&file, &cpus[1], 1600, 1, 3);
		dat_page_end(&file, &cpus[1], 3U << 30, 30);
		dat_file_option(&file, 2, stats, sizeof(stats));
		expect(&variants[i], &result,
		       "1000 [0] init-1 " FREE(
			       "0x1") "lost [1] 50\n"
				      "1600 [1] init-1 " FREE(
					      "0x3") "lost [1] 5\n"
						     "lost [0] ?\n2000 [0] init-1 " FREE("0x2"));
		release(&result);
	}
}

static void reads_stacks(void **state)
{
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 1);
		struct dat_pages *cpu = file.buffers[0].cpus;

		dat_page_begin(&file, cpu, 1000);
		dat_put_stack(&file, cpu, 1000, 1); /* of nothing */
		dat_put_free(&file, cpu, 1001, 1, 1);
		dat_put_stack(&file, cpu, 1002, 1);
		dat_put_stack(&file, cpu, 1003, 1);
		dat_put_unknown(&file, cpu, 1004);
		dat_put_stack(&file, cpu, 1005, 1);
		dat_put_free(&file, cpu, 1006, 1, 2);
		dat_page_end(&file, cpu, 0, 0);
		dat_page_begin(&file, cpu, 2000);
		dat_put_stack(&file, cpu, 2000, 1); /* of an event that was lost */
		dat_page_end(&file, cpu, 1U << 31, 0);
		expect(&variants[i], &result,
		       "1001 [0] init-1 " FREE("0x1") "stack 1001 [0] 1 ioremap+0x10 nmap+0x84\n"
						      "1006 [0] init-1 " FREE(
							      "0x2") "lost [0] ?\n");
		assert_int_equal(result.nr_unread, 1);
		assert_int_equal(result.nr_unmet, 2);
		release(&result);
	}
}

static void merges_instances(void **state)
{
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 2);
		put_two_cpus();
		struct dat_ring *ring = dat_file_add_instance(&file, "other", "local");

		dat_page_begin(&file, &ring->cpus[0], 1001);
		dat_put_free(&file, &ring->cpus[0], 1001, 1, 0x99);
		dat_page_end(&file, &ring->cpus[0], 0, 0);
		expect(&variants[i], &result,
		       "1000 [0] init-1 " CALL("0x10") "1000 [1] init-1 " FREE("0x50") "1001 [0] init-1 " FREE("0x99") "1001 [1] init-1 " FREE("0x60") "1500 [0] a name-117 " RETURN(
			       "0x20") "2000 [0] <idle>-0 " FREE("0x30") "3000 [1] init-1 " FREE("0x70") "9000000000 [0] <...>-5 " CALL("0x40"));
		release(&result);
	}
}

/* What the kernel wrote into two buffers, call chain and all, happened once. */
static void an_event_of_two_instances_counts_once(void **state)
{
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 1);
		struct dat_ring *ring = dat_file_add_instance(&file, "other", "local");
		struct dat_pages *buffers[] = {&file.buffers[0].cpus[0], &ring->cpus[0]};

		for (size_t j = 0; j < 2; j++) {
			dat_page_begin(&file, buffers[j], 1000 + j);
			dat_put_free(&file, buffers[j], 1000 + j, 1, 0x99);
			dat_put_stack(&file, buffers[j], 1000 + j, 1);
			dat_put_free(&file, buffers[j], 2000 + j, 1, 0x99);
			dat_put_free(&file, buffers[j], 3000 + j, 1, 0x10 + j);
			dat_page_end(&file, buffers[j], 0, 0);
		}
		expect(&variants[i], &result,
		       "1000 [0] init-1 " FREE(
			       "0x99") "stack 1000 [0] 1 ioremap+0x10 nmap+0x84\n"
				       "2000 [0] init-1 " FREE("0x99") "3000 [0] init-1 " FREE(
					       "0x10") "3001 [0] init-1 " FREE("0x11"));
		release(&result);
	}
}

/* Statistics of an instance follow an option that names it. */
static void knows_whose_losses_they_are(void **state)
{
	static const char name[] = "\nBuffer: other\n\n";
	static const char stats[] = "CPU: 0\noverrun: 9\n";
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 1);
		struct dat_pages *cpu = file.buffers[0].cpus;
		struct dat_ring *ring = dat_file_add_instance(&file, "other", "local");

		dat_page_begin(&file, cpu, 1000);
		dat_put_free(&file, cpu, 1000, 1, 1);
		dat_put_free(&file, cpu, 9000, 1, 2);
		dat_page_end(&file, cpu, 0, 0);
		dat_page_begin(&file, &ring->cpus[0], 2000);
		dat_put_free(&file, &ring->cpus[0], 2000, 1, 3);
		dat_page_end(&file, &ring->cpus[0], 0, 0);
		dat_file_option(&file, 2, name, sizeof(name));
		dat_file_option(&file, 2, stats, sizeof(stats));
		expect(&variants[i], &result,
		       "1000 [0] init-1 " FREE("0x1") "2000 [0] init-1 " FREE(
			       "0x3") "lost [0] 9\n9000 [0] init-1 " FREE("0x2"));
		release(&result);
	}
}

/* trace-cmd 3.1 writes "local" for every instance; the file's own clock is that of what it recorded. */
static void an_instance_alone_has_the_clock_of_the_file(void **state)
{
	static const char clocks[] = "local global counter uptime perf [mono] mono_raw boot tai\n";

	for (int with_top = 0; with_top < 2; with_top++) {
		struct result result;

		init(&variants[4], 1);
		struct dat_ring *ring = dat_file_add_instance(&file, "mmureplay", "local");

		if (with_top) {
			dat_page_begin(&file, file.buffers[0].cpus, 500);
			dat_put_free(&file, file.buffers[0].cpus, 500, 1, 1);
			dat_page_end(&file, file.buffers[0].cpus, 0, 0);
		}
		dat_page_begin(&file, &ring->cpus[0], 1000);
		dat_put_free(&file, &ring->cpus[0], 1000, 1, 1);
		dat_page_end(&file, &ring->cpus[0], 0, 0);
		dat_file_option(&file, 4, clocks, sizeof(clocks));
		dat_file_build(&file);
		read_cut(&result, file.bytes.length);
		assert_null(result.err);
		assert_string_equal(result.clock, with_top ? "local" : "mono");
		release(&result);
	}
}

/* Only version 7 says the clock of each. */
static void refuses_instances_with_different_clocks(void **state)
{
	struct result result;

	init(&variants[4], 2);
	put_two_cpus();
	struct dat_ring *ring = dat_file_add_instance(&file, "other", "mono");

	dat_page_begin(&file, &ring->cpus[0], 1001);
	dat_put_free(&file, &ring->cpus[0], 1001, 1, 0x99);
	dat_page_end(&file, &ring->cpus[0], 0, 0);
	dat_file_build(&file);
	read_cut(&result, file.bytes.length);
	assert_non_null(result.err);
	assert_string_equal(result.err->message,
			    "the events of two buffers, '' and 'other', have no common order: "
			    "their clocks are local and mono; choose one (--instance)");
	release(&result);
}

/* Reads the instance `name` only; the error, if there is none of that name. */
static struct error *read_instance(const char *name, struct buffer *text)
{
	struct capture *capture = NULL;
	struct record record;
	struct error *err = capture_open(dat_file_publish(&file, file.bytes.length), &capture);
	enum capture_step step = RECORD_EVENT;

	assert_null(err);
	err = capture_set_instance(capture, name);
	while (!err) {
		step = capture_next(capture, &record, &err);
		if (step == RECORD_END)
			break;
		add_record(text, step, &record);
		buffer_add_char(text, '\n');
	}
	capture_close(capture);
	dat_file_withdraw();
	return err;
}

static void reads_one_instance(void **state)
{
	struct buffer text = {0};

	init(&variants[4], 2);
	put_two_cpus();
	struct dat_ring *ring = dat_file_add_instance(&file, "other", "mono");

	dat_page_begin(&file, &ring->cpus[0], 1001);
	dat_put_free(&file, &ring->cpus[0], 1001, 1, 0x99);
	dat_page_end(&file, &ring->cpus[0], 0, 0);
	dat_file_build(&file);
	assert_null(read_instance("other", &text));
	assert_string_equal(text.text, "1001 [0] init-1 " FREE("0x99"));
	buffer_clear(&text);
	assert_null(read_instance("", &text));
	assert_string_equal(text.text, two_cpus);
	_cleanup_(destroy_error) struct error *err = read_instance("others", &text);

	assert_int_equal(err->kind, ERROR_USAGE);
	assert_string_equal(
		err->message,
		"it has no instance 'others'; there are: 'other', and '' for the top one");
	buffer_deinit(&text);
}

static void knows_sparse_cpus(void **state)
{
	struct result result;

	for (int i = 4; i < NR_VARIANTS; i++) {
		init(&variants[i], 2);
		put_two_cpus();
		file.buffers[0].cpus[0].cpu = 3;
		file.buffers[0].cpus[1].cpu = 7;
		expect(&variants[i], &result,
		       "1000 [3] init-1 " CALL("0x10") "1000 [7] init-1 " FREE("0x50") "1001 [7] init-1 " FREE("0x60") "1500 [3] a name-117 " RETURN(
			       "0x20") "2000 [3] <idle>-0 " FREE("0x30") "3000 [7] init-1 " FREE("0x70") "9000000000 [3] <...>-5 " CALL("0x40"));
		assert_int_equal(result.nr_cpus, 8);
		release(&result);
	}
}

/* Sub-buffers of several pages; version 6 has their size in the layout only. */
/*
 * The option CPUCOUNT corrects the count of version 6 before its table; version 7 names each CPU that
 * has data.
 */
static void counts_cpus_as_the_option_says(void **state)
{
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		struct bytes count = {.big_endian = variants[i].big_endian};

		init(&variants[i], 2);
		put_two_cpus();
		put_u32(&count, variants[i].version == 6 ? 2 : 6);
		dat_file_option(&file, 8, count.data, count.length);
		dat_file_build(&file);
		uint8_t *options = memmem(file.bytes.data, file.bytes.length, "options  ", 9);

		if (variants[i].version == 6) {
			assert_non_null(options);
			set_number(&file.bytes, (size_t)(options - 4 - file.bytes.data), 5, 4);
		}
		read_cut(&result, file.bytes.length);
		assert_null(result.err);
		assert_string_equal(result.text.text, two_cpus);
		assert_int_equal(result.nr_cpus, variants[i].version == 6 ? 2 : 6);
		release(&result);
	}
}

static void reads_large_pages(void **state)
{
	struct result result;
	struct buffer expected = {0};

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 1);
		file.page_size = 4 * DAT_PAGE;
		struct dat_pages *cpu = file.buffers[0].cpus;

		buffer_clear(&expected);
		for (uint64_t page = 0; page < 3; page++) {
			dat_page_begin(&file, cpu, page * 10000);
			for (uint64_t j = 0; j < 500; j++) {
				uint64_t time = page * 10000 + j;

				dat_put_free(&file, cpu, time, 1, j);
				buffer_printf(
					&expected,
					"%u [0] init-1 kmem:mm_page_free pfn=0x%x order=0x3\n",
					(unsigned int)time, (unsigned int)j);
			}
			dat_page_end(&file, cpu, 0, 0);
		}
		expect(&variants[i], &result, expected.text);
		release(&result);
	}
	buffer_deinit(&expected);
}

static void converts_times(void **state)
{
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		struct bytes tsc = {.big_endian = variants[i].big_endian};

		init(&variants[i], 1);
		file.buffers[0].clock = "x86-tsc";
		struct dat_pages *cpu = file.buffers[0].cpus;

		dat_page_begin(&file, cpu, 1000);
		dat_put_free(&file, cpu, 1000, 1, 1);
		dat_page_end(&file, cpu, 0, 0);
		expect(&variants[i], &result, "1000 [0] init-1 " FREE("0x1"));
		assert_true(result.clock_is_ticks);
		assert_string_equal(result.clock, "x86-tsc");
		release(&result);
		put_u32(&tsc, 3);
		put_u32(&tsc, 1);
		put_u64(&tsc, 0);
		dat_file_option(&file, 14, tsc.data, tsc.length);
		dat_file_option(&file, 7, "-500", 5);
		expect(&variants[i], &result, "1000 [0] init-1 " FREE("0x1"));
		assert_false(result.clock_is_ticks);
		release(&result);
	}
}

static void hands_text_to_the_text_reader(void **state)
{
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		init(&variants[i], 1);
		file.buffers[0].text = "# tracer: wakeup\n#\n"
				       "  init-1  [000] d....  5.640702: iounmap: "
				       "(iounmap+0x0/0x100) addr=0x10\n";
		expect(&variants[i], &result,
		       "5640702000 [0] init-1 :iounmap (iounmap+0x0) addr=0x10\n");
		assert_int_equal(strcmp(result.kind + 19, ", text"), 0);
		release(&result);
	}
}

/* ---- files that end early ------------------------------------------------------------------ */

/* Whether all lines of `part` are in `whole`, in this order. */
static bool is_part_of(const char *part, const char *whole)
{
	for (;;) {
		size_t length = strcspn(part, "\n");

		if (!part[length])
			return true;
		while (strncmp(part, whole, length + 1) != 0) {
			whole += strcspn(whole, "\n");
			if (!*whole++)
				return false;
		}
		part += length + 1;
	}
}

/*
 * At every byte: never more than there was, never in another order, never less than with one byte
 * less; errors have a place; what can be opened is marked.
 */
static void is_read_up_to_a_cut(void **state)
{
	struct result result;

	for (int i = 0; i < NR_VARIANTS; i++) {
		size_t most = 0;

		init(&variants[i], 2);
		put_two_cpus();
		dat_file_build(&file);
		for (size_t size = 10; size < file.bytes.length; size++) {
			/* Each byte of what holds others together, and some of the rest. */
			bool is_list = variants[i].version == 7 && size + 20 > file.last_options;

			if (size > 64 && size % 61 != 0 && !is_list)
				continue;
			read_cut(&result, size);
			if (result.err) {
				assert_false(result.is_open);
				assert_int_equal(result.err->kind, ERROR_FORMAT);
				assert_int_equal(result.err->place, ERROR_OFFSET);
				assert_int_equal(result.text.length, 0);
				assert_int_equal(most, 0);
			} else {
				const char *text = result.text.text ? result.text.text : "";

				assert_true(is_part_of(text, two_cpus));
				assert_true(result.text.length >= most);
				assert_true(result.truncated);
				most = result.text.length;
			}
			release(&result);
		}
		assert_int_equal(most, strlen(two_cpus));
	}
}

/* What a recording that was killed leaves. */
static void says_when_a_recording_was_not_finished(void **state)
{
	struct result result;

	init(&variants[4], 2);
	dat_file_build(&file);
	/* magic, version, byte order, long, page size, "none", "1.0" */
	set_number(&file.bytes, 10 + 2 + 1 + 1 + 4 + 5 + 4, 0, 8);
	read_cut(&result, file.bytes.length);
	assert_non_null(result.err);
	assert_non_null(strstr(result.err->message, "trace-cmd restore"));
	release(&result);
}

static void says_which_version_and_compression_it_is(void **state)
{
	struct result result;

	init(&variants[4], 2);
	dat_file_build(&file);
	file.bytes.data[10] = '8';
	read_cut(&result, file.bytes.length);
	assert_string_equal(result.err->message,
			    "this is version '8' of trace.dat; 6 and 7 are known here");
	release(&result);

	init(&variants[6], 2);
	dat_file_build(&file);
	memcpy(file.bytes.data + 18, "lzma", 4);
	read_cut(&result, file.bytes.length);
	assert_non_null(strstr(result.err->message, "compressed with 'lzma'"));
	assert_non_null(strstr(result.err->message, "trace-cmd convert --compression none"));
	release(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_variant),
		cmocka_unit_test(tells_losses),
		cmocka_unit_test(reads_stacks),
		cmocka_unit_test(merges_instances),
		cmocka_unit_test(an_event_of_two_instances_counts_once),
		cmocka_unit_test(knows_whose_losses_they_are),
		cmocka_unit_test(an_instance_alone_has_the_clock_of_the_file),
		cmocka_unit_test(refuses_instances_with_different_clocks),
		cmocka_unit_test(reads_one_instance),
		cmocka_unit_test(knows_sparse_cpus),
		cmocka_unit_test(counts_cpus_as_the_option_says),
		cmocka_unit_test(reads_large_pages),
		cmocka_unit_test(converts_times),
		cmocka_unit_test(hands_text_to_the_text_reader),
		cmocka_unit_test(is_read_up_to_a_cut),
		cmocka_unit_test(says_when_a_recording_was_not_finished),
		cmocka_unit_test(says_which_version_and_compression_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
