/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings as a whole: nested wrappers, what is known without range functions, undoing, purging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test/decode.h"

static void nested_wrappers_are_one_mapping(void **state)
{
	assert_decodes(
		TEXT(LINE("init-1", 0, "1.000001",
			  "ioremap: (__ioremap+0x0/0x20) phys=0x8000001000 size=0x1000 prot=0xe8"),
		     LINE("init-1", 0, "1.000002",
			  "ioremap_caller: (__ioremap_caller+0x0/0xd0) phys=0x8000001000 size=0x1000 prot=0xe8 caller=0xffff00000808f240"),
		     LINE("init-1", 0, "1.000003",
			  "ioremap_page_range: (ioremap_page_range+0x0/0x360) addr=0xffff000008a00000 end=0xffff000008a01000 phys=0x8000001000 prot=0xe8"),
		     LINE("init-1", 0, "1.000004",
			  "ioremap_page_range_ret: (__ioremap_caller+0x88/0xd0 <- ioremap_page_range) ret=0x0"),
		     LINE("init-1", 0, "1.000005",
			  "ioremap_caller_ret: (__ioremap+0x14/0x20 <- __ioremap_caller) ret=0xffff000008a00000"),
		     LINE("init-1", 0, "1.000006",
			  "ioremap_ret: (set_run+0x318/0x1784 [ht] <- __ioremap) ret=0xffff000008a00000")),
		"3 map ioremap_page_range va=ffff000008a00000-ffff000008a01000 pa=8000001000 ioremap\n"
		"1 map-end:yes __ioremap va=ffff000008a00000-ffff000008a01000 pa=8000001000 ioremap by=set_run+0x318/0x1784 [ht]\n");
}

