/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One record -> events: calls and returns go to the pairing, what stands alone is decoded here. */
#include "event/decoder.h"
#include "event/names.h"

static inline struct event_where where_of(struct decoder *decoder)
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

/* An event of the newest record, in its place: to be filled in. */
static inline struct mmu_event *add_event(struct decoder *decoder, enum mmu_event_kind kind,
					  const struct plan *plan)
{
	struct mmu_event *event = outbox_add(&decoder->outbox);

	event->kind = kind;
	event->where = where_of(decoder);
	event->end_time = decoder->record.time;
	event->symbol = plan->symbol;
	return event;
}

/* The same, but it may turn out that there is nothing to tell. */
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
	int8_t gfp = plan->fields.at[ROLE_GFP];
	uint64_t pfn, order = 0;

	if (!field_get(&plan->fields, record, ROLE_PFN, &pfn))
		return;
	field_get(&plan->fields, record, ROLE_ORDER, &order);
	/* Tables are zeroed.  The flag's number differs from kernel to kernel, its name does not. */
	struct str flags = gfp >= 0 ? record->field[gfp].text : (struct str){0};
	bool is_zeroed = !flags.text || view_find(flags, STR("__GFP_ZERO")) < flags.length;

	if (is_alloc)
		pair_page_alloc(&decoder->pairing, record, pfn, order == 0 && is_zeroed);
	else
		pair_page_free(&decoder->pairing, record, pfn);
	struct mmu_event *event =
		add_event(decoder, is_alloc ? EVENT_PAGE_ALLOC : EVENT_PAGE_FREE, plan);

	event->pfn = pfn;
	event->page_order = (uint32_t)order;
}

static void decode_instruction(struct decoder *decoder, const struct plan *plan)
{
	struct mmu_event *event =
		add_event(decoder, plan->kind == PLAN_TLBI ? EVENT_TLBI : EVENT_DSB, plan);
	const struct record *record = &decoder->record;

	event->op = plan->op;
	event->dsb = plan->dsb;
	event->has_operand = plan->kind == PLAN_TLBI && plan->op.reach != TLBI_ALL &&
			     field_get(&plan->fields, record, ROLE_OPERAND, &event->operand);
	if (plan->operand_is_xzr) {
		event->has_operand = true;
		event->operand = 0;
	}
	/* Texts that print no symbol may still carry a call chain: it begins at the site. */
	if (event->symbol.length == 0 && record->nr_frames && record->frame[0].symbol.length)
		event->symbol = intern(&decoder->strings, record->frame[0].symbol);
	pair_instruction(&decoder->pairing, plan, record, decoder->order, event);
}

/* A range that is no call's: a user's probe, the tracepoint of the purge, or the place of a call. */
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
	if (!event.has_va || event.end <= event.va)
		return;
	if (plan->kind == PLAN_FLUSHING) {
		event.is_witnessed = true;
		pair_instruction(&decoder->pairing, plan, record, decoder->order, &event);
	}
	outbox_push(&decoder->outbox, &event);
}

/*
 * Each access is told before it is made and once more after that: counted where it was told first, if
 * that is traced.
 */
static void decode_access(struct decoder *decoder, const struct plan *plan)
{
	struct mmu_event event = new_event(decoder, EVENT_ACCESS, plan);
	const struct record *record = &decoder->record;
	bool *tells_before = &decoder->tells_before[plan->is_write];
	uint64_t bits = 8, caller;

	*tells_before = *tells_before || !plan->is_after;
	if (plan->is_after && *tells_before)
		return;
	event.has_va = field_get(&plan->fields, record, ROLE_VA, &event.va);
	event.va = canonical(event.va);
	/* Ports of PCI I/O space have no virtual address, and a symbol is of the kernel's image. */
	if (!event.has_va || !is_kernel_va(event.va))
		return;
	field_get(&plan->fields, record, ROLE_WIDTH, &bits);
	event.end = event.va + (bits & 0xff) / 8;
	if (event.end <= event.va)
		event.end = event.va + 1;
	event.is_write = plan->is_write;
	if (record->nr_frames)
		event.origin = origin_find(&decoder->pairing.origins, record, false, NULL);
	else if (field_get(&plan->fields, record, ROLE_CALLER, &caller))
		event.origin = origin_at(&decoder->pairing.origins, caller);
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

static void tell_of_loss_before(struct decoder *decoder, uint32_t cpu)
{
	static const struct plan none;
	struct mmu_event *event = add_event(decoder, EVENT_LOST, &none);

	if (event->where.order > 1)   /* 0 is what was before the capture */
		event->where.order--; /* before the record itself */
	event->where.cpu = cpu;
	event->lost = LOST_COUNT_UNKNOWN;
}

/*
 * Of an overwritten ring buffer each CPU's part starts at a time of its own, and all before is lost.
 * So until a CPU is heard of, it may be losing events: told with the first record, because what is
 * judged meanwhile must know.
 */
COLD static void decode_late_start(struct decoder *decoder)
{
	const struct capture_info *info = decoder->info;
	uint32_t cpu = decoder->record.cpu;

	if (decoder->order == 1) {
		for (uint32_t i = 0; i < info->nr_cpus; i++)
			if (i != cpu)
				tell_of_loss_before(decoder, i);
		return;
	}
	if (cpu >= info->nr_cpus && !summary_last(&decoder->summary, cpu).order)
		tell_of_loss_before(decoder, cpu);
}

/* Uprobes are of no concern: their addresses are a user's. */
static void note_unknown(struct decoder *decoder, const struct plan *plan)
{
	const struct record *record = &decoder->record;

	if (!record->address || is_kernel_va(record->address))
		decoder->summary.probes.at[record->type->id].may_be = plan->may_be;
	decoder->summary.probes.at[record->type->id].lacks_operand = plan->lacks_operand;
}

struct error *decode_record(struct decoder *decoder)
{
	const struct record *record = &decoder->record;
	const struct plan *plan = decoder->plans.at[record->type->id];
	const struct capture_info *info = decoder->info;

	if (info->entries_written > info->entries_in_buffer)
		decode_late_start(decoder);
	decoder->pairing.clock_is_ticks = info->clock_is_ticks;
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
	case PLAN_ACCESS:
		decode_access(decoder, plan);
		break;
	case PLAN_CLEAR:
	case PLAN_FLUSHING:
	case PLAN_PURGED:
		decode_range(decoder, plan);
		break;
	case PLAN_UNKNOWN:
		note_unknown(decoder, plan);
		break;
	case PLAN_UNUSED:
		break;
	}
	return summary_add_record(&decoder->summary, record, decoder->order) ? NULL
									     : error_memory();
}

/* The record that tells of losses is one of the replay, too. */
void decode_lost(struct decoder *decoder)
{
	static const struct plan none;
	struct record *record = &decoder->record;

	/* It says no time but by its place: after the record before it. */
	record->time = decoder->summary.newest_time;
	record->comm = (struct str){0};
	record->pid = PID_UNKNOWN;
	struct mmu_event *event = add_event(decoder, EVENT_LOST, &none);

	event->lost = record->lost;
	event->lost_after = summary_last(&decoder->summary, record->cpu).time;
	pair_lost(&decoder->pairing, record->cpu, decoder->order);
}
