/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encodings (Arm ARM, DDI 0487, C5.1.3 and C6.2, "SYS", "DSB", "ISB", "TLBI"):
 *
 *   31           22 21 20 19 18 16 15 12 11  8 7  5 4  0
 *   1101010100      L  op0   op1   CRn   CRm   op2  Rt
 *
 *   TLBI  L = 0, op0 = 01, CRn = 8; the nXS forms (FEAT_XS) have CRn = 9
 *   DSB   L = 0, op0 = 00, op1 = 3, CRn = 3, op2 = 4, Rt = 31; CRm says which
 *   DSB   nXS: CRn = 3, op2 = 1, CRm = xx10
 *   ISB   as DSB, op2 = 6; CRm is an option without a meaning
 */
#include "vmlinux/instruction.h"

#define BITS(word, high, low) ((word) >> (low) & ((1U << ((high) - (low) + 1)) - 1))

/* Beyond what an int holds, so no enumerators. */
#define SYS UINT32_C(0xd5080000) /* op0 = 01, L = 0 */
#define SYS_MASK UINT32_C(0xfff80000)
#define DSB UINT32_C(0xd503309f)
#define ISB UINT32_C(0xd50330df)
#define BARRIER_MASK UINT32_C(0xfffff0ff)
#define DSB_NXS UINT32_C(0xd503323f)
#define DSB_NXS_MASK UINT32_C(0xfffff3ff)

enum {
	CRN_TLBI = 8,
	CRN_TLBI_NXS = 9,
};

enum operand {
	NO_OPERAND,
	OPERAND,
};

/*
 * Every operation that C5.5 names, by op1, CRm and op2.  The nXS forms have the same numbers; those
 * of the Realm Management Extension (PA...) have none.
 */
