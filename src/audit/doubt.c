/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes a finding possible instead of certain; and the losses, the most usual of it. */
#include "audit/audit.h"

#include "base/try.h"

void doubt(struct finding *finding, enum audit_doubt doubt)
{
	doubt_because(finding, doubt, NULL, NULL);
}

void doubt_order(struct finding *finding, const struct mmu *mmu, const struct event_where *first,
		 const struct event_where *second)
{
	if (!mmu_order_is_certain(mmu, first, second))
		doubt_because(finding, DOUBT_ORDER, first, second);
}

void doubt_because(struct finding *finding, enum audit_doubt doubt, const struct event_where *event,
		   const struct event_where *other)
{
	struct finding_reason reason = {.doubt = doubt};

	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt == doubt)
			return;
	finding->certain = false;
	if (doubt == DOUBT_TIME_DISORDER && event && other) {
		reason.from = event->time < other->time ? event->time : other->time;
		reason.to = event->time < other->time ? other->time : event->time;
	}
	if (event)
		reason.event[0] = *event;
	if (other)
		reason.event[1] = *other;
	if (finding->nr_reasons < FINDING_REASONS)
		finding->reason[finding->nr_reasons++] = reason;
}

void doubt_not(struct finding *finding, enum audit_doubt doubt)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		if (finding->reason[i].doubt != doubt)
			finding->reason[kept++] = finding->reason[i];
	if (kept == 0 && finding->nr_reasons)
		finding->certain = true;
	finding->nr_reasons = kept;
}

static void add_loss(struct finding *finding, const struct loss *loss)
{
	finding->certain = false;
	if (finding->nr_reasons < FINDING_REASONS)
		finding->reason[finding->nr_reasons++] = (struct finding_reason){
			.doubt = DOUBT_EVENTS_LOST,
			.from = loss->from,
			.to = loss->to,
			.cpu = loss->cpu,
			.lost = loss->lost,
		};
}

/* Whether events may have been lost after `order`: the loss ends with the CPU's next event. */
static bool is_after(const struct loss *loss, uint64_t order)
{
	return !loss->end_order || loss->end_order > order;
}

void doubt_losses(const struct audit *audit, struct finding *finding,
		  const struct event_where *from)
{
	enum {
		NAMED = 4
	}; /* the rest of the reasons is kept for other doubts */
	uint32_t named = 0;

	for (size_t i = audit->losses.count; i > 0; i--) {
		const struct loss *loss = &audit->losses.at[i - 1];

		if (!is_after(loss, from->order))
			continue;
		finding->certain = false;
		if (named++ >= NAMED || finding->nr_reasons >= FINDING_REASONS)
			return;
		add_loss(finding, loss);
	}
}

/*
 * All that this CPU had done before its first event is lost, which shows only there: findings that rest on
 * what came before, and have been waiting since, are not as sure as they were.
 */
static void doubt_late_start(struct audit *audit, const struct loss *loss)
{
	for (uint64_t i = 0; i < audit->count; i++) {
		struct pending *pending = audit->queue[(audit->first + i) % PENDING_FINDINGS];
		uint64_t from = pending->from.order;

		if (from && from < loss->order && from != pending->finding.where.order)
			add_loss(&pending->finding, loss);
	}
}

static struct coverage_loss *cpu_loss(struct audit *audit, uint32_t cpu)
{
	for (size_t i = 0; i < audit->cpu_losses.count; i++)
		if (audit->cpu_losses.at[i].cpu == cpu)
			return &audit->cpu_losses.at[i];
	if (!array_push(&audit->cpu_losses, ((struct coverage_loss){.cpu = cpu})))
		return NULL;
	return &audit->cpu_losses.at[audit->cpu_losses.count - 1];
}

static struct error *count_loss(struct audit *audit, const struct mmu_event *event)
{
	struct coverage_loss *cpu = cpu_loss(audit, event->where.cpu);

	if (!cpu)
		return error_memory();
	if (!cpu->times++)
		cpu->first = event->where.time;
	cpu->last = event->where.time;
	if (event->lost == LOST_COUNT_UNKNOWN)
		cpu->unknown = true;
	else
		cpu->events += event->lost;
	return NULL;
}

/* Keeps the newest half when there are too many: reasons name the newest anyway. */
static void limit_losses(struct audit *audit)
{
	const size_t half = KEPT_LOSSES / 2;

	if (audit->losses.count < KEPT_LOSSES)
		return;
	audit->losses.count -= half;
	memmove(audit->losses.at, audit->losses.at + half,
		audit->losses.count * sizeof(*audit->losses.at));
}

/* What was lost before a CPU was first heard of spans all that time. */
static void extend_loss(struct audit *audit, const struct event_where *where)
{
	struct coverage_loss *cpu = cpu_loss(audit, where->cpu);

	if (cpu && cpu->times == 1 && cpu->first == cpu->last)
		cpu->last = where->time;
}

/* The CPU is heard of again: what it lost lies before this. */
static void end_losses(struct audit *audit, const struct event_where *where)
{
	for (size_t i = audit->losses.count; i > 0 && audit->open_losses; i--) {
		struct loss *loss = &audit->losses.at[i - 1];

		if (loss->end_order || loss->cpu != where->cpu || loss->order >= where->order)
			continue;
		loss->end_order = where->order;
		loss->to = where->time;
		extend_loss(audit, where);
		audit->open_losses--;
	}
}

struct error *losses_note(struct audit *audit, const struct mmu_event *event)
{
	if (event->kind != EVENT_LOST) {
		end_losses(audit, &event->where);
		return NULL;
	}
	limit_losses(audit);
	TRY(count_loss(audit, event));
	const struct loss loss = {
		.cpu = event->where.cpu,
		.order = event->where.order,
		.from = event->lost_after,
		.to = event->where.time,
		.lost = event->lost,
	};

	audit->open_losses++;
	if (!loss.from)
		doubt_late_start(audit, &loss);
	return array_push(&audit->losses, loss) ? NULL : error_memory();
}
