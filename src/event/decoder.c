/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"

#include "event/classify.h"
#include "event/names.h"
#include "event/outbox.h"
#include "event/pair.h"
#include "event/summary.h"

struct decoder {
	struct capture *capture;
	const struct capture_info *info;
	struct arena arena;
	struct interned strings;
	struct classifier classifier;
	ARRAY_OF(struct plan *) plans; /* by record_type.id; NULL: not met */
	struct outbox outbox;
	struct pairing pairing;
	struct summary summary;
	struct record record;  /* the newest */
	uint64_t order;	       /* its number */
	struct str comm;       /* its, interned: the next is most often of the same task */
	struct error *failure; /* what ended the reading; given after the events before it */
	bool at_end;
};

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
	return summary_add_type(&decoder->summary, type, plan->meaning) ? NULL : error_memory();
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

	return kind == PLAN_UNKNOWN ? type->symbol.length > 0 : kind != PLAN_UNUSED;
}

/* ---- records ------------------------------------------------------------------------------- */

static struct event_where where_of(struct decoder *decoder)
{
	const struct record *record = &decoder->record;

	if (!str_equal(record->comm, decoder->comm))
		decoder->comm = record->comm.length ? intern(&decoder->strings, record->comm)
						    : (struct str){0};
	return (struct event_where){
		.time = record->time,
		.cpu = record->cpu,
		.pid = record->pid,
		.comm = decoder->comm,
		.place = record->place,
		.order = decoder->order,
	};
}

static struct mmu_event new_event(struct decoder *decoder, enum mmu_event_kind kind,
				  const struct plan *plan)
{
	return (struct mmu_event){
		.kind = kind,
		.where = where_of(decoder),
		.end_time = decoder->record.time,
		.symbol = plan->symbol,
	};
}

static void decode_page(struct decoder *decoder, const struct plan *plan)
{
	bool is_alloc = plan->kind == PLAN_PAGE_ALLOC;
	const struct record *record = &decoder->record;
	struct mmu_event event =
		new_event(decoder, is_alloc ? EVENT_PAGE_ALLOC : EVENT_PAGE_FREE, plan);
	int8_t gfp = plan->fields.at[ROLE_GFP];
	uint64_t order = 0;

	if (!field_get(&plan->fields, record, ROLE_PFN, &event.pfn))
		return;
	field_get(&plan->fields, record, ROLE_ORDER, &order);
	event.page_order = (uint32_t)order;
	/* Tables are zeroed.  The flag's number differs from kernel to kernel, its name does not. */
	struct str flags = gfp >= 0 ? record->field[gfp].text : (struct str){0};
	bool is_zeroed = !flags.text || view_find(flags, STR("__GFP_ZERO")) < flags.length;

	if (is_alloc)
		pair_page_alloc(&decoder->pairing, record, event.pfn, order == 0 && is_zeroed);
	else
		pair_page_free(&decoder->pairing, record, event.pfn);
	outbox_push(&decoder->outbox, &event);
}

static void decode_instruction(struct decoder *decoder, const struct plan *plan)
{
	struct mmu_event event =
		new_event(decoder, plan->kind == PLAN_TLBI ? EVENT_TLBI : EVENT_DSB, plan);
	const struct record *record = &decoder->record;

	event.op = plan->op;
	event.dsb = plan->dsb;
	event.has_operand = plan->kind == PLAN_TLBI && plan->op.reach != TLBI_ALL &&
			    field_get(&plan->fields, record, ROLE_OPERAND, &event.operand);
	/* Texts that print no symbol may still carry a call chain: it begins at the site. */
	if (event.symbol.length == 0 && record->nr_frames && record->frame[0].symbol.length)
		event.symbol = intern(&decoder->strings, record->frame[0].symbol);
	pair_instruction(&decoder->pairing, plan, record, decoder->order, &event);
	outbox_push(&decoder->outbox, &event);
}

/* A range that is no function's: a user's probe, or the tracepoint of the purge. */
static void decode_range(struct decoder *decoder, const struct plan *plan)
{
	struct mmu_event event =
		new_event(decoder, plan->kind == PLAN_CLEAR ? EVENT_CLEAR : EVENT_FLUSH, plan);
	const struct record *record = &decoder->record;
	uint64_t size;

	event.done = DONE_YES;
	event.has_va = field_get(&plan->fields, record, ROLE_VA, &event.va);
	event.va = canonical(event.va);
	if (field_get(&plan->fields, record, ROLE_END, &event.end))
		event.end = canonical(event.end);
	else if (field_get(&plan->fields, record, ROLE_SIZE, &size))
		event.end = event.va + size;
	if (event.has_va && event.end > event.va)
		outbox_push(&decoder->outbox, &event);
}

