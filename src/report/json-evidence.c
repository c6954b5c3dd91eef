/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"
#include "report/names.h"

/* An event as an object of its own; null where it is not in the capture. */
static struct json_object *add_event(struct json_builder *builder, struct json_object *parent,
				     const char *key, const struct event_where *where)
{
	if (!where->order) {
		json_add_null(builder, parent, key);
		return NULL;
	}
	struct json_object *event = json_add_object(builder, parent, key);

	json_add_where(builder, event, where);
	return event;
}

static void add_table(struct json_builder *builder, struct json_object *parent,
		      const struct finding_table *table)
{
	const struct mmu_geometry *geometry = builder->report->geometry;
	struct json_object *object = json_add_object(builder, parent, NULL);
	bool is_known = table->pa_source != PA_UNKNOWN;

	json_add_hex_if(builder, object, "pa", is_known, table->pa);
	json_add_hex_if(builder, object, "pfn", is_known, table->pa >> geometry->granule_shift);
	json_add_text(builder, object, "pa_source", pa_source_name(table->pa_source));
	json_add_level(builder, object, "level", table->level);
	json_add_text(builder, object, "level_name", mmu_level_name(geometry, table->level));
	json_add_range(builder, object, "va", table->va, table->end);
	add_event(builder, object, "made", &table->made);
}

/* Who was called, and for whom. */
static void add_origin(struct json_builder *builder, struct json_object *event, struct str symbol,
		       const struct event_origin *origin)
{
	if (!event)
		return;
	json_add_str(builder, event, "symbol", symbol);
	json_add_str(builder, event, "caller", origin ? origin->symbol : (struct str){0});
	json_add_hex_if(builder, event, "caller_address", origin && origin->address,
			origin ? origin->address : 0);
	if (origin && origin->source.length)
		json_add_str(builder, event, "caller_source", origin->source);
	if (!origin || !origin->nr_frames)
		return;
	struct json_object *stack = json_add_array(builder, event, "stack");

	for (uint32_t i = 0; i < origin->nr_frames; i++) {
		struct json_object *frame = json_add_object(builder, stack, NULL);

		json_add_str(builder, frame, "symbol", origin->frame[i].symbol);
		json_add_hex_if(builder, frame, "address", origin->frame[i].address,
				origin->frame[i].address);
		if (origin->frame_source && origin->frame_source[i].length)
			json_add_str(builder, frame, "source", origin->frame_source[i]);
	}
}

static void add_mapping(struct json_builder *builder, struct json_object *parent, const char *key,
			const struct mmu_mapping *mapping)
{
	if (!mapping) {
		json_add_null(builder, parent, key);
		return;
	}
	struct json_object *object = json_add_object(builder, parent, key);

	json_add_range(builder, object, "va", mapping->va, mapping->end);
	json_add_number(builder, object, "size", mapping->end - mapping->va);
	json_add_hex_if(builder, object, "pa", mapping->has_pa, mapping->pa);
	json_add_hex_if(builder, object, "prot", mapping->has_prot, mapping->prot);
	add_origin(builder, add_event(builder, object, "made", &mapping->made), mapping->symbol,
		   mapping->origin);
	add_origin(builder, add_event(builder, object, "unmapped", &mapping->unmapped),
		   mapping->unmap_symbol, mapping->unmap_origin);
}

/* What belongs to one rule only. */
static void add_use(struct json_builder *builder, struct json_object *object,
		    const struct finding *finding)
{
	if (finding->has_memory_types) {
		struct json_object *types = json_add_object(builder, object, "memory_types");

		json_add_text(builder, types, "old",
			      mmu_memory_type_name(finding->old_memory_type));
		json_add_text(builder, types, "new",
			      mmu_memory_type_name(finding->new_memory_type));
	}
	if (finding->nr_accesses) {
		struct json_object *accesses = json_add_object(builder, object, "accesses");

		json_add_bool(builder, accesses, "is_write", finding->access_is_write);
		json_add_number(builder, accesses, "count", finding->nr_accesses);
		const struct event_origin *origin = finding->access_origin;

		json_add_str(builder, accesses, "caller",
			     origin ? origin->symbol : (struct str){0});
		if (origin && origin->source.length)
			json_add_str(builder, accesses, "caller_source", origin->source);
		json_add_hex_if(builder, accesses, "caller_address", origin && origin->address,
				origin ? origin->address : 0);
		add_event(builder, accesses, "last", &finding->last_access);
	}
}

static void add_run(struct json_builder *builder, struct json_object *object,
		    const struct mmu_tlbi_run *run)
{
	char name[TLBI_NAME_MAX];

	json_add_text(builder, object, "op", tlbi_op_name(run->op, name));
	if (run->what.all)
		json_add_null(builder, object, "va");
	else
		json_add_range(builder, object, "va", run->what.va, run->what.end);
	json_add_number(builder, object, "count", run->count);
	json_add_str(builder, object, "symbol", run->symbol);
	add_event(builder, object, "first", &run->first);
	add_event(builder, object, "last", &run->last);
}

static void add_invalidations(struct json_builder *builder, struct json_object *parent,
			      const struct finding *finding)
{
	struct json_object *array = json_add_array(builder, parent, "invalidations");

	for (uint32_t i = 0; i < finding->nr_invalidations; i++) {
		const struct finding_invalidation *invalidation = &finding->invalidation[i];
		const char *why = invalidation->run.what.why;
		struct json_object *object = json_add_object(builder, array, NULL);

		add_run(builder, object, &invalidation->run);
		json_add_text(builder, object, "effect", tlbi_effect_name(invalidation->effect));
		json_add_text(builder, object, "why",
			      invalidation->effect == TLBI_OF_NOTHING && why
				      ? why
				      : tlbi_effect_text(invalidation->effect));
	}
	json_add_number(builder, parent, "other_invalidations", finding->nr_other_invalidations);
}

static void add_window(struct json_builder *builder, struct json_object *parent,
		       const struct finding *finding)
{
	if (!finding->has_window) {
		json_add_null(builder, parent, "window");
		return;
	}
	struct json_object *window = json_add_object(builder, parent, "window");

	json_add_time(builder, window, "opened", finding->opened.time);
	/* When an assumed invalidation came is not always known. */
	if (finding->closed && finding->closed_time >= finding->opened.time)
		json_add_time(builder, window, "closed", finding->closed_time);
	else
		json_add_null(builder, window, "closed_ns");
	if (!finding->closed) {
		json_add_null(builder, window, "closed_by");
		return;
	}
	struct json_object *by = json_add_object(builder, window, "closed_by");

	json_add_bool(builder, by, "assumed", !finding->closed_by.count);
	if (finding->closed_by.count)
		add_run(builder, by, &finding->closed_by);
}

void json_add_evidence(struct json_builder *builder, struct json_object *object,
		       const struct finding *finding)
{
	struct json_object *tables = json_add_array(builder, object, "tables");

	for (uint32_t i = 0; i < finding->nr_tables; i++)
		add_table(builder, tables, &finding->table[i]);
	struct json_object *mappings = json_add_object(builder, object, "mappings");

	add_mapping(builder, mappings, "old", finding->old_mapping);
	add_mapping(builder, mappings, "new", finding->new_mapping);
	add_use(builder, object, finding);
	add_invalidations(builder, object, finding);
	add_window(builder, object, finding);
}