static void a_range_alone_is_a_mapping(void **state)
{
	/* __get_vm_area() and ioremap_page_range(), as some drivers do. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "r1: (ioremap_page_range+0x0/0x360) addr=0xffff000008a00000 end=0xffff000008a01000 phys=0x9000 prot=0xe8"),
		     LINE("a-1", 0, "1.000002",
			  "r2: (vmap_range_noflush+0x0/0x360) addr=0xffff000008a00000 end=0xffff000008a01000 phys_addr=0x9000 prot=0xe8"),
		     LINE("a-1", 0, "1.000003",
			  "r3: (ioremap_page_range+0x24/0x360 <- vmap_range_noflush) arg1=0x0"),
		     LINE("a-1", 0, "1.000004",
			  "r4: (probe+0x24/0x360 [drv] <- ioremap_page_range) arg1=0x0")),
		"1 map ioremap_page_range va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap\n"
		"1 map-end:yes ioremap_page_range va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap by=probe+0x24/0x360 [drv]\n");
}

static void a_return_tells_the_address(void **state)
{
	/* No range function is traced: the offset in the page is the same in both addresses. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "p_ioremap_prot_0: (ioremap_prot+0x0/0x100) arg1=0x11040050 arg2=0x2000 arg3=0xf13"),
		     LINE("a-1", 0, "1.000002",
			  "p_pmd_set_huge_0: (pmd_set_huge+0x0/0x84) arg1=0xffff19df4256f280 arg2=0x11040000 arg3=0xf13"),
		     LINE("a-1", 0, "1.000003",
			  "r_pmd_set_huge_0: (vmap_range_noflush+0x298/0x51c <- pmd_set_huge) arg1=0x1"),
		     LINE("a-1", 0, "1.000004",
			  "r_ioremap_prot_0: (nmap+0x84/0x140 [ht] <- ioremap_prot) arg1=0xffff800008095050")),
		"1 map ioremap_prot va=ffff800008095000-ffff800008098000 pa=11040000 ioremap\n"
		"2 block:yes pmd_set_huge pa=11040000 pmd=ffff19df4256f280 within=ffff800008095000-ffff800008098000@11040000\n"
		"1 map-end:yes ioremap_prot va=ffff800008095000-ffff800008098000 pa=11040000 ioremap by=nmap+0x84/0x140 [ht]\n");
}

static void the_outer_return_tells_the_address_as_well(void **state)
{
	/* Only the outermost ioremap's return is traced. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "ioremap: (__ioremap+0x0/0x20) phys=0x9000 size=0x1000 prot=0xe8"),
		     LINE("a-1", 0, "1.000002",
			  "c: (__ioremap_caller+0x0/0xd0) phys=0x9000 size=0x1000 prot=0xe8"),
		     LINE("a-1", 0, "1.000003",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd228"),
		     LINE("a-1", 0, "1.000004", "u: (f+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0"),
		     LINE("a-1", 0, "1.000005",
			  "ioremap_ret: (probe+0x18/0x20 [drv] <- __ioremap) ret=0xffff000008a00000")),
		"1 map __ioremap va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap\n"
		"3 table:yes __pte_alloc_kernel pmd=ffff80007fffd228 within=ffff000008a00000-ffff000008a01000@9000\n"
		"1 map-end:yes __ioremap va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap by=probe+0x18/0x20 [drv]\n");
}

static void what_waits_for_an_address_does_not_wait_in_vain(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "ioremap: (__ioremap+0x0/0x20) phys=0x9000 size=0x1000 prot=0xe8"),
		     LINE("a-1", 0, "1.000002",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd228"),
		     LINE("a-1", 0, "1.000003", "u: (f+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0"),
		     LINE("a-1", 0, "1.000004",
			  "iounmap: (iounmap+0x0/0x60) addr=0xffff000008a00000"),
		     LINE("a-1", 0, "1.000005",
			  "ioremap: (__ioremap+0x0/0x20) phys=0x9000 size=0x1000 prot=0xe8"),
		     LINE("a-1", 0, "1.000006",
			  "t: (__pte_alloc_kernel+0x0/0xbc) pmdp=0xffff80007fffd230"),
		     LINE("a-1", 0, "1.000007", "u: (f+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0"),
		     LINE("a-1", 0, "1.000008",
			  "iounmap: (iounmap+0x0/0x60) addr=0xffff000008a00000")),
		"2 table:yes __pte_alloc_kernel pmd=ffff80007fffd228\n"
		"4 unmap iounmap va=ffff000008a00000\n"
		"6 table:yes __pte_alloc_kernel pmd=ffff80007fffd230\n"
		"8 unmap iounmap va=ffff000008a00000\n");
}

static void a_second_ioremap_ends_the_first(void **state)
{
	/* The same device twice, with no return traced. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "ioremap: (ioremap_cache+0x0/0x20) phys=0x9000 size=0x1000"),
		     LINE("a-1", 0, "1.000002",
			  "r: (ioremap_page_range+0x0/0x30) addr=0xffff800008095000 end=0xffff800008096000 phys=0x9000 prot=0x1"),
		     LINE("a-1", 0, "1.000003",
			  "c: (__ioremap_caller+0x0/0xd0) phys=0x9000 size=0x1000 prot=0xe8"),
		     LINE("a-1", 0, "1.000004",
			  "r: (ioremap_page_range+0x0/0x30) addr=0xffff800008097000 end=0xffff800008098000 phys=0x9000 prot=0x1")),
		"2 map ioremap_page_range va=ffff800008095000-ffff800008096000 pa=9000 ioremap\n"
		"1 map-end:? ioremap_cache va=ffff800008095000-ffff800008096000 pa=9000 ioremap\n"
		"4 map ioremap_page_range va=ffff800008097000-ffff800008098000 pa=9000 ioremap\n"
		"3 map-end:? __ioremap_caller va=ffff800008097000-ffff800008098000 pa=9000 ioremap\n");
}

static void an_argument_tells_the_caller(void **state)
{
	/* Not where another call is around it: a kretprobe there puts its trampoline in between. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "c: (__ioremap_caller+0x0/0xd0) phys=0x9000 size=0x1000 prot=0x1 caller=0xffff000000ab0318"),
		     LINE("a-1", 0, "1.000002",
			  "r: (ioremap_page_range+0x0/0x30) addr=0xffff000008a00000 end=0xffff000008a01000 phys=0x9000 prot=0x1"),
		     LINE("a-1", 0, "1.000003",
			  "ioremap: (__ioremap+0x0/0x20) phys=0xa000 size=0x1000 prot=0x1"),
		     LINE("a-1", 0, "1.000004",
			  "c: (__ioremap_caller+0x0/0xd0) phys=0xa000 size=0x1000 prot=0x1 caller=0xffff00000808f240"),
		     LINE("a-1", 0, "1.000005",
			  "r: (ioremap_page_range+0x0/0x30) addr=0xffff000008a02000 end=0xffff000008a03000 phys=0xa000 prot=0x1")),
		"2 map ioremap_page_range va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap\n"
		"1 map-end:? __ioremap_caller va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap by=ffff000000ab0318\n"
		"5 map ioremap_page_range va=ffff000008a02000-ffff000008a03000 pa=a000 ioremap\n"
		"3 map-end:? __ioremap va=ffff000008a02000-ffff000008a03000 pa=a000 ioremap\n");
}

static void a_failed_ioremap_maps_nothing(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "ioremap: (ioremap_prot+0x0/0x100) phys=0x9000 size=0x1000 prot=0xf13"),
		     LINE("a-1", 0, "1.000002",
			  "ioremap_ret: (nmap+0x84/0x140 [ht] <- ioremap_prot) ret=0x0"),
		     LINE("a-1", 0, "1.000003",
			  "ioremap: (ioremap_prot+0x0/0x100) phys=0x9000 size=0x1000 prot=0xf13"),
		     LINE("a-1", 0, "1.000004",
			  "ioremap_page_range: (ioremap_page_range+0x0/0x30) addr=0xffff800008095000 end=0xffff800008096000 phys=0x9000 prot=0xf13"),
		     LINE("a-1", 0, "1.000005",
			  "ioremap_page_range_ret: (ioremap_prot+0xa8/0x100 <- ioremap_page_range) ret=0xfffffff4"),
		     LINE("a-1", 0, "1.000006",
			  "ioremap_ret: (nmap+0x84/0x140 [ht] <- ioremap_prot) ret=0x0")),
		"4 map ioremap_page_range va=ffff800008095000-ffff800008096000 pa=9000 ioremap\n"
		"3 map-end:no ioremap_prot va=ffff800008095000-ffff800008096000 pa=9000 ioremap by=nmap+0x84/0x140 [ht]\n");
}

static void ram_is_not_mapped_by_ioremap_cache(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "ioremap_cache: (ioremap_cache+0x0/0x20) phys=0x80001000 size=0x1000"),
		     LINE("a-1", 0, "1.000002",
			  "ioremap_cache_ret: (f+0x8/0x10 <- ioremap_cache) ret=0xffff800040001000"),
		     /* Not RAM: it is. */
		     LINE("a-1", 0, "1.000003",
			  "ioremap_cache: (ioremap_cache+0x0/0x20) phys=0x9000 size=0x1000"),
		     LINE("a-1", 0, "1.000004",
			  "ioremap_caller: (__ioremap_caller+0x0/0xd0) phys=0x9000 size=0x1000 prot=0xe8 caller=0xffff000000001000"),
		     LINE("a-1", 0, "1.000005",
			  "ioremap_caller_ret: (ioremap_cache+0x14/0x20 <- __ioremap_caller) ret=0xffff000008a00000"),
		     LINE("a-1", 0, "1.000006",
			  "ioremap_cache_ret: (f+0x8/0x10 <- ioremap_cache) ret=0xffff000008a00000")),
		"4 map __ioremap_caller va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap\n"
		"3 map-end:yes ioremap_cache va=ffff000008a00000-ffff000008a01000 pa=9000 ioremap by=f+0x8/0x10\n");
}

