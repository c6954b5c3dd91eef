/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes of instructions, by what the kernel's image has where they are set. */
#include <inttypes.h>
#include <string.h>

#include <mmureplay/vmlinux-kernel.h>

#include "base/try.h"
#include "event/classify.h"

static bool same_op(struct tlbi_op a, struct tlbi_op b)
{
	return a.scope == b.scope && a.reach == b.reach && a.last_level == b.last_level &&
	       a.any_asid == b.any_asid && a.no_xs == b.no_xs && a.el == b.el;
}

/* Whether the name says what the instruction is not.  Names that say nothing contradict nothing. */
static bool contradicts(const struct record_type *type, const struct vmlinux_site *site)
{
	struct tlbi_op named, real;
	struct dsb_type dsb;

	if (!tlbi_op_parse(type->name, &named))
		return site->kind != SITE_DSB && dsb_type_parse(type->name, &dsb);
	return site->kind != SITE_TLBI || !tlbi_op_parse(str_from(site->op), &real) ||
	       !same_op(named, real);
}

static struct error *plan_site_kind(struct classifier *classifier, const struct record_type *type,
				    const struct vmlinux_site *site, struct plan *ret)
{
	struct str op = str_from(site->op);

	/* TLBIs of stage 2, barriers of loads and of speculation: nothing to the tables. */
	ret->kind = PLAN_UNUSED;
	ret->meaning = site->kind == SITE_TLBI ? "tlbi" : site->kind == SITE_DSB ? "dsb" : "isb";
	if (contradicts(type, site))
		ret->instruction = site->op;
	if (site->kind == SITE_TLBI && tlbi_op_parse(op, &ret->op))
		ret->kind = PLAN_TLBI;
	else if (site->kind == SITE_DSB && dsb_type_parse(op, &ret->dsb))
		ret->kind = PLAN_DSB;
	else
		return NULL;
	TRY(plan_operand(classifier, type, ret));
	ret->operand_is_xzr = site->operand == REGISTER_XZR;
	if (site->operand == REGISTER_XZR || site->operand == REGISTER_NONE)
		ret->fields.at[ROLE_OPERAND] = FIELD_NONE;
	return NULL;
}

/* The name says that there is a TLBI or a barrier, and the image has none. */
static struct error *plan_nothing_there(const struct classifier *classifier,
					const struct record_type *type, struct plan *ret)
{
	struct tlbi_op op;
	struct dsb_type dsb;
	bool is_tlbi = tlbi_op_parse(type->name, &op);

	if (!is_tlbi && !dsb_type_parse(type->name, &dsb))
		return NULL;
	if (kernel_proof(classifier->kernel) < PROOF_SYMBOLS)
		return error_at(
			error_create(ERROR_USAGE,
				     "is of another kernel than the capture, or the event \"%.*s\" "
				     "is misnamed: it was recorded at %.*s+0x%" PRIx64
				     ", where this has no %s; give the vmlinux of the captured "
				     "kernel, or say with --event-map what the event is",
				     STR_ARGS(type->name), STR_ARGS(type->symbol), type->offset,
				     is_tlbi ? "TLBI" : "DSB"),
			kernel_image_path(classifier->kernel), ERROR_NO_PLACE, 0);
	ret->instruction = is_tlbi ? "no TLBI" : "no DSB";
	return NULL;
}

struct error *classify_site(struct classifier *classifier, const struct record_type *type,
			    struct plan *ret)
{
	const struct vmlinux_site *site;

	/* A module may have a function of the same name. */
	if (type->module.length)
		return NULL;
	switch (kernel_site_at(classifier->kernel, type->symbol, type->offset, &site)) {
	case KERNEL_SITE:
		return plan_site_kind(classifier, type, site, ret);
	case KERNEL_OTHER:
		return plan_nothing_there(classifier, type, ret);
	case KERNEL_UNKNOWN:
		break;
	}
	return NULL;
}
