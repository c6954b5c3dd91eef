/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls and returns: whose they are, what happens when one is missing, and how long one waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#include "test/decode.h"

#define CALL(task, cpu, time, index)                                                               \
	LINE(task, cpu, time, "c: (pmd_clear_huge+0x0/0x40) pmdp=0xffff271ac256f" index)
#define RETURN(task, cpu, time, result)                                                            \
	LINE(task, cpu, time,                                                                      \
	     "r: (__vunmap_range_noflush+0x1d8/0x264 <- pmd_clear_huge) ret=" result)

static void a_task_moves_to_another_cpu(void **state)
{
	assert_decodes(TEXT(CALL("a-1", 0, "1.000001", "200"), RETURN("a-1", 1, "1.000002", "0x1")),
		       "1 block-clear:yes pmd_clear_huge pmd=ffff271ac256f200\n");
}

static void tasks_interleave(void **state)
{
	assert_decodes(TEXT(CALL("a-1", 0, "1.000001", "200"), CALL("b-2", 1, "1.000001", "300"),
			    RETURN("a-1", 0, "1.000002", "0x0"),
			    RETURN("b-2", 1, "1.000003", "0x1")),
		       "1 block-clear:no pmd_clear_huge pmd=ffff271ac256f200\n"
		       "2 block-clear:yes pmd_clear_huge pmd=ffff271ac256f300\n");
}

static void each_cpu_has_its_idle_task(void **state)
{
	assert_decodes(TEXT(CALL("<idle>-0", 0, "1.000001", "200"),
			    CALL("<idle>-0", 1, "1.000001", "300"),
			    RETURN("<idle>-0", 1, "1.000002", "0x1"),
			    RETURN("<idle>-0", 0, "1.000003", "0x0")),
		       "2 block-clear:yes pmd_clear_huge pmd=ffff271ac256f300\n"
		       "1 block-clear:no pmd_clear_huge pmd=ffff271ac256f200\n");
}

/* Decodes and gives the summary's numbers, too. */
static void assert_counts(const char *const *text, const char *expected, uint64_t missing,
			  uint64_t stray)
{
	_cleanup_(decoded_deinit) struct decoded decoded = decode_text(text, NULL);
	_cleanup_(free_pointer) char *lines = decoded_lines(&decoded);

	assert_string_equal(lines, expected);
	assert_int_equal(decoded.summary->nr_missing_returns, missing);
	assert_int_equal(decoded.summary->nr_stray_returns, stray);
	assert_int_equal(decoded.summary->nr_open_calls, 0);
}

static void a_missing_return_leaves_the_next_call_alone(void **state)
{
	assert_counts(TEXT(CALL("a-1", 0, "1.000001", "200"), RETURN("a-1", 0, "1.000002", "0x0"),
			   CALL("a-1", 0, "1.000003", "208"), CALL("a-1", 0, "1.000004", "210"),
			   RETURN("a-1", 0, "1.000005", "0x1")),
		      "1 block-clear:no pmd_clear_huge pmd=ffff271ac256f200\n"
		      "3 block-clear:? pmd_clear_huge pmd=ffff271ac256f208\n"
		      "4 block-clear:yes pmd_clear_huge pmd=ffff271ac256f210\n",
		      1, 0);
}

static void a_stray_return_is_counted(void **state)
{
	assert_counts(TEXT(RETURN("a-1", 0, "1.000001", "0x1"), CALL("b-2", 0, "1.000002", "200"),
			   RETURN("a-1", 0, "1.000003", "0x1"),
			   RETURN("b-2", 0, "1.000004", "0x0")),
		      "2 block-clear:no pmd_clear_huge pmd=ffff271ac256f200\n", 0, 2);
}

