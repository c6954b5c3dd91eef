/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON reports, parsed back. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json.h>

#include "base/cleanup.h"
#include "report/names.h"
#include "report-fixture.h"

#define SCHEMA EXPECTED_DIR "/../../report/report.schema.json"

/* Makes findings one after the other; false: no more. */
typedef bool make_finding(int number, struct finding *ret);

static void assert_success(struct error *err)
{
	if (err)
		print_error("%s\n", err->message);
	assert_null(err);
}

static char *write_report(struct fixture *fixture, make_finding *make)
{
	const struct report_options options = {.format = REPORT_JSON};
	struct report *report;
	struct finding finding;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_success(
		report_create(&options, &fixture->capture, &fixture->geometry, out, &report));
	for (int i = 0; make && make(i, &finding); i++) {
		fixture_count(fixture, &finding);
		assert_success(report_finding(report, &finding));
	}
	assert_success(report_finish(report, &fixture->coverage, &fixture->summary));
	report_destroy(report);
	fclose(out);
	return text;
}

/* Strict, so that what json-c alone would accept is not. */
static struct json_object *parse(const char *text)
{
	struct json_tokener *tokener = json_tokener_new();

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *root = json_tokener_parse_ex(tokener, text, (int)strlen(text));

	assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
	json_tokener_free(tokener);
	return root;
}

static struct json_object *report_of(struct fixture *fixture, make_finding *make)
{
	_cleanup_(free_pointer) char *text = write_report(fixture, make);

	return parse(text);
}

/* The value at a path such as "findings.0.va.start"; NULL for null, and a failure for none. */
static struct json_object *at(struct json_object *value, const char *path)
{
	_cleanup_(free_pointer) char *copy = strdup(path);
	char *rest = copy;

	for (char *key; (key = strsep(&rest, "."));) {
		if (json_object_is_type(value, json_type_array)) {
			assert_true((size_t)atoi(key) < json_object_array_length(value));
			value = json_object_array_get_idx(value, (size_t)atoi(key));
		} else if (!json_object_object_get_ex(value, key, &value)) {
			fail_msg("no %s in %s", key, path);
		}
	}
	return value;
}

static void assert_string(struct json_object *root, const char *path, const char *expected)
{
	struct json_object *value = at(root, path);

	assert_true(json_object_is_type(value, json_type_string));
	assert_string_equal(json_object_get_string(value), expected);
}

static void assert_number(struct json_object *root, const char *path, int64_t expected)
{
	struct json_object *value = at(root, path);

	assert_true(json_object_is_type(value, json_type_int));
	assert_int_equal(json_object_get_int64(value), expected);
}

static bool make_pair(int number, struct finding *ret)
{
	if (number < 2)
		*ret = number == 0 ? fixture_unsafe_promotion() : fixture_orphaned_table();
	return number < 2;
}

static void top_level_has_its_order(void **state)
{
	static const char *const keys[] = {"schema",   "version",  "findings",
					   "captures", "coverage", "summary"};
	struct fixture fixture;
	size_t i = 0;

	fixture_init(&fixture);
	struct json_object *root = report_of(&fixture, make_pair);

	struct json_object_iterator member = json_object_iter_begin(root);
	struct json_object_iterator end = json_object_iter_end(root);

	for (; !json_object_iter_equal(&member, &end); json_object_iter_next(&member)) {
		assert_true(i < sizeof(keys) / sizeof(keys[0]));
		assert_string_equal(json_object_iter_peek_name(&member), keys[i++]);
	}
	assert_int_equal(i, sizeof(keys) / sizeof(keys[0]));
	assert_string(root, "schema", "mmureplay-report");
	assert_number(root, "version", 1);
	json_object_put(root);
}

