/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracepoints rwmmio:*, as include/trace/events/rwmmio.h prints them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decode.h"

/* Each access is told before and after it is made: it is one. */
static void counts_each_once(void **state)
{
	assert_decodes(
		TEXT(LINE("init-1", 0, "1.000001",
			  "rwmmio_write: probe+0x4/0x80 [drv] -> writel+0x10/0x20 width=32 val=0xbeef addr=0xffff800009000010"),
		     LINE("init-1", 0, "1.000002",
			  "rwmmio_post_write: probe+0x4/0x80 [drv] -> writel+0x10/0x20 width=32 val=0xbeef addr=0xffff800009000010"),
		     LINE("init-1", 0, "1.000003",
			  "rwmmio_read: probe+0x8/0x80 [drv] -> readq+0x10/0x20 width=64 addr=0xffff800009000018"),
		     LINE("init-1", 0, "1.000004",
			  "rwmmio_post_read: probe+0x8/0x80 [drv] -> readq+0x10/0x20 width=64 val=0x1 addr=0xffff800009000018")),
		"1 access rwmmio_write va=ffff800009000010-ffff800009000014\n"
		"3 access rwmmio_read va=ffff800009000018-ffff800009000020\n");
}

/* Linux 5.19 to 6.1 print one caller; and only the second events may be enabled. */
static void takes_what_comes_after(void **state)
{
	assert_decodes(
		TEXT(LINE(
			"init-1", 0, "1.000001",
			"rwmmio_post_read: probe+0x8/0x80 width=8 val=0x1 addr=0xffff800009000018")),
		"1 access rwmmio_post_read va=ffff800009000018-ffff800009000019\n");
}

/* Ports are no addresses; a symbol is none of a mapping's. */
static void passes_over_others(void **state)
{
	assert_decodes(
		TEXT(LINE("init-1", 0, "1.000001", "rwmmio_read: f+0x8/0x80 width=8 addr=0x3f8"),
		     LINE("init-1", 0, "1.000002",
			  "rwmmio_read: f+0x8/0x80 width=8 addr=fixed_regs+0x10/0x20")),
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_each_once),
		cmocka_unit_test(takes_what_comes_after),
		cmocka_unit_test(passes_over_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
