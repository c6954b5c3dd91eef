/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to single entries: blocks, tables, and the break of an entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test/decode.h"

/* A mapping of 2 MiB that encloses what a test is about. */
#define RANGE(task, cpu, time)                                                                     \
	LINE(task, cpu, time,                                                                      \
	     "range: (ioremap_page_range+0x0/0x30) addr=0xffff80000a000000 "                       \
	     "end=0xffff80000a200000 phys=0x8000400000 prot=0xf13")
#define IN_RANGE "within=ffff80000a000000-ffff80000a200000@8000400000"

static void a_promotion_the_right_way(void **state)
{
	assert_decodes(
		TEXT(RANGE("init-1", 0, "5.642321"),
		     LINE("init-1", 0, "5.642344",
			  "pmd_free_pte_page: (pmd_free_pte_page+0x0/0xb0) pmdp=0xffff19df4256f280 addr=0xffff80000a000000 val=0x100000004ce80003"),
		     LINE("init-1", 0, "5.642544",
			  "vaae1is_3: (pmd_free_pte_page+0x5c/0xb0) op=0xff80000a000"),
		     LINE("init-1", 0, "5.642627",
			  "mm_page_free: page=00000000673a071d pfn=0x4ce80 order=0"),
		     LINE("init-1", 0, "5.642710",
			  "pmd_free_pte_page_ret: (vmap_range_noflush+0x26c/0x51c <- pmd_free_pte_page) ret=0x1"),
		     LINE("init-1", 0, "5.642727",
			  "pmd_set_huge: (pmd_set_huge+0x0/0x84) pmdp=0xffff19df4256f280 phys=0x8000400000 prot=0xf13 old=0x0"),
		     LINE("init-1", 0, "5.642764",
			  "pmd_set_huge_ret: (vmap_range_noflush+0x298/0x51c <- pmd_set_huge) ret=0x1")),
		"1 map ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n"
		"2 break pmd_free_pte_page va=ffff80000a000000 pmd=ffff19df4256f280 old=100000004ce80003 " IN_RANGE
		"\n"
		"3 tlbi pmd_free_pte_page+0x5c vaae1is op=ff80000a000 inside=pmd_free_pte_page in-break\n"
		"4 page-free pfn=4ce80\n"
		"2 break-end:yes pmd_free_pte_page va=ffff80000a000000 pmd=ffff19df4256f280 old=100000004ce80003 " IN_RANGE
		"\n"
		"6 block:yes pmd_set_huge pa=8000400000 pmd=ffff19df4256f280 old=0 " IN_RANGE "\n"
		"1 map-end:? ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n");
}

static void a_refused_block(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "pmd_set_huge: (pmd_set_huge+0x0/0x30) pmdp=0xffff80007fffd228 phys=0x8000400000 prot=0xe8"),
		     LINE("a-1", 0, "1.000002",
			  "pmd_set_huge_ret: (ioremap_page_range+0x278/0x360 <- pmd_set_huge) ret=0x0")),
		"1 block:no pmd_set_huge pa=8000400000 pmd=ffff80007fffd228\n");
}

