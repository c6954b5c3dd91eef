/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event/dictionary.h"

/*
 * Facts are read in the kernel's source, 4.9 to 6.19; each group names its files.  Argument registers
 * are the parameters of those sources in order; what is not listed does not matter here.
 *
 * Ranks: 1-9 callers of the mapping functions, 10-19 whole mappings, 20-29 ranges, 30-39 purging,
 * 40-49 single entries and flushes.
 */

/* When the kernel has it. */
#define IN(range) .versions = (range)

/* What `mmureplay probes` does with it: see enum function_wish. */
#define NOT_PROBED .wish = WISH_NONE
#define USUAL .wish = WISH_USUAL
#define MINIMAL .wish = WISH_MINIMAL
#define AND_RETURN .wants_return = true
#define UNLESS(other) .unless = (other)

#define IOREMAP(name, nesting, properties, ...)                                                    \
	{                                                                                          \
		.symbol = (name), .action = ACTION_IOREMAP, .family = FAMILY_MAP,                  \
		.rank = (nesting), .result = RESULT_POINTER,                                       \
		.argument = {ROLE_PHYS, ROLE_SIZE, ROLE_PROT, ROLE_CALLER}, .flags = (properties), \
		__VA_ARGS__                                                                        \
	}

#define MAP_PHYS(name, nesting, properties, ...)                                                   \
	{                                                                                          \
		.symbol = (name), .action = ACTION_MAP, .family = FAMILY_MAP, .rank = (nesting),   \
		.result = RESULT_ERROR,                                                            \
		.argument = {ROLE_VA, ROLE_END, ROLE_PHYS, ROLE_PROT, ROLE_SHIFT},                 \
		.flags = (properties), __VA_ARGS__                                                 \
	}

#define MAP_PAGES(name, nesting, properties, ...)                                                  \
	{                                                                                          \
		.symbol = (name), .action = ACTION_MAP, .family = FAMILY_MAP, .rank = (nesting),   \
		.result = RESULT_ERROR,                                                            \
		.argument = {ROLE_VA, ROLE_END, ROLE_PROT, ROLE_PAGES, ROLE_SHIFT},                \
		.flags = (properties), __VA_ARGS__                                                 \
	}

#define MAP_SIZE(name, nesting, properties, ...)                                                   \
	{                                                                                          \
		.symbol = (name), .action = ACTION_MAP, .family = FAMILY_MAP, .rank = (nesting),   \
		.result = RESULT_ERROR, .argument = {ROLE_VA, ROLE_SIZE, ROLE_PROT, ROLE_PAGES},   \
		.flags = (properties), __VA_ARGS__                                                 \
	}

#define MAP_WRAPPER(name, nesting, returns, ...)                                                   \
	{                                                                                          \
		.symbol = (name), .action = ACTION_WRAPPER, .family = FAMILY_MAP,                  \
		.rank = (nesting), .result = (returns), __VA_ARGS__                                \
	}

#define CALLER(name, ...)                                                                          \
	{                                                                                          \
		.symbol = (name), .action = ACTION_NONE, __VA_ARGS__                               \
	}

#define UNMAP(name, nesting, ...)                                                                  \
	{                                                                                          \
		.symbol = (name), .action = ACTION_UNMAP, .family = FAMILY_UNMAP,                  \
		.rank = (nesting), .result = RESULT_VOID, .argument = {ROLE_VA}, __VA_ARGS__       \
	}

#define UNMAP_WRAPPER(name, nesting, ...)                                                          \
	{                                                                                          \
		.symbol = (name), .action = ACTION_WRAPPER, .family = FAMILY_UNMAP,                \
		.rank = (nesting), .result = RESULT_VOID, __VA_ARGS__                              \
	}

#define CLEAR(name, nesting, properties, ...)                                                      \
	{                                                                                          \
		.symbol = (name), .action = ACTION_CLEAR, .family = FAMILY_UNMAP,                  \
		.rank = (nesting), .result = RESULT_VOID, .flags = (properties), __VA_ARGS__       \
	}

#define BLOCK(name, of_level, ...)                                                                 \
	{                                                                                          \
		.symbol = (name), .action = ACTION_BLOCK, .family = FAMILY_MAP, .rank = 40,        \
		.result = RESULT_INT, .level = (of_level),                                         \
		.argument = {ROLE_ENTRY, ROLE_PHYS, ROLE_PROT}, __VA_ARGS__                        \
	}

