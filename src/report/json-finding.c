/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "report/json.h"
#include "report/names.h"

static void add_concerned(struct json_builder *builder, struct json_object *parent,
			  const struct finding_reason *reason)
{
	struct json_object *concerns = json_add_array(builder, parent, "concerns");

	for (size_t i = 0; i < 2 && reason->event[i].order; i++)
		json_add_where(builder, json_add_object(builder, concerns, NULL),
			       &reason->event[i]);
}

static void add_reasons(struct json_builder *builder, struct json_object *parent,
			const struct finding *finding)
{
	struct json_object *reasons = json_add_array(builder, parent, "reasons");

	for (uint32_t i = 0; i < finding->nr_reasons; i++) {
		const struct finding_reason *reason = &finding->reason[i];
		struct json_object *object = json_add_object(builder, reasons, NULL);
		bool is_loss = reason->doubt == DOUBT_EVENTS_LOST;

		json_add_text(builder, object, "code", audit_doubt_name(reason->doubt));
		json_add_text(builder, object, "text", audit_doubt_text(reason->doubt));
		if (is_loss || reason->doubt == DOUBT_TIME_DISORDER) {
			json_add_time(builder, object, "from", reason->from);
			json_add_time(builder, object, "to", reason->to);
		}
		if (reason->event[0].order)
			add_concerned(builder, object, reason);
		if (is_loss) {
			json_add_number(builder, object, "cpu", reason->cpu);
			json_add_number_unless(builder, object, "events", reason->lost,
					       LOST_COUNT_UNKNOWN);
		}
	}
}

static void add_entry(struct json_builder *builder, struct json_object *parent,
		      const struct finding *finding)
{
	struct json_object *entry = json_add_object(builder, parent, "entry");

	json_add_hex_if(builder, entry, "address", finding->entry, finding->entry);
	json_add_hex_if(builder, entry, "before", finding->has_before, finding->before);
	json_add_hex_if(builder, entry, "after", finding->has_after, finding->after);
	json_add_text(builder, entry, "before_kind", entry_kind_name(finding->kind_before));
	json_add_text(builder, entry, "after_kind", entry_kind_name(finding->kind_after));
	json_add_text(builder, entry, "before_source",
		      !finding->has_before	? NULL
		      : finding->before_is_read ? "read"
						: "replayed");
}

static void add_steps(struct json_builder *builder, struct json_object *parent,
		      const struct finding *finding)
{
	struct json_object *events = json_add_array(builder, parent, "events");

	for (uint32_t i = 0; i < finding->nr_steps; i++) {
		const struct finding_step *step = &finding->step[i];
		struct json_object *event = json_add_object(builder, events, NULL);

		json_add_where(builder, event, &step->where);
		json_add_str(builder, event, "symbol", step->symbol);
		json_add_text(builder, event, "what", step->what);
	}
}

static void add_heading(struct json_builder *builder, struct json_object *object,
			const struct finding *finding)
{
	const struct audit_rule_info *rule = audit_rule_info(finding->rule);

	json_add_text(builder, object, "id", finding->id);
	json_add_text(builder, object, "rule", rule->name);
	json_add_text(builder, object, "severity", audit_severity_name(finding->severity));
	json_add_text(builder, object, "cause",
		      finding->cause == CAUSE_NONE ? NULL : audit_cause_name(finding->cause));
	json_add_text(builder, object, "message", rule->title);
	json_add_text(builder, object, "certainty", finding->certain ? "certain" : "possible");
	add_reasons(builder, object, finding);
	json_add_text(builder, object, "evidence", audit_evidence_name(finding->evidence));
	if (finding_has_va(finding))
		json_add_range(builder, object, "va", finding->va, finding->end);
	else
		json_add_text(builder, object, "va", NULL);
	json_add_level(builder, object, "level", finding->level);
	json_add_text(builder, object, "level_name",
		      mmu_level_name(builder->report->geometry, finding->level));
	json_add_where(builder, object, &finding->where);
	json_add_str(builder, object, "symbol", finding->symbol);
}

static void add_advice(struct json_builder *builder, struct json_object *object,
		       const struct finding *finding)
{
	const struct audit_rule_info *rule = audit_rule_info(finding->rule);

	json_add_text(builder, object, "missing",
		      finding->cause == CAUSE_NONE ? NULL : audit_cause_text(finding->cause));
	json_add_text(builder, object, "consequence", rule->consequence);
	json_add_text(builder, object, "advice", rule->advice);
	struct json_object *fixes = json_add_array(builder, object, "fixes");

	for (const char *const *fix = rule->fix; fix && *fix; fix++)
		json_add_text(builder, fixes, NULL, *fix);
}

struct json_object *json_finding(struct json_builder *builder, const struct finding *finding)
{
	struct json_object *object = json_object_new_object();

	builder->failed |= !object;
	add_heading(builder, object, finding);
	add_entry(builder, object, finding);
	json_add_evidence(builder, object, finding);
	add_steps(builder, object, finding);
	add_advice(builder, object, finding);
	return object;
}