static void pages_are_counted_as_success(void **state)
{
	/* To 5.7, vmap_page_range_noflush() returns how many pages it has mapped. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "v: (vmap_page_range_noflush+0x0/0x300) start=0xffff000008a00000 end=0xffff000008a02000"),
		     /* Its caller is one of the mapping functions, too: that tells nothing. */
		     LINE("a-1", 0, "1.000002",
			  "w: (map_vm_area+0x30/0x50 <- vmap_page_range_noflush) ret=0x2")),
		"1 map vmap_page_range_noflush va=ffff000008a00000-ffff000008a02000 pages-only\n"
		"1 map-end:yes vmap_page_range_noflush va=ffff000008a00000-ffff000008a02000 pages-only\n");
}

static void both_signatures_of_vmap_page_range(void **state)
{
	assert_decodes(
		TEXT(/* 4.14, by position and by name. */
		     LINE("a-1", 0, "1.000001",
			  "p_vmap_page_range_0: (vmap_page_range+0x0/0x30) arg1=0xffff000008a00000 arg2=0xffff000008a01000 arg3=0xe8000000000713 arg4=0xffff80007c000000"),
		     LINE("a-1", 0, "1.000002",
			  "v: (vmap_page_range+0x0/0x30) start=0xffff000008b00000 end=0xffff000008b01000 prot=0xe8000000000713 pages=0xffff80007c000000"),
		     /* 6.12, likewise. */
		     LINE("a-1", 0, "1.000003",
			  "p_vmap_page_range_0: (vmap_page_range+0x0/0x30) arg1=0xffff800008a00000 arg2=0xffff800008a01000 arg3=0x9000 arg4=0x68000000000f13"),
		     LINE("a-1", 0, "1.000004",
			  "w: (vmap_page_range+0x0/0x30) addr=0xffff800008b00000 end=0xffff800008b01000 phys_addr=0xa000 prot=0x68000000000f13")),
		"1 map vmap_page_range va=ffff000008a00000-ffff000008a01000 pages-only\n"
		"1 map-end:? vmap_page_range va=ffff000008a00000-ffff000008a01000 pages-only\n"
		"2 map vmap_page_range va=ffff000008b00000-ffff000008b01000 pages-only\n"
		"2 map-end:? vmap_page_range va=ffff000008b00000-ffff000008b01000 pages-only\n"
		"3 map vmap_page_range va=ffff800008a00000-ffff800008a01000 pa=9000\n"
		"3 map-end:? vmap_page_range va=ffff800008a00000-ffff800008a01000 pa=9000\n"
		"4 map vmap_page_range va=ffff800008b00000-ffff800008b01000 pa=a000\n"
		"4 map-end:? vmap_page_range va=ffff800008b00000-ffff800008b01000 pa=a000\n");
}

