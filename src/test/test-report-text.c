/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text reports, compared byte for byte with expected/NAME.txt.  With UPDATE_EXPECTED in the
 * environment the files are written instead: then read what changed.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "report-fixture.h"

DEFINE_CLEANUP(destroy_report, struct report *, report_destroy)

/* A report that is being written into memory. */
struct written {
	struct report *report;
	FILE *out;
	char *text;
	size_t length;
};

static void assert_success(struct error *err)
{
	if (err)
		print_error("%s\n", err->message);
	assert_null(err);
}

static void begin(struct written *written, const struct report_options *options,
		  struct fixture *fixture)
{
	written->out = open_memstream(&written->text, &written->length);
	assert_non_null(written->out);
	assert_success(report_create(options, &fixture->capture, &fixture->geometry, written->out,
				     &written->report));
}

static void add(struct written *written, struct fixture *fixture, struct finding finding)
{
	fixture_count(fixture, &finding);
	assert_success(report_finding(written->report, &finding));
}

static void finish(struct written *written, struct fixture *fixture)
{
	assert_success(report_finish(written->report, &fixture->coverage, &fixture->summary));
	report_destroy(written->report);
	fclose(written->out);
}

static void write_file(const char *path, const struct written *written)
{
	_cleanup_(close_file) FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(written->text, 1, written->length, file), written->length);
}

static void compare_file(const char *path, const struct written *written)
{
	_cleanup_(close_file) FILE *file = fopen(path, "r");
	_cleanup_(free_pointer) char *expected = NULL;
	size_t capacity = 0;

	assert_non_null(file);
	/* There is no NUL in a report: this reads all of it. */
	ssize_t length = getdelim(&expected, &capacity, '\0', file);

	assert_true(length >= 0);
	assert_string_equal(written->text, expected);
	assert_int_equal(written->length, length);
}

/* Finishes the report, and holds it against expected/NAME.txt. */
static void finish_as(struct written *written, struct fixture *fixture, const char *name)
{
	_cleanup_(free_pointer) char *path = NULL;

	finish(written, fixture);
	assert_true(asprintf(&path, "%s/%s.txt", EXPECTED_DIR, name) > 0);
	if (getenv("UPDATE_EXPECTED"))
		write_file(path, written);
	else
		compare_file(path, written);
	free(written->text);
}

/* The report on the 4.14 capture's two findings. */
static void check_pair(struct report_options options, const char *name)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	begin(&written, &options, &fixture);
	add(&written, &fixture, fixture_unsafe_promotion());
	add(&written, &fixture, fixture_orphaned_table());
	finish_as(&written, &fixture, name);
}

static void pair(void **state)
{
	check_pair((struct report_options){0}, "pair");
}

static void pair_verbose(void **state)
{
	check_pair((struct report_options){.verbose = true}, "pair-verbose");
}

static void pair_quiet(void **state)
{
	check_pair((struct report_options){.quiet = true}, "pair-quiet");
}

static void pair_coloured(void **state)
{
	check_pair((struct report_options){.colour = true}, "pair-coloured");
}

static void ticks(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	fixture.capture.clock_is_ticks = true;
	fixture.capture.clock = "counter";
	begin(&written, &(struct report_options){0}, &fixture);
	add(&written, &fixture, fixture_unsafe_promotion());
	finish_as(&written, &fixture, "ticks");
}

static void subtree(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	begin(&written, &(struct report_options){0}, &fixture);
	add(&written, &fixture, fixture_orphaned_subtree());
	finish_as(&written, &fixture, "subtree");
}

/* A finding with reasons to doubt it, of a binary capture with gaps. */
static void possible(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	fixture.files[0] = "trace.dat";
	fixture.capture.kind = "trace-cmd file, version 7";
	fixture.capture.is_binary = true;
	fixture.capture.clock = "mono";
	fixture.capture.release = "6.1.0-50-arm64";
	fixture.capture.nr_cpus = 4;
	fixture.capture.time_resolution = 1;
	fixture.coverage.gap[GAP_EVENTS_LOST] = 3;
	fixture.coverage.nr_losses = 1;
	fixture.loss[0] = (struct coverage_loss){
		.cpu = 1,
		.events = 112,
		.times = 3,
		.unknown = true,
		.first = 3000200000,
		.last = 3000400000,
	};
	begin(&written, &(struct report_options){0}, &fixture);
	add(&written, &fixture, fixture_stale_reuse());
	finish_as(&written, &fixture, "possible");
}