static void an_outer_return_ends_what_is_inside(void **state)
{
	assert_counts(
		TEXT(CALL("b-2", 0, "1.000001", "200"), RETURN("b-2", 0, "1.000002", "0x0"),
		     LINE("a-1", 0, "1.000003",
			  "v: (vunmap_range+0x0/0xa0) addr=0xffff800008a00000 end=0xffff800008a02000"),
		     CALL("a-1", 0, "1.000004", "208"),
		     LINE("a-1", 0, "1.000005", "w: (f+0x30/0x40 <- vunmap_range) ret=0x0")),
		"1 block-clear:no pmd_clear_huge pmd=ffff271ac256f200\n"
		"3 clear vunmap_range va=ffff800008a00000-ffff800008a02000\n"
		"4 block-clear:? pmd_clear_huge pmd=ffff271ac256f208 within=ffff800008a00000-ffff800008a02000\n"
		"3 flush:yes vunmap_range va=ffff800008a00000-ffff800008a02000\n",
		1, 0);
}

static void calls_without_returns_are_told_at_once(void **state)
{
	/* The first must wait; the second shows that no return comes. */
	assert_counts(TEXT(CALL("a-1", 0, "1.000001", "200"), CALL("b-2", 0, "1.000002", "300"),
			   CALL("a-1", 0, "1.000003", "208"),
			   LINE("c-3", 1, "1.000004", "vaae1is: (f+0x20/0x40) op=0x1")),
		      "1 block-clear:? pmd_clear_huge pmd=ffff271ac256f200\n"
		      "3 block-clear:? pmd_clear_huge pmd=ffff271ac256f208\n"
		      "4 tlbi f+0x20 vaae1is op=1\n"
		      "2 block-clear:? pmd_clear_huge pmd=ffff271ac256f300\n",
		      0, 0);
}

static void no_call_waits_long_for_nothing(void **state)
{
	assert_counts(TEXT(CALL("a-1", 0, "1.000001", "200"),
			   LINE("c-3", 1, "1.099000", "vaae1is: (f+0x20/0x40) op=0x1"),
			   LINE("c-3", 1, "1.101000", "vaae1is: (f+0x20/0x40) op=0x2")),
		      "2 tlbi f+0x20 vaae1is op=1\n"
		      "1 block-clear:? pmd_clear_huge pmd=ffff271ac256f200\n"
		      "3 tlbi f+0x20 vaae1is op=2\n",
		      0, 0);
}

/* Its task may be preempted inside the first call: 3.4 ms were seen. */
static void the_first_return_may_come_late(void **state)
{
	assert_counts(TEXT(CALL("a-1", 0, "1.000001", "200"),
			   LINE("c-3", 1, "1.002000", "vaae1is: (f+0x20/0x40) op=0x1"),
			   RETURN("a-1", 0, "1.003400", "0x1")),
		      "2 tlbi f+0x20 vaae1is op=1\n"
		      "1 block-clear:yes pmd_clear_huge pmd=ffff271ac256f200\n",
		      0, 0);
}

static void a_return_that_is_known_to_come_is_waited_for(void **state)
{
	assert_counts(TEXT(CALL("a-1", 0, "1.000001", "200"), RETURN("a-1", 0, "1.000002", "0x0"),
			   CALL("a-1", 0, "1.000003", "208"),
			   LINE("c-3", 1, "1.900000", "vaae1is: (f+0x20/0x40) op=0x1"),
			   RETURN("a-1", 0, "1.950000", "0x1"),
			   /* But not for ever. */
			   CALL("a-1", 0, "2.000000", "210"),
			   LINE("c-3", 1, "3.100000", "vaae1is: (f+0x20/0x40) op=0x2"),
			   RETURN("a-1", 0, "3.200000", "0x1")),
		      "1 block-clear:no pmd_clear_huge pmd=ffff271ac256f200\n"
		      "4 tlbi f+0x20 vaae1is op=1\n"
		      "3 block-clear:yes pmd_clear_huge pmd=ffff271ac256f208\n"
		      "6 block-clear:? pmd_clear_huge pmd=ffff271ac256f210\n"
		      "7 tlbi f+0x20 vaae1is op=2\n",
		      1, 1);
}

