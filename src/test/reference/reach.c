/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each TLBI is sure to remove (Arm ARM, "TLB maintenance instructions"; operands in C5.5). */
#include "machine.h"

/* What an operation does, by its name. */
struct operation {
	bool by_va, by_range;
	bool last_level; /* the L forms leave what is not the final level of a walk */
	bool one_asid;	 /* no A, and not all: non-global entries of the operand's ASID only */
	bool globals;	 /* global entries as well */
};

static const struct operation operations[] = {
	[OP_VMALLE1] = {.globals = true},
	[OP_ASIDE1] = {.one_asid = true},
	[OP_VAE1] = {.by_va = true, .one_asid = true, .globals = true},
	[OP_VAAE1] = {.by_va = true, .globals = true},
	[OP_VALE1] = {.by_va = true, .last_level = true, .one_asid = true, .globals = true},
	[OP_VAALE1] = {.by_va = true, .last_level = true, .globals = true},
	[OP_RVAE1] = {.by_range = true, .one_asid = true, .globals = true},
	[OP_RVAAE1] = {.by_range = true, .globals = true},
	[OP_RVALE1] = {.by_range = true, .last_level = true, .one_asid = true, .globals = true},
	[OP_RVAALE1] = {.by_range = true, .last_level = true, .globals = true},
};

#define NG (UINT64_C(1) << 11)

static uint64_t field(uint64_t word, int high, int low)
{
	return word >> low & ((UINT64_C(1) << (high - low + 1)) - 1);
}

/* TG and TTL[3:2]. */
static uint64_t granule_code(const struct machine *m)
{
	return m->granule_shift == 12 ? 1 : m->granule_shift == 14 ? 2 : 3;
}

/*
 * The addresses that an operand names; false: it is not sure to name any.  `*level` becomes the
 * level of the leaf that is promised there; 0: no promise.
 */
static bool named_by_va(const struct machine *m, uint64_t operand, uint64_t *first, uint64_t *last,
			int *level)
{
	uint64_t granule = UINT64_C(1) << m->granule_shift;
	uint64_t va = field(operand, 43, 0) << 12; /* VA[55:12]; bits below the granule: RES0 */

	if (va >> 55)
		va |= UINT64_C(0xff) << 56;
	*first = va / granule * granule;
	*last = *first + (granule - 1);
	*level = 0;
	if (field(operand, 47, 46) == 0)
		return true;
	*level = (int)field(operand, 45, 44);
	if (*level == 1 && m->granule_shift == 14) /* reserved: no hint */
		*level = 0;
	return field(operand, 47, 46) == granule_code(m);
}

static bool named_by_range(const struct machine *m, uint64_t operand, uint64_t *first,
			   uint64_t *last, int *level)
{
	uint64_t base = field(operand, 36, 0);
	uint64_t scale = field(operand, 45, 44);
	uint64_t num = field(operand, 43, 39);
	uint64_t granules = (num + 1) << (5 * scale + 1);

	if (base >> 36)
		base |= ~UINT64_C(0) << 37;
	*first = base << m->granule_shift;
	*last = *first + ((granules << m->granule_shift) - 1);
	if (*last < *first) /* up to the top, with no wrap */
		*last = UINT64_MAX;
	*level = (int)field(operand, 38, 37);
	if (*level == 1 && m->granule_shift == 14)
		*level = 0;
	if (*level && *first % machine_span(m, *level))
		return false; /* UNPREDICTABLE */
	return field(operand, 47, 46) == granule_code(m);
}

static bool names(const struct machine *m, const struct machine_tlbi *tlbi, int copy_level,
		  bool is_table, uint64_t va, uint64_t span)
{
	const struct operation *op = &operations[tlbi->name];
	uint64_t first, last;
	int level;

	if (!op->by_va && !op->by_range)
		return true;
	if (!(op->by_va ? named_by_va : named_by_range)(m, tlbi->operand, &first, &last, &level))
		return false;
	if (last < va || first > va + (span - 1))
		return false;
	if (!level)
		return true;
	/* With a wrong hint nothing has to go (R_SQXYZ): above the leaf are tables, and only there. */
	return is_table ? copy_level < level : copy_level == level;
}

bool machine_reaches(const struct machine *m, const struct machine_tlbi *tlbi, uint8_t by,
		     uint8_t cpu, const struct machine_copy *copy)
{
	const struct operation *op = &operations[tlbi->name];
	int level = machine_level(m, copy->place);
	bool is_table = machine_is_table(m, copy->place, copy->descriptor);
	/* Table entries are held as non-global, the kernel's too (R_CHVGJ), with any ASID. */
	bool is_global = !is_table && !(copy->descriptor & NG);

	if (tlbi->scope == SCOPE_LOCAL && cpu != by)
		return false;
	if (is_table && op->last_level)
		return false;
	if (is_global ? !op->globals : op->one_asid)
		return false;
	return names(m, tlbi, level, is_table, machine_va(m, copy->place), machine_span(m, level));
}
