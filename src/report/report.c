/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mmureplay/report.h>

#include "base/cleanup.h"
#include "report/output.h"

static const struct report_output *const outputs[REPORT_FORMATS] = {
	[REPORT_TEXT] = &text_output,
	[REPORT_JSON] = &json_output,
};

enum report_format report_format_from_name(const char *name)
{
	enum report_format format = 0;

	while (format < REPORT_FORMATS && strcmp(outputs[format]->name, name) != 0)
		format++;
	return format;
}

DEFINE_CLEANUP(destroy_report, struct report *, report_destroy)

struct error *report_create(const struct report_options *options,
			    const struct capture_info *capture, const struct mmu_geometry *geometry,
			    FILE *out, struct report **ret)
{
	if (options->format >= REPORT_FORMATS)
		return error_create(ERROR_USAGE, "there is no report format %d",
				    (int)options->format);
	_cleanup_(destroy_report) struct report *report = calloc(1, sizeof(*report));

	if (!report)
		return error_memory();
	report->output = outputs[options->format];
	report->options = *options;
	report->capture = capture;
	report->geometry = geometry;
	report->out = out;
	struct error *err = report->output->begin(report);

	if (err)
		return err;
	*ret = steal(report);
	return NULL;
}

void report_destroy(struct report *report)
{
	if (!report)
		return;
	report->output->destroy(report);
	free(report);
}

struct error *report_finding(void *context, const struct finding *finding)
{
	struct report *report = context;

	return report->output->finding(report, finding);
}

static struct error *write_failed(int errnum)
{
	return error_system(errnum ? errnum : EIO, "cannot write the report");
}

struct error *report_finish(struct report *report, const struct coverage *coverage,
			    const struct audit_summary *summary)
{
	struct error *err = report->output->finish(report, coverage, summary);

	if (err)
		return err;
	errno = 0;
	if (fflush(report->out) != 0 || ferror(report->out))
		return write_failed(errno);
	return NULL;
}

struct error *report_write(struct report *report, struct buffer *buffer)
{
	if (buffer->failed)
		return error_memory();
	errno = 0;
	if (buffer->length &&
	    fwrite(buffer->text, 1, buffer->length, report->out) != buffer->length)
		return write_failed(errno);
	buffer_clear(buffer);
	return NULL;
}
