/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The may-be-cached set: values that entries had, and that CPUs may still hold.
 *
 * Kept as extents by class (leaf, table) and level, so that an invalidation costs what it removes.  A
 * value of which a part was invalidated lives on in pieces.  Values of one entry that differ in what they
 * may do wrong lie in layers, one over the other.
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
	table_put(mmu, item->info.within);
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
			for (int layer = 0; layer < STALE_LAYERS; layer++)
				extents_init(&mmu->stale[class][level][layer], &mmu->arena, hooks);
	return NULL;
}

/* Frees what the items own outside the arena. */
void stale_deinit(struct mmu *mmu)
{
	for (int class = 0; class < STALE_CLASSES; class ++)
		for (int level = 0; level < MMU_NR_LEVELS; level++)
			for (int layer = 0; layer < STALE_LAYERS; layer++)
				error_destroy(extents_clear(&mmu->stale[class][level][layer], NULL,
							    NULL));
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

static enum stale_class class_of(const struct mmu_stale *info)
{
	return info->kind == ENTRY_TABLE ? STALE_TABLE : STALE_LEAF;
}

/* An item with references to what the value is about, and an id. */
static struct stale_item *create_item(struct mmu *mmu, struct mmu_stale *info)
{
	struct stale_item *item = pool_get(&mmu->stale_pool);

	if (!item)
		return NULL;
	info->id = ++mmu->last_stale_id;
	/* Invalidations before this and after it are not of one run: they do not do the same. */
	tlbi_log_seal(mmu, info->since.order);
	item->info = *info;
	item->pieces = 1;
	if (info->table)
		info->table->refs++;
	if (info->within)
		info->within->refs++;
	if (info->mapping)
		mmu_mapping_get(info->mapping);
	return item;
}

static struct error *insert_item(struct mmu *mmu, struct extents *map, struct stale_item *item)
{
	const struct mmu_stale *info = &item->info;

	TRY(extents_remove(map, info->va, info->end - 1, NULL, NULL));
	if (!extents_insert(map, info->va, info->end - 1, item))
		return error_memory();
	mmu->stale_places |= stale_place(class_of(info), info->level);
	return stale_emit_gone(mmu, NULL, info->id);
}

struct error *stale_insert(struct mmu *mmu, struct extents *map, struct mmu_stale *info)
{
	struct stale_item *item = create_item(mmu, info);

	return item ? insert_item(mmu, map, item) : error_memory();
}

static bool same_leaf(const struct mmu *mmu, const struct mmu_stale *a, const struct mmu_stale *b)
{
	const struct mmu_geometry *geometry = &mmu->geometry;

	return mmu_leaf_compare(geometry, a->level, a->descriptor, b->descriptor) == LEAF_SAME &&
	       mmu_leaf_compare(geometry, a->level, b->descriptor, a->descriptor) == LEAF_SAME;
}

static bool same_frame(const struct mmu_stale *a, const struct mmu_stale *b)
{
	return a->table->pa_source != PA_UNKNOWN && b->table->pa_source != PA_UNKNOWN &&
	       a->table->pa == b->table->pa;
}

/*
 * Whether a newer value stands for an older one of the same place: it goes with the same invalidations,
 * and whatever the older one does not go with, the newer one does not either.
 */
static bool stands_for(const struct mmu *mmu, const struct mmu_stale *newer,
		       const struct mmu_stale *older)
{
	if (newer->table)
		return newer->table == older->table ||
		       (older->table->state == TABLE_FREED && same_frame(newer, older));
	if (older->within && older->within != newer->within && older->within->state != TABLE_FREED)
		return false; /* it may be cached again after an invalidation of leaves */
	if (!older->has_descriptor)
		return true;
	return newer->has_descriptor && same_leaf(mmu, newer, older);
}

/* Removes what the new value stands for from one layer, and notes what of it matters still. */
static struct error *absorb(struct mmu *mmu, struct extents *map, struct mmu_stale *info)
{
	uint64_t last = info->end - 1;
	struct extent *extent = extents_first(map, info->va, last);

	while (extent) {
		uint64_t from = extent->start > info->va ? extent->start : info->va;
		uint64_t to = extent->last < last ? extent->last : last;
		const struct stale_item *item = extent->value;

		if (stands_for(mmu, info, &item->info)) {
			info->without_nt |= item->info.without_nt;
			TRY(extents_remove(map, from, to, NULL, NULL));
		}
		if (to >= last)
			break;
		extent = extents_first(map, to + 1, last);
	}
	return NULL;
}

/* The layer whose value at the place is the oldest. */
static struct extents *oldest_layer(struct mmu *mmu, enum stale_class class,
				    const struct mmu_stale *info)
{
	struct extents *oldest = NULL;
	uint64_t id = UINT64_MAX;

	for (int layer = 0; layer < STALE_LAYERS; layer++) {
		struct extents *map = stale_map(mmu, class, info->level, layer);
		const struct extent *extent = extents_first(map, info->va, info->end - 1);
		const struct stale_item *item = extent->value;

		if (item->info.id < id) {
			oldest = map;
			id = item->info.id;
		}
	}
	return oldest;
}

struct error *stale_add(struct mmu *mmu, enum stale_class class, struct mmu_stale *info)
{
	struct extents *map = NULL;

	if (info->kind == ENTRY_BLOCK)
		info->without_nt = !info->has_descriptor || !mmu_descriptor_nt(info->descriptor);
	/* Before what it stands for goes, which may be all that holds its mapping or tables. */
	struct stale_item *item = create_item(mmu, info);

	if (!item)
		return error_memory();
	for (int layer = 0; layer < STALE_LAYERS; layer++) {
		struct extents *at = stale_map(mmu, class, info->level, layer);

		TRY(absorb(mmu, at, &item->info));
		if (!map && !extents_first(at, info->va, info->end - 1))
			map = at;
	}
	return insert_item(mmu, map ? map : oldest_layer(mmu, class, info), item);
}

/* What the entry holds, or held: a table, NULL for a leaf. */
static struct mmu_stale value_of(const struct mmu *mmu, const struct mmu_entry *entry,
				 struct mmu_table *table, const struct mmu_event *event)
{
	return (struct mmu_stale){
		.va = entry->va,
		.end = entry_end(mmu, entry),
		.level = entry->level,
		.kind = table ? ENTRY_TABLE : entry->kind,
		.has_descriptor = entry->has_descriptor,
		.descriptor = entry->descriptor,
		.last_use = entry->seen,
		.since = event->where,
		.table = table,
		.mapping = entry->mapped,
	};
}

struct error *stale_remember(struct mmu *mmu, const struct mmu_entry *entry,
			     struct mmu_table *table, bool overwritten,
			     const struct mmu_event *event)
{
	struct mmu_stale info = value_of(mmu, entry, table, event);

	info.overwritten = overwritten;
	return stale_add(mmu, table ? STALE_TABLE : STALE_LEAF, &info);
}

struct error *stale_remember_below(struct mmu *mmu, const struct mmu_entry *entry,
				   struct mmu_table *within, const struct mmu_event *event)
{
	struct mmu_stale info = value_of(mmu, entry, NULL, event);

	info.within = within;
	return stale_add(mmu, STALE_LEAF, &info);
}

static struct mmu_stale extent_info(const struct extent *extent)
{
	struct mmu_stale info = ((const struct stale_item *)extent->value)->info;

	info.va = extent->start;
	info.end = extent->last + 1;
	return info;
}

/* Whether `a` begins before `b`, as seen from va; or is newer, where both begin there. */
static bool is_before(const struct extent *a, const struct extent *b, uint64_t va)
{
	uint64_t from_a = a->start > va ? a->start : va, from_b = b->start > va ? b->start : va;

	return from_a != from_b ? from_a < from_b : extent_info(a).id > extent_info(b).id;
}

bool stale_find(struct mmu *mmu, enum stale_class class, int level, uint64_t va, uint64_t end,
		struct mmu_stale *ret)
{
	const struct extent *first = NULL;

	if (!(mmu->stale_places & stale_place(class, level)))
		return false;
	for (int layer = 0; layer < STALE_LAYERS; layer++) {
		const struct extent *extent =
			extents_first(stale_map(mmu, class, level, layer), va, end - 1);

		if (extent && (!first || is_before(extent, first, va)))
			first = extent;
	}
	if (first)
		*ret = extent_info(first);
	return first;
}

const struct stale_item *stale_find_table(struct mmu *mmu, const struct mmu_table *table, int level,
					  uint64_t va)
{
	for (int layer = 0; layer < STALE_LAYERS; layer++) {
		const struct extent *extent =
			extents_first(stale_map(mmu, STALE_TABLE, level, layer), va, va);

		const struct stale_item *item = extent ? extent->value : NULL;

		if (item && item->info.table == table)
			return item;
	}
	return NULL;
}

static int compare_age(const void *left, const void *right)
{
	const struct mmu_stale *a = left, *b = right;

	return a->id > b->id ? -1 : a->id < b->id;
}

/* The values of one class that the entry itself had. */
static uint32_t collect_own(struct mmu *mmu, enum stale_class class, const struct mmu_entry *entry,
			    struct mmu_stale *ret)
{
	uint32_t count = 0;

	for (int layer = 0; layer < STALE_LAYERS; layer++) {
		const struct extent *extent =
			extents_first(stale_map(mmu, class, entry->level, layer), entry->va,
				      entry_end(mmu, entry) - 1);

		if (extent)
			ret[count++] = extent_info(extent);
	}
	qsort(ret, count, sizeof(*ret), compare_age);
	return count;
}

static uint32_t collect_below(struct mmu *mmu, enum stale_class class,
			      const struct mmu_entry *entry, struct mmu_stale *ret)
{
	for (int level = entry->level + 1; level <= MMU_LAST_LEVEL; level++)
		if (stale_find(mmu, class, level, entry->va, entry_end(mmu, entry), ret))
			return 1;
	return 0;
}

uint32_t stale_collect(struct mmu *mmu, const struct mmu_entry *entry, struct mmu_stale *ret)
{
	bool is_block = entry->kind == ENTRY_BLOCK;
	uint32_t count = collect_own(mmu, STALE_TABLE, entry, ret);

	if (is_block)
		count += collect_below(mmu, STALE_TABLE, entry, ret + count);
	count += collect_own(mmu, STALE_LEAF, entry, ret + count);
	if (is_block)
		count += collect_below(mmu, STALE_LEAF, entry, ret + count);
	return count;
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
	for (int layer = 0; layer < STALE_LAYERS; layer++)
		TRY(extents_remove(stale_map(mmu, class, level, layer), va, end - 1, NULL, NULL));
	return stale_emit_gone(mmu, NULL, 0);
}
