/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>

#include <mmureplay/mmu-memory.h>

#include "mmu/bits.h"

enum {
	NR_LAYOUTS = 3
};

static const uint8_t layouts_of_bits[NR_LAYOUTS][MMU_ATTR_INDEXES] = {
	/* MAIR_4_9 */
	{MEMORY_DEVICE_NGNRNE, MEMORY_DEVICE_NGNRE, MEMORY_DEVICE_GRE, MEMORY_NORMAL_NC,
	 MEMORY_NORMAL, MEMORY_NORMAL_WT},
	/* MAIR_5_10 */
	{MEMORY_NORMAL, MEMORY_NORMAL_TAGGED, MEMORY_NORMAL_NC, MEMORY_NORMAL_WT,
	 MEMORY_DEVICE_NGNRNE, MEMORY_DEVICE_NGNRE, MEMORY_DEVICE_GRE},
	/* MAIR_5_15 */
	{MEMORY_NORMAL, MEMORY_NORMAL_TAGGED, MEMORY_NORMAL_NC, MEMORY_DEVICE_NGNRNE,
	 MEMORY_DEVICE_NGNRE},
};

uint32_t mmu_attr_index(uint64_t descriptor)
{
	return (uint32_t)bits_get(descriptor, 4, 2);
}

enum mmu_memory_type mmu_memory_type(uint32_t layouts, uint32_t attr_index)
{
	enum mmu_memory_type found = MEMORY_UNKNOWN;

	for (uint32_t i = 0; i < NR_LAYOUTS; i++) {
		enum mmu_memory_type type = layouts_of_bits[i][attr_index % MMU_ATTR_INDEXES];

		if (!(layouts >> i & 1))
			continue;
		if (found != MEMORY_UNKNOWN && type != found)
			return MEMORY_UNKNOWN;
		found = type;
	}
	return found;
}

const char *mmu_memory_type_name(enum mmu_memory_type type)
{
	static const char *const names[MEMORY_TYPES] = {
		[MEMORY_DEVICE_NGNRNE] = "Device-nGnRnE", [MEMORY_DEVICE_NGNRE] = "Device-nGnRE",
		[MEMORY_DEVICE_GRE] = "Device-GRE",	  [MEMORY_NORMAL_NC] = "Normal-NC",
		[MEMORY_NORMAL_WT] = "Normal-WT",	  [MEMORY_NORMAL] = "Normal",
		[MEMORY_NORMAL_TAGGED] = "Normal-Tagged",
	};

	return names[type];
}

static enum mmu_memory_type without_tags(enum mmu_memory_type type)
{
	return type == MEMORY_NORMAL_TAGGED ? MEMORY_NORMAL : type;
}

enum mmu_mismatch mmu_memory_mismatch(uint32_t layouts, uint32_t attr_index, uint32_t other)
{
	bool some_differ = false, some_agree = false;

	if (attr_index == other)
		return MISMATCH_NONE;
	for (uint32_t i = 0; i < NR_LAYOUTS; i++) {
		if (!(layouts >> i & 1))
			continue;
		enum mmu_memory_type a = mmu_memory_type(1U << i, attr_index);
		enum mmu_memory_type b = mmu_memory_type(1U << i, other);

		if (a != MEMORY_UNKNOWN && without_tags(a) == without_tags(b))
			some_agree = true;
		else
			some_differ = true;
	}
	if (some_differ && some_agree)
		return MISMATCH_UNKNOWN;
	return some_differ ? MISMATCH_CERTAIN : MISMATCH_NONE;
}
