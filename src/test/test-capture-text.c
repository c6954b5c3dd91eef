/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the text reader makes of a text as a whole: kinds, headers, losses, call chains. */
#define _GNU_SOURCE
#include "test/capture-text.h"

#define FTRACE "# tracer: nop\n#\n"
#define TRACE_CMD "cpus=2\n"
#define EVENT(time, rest) "  sh-1  [000] d..1.  " time ": " rest "\n"

static void assert_text_refused(const char *text, const char *expected)
{
	assert_refused(text, strlen(text), expected);
}

static void refuses_what_holds_no_event(void **state)
{
	assert_text_refused("", "the input is empty");
	assert_text_refused("\n\n\n", "the input is empty");
	assert_text_refused("Dear reader,\n\nthis is a letter.\n", "not 'Dear reader,'");
	assert_text_refused("Dear reader,\n", "[001] d..1. 204.946391: ioremap: (ioremap_prot");
	assert_text_refused("\x01-\x02\n", "not '?-?'");
	assert_text_refused("{\"time\": 1.500000}\n", "no event was found");
	/* A header alone is an empty capture; with lines that nobody understands it is not. */
	assert_text_refused("# tracer: function_graph\n#\n 0)   1.2 us    |  f();\n",
			    "not ' 0)   1.2 us    |  f();'");
}

static void refuses_perf_texts_that_cannot_be_used(void **state)
{
	assert_text_refused("  sh   190 [000]    31.437187: (ffffd5cb17909774) a=0x1\n"
			    "  sh   190 [000]    31.437188: (ffffd5cb17909774) a=0x1\n",
			    "the events have no names; make the text with perf script");
	assert_text_refused("  sh   190 [000]            pgt:pud_alloc: (ffffd5cb17909774) a=0x1\n",
			    "the events have no times; make the text with perf script");
	assert_text_refused("  sh   190 [000]     0.000000: t:t: a=1\n"
			    "  sh   190 [000]     0.000808: t:t: a=1\n"
			    "  sh   190 [000]     0.000034: t:t: a=1\n",
			    "perf script --deltatime");
}

static void names_what_is_no_text(void **state)
{
	static const struct {
		const char *bytes;
		const char *expected;
	} examples[] = {
		{"\xfd\x37zXZ", "xz data"},
		{"BZh9", "bzip2 data"},
		{"\x7f\x45LF\x02", "this is an ELF file, not a capture"},
		{"\xff\xfe#", "UTF-16 text"},
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		assert_text_refused(examples[i].bytes, examples[i].expected);
}

static void reports_what_cannot_be_read(void **state)
{
	struct capture *capture = NULL;
	struct error *err = capture_open("/nonexistent/trace.txt", &capture);

	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_string_equal(err->file, "/nonexistent/trace.txt");
	error_destroy(err);
	err = capture_open("/", &capture);
	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_string_equal(err->message, "cannot read: Is a directory");
	error_destroy(err);
}

/* Checks that a text is a capture without records. */
static void assert_empty(const char *text, const char *kind)
{
	_cleanup_(close_capture) struct capture *capture = open_text(text);
	struct record record;

	assert_next(capture, RECORD_END, &record);
	assert_next(capture, RECORD_END, &record);
	assert_string_equal(capture_info(capture)->kind, kind);
	assert_int_equal(capture_info(capture)->nr_records, 0);
}

static void accepts_empty_captures(void **state)
{
	assert_empty("# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:2\n#\n",
		     "ftrace text");
	assert_empty("version = 6\nCPU 0 is empty\nCPU 1 is empty\ncpus=2\n", "trace-cmd report");
	assert_empty("# ========\n# captured on    : Sun Nov 22 09:06:13 2026\n# ========\n#\n",
		     "perf script");
}

static void reads_the_headers_of_ftrace(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		"# tracer: nop\n#\n"
		"# entries-in-buffer/entries-written: 823/4622   #P:2\n#\n" EVENT(
			"1.000001", "t: a=1") "##### CPU 1 buffer started ####\n" EVENT("1.000002",
											"t: a=1"));
	const struct capture_info *info = capture_info(capture);
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.place.position, 5);
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.place.position, 7);
	assert_next(capture, RECORD_END, &record);
	assert_int_equal(info->entries_in_buffer, 823);
	assert_int_equal(info->entries_written, 4622);
	assert_int_equal(info->nr_cpus, 2);
	assert_int_equal(info->nr_records, 2);
	assert_int_equal(info->nr_unread, 0);
	assert_int_equal(info->time_resolution, 1000);
	assert_false(info->hides_losses);
	assert_false(info->truncated);
	assert_null(info->release);
	assert_int_equal(info->nr_files, 1);
}