static void findings_have_what_truth_states(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	struct json_object *root = report_of(&fixture, make_pair);

	assert_int_equal(json_object_array_length(at(root, "findings")), 2);
	assert_string(root, "findings.0.id", "unsafe-promotion-3f9c2a71-1");
	assert_string(root, "findings.0.rule", "unsafe-promotion");
	assert_string(root, "findings.0.severity", "error");
	assert_string(root, "findings.0.cause", "no-break");
	assert_string(root, "findings.0.certainty", "certain");
	assert_string(root, "findings.0.evidence", "replayed");
	assert_string(root, "findings.0.va.start", "0xffff000008a00000");
	assert_string(root, "findings.0.va.end", "0xffff000008c00000");
	assert_number(root, "findings.0.level", 2);
	assert_string(root, "findings.0.level_name", "pmd");
	assert_number(root, "findings.0.time_ns", 1111994000);
	assert_number(root, "findings.0.line", 91);
	assert_string(root, "findings.0.entry.address", "0xffff80007fffd228");
	assert_string(root, "findings.0.entry.before", "0xb4d16003");
	assert_string(root, "findings.0.entry.before_source", "replayed");
	assert_string(root, "findings.0.entry.after", "0xe8008000400705");
	assert_string(root, "findings.0.mappings.old.pa", "0x8000001000");
	assert_string(root, "findings.0.mappings.old.made.caller", "set_run+0x318/0x1784 [ht]");
	assert_number(root, "findings.0.mappings.old.unmapped.line", 75);
	assert_string(root, "findings.0.mappings.new.pa", "0x8000400000");
	assert_null(at(root, "findings.0.mappings.new.unmapped"));
	assert_string(root, "findings.0.invalidations.0.op", "vaae1is");
	assert_number(root, "findings.0.invalidations.0.count", 2);
	assert_string(root, "findings.0.invalidations.0.effect", "before-break");
	assert_number(root, "findings.0.window.opened_ns", 1111994000);
	assert_number(root, "findings.0.window.closed_ns", 1113468000);
	assert_string(root, "findings.0.window.closed_by.op", "vaae1is");
	assert_string(root, "findings.0.events.0.what", "the page table was installed");
	assert_string(root, "findings.1.rule", "orphaned-table");
	assert_string(root, "findings.1.tables.0.pa", "0xb4d16000");
	assert_string(root, "findings.1.tables.0.pfn", "0xb4d16");
	assert_string(root, "findings.1.tables.0.pa_source", "allocation");
	assert_number(root, "findings.1.tables.0.level", 3);
	assert_null(at(root, "findings.1.window"));
	json_object_put(root);
}

static void the_summary_names_every_rule(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	struct json_object *root = report_of(&fixture, make_pair);

	assert_number(root, "summary.findings", 2);
	assert_number(root, "summary.orphaned_pages", 1);
	assert_number(root, "summary.orphaned_bytes", 4096);
	assert_number(root, "summary.promotions.unsafe", 1);
	assert_number(root, "summary.by_severity.error", 2);
	for (enum audit_rule rule = 0; rule < AUDIT_RULES; rule++) {
		_cleanup_(free_pointer) char *path = NULL;

		assert_true(asprintf(&path, "summary.by_rule.%s", audit_rule_info(rule)->name) > 0);
		assert_number(root, path, (int64_t)fixture.summary.by_rule[rule]);
	}
	json_object_put(root);
}

static bool make_subtree(int number, struct finding *ret)
{
	*ret = fixture_orphaned_subtree();
	return number == 0;
}

static void unknown_frames_are_null(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	struct json_object *root = report_of(&fixture, make_subtree);

	assert_int_equal(json_object_array_length(at(root, "findings.0.tables")), 17);
	assert_string(root, "findings.0.tables.0.pa_source", "descriptor");
	assert_null(at(root, "findings.0.tables.0.made"));
	assert_null(at(root, "findings.0.tables.2.pa"));
	assert_null(at(root, "findings.0.tables.2.pfn"));
	assert_null(at(root, "findings.0.tables.2.pa_source"));
	assert_string(root, "findings.0.entry.before_source", "read");
	assert_null(at(root, "findings.0.mappings.old"));
	json_object_put(root);
}

static bool make_reuse(int number, struct finding *ret)
{
	*ret = fixture_stale_reuse();
	if (number == 1)
		ret->reason[0].lost = LOST_COUNT_UNKNOWN;
	return number < 2;
}