/* Of two findings on one store the second is short only if it is about the same mappings. */
static void another_old_mapping_is_told(void **state)
{
	struct fixture fixture;
	struct written written;
	struct finding finding = fixture_stale_reuse();
	struct mmu_mapping live = *finding.old_mapping;

	fixture_init(&fixture);
	begin(&written, &(struct report_options){0}, &fixture);
	add(&written, &fixture, finding);
	live.made = fixture_at(7, 3000000000);
	finding.rule = RULE_OVERLAP;
	finding.old_mapping = &live;
	snprintf(finding.id, sizeof(finding.id), "overlap-12345678-1");
	add(&written, &fixture, finding);
	finish(&written, &fixture);
	assert_null(strstr(written.text, "the same as above"));
	assert_non_null(strstr(written.text, "trace.txt:7: note: mapped before"));
	free(written.text);
}

/* Pages whose entries are in more than one table have no last index. */
static void pages_of_two_tables(void **state)
{
	struct fixture fixture;
	struct written written;
	struct finding finding = fixture_stale_reuse();

	fixture_init(&fixture);
	finding.va = 0xffff8000081ff000;
	finding.end = 0xffff800008204000;
	begin(&written, &(struct report_options){0}, &fixture);
	add(&written, &fixture, finding);
	finish(&written, &fixture);
	assert_non_null(strstr(written.text, "-> pmd[64] -> pte[511...] (4K pages,"));
	free(written.text);
}

/* Names from a capture and of a file must not reach the terminal as they are. */
static void hostile_names(void **state)
{
	struct fixture fixture;
	struct written written;
	struct finding finding = fixture_unsafe_promotion();

	fixture_init(&fixture);
	fixture.files[0] = "evil\33]0;title\a.txt";
	finding.where.comm = (struct str){"\xff\33[31mn\xc3\xa9\n", 10};
	finding.symbol = STR("pmd_set_huge\r");
	finding.nr_steps = 0;
	begin(&written, &(struct report_options){0}, &fixture);
	add(&written, &fixture, finding);
	finish_as(&written, &fixture, "hostile-names");
}

/* Three hundred times the same, at addresses that follow one another. */
static void add_many(struct written *written, struct fixture *fixture, struct finding finding)
{
	for (uint64_t i = 0; i < 300; i++) {
		add(written, fixture, finding);
		finding.va += 0x200000;
		finding.end += 0x200000;
		finding.where = fixture_at(1000 + i, 2000000000 + i * 1000);
		snprintf(finding.id + strlen("orphaned-table-5c01d9e2-"), 8, "%d", (int)i + 2);
	}
}

static void grouped(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	begin(&written, &(struct report_options){0}, &fixture);
	add_many(&written, &fixture, fixture_orphaned_table());
	finish_as(&written, &fixture, "grouped");
}

static void grouped_quiet(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	begin(&written, &(struct report_options){.quiet = true}, &fixture);
	add_many(&written, &fixture, fixture_orphaned_table());
	finish_as(&written, &fixture, "grouped-quiet");
}

static void verbose_shows_every_one(void **state)
{
	struct fixture fixture;
	struct written written;
	size_t shown = 0;

	fixture_init(&fixture);
	begin(&written, &(struct report_options){.verbose = true}, &fixture);
	add_many(&written, &fixture, fixture_orphaned_table());
	finish(&written, &fixture);
	for (const char *at = written.text; (at = strstr(at, ": error: ")); at++)
		shown++;
	assert_int_equal(shown, 300);
	free(written.text);
}

/* Notes are one or two lines for each caller. */
static void leaks(void **state)
{
	struct fixture fixture;
	struct written written;
	struct finding finding = fixture_mapping_leak();

	fixture_init(&fixture);
	begin(&written, &(struct report_options){0}, &fixture);
	for (int i = 0; i < 12; i++) {
		add(&written, &fixture, finding);
		finding.va += 0x200000;
		finding.end += 0x200000;
	}
	snprintf(finding.id, sizeof(finding.id), "mapping-leak-12345678-1");
	finding.new_mapping->origin = NULL;
	add(&written, &fixture, finding);
	finish_as(&written, &fixture, "leaks");
}

/* However many groups there are, memory for them is bounded. */
static void too_many_groups(void **state)
{
	struct fixture fixture;
	struct written written;
	struct finding finding = fixture_mapping_leak();

	fixture_init(&fixture);
	begin(&written, &(struct report_options){0}, &fixture);
	for (int i = 0; i < 5000; i++) {
		snprintf(finding.id, sizeof(finding.id), "mapping-leak-%08x-1", i);
		add(&written, &fixture, finding);
	}
	finish(&written, &fixture);
	assert_non_null(strstr(written.text, "and 904 findings of more than 4096 kinds"));
	assert_non_null(strstr(written.text, "5000 notes (5000 mapping-leak)"));
	free(written.text);
}