static void assert_defined(const struct record_type *type, const char *system, const char *name,
			   const char *symbol, uint64_t offset)
{
	assert_string_equal(type->system.length ? type->system.text : "", system);
	assert_string_equal(type->name.text, name);
	assert_string_equal(type->symbol.length ? type->symbol.text : "", symbol);
	assert_int_equal(type->offset, offset);
}

/* What the script that records writes above the kernel's text. */
static void reads_what_the_recording_script_says(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		"# mmureplay: release 6.1.0-56-arm64\n"
		"# mmureplay: clock mono\n"
		"# mmureplay: probe p:io/t somewhere a=%x0\n"
		"# mmureplay: probe r64:io/t_ret somewhere ret=$retval\n"
		"# mmureplay: probe p:tlbi/vaae1is_0 ht:pmd_free_pte_page+0x5c op=%x1\n"
		"# mmureplay: probe p:tlbi/vaae1is_1 pud_free_pmd_page+92 op=%x1 b=+0(%x0):x64\n"
		"# mmureplay: event kmem/mm_page_free\n"
		"# mmureplay: probe\n"
		"# mmureplay: probe p\n"
		"# mmureplay: probe x:a/b c\n"
		"# mmureplay: probe p:a c\n"
		"# mmureplay: probe p:a/ c\n"
		"# mmureplay: event\n"
		"# mmureplay: something new\n"
		"# mmureplay:\n"
		"# tracer: nop\n#\n" EVENT("1.000001", "t: (somewhere+0x0/0x10) a=1"));
	const struct capture_info *info = capture_info(capture);
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_END, &record);
	assert_string_equal(info->release, "6.1.0-56-arm64");
	assert_string_equal(info->clock, "mono");
	assert_int_equal(info->nr_unread, 0);
	assert_int_equal(info->nr_defined, 5);
	assert_ptr_equal(info->defined[0], record.type);
	for (uint32_t i = 1; i < info->nr_defined; i++)
		assert_int_equal(info->defined[i]->id, TYPE_UNMET);
	assert_defined(info->defined[1], "io", "t_ret", "somewhere", 0);
	assert_true(info->defined[1]->is_return);
	assert_defined(info->defined[2], "tlbi", "vaae1is_0", "pmd_free_pte_page", 0x5c);
	assert_string_equal(info->defined[2]->module.text, "ht");
	assert_defined(info->defined[3], "tlbi", "vaae1is_1", "pud_free_pmd_page", 92);
	assert_false(info->defined[3]->is_return);
	assert_int_equal(info->defined[3]->nr_fields, 2);
	assert_string_equal(info->defined[3]->field[1].text, "b");
	assert_defined(info->defined[4], "kmem", "mm_page_free", "", 0);
}

static void reads_the_headers_of_the_latency_format(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		"# tracer: nop\n#\n"
		"# nop latency trace v1.1.5 on 6.18.2-arm64\n"
		"# --------------------------------------------------------------------\n"
		"# latency: 0 us, #44/45, CPU#1 | (M:desktop VP:0, KP:0, SP:0 HP:0 #P:6)\n"
		"#    -----------------\n"
		"#    | task: -0 (uid:0 nice:0 policy:0 rt_prio:0)\n"
		"  sh-1         0d..2.    17us : t: a=1\n");
	const struct capture_info *info = capture_info(capture);
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.time, 17000);
	assert_next(capture, RECORD_END, &record);
	assert_string_equal(info->release, "6.18.2-arm64");
	assert_int_equal(info->nr_cpus, 6);
	assert_int_equal(info->entries_in_buffer, 44);
	assert_int_equal(info->entries_written, 45);
	assert_int_equal(info->time_resolution, 1000);
}

