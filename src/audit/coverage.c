/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verdicts rest on, and what the capture cannot support. */
#include "audit/audit.h"

/* The events that a verdict can rest on at all. */
static uint64_t count_events(const struct event_summary *events)
{
	uint64_t count = 0;

	for (int kind = 0; kind < EVENT_KINDS; kind++)
		if (kind != EVENT_LOST && kind != EVENT_PAGE_ALLOC && kind != EVENT_PAGE_FREE &&
		    kind != EVENT_ACCESS)
			count += events->nr_events[kind];
	return count;
}

/* The probes that mean nothing, by what is known of them. */
static void count_unknown(uint64_t *gap, const struct event_summary *events)
{
	for (uint32_t i = 0; i < events->nr_probes; i++) {
		const struct event_probe *probe = &events->probe[i];

		if (probe->meaning || !probe->count)
			continue;
		if (probe->lacks_operand)
			gap[GAP_NO_OPERANDS]++;
		else if (probe->may_be == MAY_BE_ANYTHING)
			gap[GAP_UNIDENTIFIED]++;
		else
			gap[GAP_NOT_UNDERSTOOD]++;
	}
}

static uint64_t count_losses(const struct audit *audit)
{
	uint64_t times = 0;

	for (size_t i = 0; i < audit->losses.counts.count; i++)
		times += audit->losses.counts.at[i].times;
	return times;
}

static void find_capture_gaps(uint64_t *gap, const struct capture_info *capture,
			      const struct event_summary *events)
{
	gap[GAP_NO_EVENTS] = count_events(events) == 0;
	gap[GAP_START_OVERWRITTEN] = capture->entries_written > capture->entries_in_buffer
					     ? capture->entries_written - capture->entries_in_buffer
					     : 0;
	gap[GAP_TRUNCATED] = capture->truncated;
	gap[GAP_LOSSES_HIDDEN] = capture->hides_losses;
	gap[GAP_SAMPLED] = capture->is_sampled;
	gap[GAP_SOME_TASKS] = capture->of_some_tasks;
	gap[GAP_UNREAD_LINES] = capture->nr_unread;
	gap[GAP_RETURNS_MISSING] = events->nr_missing_returns;
	gap[GAP_HITS_MISSED] = events->nr_missed_hits;
	gap[GAP_TIME_DISORDER] = events->nr_time_steps_back;
	gap[GAP_UNEVEN] = capture->is_uneven;
	gap[GAP_TOLD_TWICE] = capture->nr_repeated;
	gap[GAP_BOOT_UNKNOWN] = capture->is_unproven;
	count_unknown(gap, events);
}

static void find_model_gaps(uint64_t *gap, const struct mmu_facts *facts,
			    const struct event_summary *events)
{
	const bool *traced = events->traced;

	gap[GAP_TLBI_UNTRACED] = !facts->nr_tlbi;
	gap[GAP_FLUSHES_ASSUMED] = facts->nr_tlbi ? facts->nr_flushes_assumed : 0;
	gap[GAP_NO_BLOCK_PROBE] = !traced[EVENT_BLOCK];
	gap[GAP_BLOCK_SIZED] = traced[EVENT_BLOCK] ? 0 : facts->nr_block_sized;
	gap[GAP_NO_MAP_PROBE] = facts->nr_blocks && !traced[EVENT_MAP];
	gap[GAP_NO_UNMAP_PROBE] = !traced[EVENT_UNMAP] && !traced[EVENT_CLEAR];
	gap[GAP_FREES_UNTRACED] = !traced[EVENT_PAGE_FREE];
	gap[GAP_BREAK_UNTRACED] = !traced[EVENT_BREAK];
	gap[GAP_NO_RETURNS] = facts->nr_blocks && facts->nr_blocks == facts->nr_blocks_in_doubt;
	gap[GAP_UNKNOWN_ENTRIES] = facts->nr_unknown_entries;
	gap[GAP_UNPLACED] = facts->nr_unplaced;
	gap[GAP_GEOMETRY_WRONG] = facts->nr_contradictions;
}

/* Whether there are events that mean nothing, and might if they had symbols. */
static bool has_nameless(const struct event_summary *events)
{
	for (uint32_t i = 0; i < events->nr_probes; i++)
		if (events->probe[i].type && !events->probe[i].meaning &&
		    !events->probe[i].type->symbol.length)
			return true;
	return false;
}

/* What the kernel's image adds. */
static void find_kernel_gaps(uint64_t *gap, const struct kernel *kernel,
			     const struct event_summary *events)
{
	uint64_t slide;

	gap[GAP_UNPLACED_KERNEL] =
		kernel && kernel_image(kernel) && kernel_slide(kernel, &slide) == SLIDE_UNKNOWN &&
		(events->nr_unnamed || (gap[GAP_NO_EVENTS] && has_nameless(events)));
	for (uint32_t i = 0; i < events->nr_probes; i++)
		gap[GAP_MISNAMED] += events->probe[i].instruction != NULL;
}

struct error *coverage_complete(struct audit *audit, const struct mmu *mmu,
				const struct capture_info *capture,
				const struct event_summary *events)
{
	const struct mmu_facts *facts = mmu_facts(mmu);
	struct coverage *coverage = &audit->coverage;

	*coverage = (struct coverage){
		.capture = capture,
		.events = events,
		.facts = facts,
		.kernel = audit->options.kernel,
		.geometry = *mmu_geometry(mmu),
		.clock_skew = mmu_clock_skew(mmu),
		.bbm_level = audit->options.bbm_level,
		.nr_losses = (uint32_t)audit->losses.counts.count,
		.loss = audit->losses.counts.at,
		.nr_mappings = facts->nr_mappings,
		.nr_unmaps = facts->nr_unmaps,
		.nr_tables = facts->nr_tables,
		.nr_blocks = facts->nr_blocks,
	};
	find_capture_gaps(coverage->gap, capture, events);
	coverage->gap[GAP_EVENTS_LOST] = count_losses(audit);
	coverage->gap[GAP_ORDER_UNDECIDED] = audit->nr_undecided;
	coverage->undecided = audit->undecided;
	coverage->gap[GAP_UNJUDGED] = audit->summary.unjudged;
	coverage->gap[GAP_UNSEEN_BREAKS] = audit->nr_unseen_breaks;
	/* Nothing more need be said of a capture in which there is nothing. */
	find_kernel_gaps(coverage->gap, audit->options.kernel, events);
	if (coverage->gap[GAP_NO_EVENTS])
		return NULL;
	find_model_gaps(coverage->gap, facts, events);
	coverage->gap[GAP_GEOMETRY_ASSUMED] = audit->options.geometry_is_assumed;
	return coverage_compare_plan(audit, events);
}
