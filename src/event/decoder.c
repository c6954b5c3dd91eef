/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/cleanup.h"

#include "event/decoder.h"

/* ---- record types -------------------------------------------------------------------------- */

/* Makes the plan for a type that has just been met. */
static struct error *add_type(struct decoder *decoder, const struct record_type *type)
{
	struct plan *plan = arena_alloc(&decoder->arena, sizeof(*plan));

	if (!plan)
		return error_memory();
	struct error *err = classify(&decoder->classifier, type, plan);

	if (err)
		return err;
	while (decoder->plans.count <= type->id)
		if (!array_push(&decoder->plans, NULL))
			return error_memory();
	decoder->plans.at[type->id] = plan;
	if (!summary_add_type(&decoder->summary, type, plan->meaning))
		return error_memory();
	decoder->summary.probes.at[type->id].instruction = plan->instruction;
	return NULL;
}

/*
 * The capture's filter.  Probes that are not understood are wanted, so that the coverage can say how
 * often they were hit; tracepoints of others are not.
 */
static bool is_wanted(void *context, const struct record_type *type)
{
	struct decoder *decoder = context;
	struct error *err = add_type(decoder, type);

	if (err) {
		error_destroy(decoder->failure);
		decoder->failure = err;
		return false;
	}
	enum plan_kind kind = decoder->plans.at[type->id]->kind;

	return kind == PLAN_UNKNOWN ? type->symbol.length > 0 || type->is_probe
				    : kind != PLAN_UNUSED;
}

/* ---- pulling ------------------------------------------------------------------------------- */

/* Reads one record and decodes it; sets at_end, and failure where reading failed. */
static void read_record(struct decoder *decoder)
{
	struct error *err = NULL;

	switch (capture_next(decoder->capture, &decoder->record, &err)) {
	case RECORD_EVENT:
		outbox_release(&decoder->outbox);
		decoder->order++;
		err = decode_record(decoder);
		break;
	case RECORD_LOST:
		outbox_release(&decoder->outbox);
		decoder->order++;
		decode_lost(decoder);
		break;
	case RECORD_STACK:
		pair_stack(&decoder->pairing, &decoder->record,
			   summary_last(&decoder->summary, decoder->record.cpu).order);
		break;
	case RECORD_END:
	case RECORD_ERROR:
		pair_finish(&decoder->pairing);
		decoder->at_end = true;
		if (!err)
			err = decode_defined(decoder);
		if (!err && decoder->profile)
			err = decode_profile(decoder);
		break;
	}
	if (!err && (decoder->outbox.out_of_memory || decoder->pairing.out_of_memory))
		err = error_memory();
	if (!err)
		return;
	error_destroy(decoder->failure);
	decoder->failure = err;
	decoder->at_end = true;
}

enum decode_step decoder_next(struct decoder *decoder, const struct mmu_event **ret,
			      struct error **err)
{
	const struct mmu_event *next;

	while (!(next = outbox_pop(&decoder->outbox))) {
		if (!decoder->at_end && !decoder->failure) {
			read_record(decoder);
			continue;
		}
		if (decoder->outbox.fresh.count) {
			outbox_release(&decoder->outbox);
			continue;
		}
		if (!decoder->failure)
			return DECODE_END;
		*err = steal(decoder->failure);
		decoder->at_end = true;
		return DECODE_ERROR;
	}
	*ret = next;
	summary_add_event(&decoder->summary, next->kind);
	return DECODE_EVENT;
}

const struct event_summary *decoder_summary(struct decoder *decoder)
{
	struct event_summary *counts = &decoder->summary.counts;

	counts->nr_missing_returns = decoder->pairing.nr_missing_returns;
	counts->nr_stray_returns = decoder->pairing.nr_stray_returns;
	counts->nr_open_calls = decoder->pairing.tasks.nr_frames;
	return counts;
}

/* ---- creation ------------------------------------------------------------------------------ */

struct error *decoder_create(struct capture *capture, const struct event_map *map,
			     struct decoder **ret)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return error_memory();
	decoder->capture = capture;
	decoder->info = capture_info(capture);
	interned_init(&decoder->strings, &decoder->arena);
	classifier_init(&decoder->classifier, map, &decoder->arena);
	pairing_init(&decoder->pairing, &decoder->arena, &decoder->strings, &decoder->outbox);
	capture_set_filter(capture, is_wanted, decoder);
	*ret = decoder;
	return NULL;
}

void decoder_set_profile(struct decoder *decoder, const struct probe_profile *profile)
{
	decoder->profile = profile;
}

void decoder_set_kernel(struct decoder *decoder, struct kernel *kernel)
{
	decoder->pairing.origins.kernel = kernel;
	decoder->classifier.kernel = kernel;
}

void decoder_destroy(struct decoder *decoder)
{
	if (!decoder)
		return;
	error_destroy(decoder->failure);
	summary_deinit(&decoder->summary);
	pairing_deinit(&decoder->pairing);
	outbox_deinit(&decoder->outbox);
	array_deinit(&decoder->plans);
	classifier_deinit(&decoder->classifier);
	interned_deinit(&decoder->strings);
	arena_deinit(&decoder->arena);
	free(decoder);
}