static void clean(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	fixture.summary.safe_promotions = 1;
	fixture.coverage.gap[GAP_LOSSES_HIDDEN] = 1;
	begin(&written, &(struct report_options){0}, &fixture);
	finish_as(&written, &fixture, "clean");
}

static void clean_verbose(void **state)
{
	const struct record_type types[] = {
		{.system = STR("pgt"), .name = STR("pmd_set_huge"), .symbol = STR("pmd_set_huge")},
		{.name = STR("sched_switch")},
	};
	const struct event_probe probes[] = {
		{.type = &types[0], .meaning = "pmd_set_huge", .count = 1},
		{.type = &types[1], .count = 42, .missed = 7},
	};
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	fixture.events.probe = probes;
	fixture.events.nr_probes = 2;
	fixture.coverage.gap[GAP_NOT_UNDERSTOOD] = 1;
	begin(&written, &(struct report_options){.verbose = true}, &fixture);
	finish_as(&written, &fixture, "clean-verbose");
}

/* Nothing found, in a capture that could not have shown it. */
static void not_clean(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	fixture.facts.nr_tlbi = 0;
	fixture.facts.nr_flushes_assumed = 4;
	fixture.coverage.gap[GAP_TLBI_UNTRACED] = 1;
	fixture.coverage.gap[GAP_UNREAD_LINES] = 3;
	fixture.capture.nr_unread = 3;
	fixture.capture.first_unread = (struct record_place){0, 17};
	begin(&written, &(struct report_options){0}, &fixture);
	finish_as(&written, &fixture, "not-clean");
}

static void no_events(void **state)
{
	struct fixture fixture;
	struct written written;

	fixture_init(&fixture);
	fixture.coverage.nr_mappings = fixture.coverage.nr_unmaps = 0;
	fixture.coverage.nr_tables = fixture.coverage.nr_blocks = 0;
	fixture.facts.nr_tlbi = 0;
	fixture.events.first_time = fixture.events.last_time = 0;
	fixture.coverage.gap[GAP_NO_EVENTS] = 1;
	begin(&written, &(struct report_options){0}, &fixture);
	finish_as(&written, &fixture, "no-events");
}

static void formats_have_names(void **state)
{
	assert_int_equal(report_format_from_name("text"), REPORT_TEXT);
	assert_int_equal(report_format_from_name("json"), REPORT_JSON);
	assert_int_equal(report_format_from_name("xml"), REPORT_FORMATS);
}

static void an_unknown_format_is_an_error(void **state)
{
	struct fixture fixture;
	struct report *report = NULL;
	const struct report_options options = {.format = REPORT_FORMATS};

	fixture_init(&fixture);
	_cleanup_(destroy_error) struct error *err =
		report_create(&options, &fixture.capture, &fixture.geometry, stdout, &report);

	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_USAGE);
	assert_null(report);
}

/* A full disk: nothing may be lost without an error. */
static void assert_failed_write_is_an_error(enum report_format format)
{
	struct fixture fixture;
	_cleanup_(close_file) FILE *full = fopen("/dev/full", "w");
	_cleanup_(destroy_report) struct report *report = NULL;
	const struct report_options options = {.format = format};

	if (!full)
		skip();
	fixture_init(&fixture);
	assert_success(report_create(&options, &fixture.capture, &fixture.geometry, full, &report));
	_cleanup_(destroy_error) struct error *err =
		report_finish(report, &fixture.coverage, &fixture.summary);

	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_non_null(strstr(err->message, "No space left on device"));
}

static void failed_writes_are_errors(void **state)
{
	assert_failed_write_is_an_error(REPORT_TEXT);
	assert_failed_write_is_an_error(REPORT_JSON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pair),
		cmocka_unit_test(pair_verbose),
		cmocka_unit_test(pair_quiet),
		cmocka_unit_test(pair_coloured),
		cmocka_unit_test(ticks),
		cmocka_unit_test(subtree),
		cmocka_unit_test(possible),
		cmocka_unit_test(another_old_mapping_is_told),
		cmocka_unit_test(pages_of_two_tables),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(grouped),
		cmocka_unit_test(grouped_quiet),
		cmocka_unit_test(verbose_shows_every_one),
		cmocka_unit_test(leaks),
		cmocka_unit_test(too_many_groups),
		cmocka_unit_test(clean),
		cmocka_unit_test(clean_verbose),
		cmocka_unit_test(not_clean),
		cmocka_unit_test(no_events),
		cmocka_unit_test(formats_have_names),
		cmocka_unit_test(an_unknown_format_is_an_error),
		cmocka_unit_test(failed_writes_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
