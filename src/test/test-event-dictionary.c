/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/event-functions.h>

#include "event/call.h"
#include "event/dictionary.h"
#include "event/names.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Every function that a capture of Linux 4.9 to 6.19 may have probed for the tables' sake. */
static void knows_all_functions(void **state)
{
	static const char *const symbols[] = {
		"ioremap_cache",
		"__ioremap",
		"__ioremap_caller",
		"ioremap_prot",
		"__ioremap_prot",
		"generic_ioremap_prot",
		"memremap",
		"ioremap_page_range",
		"vmap_page_range",
		"vmap_page_range_noflush",
		"vmap_range",
		"vmap_range_noflush",
		"vmap_pages_range",
		"vmap_pages_range_noflush",
		"__vmap_pages_range_noflush",
		"vmap_small_pages_range_noflush",
		"map_kernel_range",
		"map_kernel_range_noflush",
		"vm_area_map_pages",
		"iounmap",
		"__iounmap",
		"generic_iounmap",
		"vunmap",
		"__vunmap",
		"vfree",
		"memunmap",
		"remove_vm_area",
		"free_vm_area",
		"vunmap_page_range",
		"unmap_kernel_range",
		"unmap_kernel_range_noflush",
		"vunmap_range",
		"vunmap_range_noflush",
		"__vunmap_range_noflush",
		"vm_area_unmap_pages",
		"__p4d_alloc",
		"__pud_alloc",
		"__pmd_alloc",
		"__pte_alloc_kernel",
		"pmd_set_huge",
		"pud_set_huge",
		"pmd_clear_huge",
		"pud_clear_huge",
		"pmd_free_pte_page",
		"__pmd_free_pte_page",
		"pud_free_pmd_page",
		"__purge_vmap_area_lazy",
		"purge_vmap_area_lazy",
		"try_purge_vmap_area_lazy",
		"reclaim_and_purge_vmap_areas",
		"drain_vmap_area_work",
		"purge_vmap_node",
		"vm_unmap_aliases",
		"_vm_unmap_aliases",
		"flush_tlb_kernel_range",
		"flush_tlb_all",
		"__flush_tlb_kernel_pgtable",
	};

	for (size_t i = 0; i < COUNT(symbols); i++)
		if (!dictionary_find(str_from(symbols[i])))
			fail_msg("%s is missing", symbols[i]);
	assert_null(dictionary_find(STR("schedule")));
}

static void has_each_symbol_once(void **state)
{
	const struct kernel_function *function;

	for (uint32_t i = 0; (function = dictionary_at(i)); i++)
		assert_ptr_equal(dictionary_find(str_from(function->symbol)), function);
}

static struct callee callee_of(const char *symbol)
{
	enum symbol_kind kind;
	const struct kernel_function *function =
		dictionary_find(symbol_base(str_from(symbol), &kind));

	assert_non_null(function);
	return (struct callee){.function = function,
			       .rank = 2U * function->rank + (kind == SYMBOL_PART)};
}

