/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mapping functions of the kernel, right and wrong ones: what they do to the tables, and the events
 * that probes on the functions, the TLBI instructions and the page allocator give of it.
 */
#include "operations.h"

static const struct machine_place top = {.upper = 0};
static const struct machine_place first_page = {.is_lower = true};

bool function_is_possible(const struct world *world, const struct operation *operation)
{
	const struct machine *m = &world->machine;
	uint64_t value = machine_value(m, top);
	uint8_t frame;

	switch (operation->kind) {
	case DO_MAP_PAGE:
		return world->area == AREA_NONE &&
		       (machine_is_table(m, top, value) || find_fresh(m, &frame));
	case DO_MAP_BLOCK:
		return world->area == AREA_NONE;
	case DO_UNMAP:
		return world->area != AREA_NONE && !world->is_unmapped;
	case DO_CLEAR:
		return world->area != AREA_NONE && world->is_unmapped;
	default:
		return false;
	}
}

static uint64_t size_of(const struct machine *m, enum area area)
{
	return machine_span(m, area == AREA_BLOCK ? m->upper_level : m->upper_level + 1);
}

static void set_range(const struct world *world, struct mmu_event *event, enum area area)
{
	event->has_va = true;
	event->va = machine_va(&world->machine, top);
	event->end = event->va + size_of(&world->machine, area);
}

static void set_entry(const struct world *world, struct mmu_event *event)
{
	event->level = KERNEL_PMD;
	event->done = DONE_YES;
	set_range(world, event, AREA_BLOCK);
}

static void set_memory(struct mmu_event *event, uint64_t descriptor)
{
	const uint64_t address = UINT64_C(0x0000fffffffff000);

	event->has_pa = true;
	event->pa = descriptor & address;
	event->has_prot = true;
	event->prot = (descriptor & ~address) | 3;
}

static void begin_map(struct world *world, const struct operation *operation, struct trace *trace,
		      enum area area, uint64_t descriptor)
{
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_MAP);

	set_range(world, event, area);
	set_memory(event, descriptor);
	event->in_ioremap = true;
	world->area = area;
	machine_begin_reuse(&world->machine, area == AREA_BLOCK ? top : first_page);
}

static void end_map(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_MAP_END);

	set_range(world, event, world->area);
	event->done = DONE_YES;
	machine_end_reuse(&world->machine);
}

/* __pte_alloc_kernel(), where there is no table. */
static void install_table(struct world *world, const struct operation *operation,
			  struct trace *trace)
{
	struct machine *m = &world->machine;
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_TABLE);
	uint8_t frame;

	find_fresh(m, &frame);
	set_entry(world, event);
	event->has_table_pfn = true;
	event->table_pfn = machine_frame_address(m, frame) >> m->granule_shift;
	machine_take(m, frame);
	machine_store(m, operation->cpu, top, table_descriptor(m, frame));
}

static void map_page(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct machine *m = &world->machine;
	uint64_t leaf = leaf_descriptor(m, first_page, LEAF_A);

	begin_map(world, operation, trace, AREA_PAGE, leaf);
	if (!machine_is_table(m, top, machine_value(m, top)))
		install_table(world, operation, trace);
	machine_store(m, operation->cpu, first_page, leaf);
	end_map(world, operation, trace);
}

static void invalidate_table(struct world *world, const struct operation *operation,
			     struct trace *trace)
{
	const struct operation tlbi = {
		.kind = DO_TLBI,
		.cpu = operation->cpu,
		.place = top,
		.mnemonic = operation->promotion == PROMOTE_LAST_LEVEL ? "vaale1is" : "vaae1is",
	};

	operation_do(world, &tlbi, trace);
	trace->event[trace->count - 1].in_break = true;
}

static void free_table(struct world *world, const struct operation *operation, struct trace *trace,
		       uint8_t frame)
{
	struct machine *m = &world->machine;
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_PAGE_FREE);

	event->pfn = machine_frame_address(m, frame) >> m->granule_shift;
	machine_free(m, frame);
}

/* pmd_free_pte_page(), as it should be or not. */
static void break_table(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct machine *m = &world->machine;
	uint8_t frame = machine_frame_of(m, machine_value(m, top));
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_BREAK);
	const struct event_where call = event->where;

	set_entry(world, event);
	event->done = DONE_UNKNOWN;
	machine_store(m, operation->cpu, top, 0);
	if (operation->promotion == PROMOTE_FREE_FIRST)
		free_table(world, operation, trace, frame);
	if (operation->promotion != PROMOTE_NO_TLBI)
		invalidate_table(world, operation, trace);
	if (operation->promotion != PROMOTE_FREE_FIRST && operation->promotion != PROMOTE_NO_FREE)
		free_table(world, operation, trace, frame);
	event = trace_add(world, operation, trace, EVENT_BREAK_END);
	set_entry(world, event);
	event->where = call;
}

static void map_block(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct machine *m = &world->machine;
	uint64_t leaf = leaf_descriptor(m, top, LEAF_B);
	struct mmu_event *event;

	begin_map(world, operation, trace, AREA_BLOCK, leaf);
	if (operation->promotion != PROMOTE_OVER && machine_is_table(m, top, machine_value(m, top)))
		break_table(world, operation, trace);
	event = trace_add(world, operation, trace, EVENT_BLOCK);
	set_entry(world, event);
	set_memory(event, leaf);
	machine_store(m, operation->cpu, top, leaf);
	end_map(world, operation, trace);
}

/* The leaves go when the range is cleared, not when iounmap() is called. */
static void unmap(struct world *world, const struct operation *operation, struct trace *trace)
{
	set_range(world, trace_add(world, operation, trace, EVENT_UNMAP), world->area);
	world->is_unmapped = true;
}

static void clear(struct world *world, const struct operation *operation, struct trace *trace)
{
	struct machine *m = &world->machine;
	struct mmu_event *event = trace_add(world, operation, trace, EVENT_CLEAR);

	set_range(world, event, world->area);
	event->end += UINT64_C(1) << m->granule_shift; /* the guard page */
	if (world->area == AREA_BLOCK)
		set_entry(world, trace_add(world, operation, trace, EVENT_BLOCK_CLEAR));
	machine_store(m, operation->cpu, world->area == AREA_BLOCK ? top : first_page, 0);
	world->area = AREA_NONE;
	world->is_unmapped = false;
}

void function_do(struct world *world, const struct operation *operation, struct trace *trace)
{
	switch (operation->kind) {
	case DO_MAP_PAGE:
		map_page(world, operation, trace);
		break;
	case DO_MAP_BLOCK:
		map_block(world, operation, trace);
		break;
	case DO_UNMAP:
		unmap(world, operation, trace);
		break;
	case DO_CLEAR:
		clear(world, operation, trace);
		break;
	default:
		break;
	}
}
