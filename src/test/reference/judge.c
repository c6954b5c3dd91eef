/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may go wrong, by what CPUs may hold at the moment something is done.
 *
 * One event gets one verdict, the worst; and what went wrong with one store is not told again for
 * the entries of the table that was stored.
 */
#include <assert.h>

#include "machine.h"

#define VALID UINT64_C(1)
#define ADDRESS UINT64_C(0x0000fffffffff000)
#define ATTR_INDX (UINT64_C(7) << 2)
#define SHAREABILITY (UINT64_C(3) << 8)
#define NG (UINT64_C(1) << 11)
#define CONTIGUOUS (UINT64_C(1) << 52)

/* Calls for each copy that any CPU may hold; one that says true is enough. */
typedef bool question(const struct machine *m, const struct machine_copy *copy,
		      struct machine_place place, uint64_t descriptor);

static bool may_be_held(const struct machine *m, question *ask, struct machine_place place,
			uint64_t descriptor)
{
	for (int cpu = 0; cpu < MACHINE_CPUS; cpu++)
		for (uint32_t i = 0; i < m->cpu[cpu].nr_copies; i++)
			if (ask(m, &m->cpu[cpu].copy[i], place, descriptor))
				return true;
	return false;
}

static bool is_at(const struct machine_copy *copy, struct machine_place place)
{
	return copy->place.is_lower == place.is_lower && copy->place.upper == place.upper &&
	       copy->place.lower == place.lower;
}

/* In the span of `place`, at a level below its own. */
static bool is_below(const struct machine_copy *copy, struct machine_place place)
{
	return !place.is_lower && copy->place.is_lower && copy->place.upper == place.upper;
}

static bool is_table_copy(const struct machine *m, const struct machine_copy *copy)
{
	return machine_is_table(m, copy->place, copy->descriptor);
}

/* A walk may go through a table instead of using the leaf. */
static bool leads_elsewhere(const struct machine *m, const struct machine_copy *copy,
			    struct machine_place place, uint64_t descriptor)
{
	return is_table_copy(m, copy) && (is_at(copy, place) || is_below(copy, place));
}

/* Another table: what is mapped in the new one may not be found. */
static bool is_other_table(const struct machine *m, const struct machine_copy *copy,
			   struct machine_place place, uint64_t descriptor)
{
	return is_table_copy(m, copy) && is_at(copy, place) &&
	       machine_frame_of(m, copy->descriptor) != machine_frame_of(m, descriptor);
}

static bool is_leaf_there(const struct machine *m, const struct machine_copy *copy,
			  struct machine_place place, uint64_t descriptor)
{
	return !is_table_copy(m, copy) && is_at(copy, place);
}

/*
 * R_WHZWS: memory type, Shareability, output address (of which the contents are not known to be
 * equal), Contiguous; and a global entry over a non-global one.  Permissions alone need no break.
 */
static bool needs_break(uint64_t before, uint64_t after)
{
	uint64_t differing = before ^ after;

	if (differing & (ATTR_INDX | SHAREABILITY | ADDRESS | CONTIGUOUS))
		return true;
	return before & NG && !(after & NG);
}

/* Another leaf for the same address: one that needs a break, or one of a smaller size. */
static bool is_other_leaf(const struct machine *m, const struct machine_copy *copy,
			  struct machine_place place, uint64_t descriptor)
{
	if (is_table_copy(m, copy))
		return false;
	return is_below(copy, place) ||
	       (is_at(copy, place) && needs_break(copy->descriptor, descriptor));
}

static bool is_leaf_around(const struct machine *m, const struct machine_copy *copy,
			   struct machine_place place, uint64_t descriptor)
{
	bool is_above = place.is_lower && !copy->place.is_lower && copy->place.upper == place.upper;

	return !is_table_copy(m, copy) && (is_above || is_at(copy, place) || is_below(copy, place));
}

static void tell(struct machine *m, enum machine_verdict_kind kind, uint8_t frame)
{
	assert(m->nr_verdicts < MACHINE_VERDICTS);
	m->verdict[m->nr_verdicts++] = (struct machine_verdict){kind, m->event, frame};
}

void machine_judge_store(struct machine *m, struct machine_place place, uint64_t descriptor)
{
	/* What is there already changes nothing. */
	if (!(descriptor & VALID) || descriptor == machine_value(m, place))
		return;
	if (machine_is_table(m, place, descriptor)) {
		if (!m->is_reuse && may_be_held(m, is_leaf_there, place, descriptor))
			tell(m, VERDICT_DEMOTION, 0);
		else if (may_be_held(m, is_other_table, place, descriptor))
			tell(m, VERDICT_CHANGE, 0);
		return;
	}
	if (may_be_held(m, leads_elsewhere, place, descriptor))
		tell(m, VERDICT_PROMOTION, 0);
	else if (!m->is_reuse && may_be_held(m, is_other_leaf, place, descriptor))
		tell(m, VERDICT_CHANGE, 0);
}

void machine_begin_reuse(struct machine *m, struct machine_place place)
{
	m->is_reuse = may_be_held(m, is_leaf_around, place, 0);
	if (m->is_reuse)
		tell(m, VERDICT_REUSE, 0);
}

void machine_end_reuse(struct machine *m)
{
	m->is_reuse = false;
}

static bool points_to(const struct machine *m, const struct machine_copy *copy,
		      struct machine_place place, uint64_t descriptor)
{
	return is_table_copy(m, copy) && ((copy->descriptor ^ descriptor) & ADDRESS) == 0 &&
	       copy->generation == m->frame[machine_frame_of(m, descriptor)].generation;
}

void machine_judge_free(struct machine *m, uint8_t frame)
{
	const struct machine_place anywhere = {0};

	if (may_be_held(m, points_to, anywhere, machine_frame_address(m, frame)))
		tell(m, VERDICT_EARLY_FREE, frame);
}

void machine_finish(struct machine *m)
{
	for (uint8_t frame = 0; frame < MACHINE_FRAMES; frame++)
		if (m->frame[frame].unlinked) {
			m->event = m->frame[frame].unlinked;
			tell(m, VERDICT_LOST, frame);
		}
}