static void vmalloc_maps_one_range_in_pieces(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "v: (__vmap_pages_range_noflush+0x0/0x300) addr=0xffff800008a00000 end=0xffff800008e00000 prot=0x1 pages=0xffff000007000000 page_shift=21"),
		     LINE("a-1", 0, "1.000002",
			  "w: (vmap_range_noflush+0x0/0x300) addr=0xffff800008a00000 end=0xffff800008c00000 phys_addr=0x40000000 prot=0x1 max_page_shift=21"),
		     LINE("a-1", 0, "1.000003",
			  "b: (pmd_set_huge+0x0/0x84) pmdp=0xffff000003000228 phys=0x40000000 prot=0x1"),
		     LINE("a-1", 0, "1.000004",
			  "c: (vmap_range_noflush+0x30/0x300 <- pmd_set_huge) ret=1"),
		     LINE("a-1", 0, "1.000005",
			  "w: (vmap_range_noflush+0x0/0x300) addr=0xffff800008c00000 end=0xffff800008e00000 phys_addr=0x50000000 prot=0x1 max_page_shift=21"),
		     LINE("a-1", 0, "1.000006",
			  "x: (f+0x30/0x300 <- __vmap_pages_range_noflush) ret=0")),
		"1 map __vmap_pages_range_noflush va=ffff800008a00000-ffff800008e00000\n"
		"3 block:yes pmd_set_huge pa=40000000 pmd=ffff000003000228 within=ffff800008a00000-ffff800008c00000@40000000\n"
		"1 map-end:yes __vmap_pages_range_noflush va=ffff800008a00000-ffff800008e00000 by=f+0x30/0x300\n");
}

static void nested_unmaps_are_one(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "iounmap: (__iounmap+0x0/0x34) addr=0xffff000008a00010"),
		     LINE("a-1", 0, "1.000002",
			  "vunmap: (vunmap+0x0/0x34) addr=0xffff000008a00000"),
		     LINE("a-1", 0, "1.000003",
			  "remove_vm_area: (remove_vm_area+0x0/0xe0) addr=0xffff000008a00000"),
		     LINE("a-1", 0, "1.000004",
			  "u1: (vunmap_range_noflush+0x0/0x10) start=0xffff000008a00000 end=0xffff000008a02000"),
		     LINE("a-1", 0, "1.000005",
			  "u2: (__vunmap_range_noflush+0x0/0x10) start=0xffff000008a00000 end=0xffff000008a02000"),
		     LINE("a-1", 0, "1.000006",
			  "pmd_clear_huge: (pmd_clear_huge+0x0/0x30) pmdp=0xffff80007fffd228 old=0x3"),
		     LINE("a-1", 0, "1.000007",
			  "pmd_clear_huge_ret: (vunmap_page_range+0x128/0x290 <- pmd_clear_huge) ret=0x0"),
		     /* Another one, of the same task, with nothing but the innermost traced. */
		     LINE("a-1", 0, "1.000008",
			  "remove_vm_area: (remove_vm_area+0x0/0xe0) addr=0xffff000009a00000"),
		     LINE("a-1", 0, "1.000009",
			  "p_unmap_kernel_range_noflush_0: (unmap_kernel_range_noflush+0x0/0xe0) arg1=0xffff000009a00000 arg2=0x2000")),
		"1 unmap __iounmap va=ffff000008a00000\n"
		"4 clear vunmap_range_noflush va=ffff000008a00000-ffff000008a02000\n"
		"6 block-clear:no pmd_clear_huge pmd=ffff80007fffd228 old=3 within=ffff000008a00000-ffff000008a02000\n"
		"8 unmap remove_vm_area va=ffff000009a00000\n"
		"9 clear unmap_kernel_range_noflush va=ffff000009a00000-ffff000009a02000\n");
}

