/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <mmureplay/audit.h>
#include <mmureplay/mmu.h>
#include <mmureplay/vmlinux-kernel.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/analyse.h"
#include "cli/replay.h"
#include "cli/geometry.h"
#include "cli/lookahead.h"
#include "cli/progress.h"
#include "cli/reports.h"

DEFINE_CLEANUP(destroy_audit, struct audit *, audit_destroy)
DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)

/* The model, the rules and the reports, in the order in which the data passes them. */
struct analysis {
	struct mmu *mmu;
	struct audit *audit;
	struct reports reports;
	struct lookahead events;
};

static void analysis_deinit(struct analysis *analysis)
{
	progress_stop();
	mmu_destroy(analysis->mmu);
	audit_destroy(analysis->audit);
	reports_deinit(&analysis->reports);
	lookahead_deinit(&analysis->events);
}

static bool wants_cpu(const void *cpus, uint32_t cpu)
{
	return cpu_list_has(cpus, cpu);
}

/* What a user has said of the kernel, against the first events: before anything is written. */
static struct error *check_told(const struct lookahead *events, const struct mmu_options *options,
				const struct capture_info *capture)
{
	struct mmu *created = NULL;

	if (!options->granule_is_told && !options->va_bits_is_told)
		return NULL;
	TRY(mmu_create(options, NULL, NULL, &created));
	_cleanup_(destroy_mmu) struct mmu *mmu = created;

	for (size_t i = 0; i < events->ahead.count; i++)
		TRY(replay_event(mmu, capture, &events->ahead.at[i]));
	return NULL;
}

/* Makes the stages from the last to the first: each hands its results to the one after it. */
static struct error *analysis_init(struct analysis *analysis, const struct options *options,
				   const struct capture_info *capture, const struct kernel *kernel)
{
	struct mmu_options mmu_options = {.nr_cpus = capture->nr_cpus};
	struct audit_options audit_options = {
		.fail_on_rules = options->fail_on_rules,
		.fail_on_severities = options->fail_on_severities,
		.bbm_level = options->bbm_level,
	};
	struct selection selection;

	TRY(options_select(options, capture, &selection));
	mmu_options.clock_skew = selection.clock_skew;
	audit_options.kernel = kernel;
	audit_options.refused = options->folder.refused.at;
	audit_options.nr_refused = options->folder.refused.count;
	TRY(find_geometry(&analysis->events.detect, options, kernel, &mmu_options,
			  &audit_options.geometry_is_assumed));
	audit_options.since = selection.since;
	audit_options.until = selection.until;
	audit_options.wants_cpu = selection.cpus ? wants_cpu : NULL;
	audit_options.cpu_context = selection.cpus;

	TRY(check_told(&analysis->events, &mmu_options, capture));
	TRY(audit_create(&audit_options, reports_finding, &analysis->reports, &analysis->audit));
	TRY(mmu_create(&mmu_options, audit_change, analysis->audit, &analysis->mmu));
	return reports_open(options, capture, mmu_geometry(analysis->mmu), &analysis->reports);
}

static struct error *analysis_event(struct analysis *analysis, const struct capture_info *capture,
				    const struct mmu_event *event)
{
	TRY(replay_event(analysis->mmu, capture, event));
	return audit_event(analysis->audit, analysis->mmu, event);
}

static struct error *analysis_finish(struct analysis *analysis, const struct capture_info *capture,
				     const struct event_summary *events)
{
	TRY(mmu_finish(analysis->mmu));
	TRY(audit_finish(analysis->audit, analysis->mmu, capture, events));
	progress_stop();
	return reports_finish(&analysis->reports, audit_coverage(analysis->audit),
			      audit_summary(analysis->audit));
}

static bool supports_verdict(const struct coverage *coverage, bool strict)
{
	if (coverage->gap[GAP_NO_EVENTS])
		return false;
	for (enum coverage_gap gap = 0; strict && gap < COVERAGE_GAPS; gap++)
		if (coverage->gap[gap] && coverage_gap_info(gap)->counts)
			return false;
	return true;
}

/* Findings stand, whatever else the capture does not cover. */
static enum exit_status verdict(const struct audit *audit, bool strict)
{
	if (audit_summary(audit)->fails)
		return STATUS_FINDINGS;
	return supports_verdict(audit_coverage(audit), strict) ? STATUS_CLEAN : STATUS_NO_VERDICT;
}

struct error *analyse(const struct options *options, struct capture *capture,
		      const struct kernel *kernel, struct decoder *decoder, enum exit_status *ret)
{
	_cleanup_(analysis_deinit) struct analysis analysis = {0};
	_cleanup_(destroy_error) struct error *unread = NULL;
	const struct capture_info *info = capture_info(capture);
	struct lookahead *events = &analysis.events;
	const struct mmu_event *event = NULL;

	if (!options->no_progress && stderr_can_show_progress())
		progress_start(info);
	/* Some events come before the stages: by then the capture's header has been read. */
	TRY(lookahead_init(events, decoder));
	if (events->step == DECODE_ERROR &&
	    (info->nr_records == 0 || events->err->kind == ERROR_USAGE))
		return steal(events->err);
	TRY(analysis_init(&analysis, options, info, kernel));
	while (lookahead_next(events, &event, &unread) == DECODE_EVENT)
		TRY(analysis_event(&analysis, info, event));
	/* That the kernel is another one than was said makes all of it worth nothing. */
	if (unread && unread->kind == ERROR_USAGE)
		return steal(unread);
	TRY(analysis_finish(&analysis, info, decoder_summary(decoder)));
	*ret = verdict(analysis.audit, options->strict);
	return steal(unread);
}
