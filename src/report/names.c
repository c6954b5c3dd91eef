/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "report/names.h"

static const struct {
	const char *name, *text;
} tlbi_effects[TLBI_EFFECTS] = {
	[TLBI_REMOVES] = {"removes", "it removes the copies"},
	[TLBI_BEFORE_BREAK] = {"before-break",
			       "the entry was still valid, so a CPU may have cached "
			       "it again right after"},
	[TLBI_LAST_LEVEL] = {"last-level", "it removes last-level entries only: copies of table "
					   "entries stay in the walk caches"},
	[TLBI_OTHER_ADDRESS] = {"other-address", "it names other addresses"},
	[TLBI_OTHER_ASID] = {"other-asid", "it removes entries of one ASID only: copies of kernel "
					   "table entries may have any"},
	[TLBI_LOCAL_ONLY] = {"local-only", "only the CPU that issues it hears it"},
	[TLBI_OTHER_LEVEL] = {"other-level", "its TTL hint names another level: it need not remove "
					     "anything"},
	[TLBI_OTHER_GRANULE] = {"other-granule", "it is encoded for another granule: it need not "
						 "remove anything"},
	[TLBI_NO_BARRIER] = {"no-barrier", "a DSB that it needs is missing: before it, for the "
					   "store to be seen, or after it, for it to complete"},
	[TLBI_OF_NOTHING] = {"of-nothing", "it removes nothing of the kernel's"},
};

const char *tlbi_effect_name(enum mmu_tlbi_effect effect)
{
	return tlbi_effects[effect].name;
}

const char *tlbi_effect_text(enum mmu_tlbi_effect effect)
{
	return tlbi_effects[effect].text;
}

const char *entry_kind_name(enum mmu_entry_kind kind)
{
	static const char *const names[] = {
		[ENTRY_UNKNOWN] = "unknown", [ENTRY_NONE] = "none", [ENTRY_TABLE] = "table",
		[ENTRY_BLOCK] = "block",     [ENTRY_PAGE] = "page",
	};

	return names[kind];
}

static const struct {
	const char *name, *text;
} pa_sources[] = {
	[PA_UNKNOWN] = {NULL, NULL},
	[PA_DESCRIPTOR] = {"descriptor", "read by a probe"},
	[PA_ALLOCATION] = {"allocation", "from its allocation"},
	[PA_LINEAR_MAP] = {"linear-map", "by its address in the linear map"},
};

const char *pa_source_name(enum mmu_pa_source source)
{
	return pa_sources[source].name;
}

const char *pa_source_text(enum mmu_pa_source source)
{
	return pa_sources[source].text;
}

const char *evidence_text(enum audit_evidence evidence)
{
	static const char *const texts[] = {
		[EVIDENCE_OBSERVED] = "observed: a probe read the descriptor",
		[EVIDENCE_REPLAYED] = "replayed: it follows from the recorded events",
		[EVIDENCE_ASSUMED] = "assumed: it rests on what this kernel is known to do",
	};

	return texts[evidence];
}