static const struct operation {
	uint8_t op1, crm, op2;
	enum operand operand;
	enum vmlinux_concern concern;
	const char *name, *nxs_name;
} operations[] = {
#define OP(op1, crm, op2, operand, concern, name)                                                  \
	{                                                                                          \
		op1, crm, op2, operand, concern, name, name "nxs"                                  \
	}
	/* clang-format off */
	/* EL1: the kernel's own, unless it names an ASID. */
	OP(0, 1, 0, NO_OPERAND, CONCERN_KERNEL, "vmalle1os"),
	OP(0, 1, 1, OPERAND,	CONCERN_USER,	"vae1os"),
	OP(0, 1, 2, OPERAND,	CONCERN_USER,	"aside1os"),
	OP(0, 1, 3, OPERAND,	CONCERN_KERNEL, "vaae1os"),
	OP(0, 1, 5, OPERAND,	CONCERN_USER,	"vale1os"),
	OP(0, 1, 7, OPERAND,	CONCERN_KERNEL, "vaale1os"),
	OP(0, 2, 1, OPERAND,	CONCERN_USER,	"rvae1is"),
	OP(0, 2, 3, OPERAND,	CONCERN_KERNEL, "rvaae1is"),
	OP(0, 2, 5, OPERAND,	CONCERN_USER,	"rvale1is"),
	OP(0, 2, 7, OPERAND,	CONCERN_KERNEL, "rvaale1is"),
	OP(0, 3, 0, NO_OPERAND, CONCERN_KERNEL, "vmalle1is"),
	OP(0, 3, 1, OPERAND,	CONCERN_USER,	"vae1is"),
	OP(0, 3, 2, OPERAND,	CONCERN_USER,	"aside1is"),
	OP(0, 3, 3, OPERAND,	CONCERN_KERNEL, "vaae1is"),
	OP(0, 3, 5, OPERAND,	CONCERN_USER,	"vale1is"),
	OP(0, 3, 7, OPERAND,	CONCERN_KERNEL, "vaale1is"),
	OP(0, 5, 1, OPERAND,	CONCERN_USER,	"rvae1os"),
	OP(0, 5, 3, OPERAND,	CONCERN_KERNEL, "rvaae1os"),
	OP(0, 5, 5, OPERAND,	CONCERN_USER,	"rvale1os"),
	OP(0, 5, 7, OPERAND,	CONCERN_KERNEL, "rvaale1os"),
	OP(0, 6, 1, OPERAND,	CONCERN_USER,	"rvae1"),
	OP(0, 6, 3, OPERAND,	CONCERN_KERNEL, "rvaae1"),
	OP(0, 6, 5, OPERAND,	CONCERN_USER,	"rvale1"),
	OP(0, 6, 7, OPERAND,	CONCERN_KERNEL, "rvaale1"),
	OP(0, 7, 0, NO_OPERAND, CONCERN_KERNEL, "vmalle1"),
	OP(0, 7, 1, OPERAND,	CONCERN_USER,	"vae1"),
	OP(0, 7, 2, OPERAND,	CONCERN_USER,	"aside1"),
	OP(0, 7, 3, OPERAND,	CONCERN_KERNEL, "vaae1"),
	OP(0, 7, 5, OPERAND,	CONCERN_USER,	"vale1"),
	OP(0, 7, 7, OPERAND,	CONCERN_KERNEL, "vaale1"),
	/* EL2, and EL1 of guests. */
	OP(4, 0, 1, OPERAND,	CONCERN_GUEST,	"ipas2e1is"),
	OP(4, 0, 2, OPERAND,	CONCERN_GUEST,	"ripas2e1is"),
	OP(4, 0, 5, OPERAND,	CONCERN_GUEST,	"ipas2le1is"),
	OP(4, 0, 6, OPERAND,	CONCERN_GUEST,	"ripas2le1is"),
	OP(4, 1, 0, NO_OPERAND, CONCERN_GUEST,	"alle2os"),
	OP(4, 1, 1, OPERAND,	CONCERN_GUEST,	"vae2os"),
	OP(4, 1, 4, NO_OPERAND, CONCERN_GUEST,	"alle1os"),
	OP(4, 1, 5, OPERAND,	CONCERN_GUEST,	"vale2os"),
	OP(4, 1, 6, NO_OPERAND, CONCERN_GUEST,	"vmalls12e1os"),
	OP(4, 2, 1, OPERAND,	CONCERN_GUEST,	"rvae2is"),
	OP(4, 2, 2, NO_OPERAND, CONCERN_GUEST,	"vmallws2e1is"),
	OP(4, 2, 5, OPERAND,	CONCERN_GUEST,	"rvale2is"),
	OP(4, 3, 0, NO_OPERAND, CONCERN_GUEST,	"alle2is"),
	OP(4, 3, 1, OPERAND,	CONCERN_GUEST,	"vae2is"),
	OP(4, 3, 4, NO_OPERAND, CONCERN_GUEST,	"alle1is"),
	OP(4, 3, 5, OPERAND,	CONCERN_GUEST,	"vale2is"),
	OP(4, 3, 6, NO_OPERAND, CONCERN_GUEST,	"vmalls12e1is"),
	OP(4, 4, 0, OPERAND,	CONCERN_GUEST,	"ipas2e1os"),
	OP(4, 4, 1, OPERAND,	CONCERN_GUEST,	"ipas2e1"),
	OP(4, 4, 2, OPERAND,	CONCERN_GUEST,	"ripas2e1"),
	OP(4, 4, 3, OPERAND,	CONCERN_GUEST,	"ripas2e1os"),
	OP(4, 4, 4, OPERAND,	CONCERN_GUEST,	"ipas2le1os"),
	OP(4, 4, 5, OPERAND,	CONCERN_GUEST,	"ipas2le1"),
	OP(4, 4, 6, OPERAND,	CONCERN_GUEST,	"ripas2le1"),
	OP(4, 4, 7, OPERAND,	CONCERN_GUEST,	"ripas2le1os"),
	OP(4, 5, 1, OPERAND,	CONCERN_GUEST,	"rvae2os"),
	OP(4, 5, 2, NO_OPERAND, CONCERN_GUEST,	"vmallws2e1os"),
	OP(4, 5, 5, OPERAND,	CONCERN_GUEST,	"rvale2os"),
	OP(4, 6, 1, OPERAND,	CONCERN_GUEST,	"rvae2"),
	OP(4, 6, 2, NO_OPERAND, CONCERN_GUEST,	"vmallws2e1"),
	OP(4, 6, 5, OPERAND,	CONCERN_GUEST,	"rvale2"),
	OP(4, 7, 0, NO_OPERAND, CONCERN_GUEST,	"alle2"),
	OP(4, 7, 1, OPERAND,	CONCERN_GUEST,	"vae2"),
	OP(4, 7, 4, NO_OPERAND, CONCERN_GUEST,	"alle1"),
	OP(4, 7, 5, OPERAND,	CONCERN_GUEST,	"vale2"),
	OP(4, 7, 6, NO_OPERAND, CONCERN_GUEST,	"vmalls12e1"),
	/* EL3: firmware's. */
	OP(6, 1, 0, NO_OPERAND, CONCERN_GUEST,	"alle3os"),
	OP(6, 1, 1, OPERAND,	CONCERN_GUEST,	"vae3os"),
	OP(6, 1, 4, NO_OPERAND, CONCERN_GUEST,	"paallos"),
	OP(6, 1, 5, OPERAND,	CONCERN_GUEST,	"vale3os"),
	OP(6, 2, 1, OPERAND,	CONCERN_GUEST,	"rvae3is"),
	OP(6, 2, 5, OPERAND,	CONCERN_GUEST,	"rvale3is"),
	OP(6, 3, 0, NO_OPERAND, CONCERN_GUEST,	"alle3is"),
	OP(6, 3, 1, OPERAND,	CONCERN_GUEST,	"vae3is"),
	OP(6, 3, 5, OPERAND,	CONCERN_GUEST,	"vale3is"),
	OP(6, 4, 3, OPERAND,	CONCERN_GUEST,	"rpaos"),
	OP(6, 4, 7, OPERAND,	CONCERN_GUEST,	"rpalos"),
	OP(6, 5, 1, OPERAND,	CONCERN_GUEST,	"rvae3os"),
	OP(6, 5, 5, OPERAND,	CONCERN_GUEST,	"rvale3os"),
	OP(6, 6, 1, OPERAND,	CONCERN_GUEST,	"rvae3"),
	OP(6, 6, 5, OPERAND,	CONCERN_GUEST,	"rvale3"),
	OP(6, 7, 0, NO_OPERAND, CONCERN_GUEST,	"alle3"),
	OP(6, 7, 1, OPERAND,	CONCERN_GUEST,	"vae3"),
	OP(6, 7, 4, NO_OPERAND, CONCERN_GUEST,	"paall"),
	OP(6, 7, 5, OPERAND,	CONCERN_GUEST,	"vale3"),
/* clang-format on */
#undef OP
};

