/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and phrases for what the model and the rules state as enumerations. */
#ifndef MMUREPLAY_REPORT_NAMES_H
#define MMUREPLAY_REPORT_NAMES_H

#include <mmureplay/audit.h>

/* "before-break" */
const char *tlbi_effect_name(enum mmu_tlbi_effect effect);
/* A phrase: why the invalidation did not help.  See also mmu_tlbi.why. */
const char *tlbi_effect_text(enum mmu_tlbi_effect effect);

/* "table" */
const char *entry_kind_name(enum mmu_entry_kind kind);

/* "descriptor"; NULL for PA_UNKNOWN. */
const char *pa_source_name(enum mmu_pa_source source);
/* "from its allocation" */
const char *pa_source_text(enum mmu_pa_source source);

/* A phrase on what a finding rests on. */
const char *evidence_text(enum audit_evidence evidence);

#endif