static void reads_the_headers_of_perf(void **state)
{
	_cleanup_(close_capture) struct capture *capture =
		open_text("# ========\n"
			  "# captured on    : Sun Nov 22 09:06:13 2026\n"
			  "# os release : 6.1.0-50-arm64\n"
			  "# nrcpus online : 2\n"
			  "# nrcpus avail : 4\n"
			  "# clockid: monotonic (1)\n"
			  "# event : name = io:iounmap, , id = { 6, 7 }, type = 2, size = 128\n"
			  "# ========\n#\n"
			  "  sh   190 [000]    31.437187123: t:t: a=1\n");
	const struct capture_info *info = capture_info(capture);
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_END, &record);
	assert_string_equal(info->kind, "perf script");
	assert_string_equal(info->release, "6.1.0-50-arm64");
	assert_string_equal(info->clock, "monotonic");
	assert_int_equal(info->nr_cpus, 2);
	assert_int_equal(info->time_resolution, 1);
	assert_true(info->hides_losses);
}

static void reads_relative_times_of_perf(void **state)
{
	_cleanup_(close_capture) struct capture *capture =
		open_text("  sh   190 [000]     0.000000: t:t: a=1\n"
			  "  sh   190 [000]     0.000808: t:t: a=1\n"
			  "  sh   190 [000]     0.002626: t:t: a=1\n");
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.time, 2626000);
}

static void assert_loss(const char *text, const char *line, uint32_t cpu, uint64_t lost)
{
	_cleanup_(free_pointer) char *whole = NULL;
	struct record record;

	assert_true(asprintf(&whole, "%s%s\n%s", text, line, text) > 0);
	*strrchr(whole, '1') = '2'; /* another event: "a=2" */
	_cleanup_(close_capture) struct capture *capture = open_text(whole);

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_LOST, &record);
	assert_int_equal(record.cpu, cpu);
	assert_int_equal(record.lost, lost);
	assert_int_equal(record.nr_fields, 0);
	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_END, &record);
	assert_false(capture_info(capture)->hides_losses);
	assert_int_equal(capture_info(capture)->nr_unread, 0);
}

static void reads_losses(void **state)
{
	const char *ftrace = EVENT("1.000001", "t: a=1");
	const char *trace_cmd = "  sh-1  [000]  1.000001: t:          a=1\n";
	const char *perf = "  sh   190 [000]    31.437187: t:t: a=1\n";

	assert_loss(ftrace, "CPU:0 [LOST 81586 EVENTS]", 0, 81586);
	assert_loss(ftrace, "CPU:4 [LOST EVENTS]", 4, LOST_COUNT_UNKNOWN);
	assert_loss(trace_cmd, "CPU:1 [1117760 EVENTS DROPPED]", 1, 1117760);
	assert_loss(trace_cmd, "CPU:1 [EVENTS DROPPED]", 1, LOST_COUNT_UNKNOWN);
	assert_loss(trace_cmd, "rh: CPU:1 [1117760 EVENTS DROPPED]", 1, 1117760);
	assert_loss(trace_cmd, "  a.dat: rh: CPU:12 [EVENTS DROPPED]", 12, LOST_COUNT_UNKNOWN);
	assert_loss(perf, "  dd 22894 [001]   952.777481: PERF_RECORD_LOST lost 18043", 1, 18043);
	assert_loss(perf, "  dd 22894 [001]   952.777481: PERF_RECORD_LOST_SAMPLES lost 7", 1, 7);
	assert_loss(perf, "  dd 22894 [001]   952.777481: PERF_RECORD_LOST_SAMPLES", 1,
		    LOST_COUNT_UNKNOWN);
	assert_loss(perf, "  952.777481: PERF_RECORD_LOST lost 2", CPU_UNKNOWN, 2);
}

static void says_when_losses_are_hidden(void **state)
{
	struct capture *capture = open_text(FTRACE EVENT("1.000001", "t: a=1"));

	assert_true(capture_info(capture)->hides_losses);
	capture_close(capture);
	capture = open_text(TRACE_CMD EVENT("1.000001", "t: a=1"));
	assert_false(capture_info(capture)->hides_losses);
	capture_close(capture);
}