static const struct operation *find_operation(uint32_t word)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (operations[i].op1 == BITS(word, 18, 16) &&
		    operations[i].crm == BITS(word, 11, 8) && operations[i].op2 == BITS(word, 7, 5))
			return &operations[i];
	return NULL;
}

static bool decode_tlbi(uint32_t word, struct instruction *ret)
{
	uint32_t crn = BITS(word, 15, 12);

	if ((word & SYS_MASK) != SYS || (crn != CRN_TLBI && crn != CRN_TLBI_NXS))
		return false;
	const struct operation *operation = find_operation(word);

	if (!operation)
		return false;
	*ret = (struct instruction){
		.kind = SITE_TLBI,
		.op = crn == CRN_TLBI ? operation->name : operation->nxs_name,
		.operand = operation->operand ? (uint8_t)BITS(word, 4, 0) : REGISTER_NONE,
		.concern = operation->concern,
	};
	/*
	 * One more TLBI and DSB complete those before on CPUs with an erratum (ARM64_WORKAROUND_
	 * REPEAT_TLBI).  The kernel asks for no address and the ASID 0, which no process has.
	 */
	if (ret->operand == REGISTER_XZR && ret->concern == CONCERN_USER)
		ret->concern = CONCERN_NONE;
	return true;
}

static bool decode_barrier(uint32_t word, struct instruction *ret)
{
	/* By CRm.  0 and 4 are SSBB and PSSBB, which order speculation only; 8 and 12 are reserved. */
	static const char *const dsb[16] = {
		[1] = "dsb oshld", [2] = "dsb oshst", [3] = "dsb osh",	 [5] = "dsb nshld",
		[6] = "dsb nshst", [7] = "dsb nsh",   [9] = "dsb ishld", [10] = "dsb ishst",
		[11] = "dsb ish",  [13] = "dsb ld",   [14] = "dsb st",	 [15] = "dsb sy",
	};
	static const char *const dsb_nxs[4] = {"dsb oshnxs", "dsb nshnxs", "dsb ishnxs",
					       "dsb synxs"};
	*ret = (struct instruction){.kind = SITE_DSB, .operand = REGISTER_NONE};
	if ((word & BARRIER_MASK) == DSB)
		ret->op = dsb[BITS(word, 11, 8)];
	else if ((word & DSB_NXS_MASK) == DSB_NXS)
		ret->op = dsb_nxs[BITS(word, 11, 10)];
	else if ((word & BARRIER_MASK) == ISB)
		*ret = (struct instruction){SITE_ISB, "isb", REGISTER_NONE, CONCERN_KERNEL};
	return ret->op;
}

bool instruction_decode(uint32_t word, struct instruction *ret)
{
	return decode_tlbi(word, ret) || decode_barrier(word, ret);
}

/* Arm ARM C6.2, "B", "BL": x00101, and a signed number of words. */
bool instruction_is_branch(uint32_t word, uint64_t address, uint64_t *ret)
{
	int64_t words = (int64_t)((uint64_t)BITS(word, 25, 0) << 38) >> 38;

	*ret = address + (uint64_t)words * 4;
	return (word & 0x7c000000) == 0x14000000;
}

/*
 * arch/arm64/include/asm/insn.h, "load_ex" and "store_ex": all sizes, with and without acquire and
 * release, single registers and pairs.
 */
bool instruction_is_load_exclusive(uint32_t word)
{
	return (word & 0x3f400000) == 0x08400000;
}

bool instruction_is_store_exclusive(uint32_t word)
{
	return (word & 0x3f400000) == 0x08000000;
}
