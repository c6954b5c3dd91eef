/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operands of TLBI instructions (Arm ARM C5.5):
 *
 *   by VA     63        48|47 44|43                              0
 *             | ASID      | TTL | VA[55:12], whatever the granule |
 *
 *   by range  63        48|47 46|45 44|43 39|38 37|36             0
 *             | ASID      | TG  |SCALE| NUM | TTL | BaseADDR      |
 *
 * The A forms (any ASID) have zeros for the ASID.
 */
#include <mmureplay/geometry.h>

#include "mmu/bits.h"

static void ignore(struct mmu_tlbi *tlbi, const char *why)
{
	tlbi->ignored = true;
	tlbi->why = why;
}

static void ignore_granule(struct mmu_tlbi *tlbi)
{
	ignore(tlbi, "names a granule that is not the kernel's");
	tlbi->other_granule = true;
}

/* The code of the granule in TG and TTL[3:2]: 1 for 4K, 2 for 16K, 3 for 64K. */
static uint32_t granule_code(const struct mmu_geometry *geometry)
{
	return (geometry->granule_shift - 10) / 2;
}

/* Level 1 of 16K is a hint with LPA2 only, which has blocks there; otherwise it acts as none. */
static int level_hint(const struct mmu_geometry *geometry, uint32_t level)
{
	if (level == 1 && geometry->granule_shift == 14 && !mmu_has_lpa2(geometry))
		return 0;
	return (int)level;
}

/*
 * TTL (FEAT_TTL): [3:2] the granule, 0: no hint; [1:0] the level of the leaf.  With a wrong hint
 * nothing has to be removed (R_SQXYZ).
 */
static void decode_ttl(const struct mmu_geometry *geometry, uint64_t operand, struct mmu_tlbi *ret)
{
	uint32_t granule = (uint32_t)bits_get(operand, 47, 46);
	uint32_t level = (uint32_t)bits_get(operand, 45, 44);

	/*
	 * Kernels up to 4.16 (before "arm64: tlbflush: avoid writing RES0 bits") leave VA[63:56]
	 * above VA[55:12], all ones in a kernel address: no hint was meant.
	 */
	if (granule == 0 || bits_get(operand, 51, 44) == 0xff)
		return;
	if (granule != granule_code(geometry))
		ignore_granule(ret);
	else if (level == 0 && geometry->granule_shift == 12 && mmu_has_lpa2(geometry))
		ignore(ret, "names leaves of level 0, which Linux does not have");
	else
		ret->leaf_level = level_hint(geometry, level);
}

/* One address: the leaf that translates it and, without L, the table entries on the way there. */
static void decode_va(const struct mmu_geometry *geometry, struct tlbi_op op, uint64_t operand,
		      struct mmu_tlbi *ret)
{
	uint64_t granule = UINT64_C(1) << geometry->granule_shift;

	/* The low bits are ignored with 16K and 64K. */
	ret->va = bits_sign_extend(operand << 12, 55) & ~(granule - 1);
	ret->end = ret->va + granule;
	if (operand == 0 && op.last_level && !op.any_asid)
		ignore(ret, "works around an erratum and names no address (vale1is, xzr)");
	else if (!mmu_is_kernel_va(ret->va))
		ignore(ret, "names a user address");
	else
		decode_ttl(geometry, operand, ret);
}

/* (NUM + 1) * 2^(5 * SCALE + 1) granules from BaseADDR on; at 2^64 it ends and does not wrap. */
static void decode_range(const struct mmu_geometry *geometry, uint64_t operand,
			 struct mmu_tlbi *ret)
{
	/* BaseADDR starts at bit 16 with LPA2 (TCR_EL1.DS), otherwise at the granule's. */
	uint32_t base_shift = mmu_has_lpa2(geometry) ? 16 : geometry->granule_shift;
	uint64_t scale = bits_get(operand, 45, 44);
	uint64_t units = (bits_get(operand, 43, 39) + 1) << (5 * scale + 1);
	int level = level_hint(geometry, (uint32_t)bits_get(operand, 38, 37));

	ret->va = bits_sign_extend(operand, 36) << base_shift;
	ret->end = ret->va + (units << geometry->granule_shift);
	if (ret->end < ret->va)
		ret->end = 0;
	ret->leaf_level = level;
	if (bits_get(operand, 47, 46) != granule_code(geometry))
		ignore_granule(ret);
	else if (!mmu_is_kernel_va(ret->va))
		ignore(ret, "names user addresses");
	else if (level && ret->va & (mmu_level_size(geometry, level) - 1))
		ignore(ret, "has a base that is not aligned to the level that it names");
}

void mmu_tlbi_decode(const struct mmu_geometry *geometry, struct tlbi_op op, bool has_operand,
		     uint64_t operand, struct mmu_tlbi *ret)
{
	bool by_address = op.reach == TLBI_VA || op.reach == TLBI_RANGE;

	*ret = (struct mmu_tlbi){
		.all = !by_address,
		.tables = !op.last_level,
		/* Table entries are cached as non-global, kernel ones too (R_CHVGJ). */
		.asid_only = !op.any_asid,
		/* By VA, global leaves go whatever the ASID; ASIDE1 leaves them. */
		.globals = op.reach != TLBI_ASID,
		.local = op.scope == TLBI_LOCAL,
	};
	/*
	 * E1 forms are of the regime that the kernel runs in, with VHE (HCR_EL2.{E2H,TGE} = {1,1}) that of
	 * EL2&0.  Those that only EL2 can issue are of EL1&0 in any case: of guests, with VHE.
	 */
	if (op.el != 1 || op.from_el2)
		ignore(ret, "is for EL2 or a guest");
	else if (by_address && !has_operand)
		ignore(ret, "has no operand in the capture");
	else if (op.reach == TLBI_VA)
		decode_va(geometry, op, operand, ret);
	else if (op.reach == TLBI_RANGE)
		decode_range(geometry, operand, ret);
}