#define BLOCK_CLEAR(name, of_level, ...)                                                           \
	{                                                                                          \
		.symbol = (name), .action = ACTION_BLOCK_CLEAR, .family = FAMILY_UNMAP,            \
		.rank = 40, .result = RESULT_INT, .level = (of_level), .argument = {ROLE_ENTRY},   \
		__VA_ARGS__                                                                        \
	}

#define TABLE(name, of_level, ...)                                                                 \
	{                                                                                          \
		.symbol = (name), .action = ACTION_TABLE, .family = FAMILY_MAP, .rank = 40,        \
		.result = RESULT_ERROR, .level = (of_level), .flags = ALSO_FOR_USERS,              \
		.argument = {ROLE_NONE, ROLE_ENTRY, ROLE_VA}, __VA_ARGS__                          \
	}

#define BREAK(name, nesting, of_level, ...)                                                        \
	{                                                                                          \
		.symbol = (name), .action = ACTION_BREAK, .family = FAMILY_MAP, .rank = (nesting), \
		.result = RESULT_INT, .level = (of_level), .argument = {ROLE_ENTRY, ROLE_VA},      \
		__VA_ARGS__                                                                        \
	}

#define PURGE(name, nesting, returns, ...)                                                         \
	{                                                                                          \
		.symbol = (name), .action = ACTION_FLUSH, .family = FAMILY_PURGE,                  \
		.rank = (nesting), .result = (returns), .flags = FLUSHES, __VA_ARGS__              \
	}

#define FLUSH(name, nesting, ...)                                                                  \
	{                                                                                          \
		.symbol = (name), .action = ACTION_FLUSH, .family = FAMILY_FLUSH,                  \
		.rank = (nesting), .result = RESULT_VOID, .flags = FLUSHES, __VA_ARGS__            \
	}

