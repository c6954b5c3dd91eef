/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints a JSON report on all findings of the fixture, for the check against the schema.
 *
 * usage: report-sample [ticks|binary|empty]
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report-fixture.h"

typedef struct finding make_finding(void);

static make_finding *const makers[] = {
	fixture_unsafe_promotion, fixture_orphaned_table, fixture_orphaned_subtree,
	fixture_stale_reuse,	  fixture_mapping_leak,
};

static void set_mode(struct fixture *fixture, const char *mode)
{
	fixture->capture.clock_is_ticks = strcmp(mode, "ticks") == 0;
	fixture->capture.is_binary = strcmp(mode, "binary") == 0;
	for (enum coverage_gap gap = 0; gap < COVERAGE_GAPS; gap++)
		fixture->coverage.gap[gap] = 1;
	fixture->capture.nr_unread = 1;
	fixture->capture.first_unread.position = 17;
	fixture->coverage.nr_losses = 1;
	fixture->loss[0] = (struct coverage_loss){.cpu = 1, .times = 1, .unknown = true};
}

static struct error *add_findings(struct report *report, struct fixture *fixture)
{
	struct error *err = NULL;

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]) && !err; i++) {
		struct finding finding = makers[i]();

		fixture_count(fixture, &finding);
		err = report_finding(report, &finding);
	}
	return err;
}

static struct error *print(const char *mode)
{
	const struct record_type type = {.name = STR("pmd_set_huge")};
	const struct event_probe probe = {
		.type = &type, .meaning = "pmd_set_huge", .count = 1, .missed = 2};
	const struct report_options options = {.format = REPORT_JSON};
	struct fixture fixture;
	struct report *report;

	fixture_init(&fixture);
	fixture.events.probe = &probe;
	fixture.events.nr_probes = 1;
	set_mode(&fixture, mode);
	struct error *err =
		report_create(&options, &fixture.capture, &fixture.geometry, stdout, &report);

	if (err)
		return err;
	if (strcmp(mode, "empty") != 0)
		err = add_findings(report, &fixture);
	if (!err)
		err = report_finish(report, &fixture.coverage, &fixture.summary);
	report_destroy(report);
	return err;
}

int main(int argc, char **argv)
{
	_cleanup_(destroy_error) struct error *err = print(argc > 1 ? argv[1] : "");

	if (err)
		fprintf(stderr, "%s\n", err->message);
	return err ? 2 : 0;
}
