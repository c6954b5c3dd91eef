/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes that a capture says were there, hit or not: what is not in it did not happen. */
#include "base/try.h"

#include "event/decoder.h"
#include "event/profile.h"

/* The kind of event that a call of a function of this sort gives. */
static enum mmu_event_kind kind_of_call(enum function_action action)
{
	switch (action) {
	case ACTION_MAP:
	case ACTION_IOREMAP:
		return EVENT_MAP;
	case ACTION_UNMAP:
		return EVENT_UNMAP;
	case ACTION_CLEAR:
		return EVENT_CLEAR;
	case ACTION_BLOCK:
		return EVENT_BLOCK;
	case ACTION_BLOCK_CLEAR:
		return EVENT_BLOCK_CLEAR;
	case ACTION_TABLE:
		return EVENT_TABLE;
	case ACTION_BREAK:
		return EVENT_BREAK;
	case ACTION_FLUSH:
		return EVENT_FLUSH;
	case ACTION_NONE:
	case ACTION_WRAPPER:
		break;
	}
	return EVENT_KINDS;
}

static enum mmu_event_kind kind_of(const struct plan *plan)
{
	switch (plan->kind) {
	case PLAN_CALL:
		return kind_of_call(plan->callee->function->action);
	case PLAN_PAGE_ALLOC:
		return EVENT_PAGE_ALLOC;
	case PLAN_PAGE_FREE:
		return EVENT_PAGE_FREE;
	case PLAN_TLBI:
		return EVENT_TLBI;
	case PLAN_DSB:
		return EVENT_DSB;
	case PLAN_WRITE:
		return EVENT_WRITE;
	case PLAN_CLEAR:
		return EVENT_CLEAR;
	case PLAN_ACCESS:
		return EVENT_ACCESS;
	case PLAN_RETURN:
	case PLAN_FLUSHING:
	case PLAN_PURGED:
	case PLAN_UNKNOWN:
	case PLAN_UNUSED:
		break;
	}
	return EVENT_KINDS;
}

/* A probe that was never hit: known by its name, as no record has told its address. */
static struct error *add_unmet(struct decoder *decoder, const struct record_type *type)
{
	struct plan plan = {0};

	TRY(classify(&decoder->classifier, type, &plan));
	enum mmu_event_kind kind = kind_of(&plan);

	if (kind != EVENT_KINDS)
		decoder->summary.counts.traced[kind] = true;
	decoder->summary.counts.nr_unmet_unknown += plan.kind == PLAN_UNKNOWN;
	if (!plan.meaning)
		return NULL; /* other people's: there may be hundreds */
	return summary_add_unmet(&decoder->summary, type, plan.meaning) ? NULL : error_memory();
}

struct error *decode_defined(struct decoder *decoder)
{
	const struct capture_info *info = decoder->info;

	decoder->summary.counts.knows_unhit = info->nr_defined;
	for (uint32_t i = 0; i < info->nr_defined; i++)
		if (info->defined[i]->id == TYPE_UNMET)
			TRY(add_unmet(decoder, info->defined[i]));
	return NULL;
}

/* The probe of this name; NULL when the capture has none. */
static struct event_probe *find_probe(struct summary *summary, struct str name)
{
	for (size_t i = 0; i < summary->probes.count; i++)
		if (summary->probes.at[i].type && str_equal(summary->probes.at[i].type->name, name))
			return &summary->probes.at[i];
	return NULL;
}

/*
 * A probe that the profile tells of and the capture does not: of a text that was never hit, or all of
 * whose hits were missed.  A binary capture tells itself of those that were there.
 */
static struct error *add_from_profile(struct decoder *decoder, const struct profile_line *line)
{
	struct event_summary *counts = &decoder->summary.counts;
	struct record_type *type = arena_alloc(&decoder->arena, sizeof(*type));
	struct plan plan = {0};

	if (!type)
		return error_memory();
	*type = (struct record_type){.id = TYPE_UNMET, .name = line->name};
	TRY(classify(&decoder->classifier, type, &plan));
	type->is_return = plan.kind == PLAN_RETURN;
	if (plan.meaning)
		counts->nr_missed_hits += line->missed;
	if (decoder->info->nr_defined)
		return NULL;
	TRY(add_unmet(decoder, type));
	if (plan.meaning)
		decoder->summary.probes.at[decoder->summary.probes.count - 1].missed = line->missed;
	return NULL;
}

struct error *decode_profile(struct decoder *decoder)
{
	const struct profile_line *line;

	decoder->summary.counts.knows_unhit = true;
	for (size_t i = 0; (line = probe_profile_line(decoder->profile, i)); i++) {
		struct event_probe *probe = find_probe(&decoder->summary, line->name);

		if (!probe) {
			TRY(add_from_profile(decoder, line));
			continue;
		}
		probe->missed = line->missed;
		if (probe->meaning)
			decoder->summary.counts.nr_missed_hits += line->missed;
	}
	return NULL;
}
