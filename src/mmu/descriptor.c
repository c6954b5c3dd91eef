/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMSAv8-64 descriptors of stage 1 (Arm ARM D8.3, "Translation table descriptor formats"):
 *
 *   [1:0]    x0 invalid; 01 block; 11 table, or page at level 3
 *   table    [60] UXNTable, [59] PXNTable, the next table's address below
 *   leaf     [54] UXN, [53] PXN, [52] Contiguous, [51] DBM, [50] GP, the output address below,
 *            [16] nT (blocks), [11] nG, [10] AF, [9:8] SH, [7:6] AP[2:1], [4:2] AttrIndx
 *
 * An address has bits above 47 in one of three layouts:
 *
 *   48 bits              [47:granule shift] in place
 *   64K, 52 bits (LPA)   [47:16] in place, [51:48] in bits [15:12]; zero on a 48-bit machine
 *   LPA2 (4K, 16K)       [49:granule shift] in place, [51:50] in bits [9:8], where SH would be
 */
#include <mmureplay/geometry.h>

#include "mmu/bits.h"

#define BIT(n) (UINT64_C(1) << (n))

#define VALID BIT(0)
#define TABLE_OR_PAGE BIT(1) /* of a valid descriptor; a block has 0 */
#define TYPE bits_mask(1, 0)
#define ATTR_INDX bits_mask(4, 2)
#define SH bits_mask(9, 8)
#define NG BIT(11)
#define NT BIT(16)
#define CONTIGUOUS BIT(52)

struct address_layout {
	uint64_t in_place; /* the bits that are in their own place */
	uint64_t moved;	   /* the bits, in the descriptor, that belong ... */
	uint32_t distance; /* ... so many places higher up in the address */
};

static struct address_layout address_layout(const struct mmu_geometry *geometry)
{
	uint32_t low = geometry->granule_shift;

	if (low == 16)
		return (struct address_layout){bits_mask(47, low), bits_mask(15, 12), 48 - 12};
	if (mmu_has_lpa2(geometry))
		return (struct address_layout){bits_mask(49, low), bits_mask(9, 8), 50 - 8};
	return (struct address_layout){.in_place = bits_mask(47, low)};
}

enum mmu_entry_kind mmu_descriptor_kind(const struct mmu_geometry *geometry, int level,
					uint64_t descriptor)
{
	if (!(descriptor & VALID))
		return ENTRY_NONE;
	if (descriptor & TABLE_OR_PAGE)
		return level == MMU_LAST_LEVEL ? ENTRY_PAGE : ENTRY_TABLE;
	/* 0b01 is reserved where there are no blocks: a walk faults on it, as on 0b00. */
	return mmu_level_has_blocks(geometry, level) ? ENTRY_BLOCK : ENTRY_NONE;
}

uint64_t mmu_descriptor_pa(const struct mmu_geometry *geometry, int level, uint64_t descriptor)
{
	struct address_layout layout = address_layout(geometry);
	uint64_t pa = descriptor & layout.in_place;

	pa |= (descriptor & layout.moved) << layout.distance;
	/* Below a block's address are other bits: nT, and some that are reserved. */
	if (mmu_descriptor_kind(geometry, level, descriptor) == ENTRY_BLOCK)
		pa &= ~(mmu_level_size(geometry, level) - 1);
	return pa;
}

/*
 * As pmd_set_huge() and pud_set_huge() do it for blocks (prot is a page's; mk_sect_prot() and its
 * successors change the type), and set_pte(pfn_pte()) for pages (prot has the type).
 */
uint64_t mmu_leaf_descriptor(const struct mmu_geometry *geometry, int level, uint64_t pa,
			     uint64_t prot)
{
	struct address_layout layout = address_layout(geometry);
	uint64_t address = (pa & layout.in_place) | (pa >> layout.distance & layout.moved);

	if (level != MMU_LAST_LEVEL)
		prot = (prot & ~TYPE) | VALID;
	return address | prot;
}

bool mmu_descriptor_nt(uint64_t descriptor)
{
	return descriptor & NT;
}

uint64_t mmu_without_contiguous(uint64_t descriptor)
{
	return descriptor & ~CONTIGUOUS;
}

uint64_t mmu_leaf_part(const struct mmu_geometry *geometry, int level, uint64_t block,
		       int part_level, uint64_t offset)
{
	struct address_layout layout = address_layout(geometry);
	uint64_t pa = mmu_descriptor_pa(geometry, level, block) + offset;
	uint64_t attributes = block & ~(layout.in_place | layout.moved | NT);

	if (part_level == MMU_LAST_LEVEL)
		attributes |= TABLE_OR_PAGE;
	return mmu_leaf_descriptor(geometry, part_level, pa, attributes);
}

uint64_t mmu_contiguous_size(const struct mmu_geometry *geometry, int level)
{
	uint64_t entries = 16; /* 4K */

	if (geometry->granule_shift == 14)
		entries = level == MMU_LAST_LEVEL ? 128 : 32;
	else if (geometry->granule_shift == 16)
		entries = 32;
	return entries * mmu_level_size(geometry, level);
}

bool mmu_descriptor_ng(uint64_t descriptor)
{
	return descriptor & NG;
}

/*
 * R_WHZWS; its change of block size cannot happen between two leaves of one level.  What is not
 * compared (AP, DBM, AF, PXN, UXN, GP, nT, software's bits) needs no break (R_GPPYH).
 */
enum mmu_leaf_difference mmu_leaf_compare(const struct mmu_geometry *geometry, int level,
					  uint64_t before, uint64_t after)
{
	uint64_t differing = before ^ after;

	if (differing & ATTR_INDX)
		return LEAF_MEMORY_TYPE;
	if (differing & SH && !mmu_has_lpa2(geometry))
		return LEAF_SHAREABILITY;
	if (differing & CONTIGUOUS)
		return LEAF_CONTIGUOUS;
	if (mmu_descriptor_pa(geometry, level, before) != mmu_descriptor_pa(geometry, level, after))
		return LEAF_ADDRESS;
	/* A new global entry may overlap cached non-global ones; the other way round none does. */
	if (before & ~after & NG)
		return LEAF_GLOBAL;
	return LEAF_SAME;
}
