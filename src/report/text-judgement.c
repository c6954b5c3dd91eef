/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why it is a finding, how sure that is, and what follows from it. */
#include <inttypes.h>

#include "report/names.h"
#include "report/text.h"

void text_cause(struct text *text, const struct finding *finding)
{
	if (finding->cause != CAUSE_NONE)
		buffer_add(&text->part, str_from(audit_cause_text(finding->cause)));
	text_paragraph(text, "missing");
}

/* How many invalidations came in between; each is a note of the story. */
static void show_invalidations(struct text *text, const struct finding *finding)
{
	uint64_t listed = 0;

	if (!finding->has_window && !finding->nr_invalidations)
		return;
	for (uint32_t i = 0; i < finding->nr_invalidations; i++)
		listed += finding->invalidation[i].run.count;
	if (!listed && !finding->nr_other_invalidations)
		buffer_add(&text->part, STR("none was recorded in between"));
	if (listed)
		buffer_printf(&text->part, "%" PRIu64 " in between, see the notes", listed);
	if (finding->nr_other_invalidations)
		buffer_printf(&text->part, "%s%" PRIu64 " in between of other addresses",
			      listed ? "; " : "", finding->nr_other_invalidations);
	text_paragraph(text, "TLBI");
}

/* "open for 1.474 ms: from 1.111994 to 1.113468, until a tlbi vaae1is" */
static void show_window(struct text *text, const struct finding *finding)
{
	const struct capture_info *capture = text->report->capture;
	uint64_t opened = finding->opened.time, closed = finding->closed_time;
	/* When an assumed invalidation came is not always known. */
	bool has_length = finding->closed && closed >= opened;
	char name[TLBI_NAME_MAX];

	if (!finding->has_window)
		return;
	buffer_add(&text->part, STR("open "));
	if (has_length) {
		buffer_add(&text->part, STR("for "));
		put_duration(&text->part, capture, closed - opened);
		buffer_add(&text->part, STR(": "));
	}
	buffer_add(&text->part, STR("from "));
	put_time(&text->part, capture, opened);
	if (has_length) {
		buffer_add(&text->part, STR(" to "));
		put_time(&text->part, capture, closed);
	}
	if (!finding->closed)
		buffer_add(&text->part, STR(" on: nothing in this capture closed it"));
	else if (!finding->closed_by.count)
		buffer_add(&text->part, STR(", until an invalidation that is assumed"));
	else
		buffer_printf(&text->part, ", until a tlbi %s",
			      tlbi_op_name(finding->closed_by.op, name));
	text_paragraph(text, "window");
}

static void put_reason(struct text *text, const struct finding_reason *reason)
{
	const struct capture_info *capture = text->report->capture;

	buffer_printf(&text->part, "\n- %s", audit_doubt_text(reason->doubt));
	for (size_t i = 0; i < 2 && reason->event[i].order; i++) {
		buffer_add(&text->part, i ? STR(" and ") : STR(" ("));
		put_event(&text->part, capture, &reason->event[i]);
		if (i == 1 || !reason->event[1].order)
			buffer_add_char(&text->part, ')');
	}
	if (reason->event[0].order ||
	    (reason->doubt != DOUBT_EVENTS_LOST && reason->doubt != DOUBT_TIME_DISORDER))
		return;
	buffer_add(&text->part, STR(" ("));
	if (reason->doubt == DOUBT_EVENTS_LOST && reason->lost != LOST_COUNT_UNKNOWN) {
		put_count(&text->part, reason->lost, "event");
		buffer_printf(&text->part, " of CPU %" PRIu32 ", ", reason->cpu);
	} else if (reason->doubt == DOUBT_EVENTS_LOST) {
		buffer_printf(&text->part, "CPU %" PRIu32 ", ", reason->cpu);
	}
	put_time(&text->part, capture, reason->from);
	buffer_add(&text->part, STR(" to "));
	put_time(&text->part, capture, reason->to);
	buffer_add_char(&text->part, ')');
}

static void show_certainty(struct text *text, const struct finding *finding)
{
	buffer_add(&text->part, str_from(evidence_text(finding->evidence)));
	for (uint32_t i = 0; i < finding->nr_reasons; i++)
		put_reason(text, &finding->reason[i]);
	text_paragraph(text, finding->certain ? "certain" : "possible");
}

void text_advice(struct text *text, const struct audit_rule_info *rule)
{
	buffer_add(&text->part, str_from(rule->advice));
	text_paragraph(text, "advice");
}

void text_fixes(struct text *text, const struct audit_rule_info *rule)
{
	for (const char *const *fix = rule->fix; fix && *fix; fix++)
		buffer_printf(&text->part, "%s%s", fix == rule->fix ? "" : "\n", *fix);
	text_paragraph(text, "fixed by");
}

void text_judgement(struct text *text, const struct finding *finding)
{
	show_invalidations(text, finding);
	show_window(text, finding);
	show_certainty(text, finding);
	buffer_add(&text->part, str_from(audit_rule_info(finding->rule)->consequence));
	text_paragraph(text, "risk");
}