static void unmapping_nothing_is_nothing(void **state)
{
	assert_decodes(TEXT(LINE("a-1", 0, "1.000001", "vfree: (vfree+0x0/0x34) addr=0x0"),
			    LINE("a-1", 0, "1.000002", "vunmap: (vunmap+0x0/0x34) addr=0x0")),
		       "");
}

static void a_purge_flushes_when_it_says_so(void **state)
{
	assert_decodes(
		TEXT(LINE("kworker/0:1-16", 0, "1.000001",
			  "d: (drain_vmap_area_work+0x0/0x40) work=0xffff000000001000"),
		     LINE("kworker/0:1-16", 0, "1.000002",
			  "purge_lazy: (__purge_vmap_area_lazy+0x0/0x870) start=0xffffffffffffffff end=0x0"),
		     LINE("kworker/0:1-16", 0, "1.000003",
			  "vmalle1is_5: (__purge_vmap_area_lazy+0x71c/0x870)"),
		     LINE("kworker/0:1-16", 0, "1.000004",
			  "purge_lazy_ret: (drain_vmap_area_work+0x30/0x40 <- __purge_vmap_area_lazy) ret=0x1"),
		     LINE("kworker/0:1-16", 0, "1.000005",
			  "r: (process_one_work+0x30/0x40 <- drain_vmap_area_work) ret=0x0"),
		     LINE("a-1", 0, "1.000006",
			  "purge_lazy: (__purge_vmap_area_lazy+0x0/0x870) start=0xffffffffffffffff end=0x0"),
		     LINE("a-1", 0, "1.000007",
			  "purge_lazy_ret: (f+0x30/0x40 <- __purge_vmap_area_lazy) ret=0x0")),
		"3 tlbi __purge_vmap_area_lazy+0x71c vmalle1is inside=__purge_vmap_area_lazy in-flush\n"
		"2 flush:yes __purge_vmap_area_lazy tlbis=1\n"
		"1 flush:? drain_vmap_area_work tlbis=1\n");
}

static void a_purge_without_returns_flushes_by_its_instructions(void **state)
{
	/* From the second on it is told at its call, with what the first was seen to issue. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001", "v: (vm_unmap_aliases+0x0/0x40)"),
		     LINE("a-1", 0, "1.000002", "p: (__purge_vmap_area_lazy+0x0/0x870)"),
		     LINE("a-1", 0, "1.000003",
			  "vmalle1is_5: (__purge_vmap_area_lazy+0x71c/0x870)"),
		     LINE("a-1", 0, "1.000004", "vaale1is_3: (__set_fixmap+0xa0/0x1e4) op=0x1"),
		     LINE("a-1", 0, "1.000005", "v: (vm_unmap_aliases+0x0/0x40)"),
		     LINE("a-1", 0, "1.000006", "p: (__purge_vmap_area_lazy+0x0/0x870)")),
		"3 tlbi __purge_vmap_area_lazy+0x71c vmalle1is inside=__purge_vmap_area_lazy in-flush\n"
		"4 tlbi __set_fixmap+0xa0 vaale1is op=1\n"
		"2 flush:? __purge_vmap_area_lazy tlbis=1\n"
		"1 flush:? vm_unmap_aliases tlbis=1\n"
		"5 flush:? vm_unmap_aliases tlbis=1\n"
		"6 flush:? __purge_vmap_area_lazy tlbis=1\n");
}

static void a_site_is_known_by_its_address(void **state)
{
	/* trace-cmd and perf print no symbols: the entry's address tells which TLBI is near it. */
	assert_decodes(
		TEXT("cpus=2\n",
		     "  a-1     [000]     1.000001: purge_lazy:           (ffffd5cb17925070) start=0x0 end=0x0\n",
		     "  a-1     [000]     1.000002: vaale1is_7:           (ffffd5cb17925170) op=0xff800008300\n",
		     "  a-1     [000]     1.000003: vaale1is_3:           (ffffd5cb1763a400) op=0xff800008300\n"),
		"3 tlbi vaale1is op=ff800008300 inside=__purge_vmap_area_lazy in-flush\n"
		"4 tlbi vaale1is op=ff800008300\n"
		"2 flush:? __purge_vmap_area_lazy tlbis=1\n");
}