static void assert_frame(const struct record *record, uint32_t i, uint64_t address,
			 const char *symbol)
{
	assert_true(i < record->nr_frames);
	assert_int_equal(record->frame[i].address, address);
	assert_str(record->frame[i].symbol, symbol);
}

static void reads_the_call_chains_of_ftrace(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		FTRACE EVENT("1.000001", "wanted: a=1") "  sh-2  [001] d..1.  1.000002: wanted: a=2\n" EVENT(
			"1.000003",
			"<stack trace>") " => pmd_set_huge\n"
					 " => vmap_range_noflush+0x418/0x51c <ffff800008a2b3c4>\n"
					 " => 0xffff800008a2b3c8\n"
					 "  sh-2  [001] d..1.  1.000004: <user stack trace>\n"
					 " =>  <0000ffff8a4a81d0>\n" EVENT(
						 "1.000005", "<stack trace>") " => nobody_s\n");
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.pid, 2);
	assert_next(capture, RECORD_STACK, &record);
	assert_int_equal(record.cpu, 0);
	assert_int_equal(record.pid, 1);
	assert_int_equal(record.time, 1000001000);
	assert_int_equal(record.place.position, 5);
	assert_int_equal(record.nr_frames, 3);
	assert_frame(&record, 0, 0, "pmd_set_huge");
	assert_frame(&record, 1, 0xffff800008a2b3c4, "vmap_range_noflush+0x418/0x51c");
	assert_frame(&record, 2, 0xffff800008a2b3c8, "");
	assert_next(capture, RECORD_END, &record);
	assert_int_equal(capture_info(capture)->nr_unread, 0);
}

static void reads_the_call_chains_of_trace_cmd(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		TRACE_CMD "  sh-1  [000]  1.000001: wanted:               a=1\n"
			  "  sh-1  [000]  1.000002: kernel_stack:         <stack trace >\n"
			  "=> do_idle (ffffffff8111e898)\n"
			  "=> ffffffff8111e899\n"
			  "  sh-1  [000]  1.000003: wanted:               a=1\n");
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_STACK, &record);
	assert_int_equal(record.nr_frames, 2);
	assert_frame(&record, 0, 0xffffffff8111e898, "do_idle");
	assert_frame(&record, 1, 0xffffffff8111e899, "");
	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_END, &record);
}

static void reads_the_call_chains_of_perf(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		"perf-exec   211 [000]    39.297741:    pgt:pud_alloc: (ffffd5cb17909774) a=0x1\n"
		"\tffffd5cb17909774 __pud_alloc+0x0 ([kernel.kallsyms])\n"
		"  [kernel.kallsyms][ffffd5cb17909774]\n"
		"\tffffd5cb1790ad24 handle_mm_fault\n"
		"\t           bc88c [unknown] (/usr/lib/aarch64-linux-gnu/libc.so.6)\n"
		"\t          106a50\n"
		"\n"
		"  190 [001]    39.297742:    pgt:pud_alloc: (ffffd5cb17909774) a=0x1\n");
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_STACK, &record);
	assert_int_equal(record.cpu, 0);
	assert_int_equal(record.pid, 211);
	assert_int_equal(record.time, 39297741000);
	assert_int_equal(record.nr_frames, 4);
	assert_frame(&record, 0, 0xffffd5cb17909774, "__pud_alloc+0x0");
	assert_frame(&record, 1, 0xffffd5cb1790ad24, "handle_mm_fault");
	assert_frame(&record, 2, 0xbc88c, "");
	assert_frame(&record, 3, 0x106a50, "");
	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.pid, 190);
	assert_next(capture, RECORD_END, &record);
}

