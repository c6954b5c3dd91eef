/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings made by hand, and the capture that they are of, for the tests of the report stage. */
#ifndef MMUREPLAY_TEST_REPORT_FIXTURE_H
#define MMUREPLAY_TEST_REPORT_FIXTURE_H

#include <mmureplay/report.h>

/* A capture, and what the other stages say of it. */
struct fixture {
	const char *files[1];
	struct capture_info capture;
	struct mmu_geometry geometry;
	struct mmu_facts facts;
	struct event_summary events;
	struct coverage_loss loss[1];
	struct coverage coverage;
	struct audit_summary summary;
};

/* The capture of Linux 4.14 in traces/, of 4K pages and 48 VA bits, with nothing found. */
void fixture_init(struct fixture *fixture);

/* Counts the finding in the summary. */
void fixture_count(struct fixture *fixture, const struct finding *finding);

/*
 * The findings of that capture, as truth.json states them: a 4K page at 0xffff000008a00000, unmapped,
 * then a 2M block over its table.  What they point to is theirs until the next call.
 */
struct finding fixture_unsafe_promotion(void);
struct finding fixture_orphaned_table(void);

/* A page-table page for PMDs and 16 for PTEs below it, lost at once. */
struct finding fixture_orphaned_subtree(void);

/* An address used again; possible only, for two reasons. */
struct finding fixture_stale_reuse(void);

/* An ioremap that nobody undid. */
struct finding fixture_mapping_leak(void);

/* Where things happened in the fixture's capture: at a line, in task init-1 on CPU 0. */
struct event_where fixture_at(uint64_t line, uint64_t time);

#endif