static const struct kernel_function functions[] = {
	/* --- ioremap: arch/arm64/mm/ioremap.c, mm/ioremap.c ------------------------------- */

	/* For RAM: the linear map's address, and nothing is mapped. */
	IOREMAP("ioremap_cache", 9, MAPS_DEVICE | RAM_IS_LINEAR, IN("4.9 - 5.15"), USUAL,
		AND_RETURN),
	/* A macro or inline function in all versions; event names use it for any of the below. */
	IOREMAP("ioremap", 10, MAPS_DEVICE, NOT_PROBED),
	/* (phys_addr, size, prot). */
	IOREMAP("__ioremap", 10, MAPS_DEVICE, IN("4.9 - 5.19"), USUAL, AND_RETURN),
	/* (phys_addr, size, prot). */
	IOREMAP("ioremap_prot", 10, MAPS_DEVICE, IN("6.0 and later"), USUAL, AND_RETURN),
	/* Stable 6.12.y: what ioremap_prot() was, which is inline there. */
	IOREMAP("__ioremap_prot", 11, MAPS_DEVICE, IN("6.12.y and later"), USUAL, AND_RETURN),
	/* 6.6 and later: (phys_addr, size, pgprot). */
	IOREMAP("generic_ioremap_prot", 12, MAPS_DEVICE, NOT_PROBED),
	/* 4.9 - 5.19, static: (phys_addr, size, prot, caller). */
	IOREMAP("__ioremap_caller", 13, MAPS_DEVICE, NOT_PROBED),
	/* kernel/iomem.c, all versions: (offset, size, flags).  RAM is not mapped either. */
	{.symbol = "memremap",
	 NOT_PROBED,
	 .action = ACTION_IOREMAP,
	 .family = FAMILY_MAP,
	 .rank = 8,
	 .result = RESULT_POINTER,
	 .argument = {ROLE_PHYS, ROLE_SIZE},
	 .flags = MAPS_DEVICE | RAM_IS_LINEAR},

	/* --- ranges: lib/ioremap.c (to 5.12), mm/vmalloc.c -------------------------------- */

	/* All versions: (addr, end, phys_addr, prot).  Inlined pud and pmd walkers below it. */
	MAP_PHYS("ioremap_page_range", 20, MAPS_DEVICE, IN("4.9 and later"), MINIMAL),
	/*
	 * To 5.7, static: (start, end, prot, pages), pages only, calls vmap_page_range_noflush();
	 * 6.9 and later: (addr, end, phys_addr, prot), called by ioremap_page_range().
	 */
	MAP_PHYS("vmap_page_range", 21, NEW_ARGUMENTS, IN("4.9 - 5.7, 6.9 and later"), USUAL),
	/* 5.13 - 5.17: (addr, end, phys_addr, prot, max_page_shift). */
	MAP_PHYS("vmap_range", 21, 0, IN("5.13 - 5.17"), USUAL),
	/* 5.13 and later, static; 6.17 and later have a sixth, the mask of changed levels. */
	MAP_PHYS("vmap_range_noflush", 26, 0, IN("5.13 and later"), USUAL),
	/* 4.9 - 5.7, static: (start, end, prot, pages).  Returns the number of pages. */
	MAP_PAGES("vmap_page_range_noflush", 23, ONLY_PAGES, IN("4.9 - 5.7"), USUAL),
	/* To 5.12: (addr, size, prot, pages).  Returned the number of pages to 5.7. */
	MAP_SIZE("map_kernel_range_noflush", 22, ONLY_PAGES, IN("4.9 - 5.12"), USUAL),
	/* 5.8 - 5.12: (start, size, prot, pages). */
	MAP_SIZE("map_kernel_range", 20, ONLY_PAGES, NOT_PROBED),
	/* 6.9 and later: (area, start, end, pages). */
	{.symbol = "vm_area_map_pages",
	 NOT_PROBED,
	 .action = ACTION_MAP,
	 .family = FAMILY_MAP,
	 .rank = 20,
	 .result = RESULT_ERROR,
	 .argument = {ROLE_NONE, ROLE_VA, ROLE_END, ROLE_PAGES}},
	/* 5.13 and later: (addr, end, prot, pages, page_shift); 6.19 splits off the second. */
	MAP_PAGES("vmap_pages_range", 21, 0, NOT_PROBED),
	MAP_PAGES("__vmap_pages_range", 22, 0, NOT_PROBED),
	MAP_PAGES("vmap_pages_range_noflush", 23, 0, IN("5.13 and later"), USUAL,
		  UNLESS("__vmap_pages_range_noflush")),
	/* 6.1 and later, under KMSAN's wrapper of the former name. */
	MAP_PAGES("__vmap_pages_range_noflush", 24, 0, IN("6.1 and later"), USUAL),
	/* 5.13 and later, static: (addr, end, prot, pages). */
	MAP_PAGES("vmap_small_pages_range_noflush", 25, ONLY_PAGES, NOT_PROBED),

	/* --- callers of the ranges: mm/vmalloc.c ------------------------------------------ */

	/* These call themselves, for the array of a large area's pages: no frames are kept of them. */
	CALLER("vmalloc", NOT_PROBED),
	CALLER("vzalloc", NOT_PROBED),
	CALLER("vmalloc_noprof", NOT_PROBED), /* 6.10 and later */
	CALLER("vzalloc_noprof", NOT_PROBED),
	CALLER("__vmalloc", NOT_PROBED),
	CALLER("__vmalloc_node", NOT_PROBED),
	CALLER("__vmalloc_node_noprof", NOT_PROBED),
	CALLER("__vmalloc_node_range", NOT_PROBED),
	CALLER("__vmalloc_node_range_noprof", NOT_PROBED),
	CALLER("__vmalloc_area_node", NOT_PROBED),
	MAP_WRAPPER("vmap", 4, RESULT_POINTER, NOT_PROBED),
	MAP_WRAPPER("vmap_pfn", 4, RESULT_POINTER, NOT_PROBED),
	MAP_WRAPPER("vm_map_ram", 4, RESULT_POINTER, NOT_PROBED),
	MAP_WRAPPER("map_vm_area", 19, RESULT_ERROR, NOT_PROBED), /* to 5.7: (area, prot, pages) */

	/* --- undoing: arch/arm64/mm/ioremap.c, mm/ioremap.c, mm/vmalloc.c, kernel/iomem.c -- */

	UNMAP("vfree", 7, NOT_PROBED),
	UNMAP("vfree_atomic", 7, NOT_PROBED),
	UNMAP_WRAPPER("memunmap", 8, NOT_PROBED), /* (addr), also of RAM that was never mapped */
	/* To 5.3 a macro for the next. */
	UNMAP("iounmap", 10, IN("5.4 and later"), MINIMAL),
	UNMAP("__iounmap", 10, IN("4.9 - 5.3"), MINIMAL),
	UNMAP("generic_iounmap", 11, NOT_PROBED), /* 6.6 and later */
	UNMAP("vm_unmap_ram", 12, NOT_PROBED),	  /* (mem, count) */
	UNMAP("vunmap", 12, NOT_PROBED),
	UNMAP("__vunmap", 13, NOT_PROBED), /* to 6.2, static: (addr, deallocate_pages) */
	UNMAP_WRAPPER("free_vm_area", 13, NOT_PROBED), /* (area) */
	UNMAP("remove_vm_area", 14, NOT_PROBED),
	UNMAP_WRAPPER("free_unmap_vmap_area", 15, NOT_PROBED), /* (va) */
	UNMAP_WRAPPER("unmap_vmap_area", 16, NOT_PROBED),      /* to 5.7 */

	/* --- clearing of ranges: mm/vmalloc.c --------------------------------------------- */

	/* To 5.7, static: (addr, end). */
	CLEAR("vunmap_page_range", 22, 0, .argument = {ROLE_VA, ROLE_END}, IN("4.9 - 5.7"),
	      MINIMAL),
	/* To 5.12: (addr, size); the second flushes the range after clearing it. */
	CLEAR("unmap_kernel_range_noflush", 21, 0, .argument = {ROLE_VA, ROLE_SIZE},
	      IN("4.9 - 5.12"), MINIMAL),
	CLEAR("unmap_kernel_range", 20, FLUSHES, .argument = {ROLE_VA, ROLE_SIZE}, IN("4.9 - 5.12"),
	      USUAL),
	/* 5.13 and later: (addr, end); flushes. */
	CLEAR("vunmap_range", 20, FLUSHES, .argument = {ROLE_VA, ROLE_END}, IN("5.13 and later"),
	      USUAL),
	CLEAR("vunmap_range_noflush", 21, 0, .argument = {ROLE_VA, ROLE_END}, IN("5.13 and later"),
	      MINIMAL, UNLESS("__vunmap_range_noflush")),
	/* 6.1 and later, under KMSAN's wrapper of the former name. */
	CLEAR("__vunmap_range_noflush", 22, 0, .argument = {ROLE_VA, ROLE_END}, IN("6.1 and later"),
	      MINIMAL),
	/* 6.9 and later: (area, start, end); vunmap_range() inlined. */
	CLEAR("vm_area_unmap_pages", 19, FLUSHES, .argument = {ROLE_NONE, ROLE_VA, ROLE_END},
	      NOT_PROBED),

	/* --- single entries: arch/arm64/mm/mmu.c ------------------------------------------ */

	/* Always 1 before 4.17 (82034c23fcbc); from then 0 when nothing was stored. */
	BLOCK("pmd_set_huge", KERNEL_PMD, IN("4.6 and later"), MINIMAL, AND_RETURN),
	BLOCK("pud_set_huge", KERNEL_PUD, IN("4.6 and later"), MINIMAL, AND_RETURN),
	BLOCK("p4d_set_huge", KERNEL_P4D, NOT_PROBED), /* 4.12 - 5.12; always 0 */
	/* 1: it was a block, and is cleared. */
	BLOCK_CLEAR("pmd_clear_huge", KERNEL_PMD, IN("4.6 and later"), MINIMAL, AND_RETURN),
	BLOCK_CLEAR("pud_clear_huge", KERNEL_PUD, IN("4.6 and later"), MINIMAL, AND_RETURN),
	BLOCK_CLEAR("p4d_clear_huge", KERNEL_P4D, NOT_PROBED),
	/*
	 * 4.16 (b6bdb7517c3d; 4.9.y has it too): a gate, 1 when the entry is empty, without address
	 * to 4.17.  4.19 (ec28bb9c9b08): clears the entry, invalidates, frees the table, returns 1.
	 */
	BREAK("pmd_free_pte_page", 43, KERNEL_PMD, IN("4.16 and later"), MINIMAL, AND_RETURN),
	/* fa93b45fd397; static. */
	BREAK("__pmd_free_pte_page", 44, KERNEL_PMD, IN("6.18 and later"), MINIMAL, AND_RETURN),
	BREAK("pud_free_pmd_page", 42, KERNEL_PUD, IN("4.16 and later"), MINIMAL, AND_RETURN),
	BREAK("p4d_free_pud_page", 41, KERNEL_P4D, NOT_PROBED), /* 5.1 - 5.12; always 0 */

	/* --- allocation of tables: mm/memory.c -------------------------------------------- */

	/* (pmd, addr) to 4.20, (pmd) from 5.0: a second argument counts only if it fits. */
	{.symbol = "__pte_alloc_kernel",
	 IN("4.9 and later"),
	 MINIMAL,
	 AND_RETURN,
	 .action = ACTION_TABLE,
	 .family = FAMILY_MAP,
	 .rank = 40,
	 .result = RESULT_ERROR,
	 .level = KERNEL_PMD,
	 .argument = {ROLE_ENTRY, ROLE_VA},
	 .flags = VA_IS_UNSURE},
	/* (mm, pud, addr), (mm, p4d or pgd, addr), (mm, pgd, addr); also called for user spaces. */
	TABLE("__pmd_alloc", KERNEL_PUD, IN("4.9 and later"), USUAL),
	TABLE("__pud_alloc", KERNEL_P4D, IN("4.9 and later"), USUAL),
	TABLE("__p4d_alloc", KERNEL_PGD, IN("4.12 and later"), USUAL),

	/* --- giving addresses back: mm/vmalloc.c ------------------------------------------ */

	/*
	 * Static, returns true when it has flushed and given back what was queued.  Its arguments
	 * only widen the range that its list gives: they do not bound what it flushes.
	 */
	{.symbol = "__purge_vmap_area_lazy",
	 .alias = "purge_lazy",
	 IN("4.9 and later"),
	 USUAL,
	 AND_RETURN,
	 .action = ACTION_FLUSH,
	 .family = FAMILY_PURGE,
	 .rank = 35,
	 .result = RESULT_BOOL,
	 .flags = FLUSHES},
	PURGE("purge_vmap_area_lazy", 34, RESULT_VOID, NOT_PROBED), /* to 5.19, static */
	/* To 5.15, static; does nothing when another CPU is purging. */
	{.symbol = "try_purge_vmap_area_lazy",
	 NOT_PROBED,
	 .action = ACTION_WRAPPER,
	 .family = FAMILY_PURGE,
	 .rank = 34,
	 .result = RESULT_VOID},
	PURGE("reclaim_and_purge_vmap_areas", 34, RESULT_VOID,
	      NOT_PROBED),					    /* 6.3 and later, static */
	PURGE("drain_vmap_area_work", 33, RESULT_VOID, NOT_PROBED), /* 5.17 and later: (work) */
	PURGE("_vm_unmap_aliases", 32, RESULT_VOID, NOT_PROBED),    /* 5.1 and later, static */
	PURGE("vm_unmap_aliases", 31, RESULT_VOID, NOT_PROBED),
	/* 6.9 and later: (work).  Frees what its caller has flushed. */
	{.symbol = "purge_vmap_node",
	 NOT_PROBED,
	 .action = ACTION_WRAPPER,
	 .family = FAMILY_PURGE,
	 .rank = 36,
	 .result = RESULT_VOID},

	/* --- flushing: arch/arm64/include/asm/tlbflush.h, inline in most builds ------------ */

	FLUSH("flush_tlb_kernel_range", 45, .argument = {ROLE_VA, ROLE_END}, NOT_PROBED),
	FLUSH("flush_tlb_all", 46, .argument = {ROLE_NONE}, NOT_PROBED),
	/* 4.19 and later: (kaddr).  Table entries too, which the first leaves from 4.20 on. */
	FLUSH("__flush_tlb_kernel_pgtable", 45, .argument = {ROLE_VA}, NOT_PROBED),
};

enum {
	NR_FUNCTIONS = sizeof(functions) / sizeof(functions[0])
};

const struct kernel_function *dictionary_at(uint32_t index)
{
	return index < NR_FUNCTIONS ? &functions[index] : NULL;
}

const struct kernel_function *dictionary_find(struct str symbol)
{
	for (uint32_t i = 0; i < NR_FUNCTIONS; i++)
		if (str_is(symbol, functions[i].symbol))
			return &functions[i];
	return NULL;
}

/* The symbol without its leading underscores, which people leave out of event names. */
static struct str without_underscores(const char *symbol)
{
	while (*symbol == '_')
		symbol++;
	return str_from(symbol);
}

const struct kernel_function *dictionary_find_alias(struct str name)
{
	const struct kernel_function *function = dictionary_find(name);

	for (uint32_t i = 0; i < NR_FUNCTIONS && !function; i++)
		if (functions[i].alias && str_is(name, functions[i].alias))
			function = &functions[i];
	for (uint32_t i = 0; i < NR_FUNCTIONS && !function; i++)
		if (str_equal(name, without_underscores(functions[i].symbol)))
			function = &functions[i];
	return function;
}