static void an_array_of_pages_is_no_ioremap(void **state)
{
	/* The ioremap's return is not traced; what follows it is a vmalloc's. */
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "ioremap: (ioremap_prot+0x0/0x100) phys=0x9000 size=0x1000 prot=0xf13"),
		     LINE("a-1", 0, "1.000002",
			  "v: (__vmap_pages_range_noflush+0x0/0x300) addr=0xffff800008a00000 end=0xffff800008a01000 prot=0x1 pages=0xffff000007000000 page_shift=12")),
		"2 map __vmap_pages_range_noflush va=ffff800008a00000-ffff800008a01000 pages-only\n"
		"2 map-end:? __vmap_pages_range_noflush va=ffff800008a00000-ffff800008a01000 pages-only\n");
}

static void clearing_functions_that_flush(void **state)
{
	assert_decodes(
		TEXT(LINE("a-1", 0, "1.000001",
			  "v: (vunmap_range+0x0/0xa0) addr=0xffff800008a00000 end=0xffff800008a02000"),
		     LINE("a-1", 0, "1.000002",
			  "u: (vunmap_range_noflush+0x0/0x10) start=0xffff800008a00000 end=0xffff800008a02000"),
		     LINE("a-1", 0, "1.000003",
			  "vaale1is_9: (vunmap_range+0x44/0xa0) op=0xff800008a00"),
		     LINE("a-1", 0, "1.000004", "vr: (f+0x30/0x40 <- vunmap_range) ret=0x0"),
		     LINE("a-1", 0, "1.000005",
			  "f1: (flush_tlb_kernel_range+0x0/0xa0) start=0xffff800008b00000 end=0xffff800008b02000"),
		     LINE("a-1", 0, "1.000006",
			  "f1r: (f+0x30/0x40 <- flush_tlb_kernel_range) ret=0x0"),
		     LINE("a-1", 0, "1.000007", "f2: (flush_tlb_all+0x0/0x20)"),
		     LINE("a-1", 0, "1.000008", "f2r: (f+0x30/0x40 <- flush_tlb_all) ret=0x0"),
		     LINE("a-1", 0, "1.000009",
			  "purge_vmap_area_lazy: start=0xffff800008a00000 end=0xffff800008a02000 num_purged=1")),
		"1 clear vunmap_range va=ffff800008a00000-ffff800008a02000\n"
		"3 tlbi vunmap_range+0x44 vaale1is op=ff800008a00 inside=vunmap_range in-flush\n"
		"1 flush:yes vunmap_range va=ffff800008a00000-ffff800008a02000 tlbis=1\n"
		"5 flush:yes flush_tlb_kernel_range va=ffff800008b00000-ffff800008b02000\n"
		"7 flush:yes flush_tlb_all\n"
		"9 flush:yes va=ffff800008a00000-ffff800008a02000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_wrappers_are_one_mapping),
		cmocka_unit_test(a_range_alone_is_a_mapping),
		cmocka_unit_test(a_return_tells_the_address),
		cmocka_unit_test(the_outer_return_tells_the_address_as_well),
		cmocka_unit_test(what_waits_for_an_address_does_not_wait_in_vain),
		cmocka_unit_test(a_second_ioremap_ends_the_first),
		cmocka_unit_test(an_argument_tells_the_caller),
		cmocka_unit_test(a_failed_ioremap_maps_nothing),
		cmocka_unit_test(ram_is_not_mapped_by_ioremap_cache),
		cmocka_unit_test(pages_are_counted_as_success),
		cmocka_unit_test(both_signatures_of_vmap_page_range),
		cmocka_unit_test(vmalloc_maps_one_range_in_pieces),
		cmocka_unit_test(nested_unmaps_are_one),
		cmocka_unit_test(unmapping_nothing_is_nothing),
		cmocka_unit_test(a_purge_flushes_when_it_says_so),
		cmocka_unit_test(a_purge_without_returns_flushes_by_its_instructions),
		cmocka_unit_test(a_site_is_known_by_its_address),
		cmocka_unit_test(an_array_of_pages_is_no_ioremap),
		cmocka_unit_test(clearing_functions_that_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
