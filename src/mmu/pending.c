/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidations that are not complete yet, and the barriers that complete them.
 *
 * Where DSBs are not traced, every TLBI is taken to have the barriers that it needs.  From the first one on
 * that is traced in its function, a TLBI counts only when a DSB of its CPU has followed, and only for
 * stores that a DSB of their CPU had completed before it (R_DDMVT, R_PSMWS).
 */
#include "mmu/model.h"

#include "base/try.h"

/* ---- barriers ------------------------------------------------------------------------------ */

static size_t size_of(const struct barriers *barriers)
{
	return sizeof(*barriers) + barriers->nr_cpus * sizeof(barriers->of[0]);
}

static void put_barriers(struct mmu *mmu, struct barriers *barriers)
{
	if (!barriers || --barriers->refs)
		return;
	mmu->barriers_size -= size_of(barriers);
	free(barriers);
}

/* The barriers until now, for one who will put them; NULL when memory is short. */
static struct barriers *get_barriers(struct mmu *mmu)
{
	struct barriers *barriers = mmu->barriers;

	if (!barriers) {
		barriers = malloc(sizeof(*barriers) + mmu->cpus.count * sizeof(barriers->of[0]));
		if (!barriers)
			return NULL;
		barriers->refs = 1;
		barriers->nr_cpus = mmu->cpus.count;
		for (size_t i = 0; i < barriers->nr_cpus; i++)
			barriers->of[i] = mmu->cpus.at[i].dsb;
		mmu->barriers = barriers;
		mmu->barriers_size += size_of(barriers);
	}
	barriers->refs++;
	return barriers;
}

uint64_t pending_barrier(const struct pending_tlbi *pending, uint32_t cpu, bool wide)
{
	const struct barriers *barriers = pending->barriers;

	if (cpu >= barriers->nr_cpus)
		return 0;
	return wide ? barriers->of[cpu].wide : barriers->of[cpu].any;
}

static void note_barrier(struct mmu *mmu, struct cpu_barriers *newest, const struct mmu_event *dsb)
{
	newest->any = dsb->where.order;
	if (!dsb->dsb.this_cpu)
		newest->wide = dsb->where.order;
	put_barriers(mmu, mmu->barriers);
	mmu->barriers = NULL;
}

/* ---- invalidations ------------------------------------------------------------------------- */

static void append(struct pending_list *list, struct pending_tlbi *pending)
{
	pending->next = NULL;
	if (list->last)
		list->last->next = pending;
	else
		list->first = pending;
	list->last = pending;
	list->count++;
}

static void release(struct mmu *mmu, struct pending_tlbi *pending)
{
	put_barriers(mmu, pending->barriers);
	pool_put(&mmu->pending_pool, pending);
}

bool pending_needs_dsb(const struct mmu *mmu, const struct mmu_event *tlbi)
{
	if (!mmu->facts.nr_dsb)
		return false;
	return !tlbi->symbol.length || hash_get(&mmu->barriered, function_key(tlbi->symbol));
}

struct error *pending_add(struct mmu *mmu, const struct mmu_tlbi *what,
			  const struct mmu_event *event, uint64_t run)
{
	struct cpu_state *cpu = cpu_state(mmu, event->where.cpu);

	if (!cpu)
		return error_memory();
	/* So many without a DSB: they are not complete. */
	if (cpu->pending.count == PENDING_TLBIS || mmu->barriers_size >= BARRIERS_SIZE)
		return NULL;
	struct pending_tlbi *pending = pool_get(&mmu->pending_pool);

	if (!pending)
		return error_memory();
	pending->barriers = get_barriers(mmu);
	if (!pending->barriers) {
		pool_put(&mmu->pending_pool, pending);
		return error_memory();
	}
	pending->what = *what;
	pending->where = event->where;
	pending->run = run;
	append(&cpu->pending, pending);
	return NULL;
}

static struct error *complete(struct mmu *mmu, const struct pending_tlbi *pending)
{
	struct mmu_tlbi_run *run = tlbi_log_run(mmu, pending->run);
	uint64_t before = pending_barrier(pending, pending->where.cpu, !pending->what.local);

	if (run && before > mmu->log.sealed)
		run->has_barriers = true;
	return stale_invalidate(mmu, &pending->what, &pending->where, run, pending);
}

/* Of a barrier that waits for loads, too: one for its own CPU only leaves what others are to hear. */
static struct error *complete_all(struct mmu *mmu, struct pending_list *list, bool local_only)
{
	struct pending_tlbi *pending = list->first;
	struct error *err = NULL;

	*list = (struct pending_list){0};
	while (pending) {
		struct pending_tlbi *next = pending->next;

		if (err || (local_only && !pending->what.local)) {
			append(list, pending);
		} else {
			err = complete(mmu, pending);
			release(mmu, pending);
		}
		pending = next;
	}
	return err;
}

struct error *apply_dsb(struct mmu *mmu, const struct mmu_event *event)
{
	struct cpu_state *cpu = cpu_state(mmu, event->where.cpu);

	if (!cpu)
		return error_memory();
	mmu->facts.nr_dsb++;
	if (event->symbol.length && !hash_set(&mmu->barriered, function_key(event->symbol), mmu))
		return error_memory();
	note_barrier(mmu, &cpu->dsb, event);
	if (event->dsb.stores_only)
		return NULL;
	return complete_all(mmu, &cpu->pending, event->dsb.this_cpu);
}

void pending_deinit(struct mmu *mmu)
{
	for (size_t i = 0; i < mmu->cpus.count; i++)
		for (struct pending_tlbi *at = mmu->cpus.at[i].pending.first; at; at = at->next)
			put_barriers(mmu, at->barriers);
	put_barriers(mmu, mmu->barriers);
}