static void ticks_are_no_durations(void **state)
{
	/* A clock that counts something else: a call waits for so many records. */
	enum {
		RECORDS = 1100
	};
	static char lines[RECORDS][80];
	const char *text[RECORDS + 2] = {"  a-1  [000] d....  5: c: (pmd_clear_huge+0x0/0x40) "
					 "pmdp=0xffff271ac256f200\n"};

	for (int i = 0; i < RECORDS; i++) {
		snprintf(lines[i], sizeof(lines[i]),
			 "  b-2  [001] d....  %d000000: vaae1is: (f+0x20/0x40) op=0x%x\n", i + 1,
			 i);
		text[i + 1] = lines[i];
	}
	_cleanup_(decoded_deinit) struct decoded decoded = decode_text(text, NULL);

	assert_int_equal(decoded.count, RECORDS + 1);
	assert_int_equal(decoded.at[0].kind, EVENT_TLBI);
	for (int i = 990; i < 1010; i++)
		if (decoded.at[i].kind == EVENT_BLOCK_CLEAR)
			return;
	fail_msg("the call waited for too long");
}

static void after_a_loss_a_return_may_be_anothers(void **state)
{
	assert_counts(
		TEXT(CALL("a-1", 0, "1.000001", "200"), "CPU:0 [LOST 7 EVENTS]\n",
		     RETURN("a-1", 0, "1.000004", "0x1"),
		     /* An ioremap's return proves itself by the address. */
		     LINE("a-1", 0, "1.000005",
			  "ioremap: (ioremap_prot+0x0/0x100) phys=0x9000 size=0x1000 prot=0xf13"),
		     LINE("a-1", 0, "1.000006",
			  "ioremap_page_range: (ioremap_page_range+0x0/0x30) addr=0xffff800008095000 end=0xffff800008096000 phys=0x9000 prot=0xf13"),
		     "CPU:0 [LOST 7 EVENTS]\n",
		     LINE("a-1", 0, "1.000007",
			  "ioremap_ret: (nmap+0x84/0x140 [ht] <- ioremap_prot) ret=0xffff800008095000"),
		     LINE("a-1", 0, "1.000008",
			  "ioremap: (ioremap_prot+0x0/0x100) phys=0xa000 size=0x1000 prot=0xf13"),
		     LINE("a-1", 0, "1.000009",
			  "ioremap_page_range: (ioremap_page_range+0x0/0x30) addr=0xffff800008098000 end=0xffff800008099000 phys=0xa000 prot=0xf13"),
		     "CPU:0 [LOST 7 EVENTS]\n",
		     LINE("a-1", 0, "1.000010",
			  "ioremap_ret: (nmap+0x84/0x140 [ht] <- ioremap_prot) ret=0xffff8000080c5000")),
		"2 lost\n"
		"1 block-clear:? pmd_clear_huge pmd=ffff271ac256f200\n"
		"5 map ioremap_page_range va=ffff800008095000-ffff800008096000 pa=9000 ioremap\n"
		"6 lost\n"
		"4 map-end:yes ioremap_prot va=ffff800008095000-ffff800008096000 pa=9000 ioremap by=nmap+0x84/0x140 [ht]\n"
		"9 map ioremap_page_range va=ffff800008098000-ffff800008099000 pa=a000 ioremap\n"
		"10 lost\n"
		"8 map-end:? ioremap_prot va=ffff800008098000-ffff800008099000 pa=a000 ioremap\n",
		0, 1);
}

