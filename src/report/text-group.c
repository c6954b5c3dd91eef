/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grouping: of findings that are the same to people, the first is shown and the others are counted.
 * The same are findings whose ids differ in the last number only, and that are equally certain.
 * What is kept is one small record for each group, and no more than MAX_GROUPS of them.
 */
#include <inttypes.h>
#include <string.h>

#include "report/text.h"

enum {
	MAX_GROUPS = 4096,
};

struct text_group {
	enum audit_rule rule;
	bool is_compact;   /* nothing of it was shown yet */
	struct str header; /* compact: of the first finding, with colours */
	struct str caller; /* of the first finding's mapping */
	uint64_t count;
	uint64_t va, end;  /* from the lowest to the highest */
	uint64_t bytes;	   /* of VA */
	bool has_unplaced; /* findings whose VA is not known */
	uint64_t nr_tables;
	struct event_where first, last;
};

/* Notes are shown as groups only; in a quiet report everything is. */
static bool is_compact(const struct text *text, const struct finding *finding)
{
	return text->report->options.quiet || finding->severity == SEVERITY_NOTE;
}

static uint64_t group_key(const struct finding *finding)
{
	struct str id = str_from(finding->id);
	const char *number = strrchr(finding->id, '-');

	if (number)
		id.length = (size_t)(number - finding->id);
	return hash_str(id, finding->certain);
}

/* Takes what was added to `buffer` since `start` out of it, and keeps it. */
static struct str keep(struct text *text, struct buffer *buffer, size_t start)
{
	struct str kept = arena_copy(&text->arena, str_skip(buffer_str(buffer), start));

	buffer->failed |= !kept.text;
	buffer->length = start;
	return kept;
}

static struct text_group *create_group(struct text *text, const struct finding *finding)
{
	const struct mmu_mapping *mapping = finding->new_mapping ? finding->new_mapping
								 : finding->old_mapping;
	struct text_group *group = arena_alloc(&text->arena, sizeof(*group));

	if (!group)
		return NULL;
	group->rule = finding->rule;
	group->is_compact = is_compact(text, finding);
	group->va = finding->va;
	group->end = finding->end;
	group->first = *finding_place(finding);
	if (group->is_compact) {
		text_header(text, finding);
		group->header = keep(text, &text->out, 0);
	}
	if (mapping) {
		put_origin(&text->part, mapping->origin);
		group->caller = keep(text, &text->part, 0);
	}
	return text->out.failed || text->part.failed ? NULL : group;
}

static void count_finding(struct text_group *group, const struct finding *finding)
{
	group->count++;
	if (!finding_has_va(finding))
		group->has_unplaced = true;
	if (finding->va < group->va)
		group->va = finding->va;
	/* An end of 0 is the highest one. */
	if (finding->end - 1 > group->end - 1)
		group->end = finding->end;
	group->bytes += finding->end - finding->va;
	group->nr_tables += finding->nr_tables;
	group->last = *finding_place(finding);
}

struct error *text_group_add(struct text *text, const struct finding *finding, bool *is_first)
{
	uint64_t key = group_key(finding);
	struct text_group *group = hash_get(&text->by_key, key);

	*is_first = false;
	if (!group && text->groups.count == MAX_GROUPS) {
		text->nr_ungrouped++;
		return NULL;
	}
	if (!group) {
		group = create_group(text, finding);
		if (!group || !hash_set(&text->by_key, key, group) ||
		    !array_push(&text->groups, group))
			return error_memory();
		*is_first = !group->is_compact;
	}
	count_finding(group, finding);
	return NULL;
}

/* ", 0xffff000008a00000-0xffff000009000000; 3 page-table pages, 12K lost in all" */
static void put_extent(struct text *text, const struct text_group *group)
{
	const struct mmu_geometry *geometry = text->report->geometry;

	if (!group->has_unplaced) {
		buffer_add(&text->part, STR(", within "));
		put_range(&text->part, group->va, group->end);
	}
	if (group->last.order) {
		buffer_add(&text->part, STR(", the last at "));
		put_time(&text->part, text->report->capture, group->last.time);
		buffer_add(&text->part, STR(" ("));
		put_place(&text->part, text->report->capture, group->last.place);
		buffer_add_char(&text->part, ')');
	}
	if (group->rule != RULE_ORPHANED_TABLE)
		return;
	buffer_add(&text->part, STR("; in all "));
	put_count(&text->part, group->nr_tables, "page-table page");
	buffer_add(&text->part, STR(", "));
	put_size(&text->part, group->nr_tables << geometry->granule_shift);
	buffer_add(&text->part, STR(", lost"));
}

static void show_compact(struct text *text, const struct text_group *group)
{
	buffer_add(&text->out, group->header);
	if (text->report->options.quiet && group->count > 1)
		buffer_printf(&text->out, " (%" PRIu64 " times)", group->count);
	buffer_add_char(&text->out, '\n');
	if (text->report->options.quiet)
		return;
	put_size(&text->part, group->bytes);
	if (group->caller.length) {
		buffer_add(&text->part, STR(", for "));
		buffer_add(&text->part, group->caller);
	}
	if (group->count > 1) {
		buffer_printf(&text->part, ", %" PRIu64 " times", group->count);
		put_extent(text, group);
	}
	text_detail(text);
}

static void show_rest(struct text *text, const struct text_group *group)
{
	if (group->count == 1)
		return;
	buffer_printf(&text->part, "and %" PRIu64 " more like it [%s]", group->count - 1,
		      audit_rule_info(group->rule)->name);
	if (group->caller.length) {
		buffer_add(&text->part, STR(", for "));
		buffer_add(&text->part, group->caller);
	}
	put_extent(text, group);
	text_note(text, &group->first);
}

void text_groups(struct text *text)
{
	size_t start = text->out.length;

	for (size_t i = 0; i < text->groups.count; i++) {
		if (text->groups.at[i]->is_compact)
			show_compact(text, text->groups.at[i]);
		else
			show_rest(text, text->groups.at[i]);
	}
	if (text->nr_ungrouped) {
		buffer_printf(&text->part,
			      "and %" PRIu64 " findings of more than %d kinds, "
			      "which --verbose shows",
			      text->nr_ungrouped, MAX_GROUPS);
		text_note(text, NULL);
	}
	if (text->out.length > start && !text->report->options.quiet)
		buffer_add_char(&text->out, '\n');
}

void text_groups_deinit(struct text *text)
{
	array_deinit(&text->groups);
	hash_deinit(&text->by_key);
	arena_deinit(&text->arena);
}