static void bounds_call_chains(void **state)
{
	_cleanup_(free_pointer) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("sh 1 [000] 1.000001: t:t: a=1\n", out);
	for (int i = 0; i < 500; i++)
		fprintf(out, "\tffffd5cb17909774 f%d ([kernel.kallsyms])\n", i);
	fputs("\nsh 1 [000] 1.000002: t:t: a=1\n", out);
	fclose(out);
	_cleanup_(close_capture) struct capture *capture = open_text(text);
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_STACK, &record);
	assert_int_equal(record.nr_frames, RECORD_MAX_FRAMES);
	assert_frame(&record, 126, 0xffffd5cb17909774, "f126");
	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_END, &record);
	assert_int_equal(capture_info(capture)->nr_unread, 0);
}

/* The names that the filter was asked about, and what it says. */
struct question {
	char asked[256];
};

static bool is_named_wanted(void *context, const struct record_type *type)
{
	struct question *question = context;
	size_t length = strlen(question->asked);

	snprintf(question->asked + length, sizeof(question->asked) - length, "%.*s ",
		 STR_ARGS(type->name));
	return str_is(type->name, "wanted");
}

static void asks_once_about_each_type(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		FTRACE EVENT("1.000001", "other: a=1") EVENT("1.000002", "wanted: a=1")
			EVENT("1.000003", "<stack trace>") " => f\n" EVENT("1.000004", "other: a=2")
				EVENT("1.000005", "<stack trace>") " => g\n" EVENT("1.000006",
										   "wanted: a=2")
					EVENT("1.000007", "wanted: b=2"));
	struct question question = {""};
	struct record record;

	capture_set_filter(capture, is_named_wanted, &question);
	assert_next(capture, RECORD_EVENT, &record);
	const struct record_type *type = record.type;

	assert_next(capture, RECORD_STACK, &record);
	assert_frame(&record, 0, 0, "f");
	assert_next(capture, RECORD_EVENT, &record);
	assert_ptr_equal(record.type, type);
	assert_int_equal(record.field[0].number, 2);
	assert_next(capture, RECORD_EVENT, &record);
	assert_ptr_not_equal(record.type, type);
	assert_int_equal(record.type->id, 2);
	assert_str(record.type->field[0], "b");
	assert_next(capture, RECORD_END, &record);
	assert_string_equal(question.asked, "other wanted wanted ");
	assert_int_equal(capture_info(capture)->nr_records, 5);
}

/* Reads a text whose events have one field, and compares it. */
static void assert_numbers(const char *text, const uint64_t *expected, size_t count)
{
	_cleanup_(close_capture) struct capture *capture = open_text(text);
	struct record record;

	for (size_t i = 0; i < count; i++) {
		assert_next(capture, RECORD_EVENT, &record);
		assert_int_equal(record.field[0].number, expected[i]);
		assert_int_equal(record.place.position, i + 3);
	}
	assert_next(capture, RECORD_END, &record);
}

#define ASSERT_NUMBERS(text, ...)                                                                  \
	assert_numbers(FTRACE text, (const uint64_t[]){__VA_ARGS__},                               \
		       sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void finds_out_the_base_of_probe_arguments(void **state)
{
	/* A letter further on shows that all were hexadecimal; tracepoints are left alone. */
	ASSERT_NUMBERS(EVENT("1.000001", "k: (f+0x0/0x8) a=1000")
			       EVENT("1.000002", "mm_page_alloc: pfn=740636 page=ffff80007eb1e700")
				       EVENT("1.000003", "k: (f+0x0/0x8) a=ff10")
					       EVENT("1.000004", "k: (f+0x0/0x8) a=10"),
		       0x1000, 740636, 0xff10, 0x10);
	/* A prefix shows that those without are decimal. */
	ASSERT_NUMBERS(EVENT("1.000001", "k: (f+0x0/0x8) a=1000")
			       EVENT("1.000002", "k: (f+0x0/0x8) a=0x10"),
		       1000, 0x10);
	/* Nothing shows anything. */
	ASSERT_NUMBERS(EVENT("1.000001", "k: (f+0x0/0x8) a=1000")
			       EVENT("1.000002", "t: page=ffff80007eb1e700")
				       EVENT("1.000003", "k: (f+0x0/0x8) a=9"),
		       1000, 0xffff80007eb1e700, 9);
	/* A single digit is the same in both, and signed arguments are always decimal. */
	ASSERT_NUMBERS(EVENT("1.000001", "k: (f+0x0/0x8) a=9")
			       EVENT("1.000002", "k: (f+0x0/0x8) a=-16")
				       EVENT("1.000003", "k: (f+0x0/0x8) a=ff"),
		       9, (uint64_t)-16, 0xff);
}

static void counts_lines_that_were_to_be_events(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(FTRACE EVENT(
		"1.000001",
		"tracing_mark_write: first\nsecond: line\n\nthird") "  sh-1  [000] d..1.  garbage: t: a=1\n"
								    "  sh-1  [000] d..1.  12345: t: a=1\n"
								    "  sh   190 [000]    31.437187: t:t: a=1\n"
								    "  sh-1  [99999] d..1.  1.000002: t: a=1\n" EVENT(
									    "1.000003",
									    "func <-parent")
									     EVENT("1.000004",
										   "sys_close(fd: 3)"));
	const struct capture_info *info = capture_info(capture);
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_END, &record);
	assert_int_equal(info->nr_records, 3);
	assert_int_equal(info->nr_unread, 4);
	assert_int_equal(info->first_unread.position, 7);
}

