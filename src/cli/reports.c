/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "base/try.h"
#include "cli/progress.h"
#include "cli/reports.h"

static struct error *open_one(const struct options *options, const char *path,
			      enum report_format format, const struct capture_info *capture,
			      const struct mmu_geometry *geometry, struct reports *reports)
{
	struct output *output = &reports->at[reports->count].output;
	struct report **report = &reports->at[reports->count].report;

	TRY(output_open(path, options->captures, output));
	reports->count++;
	const struct report_options report_options = {
		.format = format,
		.colour = output_wants_colour(output, options->colour),
		.quiet = options->quiet,
		.verbose = options->verbose,
	};

	return report_create(&report_options, capture, geometry, output->file, report);
}

struct error *reports_open(const struct options *options, const struct capture_info *capture,
			   const struct mmu_geometry *geometry, struct reports *ret)
{
	if (options->json_file)
		TRY(open_one(options, options->json_file, REPORT_JSON, capture, geometry, ret));
	return open_one(options, options->output, options->format, capture, geometry, ret);
}

/* Says which output failed.  Has no effect on the out-of-memory error. */
static struct error *of_output(struct error *err, const struct output *output)
{
	return error_at(err, output->name, ERROR_NO_PLACE, 0);
}

struct error *reports_finding(void *context, const struct finding *finding)
{
	struct reports *reports = context;
	struct error *err = NULL;

	progress_pause();
	for (size_t i = 0; !err && i < reports->count; i++)
		err = of_output(report_finding(reports->at[i].report, finding),
				&reports->at[i].output);
	progress_resume();
	return err;
}

struct error *reports_finish(struct reports *reports, const struct coverage *coverage,
			     const struct audit_summary *summary)
{
	for (size_t i = 0; i < reports->count; i++) {
		struct output *output = &reports->at[i].output;

		TRY(of_output(report_finish(reports->at[i].report, coverage, summary), output));
		TRY(output_close(output));
	}
	return NULL;
}

void reports_deinit(struct reports *reports)
{
	for (size_t i = 0; i < reports->count; i++) {
		report_destroy(reports->at[i].report);
		output_deinit(&reports->at[i].output);
	}
	*reports = (struct reports){0};
}
