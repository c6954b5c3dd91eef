/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/event-members.h"

static const char *const files[] = {"my trace.txt"};

static const struct capture_info usec = {
	.time_resolution = 1000,
	.files = files,
	.nr_files = 1,
};

static const struct capture_info ticks = {
	.is_binary = true,
	.clock_is_ticks = true,
	.time_resolution = 1,
	.files = files,
	.nr_files = 1,
};

static void assert_line(const struct event_sink *sink, const struct capture_info *capture,
			const struct mmu_event *event, const char *expected)
{
	struct buffer line = {0};

	event_write(sink, &line, capture, event);
	assert_false(line.failed);
	assert_string_equal(line.text, expected);
	buffer_deinit(&line);
}

static const struct event_origin driver = {.symbol = {"set_run+0x318/0x1784 [ht]", 25}};

static struct mmu_event block(void)
{
	return (struct mmu_event){
		.kind = EVENT_BLOCK,
		.done = DONE_YES,
		.where = {.time = 1111994000,
			  .pid = 1,
			  .comm = STR("init"),
			  .place = {.position = 91},
			  .order = 82},
		.end_time = 1112003000,
		.symbol = STR("pmd_set_huge"),
		.origin = &driver,
		.level = KERNEL_PMD,
		.entry = 0xffff80007fffd228,
		.has_old = true,
		.old = 0xb4d16003,
		.has_va = true,
		.va = 0xffff000008a00000,
		.end = 0xffff000008c00000,
		.has_pa = true,
		.pa = 0x8000400000,
		.in_ioremap = true,
	};
}

static void text_has_a_word_for_each_member(void **state)
{
	const struct mmu_event event = block();

	assert_line(&event_text, &usec, &event,
		    "1.111994 [000] init-1 block symbol=pmd_set_huge done=yes level=pmd "
		    "entry=0xffff80007fffd228 old=0xb4d16003 va=0xffff000008a00000 "
		    "end=0xffff000008c00000 pa=0x8000400000 in_ioremap=yes returned=1.112003 "
		    "caller=set_run+0x318/0x1784\\040[ht] at=my\\040trace.txt:91\n");
}

static void json_has_the_same_members(void **state)
{
	const struct mmu_event event = block();

	assert_line(&event_json, &usec, &event,
		    "{\"event\": \"block\", \"time_ns\": 1111994000, \"cpu\": 0, \"pid\": 1, "
		    "\"comm\": \"init\", \"symbol\": \"pmd_set_huge\", \"done\": \"yes\", "
		    "\"level\": \"pmd\", \"entry\": \"0xffff80007fffd228\", "
		    "\"old\": \"0xb4d16003\", \"va\": \"0xffff000008a00000\", "
		    "\"end\": \"0xffff000008c00000\", \"pa\": \"0x8000400000\", "
		    "\"in_ioremap\": true, \"returned_ns\": 1112003000, "
		    "\"caller\": \"set_run+0x318/0x1784 [ht]\", "
		    "\"file\": \"my trace.txt\", \"line\": 91}\n");
}

static void what_is_unknown_is_left_out(void **state)
{
	const struct mmu_event event = {
		.kind = EVENT_BLOCK,
		.where = {.time = 7, .cpu = CPU_UNKNOWN, .pid = PID_UNKNOWN},
		.end_time = 7,
		.level = KERNEL_PUD,
		.within = {.va = 0x1000, .end = 0x3000},
	};

	assert_line(&event_text, &ticks, &event,
		    "7 [???] -? block level=pud within_va=0x1000 within_end=0x3000 "
		    "at=my\\040trace.txt@0\n");
	assert_line(&event_json, &ticks, &event,
		    "{\"event\": \"block\", \"time_ticks\": 7, \"level\": \"pud\", "
		    "\"within_va\": \"0x1000\", \"within_end\": \"0x3000\", "
		    "\"file\": \"my trace.txt\", \"offset\": 0}\n");
}

/* A task may call itself anything; neither a terminal nor a JSON reader may suffer from it. */
static void names_cannot_break_a_line(void **state)
{
	const struct mmu_event event = {
		.kind = EVENT_LOST,
		.where = {.time = 1,
			  .cpu = 1000,
			  .pid = 12,
			  .comm = STR("a\n\033[2J\"\\\x80\xc3\xa9 z"),
			  .place = {.file = 1}},
		.end_time = 1,
		.lost = LOST_COUNT_UNKNOWN,
	};

	assert_line(&event_text, &ticks, &event,
		    "1 [1000] a\\012\\033[2J\"\\134\\200\xc3\xa9\\040z-12 lost\n");
	assert_line(&event_json, &ticks, &event,
		    "{\"event\": \"lost\", \"time_ticks\": 1, \"cpu\": 1000, \"pid\": 12, "
		    "\"comm\": \"a\\u000a\\u001b[2J\\u0022\\u005c\\ufffd\xc3\xa9 z\"}\n");
}

static void each_kind_has_its_members(void **state)
{
	const struct event_where where = {.time = 1, .pid = 2, .comm = STR("c"), .place = {1, 0}};
	const struct {
		struct mmu_event event;
		const char *expected;
	} lines[] = {
		{{.kind = EVENT_TLBI,
		  .op = {.scope = TLBI_INNER, .reach = TLBI_VA, .any_asid = true, .el = 1},
		  .has_operand = true,
		  .operand = 0x8a00,
		  .inside = STR("iounmap"),
		  .in_flush = true},
		 "tlbi op=vaae1is operand=0x8a00 inside=iounmap in_flush=yes"},
		{{.kind = EVENT_DSB, .dsb = {.stores_only = true}}, "dsb op=ishst"},
		{{.kind = EVENT_DSB, .dsb = {.this_cpu = true}}, "dsb op=nsh"},
		{{.kind = EVENT_PAGE_FREE, .pfn = 0xb4d16, .page_order = 2},
		 "page-free pfn=0xb4d16 order=2"},
		{{.kind = EVENT_LOST, .lost = 10, .lost_after = 5}, "lost events=10 after=5"},
		{{.kind = EVENT_TABLE, .level = KERNEL_PMD, .has_table_pfn = true, .table_pfn = 3},
		 "table level=pmd table_pfn=0x3"},
		{{.kind = EVENT_WRITE, .level = KERNEL_PTE, .entry = 8, .value = 0},
		 "write level=pte entry=0x8 value=0x0"},
		{{.kind = EVENT_FLUSH}, "flush"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct mmu_event event = lines[i].event;
		char expected[128];

		event.where = where;
		event.end_time = where.time;
		snprintf(expected, sizeof(expected), "1 [000] c-2 %s\n", lines[i].expected);
		assert_line(&event_text, &ticks, &event, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_a_word_for_each_member),
		cmocka_unit_test(json_has_the_same_members),
		cmocka_unit_test(what_is_unknown_is_left_out),
		cmocka_unit_test(names_cannot_break_a_line),
		cmocka_unit_test(each_kind_has_its_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
