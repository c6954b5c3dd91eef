/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "operations.h"

#define PXN_TABLE (UINT64_C(1) << 59)

/* pgprot_t of ioremap() on Linux 4.14 (truth.json of traces/linux-4.14), without the type. */
#define LEAF_ATTRIBUTES UINT64_C(0xe8000000000704)
#define OUTPUT_A UINT64_C(0x8000000000)
#define OUTPUT_B UINT64_C(0x9000000000)

void world_init(struct world *world, const struct alphabet *alphabet, uint32_t granule_shift)
{
	machine_init(&world->machine, granule_shift, alphabet->upper_level, alphabet->has_barriers);
	world->is_over = false;
	world->area = AREA_NONE;
	world->is_unmapped = false;
}

struct mmu_event *trace_add(struct world *world, const struct operation *operation,
			    struct trace *trace, enum mmu_event_kind kind)
{
	assert(trace->count < TRACE_EVENTS);
	struct mmu_event *event = &trace->event[trace->count++];

	*event = (struct mmu_event){
		.kind = kind,
		.where = {.cpu = operation->cpu,
			  .pid = 100 + operation->cpu,
			  .time = trace->count,
			  .order = trace->count},
	};
	world->machine.event = trace->count;
	return event;
}

/* ---- descriptors ----------------------------------------------------------------------------- */

uint64_t table_descriptor(const struct machine *m, uint8_t frame)
{
	/* A hierarchical attribute, for readers of the address to mask. */
	return machine_frame_address(m, frame) | PXN_TABLE | 3;
}

uint64_t leaf_descriptor(const struct machine *m, struct machine_place place, enum value value)
{
	const struct machine_place first = {0};
	uint64_t offset = machine_va(m, place) - machine_va(m, first);
	uint64_t leaf = LEAF_ATTRIBUTES | (machine_level(m, place) == 3 ? 3 : 1);

	switch (value) {
	case LEAF_B:
		return (leaf | OUTPUT_B) + offset;
	case LEAF_READ_ONLY:
		return (leaf | OUTPUT_A | UINT64_C(1) << 7) + offset;
	case LEAF_OTHER_TYPE:
		return (leaf | OUTPUT_A | UINT64_C(2) << 2) + offset;
	case LEAF_OTHER_SH:
		return ((leaf | OUTPUT_A) & ~(UINT64_C(1) << 8)) + offset;
	case LEAF_CONTIG:
		return (leaf | OUTPUT_A | UINT64_C(1) << 52) + offset;
	case LEAF_NON_GLOBAL:
		return (leaf | OUTPUT_A | UINT64_C(1) << 11) + offset;
	case LEAF_A:
	case INVALID:
	case FRESH_TABLE:
	case SAME_TABLE:
	case OLD_TABLE:
		break;
	}
	return (leaf | OUTPUT_A) + offset;
}

bool find_fresh(const struct machine *m, uint8_t *frame)
{
	for (*frame = 0; *frame < MACHINE_FRAMES; ++*frame)
		if (m->frame[*frame].state != FRAME_TABLE)
			return true;
	return false;
}

/* The page that the entry pointed to last, if nothing else came after it. */
static bool find_old(const struct machine *m, struct machine_place place, uint8_t *frame)
{
	uint32_t newest = 0;

	for (uint8_t i = 0; i < MACHINE_FRAMES; i++) {
		const struct machine_frame *f = &m->frame[i];

		if (f->unlinked > newest && f->last.is_lower == place.is_lower &&
		    f->last.upper == place.upper && f->last.lower == place.lower) {
			newest = f->unlinked;
			*frame = i;
		}
	}
	return newest;
}

/* ---- what can be done ------------------------------------------------------------------------ */

/*
 * What two CPUs store to one entry is in the order of the capture only if the first store was complete
 * before the second: without a barrier in between nothing says so.
 */
static bool is_in_order(const struct world *world, const struct operation *operation)
{
	const struct machine_entry *entry =
		machine_entry((struct machine *)&world->machine, operation->place);

	for (uint32_t i = 1; i < entry->nr_versions; i++)
		if (entry->by[i] != operation->cpu)
			return false;
	return true;
}

static bool store_is_possible(const struct world *world, const struct operation *operation)
{
	const struct machine *m = &world->machine;
	const struct machine_place place = operation->place, above = {.upper = place.upper};
	uint64_t value = machine_value(m, place);
	uint8_t frame;

	if (place.is_lower && !machine_is_table(m, above, machine_value(m, above)))
		return false;
	if (!is_in_order(world, operation))
		return false;
	switch (operation->value) {
	case INVALID:
		return value != 0;
	case FRESH_TABLE:
		return find_fresh(m, &frame);
	case SAME_TABLE:
		return machine_is_table(m, place, value);
	case OLD_TABLE:
		return value == 0 && find_old(m, place, &frame);
	default:
		return value != leaf_descriptor(m, place, operation->value);
	}
}

bool operation_is_possible(const struct world *world, const struct operation *operation)
{
	const struct machine *m = &world->machine;

	if (world->is_over)
		return false;
	switch (operation->kind) {
	case DO_STORE:
		return machine_has_room(m) && store_is_possible(world, operation);
	case DO_FREE:
		return m->frame[operation->frame].state == FRAME_TABLE;
	case DO_TLBI:
		return machine_has_room(m);
	case DO_DSB:
		return true;
	case DO_MAP_PAGE:
	case DO_MAP_BLOCK:
	case DO_UNMAP:
	case DO_CLEAR:
		return function_is_possible(world, operation);
	}
	return false;
}

