// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>
#include <asm/sysreg.h>

#include "lab.h"

#define DESCRIPTOR_VALID BIT_ULL(0)
#define DESCRIPTOR_TABLE BIT_ULL(1)
/* RAM does not go beyond 48 bits on the machines that the lab boots, and so no table does. */
#define TTBR_BASE GENMASK_ULL(47, 6)
/* Of TCR_EL1: 52 bits of output address with 64K pages; with the others. */
#define TCR_OUTPUT_SIZE(tcr) ((tcr) >> 32 & 7)
#define SIZE_52 6
#define TCR_LARGE BIT_ULL(59)
#define PAGE_SHIFT_64K 16
#define ENTRY_SHIFT 3

struct lab_geometry lab_geometry;
static DEFINE_XARRAY(reached);

/* TCR_EL1: T1SZ is [21:16]; TG1 is [31:30], 1 for 16K, 2 for 4K, 3 for 64K. */
void lab_tables_init(void)
{
	static const int page_shifts[] = {0, 14, 12, 16};
	u64 tcr = read_sysreg(tcr_el1);
	int bits;

	lab_geometry.page_shift = page_shifts[tcr >> 30 & 3];
	lab_geometry.va_bits = 64 - (tcr >> 16 & 0x3f);
	lab_geometry.large = lab_geometry.page_shift == PAGE_SHIFT_64K
				     ? TCR_OUTPUT_SIZE(tcr) == SIZE_52
				     : (tcr & TCR_LARGE) != 0;
	lab_geometry.root = read_sysreg(ttbr1_el1) & TTBR_BASE;
	bits = lab_geometry.page_shift - ENTRY_SHIFT;
	lab_geometry.first_level =
		LAST_LEVEL + 1 - DIV_ROUND_UP(lab_geometry.va_bits - lab_geometry.page_shift, bits);
}

static int level_shift(int level)
{
	int bits = lab_geometry.page_shift - ENTRY_SHIFT;

	return lab_geometry.page_shift + (LAST_LEVEL - level) * bits;
}

u64 lab_span(int level)
{
	return 1ULL << level_shift(level);
}

unsigned int lab_entries(void)
{
	return 1u << (lab_geometry.page_shift - ENTRY_SHIFT);
}

enum lab_kind lab_kind(u64 descriptor, int level)
{
	if (!(descriptor & DESCRIPTOR_VALID))
		return LAB_NONE;
	return level < LAST_LEVEL && descriptor & DESCRIPTOR_TABLE ? LAB_TABLE : LAB_LEAF;
}

/*
 * Arm ARM, VMSAv8-64 descriptors: of 52 bits, the upper four are in [15:12] with 64K pages; with the
 * others the upper two are in [9:8].
 */
phys_addr_t lab_output(u64 descriptor)
{
	phys_addr_t low = descriptor & GENMASK_ULL(47, lab_geometry.page_shift);

	if (!lab_geometry.large)
		return low;
	if (lab_geometry.page_shift == PAGE_SHIFT_64K)
		return low | (descriptor & GENMASK_ULL(15, 12)) << 36;
	return low | (descriptor & GENMASK_ULL(49, 48)) | (descriptor & GENMASK_ULL(9, 8)) << 42;
}

u64 lab_entry(phys_addr_t table, unsigned int index)
{
	return READ_ONCE(((u64 *)phys_to_virt(table))[index]);
}

/* The root is part of the kernel's image; all other tables are in the linear map. */
u64 *lab_entry_address(phys_addr_t at)
{
	char *root = lab_symbol("swapper_pg_dir");

	if (at - lab_geometry.root < PAGE_SIZE)
		return (u64 *)(root + (at & ~PAGE_MASK));
	return phys_to_virt(at);
}

