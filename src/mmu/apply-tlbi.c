/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalidations, and the barriers that make them complete.
 *
 * Where DSBs are not traced, every TLBI is taken to have the barriers that it needs.  From the first
 * traced one on, a TLBI counts only when a DSB of its CPU has followed, and only for stores that a DSB
 * of their CPU had completed before it (R_DDMVT, R_PSMWS).
 */
#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

/* The function's name alone, from "function+0x100". */
static uint64_t function_key(struct str symbol)
{
	const char *plus = symbol.length ? memchr(symbol.text, '+', symbol.length) : NULL;

	return hash_str(plus ? str_first(symbol, (size_t)(plus - symbol.text)) : symbol, 0);
}

static struct error *note_flusher(struct mmu *mmu, struct str symbol)
{
	if (!symbol.length || hash_set(&mmu->flushers, function_key(symbol), mmu))
		return NULL;
	return error_memory();
}

/* Functions whose TLBI sites, once seen, show that the capture has them. */
static struct error *note_site(struct mmu *mmu, const struct mmu_event *event)
{
	if (event->in_break)
		mmu->facts.nr_tlbi_in_break++;
	if (!event->in_flush)
		return NULL;
	mmu->facts.nr_tlbi_in_purge++;
	mmu->facts.nr_va_tlbi_in_purge += event->op.reach != TLBI_ALL;
	mmu->flushes_tables = event->op.reach == TLBI_VA ? !event->op.last_level
							 : mmu->flushes_tables;
	/* TLBIs come in bursts from one site.  An event's names stay where they are. */
	if (event->symbol.text == mmu->last_site && event->inside.text == mmu->last_inside)
		return NULL;
	mmu->last_site = event->symbol.text;
	mmu->last_inside = event->inside.text;
	TRY(note_flusher(mmu, event->symbol));
	return note_flusher(mmu, event->inside);
}

/* Puts the TLBI off until a DSB of its CPU. */
static struct error *postpone(struct mmu *mmu, const struct mmu_tlbi *what,
			      const struct mmu_event *event, uint64_t run)
{
	struct pending_tlbi pending = {
		.what = *what, .where = event->where, .run = run, .nr_cpus = mmu->cpus.count};

	if (mmu->pending.count >= PENDING_TLBIS)
		return NULL; /* no DSB for thousands of TLBIs: they are not complete */
	pending.dsb = calloc(pending.nr_cpus, sizeof(*pending.dsb));
	if (!pending.dsb)
		return error_memory();
	for (size_t i = 0; i < pending.nr_cpus; i++)
		pending.dsb[i] = mmu->cpus.at[i].dsb;
	if (!array_push(&mmu->pending, pending)) {
		free(pending.dsb);
		return error_memory();
	}
	return NULL;
}

struct error *apply_tlbi(struct mmu *mmu, const struct mmu_event *event)
{
	struct mmu_tlbi what;
	uint64_t run;

	mmu_tlbi_decode(&mmu->geometry, event->op, event->has_operand, event->operand, &what);
	TRY(tlbi_log_add(mmu, &what, event, &run));
	if (what.ignored)
		return NULL;
	mmu->facts.nr_tlbi++;
	TRY(note_site(mmu, event));
	if (mmu->facts.nr_dsb)
		return postpone(mmu, &what, event, run);
	return stale_invalidate(mmu, &what, &event->where, tlbi_log_run(mmu, run), NULL);
}

/* Whether this barrier completes that TLBI: loads and stores, and as wide as it was heard. */
static bool completes(const struct mmu_event *dsb, const struct pending_tlbi *pending)
{
	return pending->where.cpu == dsb->where.cpu && !dsb->dsb.stores_only &&
	       (!dsb->dsb.this_cpu || pending->what.local);
}

static struct error *complete(struct mmu *mmu, struct pending_tlbi *pending)
{
	_cleanup_(free_pointer) struct cpu_barriers *dsb = pending->dsb;
	struct mmu_tlbi_run *run = tlbi_log_run(mmu, pending->run);
	uint32_t cpu = pending->where.cpu;
	uint64_t before = 0;

	if (cpu < pending->nr_cpus)
		before = pending->what.local ? dsb[cpu].any : dsb[cpu].wide;
	if (run && before > mmu->log.sealed)
		run->has_barriers = true;
	return stale_invalidate(mmu, &pending->what, &pending->where, run, pending);
}

struct error *apply_dsb(struct mmu *mmu, const struct mmu_event *event)
{
	struct cpu_state *cpu = cpu_state(mmu, event->where.cpu);
	size_t kept = 0;

	if (!cpu)
		return error_memory();
	mmu->facts.nr_dsb++;
	cpu->dsb.any = event->where.order;
	if (!event->dsb.this_cpu)
		cpu->dsb.wide = event->where.order;
	for (size_t i = 0; i < mmu->pending.count; i++) {
		struct pending_tlbi pending = mmu->pending.at[i];

		if (!completes(event, &pending))
			mmu->pending.at[kept++] = pending;
		else
			TRY(complete(mmu, &pending));
	}
	mmu->pending.count = kept;
	return NULL;
}

/*
 * A function's word counts only where its instructions are not traced.  Some TLBI sites refuse a probe,
 * so that others' being traced does not tell; but purges of everything lead to the same few sites.  One
 * that has returned, and says that it flushed, did so from a site that is not traced.
 */
struct error *apply_flush(struct mmu *mmu, const struct mmu_event *event)
{
	bool of_everything = event->end == 0;

	/* Where such a call is traced, so are the TLBIs of others. */
	if (event->is_witnessed) {
		mmu->facts.nr_tlbi++;
		mmu->facts.nr_tlbi_in_purge += event->in_flush;
		return stale_assume_flush(mmu, event->va, event->end);
	}
	if (event->nr_tlbi)
		return note_flusher(mmu, event->symbol);
	if (event->done != DONE_YES) {
		if (event->done == DONE_NO || hash_get(&mmu->flushers, function_key(event->symbol)))
			return NULL;
		if (of_everything && mmu->facts.nr_tlbi_in_purge)
			return NULL;
	}
	mmu->facts.nr_flushes_assumed++;
	return stale_assume_flush(mmu, event->va, event->end);
}

struct error *apply_lost(struct mmu *mmu, const struct mmu_event *event)
{
	mmu->facts.nr_losses++;
	return NULL;
}
