/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The newest invalidations, as runs of like ones, for findings to show and to name causes by. */
#include "mmu/model.h"

const struct mmu_tlbi_run *mmu_tlbi_log(const struct mmu *mmu, uint32_t index)
{
	return index < mmu->log.count ? tlbi_log_run(mmu, mmu->log.count - 1 - index) : NULL;
}

struct cpu_state *cpu_state_make(struct mmu *mmu, uint32_t cpu)
{
	enum {
		/* CONFIG_NR_CPUS of arm64, at most.  More is a broken capture: they share the last one. */
		MOST_CPUS = 4096
	};

	if (cpu >= MOST_CPUS)
		cpu = MOST_CPUS - 1;
	while (mmu->cpus.count <= cpu)
		if (!array_push(&mmu->cpus, ((struct cpu_state){0})))
			return NULL;
	return &mmu->cpus.at[cpu];
}

static bool same_op(struct tlbi_op a, struct tlbi_op b)
{
	return a.scope == b.scope && a.reach == b.reach && a.last_level == b.last_level &&
	       a.any_asid == b.any_asid && a.no_xs == b.no_xs && a.el == b.el &&
	       a.from_el2 == b.from_el2;
}

/* Whether `what` goes on where the CPU's newest run ends, with no change of an entry in between. */
static bool extends(const struct mmu *mmu, const struct mmu_tlbi_run *run,
		    const struct mmu_tlbi *what, const struct mmu_event *event)
{
	bool goes_on = run && (what->all || what->ignored || what->va == run->what.end ||
			       (what->va == run->what.va && what->end == run->what.end));

	return goes_on && same_op(run->op, event->op) && run->first.order >= mmu->log.sealed &&
	       run->last.pid == event->where.pid && run->what.leaf_level == what->leaf_level &&
	       run->what.ignored == what->ignored && run->in_flush == event->in_flush &&
	       run->in_break == event->in_break;
}

struct error *tlbi_log_add(struct mmu *mmu, const struct mmu_tlbi *what,
			   const struct mmu_event *event, uint64_t *number)
{
	struct cpu_state *cpu = cpu_state(mmu, event->where.cpu);

	if (!cpu)
		return error_memory();
	struct mmu_tlbi_run *run = cpu->run ? tlbi_log_run(mmu, cpu->run - 1) : NULL;

	if (!extends(mmu, run, what, event)) {
		cpu->run = ++mmu->log.count;
		run = tlbi_log_run(mmu, cpu->run - 1);
		run->op = event->op;
		run->what = *what;
		run->first = event->where;
		run->symbol = event->symbol;
		run->in_flush = event->in_flush;
		run->in_break = event->in_break;
		run->count = 0;
		run->has_barriers = false;
	}
	if (what->end)
		run->what.end = what->end;
	run->last = event->where;
	run->count++;
	*number = cpu->run - 1;
	return NULL;
}

static bool covers(const struct mmu_tlbi *what, uint64_t va, uint64_t end)
{
	return what->all || (what->va < end && (what->end == 0 || what->end > va));
}

enum mmu_tlbi_effect mmu_tlbi_effect(const struct mmu *mmu, const struct mmu_tlbi_run *run,
				     const struct mmu_stale *stale)
{
	const struct mmu_tlbi *what = &run->what;
	bool is_table = stale->kind == ENTRY_TABLE;

	if (what->ignored)
		return what->other_granule ? TLBI_OTHER_GRANULE : TLBI_OF_NOTHING;
	if (!covers(what, stale->va, stale->end))
		return TLBI_OTHER_ADDRESS;
	if (is_table && !what->tables)
		return TLBI_LAST_LEVEL;
	if (stale_is_global(stale) ? !what->globals : what->asid_only)
		return TLBI_OTHER_ASID;
	if (what->leaf_level &&
	    (is_table ? stale->level >= what->leaf_level : stale->level != what->leaf_level))
		return TLBI_OTHER_LEVEL;
	if (run->last.order <= stale->since.order)
		return TLBI_BEFORE_BREAK;
	if (what->local)
		return TLBI_LOCAL_ONLY;
	if (mmu->facts.nr_dsb && !run->has_barriers)
		return TLBI_NO_BARRIER;
	return TLBI_REMOVES;
}

bool tlbi_log_implies_break(const struct mmu *mmu, const struct mmu_entry *entry, uint64_t order,
			    int32_t pid)
{
	struct mmu_stale copy = {
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.level = entry->level,
		.kind = ENTRY_TABLE,
		.since.order = order,
	};
	const struct mmu_tlbi_run *run;

	if (entry->is_stored)
		return false;
	for (uint32_t i = 0; (run = mmu_tlbi_log(mmu, i)) && run->last.order > order; i++)
		if (run->last.pid == pid && !run->what.all && !run->in_flush &&
		    mmu_tlbi_effect(mmu, run, &copy) == TLBI_REMOVES)
			return true;
	return false;
}
