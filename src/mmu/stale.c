/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The may-be-cached set: values that entries had, and that CPUs may still hold.
 *
 * Kept as extents by class (leaf, table) and level, so that an invalidation costs what it removes.  A
 * value of which a part was invalidated lives on in pieces.
 */
#include "mmu/model.h"

#include "base/cleanup.h"
#include "base/try.h"

static void *share_item(void *context, void *value)
{
	struct stale_item *item = value;

	item->pieces++;
	return item;
}

static void release_item(struct mmu *mmu, struct stale_item *item)
{
	table_put(mmu, item->info.table);
	mmu_mapping_put(item->info.mapping);
	free(item->clean_cpus);
	pool_put(&mmu->stale_pool, item);
}

static void drop_item(void *context, void *value)
{
	struct mmu *mmu = context;
	struct stale_item *item = value;

	if (--item->pieces)
		return;
	/* Without memory a hazard's window stays open in the report: late, but not wrong. */
	(void)array_push(&mmu->gone, item->info);
	release_item(mmu, item);
}

struct error *stale_init(struct mmu *mmu)
{
	const struct extents_hooks hooks = {share_item, drop_item, mmu};

	for (int class = 0; class < STALE_CLASSES; class ++)
		for (int level = 0; level < MMU_NR_LEVELS; level++)
			extents_init(&mmu->stale[class][level], &mmu->arena, hooks);
	return NULL;
}

/* Frees what the items own outside the arena. */
void stale_deinit(struct mmu *mmu)
{
	for (int class = 0; class < STALE_CLASSES; class ++)
		for (int level = 0; level < MMU_NR_LEVELS; level++)
			error_destroy(extents_clear(&mmu->stale[class][level], NULL, NULL));
	array_deinit(&mmu->gone);
}

struct error *stale_emit_gone(struct mmu *mmu, const struct mmu_tlbi_run *run, uint64_t replaced_by)
{
	for (size_t i = 0; i < mmu->gone.count; i++) {
		const struct mmu_stale *stale = &mmu->gone.at[i];
		const struct mmu_change change = {
			.kind = CHANGE_STALE_GONE,
			.event = mmu->current,
			.level = stale->level,
			.va = stale->va,
			.end = stale->end,
			.stale = stale,
			.by = run,
			.replaced_by = replaced_by,
		};

		TRY(mmu_emit(mmu, &change));
	}
	mmu->gone.count = 0;
	return NULL;
}

struct extents *stale_map(struct mmu *mmu, enum stale_class class, int level)
{
	return &mmu->stale[class][LEVEL_INDEX(level)];
}

/* Whether an older value that this one stands for, too, is a block without nT. */
static bool has_block_without_nt(const struct extents *map, const struct mmu_stale *info)
{
	for (struct extent *extent = extents_first(map, info->va, info->end - 1); extent;
	     extent = extents_next(map, extent, info->end - 1)) {
		const struct stale_item *item = extent->value;

		if (item->info.without_nt)
			return true;
	}
	return false;
}

struct error *stale_add(struct mmu *mmu, enum stale_class class, struct mmu_stale *info)
{
	struct extents *map = stale_map(mmu, class, info->level);
	struct stale_item *item = pool_get(&mmu->stale_pool);

	if (!item)
		return error_memory();
	info->id = ++mmu->last_stale_id;
	if (info->kind == ENTRY_BLOCK)
		info->without_nt = !info->has_descriptor || !mmu_descriptor_nt(info->descriptor) ||
				   has_block_without_nt(map, info);
	/* Invalidations before this and after it are not of one run: they do not do the same. */
	tlbi_log_seal(mmu, info->since.order);
	item->info = *info;
	item->pieces = 1;
	if (info->table)
		info->table->refs++;
	if (info->mapping)
		mmu_mapping_get(info->mapping);
	/* An older value at the same place goes with the same invalidations: one stands for both. */
	TRY(extents_remove(map, info->va, info->end - 1, NULL, NULL));
	if (!extents_insert(map, info->va, info->end - 1, item))
		return error_memory();
	return stale_emit_gone(mmu, NULL, info->id);
}

struct error *stale_remember(struct mmu *mmu, const struct mmu_entry *entry,
			     struct mmu_table *table, bool overwritten,
			     const struct mmu_event *event)
{
	struct mmu_stale info = {
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.level = entry->level,
		.kind = table ? ENTRY_TABLE : entry->kind,
		.has_descriptor = entry->has_descriptor,
		.descriptor = entry->descriptor,
		.overwritten = overwritten,
		.last_use = entry->seen,
		.since = event->where,
		.table = table,
		.mapping = entry->mapped,
	};

	return stale_add(mmu, table ? STALE_TABLE : STALE_LEAF, &info);
}

bool stale_find(struct mmu *mmu, enum stale_class class, int level, uint64_t va, uint64_t end,
		struct mmu_stale *ret)
{
	const struct extent *extent = extents_first(stale_map(mmu, class, level), va, end - 1);
	const struct stale_item *item = extent ? extent->value : NULL;

	if (!extent)
		return false;
	*ret = item->info;
	ret->va = extent->start;
	ret->end = extent->last + 1;
	return true;
}

bool stale_find_leaf(struct mmu *mmu, uint64_t va, uint64_t end, struct mmu_stale *ret)
{
	for (int level = mmu->geometry.first_level; level <= MMU_LAST_LEVEL; level++)
		if (stale_find(mmu, STALE_LEAF, level, va, end, ret))
			return true;
	return false;
}

struct error *stale_cancel(struct mmu *mmu, enum stale_class class, int level, uint64_t va,
			   uint64_t end)
{
	TRY(extents_remove(stale_map(mmu, class, level), va, end - 1, NULL, NULL));
	return stale_emit_gone(mmu, NULL, 0);
}
