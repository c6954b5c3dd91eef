/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "machine.h"

/* An address of the kernel's half that starts a block of every level and granule. */
#define FIRST_VA UINT64_C(0xffff000040000000)
#define FIRST_FRAME UINT64_C(0x4d1600000)

#define VALID UINT64_C(1)
#define TABLE_OR_PAGE UINT64_C(3)
#define ADDRESS UINT64_C(0x0000fffffffff000) /* [47:12]; lower bits are 0 for larger granules */

enum {
	LAST_LEVEL = 3
};

void machine_init(struct machine *m, uint32_t granule_shift, int upper_level, bool has_barriers)
{
	memset(m, 0, sizeof(*m));
	m->granule_shift = granule_shift;
	m->upper_level = upper_level;
	m->has_barriers = has_barriers;
	for (int i = 0; i < MACHINE_ENTRIES; i++)
		m->upper[i].nr_versions = 1;
}

/* ---- tables in memory ------------------------------------------------------------------------ */

int machine_level(const struct machine *m, struct machine_place place)
{
	return m->upper_level + place.is_lower;
}

/* A table has one granule of descriptors of eight bytes. */
uint64_t machine_span(const struct machine *m, int level)
{
	return UINT64_C(1) << (m->granule_shift + (m->granule_shift - 3) * (LAST_LEVEL - level));
}

uint64_t machine_va(const struct machine *m, struct machine_place place)
{
	return FIRST_VA + place.upper * machine_span(m, m->upper_level) +
	       place.lower * machine_span(m, m->upper_level + 1);
}

uint64_t machine_frame_address(const struct machine *m, uint8_t frame)
{
	return FIRST_FRAME + ((uint64_t)frame << m->granule_shift);
}

/* Bits [1:0]: 3 is a table, but a page at the last level. */
bool machine_is_table(const struct machine *m, struct machine_place place, uint64_t descriptor)
{
	return (descriptor & TABLE_OR_PAGE) == TABLE_OR_PAGE &&
	       machine_level(m, place) != LAST_LEVEL;
}

uint8_t machine_frame_of(const struct machine *m, uint64_t descriptor)
{
	uint64_t address = (descriptor & ADDRESS) - FIRST_FRAME;

	assert(address >> m->granule_shift < MACHINE_FRAMES);
	return (uint8_t)(address >> m->granule_shift);
}

static uint64_t newest(const struct machine_entry *entry)
{
	return entry->version[entry->nr_versions - 1];
}

struct machine_entry *machine_entry(struct machine *m, struct machine_place place)
{
	const struct machine_place above = {.upper = place.upper};
	uint64_t descriptor = newest(&m->upper[place.upper]);

	if (!place.is_lower)
		return &m->upper[place.upper];
	if (!machine_is_table(m, above, descriptor))
		return NULL;
	return &m->frame[machine_frame_of(m, descriptor)].entry[place.lower];
}

uint64_t machine_value(const struct machine *m, struct machine_place place)
{
	const struct machine_entry *entry = machine_entry((struct machine *)m, place);

	return entry ? newest(entry) : 0;
}

static bool points_to(const struct machine *m, struct machine_place place, uint8_t frame)
{
	uint64_t descriptor = machine_value(m, place);

	return machine_is_table(m, place, descriptor) && machine_frame_of(m, descriptor) == frame;
}

bool machine_find_link(const struct machine *m, uint8_t frame, struct machine_place *place)
{
	for (uint8_t upper = 0; upper < MACHINE_ENTRIES; upper++) {
		*place = (struct machine_place){false, upper, 0};
		if (points_to(m, *place, frame))
			return true;
		place->is_lower = true;
		for (; place->lower < MACHINE_ENTRIES; place->lower++)
			if (points_to(m, *place, frame))
				return true;
	}
	return false;
}