static void decode_write(struct decoder *decoder, const struct plan *plan)
{
	struct mmu_event event = new_event(decoder, EVENT_WRITE, plan);
	const struct record *record = &decoder->record;

	event.done = DONE_YES;
	event.level = plan->level;
	event.has_va = field_get(&plan->fields, record, ROLE_VA, &event.va);
	event.va = canonical(event.va);
	event.has_old = field_get(&plan->fields, record, ROLE_OLD, &event.old);
	if (field_get(&plan->fields, record, ROLE_ENTRY, &event.entry))
		event.entry = canonical(event.entry);
	if (event.has_va && !is_kernel_va(event.va))
		return;
	if (field_get(&plan->fields, record, ROLE_VALUE, &event.value))
		outbox_push(&decoder->outbox, &event);
}

/* Of a CPU whose part of an overwritten ring buffer starts here, all before is lost. */
static void decode_late_start(struct decoder *decoder)
{
	static const struct plan none;
	const struct capture_info *info = decoder->info;
	uint32_t cpu = decoder->record.cpu;

	if (info->entries_written <= info->entries_in_buffer || decoder->order == 1 ||
	    summary_last(&decoder->summary, cpu).order)
		return;
	struct mmu_event event = new_event(decoder, EVENT_LOST, &none);

	event.where.order--; /* before the record itself */
	event.lost = LOST_COUNT_UNKNOWN;
	outbox_push(&decoder->outbox, &event);
}

static struct error *decode_record(struct decoder *decoder)
{
	const struct record *record = &decoder->record;
	const struct plan *plan = decoder->plans.at[record->type->id];

	decode_late_start(decoder);
	decoder->pairing.clock_is_ticks = decoder->info->clock_is_ticks;
	pair_time(&decoder->pairing, record->time, decoder->order);
	switch (plan->kind) {
	case PLAN_CALL: {
		struct event_where where = where_of(decoder);

		pair_call(&decoder->pairing, plan, record, &where);
		break;
	}
	case PLAN_RETURN:
		pair_return(&decoder->pairing, plan, record, decoder->order);
		break;
	case PLAN_PAGE_ALLOC:
	case PLAN_PAGE_FREE:
		decode_page(decoder, plan);
		break;
	case PLAN_TLBI:
	case PLAN_DSB:
		decode_instruction(decoder, plan);
		break;
	case PLAN_WRITE:
		decode_write(decoder, plan);
		break;
	case PLAN_CLEAR:
	case PLAN_PURGED:
		decode_range(decoder, plan);
		break;
	case PLAN_UNKNOWN:
	case PLAN_UNUSED:
		break;
	}
	return summary_add_record(&decoder->summary, record, decoder->order) ? NULL
									     : error_memory();
}

/* The record that tells of losses is one of the replay, too. */
static void decode_lost(struct decoder *decoder)
{
	static const struct plan none;
	struct record *record = &decoder->record;

	/* It says no time but by its place: after the record before it. */
	record->time = decoder->summary.newest_time;
	record->comm = (struct str){0};
	record->pid = PID_UNKNOWN;
	struct mmu_event event = new_event(decoder, EVENT_LOST, &none);

	event.lost = record->lost;
	event.lost_after = summary_last(&decoder->summary, record->cpu).time;
	pair_lost(&decoder->pairing, record->cpu, decoder->order);
	outbox_push(&decoder->outbox, &event);
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
		break;
	}
	decoder->summary.counts.nr_missing_returns = decoder->pairing.nr_missing_returns;
	decoder->summary.counts.nr_stray_returns = decoder->pairing.nr_stray_returns;
	decoder->summary.counts.nr_open_calls = decoder->pairing.tasks.nr_frames;
	if (!err && (decoder->outbox.out_of_memory || decoder->pairing.out_of_memory))
		err = error_memory();
	if (!err)
		return;
	error_destroy(decoder->failure);
	decoder->failure = err;
	decoder->at_end = true;
}

enum decode_step decoder_next(struct decoder *decoder, struct mmu_event *event, struct error **err)
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
	*event = *next;
	summary_add_event(&decoder->summary, event->kind);
	return DECODE_EVENT;
}

const struct event_summary *decoder_summary(const struct decoder *decoder)
{
	return &decoder->summary.counts;
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
