/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live mappings by their physical addresses and AttrIndx, to find those of one range that differ in it.
 * Drivers may map a range twice in the same way, and often do.
 */
#include "mmu/model.h"

#include "base/try.h"

/*
 * Functions that kernels with only some of the layouts of MAIR_EL1 have, by the versions of src/event/
 * dictionary.c.  The table is of names, as distributions take over functions, but not this numbering.
 */
static const struct {
	const char *symbol;
	uint32_t layouts;
} symbols[] = {
	{"__iounmap", MAIR_4_9},			      /* to 5.3 */
	{"vunmap_page_range", MAIR_4_9},		      /* to 5.7 */
	{"vmap_page_range_noflush", MAIR_4_9},		      /* to 5.7 */
	{"unmap_kernel_range_noflush", MAIR_4_9 | MAIR_5_10}, /* to 5.12 */
	{"map_kernel_range_noflush", MAIR_4_9 | MAIR_5_10},   /* to 5.12 */
	{"vmap_range_noflush", MAIR_5_10 | MAIR_5_15},	      /* 5.13 and later */
	{"vunmap_range_noflush", MAIR_5_10 | MAIR_5_15},      /* 5.13 and later */
	{"vmap_pages_range_noflush", MAIR_5_10 | MAIR_5_15},  /* 5.13 and later */
	{"vmap_small_pages_range_noflush", MAIR_5_10 | MAIR_5_15},
	{"ioremap_prot", MAIR_5_15},	       /* 6.0 and later */
	{"__ioremap_prot", MAIR_5_15},	       /* stable 6.12 */
	{"generic_ioremap_prot", MAIR_5_15},   /* 6.6 and later */
	{"generic_iounmap", MAIR_5_15},	       /* 6.6 and later */
	{"__vunmap_range_noflush", MAIR_5_15}, /* 6.1 and later */
};

void memory_note_symbol(struct mmu *mmu, struct str symbol)
{
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		if (str_is(symbol, symbols[i].symbol))
			mmu->layouts &= symbols[i].layouts;
}

/*
 * What drivers ask of ioremap() is Device-nGnRE, seldom Normal-NC, Normal or Device-nGnRnE, and nothing
 * else: an index tells which layouts have one of these there.
 */
static void note_ioremap(struct mmu *mmu, uint32_t attr_index)
{
	static const uint32_t layouts[MMU_ATTR_INDEXES] = {
		MAIR_ANY, MAIR_4_9, MAIR_5_10 | MAIR_5_15, MAIR_4_9 | MAIR_5_15,
		MAIR_ANY, MAIR_5_10};

	mmu->layouts &= layouts[attr_index];
	mmu->nr_ioremaps++;
	mmu->ioremaps_as[attr_index]++;
}

/* Plain ioremap() is by far the most usual: the layout in which most mappings were made by it. */
static uint32_t most_usual(const struct mmu *mmu)
{
	static const uint32_t nGnRE[][2] = {{MAIR_4_9, 1}, {MAIR_5_10, 5}, {MAIR_5_15, 4}};

	for (size_t i = 0; i < sizeof(nGnRE) / sizeof(nGnRE[0]); i++)
		if (mmu->layouts & nGnRE[i][0] &&
		    mmu->ioremaps_as[nGnRE[i][1]] > mmu->nr_ioremaps / 2)
			return nGnRE[i][0];
	return mmu->layouts;
}

uint32_t mmu_mair_layouts(const struct mmu *mmu)
{
	/* Evidence that contradicts itself is none. */
	return mmu->layouts ? most_usual(mmu) : MAIR_ANY;
}

static uint64_t pa_last(const struct mmu_mapping *mapping)
{
	return mapping->pa + (mapping->end - 1 - mapping->va);
}

bool mapping_aliases(const struct mmu_mapping *a, const struct mmu_mapping *b)
{
	return a->has_pa && b->has_pa && a->has_prot && b->has_prot && a->pa <= pa_last(b) &&
	       b->pa <= pa_last(a) && mmu_attr_index(a->prot) != mmu_attr_index(b->prot);
}

struct search {
	const struct mmu *mmu;
	const struct mmu_mapping *mapping;
	uint64_t va, end; /* of `mapping`: the part that the found one maps, too */
};

/* Whether the part that both map is still mapped by the other one. */
static bool is_live_there(void *context, const struct overlap *overlap)
{
	struct search *search = context;
	const struct mmu_mapping *mapping = search->mapping, *other = overlap->value;
	uint64_t first = overlap->start > mapping->pa ? overlap->start : mapping->pa;
	uint64_t last = overlap->last < pa_last(mapping) ? overlap->last : pa_last(mapping);
	uint64_t other_va = other->va + (first - other->pa);
	uint64_t other_last = other_va + (last - first);
	const struct extents *map = &search->mmu->mappings;

	for (struct extent *extent = extents_first(map, other_va, other_last); extent;
	     extent = extents_next(map, extent, other_last)) {
		if (extent->value != other)
			continue;
		uint64_t from = extent->start > other_va ? extent->start : other_va;
		uint64_t to = extent->last < other_last ? extent->last : other_last;

		search->va = mapping->va + (first - mapping->pa) + (from - other_va);
		search->end = search->va + (to - from) + 1;
		return true;
	}
	return false;
}

struct error *alias_add(struct mmu *mmu, struct mmu_mapping *mapping, const struct mmu_event *event)
{
	uint32_t index = mmu_attr_index(mapping->prot);
	struct search search = {.mmu = mmu, .mapping = mapping};
	struct mmu_change change = {
		.kind = CHANGE_ALIAS, .event = event, .level = MMU_LAST_LEVEL, .mapping = mapping};

	if (!mapping->has_pa || !mapping->has_prot || mapping->by_pa ||
	    pa_last(mapping) < mapping->pa)
		return NULL;
	if (mapping->in_ioremap)
		note_ioremap(mmu, index);
	mapping->by_pa = true;
	if (!overlaps_add(&mmu->by_pa[index], mapping->pa, pa_last(mapping), mapping->id, mapping))
		return error_memory();
	for (uint32_t other = 0; other < MMU_ATTR_INDEXES; other++) {
		const struct overlap *found =
			other == index ? NULL
				       : overlaps_find(&mmu->by_pa[other], mapping->pa,
						       pa_last(mapping), is_live_there, &search);

		if (!found)
			continue;
		change.other = found->value;
		change.va = search.va;
		change.end = search.end;
		TRY(mmu_emit(mmu, &change));
	}
	return NULL;
}

void alias_remove(struct mmu *mmu, struct mmu_mapping *mapping)
{
	if (mapping->by_pa)
		overlaps_remove(&mmu->by_pa[mmu_attr_index(mapping->prot)], mapping->pa,
				mapping->id);
	mapping->by_pa = false;
}
