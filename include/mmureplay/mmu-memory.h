/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory types: what a descriptor's AttrIndx stands for.
 *
 * AttrIndx is an index into MAIR_EL1, which the kernel sets up at boot and no capture shows.  Which type
 * has which index changed twice (arch/arm64/include/asm/memory.h, MT_*):
 *
 *   layout      nGnRnE  nGnRE  GRE  Normal-NC  Normal-WT  Normal  Normal-Tagged
 *   to v5.9        0      1     2       3          5         4         -
 *   v5.10          4      5     6       2          3         0         1
 *   v5.15          3      4     -       2          -         0         1
 */
#ifndef MMUREPLAY_MMU_MEMORY_H
#define MMUREPLAY_MMU_MEMORY_H

#include <stdint.h>

enum mmu_memory_type {
	MEMORY_UNKNOWN,
	MEMORY_DEVICE_NGNRNE,
	MEMORY_DEVICE_NGNRE,
	MEMORY_DEVICE_GRE,
	MEMORY_NORMAL_NC,
	MEMORY_NORMAL_WT,
	MEMORY_NORMAL,
	MEMORY_NORMAL_TAGGED,
	MEMORY_TYPES
};

/* Sets of layouts, as bits. */
enum mmu_mair {
	MAIR_4_9 = 1 << 0,
	MAIR_5_10 = 1 << 1,
	MAIR_5_15 = 1 << 2,
	MAIR_ANY = MAIR_4_9 | MAIR_5_10 | MAIR_5_15
};

enum {
	MMU_ATTR_INDEXES = 8
};

/* AttrIndx of a descriptor, or of a pgprot_t. */
uint32_t mmu_attr_index(uint64_t descriptor);

/* The type with this AttrIndx, if it is the same in each of the `layouts`; else MEMORY_UNKNOWN. */
enum mmu_memory_type mmu_memory_type(uint32_t layouts, uint32_t attr_index);

/* "Device-nGnRE", "Normal-NC"; NULL for MEMORY_UNKNOWN. */
const char *mmu_memory_type_name(enum mmu_memory_type type);

/*
 * Whether two live translations of one location with these types break the rules on mismatched memory
 * attributes (Arm ARM B2, "Mismatched memory attributes": memory type and cacheability).  Tags are no
 * part of these.
 */
enum mmu_mismatch {
	MISMATCH_NONE,
	MISMATCH_CERTAIN,
	MISMATCH_UNKNOWN, /* it depends on which of the `layouts` the kernel has */
};
enum mmu_mismatch mmu_memory_mismatch(uint32_t layouts, uint32_t attr_index, uint32_t other);

#endif
