/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was lost: counted by CPU, for the coverage; and as stretches of time, for the findings that may rest
 * on it.
 *
 * A loss is open from where the capture notes it to the CPU's next event, which may never come.  The open
 * ones are listed, newest first, and each CPU has a queue of its own; closed ones are kept by where they end.
 * So an event costs the same however many losses there are, and a finding what it names of them.
 */
#include "audit/audit.h"

#include "base/try.h"

enum {
	/* Reasons of a finding that name a loss; the rest are kept for other doubts. */
	NAMED_LOSSES = 4,
};

/* One stretch in which events of a CPU were lost. */
struct loss {
	uint32_t cpu;
	uint64_t order;	    /* where the capture notes it */
	uint64_t end_order; /* of the CPU's first event after it; 0: open */
	uint64_t from, to;  /* times of the CPU's events before and after */
	uint64_t lost;
	struct loss *older, *newer; /* among the open ones */
	struct loss *next;	    /* among those of the CPU, the next newer one */
};

/* A CPU that lost events. */
struct loss_cpu {
	size_t index;		      /* in loss_log.counts */
	struct loss *oldest, *newest; /* of its open ones */
};

void loss_log_init(struct loss_log *log, struct arena *arena)
{
	log->arena = arena;
	pool_init(&log->pool, arena, sizeof(struct loss));
}

void loss_log_deinit(struct loss_log *log)
{
	hash_deinit(&log->cpus);
	array_deinit(&log->counts);
	array_deinit(&log->closed);
}

/* ---- by CPU -------------------------------------------------------------------------------- */

/* The CPU's entry, made if need be; NULL when memory is short. */
static struct loss_cpu *get_cpu(struct loss_log *log, uint32_t number)
{
	struct loss_cpu *cpu = hash_get(&log->cpus, number);

	if (cpu)
		return cpu;
	cpu = arena_alloc(log->arena, sizeof(*cpu));
	if (!cpu || !array_push(&log->counts, ((struct coverage_loss){.cpu = number})) ||
	    !hash_set(&log->cpus, number, cpu))
		return NULL;
	cpu->index = log->counts.count - 1;
	return cpu;
}

static void count_loss(struct coverage_loss *counts, const struct mmu_event *event)
{
	if (!counts->times++)
		counts->first = event->where.time;
	counts->last = event->where.time;
	if (event->lost == LOST_COUNT_UNKNOWN)
		counts->unknown = true;
	else
		counts->events += event->lost;
}

/* ---- open and closed ----------------------------------------------------------------------- */

/* Keeps a loss as an open one; false when memory is short. */
static bool open_loss(struct loss_log *log, struct loss_cpu *cpu, const struct loss *noted)
{
	/* With so many open, all that is found rests on one of them. */
	if (log->nr_open == KEPT_LOSSES)
		return true;
	struct loss *loss = pool_get(&log->pool);

	if (!loss)
		return false;
	*loss = *noted;
	loss->older = log->newest_open;
	if (loss->older)
		loss->older->newer = loss;
	log->newest_open = loss;
	log->nr_open++;
	if (cpu->newest)
		cpu->newest->next = loss;
	else
		cpu->oldest = loss;
	cpu->newest = loss;
	return true;
}

/* Keeps the newest half when there are too many: reasons name the newest anyway. */
static void limit_closed(struct loss_log *log)
{
	const size_t half = KEPT_LOSSES / 2;

	if (log->closed.count < KEPT_LOSSES)
		return;
	for (size_t i = 0; i < half; i++)
		pool_put(&log->pool, log->closed.at[i]);
	log->closed.count -= half;
	memmove(log->closed.at, log->closed.at + half, log->closed.count * sizeof(*log->closed.at));
}

/* Takes the CPU's oldest loss out of the open ones. */
static struct loss *take_open(struct loss_log *log, struct loss_cpu *cpu)
{
	struct loss *loss = cpu->oldest;

	cpu->oldest = loss->next;
	if (!cpu->oldest)
		cpu->newest = NULL;
	if (loss->older)
		loss->older->newer = loss->newer;
	if (loss->newer)
		loss->newer->older = loss->older;
	else
		log->newest_open = loss->older;
	log->nr_open--;
	return loss;
}

static bool close_loss(struct loss_log *log, struct loss *loss, const struct event_where *where)
{
	loss->end_order = where->order;
	loss->to = where->time;
	limit_closed(log);
	if (!array_push(&log->closed, loss))
		return false;
	/* Events that waited for a function's return come late: most often this one belongs at the end. */
	struct loss **at = log->closed.at;
	size_t i = log->closed.count - 1;

	for (; i > 0 && at[i - 1]->end_order > loss->end_order; i--)
		at[i] = at[i - 1];
	at[i] = loss;
	return true;
}

/* The CPU is heard of again: what it lost lies before this. */
static struct error *end_losses(struct loss_log *log, const struct event_where *where)
{
	struct loss_cpu *cpu = hash_get(&log->cpus, where->cpu);

	if (!cpu)
		return NULL;
	while (cpu->oldest && cpu->oldest->order < where->order) {
		struct coverage_loss *counts = &log->counts.at[cpu->index];

		/* What was lost before a CPU was first heard of spans all that time. */
		if (counts->times == 1 && counts->first == counts->last)
			counts->last = where->time;
		if (!close_loss(log, take_open(log, cpu), where))
			return error_memory();
	}
	return NULL;
}

/* ---- findings ------------------------------------------------------------------------------ */

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

void loss_log_doubt(const struct loss_log *log, struct finding *finding,
		    const struct event_where *from)
{
	uint32_t named = 0;

	for (const struct loss *loss = log->newest_open; loss && named < NAMED_LOSSES;
	     loss = loss->older, named++)
		add_loss(finding, loss);
	for (size_t i = log->closed.count; i > 0 && named < NAMED_LOSSES; i--, named++) {
		const struct loss *loss = log->closed.at[i - 1];

		if (loss->end_order <= from->order)
			break;
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

struct error *loss_log_note(struct audit *audit, const struct mmu_event *event)
{
	struct loss_log *log = &audit->losses;

	if (event->kind != EVENT_LOST)
		return end_losses(log, &event->where);
	const struct loss loss = {
		.cpu = event->where.cpu,
		.order = event->where.order,
		.from = event->lost_after,
		.to = event->where.time,
		.lost = event->lost,
	};
	struct loss_cpu *cpu = get_cpu(log, loss.cpu);

	if (!cpu || !open_loss(log, cpu, &loss))
		return error_memory();
	count_loss(&log->counts.at[cpu->index], event);
	/* Findings that come while one is open are in doubt anyway. */
	if (!loss.from && log->counts.at[cpu->index].times == 1)
		doubt_late_start(audit, &loss);
	return NULL;
}