static void note_links(struct machine *m)
{
	for (uint8_t frame = 0; frame < MACHINE_FRAMES; frame++) {
		struct machine_frame *f = &m->frame[frame];
		struct machine_place place;

		if (f->state != FRAME_TABLE)
			continue;
		if (machine_find_link(m, frame, &place)) {
			f->last = place;
			f->unlinked = 0;
		} else if (!f->unlinked) {
			f->unlinked = m->event;
		}
	}
}

/* ---- walks ----------------------------------------------------------------------------------- */

static bool same_place(struct machine_place a, struct machine_place b)
{
	return a.is_lower == b.is_lower && a.upper == b.upper && a.lower == b.lower;
}

/* Adds a copy, unless the CPU may hold one like it that is doomed by no more than this one. */
static void cache(struct machine_cpu *cpu, struct machine_copy copy)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < cpu->nr_copies; i++) {
		const struct machine_copy *other = &cpu->copy[i];

		if (other->descriptor != copy.descriptor || other->generation != copy.generation ||
		    !same_place(other->place, copy.place))
			continue;
		if (!(other->doomed & ~copy.doomed))
			return;
	}
	for (uint32_t i = 0; i < cpu->nr_copies; i++) {
		const struct machine_copy other = cpu->copy[i];
		bool is_worse = other.descriptor == copy.descriptor &&
				other.generation == copy.generation &&
				same_place(other.place, copy.place) &&
				!(copy.doomed & ~other.doomed);

		if (!is_worse)
			cpu->copy[kept++] = other;
	}
	assert(kept < MACHINE_COPIES);
	cpu->copy[kept++] = copy;
	cpu->nr_copies = kept;
}

/*
 * Whether the CPU that issued the TLBI has waited, before that, for the store that replaced version `i`: then
 * walks of `cpu` do not read it any more once the TLBI has taken effect.
 */
static bool is_replaced_for(const struct machine_entry *entry, uint32_t i, uint8_t cpu,
			    const struct machine_pending *pending)
{
	if (i + 1 >= entry->nr_versions)
		return false;
	return pending->dsb.wide > entry->at[i + 1] ||
	       (cpu == pending->cpu && pending->dsb.any > entry->at[i + 1]);
}

/*
 * A walk of `cpu` reads an entry, and may cache what causes no fault (R_XCLRD).  `doomed`: what the
 * copies that led here are doomed by.
 */
static void read_entry(struct machine *m, uint8_t cpu, const struct machine_entry *entry,
		       struct machine_place place, uint32_t doomed)
{
	for (uint32_t i = entry->oldest[cpu]; i < entry->nr_versions; i++) {
		struct machine_copy copy = {.place = place, .descriptor = entry->version[i]};

		if (!(copy.descriptor & VALID))
			continue;
		copy.generation = entry->generation[i];
		for (int k = 0; k < MACHINE_PENDING; k++) {
			const struct machine_pending *pending = &m->pending[k];
			bool is_over = pending->used && is_replaced_for(entry, i, cpu, pending);

			if ((doomed >> k & 1 || is_over) &&
			    machine_reaches(m, &pending->tlbi, pending->cpu, cpu, &copy))
				copy.doomed |= UINT32_C(1) << k;
		}
		cache(&m->cpu[cpu], copy);
	}
}

/*
 * All walks of one CPU: from the root, and on from each table entry that it may hold.  What a page
 * holds after it was freed is not known; that it was freed too early has been told then.
 */
