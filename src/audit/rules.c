/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule table: names, severities, and what people are told about each. */
#include <mmureplay/audit.h>

#include "audit/audit.h"

/* Commits of Linux, by the version that they first came with. */
#define FIX_GATE "15122ee2c515 (\"arm64: Enforce BBM for huge IO/VMAP mappings\", v4.16)"
#define FIX_GATE_CORE                                                                              \
	"b6bdb7517c3d (\"mm/vmalloc: add interfaces to free unmapped page table\", v4.16)"
#define FIX_ADDR "785a19f9d1dd (\"ioremap: Update pgtable free interfaces with addr\", v4.19)"
#define FIX_TLB "05f2d2f83b5a (\"arm64: tlbflush: Introduce __flush_tlb_kernel_pgtable\", v4.19)"
#define FIX_FREE "ec28bb9c9b08 (\"arm64: Implement page table free interfaces\", v4.19)"
#define FIX_ISB                                                                                    \
	"51696d346c49 (\"arm64: tlb: Ensure we execute an ISB following walk cache invalidation\", v5.4)"
#define FIX_SAFE "82034c23fcbc (\"arm64: Make sure permission updates happen for pmd/pud\", v4.17)"

static const char *const break_fixes[] = {FIX_GATE_CORE, FIX_GATE, FIX_ADDR,
					  FIX_TLB,	 FIX_FREE, NULL};
static const char *const invalidate_fixes[] = {FIX_TLB, FIX_FREE, FIX_ISB, NULL};
static const char *const change_fixes[] = {FIX_SAFE, NULL};
static const char *const no_fixes[] = {NULL};

static const struct audit_rule_info rules[AUDIT_RULES] = {
	[RULE_ORPHANED_TABLE] =
		{
			.name = "orphaned-table",
			.severity = SEVERITY_ERROR,
			.title = "page-table page orphaned",
			.consequence =
				"The page lost its only reference and was not freed: this memory is "
				"leaked until reboot.",
			.fix = break_fixes,
			.advice = "Take the commits above, or boot with nohugeiomap.",
			.needs_geometry = true,
		},
	[RULE_UNSAFE_PROMOTION] =
		{
			.name = "unsafe-promotion",
			.severity = SEVERITY_ERROR,
			.title = "block stored over a live page table",
			.consequence =
				"A CPU that walked here before may hold the table entry in its walk "
				"cache and go on through the old table: a translation fault on a mapped "
				"address (panic), or an access through whatever the page holds by then.",
			.fix = break_fixes,
			.advice = "Take the commits above, or boot with nohugeiomap.",
			.needs_geometry = true,
		},
	[RULE_UNSAFE_DEMOTION] =
		{
			.name = "unsafe-demotion",
			.severity = SEVERITY_ERROR,
			.title = "page table installed over a live block",
			.consequence =
				"A CPU may hold the block and the new pages at once: a TLB conflict "
				"abort, or an access to the block's memory.",
			.fix = no_fixes,
			.needs_geometry = true,
		},
	[RULE_UNSAFE_CHANGE] =
		{
			.name = "unsafe-change",
			.severity = SEVERITY_ERROR,
			.title = "valid translation replaced by another one",
			.consequence =
				"CPUs may use the old and the new translation of one address at once: "
				"lost coherency, a TLB conflict abort, or an access to the old memory.",
			.fix = change_fixes,
			.needs_geometry = true,
		},
	[RULE_STALE_REUSE] =
		{
			.name = "stale-reuse",
			.severity = SEVERITY_ERROR,
			.title = "address mapped again while its old translation may be cached",
			.consequence =
				"An access through the new mapping may reach the memory or device of "
				"the old one.",
			.fix = no_fixes,
			.advice =
				"Look for what gives an address back before its lazy purge has flushed it.",
			.needs_all_events = true,
			.needs_geometry = true,
		},
	[RULE_EARLY_FREE] =
		{
			.name = "early-free",
			.severity = SEVERITY_ERROR,
			.title = "page-table page freed while it may still be walked",
			.consequence =
				"A CPU that holds the entry in its walk cache reads whatever the page "
				"is used for next as descriptors: memory corruption, or an abort.",
			.fix = invalidate_fixes,
			.advice =
				"Invalidate with TLBI VAAE1IS, and wait for it with DSB ISH, before the page "
				"is freed.",
			.needs_geometry = true,
		},
	[RULE_ACCESS_AFTER_UNMAP] =
		{
			.name = "access-after-unmap",
			.severity = SEVERITY_ERROR,
			.title = "access through an address that was unmapped",
			.consequence =
				"The access takes a translation fault (panic), or reaches whatever a stale "
				"TLB entry or a new mapping leads to.",
			.fix = no_fixes,
			.advice =
				"Look for what still runs after the driver's remove(): interrupts, timers, "
				"work, or a pointer that outlives its devm mapping.",
			.needs_all_events = true,
		},
	[RULE_OVERLAP] =
		{
			.name = "overlap",
			.severity = SEVERITY_ERROR,
			.title = "mapping made over a live one",
			.consequence =
				"The older mapping's users now access the newer one's memory or device.",
			.fix = no_fixes,
			.advice =
				"Look for who maps at an address that it has not got from the allocator.",
			.needs_all_events = true,
		},
	[RULE_UNKNOWN_UNMAP] =
		{
			.name = "unknown-unmap",
			.severity = SEVERITY_WARNING,
			.title = "address unmapped that is not mapped",
			.consequence =
				"Unmapped twice: the second time may hit a mapping that someone else "
				"has made there.",
			.fix = no_fixes,
			.advice =
				"Look for a second iounmap() on the error path, or in devm cleanup.",
			.needs_all_events = true,
		},
	[RULE_ALIAS_ATTRIBUTES] =
		{
			.name = "alias-attributes",
			.severity = SEVERITY_WARNING,
			.title = "memory mapped with another memory type at the same time",
			.consequence =
				"Mismatched memory attributes: accesses may lose their order or coherency, "
				"and a device may see accesses merged, repeated or speculative.",
			.fix = no_fixes,
			.advice =
				"Let both callers use the same function of the ioremap() family, or one "
				"mapping.",
			.needs_all_events = true,
		},
	[RULE_MAPPING_LEAK] =
		{
			.name = "mapping-leak",
			.severity = SEVERITY_NOTE,
			.title = "mapping not undone by the end of the capture",
			.consequence =
				"Normal for a driver that is still bound; a leak if its device is gone.",
			.fix = no_fixes,
		},
};

const struct audit_rule_info *audit_rule_info(enum audit_rule rule)
{
	return &rules[rule];
}

enum audit_rule audit_rule_from_name(struct str name)
{
	int rule = 0;

	while (rule < AUDIT_RULES && !str_is(name, rules[rule].name))
		rule++;
	return (enum audit_rule)rule;
}

static const char *const severities[AUDIT_SEVERITIES] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

enum audit_severity audit_severity_from_name(struct str name)
{
	int severity = 0;

	while (severity < AUDIT_SEVERITIES && !str_is(name, severities[severity]))
		severity++;
	return (enum audit_severity)severity;
}

const char *audit_severity_name(enum audit_severity severity)
{
	return severities[severity];
}
