/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/utf8.h"
#include "report/names.h"
#include "report/text.h"

enum {
	SHOWN_TABLES = 8, /* of one finding, unless all are wanted */
};

const struct event_where *finding_place(const struct finding *finding)
{
	const struct mmu_mapping *mapping = finding->new_mapping ? finding->new_mapping
								 : finding->old_mapping;

	if (finding->where.order || !mapping)
		return &finding->where;
	return &mapping->made;
}

void text_header(struct text *text, const struct finding *finding)
{
	const struct audit_rule_info *rule = audit_rule_info(finding->rule);
	enum text_colour colour = text_severity_colour(finding->severity);

	text_place(text, finding_place(finding));
	text_start(text, colour);
	buffer_printf(&text->out, "%s:", audit_severity_name(finding->severity));
	text_end(text, colour);
	buffer_printf(&text->out, " %s", rule->title);
	if (finding_has_va(finding))
		buffer_printf(&text->out, " at 0x%" PRIx64 " [", finding->va);
	else
		buffer_printf(&text->out, ", in the entry at 0x%" PRIx64 " [", finding->entry);
	text_start(text, colour);
	buffer_add(&text->out, str_from(rule->name));
	if (finding->cause != CAUSE_NONE)
		buffer_printf(&text->out, ", %s", audit_cause_name(finding->cause));
	if (!finding->certain)
		buffer_add(&text->out, STR(", possible"));
	text_end(text, colour);
	buffer_add_char(&text->out, ']');
}

static void show_where(struct text *text, const struct finding *finding, bool told)
{
	if (!finding->where.order) {
		buffer_add(&text->part, STR("at the end of the capture"));
	} else {
		put_where(&text->part, text->report->capture, &finding->where);
		buffer_add(&text->part, STR("  "));
		utf8_add_printable(&text->part, finding->symbol);
	}
	if (told)
		buffer_add(&text->part, STR(": the same as above"));
	text_detail(text);
}

static void show_entry(struct text *text, const struct finding *finding)
{
	if (finding->level < MMU_LAST_LEVEL)
		buffer_printf(&text->part, "%s entry of ",
			      mmu_level_name(text->report->geometry, finding->level));
	if (finding_has_va(finding)) {
		put_range(&text->part, finding->va, finding->end);
		buffer_add(&text->part, STR(" ("));
		put_size(&text->part, finding->end - finding->va);
		buffer_add_char(&text->part, ')');
	} else {
		buffer_add(&text->part, STR("an address that is not known"));
	}
	if (finding->entry)
		buffer_printf(&text->part, ", itself at 0x%" PRIx64, finding->entry);
	text_paragraph(text, finding->level < MMU_LAST_LEVEL ? "entry" : "pages");
}

/* "pte table of 0xffff000008a00000: pfn 0xb4d16, phys 0xb4d16000 (from its allocation)" */
static void put_table(struct text *text, const struct finding_table *table)
{
	const struct mmu_geometry *geometry = text->report->geometry;

	buffer_printf(&text->part, "\n%s table of 0x%" PRIx64 ": ",
		      mmu_level_name(geometry, table->level), table->va);
	if (table->pa_source == PA_UNKNOWN)
		buffer_add(&text->part, STR("page frame not known"));
	else
		buffer_printf(&text->part, "pfn 0x%" PRIx64 ", phys 0x%" PRIx64 " (%s)",
			      table->pa >> geometry->granule_shift, table->pa,
			      pa_source_text(table->pa_source));
}

static void show_tables(struct text *text, const struct finding *finding)
{
	bool lost = finding->rule == RULE_ORPHANED_TABLE;
	uint32_t shown = finding->nr_tables;

	if (!finding->nr_tables)
		return;
	if (shown > SHOWN_TABLES && !text->report->options.verbose)
		shown = SHOWN_TABLES;
	put_count(&text->part, finding->nr_tables, "page-table page");
	buffer_add(&text->part, STR(", "));
	put_size(&text->part,
		 (uint64_t)finding->nr_tables << text->report->geometry->granule_shift);
	buffer_add(&text->part, lost ? STR(": nothing points to it any more") : STR(""));
	for (uint32_t i = 0; i < shown; i++)
		put_table(text, &finding->table[i]);
	if (shown < finding->nr_tables)
		buffer_printf(&text->part, "\nand %" PRIu32 " more (--verbose)",
			      finding->nr_tables - shown);
	text_paragraph(text, lost ? "lost" : "tables");
}

static const char *type_name(enum mmu_memory_type type)
{
	const char *name = mmu_memory_type_name(type);

	return name ? name : "a type that is not known";
}

/* "phys 0x8000000000 was mapped as Normal-NC, and is mapped here as Device-nGnRE" */
static void show_types(struct text *text, const struct finding *finding)
{
	const struct mmu_mapping *mapping = finding->new_mapping;

	if (!finding->has_memory_types)
		return;
	buffer_printf(&text->part, "phys 0x%" PRIx64 " was mapped as %s at ",
		      mapping->pa + (finding->va - mapping->va),
		      type_name(finding->old_memory_type));
	put_range(&text->part, finding->old_mapping->va, finding->old_mapping->end);
	buffer_printf(&text->part, ", and is mapped here as %s",
		      type_name(finding->new_memory_type));
	text_paragraph(text, "types");
}

/* "1 write and 3 more, the last at 1.000010" */
static void show_accesses(struct text *text, const struct finding *finding)
{
	if (!finding->nr_accesses)
		return;
	buffer_add(&text->part, finding->access_is_write ? STR("1 write") : STR("1 read"));
	if (finding->access_origin) {
		buffer_add(&text->part, STR(", for "));
		put_origin(&text->part, finding->access_origin);
	}
	if (finding->nr_accesses > 1) {
		buffer_printf(&text->part, ", and %" PRIu64 " more of this mapping, the last at ",
			      finding->nr_accesses - 1);
		put_time(&text->part, text->report->capture, finding->last_access.time);
	}
	text_paragraph(text, "access");
}

/* The same store has just been shown, for another rule. */
static bool is_told(const struct text *text, const struct finding *finding)
{
	const struct text_told *told = &text->told;

	return !text->report->options.verbose && finding->where.order &&
	       finding->where.order == told->order && finding->va == told->va &&
	       finding->old_mapping == told->old_mapping &&
	       finding->new_mapping == told->new_mapping;
}

void text_finding(struct text *text, const struct finding *finding)
{
	const struct audit_rule_info *rule = audit_rule_info(finding->rule);
	bool told = is_told(text, finding);

	text_header(text, finding);
	buffer_add_char(&text->out, '\n');
	show_where(text, finding, told);
	if (!told) {
		show_entry(text, finding);
		text_walk(text, finding);
	}
	show_tables(text, finding);
	show_types(text, finding);
	show_accesses(text, finding);
	if (!told || finding->cause != text->told.cause)
		text_cause(text, finding);
	text_judgement(text, finding);
	if (!told || rule->fix != text->told.fixes)
		text_fixes(text, rule);
	text_advice(text, rule);
	if (text->report->options.verbose) {
		buffer_add(&text->part, str_from(finding->id));
		text_paragraph(text, "id");
	}
	text_story(text, finding, told);
	text->told = (struct text_told){
		.order = finding->where.order,
		.va = finding->va,
		.old_mapping = finding->old_mapping,
		.new_mapping = finding->new_mapping,
		.cause = finding->cause,
		.fixes = rule->fix,
	};
}
