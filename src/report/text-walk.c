/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk that a CPU makes for the address, drawn before and after:
 *
 *	before     pgd[0] -> pud[0] -> pmd[69] 0xb4d16003 (table 0xb4d16000)
 *	                            -> pte: emptied by __iounmap at 1.110863
 *	after      pgd[0] -> pud[0] -> pmd[69] 0xe8008000400705 (2M block, phys 0x8000400000)
 */
#include <inttypes.h>

#include "base/utf8.h"
#include "report/names.h"
#include "report/text.h"

static const char arrow[] = " -> ";

static bool is_in_one_table(const struct mmu_geometry *geometry, const struct finding *finding)
{
	uint64_t span = mmu_level_size(geometry, finding->level - 1);

	return (finding->va ^ (finding->end - 1)) < span;
}

/* The index of the entry, or of the first and last one of the pages. */
static void put_index(struct buffer *buffer, const struct mmu_geometry *geometry, int level,
		      const struct finding *finding)
{
	uint32_t first = mmu_index(geometry, level, finding->va);
	uint32_t last = mmu_index(geometry, level, finding->end - 1);

	buffer_printf(buffer, "%s[%" PRIu32, mmu_level_name(geometry, level), first);
	if (level == finding->level && !is_in_one_table(geometry, finding))
		buffer_add(buffer, STR("..."));
	else if (level == finding->level && last > first)
		buffer_printf(buffer, "-%" PRIu32, last);
	buffer_add_char(buffer, ']');
}

/* Returns the column of the last arrow, or 0 when there is none. */
static size_t put_path(struct buffer *buffer, const struct mmu_geometry *geometry,
		       const struct finding *finding)
{
	size_t column = 0;

	if (!finding_has_va(finding)) {
		buffer_add(buffer, str_from(mmu_level_name(geometry, finding->level)));
		return 0;
	}
	for (int level = geometry->first_level; level <= finding->level; level++) {
		if (level > geometry->first_level) {
			column = buffer->length;
			buffer_add(buffer, str_from(arrow));
		}
		put_index(buffer, geometry, level, finding);
	}
	return column;
}

struct side {
	enum mmu_entry_kind kind;
	bool has_descriptor, is_read;
	uint64_t descriptor;
	const struct mmu_mapping *mapping;
};

/* "2M block, phys 0x8000400000" */
static void put_leaf(struct buffer *buffer, const struct mmu_geometry *geometry,
		     const struct finding *finding, const struct side *side)
{
	put_size(buffer, mmu_level_size(geometry, finding->level));
	buffer_printf(buffer, " %s%s", entry_kind_name(side->kind),
		      finding->end - finding->va > mmu_level_size(geometry, finding->level) ? "s"
											    : "");
	if (side->has_descriptor)
		buffer_printf(buffer, ", phys 0x%" PRIx64,
			      mmu_descriptor_pa(geometry, finding->level, side->descriptor));
	else if (side->mapping && side->mapping->has_pa && finding->va >= side->mapping->va)
		buffer_printf(buffer, ", phys 0x%" PRIx64,
			      side->mapping->pa + (finding->va - side->mapping->va));
	if (side->has_descriptor && side->descriptor != mmu_without_contiguous(side->descriptor)) {
		buffer_add(buffer, STR(", contiguous within "));
		put_size(buffer, mmu_contiguous_size(geometry, finding->level));
	}
	if (side->mapping && !side->mapping->made.order)
		buffer_add(buffer, STR(", mapped before the capture"));
}

static void put_entry(struct buffer *buffer, const struct mmu_geometry *geometry,
		      const struct finding *finding, const struct side *side)
{
	if (side->has_descriptor)
		buffer_printf(buffer, " 0x%" PRIx64, side->descriptor);
	buffer_add(buffer, STR(" ("));
	switch (side->kind) {
	case ENTRY_UNKNOWN:
		if (side->mapping)
			put_mapped(buffer, side->mapping);
		else
			buffer_add(buffer, STR("not known"));
		break;
	case ENTRY_NONE:
		buffer_add(buffer, STR("empty"));
		break;
	case ENTRY_TABLE:
		buffer_add(buffer, STR("table"));
		if (side->has_descriptor)
			buffer_printf(buffer, " 0x%" PRIx64,
				      mmu_descriptor_pa(geometry, finding->level,
							side->descriptor));
		break;
	case ENTRY_BLOCK:
	case ENTRY_PAGE:
		put_leaf(buffer, geometry, finding, side);
		break;
	}
	if (side->is_read)
		buffer_add(buffer, STR(", read by a probe"));
	buffer_add_char(buffer, ')');
}

/* Below a table: "pte: emptied by __iounmap at 1.110863". */
static void put_below(struct buffer *buffer, const struct text *text, const struct finding *finding,
		      const struct mmu_mapping *mapping)
{
	buffer_add(buffer, str_from(mmu_level_name(text->report->geometry, finding->level + 1)));
	if (!mapping->unmapped.order) {
		buffer_add(buffer, STR(": maps "));
		put_mapped(buffer, mapping);
		buffer_add(buffer, STR(", never unmapped"));
		return;
	}
	buffer_add(buffer, STR(": emptied"));
	if (mapping->unmap_symbol.length) {
		buffer_add(buffer, STR(" by "));
		utf8_add_printable(buffer, mapping->unmap_symbol);
	}
	buffer_add(buffer, STR(" at "));
	put_time(buffer, text->report->capture, mapping->unmapped.time);
}

static void draw(struct text *text, const struct finding *finding, const char *label,
		 const struct side *side)
{
	const struct mmu_geometry *geometry = text->report->geometry;
	size_t column = put_path(&text->part, geometry, finding);

	put_entry(&text->part, geometry, finding, side);
	if (side->kind == ENTRY_TABLE && side->mapping && finding->level < MMU_LAST_LEVEL) {
		buffer_printf(&text->part, "\n%*s%s", (int)column, "", arrow);
		put_below(&text->part, text, finding, side->mapping);
	}
	text_paragraph(text, label);
}

void text_walk(struct text *text, const struct finding *finding)
{
	const struct side before = {
		.kind = finding->kind_before,
		.has_descriptor = finding->has_before,
		.is_read = finding->before_is_read,
		.descriptor = finding->before,
		.mapping = finding->old_mapping,
	};
	const struct side after = {
		.kind = finding->kind_after,
		.has_descriptor = finding->has_after,
		.descriptor = finding->after,
		.mapping = finding->new_mapping,
	};

	if (before.kind == ENTRY_UNKNOWN && after.kind == ENTRY_UNKNOWN)
		return;
	draw(text, finding, "before", &before);
	draw(text, finding, "after", &after);
}
