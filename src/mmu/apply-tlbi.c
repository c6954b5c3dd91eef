/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalidations, by instructions or by the word of a function that is known to make them. */
#include "mmu/model.h"

#include "base/try.h"

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
	if (pending_needs_dsb(mmu, event))
		return pending_add(mmu, &what, event, run);
	struct mmu_tlbi_run *of_it = tlbi_log_run(mmu, run);

	of_it->has_barriers = true;
	return stale_invalidate(mmu, &what, &event->where, of_it, NULL);
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
		mmu->facts.nr_va_tlbi_in_purge += event->in_flush;
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
	if (of_everything)
		mmu->facts.assumed_flush = event->where.order;
	return stale_assume_flush(mmu, event->va, event->end);
}

struct error *apply_lost(struct mmu *mmu, const struct mmu_event *event)
{
	mmu->facts.nr_losses++;
	return NULL;
}
