/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include <mmureplay/geometry.h>

#include "mmu/bits.h"

/*
 * The shapes that a kernel can be built for (arch/arm64/Kconfig).  One built for 52 bits takes
 * another of them on a CPU without: 48 bits with 4K and 64K, 47 with 16K (VA_BITS_MIN).
 */
static const struct shape {
	uint32_t granule_shift, va_bits;
} shapes[] = {
	{12, 39}, {12, 48}, {12, 52},		/* 4K */
	{14, 36}, {14, 47}, {14, 48}, {14, 52}, /* 16K */
	{16, 42}, {16, 48}, {16, 52},		/* 64K */
};

enum {
	DESCRIPTOR_SHIFT = 3, /* a descriptor has 8 bytes */
	LPA2_VA_BITS = 52
};

static const struct shape *find_shape(uint32_t granule, uint32_t va_bits)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		if (granule == 1U << shapes[i].granule_shift && va_bits == shapes[i].va_bits)
			return &shapes[i];
	return NULL;
}

struct error *mmu_geometry_init(struct mmu_geometry *geometry, uint32_t granule, uint32_t va_bits)
{
	const struct shape *shape = find_shape(granule, va_bits);

	if (!shape)
		return error_create(ERROR_USAGE,
				    "no arm64 kernel has pages of %u bytes with %u VA bits: "
				    "4K goes with 39, 48 or 52, 16K with 36, 47, 48 or 52, "
				    "64K with 42, 48 or 52",
				    granule, va_bits);
	/* A table is one granule of descriptors; the first level takes what bits are left. */
	uint32_t index_bits = shape->granule_shift - DESCRIPTOR_SHIFT;
	uint32_t to_index = va_bits - shape->granule_shift;
	uint32_t nr_levels = (to_index + index_bits - 1) / index_bits;

	*geometry = (struct mmu_geometry){
		.granule_shift = shape->granule_shift,
		.va_bits = va_bits,
		.first_level = MMU_LAST_LEVEL + 1 - (int)nr_levels,
		.index_bits = index_bits,
	};
	return NULL;
}

uint32_t mmu_granule_of_va_bits(uint32_t va_bits)
{
	uint32_t found = 0;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		if (shapes[i].va_bits != va_bits)
			continue;
		if (found)
			return 0;
		found = 1U << shapes[i].granule_shift;
	}
	return found;
}

uint32_t mmu_index(const struct mmu_geometry *geometry, int level, uint64_t va)
{
	uint32_t low = mmu_level_shift(geometry, level);
	uint32_t above = low + geometry->index_bits;

	if (low >= geometry->va_bits) /* a folded level: its table has one entry */
		return 0;
	if (above > geometry->va_bits)
		above = geometry->va_bits;
	return (uint32_t)bits_get(va, above - 1, low);
}

/*
 * A folded level's functions work on the entry of the level above (include/asm-generic/
 * pgtable-nop4d.h, -nopud.h, -nopmd.h), so its name means the first level.
 */
int mmu_level(const struct mmu_geometry *geometry, enum kernel_level level)
{
	int unfolded = MMU_LAST_LEVEL - (int)level;

	return unfolded < geometry->first_level ? geometry->first_level : unfolded;
}

/* Names as in arch/arm64/mm/ptdump.c, where the first level is "PGD" whatever its number. */
const char *mmu_level_name(const struct mmu_geometry *geometry, int level)
{
	static const char *const names[MMU_NR_LEVELS] = {"pgd", "p4d", "pud", "pmd", "pte"};

	return names[level == geometry->first_level ? 0 : level - MMU_FIRST_LEVEL];
}

bool mmu_level_has_blocks(const struct mmu_geometry *geometry, int level)
{
	return level == 2 || (level == 1 && geometry->granule_shift == 12);
}

bool mmu_has_lpa2(const struct mmu_geometry *geometry)
{
	return geometry->va_bits == LPA2_VA_BITS && geometry->granule_shift < 16;
}
