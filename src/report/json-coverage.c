/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"

static void add_parts(struct json_builder *builder, struct json_object *parent,
		      const struct capture_info *capture)
{
	struct json_object *parts = json_add_array(builder, parent, "parts");

	for (uint32_t i = 0; i < capture->nr_files; i++) {
		const struct capture_part *part = &capture->parts[i];
		struct json_object *object = json_add_object(builder, parts, NULL);

		json_add_text(builder, object, "file", capture->files[i]);
		json_add_text(builder, object, "kind", part->kind);
		json_add_number(builder, object, "records", part->nr_records);
		if (!part->last_time)
			continue;
		json_add_time(builder, object, "first", part->first_time);
		json_add_time(builder, object, "last", part->last_time);
	}
}

struct json_object *json_capture(struct json_builder *builder, const struct capture_info *capture)
{
	struct json_object *object = json_object_new_object();

	builder->failed |= !object;
	struct json_object *files = json_add_array(builder, object, "files");

	for (uint32_t i = 0; i < capture->nr_files; i++)
		json_add_text(builder, files, NULL, capture->files[i]);
	if (capture->parts)
		add_parts(builder, object, capture);
	json_add_text(builder, object, "kind", capture->kind);
	json_add_text(builder, object, "clock", capture->clock);
	json_add_bool(builder, object, "clock_is_ticks", capture->clock_is_ticks);
	json_add_number(builder, object, "time_resolution_ns", capture->time_resolution);
	json_add_text(builder, object, "release", capture->release);
	if (capture->build_id)
		json_add_text(builder, object, "build_id", capture->build_id);
	json_add_number_unless(builder, object, "cpus", capture->nr_cpus, 0);
	json_add_number(builder, object, "records", capture->nr_records);
	json_add_number(builder, object, "unread", capture->nr_unread);
	if (capture->nr_unread) {
		struct json_object *first = json_add_object(builder, object, "first_unread");

		json_add_place(builder, first, capture->first_unread);
	}
	json_add_number_unless(builder, object, "entries_in_buffer", capture->entries_in_buffer, 0);
	json_add_number_unless(builder, object, "entries_written", capture->entries_written, 0);
	json_add_bool(builder, object, "hides_losses", capture->hides_losses);
	json_add_bool(builder, object, "truncated", capture->truncated);
	if (capture->truncated) {
		struct json_object *end = json_add_object(builder, object, "truncated_at");

		json_add_place(builder, end, capture->truncated_at);
	}
	return object;
}

static void add_gaps(struct json_builder *builder, struct json_object *parent,
		     const struct coverage *coverage)
{
	struct json_object *gaps = json_add_array(builder, parent, "gaps");

	for (enum coverage_gap gap = 0; gap < COVERAGE_GAPS; gap++) {
		const struct coverage_gap_info *info = coverage_gap_info(gap);

		if (!coverage->gap[gap])
			continue;
		struct json_object *object = json_add_object(builder, gaps, NULL);

		json_add_text(builder, object, "code", info->name);
		json_add_number(builder, object, "count", coverage->gap[gap]);
		json_add_bool(builder, object, "counts", info->counts);
		json_add_text(builder, object, "text", info->text);
		if (gap != GAP_ORDER_UNDECIDED || !coverage->undecided.first.order)
			continue;
		struct json_object *concerns = json_add_array(builder, object, "concerns");

		json_add_where(builder, json_add_object(builder, concerns, NULL),
			       &coverage->undecided.first);
		json_add_where(builder, json_add_object(builder, concerns, NULL),
			       &coverage->undecided.second);
	}
}

static void add_losses(struct json_builder *builder, struct json_object *parent,
		       const struct coverage *coverage)
{
	struct json_object *losses = json_add_array(builder, parent, "losses");

	for (uint32_t i = 0; i < coverage->nr_losses; i++) {
		const struct coverage_loss *loss = &coverage->loss[i];
		struct json_object *object = json_add_object(builder, losses, NULL);

		json_add_number(builder, object, "cpu", loss->cpu);
		json_add_number(builder, object, "times", loss->times);
		json_add_number(builder, object, "events", loss->events);
		json_add_bool(builder, object, "more", loss->unknown);
		json_add_time(builder, object, "first", loss->first);
		json_add_time(builder, object, "last", loss->last);
	}
}