/* Who calls whom, in the kernel's source of the versions named. */
static void nests_as_the_kernel_calls(void **state)
{
	static const char *const chains[][9] = {
		/* 4.14 */
		{"ioremap_cache", "__ioremap_caller", "ioremap_page_range", "__pte_alloc_kernel"},
		{"__ioremap", "__ioremap_caller", "ioremap_page_range", "pmd_set_huge"},
		{"__iounmap", "vunmap", "__vunmap", "remove_vm_area", "free_unmap_vmap_area",
		 "vunmap_page_range", "pmd_clear_huge"},
		{"vmap", "map_vm_area", "vmap_page_range", "vmap_page_range_noflush",
		 "__pmd_alloc"},
		{"map_kernel_range_noflush", "vmap_page_range_noflush"},
		{"unmap_kernel_range", "vunmap_page_range"},
		{"remove_vm_area", "try_purge_vmap_area_lazy", "__purge_vmap_area_lazy"},
		/* 5.10 */
		{"vmap", "map_kernel_range", "map_kernel_range_noflush", "__pte_alloc_kernel"},
		{"unmap_kernel_range", "unmap_kernel_range_noflush", "pud_clear_huge"},
		/* 6.1 */
		{"memremap", "ioremap_prot", "ioremap_page_range", "vmap_range_noflush",
		 "pmd_free_pte_page", "__flush_tlb_kernel_pgtable"},
		{"iounmap", "vunmap", "remove_vm_area", "__vunmap_range_noflush", "pmd_clear_huge"},
		{"vmap", "vmap_pages_range", "vmap_pages_range_noflush",
		 "__vmap_pages_range_noflush", "vmap_small_pages_range_noflush",
		 "__pte_alloc_kernel"},
		{"__vmap_pages_range_noflush", "vmap_range_noflush", "pud_set_huge"},
		{"drain_vmap_area_work", "__purge_vmap_area_lazy", "flush_tlb_kernel_range",
		 "flush_tlb_all"},
		{"vm_unmap_aliases", "_vm_unmap_aliases", "_vm_unmap_aliases.part.0",
		 "__purge_vmap_area_lazy"},
		{"ioremap_prot", "purge_vmap_area_lazy", "__purge_vmap_area_lazy"},
		/* 6.12 */
		{"__ioremap_prot", "generic_ioremap_prot", "ioremap_page_range", "vmap_page_range",
		 "vmap_range_noflush", "pud_free_pmd_page", "pmd_free_pte_page",
		 "pmd_free_pte_page.part.0"},
		{"generic_iounmap", "vunmap", "remove_vm_area"},
		{"generic_ioremap_prot", "free_vm_area", "remove_vm_area"},
		{"reclaim_and_purge_vmap_areas", "__purge_vmap_area_lazy", "purge_vmap_node"},
		/* 6.19 */
		{"pud_free_pmd_page", "__pmd_free_pte_page"},
		{"vmap_pages_range", "__vmap_pages_range", "vmap_pages_range_noflush"},
	};

	for (size_t i = 0; i < COUNT(chains); i++)
		for (size_t j = 1; j < COUNT(chains[0]) && chains[i][j]; j++) {
			struct callee outer = callee_of(chains[i][j - 1]);
			struct callee inner = callee_of(chains[i][j]);

			if (!call_can_be_within(&inner, &outer))
				fail_msg("%s is not called by %s", chains[i][j], chains[i][j - 1]);
			assert_false(call_can_be_within(&outer, &inner));
		}
}

static void tells_calls_that_follow_each_other(void **state)
{
	static const char *const pairs[][2] = {
		{"ioremap_page_range", "ioremap_page_range"},
		{"pmd_free_pte_page", "pmd_set_huge"},
		{"pmd_set_huge", "pud_set_huge"},
		{"pmd_set_huge", "pmd_free_pte_page"},
		{"__pte_alloc_kernel", "pmd_free_pte_page"},
		{"pmd_free_pte_page", "__pmd_alloc"},
		{"iounmap", "ioremap_prot"},
		{"__vunmap_range_noflush", "__pte_alloc_kernel"},
		{"__purge_vmap_area_lazy", "iounmap"},
		{"iounmap", "ioremap_page_range"},
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct callee earlier = callee_of(pairs[i][0]);
		struct callee later = callee_of(pairs[i][1]);

		assert_false(call_can_be_within(&later, &earlier));
	}
}

static void finds_functions_by_event_name(void **state)
{
	static const struct {
		const char *name, *symbol;
		bool is_return;
		uint64_t offset;
	} names[] = {
		/* The kernel's defaults, with dots made underscores. */
		{"p_pmd_set_huge_0", "pmd_set_huge", false, 0},
		{"r_pmd_set_huge_0", "pmd_set_huge", true, 0},
		{"p___pte_alloc_kernel_0", "__pte_alloc_kernel", false, 0},
		{"p_pmd_free_pte_page_92", "pmd_free_pte_page", false, 92},
		{"p__vm_unmap_aliases_part_0_496", "_vm_unmap_aliases", false, 496},
		{"ioremap_prot__entry", "ioremap_prot", false, 0},
		{"ioremap_prot__exit", "ioremap_prot", true, 0},
		/* perf probe's. */
		{"ioremap_page_range", "ioremap_page_range", false, 0},
		{"ioremap_page_range_1", "ioremap_page_range", false, 0},
		{"ioremap_page_range__return", "ioremap_page_range", true, 0},
		{"__ioremap_caller__return_2", "__ioremap_caller", true, 0},
		/* People's. */
		{"ioremap", "ioremap", false, 0},
		{"ioremap_ret", "ioremap", true, 0},
		{"ioremap_caller_ret", "__ioremap_caller", true, 0},
		{"pte_alloc_kernel", "__pte_alloc_kernel", false, 0},
		{"pte_alloc_kernel_ret", "__pte_alloc_kernel", true, 0},
		{"purge_lazy", "__purge_vmap_area_lazy", false, 0},
		{"purge_lazy_ret", "__purge_vmap_area_lazy", true, 0},
		{"vmap_range_noflush", "vmap_range_noflush", false, 0},
		{"pmd_alloc", "__pmd_alloc", false, 0},
		{"iounmap_enter", "iounmap", false, 0},
	};
	static const char *const strangers[] = {
		"sched_switch", "p_schedule_0", "pmd_set_huge_cold", "vaae1is_3", "",
		"_0",		"__return"};
	struct event_meaning meaning;

	for (size_t i = 0; i < COUNT(names); i++) {
		if (!event_name_parse(str_from(names[i].name), &meaning))
			fail_msg("%s is not known", names[i].name);
		assert_string_equal(meaning.function->symbol, names[i].symbol);
		assert_int_equal(meaning.is_return, names[i].is_return);
		assert_int_equal(meaning.offset, names[i].offset);
	}
	for (size_t i = 0; i < COUNT(strangers); i++)
		assert_false(event_name_parse(str_from(strangers[i]), &meaning));
}

