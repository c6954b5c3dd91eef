/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a finding shows: steps, mappings, tables, the invalidations in between, and the cause. */
#include "audit/audit.h"

#include "base/try.h"

void finding_step(struct finding *finding, const struct event_where *where, struct str symbol,
		  const char *what)
{
	uint32_t at = finding->nr_steps;

	if (!where->order || at == FINDING_STEPS)
		return;
	for (; at > 0 && finding->step[at - 1].where.order > where->order; at--)
		finding->step[at] = finding->step[at - 1];
	finding->step[at] = (struct finding_step){*where, symbol, what};
	finding->nr_steps++;
}

void finding_mappings(struct finding *finding, struct mmu_mapping *old_mapping,
		      struct mmu_mapping *new_mapping)
{
	if (old_mapping && old_mapping != new_mapping) {
		finding->old_mapping = mmu_mapping_get(old_mapping);
		finding_step(finding, &old_mapping->made, old_mapping->symbol,
			     "the old mapping was made");
		finding_step(finding, &old_mapping->unmapped, old_mapping->unmap_symbol,
			     "the old mapping was undone");
	}
	if (new_mapping) {
		finding->new_mapping = mmu_mapping_get(new_mapping);
		finding_step(finding, &new_mapping->made, new_mapping->symbol,
			     "the new mapping was begun");
	}
}

static struct error *add_table(struct pending *pending, const struct mmu *mmu,
			       const struct mmu_table *table, size_t *capacity)
{
	struct finding *finding = &pending->finding;
	size_t ids = *capacity;

	if (!array_reserve_((void **)&finding->table, capacity, finding->nr_tables + 1,
			    sizeof(*finding->table)) ||
	    !array_reserve_((void **)&pending->table_ids, &ids, finding->nr_tables + 1,
			    sizeof(*pending->table_ids)))
		return error_memory();
	pending->table_ids[finding->nr_tables] = table->id;
	finding->table[finding->nr_tables++] = (struct finding_table){
		.level = table->level,
		.va = table->va,
		.end = table->va + mmu_level_size(mmu_geometry(mmu), table->level - 1),
		.pa = table->pa,
		.pa_source = table->pa_source,
		.made = table->made,
	};
	return NULL;
}

/* Depth first; the depth is that of the tables, five at most. */
static struct error *add_tables(struct pending *pending, const struct mmu *mmu,
				const struct mmu_table *table, size_t *capacity)
{
	TRY(add_table(pending, mmu, table, capacity));
	for (const struct mmu_entry *child = table->children; child; child = child->sibling)
		if (child->kind == ENTRY_TABLE)
			TRY(add_tables(pending, mmu, child->table, capacity));
	return NULL;
}

struct error *finding_tables(struct pending *pending, const struct mmu *mmu,
			     const struct mmu_table *table)
{
	size_t capacity = 0;

	return add_tables(pending, mmu, table, &capacity);
}

static void reverse(struct finding_invalidation *list, uint32_t count)
{
	for (uint32_t i = 0; i < count / 2; i++) {
		struct finding_invalidation swap = list[i];

		list[i] = list[count - 1 - i];
		list[count - 1 - i] = swap;
	}
}

void finding_invalidations(struct finding *finding, const struct mmu *mmu,
			   const struct mmu_stale *stale, uint64_t since)
{
	const struct mmu_tlbi_run *run;

	for (uint32_t i = 0; (run = mmu_tlbi_log(mmu, i)) && run->last.order > since; i++) {
		enum mmu_tlbi_effect effect = mmu_tlbi_effect(mmu, run, stale);

		if (effect == TLBI_OTHER_ADDRESS || effect == TLBI_OF_NOTHING ||
		    finding->nr_invalidations == FINDING_INVALIDATIONS)
			finding->nr_other_invalidations += run->count;
		else
			finding->invalidation[finding->nr_invalidations++] =
				(struct finding_invalidation){*run, effect};
	}
	reverse(finding->invalidation, finding->nr_invalidations);
}

