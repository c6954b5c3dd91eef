/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout is that of debugfs kernel_page_tables (Linux 5.8 and later, arch/arm64/mm/ptdump.c):
 *
 *     0xffff800008000000-0xffff800008010000          64K PTE       RW NX SHD AF  ...
 *     start              end                        size level     attributes
 *
 * where a stretch without attributes is one of the entries of that level that are not valid: an empty
 * table shows as such, with the level of the entries in it.  Behind that comes what the kernel's dump
 * does not have.
 */
#include <ctype.h>
#include <inttypes.h>

#include <mmureplay/mmu-memory.h>

#include "base/utf8.h"
#include "cli/digits.h"
#include "cli/event-sink.h"
#include "cli/state-sink.h"

/* Arm ARM D8.3; see descriptor.c. */
#define BIT(n) (UINT64_C(1) << (n))

enum {
	VALID_BIT = 0,
	PAGE_BIT = 1, /* 0: a block */
	USER_BIT = 6,
	READ_ONLY_BIT = 7,
	SHARED_BIT = 8, /* with the next: inner shareable */
	ACCESS_BIT = 10,
	NOT_GLOBAL_BIT = 11,
	GUARDED_BIT = 50,
	CONTIGUOUS_BIT = 52,
	PXN_BIT = 53,
	UXN_BIT = 54,
};

/* A column: what stands there when the bits are as they should be, and when not. */
static const struct {
	uint64_t bits;
	const char *set, *clear;
} columns[] = {
	{BIT(VALID_BIT), " ", "F"},
	{BIT(USER_BIT), "USR", "   "},
	{BIT(READ_ONLY_BIT), "ro", "RW"},
	{BIT(PXN_BIT), "NX", "x "},
	{BIT(SHARED_BIT) | BIT(SHARED_BIT + 1), "SHD", "   "},
	{BIT(ACCESS_BIT), "AF", "  "},
	{BIT(NOT_GLOBAL_BIT), "NG", "  "},
	{BIT(CONTIGUOUS_BIT), "CON", "   "},
	{BIT(PAGE_BIT), "   ", "BLK"},
	{BIT(UXN_BIT), "UXN", "   "},
	{BIT(GUARDED_BIT), "GP", "  "},
};

static const char *const memory_types[MEMORY_TYPES] = {
	[MEMORY_DEVICE_NGNRNE] = "DEVICE/nGnRnE",     [MEMORY_DEVICE_NGNRE] = "DEVICE/nGnRE",
	[MEMORY_DEVICE_GRE] = "DEVICE/GRE",	      [MEMORY_NORMAL_NC] = "MEM/NORMAL-NC",
	[MEMORY_NORMAL_WT] = "MEM/NORMAL-WT",	      [MEMORY_NORMAL] = "MEM/NORMAL",
	[MEMORY_NORMAL_TAGGED] = "MEM/NORMAL-TAGGED",
};

static void add_attributes(struct buffer *line, const struct mmu *mmu, uint64_t descriptor)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		bool is_set = (descriptor & columns[i].bits) == columns[i].bits;

		buffer_printf(line, " %s", is_set ? columns[i].set : columns[i].clear);
	}
	uint32_t index = mmu_attr_index(descriptor);
	enum mmu_memory_type type = mmu_memory_type(mmu_mair_layouts(mmu), index);

	if (type != MEMORY_UNKNOWN)
		buffer_printf(line, " %s", memory_types[type]);
	else /* of MAIR_EL1, whose content is not known */
		buffer_printf(line, " ATTRINDX %" PRIu32, index);
}

/* "   64K", in the largest unit that gives a whole number. */
static void add_size(struct buffer *line, uint64_t size)
{
	enum {
		SHIFT = 10
	};
	const char *unit = "KMGTPE";
	uint64_t count = size >> SHIFT;

	for (; count % (1 << SHIFT) == 0 && unit[1]; unit++)
		count >>= SHIFT;
	buffer_printf(line, "%9" PRIu64 "%c", count, *unit);
}

const char *item_level_name(const struct mmu *mmu, const struct mmu_item *item)
{
	return item->kind == ITEM_LEAVES ? "unknown"
					 : mmu_level_name(mmu_geometry(mmu), item->level);
}

/* In capitals, as the kernel has it. */
static void add_level(struct buffer *line, const struct mmu *mmu, const struct mmu_item *item)
{
	const char *name = item->kind == ITEM_LEAVES ? "???" : item_level_name(mmu, item);

	for (; *name; name++)
		buffer_add_char(line, (char)toupper((unsigned char)*name));
}

static void add_table(struct buffer *line, const struct mmu_table *table)
{
	buffer_add(line, STR("  table"));
	if (table->pa_source != PA_UNKNOWN)
		buffer_printf(line, " 0x%" PRIx64, table->pa);
	buffer_add(line, table->made.order ? STR(", empty") : STR(", nothing known in it"));
}

static void add_mapping(struct buffer *line, const struct mmu_mapping *mapping)
{
	if (mapping->symbol.length) {
		buffer_add(line, STR("  "));
		utf8_add_printable(line, mapping->symbol);
	}
	if (mapping->origin && mapping->origin->symbol.length) {
		buffer_add(line, STR(", for "));
		utf8_add_printable(line, mapping->origin->symbol);
	}
}

static void text_item(struct buffer *line, const struct capture_info *capture,
		      const struct mmu *mmu, const struct mmu_item *item)
{
	buffer_printf(line, "0x%016" PRIx64 "-0x%016" PRIx64 "   ", item->va, item->end);
	add_size(line, item->end - item->va);
	buffer_add_char(line, ' ');
	add_level(line, mmu, item);
	if (item->has_descriptor)
		add_attributes(line, mmu, item->descriptor);
	else if (item->kind != ITEM_EMPTY_TABLE)
		buffer_add(line, STR("  attributes not known"));
	if (item->has_pa)
		buffer_printf(line, "  phys 0x%" PRIx64, item->pa);
	if (item->kind == ITEM_EMPTY_TABLE && item->entry->table)
		add_table(line, item->entry->table);
	if (item->mapping)
		add_mapping(line, item->mapping);
	buffer_add_char(line, '\n');
}

static void text_header(struct buffer *line, const struct capture_info *capture,
			const struct mmu_geometry *geometry, uint64_t at)
{
	buffer_add(line, STR("# what is known of the kernel's tables at "));
	if (at == UINT64_MAX)
		buffer_add(line, STR("the end"));
	else
		event_text_time(line, capture, at);
	buffer_printf(line, ": %" PRIu32 "K pages, %" PRIu32 " VA bits, %d levels\n",
		      UINT32_C(1) << (geometry->granule_shift - 10), geometry->va_bits,
		      MMU_LAST_LEVEL - geometry->first_level + 1);
}

const struct state_sink state_text = {.header = text_header, .item = text_item};