void lab_set_entry(phys_addr_t at, u64 value)
{
	/* The kernel's own way to the root, through a fixmap. */
	void (*set_root)(u64 * entry, u64 value) = lab_symbol("set_swapper_pgd");

	if (at - lab_geometry.root < PAGE_SIZE)
		set_root(lab_entry_address(at), value);
	else
		WRITE_ONCE(*lab_entry_address(at), value);
}

u64 lab_value(const struct lab_walk *walk, int level)
{
	return walk->value[level - HIGHEST_LEVEL];
}

phys_addr_t lab_at(const struct lab_walk *walk, int level)
{
	return walk->at[level - HIGHEST_LEVEL];
}

static unsigned int first_entries(void)
{
	return 1u << (lab_geometry.va_bits - level_shift(lab_geometry.first_level));
}

static unsigned int index_at(unsigned long va, int level)
{
	unsigned int entries = level == lab_geometry.first_level ? first_entries() : lab_entries();

	return (va >> level_shift(level)) & (entries - 1);
}

void lab_walk(unsigned long va, struct lab_walk *walk)
{
	phys_addr_t table = lab_geometry.root;
	int level;

	memset(walk, 0, sizeof(*walk));
	for (level = lab_geometry.first_level;; level++) {
		unsigned int index = index_at(va, level);
		u64 value = lab_entry(table, index);

		walk->level = level;
		walk->value[level - HIGHEST_LEVEL] = value;
		walk->at[level - HIGHEST_LEVEL] = table + (index << ENTRY_SHIFT);
		if (lab_kind(value, level) != LAB_TABLE)
			return;
		table = lab_output(value);
	}
}

static int reach(phys_addr_t table, int level)
{
	unsigned int i,
		entries = level == lab_geometry.first_level ? first_entries() : lab_entries();
	int error = xa_err(
		xa_store(&reached, table >> lab_geometry.page_shift, xa_mk_value(1), GFP_KERNEL));

	for (i = 0; i < entries && !error && level < LAST_LEVEL; i++) {
		u64 value = lab_entry(table, i);

		if (lab_kind(value, level) == LAB_TABLE)
			error = reach(lab_output(value), level + 1);
	}
	return error;
}

int lab_reach(void)
{
	return reach(lab_geometry.root, lab_geometry.first_level);
}

bool lab_reached(unsigned long pfn)
{
	return xa_load(&reached, pfn);
}

void lab_reached_free(void)
{
	xa_destroy(&reached);
}

struct extent {
	unsigned long va;
	u64 value, count;
	int level;
};

static void put_extent(struct seq_file *file, struct extent *extent)
{
	if (extent->count)
		seq_printf(file, "%d leaf  %016lx %llx x%llu\n", extent->level, extent->va,
			   extent->value, extent->count);
	extent->count = 0;
}

static void dump(struct seq_file *file, phys_addr_t table, int level, unsigned long va,
		 struct extent *extent)
{
	unsigned int i,
		entries = level == lab_geometry.first_level ? first_entries() : lab_entries();
	u64 span = lab_span(level);

	for (i = 0; i < entries; i++, va += span) {
		u64 value;

		if (va + (span - 1) < VMALLOC_START || va >= VMALLOC_END)
			continue;
		value = lab_entry(table, i);
		if (extent->count && lab_kind(value, level) == LAB_LEAF && level == extent->level &&
		    va == extent->va + extent->count * span &&
		    value == extent->value + extent->count * span) {
			extent->count++;
			continue;
		}
		if (lab_kind(value, level) == LAB_NONE)
			continue;
		put_extent(file, extent);
		if (lab_kind(value, level) == LAB_TABLE) {
			seq_printf(file, "%d table %016lx %llx\n", level, va, value);
			dump(file, lab_output(value), level + 1, va, extent);
		} else {
			*extent = (struct extent){va, value, 1, level};
		}
	}
}

void lab_dump(struct seq_file *file)
{
	struct extent extent = {0};

	dump(file, lab_geometry.root, lab_geometry.first_level, -1UL << lab_geometry.va_bits,
	     &extent);
	put_extent(file, &extent);
}