static void walk(struct machine *m, uint8_t cpu)
{
	struct machine_copy table[MACHINE_COPIES];
	uint32_t nr_tables = 0;

	for (uint8_t upper = 0; upper < MACHINE_ENTRIES; upper++)
		read_entry(m, cpu, &m->upper[upper], (struct machine_place){.upper = upper}, 0);
	for (uint32_t i = 0; i < m->cpu[cpu].nr_copies; i++) {
		const struct machine_copy *copy = &m->cpu[cpu].copy[i];

		if (!copy->place.is_lower && machine_is_table(m, copy->place, copy->descriptor))
			table[nr_tables++] = *copy;
	}
	for (uint32_t i = 0; i < nr_tables; i++) {
		struct machine_place place = {true, table[i].place.upper, 0};
		const struct machine_frame *frame =
			&m->frame[machine_frame_of(m, table[i].descriptor)];

		if (frame->state != FRAME_TABLE || frame->generation != table[i].generation)
			continue;
		for (; place.lower < MACHINE_ENTRIES; place.lower++)
			read_entry(m, cpu, &frame->entry[place.lower], place, table[i].doomed);
	}
}

static void walk_all(struct machine *m)
{
	for (uint8_t cpu = 0; cpu < MACHINE_CPUS; cpu++)
		walk(m, cpu);
}

/* ---- stores and pages ------------------------------------------------------------------------ */

/* The versions before `first` will not be read again. */
static void drop_versions(struct machine_entry *entry, uint32_t first)
{
	for (uint32_t i = first; i < entry->nr_versions; i++) {
		entry->version[i - first] = entry->version[i];
		entry->generation[i - first] = entry->generation[i];
		entry->at[i - first] = entry->at[i];
		entry->by[i - first] = entry->by[i];
	}
	entry->nr_versions -= first;
	for (int cpu = 0; cpu < MACHINE_CPUS; cpu++)
		entry->oldest[cpu] = (uint8_t)(entry->oldest[cpu] - first);
}

void machine_store(struct machine *m, uint8_t cpu, struct machine_place place, uint64_t descriptor)
{
	struct machine_entry *entry = machine_entry(m, place);

	assert(entry && entry->nr_versions < MACHINE_VERSIONS);
	machine_judge_store(m, place, descriptor);
	entry->version[entry->nr_versions] = descriptor;
	entry->generation[entry->nr_versions] =
		machine_is_table(m, place, descriptor)
			? m->frame[machine_frame_of(m, descriptor)].generation
			: 0;
	entry->at[entry->nr_versions] = m->event;
	entry->by[entry->nr_versions++] = cpu;
	if (!m->has_barriers) { /* seen by all at once */
		memset(entry->oldest, 1, sizeof(entry->oldest));
		drop_versions(entry, 1);
	}
	note_links(m);
	walk_all(m);
}

void machine_take(struct machine *m, uint8_t frame)
{
	struct machine_frame *f = &m->frame[frame];

	f->state = FRAME_TABLE;
	f->generation++;
	f->unlinked = 0;
	/* The zeros are there before the page is linked: a DSB ISHST stands in between (R_DDMVT). */
	memset(f->entry, 0, sizeof(f->entry));
	for (int i = 0; i < MACHINE_ENTRIES; i++)
		f->entry[i].nr_versions = 1;
}

void machine_free(struct machine *m, uint8_t frame)
{
	machine_judge_free(m, frame);
	m->frame[frame].state = FRAME_FREE;
	m->frame[frame].unlinked = 0;
	note_links(m);
}

/* ---- invalidation ---------------------------------------------------------------------------- */

static void remove_doomed(struct machine_cpu *cpu, uint32_t by)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < cpu->nr_copies; i++)
		if (!(cpu->copy[i].doomed & by))
			cpu->copy[kept++] = cpu->copy[i];
	cpu->nr_copies = kept;
}

/* What the TLBI's CPU knew to be replaced in an entry that it names is not read after it. */
static void settle_entry(struct machine *m, const struct machine_pending *pending,
			 struct machine_entry *entry, struct machine_place place)
{
	for (uint8_t cpu = 0; cpu < MACHINE_CPUS; cpu++) {
		while (entry->oldest[cpu] + 1u < entry->nr_versions) {
			const struct machine_copy copy = {
				.place = place, .descriptor = entry->version[entry->oldest[cpu]]};

			if (!is_replaced_for(entry, entry->oldest[cpu], cpu, pending) ||
			    (copy.descriptor & VALID &&
			     !machine_reaches(m, &pending->tlbi, pending->cpu, cpu, &copy)))
				break;
			entry->oldest[cpu]++;
		}
	}
}

