// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Promotions whose break is made here, and most of them wrong, at an address that belongs to this module: the kernel maps a page,
 * a faulty pmd_free_pte_page() unlinks and frees the table, and the kernel maps a block there.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <asm/barrier.h>
#include <asm/pgalloc.h>
#include <asm/sysreg.h>

#include "lab.h"

enum fault {
	EARLY_FREE,
	NO_TLBI,
	LOCAL_TLBI,
	LAST_LEVEL_TLBI,
	RANGE_TLBI /* right, as the kernel could do it */
};

/* ID_AA64ISAR0_EL1.TLB: 2 and more have range operations (FEAT_TLBIRANGE). */
#define TLB_FIELD(isar0) ((isar0) >> 56 & 0xf)
#define TLB_WITH_RANGES 2

/* Two pages: SCALE, NUM and TTL are 0.  With 52 bits in 4K and 16K pages the base is in units of 64K. */
static unsigned long range_operand(unsigned long va)
{
	unsigned long granule = lab_geometry.page_shift == 12	? 1
				: lab_geometry.page_shift == 14 ? 2
								: 3;
	int unit = lab_geometry.large ? 16 : lab_geometry.page_shift;

	return granule << 46 | (va >> unit & GENMASK(36, 0));
}

/* The kernel's name, so that probes and what reads them take it for what it does. */
int lab_free_table(u64 *entry, unsigned long va, enum fault fault,
		   phys_addr_t at) __asm__("pmd_free_pte_page");

noinline int lab_free_table(u64 *entry, unsigned long va, enum fault fault, phys_addr_t at)
{
	unsigned long operand = (va >> 12) & GENMASK(43, 0);
	pte_t *table = phys_to_virt(lab_output(*entry));

	lab_set_entry(at, 0);
	dsb(ishst);
	switch (fault) {
	case EARLY_FREE:
		pte_free_kernel(NULL, table);
		asm volatile("tlbi vaae1is, %0" : : "r"(operand) : "memory");
		break;
	case NO_TLBI:
		break;
	case LOCAL_TLBI:
		asm volatile("tlbi vaae1, %0" : : "r"(operand) : "memory");
		break;
	case LAST_LEVEL_TLBI:
		asm volatile("tlbi vaale1is, %0" : : "r"(operand) : "memory");
		break;
	case RANGE_TLBI:
		operand = range_operand(va);
		/* tlbi rvaae1is: the kernel's compiler flags do not know it. */
		asm volatile("sys #0, c8, c2, #3, %0" : : "r"(operand) : "memory");
		break;
	}
	dsb(ish);
	isb();
	if (fault != EARLY_FREE)
		pte_free_kernel(NULL, table);
	return 1;
}

typedef int map_range(unsigned long va, unsigned long end, phys_addr_t phys, pgprot_t prot);
typedef void unmap_range(unsigned long va, unsigned long end);
typedef struct vm_struct *get_area(unsigned long size, unsigned long flags);

static void inject(enum fault fault, const char *cause)
{
	map_range *map = (lab_symbol("vmap_page_range") ?: lab_symbol("ioremap_page_range"));
	unmap_range *unmap = lab_symbol("vunmap_range");
	get_area *get = lab_symbol("get_vm_area");
	struct vm_struct *area = get ? get(2 * lab_block(), VM_IOREMAP) : NULL;
	struct lab_walk walk;
	unsigned long va, pfn;

	if (!map || !unmap || !area) {
		lab_failed("this kernel lacks a function for it");
		return;
	}
	va = (unsigned long)area->addr;
	map(va, va + PAGE_SIZE, lab_slot(1), pgprot_device(PAGE_KERNEL));
	lab_note("map", va, lab_slot(1), PAGE_SIZE);
	unmap(va, va + PAGE_SIZE);
	lab_note("unmap", va, 0, PAGE_SIZE);
	lab_walk(va, &walk);
	if (walk.level != LAST_LEVEL) {
		lab_failed("no table was made");
		return;
	}
	pfn = lab_output(lab_value(&walk, BLOCK_LEVEL)) >> lab_geometry.page_shift;
	lab_free_table(lab_entry_address(lab_at(&walk, BLOCK_LEVEL)), va, fault,
		       lab_at(&walk, BLOCK_LEVEL));
	lab_note("free", va, 0, lab_block());
	if (fault == RANGE_TLBI)
		lab_safe_note();
	else
		lab_inject_note("early-free", cause, va, pfn);
	if (fault != EARLY_FREE && fault != RANGE_TLBI)
		lab_inject_note("unsafe-promotion", cause, va, pfn);
	map(va, va + lab_block(), lab_slot(2), pgprot_device(PAGE_KERNEL));
	lab_note("map", va, lab_slot(2), lab_block());
	unmap(va, va + lab_block());
	lab_note("unmap", va, 0, lab_block());
	free_vm_area(area);
	lab_purge_logged();
}

static void early_free(void)
{
	inject(EARLY_FREE, "no-tlbi");
}

static void no_tlbi(void)
{
	inject(NO_TLBI, "no-tlbi");
}

static void local_tlbi(void)
{
	inject(LOCAL_TLBI, "local-only");
}

static void last_level_tlbi(void)
{
	inject(LAST_LEVEL_TLBI, "last-level-only");
}

static void range_tlbi(void)
{
	if (TLB_FIELD(read_sysreg(id_aa64isar0_el1)) < TLB_WITH_RANGES)
		lab_failed("this CPU has no range TLBI");
	else
		inject(RANGE_TLBI, NULL);
}

const struct lab_scenario lab_inject[] = {
	{"early-free", NULL, early_free}, {"no-tlbi", NULL, no_tlbi},
	{"local-tlbi", NULL, local_tlbi}, {"last-level-tlbi", NULL, last_level_tlbi},
	{"range-tlbi", NULL, range_tlbi}, {},
};