static void results_are_as_wide_as_their_type(void **state)
{
	/* An int leaves the upper half of x0 undefined. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "c: (pmd_clear_huge+0x0/0x30) pmdp=0xffff80007fffd228"),
		     LINE("a-1", 0, "1.000002",
			  "d: (f+0x278/0x360 <- pmd_clear_huge) ret=0xffff000000000000"),
		     LINE("a-1", 0, "1.000003",
			  "p: (__purge_vmap_area_lazy+0x0/0x30) start=0x0 end=0x0"),
		     LINE("a-1", 0, "1.000004",
			  "q: (f+0x278/0x360 <- __purge_vmap_area_lazy) ret=0xffff000000000100")),
		"1 block-clear:no pmd_clear_huge pmd=ffff80007fffd228\n");
}

static void breaks_nest(void **state)
{
	/* 6.12: the part that the compiler split off has the TLBI. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "b: (pud_free_pmd_page+0x0/0xb0) pudp=0xffff19df4256e000 addr=0xffff800040000000"),
		     LINE("a-1", 0, "1.000002",
			  "c: (pmd_free_pte_page.part.0+0x0/0xb0) pmdp=0xffff19df4256f000 addr=0xffff800040000000"),
		     LINE("a-1", 0, "1.000003",
			  "vaae1is_1: (pmd_free_pte_page.part.0+0x30/0xb0) op=0xff800040000"),
		     LINE("a-1", 0, "1.000004",
			  "d: (pud_free_pmd_page+0x70/0xb0 <- pmd_free_pte_page.part.0) ret=0x1"),
		     LINE("a-1", 0, "1.000005",
			  "e: (vmap_range_noflush+0x70/0xb0 <- pud_free_pmd_page) ret=0x1"),
		     /* The whole calls its part: that is one break. */
		     LINE("a-1", 0, "1.000006",
			  "f: (pmd_free_pte_page+0x0/0xb0) pmdp=0xffff19df4256f280 addr=0xffff80000a000000"),
		     LINE("a-1", 0, "1.000007",
			  "c: (pmd_free_pte_page.part.0+0x0/0xb0) pmdp=0xffff19df4256f280 addr=0xffff80000a000000"),
		     LINE("a-1", 0, "1.000008",
			  "d: (pmd_free_pte_page+0x70/0xb0 <- pmd_free_pte_page.part.0) ret=0xffff19df4256f280"),
		     LINE("a-1", 0, "1.000009",
			  "g: (vmap_range_noflush+0x70/0xb0 <- pmd_free_pte_page) ret=0x1")),
		"1 break pud_free_pmd_page va=ffff800040000000 pud=ffff19df4256e000\n"
		"2 break pmd_free_pte_page.part.0 va=ffff800040000000 pmd=ffff19df4256f000\n"
		"3 tlbi pmd_free_pte_page.part.0+0x30 vaae1is op=ff800040000 inside=pmd_free_pte_page.part.0 in-break\n"
		"2 break-end:yes pmd_free_pte_page.part.0 va=ffff800040000000 pmd=ffff19df4256f000\n"
		"1 break-end:yes pud_free_pmd_page va=ffff800040000000 pud=ffff19df4256e000\n"
		"6 break pmd_free_pte_page va=ffff80000a000000 pmd=ffff19df4256f280\n"
		"6 break-end:yes pmd_free_pte_page va=ffff80000a000000 pmd=ffff19df4256f280\n");
}

static void a_break_without_return_ends_with_the_next_step(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "b: (pmd_free_pte_page+0x0/0xb0) pmdp=0xffff19df4256f280 addr=0xffff80000a000000"),
		     LINE("a-1", 0, "1.000002",
			  "s: (pmd_set_huge+0x0/0x84) pmdp=0xffff19df4256f280 phys=0x8000400000 prot=0xf13"),
		     LINE("a-1", 0, "1.000003",
			  "r: (vmap_range_noflush+0x298/0x51c <- pmd_set_huge) ret=0x1")),
		"1 break pmd_free_pte_page va=ffff80000a000000 pmd=ffff19df4256f280\n"
		"1 break-end:? pmd_free_pte_page va=ffff80000a000000 pmd=ffff19df4256f280\n"
		"2 block:yes pmd_set_huge pa=8000400000 pmd=ffff19df4256f280\n");
}

