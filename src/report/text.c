/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "report/text.h"

static struct error *text_begin(struct report *report)
{
	struct text *text = calloc(1, sizeof(*text));

	if (!text)
		return error_memory();
	text->report = report;
	report->state = text;
	return NULL;
}

static struct error *text_add_finding(struct report *report, const struct finding *finding)
{
	struct text *text = report->state;
	bool is_first = true;

	text->nr_possible += finding->severity == SEVERITY_ERROR && !finding->certain;
	if (!report->options.verbose || report->options.quiet) {
		struct error *err = text_group_add(text, finding, &is_first);

		if (err)
			return err;
	}
	if (!is_first)
		return NULL;
	text_finding(text, finding);
	buffer_add_char(&text->out, '\n');
	return report_write(report, &text->out);
}

static struct error *text_finish(struct report *report, const struct coverage *coverage,
				 const struct audit_summary *summary)
{
	struct text *text = report->state;

	text_groups(text);
	if (!report->options.quiet)
		text_coverage(text, coverage, summary);
	text_verdict(text, coverage, summary);
	return report_write(report, &text->out);
}

static void text_destroy(struct report *report)
{
	struct text *text = report->state;

	if (!text)
		return;
	text_groups_deinit(text);
	buffer_deinit(&text->out);
	buffer_deinit(&text->part);
	free(text);
}

const struct report_output text_output = {
	.name = "text",
	.begin = text_begin,
	.finding = text_add_finding,
	.finish = text_finish,
	.destroy = text_destroy,
};
