/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include <mmureplay/mmu-memory.h>

#include "cli/event-sink.h"
#include "cli/state-sink.h"

static const struct event_sink *const json = &event_json;

static void json_header(struct buffer *line, const struct capture_info *capture,
			const struct mmu_geometry *geometry, uint64_t at)
{
	buffer_add(line, STR("{\"item\": \"state\""));
	if (at != UINT64_MAX)
		json->time(line, "time", capture, at);
	json->number(line, "granule", UINT64_C(1) << geometry->granule_shift);
	json->number(line, "va_bits", geometry->va_bits);
	json->number(line, "levels", (uint64_t)(MMU_LAST_LEVEL - geometry->first_level + 1));
	json->end(line);
}

static void add_descriptor(struct buffer *line, const struct mmu *mmu, const struct mmu_item *item)
{
	uint32_t index = mmu_attr_index(item->descriptor);
	enum mmu_memory_type type = mmu_memory_type(mmu_mair_layouts(mmu), index);

	/* Without an address it is the attributes alone. */
	json->hex(line, item->has_pa ? "descriptor" : "prot", item->descriptor);
	if (item->descriptor_read)
		json->flag(line, "descriptor_read");
	json->number(line, "attr_index", index);
	if (type != MEMORY_UNKNOWN)
		json->word(line, "memory_type", str_from(mmu_memory_type_name(type)));
}

static void add_entry(struct buffer *line, const struct mmu_entry *entry)
{
	const struct mmu_table *table = entry->table;

	if (entry->address)
		json->hex(line, "entry", entry->address);
	if (!table)
		return;
	if (table->pa_source != PA_UNKNOWN)
		json->hex(line, "table", table->pa);
	if (table->made.order)
		json->flag(line, "known_empty");
}

static void add_mapping(struct buffer *line, const struct capture_info *capture,
			const struct mmu_mapping *mapping)
{
	if (mapping->symbol.length)
		json->word(line, "symbol", mapping->symbol);
	if (mapping->origin && mapping->origin->symbol.length)
		json->word(line, "caller", mapping->origin->symbol);
	if (!mapping->made.order)
		return;
	json->time(line, "made", capture, mapping->made.time);
	json->place(line, capture, mapping->made.place);
}

static void json_item(struct buffer *line, const struct capture_info *capture,
		      const struct mmu *mmu, const struct mmu_item *item)
{
	static const char *const names[] = {
		[ITEM_PAGES] = "pages",
		[ITEM_BLOCKS] = "blocks",
		[ITEM_LEAVES] = "leaves",
		[ITEM_EMPTY_TABLE] = "table",
	};

	buffer_printf(line, "{\"item\": \"%s\"", names[item->kind]);
	json->hex(line, "va", item->va);
	json->hex(line, "end", item->end);
	json->word(line, "level", str_from(item_level_name(mmu, item)));
	if (item->has_pa)
		json->hex(line, "pa", item->pa);
	if (item->has_descriptor)
		add_descriptor(line, mmu, item);
	if (item->entry)
		add_entry(line, item->entry);
	if (item->mapping)
		add_mapping(line, capture, item->mapping);
	json->end(line);
}

const struct state_sink state_json = {.header = json_header, .item = json_item};
