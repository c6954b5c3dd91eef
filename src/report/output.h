/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outputs behind a report, and what they share. */
#ifndef MMUREPLAY_REPORT_OUTPUT_H
#define MMUREPLAY_REPORT_OUTPUT_H

#include <stdio.h>

#include <mmureplay/report.h>

#include "base/buffer.h"

/* One format.  The report calls begin once, finding for each finding, and finish once. */
struct report_output {
	const char *name; /* as --format has it */
	struct error *(*begin)(struct report *report);
	struct error *(*finding)(struct report *report, const struct finding *finding);
	struct error *(*finish)(struct report *report, const struct coverage *coverage,
				const struct audit_summary *summary);
	void (*destroy)(struct report *report); /* also when begin failed */
};

struct report {
	const struct report_output *output;
	struct report_options options;
	const struct capture_info *capture;
	const struct mmu_geometry *geometry;
	FILE *out;
	void *state; /* the output's own */
};

extern const struct report_output text_output;
extern const struct report_output json_output;

/* Writes the buffer's text, and empties the buffer. */
struct error *report_write(struct report *report, struct buffer *buffer) MUST_CHECK;

#endif