static void a_table_gets_the_page_allocated_inside(void **state)
{
	assert_decodes(
		TEXT(RANGE("a-1", 0, "1.000001"),
		     LINE("a-1", 0, "1.000002",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd228 addr=0xffff80000a000000 val=0x0"),
		     /* Another task's; one that is not zeroed; the table; what is allocated after it. */
		     LINE("b-2", 1, "1.000003",
			  "mm_page_alloc: page=ffff80007eb1e580 pfn=7 order=0 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_ZERO"),
		     LINE("a-1", 0, "1.000004",
			  "mm_page_alloc: page=ffff80007eb1e580 pfn=8 order=0 migratetype=0 gfp_flags=GFP_KERNEL"),
		     LINE("a-1", 0, "1.000005",
			  "mm_page_alloc: page=ffff80007eb1e580 pfn=740630 order=0 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_ZERO|__GFP_NOTRACK"),
		     LINE("a-1", 0, "1.000006",
			  "mm_page_alloc: page=ffff80007eb1e580 pfn=9 order=0 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_ZERO"),
		     LINE("a-1", 0, "1.000007",
			  "r: (ioremap_page_range+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0")),
		"1 map ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n"
		"3 page-alloc pfn=7\n"
		"4 page-alloc pfn=8\n"
		"5 page-alloc pfn=b4d16\n"
		"6 page-alloc pfn=9\n"
		"2 table:yes __pte_alloc_kernel va=ffff80000a000000 pmd=ffff80007fffd228 old=0 table=b4d16 " IN_RANGE
		"\n"
		"1 map-end:? ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n");
}

static void a_lost_race_frees_the_page(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd228"),
		     LINE("b-2", 1, "1.000001",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd228"),
		     LINE("a-1", 0, "1.000002",
			  "mm_page_alloc: page=0 pfn=0x11 order=0 migratetype=0 gfp_flags=0x400dc0"),
		     LINE("b-2", 1, "1.000002",
			  "mm_page_alloc: page=0 pfn=0x12 order=0 migratetype=0 gfp_flags=0x400dc0"),
		     LINE("b-2", 1, "1.000003", "r: (f+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0"),
		     LINE("a-1", 0, "1.000004", "mm_page_free: page=0 pfn=0x11 order=0"),
		     LINE("a-1", 0, "1.000005",
			  "r: (f+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0")),
		"3 page-alloc pfn=11\n"
		"4 page-alloc pfn=12\n"
		"2 table:yes __pte_alloc_kernel pmd=ffff80007fffd228 table=12\n"
		"6 page-free pfn=11\n"
		"1 table:yes __pte_alloc_kernel pmd=ffff80007fffd228 table=11 lost\n");
}

static void a_table_waits_for_its_page_where_returns_are_not_traced(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd228"),
		     LINE("a-1", 0, "1.000002",
			  "mm_page_alloc: page=0 pfn=0x11 order=0 migratetype=0 gfp_flags=0x400dc0"),
		     LINE("a-1", 0, "1.000003",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd230"),
		     /* Known by now: told as soon as the page is. */
		     LINE("a-1", 0, "1.000004",
			  "mm_page_alloc: page=0 pfn=0x12 order=0 migratetype=0 gfp_flags=0x400dc0"),
		     LINE("a-1", 0, "1.000005",
			  "mm_page_alloc: page=0 pfn=0x13 order=0 migratetype=0 gfp_flags=0x400dc0")),
		"2 page-alloc pfn=11\n"
		"1 table:? __pte_alloc_kernel pmd=ffff80007fffd228 table=11\n"
		"3 table:? __pte_alloc_kernel pmd=ffff80007fffd230 table=12\n"
		"4 page-alloc pfn=12\n"
		"5 page-alloc pfn=13\n");
}

static void tables_of_processes_are_left_out(void **state)
{
	assert_decodes(
		TEXT(LINE("sh-256", 1, "1.000001",
			  "pud_alloc: (__pud_alloc+0x0/0x20c) mm=0xffff271ac33ba580 p4dp=0xffff271ac9a7dff8 addr=0xffffffffffec"),
		     LINE("sh-256", 1, "1.000002",
			  "pmd_alloc: (__pmd_alloc+0x0/0x20c) mm=0xffff271ac33ba580 pudp=0xffff271ac9a7dff8 addr=0xaaaad9850210"),
		     LINE("sh-256", 1, "1.000003",
			  "pmd_alloc: (__pmd_alloc+0x0/0x20c) mm=0xffffd5cb18f6e000 pudp=0xffff271ac9a7d000 addr=0xffff800040000000")),
		"3 table:? __pmd_alloc va=ffff800040000000 pud=ffff271ac9a7d000\n");
}