static void doubts_say_when_and_where(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	struct json_object *root = report_of(&fixture, make_reuse);

	assert_string(root, "findings.0.certainty", "possible");
	assert_string(root, "findings.0.reasons.0.code", "events-lost");
	assert_number(root, "findings.0.reasons.0.from_ns", 3000200000);
	assert_number(root, "findings.0.reasons.0.to_ns", 3000400000);
	assert_number(root, "findings.0.reasons.0.cpu", 1);
	assert_number(root, "findings.0.reasons.0.events", 112);
	assert_string(root, "findings.0.reasons.1.code", "before-capture");
	assert_string(root, "findings.0.reasons.2.code", "order");
	assert_number(root, "findings.0.reasons.2.concerns.0.time_ns", 3000120000);
	assert_number(root, "findings.0.reasons.2.concerns.1.time_ns", 3000901000);
	assert_null(at(root, "findings.1.reasons.0.events"));
	assert_null(at(root, "findings.0.window.closed_ns"));
	assert_null(at(root, "findings.0.window.closed_by"));
	assert_null(at(root, "findings.0.invalidations.1.va"));
	assert_number(root, "findings.0.other_invalidations", 37);
	assert_string(root, "findings.0.mappings.new.made.stack.1.source", "bochs.c:210");
	assert_string(root, "findings.0.mappings.new.made.stack.2.address", "0xffffc96230123456");
	assert_null(at(root, "findings.0.mappings.old.made"));
	json_object_put(root);
}

static bool make_hostile(int number, struct finding *ret)
{
	*ret = fixture_unsafe_promotion();
	ret->where.comm = (struct str){"\xff\33[31m\"\\\0x\xc3\xa9\n", 13};
	ret->symbol = STR("\xed\xa0\x80/");
	return number == 0;
}

static void any_bytes_become_utf8(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	fixture.files[0] = "caf\xe9.txt";
	struct json_object *root = report_of(&fixture, make_hostile);
	struct json_object *comm = at(root, "findings.0.comm");

	assert_int_equal(json_object_get_string_len(comm), 15);
	assert_memory_equal(json_object_get_string(comm), "\xef\xbf\xbd\33[31m\"\\\0x\xc3\xa9\n",
			    15);
	assert_string(root, "findings.0.symbol", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd/");
	assert_string(root, "findings.0.file", "caf\xef\xbf\xbd.txt");
	json_object_put(root);
}

static bool make_end(int number, struct finding *ret)
{
	*ret = fixture_mapping_leak();
	return number == 0;
}

static void the_end_of_the_capture_has_no_place(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	struct json_object *root = report_of(&fixture, make_end);

	assert_null(at(root, "findings.0.time_ns"));
	assert_null(at(root, "findings.0.cpu"));
	assert_null(at(root, "findings.0.line"));
	assert_null(at(root, "findings.0.cause"));
	assert_number(root, "findings.0.mappings.new.made.line", 88);
	json_object_put(root);
}

static void ticks_are_not_nanoseconds(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	fixture.capture.clock_is_ticks = true;
	struct json_object *root = report_of(&fixture, make_pair);

	assert_null(at(root, "findings.0.time_ns"));
	assert_number(root, "findings.0.time_ticks", 1111994000);
	assert_null(at(root, "findings.0.window.opened_ns"));
	assert_number(root, "findings.0.window.opened_ticks", 1111994000);
	assert_number(root, "coverage.span.last_ticks", 1119885000);
	json_object_put(root);
}

static void binary_captures_have_offsets(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	fixture.capture.is_binary = true;
	struct json_object *root = report_of(&fixture, make_pair);

	assert_number(root, "findings.0.offset", 91);
	assert_false(json_object_object_get_ex(at(root, "findings.0"), "line", NULL));
	json_object_put(root);
}

static void coverage_tells_gaps_and_losses(void **state)
{
	const struct record_type type = {
		.system = STR("pgt"), .name = STR("pmd_set_huge_ret"), .is_return = true};
	const struct event_probe probe = {.type = &type, .count = 42, .missed = 3};
	struct fixture fixture;

	fixture_init(&fixture);
	fixture.events.probe = &probe;
	fixture.events.nr_probes = 1;
	fixture.coverage.gap[GAP_EVENTS_LOST] = 3;
	fixture.coverage.nr_losses = 1;
	fixture.loss[0] = (struct coverage_loss){.cpu = 1, .events = 112, .times = 3};
	struct json_object *root = report_of(&fixture, NULL);

	assert_int_equal(json_object_array_length(at(root, "findings")), 0);
	assert_string(root, "captures.0.files.0", "traces/linux-4.14/trace.txt");
	assert_null(at(root, "captures.0.clock"));
	assert_string(root, "coverage.gaps.0.code", "events-lost");
	assert_number(root, "coverage.gaps.0.count", 3);
	assert_number(root, "coverage.losses.0.events", 112);
	assert_number(root, "coverage.geometry.levels", 4);
	assert_number(root, "coverage.events.tlbi", 515);
	assert_string(root, "coverage.probes.0.name", "pmd_set_huge_ret");
	assert_number(root, "coverage.probes.0.missed", 3);
	assert_null(at(root, "coverage.probes.0.symbol"));
	assert_null(at(root, "coverage.probes.0.meaning"));
	json_object_put(root);
}

static void the_same_findings_give_the_same_bytes(void **state)
{
	struct fixture first, second;

	fixture_init(&first);
	fixture_init(&second);
	_cleanup_(free_pointer) char *one = write_report(&first, make_pair);
	_cleanup_(free_pointer) char *other = write_report(&second, make_pair);

	assert_string_equal(one, other);
}

static bool make_thousands(int number, struct finding *ret)
{
	*ret = fixture_orphaned_table();
	return number < 5000;
}

/* Grouping is for people. */
static void every_finding_is_listed(void **state)
{
	struct fixture fixture;

	fixture_init(&fixture);
	struct json_object *root = report_of(&fixture, make_thousands);

	assert_int_equal(json_object_array_length(at(root, "findings")), 5000);
	json_object_put(root);
}

static bool list_has(struct json_object *list, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *listed = json_object_get_string(json_object_array_get_idx(list, i));

		if (listed && strcmp(listed, name) == 0)
			return true;
	}
	return false;
}