/* The cause that an invalidation stands for which came after the entry was cleared. */
static enum audit_cause cause_after(enum mmu_tlbi_effect effect)
{
	switch (effect) {
	case TLBI_LAST_LEVEL:
		return CAUSE_LAST_LEVEL_ONLY;
	case TLBI_OTHER_ASID:
		return CAUSE_WRONG_ASID;
	case TLBI_LOCAL_ONLY:
		return CAUSE_LOCAL_ONLY;
	case TLBI_OTHER_LEVEL:
		return CAUSE_TTL_MISMATCH;
	case TLBI_OTHER_GRANULE:
		return CAUSE_GRANULE_MISMATCH;
	case TLBI_NO_BARRIER:
		return CAUSE_NO_DSB;
	case TLBI_REMOVES:
	case TLBI_BEFORE_BREAK:
	case TLBI_OTHER_ADDRESS:
	case TLBI_OF_NOTHING:
	case TLBI_EFFECTS:
		break;
	}
	return CAUSE_NONE;
}

/*
 * How much an invalidation explains: one that only just failed more than one that never could have
 * worked.  The order of the enum does not serve for this.
 */
static int weight(enum audit_cause cause)
{
	static const int weights[AUDIT_CAUSES] = {
		[CAUSE_NO_TLBI] = 1,
		[CAUSE_WRONG_ADDRESS] = 2,
		[CAUSE_TLBI_BEFORE_BREAK] = 3,
		[CAUSE_LAST_LEVEL_ONLY] = 4,
		[CAUSE_WRONG_ASID] = 5,
		[CAUSE_GRANULE_MISMATCH] = 6,
		[CAUSE_TTL_MISMATCH] = 7,
		[CAUSE_LOCAL_ONLY] = 8,
		[CAUSE_NO_DSB] = 9,
	};

	return weights[cause];
}

/* pgd entries in the kernel's image are written through the fixmap: see set_swapper_pgd(). */
static bool is_of_fixmap(const struct mmu_tlbi_run *run)
{
	return str_starts(run->symbol, STR("__set_fixmap"));
}

static enum audit_cause run_cause(const struct mmu *mmu, const struct mmu_tlbi_run *run,
				  const struct mmu_stale *stale, int32_t pid)
{
	enum mmu_tlbi_effect effect = mmu_tlbi_effect(mmu, run, stale);

	if (run->last.order > stale->since.order) {
		if (effect == TLBI_OTHER_ADDRESS && run->last.pid == pid && !is_of_fixmap(run))
			return CAUSE_WRONG_ADDRESS;
		/* It would have removed the copy, if it had been complete. */
		if (effect == TLBI_REMOVES && mmu_facts(mmu)->nr_dsb)
			return CAUSE_NO_DSB;
		return cause_after(effect);
	}
	return effect == TLBI_BEFORE_BREAK ? CAUSE_TLBI_BEFORE_BREAK : CAUSE_NONE;
}

void finding_order(struct finding *finding, const struct mmu *mmu, const struct mmu_stale *stale)
{
	const struct mmu_tlbi_run *run;

	for (uint32_t i = 0; !stale->overwritten && (run = mmu_tlbi_log(mmu, i)) &&
			     run->last.order > stale->last_use.order;
	     i++)
		if (mmu_tlbi_effect(mmu, run, stale) == TLBI_BEFORE_BREAK && !run->what.local)
			doubt_order(finding, mmu, &run->last, &stale->since);
}

enum audit_cause finding_cause(const struct mmu *mmu, const struct mmu_stale *stale, int32_t pid)
{
	enum audit_cause best = CAUSE_NO_TLBI;
	const struct mmu_tlbi_run *run;

	if (stale->overwritten)
		return CAUSE_NO_BREAK;
	for (uint32_t i = 0;
	     (run = mmu_tlbi_log(mmu, i)) && run->last.order > stale->last_use.order; i++) {
		enum audit_cause cause = run_cause(mmu, run, stale, pid);

		if (weight(cause) > weight(best))
			best = cause;
	}
	return best;
}