static void a_table_of_unknown_owner_is_left_out(void **state)
{
	/* No address was fetched: __pmd_alloc() is a process's, but for one inside a mapping. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "t: (__pmd_alloc+0x0/0xbc) pudp=0xffff80007fffd228"),
		     RANGE("a-1", 0, "1.000002"),
		     LINE("a-1", 0, "1.000003",
			  "t: (__pmd_alloc+0x0/0xbc) pudp=0xffff80007fffd228"),
		     LINE("a-1", 0, "1.500000",
			  "t: (__pmd_alloc+0x0/0xbc) pudp=0xffff80007fffd230")),
		"2 map ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n"
		"3 table:? __pmd_alloc pud=ffff80007fffd228 " IN_RANGE "\n"
		"2 map-end:? ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n");
}

static void an_address_that_does_not_fit_is_none(void **state)
{
	/* __pte_alloc_kernel() has no second argument from 5.0 on: x1 holds anything. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd228 addr=0xffff19df4256f2c8"),
		     LINE("a-1", 0, "1.000002", "u: (f+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0"),
		     LINE("a-1", 0, "1.000003",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd230 addr=0x68000000000f13"),
		     LINE("a-1", 0, "1.000004",
			  "u: (f+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0")),
		"1 table:yes __pte_alloc_kernel pmd=ffff80007fffd228\n"
		"3 table:yes __pte_alloc_kernel pmd=ffff80007fffd230\n");
}

static void another_address_shows_a_range_to_be_over(void **state)
{
	/* The first range's end was not traced, and the second range is not traced at all. */
	assert_decodes(
		TEXT(RANGE("a-1", 0, "1.000001"),
		     LINE("a-1", 0, "1.000002",
			  "s: (pmd_set_huge+0x0/0x84) pmdp=0xffff19df4256f280 phys=0x9000000000 prot=0xf13"),
		     LINE("a-1", 0, "1.000003",
			  "r: (vmap_range_noflush+0x298/0x51c <- pmd_set_huge) ret=0x1"),
		     RANGE("a-1", 0, "1.000004"),
		     LINE("a-1", 0, "1.000005",
			  "b: (pmd_free_pte_page+0x0/0xb0) pmdp=0xffff19df4256f280 addr=0xffff80000b000000")),
		"1 map ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n"
		"1 map-end:? ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n"
		"2 block:yes pmd_set_huge pa=9000000000 pmd=ffff19df4256f280\n"
		"4 map ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n"
		"4 map-end:? ioremap_page_range va=ffff80000a000000-ffff80000a200000 pa=8000400000 ioremap\n"
		"5 break pmd_free_pte_page va=ffff80000b000000 pmd=ffff19df4256f280\n"
		"5 break-end:? pmd_free_pte_page va=ffff80000b000000 pmd=ffff19df4256f280\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_promotion_the_right_way),
		cmocka_unit_test(a_refused_block),
		cmocka_unit_test(results_are_as_wide_as_their_type),
		cmocka_unit_test(breaks_nest),
		cmocka_unit_test(a_break_without_return_ends_with_the_next_step),
		cmocka_unit_test(a_table_gets_the_page_allocated_inside),
		cmocka_unit_test(a_lost_race_frees_the_page),
		cmocka_unit_test(a_table_waits_for_its_page_where_returns_are_not_traced),
		cmocka_unit_test(tables_of_processes_are_left_out),
		cmocka_unit_test(a_table_of_unknown_owner_is_left_out),
		cmocka_unit_test(an_address_that_does_not_fit_is_none),
		cmocka_unit_test(another_address_shows_a_range_to_be_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