/* The schema's enumeration must have the names that name() gives up to `count`, and no others. */
static void assert_names(struct json_object *schema, const char *path, int count,
			 const char *(*name)(int))
{
	struct json_object *list = at(schema, path);
	size_t expected = 0;

	for (int i = 0; i < count; i++) {
		if (name(i) && !list_has(list, name(i)))
			fail_msg("%s is not in %s", name(i), path);
		expected += name(i) != NULL;
	}
	/* One may be null. */
	for (size_t i = 0; i < json_object_array_length(list); i++)
		expected += json_object_array_get_idx(list, i) == NULL;
	assert_int_equal(json_object_array_length(list), expected);
}

static const char *rule_name(int rule)
{
	return audit_rule_info((enum audit_rule)rule)->name;
}

static const char *cause_name(int cause)
{
	return cause == CAUSE_NONE ? NULL : audit_cause_name((enum audit_cause)cause);
}

static const char *doubt_name(int doubt)
{
	return audit_doubt_name((enum audit_doubt)doubt);
}

static const char *gap_name(int gap)
{
	return coverage_gap_info((enum coverage_gap)gap)->name;
}

static const char *effect_name(int effect)
{
	return tlbi_effect_name((enum mmu_tlbi_effect)effect);
}

static const char *event_name(int kind)
{
	return mmu_event_name((enum mmu_event_kind)kind);
}

/* The validation of a report finds only names that the report has. */
static void the_schema_has_every_name(void **state)
{
	struct json_object *schema = json_object_from_file(SCHEMA);

	assert_non_null(schema);
	assert_names(schema, "$defs.rule.enum", AUDIT_RULES, rule_name);
	assert_names(schema, "$defs.finding.properties.cause.enum", AUDIT_CAUSES, cause_name);
	assert_names(schema, "$defs.reason.properties.code.enum", AUDIT_DOUBTS, doubt_name);
	assert_names(schema, "$defs.gap.properties.code.enum", COVERAGE_GAPS, gap_name);
	assert_names(schema, "$defs.invalidation.properties.effect.enum", TLBI_EFFECTS,
		     effect_name);
	assert_names(schema, "$defs.coverage.properties.events.required", EVENT_KINDS, event_name);
	json_object_put(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(top_level_has_its_order),
		cmocka_unit_test(findings_have_what_truth_states),
		cmocka_unit_test(the_summary_names_every_rule),
		cmocka_unit_test(unknown_frames_are_null),
		cmocka_unit_test(doubts_say_when_and_where),
		cmocka_unit_test(any_bytes_become_utf8),
		cmocka_unit_test(the_end_of_the_capture_has_no_place),
		cmocka_unit_test(ticks_are_not_nanoseconds),
		cmocka_unit_test(binary_captures_have_offsets),
		cmocka_unit_test(coverage_tells_gaps_and_losses),
		cmocka_unit_test(the_same_findings_give_the_same_bytes),
		cmocka_unit_test(every_finding_is_listed),
		cmocka_unit_test(the_schema_has_every_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