static void losses_say_since_when(void **state)
{
	const char *const *text =
		TEXT(CALL("a-1", 0, "1.000001", "200"), RETURN("a-1", 0, "1.000002", "0x0"),
		     CALL("b-2", 1, "1.000003", "200"), "CPU:0 [LOST 7 EVENTS]\n",
		     RETURN("b-2", 1, "1.000004", "0x0"), "CPU:1 [LOST EVENTS]\n");
	_cleanup_(decoded_deinit) struct decoded decoded = decode_text(text, NULL);

	assert_int_equal(decoded.count, 4);
	assert_int_equal(decoded.at[1].kind, EVENT_LOST);
	assert_int_equal(decoded.at[1].where.cpu, 0);
	assert_int_equal(decoded.at[1].where.time, 1000003000);
	assert_int_equal(decoded.at[1].lost, 7);
	assert_int_equal(decoded.at[1].lost_after, 1000002000);
	assert_int_equal(decoded.at[3].lost, LOST_COUNT_UNKNOWN);
	assert_int_equal(decoded.at[3].lost_after, 1000004000);
}

/* What another CPU did before it is heard of was overwritten: a purge, perhaps. */
static void an_overwritten_buffer_has_lost_what_came_before_each_cpu(void **state)
{
	const char *const *text = TEXT("# tracer: nop\n",
				       "# entries-in-buffer/entries-written: 2/9   #P:3\n",
				       LINE("a-1", 1, "1.000001", "vaae1is: (f+0x20/0x40) op=0x1"),
				       LINE("b-2", 2, "1.000002", "vaae1is: (f+0x20/0x40) op=0x2"));
	_cleanup_(decoded_deinit) struct decoded decoded = decode_text(text, NULL);
	static const uint32_t cpus[] = {0, 2};

	assert_int_equal(decoded.count, 4);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(decoded.at[i].kind, EVENT_LOST);
		assert_int_equal(decoded.at[i].where.cpu, cpus[i]);
		assert_int_equal(decoded.at[i].lost, LOST_COUNT_UNKNOWN);
	}
	assert_int_equal(decoded.at[2].kind, EVENT_TLBI);
	assert_int_equal(decoded.at[3].kind, EVENT_TLBI);
}

static void two_probes_of_one_place_are_one_call(void **state)
{
	assert_counts(
		TEXT(LINE("a-1", 0, "1.000001",
			  "mine: (pmd_clear_huge+0x0/0x40) pmdp=0xffff271ac256f200"),
		     LINE("a-1", 0, "1.000001",
			  "p_pmd_clear_huge_0: (pmd_clear_huge+0x0/0x40) arg1=0xffff271ac256f200"),
		     RETURN("a-1", 0, "1.000002", "0x1")),
		"1 block-clear:yes pmd_clear_huge pmd=ffff271ac256f200\n", 0, 0);
}

static void a_stack_tells_the_caller(void **state)
{
	assert_decodes(TEXT(LINE("a-1", 0, "1.000001",
				 "iounmap: (iounmap+0x0/0x60) addr=0xffff800008095000"),
			    LINE("a-1", 0, "1.000002", "<stack trace>"), " => iounmap\n",
			    " => devm_ioremap_release\n", " => drv_remove\n",
			    " => device_release\n"),
		       "1 unmap iounmap va=ffff800008095000 by=drv_remove\n");
}

/* What ftrace's trigger "stacktrace" gives on Linux 6.1 for a kprobe, and for a kretprobe. */
static void the_probe_is_not_the_caller(void **state)
{
	assert_decodes(TEXT(LINE("a-1", 0, "1.000001",
				 "iounmap: (iounmap+0x0/0x60) addr=0xffff800008095000"),
			    LINE("a-1", 0, "1.000002", "<stack trace>"), " => kprobe_trace_func\n",
			    " => kprobe_dispatcher\n", " => aggr_pre_handler\n",
			    " => kprobe_breakpoint_handler\n", " => call_break_hook\n",
			    " => brk_handler\n", " => do_debug_exception\n", " => el1_dbg\n",
			    " => el1h_64_sync_handler\n", " => el1h_64_sync\n", " => iounmap\n",
			    " => drv_remove\n", " => el0t_64_sync\n"),
		       "1 unmap iounmap va=ffff800008095000 by=drv_remove\n");
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "r: (ioremap_page_range+0x0/0x30) addr=0xffff800008095000 "
			  "end=0xffff800008096000 phys=0x9000 prot=0x1"),
		     LINE("a-1", 0, "1.000002",
			  "s: (0xffffa1eed9fe0604 <- ioremap_page_range) ret=0x0"),
		     LINE("a-1", 0, "1.000003", "<stack trace>"), " => kretprobe_trace_func\n",
		     " => kretprobe_dispatcher\n", " => __kretprobe_trampoline_handler\n",
		     " => trampoline_probe_handler\n", " => __kretprobe_trampoline\n",
		     " => drv_probe\n"),
		"1 map ioremap_page_range va=ffff800008095000-ffff800008096000 pa=9000 ioremap\n"
		"1 map-end:yes ioremap_page_range va=ffff800008095000-ffff800008096000 "
		"pa=9000 ioremap by=drv_probe\n");
}

