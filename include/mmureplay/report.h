/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 5, report: findings -> text for people, or JSON for programs.
 *
 * A report is written as a stream: findings as they come, coverage and summary at the end.
 */
#ifndef MMUREPLAY_REPORT_H
#define MMUREPLAY_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <mmureplay/audit.h>
#include <mmureplay/error.h>

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
	REPORT_FORMATS
};

struct report_options {
	enum report_format format;
	bool colour;  /* text: colours of the terminal */
	bool quiet;   /* text: one line for each group of findings, and the verdict */
	bool verbose; /* text: every finding, not one for each group; all of the coverage */
};

struct report;

/* Writes to `out`, which stays the caller's. `capture` gives file names, clock and release. */
struct error *report_create(const struct report_options *options,
			    const struct capture_info *capture, const struct mmu_geometry *geometry,
			    FILE *out, struct report **ret) MUST_CHECK;
void report_destroy(struct report *report);

/* A finding_handler; context is the report. */
struct error *report_finding(void *report, const struct finding *finding) MUST_CHECK;

/* Writes what is left: groups (text), coverage, summary; and reports a failed write. */
struct error *report_finish(struct report *report, const struct coverage *coverage,
			    const struct audit_summary *summary) MUST_CHECK;

/* REPORT_FORMATS when there is none of that name. */
enum report_format report_format_from_name(const char *name);

#endif