/* ---- doing it -------------------------------------------------------------------------------- */

static void do_store(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_WRITE);
	static const enum kernel_level names[] = {
		[1] = KERNEL_PUD, [2] = KERNEL_PMD, [3] = KERNEL_PTE};
	struct machine *m = &world->machine;
	uint64_t value = 0;
	uint8_t frame = 0;

	switch (operation->value) {
	case INVALID:
		break;
	case FRESH_TABLE:
		find_fresh(m, &frame);
		machine_take(m, frame);
		value = table_descriptor(m, frame);
		break;
	case SAME_TABLE:
		value = machine_value(m, operation->place);
		break;
	case OLD_TABLE:
		find_old(m, operation->place, &frame);
		value = table_descriptor(m, frame);
		break;
	default:
		value = leaf_descriptor(m, operation->place, operation->value);
		break;
	}
	event->level = names[machine_level(m, operation->place)];
	event->has_va = true;
	event->va = machine_va(m, operation->place);
	event->value = value;
	machine_store(m, operation->cpu, operation->place, value);
}

static void do_free(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_PAGE_FREE);
	struct machine *m = &world->machine;
	struct machine_place place;

	world->is_over = machine_find_link(m, operation->frame, &place);
	event->pfn = machine_frame_address(m, operation->frame) >> m->granule_shift;
	machine_free(m, operation->frame);
}

/* The operand as the Arm ARM lays it out (C5.5). */
static uint64_t operand_of(const struct machine *m, const struct operation *operation,
			   enum machine_tlbi_name name)
{
	uint64_t va = machine_va(m, operation->place) +
		      ((uint64_t)(int64_t)operation->offset << m->granule_shift);
	uint64_t granule = (m->granule_shift - 10) / 2;

	if (operation->other_granule)
		granule = granule % 3 + 1;
	if (name == OP_VMALLE1)
		return 0;
	if (name == OP_ASIDE1)
		return (uint64_t)operation->asid << 48;
	if (name >= OP_RVAE1)
		return (uint64_t)operation->asid << 48 | granule << 46 |
		       (uint64_t)operation->scale << 44 | (uint64_t)operation->num << 39 |
		       (uint64_t)operation->ttl << 37 |
		       (va >> m->granule_shift & UINT64_C(0x1fffffffff));
	if (operation->ttl || operation->other_granule)
		granule = granule << 2 | (uint64_t)operation->ttl;
	else
		granule = 0;
	return (uint64_t)operation->asid << 48 | granule << 44 |
	       (va >> 12 & UINT64_C(0xfffffffffff));
}

static struct machine_tlbi parse_tlbi(const char *mnemonic)
{
	static const char *const names[] = {
		[OP_VMALLE1] = "vmalle1", [OP_ASIDE1] = "aside1", [OP_VAE1] = "vae1",
		[OP_VAAE1] = "vaae1",	  [OP_VALE1] = "vale1",	  [OP_VAALE1] = "vaale1",
		[OP_RVAE1] = "rvae1",	  [OP_RVAAE1] = "rvaae1", [OP_RVALE1] = "rvale1",
		[OP_RVAALE1] = "rvaale1",
	};
	struct machine_tlbi tlbi = {0};

	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(mnemonic, names[i], length) != 0)
			continue;
		tlbi.name = (enum machine_tlbi_name)i;
		if (strcmp(mnemonic + length, "is") == 0)
			tlbi.scope = SCOPE_INNER;
		if (strcmp(mnemonic + length, "os") == 0)
			tlbi.scope = SCOPE_OUTER;
	}
	return tlbi;
}

static void do_tlbi(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_TLBI);
	struct machine *m = &world->machine;
	struct machine_tlbi tlbi = parse_tlbi(operation->mnemonic);

	tlbi.operand = operand_of(m, operation, tlbi.name);
	event->has_operand = tlbi.name != OP_VMALLE1;
	event->operand = tlbi.operand;
	bool known = tlbi_op_parse(str_from(operation->mnemonic), &event->op);

	assert(known);
	(void)known;
	machine_tlbi(m, operation->cpu, tlbi);
}

static void do_dsb(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_DSB);
	const struct machine_dsb dsb = {
		.stores_only = strstr(operation->mnemonic, "st"),
		.this_cpu = strstr(operation->mnemonic, "nsh"),
	};
	bool known = dsb_type_parse(str_from(operation->mnemonic), &event->dsb);

	assert(known);
	(void)known;
	machine_dsb(&world->machine, operation->cpu, dsb);
}

void operation_do(struct world *world, const struct operation *operation, struct trace *trace)
{
	switch (operation->kind) {
	case DO_STORE:
		do_store(world, operation, trace);
		break;
	case DO_FREE:
		do_free(world, operation, trace);
		break;
	case DO_TLBI:
		do_tlbi(world, operation, trace);
		break;
	case DO_DSB:
		do_dsb(world, operation, trace);
		break;
	case DO_MAP_PAGE:
	case DO_MAP_BLOCK:
	case DO_UNMAP:
	case DO_CLEAR:
		function_do(world, operation, trace);
		break;
	}
}
