/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 3, mmu, its pure part: what the architecture says of levels, descriptors and TLBI operands.
 *
 * Rules are named by their identifiers in the Arm ARM (DDI 0487): R_xxxxx, I_xxxxx.
 */
#ifndef MMUREPLAY_GEOMETRY_H
#define MMUREPLAY_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/event.h>

/* ---- geometry ---------------------------------------------------------------------------- */

/* Levels are the architecture's: 3 is the last one, 0 the first of four, -1 the first of five. */
enum {
	MMU_LAST_LEVEL = 3,
	MMU_FIRST_LEVEL = -1,
	MMU_NR_LEVELS = 5
};

/* The shape of the tables that TTBR1_EL1 points to. */
struct mmu_geometry {
	uint32_t granule_shift; /* 12, 14 or 16 */
	uint32_t va_bits;	/* 36 to 52 */
	int first_level;	/* the level of the table that TTBR1_EL1 points to */
	uint32_t index_bits;	/* of every level but the first, which may have fewer */
};

/* Granules are 4, 16 and 64 KiB; VA bits 36 to 52, as the kernel has them.  Else ERROR_USAGE. */
struct error *mmu_geometry_init(struct mmu_geometry *geometry, uint32_t granule,
				uint32_t va_bits) MUST_CHECK;

/* log2 of the bytes that one entry of `level` translates. */
uint32_t mmu_level_shift(const struct mmu_geometry *geometry, int level);

/* The bytes that one entry of `level` translates; UINT64_MAX when that is 2^64 or more. */
uint64_t mmu_level_size(const struct mmu_geometry *geometry, int level);

/* The index of va's entry in its table of `level`. */
uint32_t mmu_index(const struct mmu_geometry *geometry, int level, uint64_t va);

/* The architecture's level for the kernel's name of it, folded levels included. */
int mmu_level(const struct mmu_geometry *geometry, enum kernel_level level);

/* The kernel's name of an entry of `level`: "pgd", "pud", "pmd", "pte" ("p4d" with five levels). */
const char *mmu_level_name(const struct mmu_geometry *geometry, int level);

/* Whether an entry of `level` can be a block (4K: levels 1 and 2; 16K and 64K: level 2). */
bool mmu_level_has_blocks(const struct mmu_geometry *geometry, int level);

/* Whether va is in the half that TTBR1_EL1 translates. */
bool mmu_is_kernel_va(uint64_t va);

/* ---- descriptors ------------------------------------------------------------------------- */

enum mmu_entry_kind {
	ENTRY_UNKNOWN, /* nothing is known of it */
	ENTRY_NONE,    /* invalid */
	ENTRY_TABLE,
	ENTRY_BLOCK,
	ENTRY_PAGE,
};

/* What a descriptor in an entry of `level` is (Arm ARM D8.3: bits [1:0] and the level). */
enum mmu_entry_kind mmu_descriptor_kind(const struct mmu_geometry *geometry, int level,
					uint64_t descriptor);

/* The address that a table, block or page descriptor of `level` holds. */
uint64_t mmu_descriptor_pa(const struct mmu_geometry *geometry, int level, uint64_t descriptor);

/* The descriptor that the kernel stores for a block or page of `level`: pa and pgprot_t bits. */
uint64_t mmu_leaf_descriptor(const struct mmu_geometry *geometry, int level, uint64_t pa,
			     uint64_t prot);

/* Why replacing one valid leaf by another needs break-before-make (R_WHZWS). */
enum mmu_leaf_difference {
	LEAF_SAME,	   /* equal, or differing in permissions only: no break needed */
	LEAF_ADDRESS,	   /* output address, with the old or the new one writable */
	LEAF_MEMORY_TYPE,  /* AttrIndx */
	LEAF_SHAREABILITY, /* SH */
	LEAF_CONTIGUOUS,   /* the Contiguous bit */
	LEAF_GLOBAL,	   /* non-global -> global */
};

enum mmu_leaf_difference mmu_leaf_compare(const struct mmu_geometry *geometry, int level,
					  uint64_t before, uint64_t after);

/* ---- TLB invalidation -------------------------------------------------------------------- */

/* Which cached copies one TLBI removes. */
struct mmu_tlbi {
	bool ignored;	  /* removes nothing of the kernel's: `why` */
	const char *why;  /* a phrase for people; NULL unless ignored */
	bool all;	  /* everything, va and end do not count */
	bool tables;	  /* table entries too, not only final-level ones */
	bool asid_only;	  /* only entries of one ASID: kernel tables' copies have any (R_CHVGJ) */
	bool globals;	  /* global leaves are removed */
	bool local;	  /* in the issuing CPU only */
	uint64_t va, end; /* [va, end), sign-extended; end 0 means up to 2^64 */
	int leaf_level;	  /* TTL or range-TTL hint: only leaves of this level; 0: no hint */
};

/*
 * Decodes op and operand (Arm ARM C5.5).  VAs are masked to VA[55:12] and sign-extended from bit 55,
 * whatever the upper operand bits hold (kernels up to 4.16 leave VA bits there).
 */
void mmu_tlbi_decode(const struct mmu_geometry *geometry, struct tlbi_op op, bool has_operand,
		     uint64_t operand, struct mmu_tlbi *ret);

#endif