static void finds_the_source_symbol(void **state)
{
	static const struct {
		const char *symbol, *base;
		enum symbol_kind kind;
	} symbols[] = {
		{"pmd_set_huge", "pmd_set_huge", SYMBOL_WHOLE},
		{"pmd_free_pte_page.part.0", "pmd_free_pte_page", SYMBOL_PART},
		{"update_mapping_prot.constprop.0", "update_mapping_prot", SYMBOL_REWRITTEN},
		{"vmap_range_noflush.isra.0", "vmap_range_noflush", SYMBOL_REWRITTEN},
		{"vmap_range_noflush.isra.0.part.1", "vmap_range_noflush", SYMBOL_REWRITTEN},
		{"iounmap.cold", "iounmap", SYMBOL_FRAGMENT},
		{"ioremap_prot.llvm.12345", "ioremap_prot", SYMBOL_WHOLE},
	};
	enum symbol_kind kind;

	for (size_t i = 0; i < COUNT(symbols); i++) {
		struct str base = symbol_base(str_from(symbols[i].symbol), &kind);

		assert_true(str_is(base, symbols[i].base));
		if (i != 4) /* either will do: its arguments are unsure, and its result */
			assert_int_equal(kind, symbols[i].kind);
	}
}

/* What is worth a probe says in which kernels it is, and what else would do. */
static void probes_of_functions_are_whole(void **state)
{
	struct function_probe function;
	uint32_t wished = 0;

	for (uint32_t i = 0; function_probe_at(i, 0, &function); i++) {
		if (function.wish == WISH_NONE)
			continue;
		wished++;
		assert_non_null(function.versions);
		if (function.unless)
			assert_non_null(dictionary_find(str_from(function.unless)));
		if (function.descriptor >= 0)
			assert_non_null(function.argument[function.descriptor]);
		assert_int_equal(function.is_entry, function.descriptor >= 0);
	}
	assert_true(wished > 20);
}

static struct function_probe probe_of(const char *symbol, uint32_t release)
{
	struct function_probe function;

	for (uint32_t i = 0; function_probe_at(i, release, &function); i++)
		if (strcmp(function.symbol, symbol) == 0)
			return function;
	fail_msg("%s is not in the dictionary", symbol);
	return function;
}

/* mm/vmalloc.c: (start, end, prot, pages) to 5.7, (addr, end, phys_addr, prot) from 6.9 on. */
static void arguments_are_those_of_the_kernel(void **state)
{
	struct function_probe old = probe_of("vmap_page_range", KERNEL_RELEASE(5, 7));
	struct function_probe new = probe_of("vmap_page_range", KERNEL_RELEASE(6, 9));

	assert_string_equal(old.argument[2], "prot");
	assert_string_equal(old.argument[3], "pages");
	assert_string_equal(new.argument[2], "phys");
	assert_string_equal(new.argument[3], "prot");
	assert_null(new.argument[4]);
	/* (phys_addr, size): what is in x2 is somebody else's. */
	assert_null(probe_of("ioremap_cache", KERNEL_RELEASE(4, 14)).argument[2]);
	assert_string_equal(probe_of("__pmd_alloc", 0).argument[1], "pudp");
	assert_null(probe_of("__pmd_alloc", 0).argument[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_all_functions),
		cmocka_unit_test(has_each_symbol_once),
		cmocka_unit_test(nests_as_the_kernel_calls),
		cmocka_unit_test(tells_calls_that_follow_each_other),
		cmocka_unit_test(finds_functions_by_event_name),
		cmocka_unit_test(finds_the_source_symbol),
		cmocka_unit_test(probes_of_functions_are_whole),
		cmocka_unit_test(arguments_are_those_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
