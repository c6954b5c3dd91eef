/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reports of one run: the main one, and the JSON beside it that --json=FILE asks for. */
#ifndef MMUREPLAY_CLI_REPORTS_H
#define MMUREPLAY_CLI_REPORTS_H

#include <mmureplay/report.h>

#include "cli/options.h"
#include "cli/output.h"

enum {
	MAX_REPORTS = 2
};

/* Reports that are all zero are empty and valid. */
struct reports {
	/* The file comes first: it is complete when standard output's reader leaves early. */
	struct {
		struct output output;
		struct report *report;
	} at[MAX_REPORTS];
	size_t count;
};

struct error *reports_open(const struct options *options, const struct capture_info *capture,
			   const struct mmu_geometry *geometry, struct reports *ret) MUST_CHECK;

/* A finding_handler; context is the reports. */
struct error *reports_finding(void *reports, const struct finding *finding) MUST_CHECK;

/* Completes and closes them. */
struct error *reports_finish(struct reports *reports, const struct coverage *coverage,
			     const struct audit_summary *summary) MUST_CHECK;

void reports_deinit(struct reports *reports);

#endif
