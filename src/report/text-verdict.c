/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last line: what was found; or what `clean` rests on; or why nothing found is not clean. */
#include <inttypes.h>

#include "report/text.h"

/* "2 errors (1 orphaned-table, 1 unsafe-promotion)" */
static void put_severity(struct buffer *buffer, const struct audit_summary *summary,
			 enum audit_severity severity)
{
	const char *separator = " (";

	put_count(buffer, summary->by_severity[severity], audit_severity_name(severity));
	for (enum audit_rule rule = 0; rule < AUDIT_RULES; rule++) {
		const struct audit_rule_info *info = audit_rule_info(rule);

		if (info->severity != severity || !summary->by_rule[rule])
			continue;
		buffer_printf(buffer, "%s%" PRIu64 " %s", separator, summary->by_rule[rule],
			      info->name);
		separator = ", ";
	}
	buffer_add_char(buffer, ')');
}

/* "; 3 notes (3 mapping-leak)" */
static void put_lesser(struct buffer *buffer, const struct audit_summary *summary)
{
	for (enum audit_severity severity = SEVERITY_ERROR; severity-- > SEVERITY_NOTE;) {
		if (!summary->by_severity[severity])
			continue;
		buffer_add(buffer, STR("; "));
		put_severity(buffer, summary, severity);
	}
}

static bool gap_counts(const struct coverage *coverage, enum coverage_gap gap)
{
	return coverage->gap[gap] && coverage_gap_info(gap)->counts;
}

static bool has_gaps(const struct coverage *coverage)
{
	for (enum coverage_gap gap = 0; gap < COVERAGE_GAPS; gap++)
		if (gap_counts(coverage, gap))
			return true;
	return false;
}

static void put_gaps(struct buffer *buffer, const struct coverage *coverage)
{
	const char *separator = "";

	for (enum coverage_gap gap = 0; gap < COVERAGE_GAPS; gap++) {
		if (!gap_counts(coverage, gap))
			continue;
		buffer_printf(buffer, "%s%s", separator, coverage_gap_info(gap)->name);
		separator = ", ";
	}
}

static void put_errors(struct text *text, const struct coverage *coverage,
		       const struct audit_summary *summary)
{
	struct buffer *buffer = &text->part;

	put_severity(buffer, summary, SEVERITY_ERROR);
	if (text->nr_possible == summary->by_severity[SEVERITY_ERROR])
		buffer_add(buffer, STR(", only possible"));
	else if (text->nr_possible)
		buffer_printf(buffer, ", of which %" PRIu64 " %s only possible", text->nr_possible,
			      text->nr_possible == 1 ? "is" : "are");
	if (summary->orphaned_pages) {
		buffer_add(buffer, STR("; "));
		put_count(buffer, summary->orphaned_pages, "page-table page");
		buffer_add(buffer, STR(" lost, "));
		put_size(buffer, summary->orphaned_bytes);
	}
	put_lesser(buffer, summary);
	if (has_gaps(coverage)) {
		buffer_add(buffer, STR("; there may be more: "));
		put_gaps(buffer, coverage);
	}
}

/* "2 safe promotions and 1 refused" */
static void put_promotions(struct buffer *buffer, const struct audit_summary *summary)
{
	if (!summary->safe_promotions && !summary->refused_promotions) {
		buffer_add(buffer, STR("no promotion tried"));
		return;
	}
	put_count(buffer, summary->safe_promotions, "safe promotion");
	buffer_printf(buffer, " and %" PRIu64 " refused", summary->refused_promotions);
}

static void put_clean(struct buffer *buffer, const struct coverage *coverage,
		      const struct audit_summary *summary)
{
	buffer_add(buffer, STR("clean: no orphaned table and no unsafe promotion in "));
	put_duration(buffer, coverage->capture,
		     coverage->events->last_time - coverage->events->first_time);
	buffer_add(buffer, STR(", with "));
	put_count(buffer, coverage->nr_mappings, "mapping");
	buffer_printf(buffer, " made and %" PRIu64 " undone, ", coverage->nr_unmaps);
	put_promotions(buffer, summary);
	buffer_add(buffer, STR(", "));
	put_count(buffer, coverage->facts->nr_tlbi, "TLBI");
	if (coverage->facts->nr_flushes_assumed)
		buffer_printf(buffer, " and %" PRIu64 " assumed ones",
			      coverage->facts->nr_flushes_assumed);
	put_lesser(buffer, summary);
}

void text_verdict(struct text *text, const struct coverage *coverage,
		  const struct audit_summary *summary)
{
	struct buffer *buffer = &text->part;
	enum text_colour colour = COLOUR_WARNING;

	if (summary->by_severity[SEVERITY_ERROR]) {
		put_errors(text, coverage, summary);
		colour = COLOUR_ERROR;
	} else if (coverage->gap[GAP_NO_EVENTS]) {
		buffer_add(buffer, STR("none: the capture holds no event that matters"));
		if (coverage->gap[GAP_UNIDENTIFIED])
			buffer_add(buffer, STR(", as far as its probes can be identified"));
	} else if (has_gaps(coverage)) {
		buffer_add(buffer, STR("no error found, which is not the same as clean: "));
		put_gaps(buffer, coverage);
		put_lesser(buffer, summary);
	} else {
		put_clean(buffer, coverage, summary);
		colour = COLOUR_GOOD;
	}
	text_line(text, "verdict:", colour);
}