static void add_probes(struct json_builder *builder, struct json_object *parent,
		       const struct event_summary *events)
{
	static const char *const may_be[] = {
		[MAY_BE_TLBI] = "tlbi",
		[MAY_BE_ANYTHING] = "anything",
	};
	struct json_object *probes = json_add_array(builder, parent, "probes");

	for (uint32_t i = 0; i < events->nr_probes; i++) {
		const struct event_probe *probe = &events->probe[i];
		struct json_object *object = json_add_object(builder, probes, NULL);

		json_add_str(builder, object, "system", probe->type->system);
		json_add_str(builder, object, "name", probe->type->name);
		json_add_str(builder, object, "symbol", probe->type->symbol);
		json_add_bool(builder, object, "is_return", probe->type->is_return);
		json_add_text(builder, object, "meaning", probe->meaning);
		json_add_number(builder, object, "count", probe->count);
		if (may_be[probe->may_be])
			json_add_text(builder, object, "may_be", may_be[probe->may_be]);
		if (probe->missed)
			json_add_number(builder, object, "missed", probe->missed);
		if (probe->instruction)
			json_add_text(builder, object, "instruction", probe->instruction);
	}
}

static void add_events(struct json_builder *builder, struct json_object *parent,
		       const struct event_summary *summary)
{
	struct json_object *events = json_add_object(builder, parent, "events");

	for (enum mmu_event_kind kind = 0; kind < EVENT_KINDS; kind++)
		json_add_number(builder, events, mmu_event_name(kind), summary->nr_events[kind]);
}

static void add_facts(struct json_builder *builder, struct json_object *object,
		      const struct coverage *coverage)
{
	const struct mmu_facts *facts = coverage->facts;

	json_add_number(builder, object, "mappings_made", coverage->nr_mappings);
	json_add_number(builder, object, "mappings_undone", coverage->nr_unmaps);
	json_add_number(builder, object, "tables_made", coverage->nr_tables);
	json_add_number(builder, object, "blocks_asked_for", coverage->nr_blocks);
	json_add_number(builder, object, "tlbi", facts->nr_tlbi);
	json_add_number(builder, object, "dsb", facts->nr_dsb);
	json_add_number(builder, object, "flushes_assumed", facts->nr_flushes_assumed);
}

struct json_object *json_coverage(struct json_builder *builder, const struct coverage *coverage)
{
	struct json_object *object = json_object_new_object();

	builder->failed |= !object;
	struct json_object *span = json_add_object(builder, object, "span");

	json_add_time(builder, span, "first", coverage->events->first_time);
	json_add_time(builder, span, "last", coverage->events->last_time);
	struct json_object *geometry = json_add_object(builder, object, "geometry");

	json_add_number(builder, geometry, "granule",
			UINT64_C(1) << coverage->geometry.granule_shift);
	json_add_number(builder, geometry, "va_bits", coverage->geometry.va_bits);
	json_add_level(builder, geometry, "levels",
		       MMU_LAST_LEVEL - coverage->geometry.first_level + 1);
	json_add_number(builder, object, "bbm_level", coverage->bbm_level);
	json_add_time(builder, object, "clock_skew", coverage->clock_skew);
	json_add_kernel(builder, object, coverage);
	add_facts(builder, object, coverage);
	add_gaps(builder, object, coverage);
	add_losses(builder, object, coverage);
	add_events(builder, object, coverage->events);
	add_probes(builder, object, coverage->events);
	return object;
}

struct json_object *json_summary(struct json_builder *builder, const struct audit_summary *summary)
{
	struct json_object *object = json_object_new_object();

	builder->failed |= !object;
	json_add_number(builder, object, "findings", summary->nr_findings);
	struct json_object *by_rule = json_add_object(builder, object, "by_rule");

	for (enum audit_rule rule = 0; rule < AUDIT_RULES; rule++)
		json_add_number(builder, by_rule, audit_rule_info(rule)->name,
				summary->by_rule[rule]);
	struct json_object *by_severity = json_add_object(builder, object, "by_severity");

	for (enum audit_severity severity = AUDIT_SEVERITIES; severity-- > 0;)
		json_add_number(builder, by_severity, audit_severity_name(severity),
				summary->by_severity[severity]);
	json_add_number(builder, object, "orphaned_pages", summary->orphaned_pages);
	json_add_number(builder, object, "orphaned_bytes", summary->orphaned_bytes);
	struct json_object *promotions = json_add_object(builder, object, "promotions");

	json_add_number(builder, promotions, "safe", summary->safe_promotions);
	json_add_number(builder, promotions, "unsafe", summary->unsafe_promotions);
	json_add_number(builder, promotions, "refused", summary->refused_promotions);
	json_add_number(builder, object, "waived", summary->waived);
	json_add_number(builder, object, "unjudged", summary->unjudged);
	return object;
}
