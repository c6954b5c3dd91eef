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

/*
 * `granule` in bytes.  The pairs are those that arm64 kernels have (Kconfig, ARM64_VA_BITS):
 * 4K with 39, 48, 52; 16K with 36, 47, 48, 52; 64K with 42, 48, 52.  Others are an ERROR_USAGE.
 */
struct error *mmu_geometry_init(struct mmu_geometry *geometry, uint32_t granule,
				uint32_t va_bits) MUST_CHECK;

/* The one granule in bytes that kernels with so many VA bits have; 0 when there are several. */
uint32_t mmu_granule_of_va_bits(uint32_t va_bits);

/* log2 of the bytes that one entry of `level` translates. */
static inline uint32_t mmu_level_shift(const struct mmu_geometry *geometry, int level)
{
	return geometry->granule_shift + geometry->index_bits * (uint32_t)(MMU_LAST_LEVEL - level);
}

/* The bytes that one entry of `level` translates; UINT64_MAX when that is 2^64 or more. */
static inline uint64_t mmu_level_size(const struct mmu_geometry *geometry, int level)
{
	uint32_t shift = mmu_level_shift(geometry, level);

	return shift < 64 ? UINT64_C(1) << shift : UINT64_MAX;
}

/* The index of va's entry in its table of `level`. */
uint32_t mmu_index(const struct mmu_geometry *geometry, int level, uint64_t va);

/* The architecture's level for the kernel's name of it, folded levels included. */
int mmu_level(const struct mmu_geometry *geometry, enum kernel_level level);

/*
 * The kernel's name of an entry of `level`, as its page-table dump has it: "pgd" in the first level
 * whichever that is, then "p4d" (only with five), "pud", "pmd", "pte".
 */
const char *mmu_level_name(const struct mmu_geometry *geometry, int level);

/*
 * Whether an entry of `level` can be a block (4K: levels 1 and 2; 16K and 64K: level 2).  LPA and
 * LPA2 allow them one level higher, which Linux never uses.
 */
bool mmu_level_has_blocks(const struct mmu_geometry *geometry, int level);

/* Whether addresses have LPA2's layout (FEAT_LPA2, TCR_EL1.DS): 52 VA bits with 4K or 16K. */
bool mmu_has_lpa2(const struct mmu_geometry *geometry);

/*
 * Whether va is in the half that TTBR1_EL1 translates: bit 55 selects it, also where the top byte holds a
 * tag (TCR_EL1.TBI1).
 */
static inline bool mmu_is_kernel_va(uint64_t va)
{
	return va >> 55 & 1;
}

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

/* nT of a block descriptor: its translation is not cached as a block (FEAT_BBM level 1). */
bool mmu_descriptor_nt(uint64_t descriptor);

/* The descriptor with its Contiguous bit clear. */
uint64_t mmu_without_contiguous(uint64_t descriptor);

/*
 * The leaf of `part_level` that translates what is `offset` bytes into a block of `level` as the block
 * does.
 */
uint64_t mmu_leaf_part(const struct mmu_geometry *geometry, int level, uint64_t block,
		       int part_level, uint64_t offset);

/*
 * The bytes that as many entries of `level` translate as the Contiguous bit joins (Arm ARM D8.7.1, "the
 * Contiguous bit"; CONT_PTES, CONT_PMDS in arch/arm64): 16 with 4K; 128 pages or 32 blocks with 16K; 32
 * with 64K.  The bit does not widen a TLBI (I_JQPNP).
 */
uint64_t mmu_contiguous_size(const struct mmu_geometry *geometry, int level);

/* Why replacing one valid leaf by another of the same level needs break-before-make (R_WHZWS). */
enum mmu_leaf_difference {
	LEAF_SAME,	   /* equal, or differing in permissions only: no break needed */
	LEAF_ADDRESS,	   /* output address; also of two read-only leaves, see below */
	LEAF_MEMORY_TYPE,  /* AttrIndx; what MAIR_EL1 says of the two is not known */
	LEAF_SHAREABILITY, /* SH; LPA2 has none in its descriptors */
	LEAF_CONTIGUOUS,   /* the Contiguous bit */
	LEAF_GLOBAL,	   /* non-global -> global */
};

/* Whether the leaf is of one ASID only (nG). */
bool mmu_descriptor_ng(uint64_t descriptor);

/*
 * The first that applies of: memory type, shareability, contiguous, address, global.  R_WHZWS
 * lets the address change when neither leaf is writable and the contents of both are equal; a
 * capture does not show the contents, so that case counts as LEAF_ADDRESS too.
 */
enum mmu_leaf_difference mmu_leaf_compare(const struct mmu_geometry *geometry, int level,
					  uint64_t before, uint64_t after);

/* ---- TLB invalidation -------------------------------------------------------------------- */

/* Which cached copies one TLBI removes. */
struct mmu_tlbi {
	bool ignored;	    /* is not sure to remove anything of the kernel's: `why` */
	const char *why;    /* for people, completes "this TLBI ..."; NULL unless ignored */
	bool other_granule; /* ignored because it names a granule that is not the kernel's */
	bool all;	    /* everything, va and end do not count */
	bool tables;	    /* table entries too, not only final-level ones */
	bool asid_only;	    /* only entries of one ASID: kernel tables' copies have any (R_CHVGJ) */
	bool globals;	    /* global leaves are removed */
	bool local;	    /* in the issuing CPU only */
	uint64_t va, end;   /* [va, end), sign-extended; end 0 means up to 2^64; whole granules */
	int leaf_level;	    /* TTL or range-TTL hint: only leaves of this level; 0: no hint */
};

/*
 * Decodes op and operand (Arm ARM C5.5).  Where the bits above VA[55:12] hold more of the VA
 * (kernels up to 4.16), they are not taken for a TTL hint.  Without an operand all are ignored but
 * those that need none: TLBI_ALL and TLBI_ASID.
 */
void mmu_tlbi_decode(const struct mmu_geometry *geometry, struct tlbi_op op, bool has_operand,
		     uint64_t operand, struct mmu_tlbi *ret);

#endif