static void complete(struct machine *m, int k)
{
	for (uint8_t upper = 0; upper < MACHINE_ENTRIES; upper++)
		settle_entry(m, &m->pending[k], &m->upper[upper],
			     (struct machine_place){.upper = upper});
	for (int cpu = 0; cpu < MACHINE_CPUS; cpu++)
		remove_doomed(&m->cpu[cpu], UINT32_C(1) << k);
	m->pending[k].used = false;
}

void machine_tlbi(struct machine *m, uint8_t cpu, struct machine_tlbi tlbi)
{
	int k = 0;

	while (m->pending[k].used)
		k++;
	assert(k < MACHINE_PENDING);
	m->pending[k] = (struct machine_pending){true, cpu, m->dsb[cpu], tlbi};
	for (uint8_t i = 0; i < MACHINE_CPUS; i++)
		for (uint32_t j = 0; j < m->cpu[i].nr_copies; j++)
			if (machine_reaches(m, &tlbi, cpu, i, &m->cpu[i].copy[j]))
				m->cpu[i].copy[j].doomed |= UINT32_C(1) << k;
	if (!m->has_barriers)
		complete(m, k);
	walk_all(m);
}

/* The stores of `by` are complete: for all CPUs, or for its own walks only. */
static void complete_stores(struct machine_entry *entry, uint8_t by, bool this_cpu)
{
	uint8_t least = UINT8_MAX;

	for (uint8_t i = 0; i < entry->nr_versions; i++)
		for (uint8_t cpu = 0; cpu < MACHINE_CPUS && i > 0; cpu++)
			if (entry->by[i] == by && i > entry->oldest[cpu] &&
			    (cpu == by || !this_cpu))
				entry->oldest[cpu] = i;
	for (int cpu = 0; cpu < MACHINE_CPUS; cpu++)
		if (entry->oldest[cpu] < least)
			least = entry->oldest[cpu];
	drop_versions(entry, least);
}

/*
 * Completes the CPU's stores, and its TLBIs: these only when it waits for loads and stores, and
 * in the shareability domain in which they are heard (R_PSMWS).
 */
void machine_dsb(struct machine *m, uint8_t cpu, struct machine_dsb dsb)
{
	m->dsb[cpu].any = m->event;
	if (!dsb.this_cpu)
		m->dsb[cpu].wide = m->event;
	for (int i = 0; i < MACHINE_ENTRIES; i++) {
		complete_stores(&m->upper[i], cpu, dsb.this_cpu);
		for (int frame = 0; frame < MACHINE_FRAMES; frame++)
			if (m->frame[frame].state != FRAME_NEW)
				complete_stores(&m->frame[frame].entry[i], cpu, dsb.this_cpu);
	}
	for (int k = 0; k < MACHINE_PENDING; k++) {
		const struct machine_pending *pending = &m->pending[k];

		if (pending->used && pending->cpu == cpu && !dsb.stores_only &&
		    (!dsb.this_cpu || pending->tlbi.scope == SCOPE_LOCAL))
			complete(m, k);
	}
	walk_all(m);
}

bool machine_has_room(const struct machine *m)
{
	int free = 0;
	uint32_t most = 0;

	for (int k = 0; k < MACHINE_PENDING; k++)
		free += !m->pending[k].used;
	for (int i = 0; i < MACHINE_ENTRIES; i++) {
		if (m->upper[i].nr_versions > most)
			most = m->upper[i].nr_versions;
		for (int frame = 0; frame < MACHINE_FRAMES; frame++)
			if (m->frame[frame].entry[i].nr_versions > most)
				most = m->frame[frame].entry[i].nr_versions;
	}
	return free > 0 && most < MACHINE_VERSIONS;
}
