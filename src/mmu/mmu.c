/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

/* What arm64 kernels are built with unless they say otherwise. */
enum {
	DEFAULT_GRANULE = 4096,
	DEFAULT_VA_BITS = 48,
};

static apply_event *const apply_table_of_kinds[EVENT_KINDS] = {
	[EVENT_MAP] = apply_map,
	[EVENT_MAP_END] = apply_map_end,
	[EVENT_UNMAP] = apply_unmap,
	[EVENT_CLEAR] = apply_clear,
	[EVENT_BLOCK] = apply_block,
	[EVENT_BLOCK_CLEAR] = apply_block_clear,
	[EVENT_TABLE] = apply_table,
	[EVENT_BREAK] = apply_break,
	[EVENT_BREAK_END] = apply_break_end,
	[EVENT_WRITE] = apply_write,
	[EVENT_PAGE_ALLOC] = apply_page_alloc,
	[EVENT_PAGE_FREE] = apply_page_free,
	[EVENT_TLBI] = apply_tlbi,
	[EVENT_DSB] = apply_dsb,
	[EVENT_FLUSH] = apply_flush,
	[EVENT_ACCESS] = apply_access,
	[EVENT_LOST] = apply_lost,
};

static void *share_mapping(void *context, void *value)
{
	struct mmu_mapping *mapping = mmu_mapping_get(value);

	mapping->pieces++;
	return mapping;
}

static void drop_mapping(void *context, void *value)
{
	struct mmu_mapping *mapping = value;

	if (--mapping->pieces == 0) /* others have been made over all of it */
		alias_remove(context, mapping);
	mmu_mapping_put(mapping);
}

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)

struct error *mmu_create(const struct mmu_options *options, mmu_change_handler *handler,
			 void *context, struct mmu **ret)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = calloc(1, sizeof(*mmu));

	if (!mmu)
		return error_memory();
	mmu->options = *options;
	mmu->handler = handler;
	mmu->context = context;
	TRY(mmu_geometry_init(&mmu->geometry, options->granule ? options->granule : DEFAULT_GRANULE,
			      options->va_bits ? options->va_bits : DEFAULT_VA_BITS));
	pool_init(&mmu->entry_pool, &mmu->arena, sizeof(struct mmu_entry));
	pool_init(&mmu->table_pool, &mmu->arena, sizeof(struct mmu_table));
	pool_init(&mmu->mapping_pool, &mmu->arena, sizeof(struct mmu_mapping));
	pool_init(&mmu->stale_pool, &mmu->arena, sizeof(struct stale_item));
	pool_init(&mmu->place_pool, &mmu->arena, sizeof(struct place));
	pool_init(&mmu->pending_pool, &mmu->arena, sizeof(struct pending_tlbi));
	pool_init(&mmu->overlap_pool, &mmu->arena, sizeof(struct overlap));
	for (int i = 0; i < MMU_ATTR_INDEXES; i++)
		mmu->by_pa[i].pool = &mmu->overlap_pool;
	mmu->layouts = MAIR_ANY;
	mmu->generations = GENERATION_ANY;
	extents_init(&mmu->mappings, &mmu->arena,
		     (struct extents_hooks){share_mapping, drop_mapping, mmu});
	TRY(stale_init(mmu));
	mmu->log.runs = arena_alloc(&mmu->arena, TLBI_LOG_RUNS * sizeof(*mmu->log.runs));
	if (!mmu->log.runs)
		return error_memory();
	*ret = steal(mmu);
	return NULL;
}

void mmu_destroy(struct mmu *mmu)
{
	if (!mmu)
		return;
	stale_deinit(mmu);
	pending_deinit(mmu);
	array_deinit(&mmu->cpus);
	hash_deinit(&mmu->entries);
	hash_deinit(&mmu->frames);
	hash_deinit(&mmu->barriered);
	hash_deinit(&mmu->flushers);
	hash_deinit(&mmu->places);
	arena_deinit(&mmu->arena);
	free(mmu);
}

struct error *mmu_emit(struct mmu *mmu, const struct mmu_change *change)
{
	return mmu->handler ? mmu->handler(mmu->context, mmu, change) : NULL;
}

struct error *mmu_apply(struct mmu *mmu, const struct mmu_event *event)
{
	mmu->current = event;
	struct error *err = apply_table_of_kinds[event->kind](mmu, event);

	mmu->current = NULL;
	return err;
}

struct error *mmu_finish(struct mmu *mmu)
{
	const struct mmu_mapping *last = NULL;

	for (struct extent *extent = extents_first(&mmu->mappings, 0, UINT64_MAX); extent;
	     extent = extents_next(&mmu->mappings, extent, UINT64_MAX)) {
		struct mmu_mapping *mapping = extent->value;
		const struct mmu_change change = {
			.kind = CHANGE_LIVE_AT_END,
			.level = MMU_LAST_LEVEL,
			.va = mapping->va,
			.end = mapping->end,
			.mapping = mapping,
		};

		if (mapping_is_live(mapping) && mapping != last)
			TRY(mmu_emit(mmu, &change));
		last = mapping;
	}
	return NULL;
}

const struct mmu_geometry *mmu_geometry(const struct mmu *mmu)
{
	return &mmu->geometry;
}

const struct mmu_entry *mmu_find_entry(const struct mmu *mmu, int level, uint64_t va)
{
	return entry_find(mmu, level, va);
}

const struct mmu_facts *mmu_facts(const struct mmu *mmu)
{
	return &mmu->facts;
}