static void records_count_in_the_order_of_the_capture(void **state)
{
	const char *const *text =
		TEXT(CALL("a-1", 0, "1.000001", "200"), RETURN("a-1", 0, "1.000002", "0x0"),
		     LINE("c-3", 1, "1.000003", "sched_switch: prev_comm=a prev_pid=1"),
		     CALL("a-1", 0, "1.000004", "200"), RETURN("a-1", 0, "1.000003", "0x0"));
	_cleanup_(decoded_deinit) struct decoded decoded = decode_text(text, NULL);

	assert_int_equal(decoded.count, 2);
	assert_int_equal(decoded.at[0].where.order, 1);
	assert_int_equal(decoded.at[0].end_time, 1000002000);
	assert_int_equal(decoded.at[1].where.order, 3);
	assert_int_equal(decoded.summary->nr_time_steps_back, 1);
	assert_int_equal(decoded.summary->max_step_back, 1000);
}

/* Linux 7.3 of Debian: flush_tlb_kernel_range() is not inlined, and takes no probe where it is. */
static void a_call_of_a_flush_counts_as_its_tlbis(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001", "x: (__purge_vmap_area_lazy+0x0/0x4f8)"),
		     LINE("a-1", 0, "1.000002",
			  "flush_tlb_kernel_range_13: (__purge_vmap_area_lazy+0x2f8/0x4f8) "
			  "addr=0xffff800082800000 end=0xffff800083401000"),
		     LINE("a-1", 0, "1.000003",
			  "y: (reclaim_and_purge_vmap_areas+0x1c8/0x240 <- __purge_vmap_area_lazy) ret=1")),
		"2 flush:yes __purge_vmap_area_lazy+0x2f8 va=ffff800082800000-ffff800083401000 "
		"inside=__purge_vmap_area_lazy in-flush witnessed\n"
		"1 flush:yes __purge_vmap_area_lazy tlbis=1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_moves_to_another_cpu),
		cmocka_unit_test(tasks_interleave),
		cmocka_unit_test(each_cpu_has_its_idle_task),
		cmocka_unit_test(a_missing_return_leaves_the_next_call_alone),
		cmocka_unit_test(a_stray_return_is_counted),
		cmocka_unit_test(an_outer_return_ends_what_is_inside),
		cmocka_unit_test(calls_without_returns_are_told_at_once),
		cmocka_unit_test(no_call_waits_long_for_nothing),
		cmocka_unit_test(the_first_return_may_come_late),
		cmocka_unit_test(a_return_that_is_known_to_come_is_waited_for),
		cmocka_unit_test(ticks_are_no_durations),
		cmocka_unit_test(after_a_loss_a_return_may_be_anothers),
		cmocka_unit_test(losses_say_since_when),
		cmocka_unit_test(an_overwritten_buffer_has_lost_what_came_before_each_cpu),
		cmocka_unit_test(two_probes_of_one_place_are_one_call),
		cmocka_unit_test(a_stack_tells_the_caller),
		cmocka_unit_test(the_probe_is_not_the_caller),
		cmocka_unit_test(records_count_in_the_order_of_the_capture),
		cmocka_unit_test(a_call_of_a_flush_counts_as_its_tlbis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