static void says_when_the_last_line_is_cut(void **state)
{
	_cleanup_(close_capture) struct capture *capture =
		open_text(FTRACE "  sh-1  [000] d..1.  1.000001: t: a=0x12");
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.field[0].number, 0x12);
	assert_next(capture, RECORD_END, &record);
	assert_true(capture_info(capture)->truncated);
}

static void passes_over_a_byte_order_mark(void **state)
{
	_cleanup_(close_capture) struct capture *capture =
		open_text("\xef\xbb\xbf" FTRACE EVENT("1.000001", "t: a=1"));
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_int_equal(record.place.position, 3);
}

static void passes_over_other_records_of_perf(void **state)
{
	_cleanup_(close_capture) struct capture *capture = open_text(
		"  swapper     0 [000]     0.000000: PERF_RECORD_MMAP -1/0: [0xffffd5cb17610000(0x2a3) "
		"@ 0xffffd5cb17610000]: x [kernel.kallsyms]_stext\n"
		"  sh   190 [000]    31.437186: PERF_RECORD_COMM exec: modprobe:192/192\n"
		"  sh   190 [000]    31.437186: PERF_RECORD_FORK(192:192):(190:190)\n"
		"PERF_RECORD_FINISHED_ROUND\n"
		"  sh   190 [000]    31.437187: t:t: a=1\n"
		"  sh   190 [000]    31.437188: PERF_RECORD_COMM: kworker/0:1-eve:33/33\n");
	struct record record;

	assert_next(capture, RECORD_EVENT, &record);
	assert_next(capture, RECORD_END, &record);
	assert_int_equal(capture_info(capture)->nr_records, 1);
	assert_int_equal(capture_info(capture)->nr_unread, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_holds_no_event),
		cmocka_unit_test(refuses_perf_texts_that_cannot_be_used),
		cmocka_unit_test(names_what_is_no_text),
		cmocka_unit_test(reports_what_cannot_be_read),
		cmocka_unit_test(accepts_empty_captures),
		cmocka_unit_test(reads_the_headers_of_ftrace),
		cmocka_unit_test(reads_what_the_recording_script_says),
		cmocka_unit_test(reads_the_headers_of_the_latency_format),
		cmocka_unit_test(reads_the_headers_of_perf),
		cmocka_unit_test(reads_relative_times_of_perf),
		cmocka_unit_test(reads_losses),
		cmocka_unit_test(says_when_losses_are_hidden),
		cmocka_unit_test(reads_the_call_chains_of_ftrace),
		cmocka_unit_test(reads_the_call_chains_of_trace_cmd),
		cmocka_unit_test(reads_the_call_chains_of_perf),
		cmocka_unit_test(bounds_call_chains),
		cmocka_unit_test(asks_once_about_each_type),
		cmocka_unit_test(finds_out_the_base_of_probe_arguments),
		cmocka_unit_test(counts_lines_that_were_to_be_events),
		cmocka_unit_test(says_when_the_last_line_is_cut),
		cmocka_unit_test(passes_over_a_byte_order_mark),
		cmocka_unit_test(passes_over_other_records_of_perf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
