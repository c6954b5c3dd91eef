/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <argp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/audit.h>

#include "base/cleanup.h"
#include "cli/options.h"

enum {
	MAX_ARGUMENTS = 16
};

/* Parses "mmureplay" and the words of `line`, which a space separates. */
static struct error *parse(const char *line, struct options *ret)
{
	static char words[256];
	char *argv[MAX_ARGUMENTS + 1] = {0};
	char *rest = words;
	int argc = 0;
	int length = snprintf(words, sizeof(words), "mmureplay%s%s", *line ? " " : "", line);

	assert_in_range(length, 0, sizeof(words) - 1);
	while (argc < MAX_ARGUMENTS && (argv[argc] = strsep(&rest, " ")))
		argc++;
	assert_null(rest);
	return options_parse(argc, argv, ARGP_SILENT, ret);
}

static void assert_refused(const char *line, const char *expected)
{
	_cleanup_(options_deinit) struct options options;
	_cleanup_(destroy_error) struct error *err = parse(line, &options);

	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_USAGE);
	if (expected)
		assert_string_equal(err->message, expected);
}

static void analyses_by_default(void **state)
{
	_cleanup_(options_deinit) struct options options;

	assert_null(parse("trace.txt", &options));
	assert_int_equal(options.command, COMMAND_ANALYSE);
	assert_string_equal(options.captures[0], "trace.txt");
	assert_null(options.output);
	assert_null(options.json_file);
	assert_int_equal(options.format, REPORT_TEXT);
	assert_int_equal(options.colour, COLOUR_AUTO);
	assert_int_equal(options.fail_on_rules, 0);
	assert_int_equal(options.fail_on_severities, 1U << SEVERITY_ERROR);
}

static void takes_a_command_as_first_word_only(void **state)
{
	static const struct {
		const char *line;
		enum command command;
		const char *capture;
	} lines[] = {
		{"events trace.txt", COMMAND_EVENTS, "trace.txt"},
		{"events --json -i trace.txt", COMMAND_EVENTS, "trace.txt"},
		{"events events", COMMAND_EVENTS, "events"},
		{"./events", COMMAND_ANALYSE, "./events"},
		{"-- events", COMMAND_ANALYSE, "events"},
		{"-q events", COMMAND_ANALYSE, "events"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		_cleanup_(options_deinit) struct options options;

		assert_null(parse(lines[i].line, &options));
		assert_int_equal(options.command, lines[i].command);
		assert_string_equal(options.captures[0], lines[i].capture);
	}
}

static void events_has_its_own_options(void **state)
{
	_cleanup_(options_deinit) struct options options;

	assert_null(parse("events --json --cpu 1 --since 1.5 - -o list", &options));
	assert_true(options.json_lines);
	assert_int_equal(options.format, REPORT_TEXT);
	assert_string_equal(options.output, "list");
	assert_true(options.since.is_set);
	assert_refused("events --fail-on=note trace.txt", NULL);
	assert_refused("events --json=file trace.txt", NULL);
}

static void json_is_a_format_or_a_file(void **state)
{
	static const struct {
		const char *line;
		enum report_format format;
		const char *file;
	} lines[] = {
		{"trace.txt --json", REPORT_JSON, NULL},
		{"--json trace.txt", REPORT_JSON, NULL},
		{"--json=- trace.txt", REPORT_JSON, NULL},
		{"--format json trace.txt", REPORT_JSON, NULL},
		{"--json=report.json trace.txt", REPORT_TEXT, "report.json"},
		{"--json=report.json --json trace.txt", REPORT_JSON, "report.json"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		_cleanup_(options_deinit) struct options options;

		assert_null(parse(lines[i].line, &options));
		assert_int_equal(options.format, lines[i].format);
		if (lines[i].file)
			assert_string_equal(options.json_file, lines[i].file);
		else
			assert_null(options.json_file);
		assert_string_equal(options.captures[0], "trace.txt");
	}
}

static void a_severity_stands_for_the_graver_ones(void **state)
{
	static const struct {
		const char *line;
		uint32_t rules, severities;
	} lines[] = {
		{"--fail-on=none x", 0, 0},
		{"--fail-on=error x", 0, 1U << SEVERITY_ERROR},
		{"--fail-on=warning x", 0, 1U << SEVERITY_ERROR | 1U << SEVERITY_WARNING},
		{"--fail-on=note x", 0, (1U << AUDIT_SEVERITIES) - 1},
		{"--fail-on=early-free,mapping-leak x",
		 1U << RULE_EARLY_FREE | 1U << RULE_MAPPING_LEAK, 0},
		{"--fail-on=overlap,error x", 1U << RULE_OVERLAP, 1U << SEVERITY_ERROR},
		{"--fail-on=overlap --fail-on=none x", 0, 0},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		_cleanup_(options_deinit) struct options options;

		assert_null(parse(lines[i].line, &options));
		assert_int_equal(options.fail_on_rules, lines[i].rules);
		assert_int_equal(options.fail_on_severities, lines[i].severities);
	}
}

static void takes_the_shapes_that_kernels_have(void **state)
{
	_cleanup_(options_deinit) struct options options;

	assert_null(parse("--granule=16k --va-bits=47 x", &options));
	assert_int_equal(options.granule, 16384);
	assert_int_equal(options.va_bits, 47);
	assert_refused("--granule=8K x", "--granule: '8K' is none of 4K, 16K, 64K");
	assert_refused("--va-bits=40 x", "--va-bits: '40' is none of 36, 39, 42, 47, 48, 52");
	assert_refused("--granule=64K --va-bits=39 x", NULL);
}

static uint64_t skew_with(const char *line, const struct capture_info *capture)
{
	_cleanup_(options_deinit) struct options options;
	struct selection selection;

	assert_null(parse(line, &options));
	assert_null(options_select(&options, capture, &selection));
	return selection.clock_skew;
}

static void the_clock_says_how_far_cpus_are_apart(void **state)
{
	const struct capture_info local = {.clock = "local", .time_resolution = 1};
	const struct capture_info text = {.time_resolution = 1000};
	const struct capture_info global = {.clock = "global", .time_resolution = 1000};
	const struct capture_info counter = {.clock = "counter", .clock_is_ticks = true};

	assert_int_equal(skew_with("x", &local), 1000);
	assert_int_equal(skew_with("x", &text), 2000);
	assert_int_equal(skew_with("x", &global), 0);
	assert_int_equal(skew_with("x", &counter), 0);
	assert_int_equal(skew_with("--clock-skew=0.000050 x", &global), 50000);
	assert_int_equal(skew_with("--clock-skew=0 x", &local), 0);
	assert_int_equal(skew_with("--clock-skew=7 x", &counter), 7);
	assert_refused("--clock-skew=1us x", NULL);
}

static void takes_the_levels_of_bbm(void **state)
{
	_cleanup_(options_deinit) struct options options;

	assert_null(parse("x", &options));
	assert_int_equal(options.bbm_level, 0);
	options_deinit(&options);
	assert_null(parse("--bbm-level=2 x", &options));
	assert_int_equal(options.bbm_level, 2);
	assert_refused("--bbm-level=3 x", "--bbm-level: '3' is none of 0, 1, 2");
}

static void of_quiet_and_verbose_the_last_counts(void **state)
{
	_cleanup_(options_deinit) struct options options;

	assert_null(parse("-q -v x", &options));
	assert_true(options.verbose && !options.quiet);
	options_deinit(&options);
	assert_null(parse("-v -q x", &options));
	assert_true(options.quiet && !options.verbose);
}

static void state_is_at_a_time_or_at_the_end(void **state)
{
	_cleanup_(options_deinit) struct options at;
	_cleanup_(options_deinit) struct options end;

	assert_null(parse("state --at 1.5 --granule 16K --json x", &at));
	assert_int_equal(at.command, COMMAND_STATE);
	assert_true(at.at.is_set);
	assert_int_equal(at.at.whole, 1);
	assert_int_equal(at.at.ns, 500000000);
	assert_int_equal(at.granule, 16384);
	assert_true(at.json_lines);
	assert_null(parse("state --at 1 --at end x", &end));
	assert_false(end.at.is_set);
	assert_refused("state --since 1 x", NULL);
	assert_refused("state --at never x", NULL);
	assert_refused("--at 1 x", NULL);
}

static void history_takes_an_address_first(void **state)
{
	_cleanup_(options_deinit) struct options options;

	assert_null(parse("history --json ffff800008000000 a b", &options));
	assert_int_equal(options.command, COMMAND_HISTORY);
	assert_true(options.address == 0xffff800008000000);
	assert_int_equal(options.nr_captures, 2);
	assert_string_equal(options.captures[0], "a");
	assert_refused("history", "no address: name one, such as 0xffff800008000000");
	assert_refused("history 0x1", "no capture: name a file, or - for standard input");
	assert_refused("history trace.txt 0x1", NULL);
}

/* getopt takes options before arguments. */
static void takes_several_captures_in_their_order(void **state)
{
	static const char *const lines[] = {"a - c", "-i a - c", "- -q c -i a", "events a - -i c"};
	static const char *const expected[][3] = {
		{"a", "-", "c"}, {"a", "-", "c"}, {"a", "-", "c"}, {"c", "a", "-"}};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		_cleanup_(options_deinit) struct options options;

		assert_null(parse(lines[i], &options));
		assert_int_equal(options.nr_captures, 3);
		for (size_t j = 0; j < 3; j++)
			assert_string_equal(options.captures[j], expected[i][j]);
		assert_null(options.captures[3]);
		assert_null(options.instance);
	}
}

static void takes_an_instance(void **state)
{
	_cleanup_(options_deinit) struct options options;
	_cleanup_(options_deinit) struct options top;

	assert_null(parse("events --instance=a-b x", &options));
	assert_string_equal(options.instance, "a-b");
	assert_null(parse("--instance= x", &top));
	assert_string_equal(top.instance, "");
}

static void refuses_with_a_way_on(void **state)
{
	assert_refused("", "no capture: name a file, or - for standard input");
	assert_refused("-q", "no capture: name a file, or - for standard input");
	assert_refused("events", "no capture: name a file, or - for standard input");
	assert_refused("--until=1 --since=1.000000001 x",
		       "--until is before --since: nothing would be shown");
	assert_refused("-o r --json=r x", NULL);
	assert_refused("--color=sometimes x",
		       "--color: 'sometimes' is none of auto, always, never");
	assert_refused("--format=xml x", "--format: 'xml' is none of text, json");
	assert_refused("--fail-on=error,no-such-rule x",
		       "--fail-on: 'no-such-rule' is no rule, and none of error, warning, note, "
		       "none; mmureplay(1) lists the rules");
	assert_refused("--fail-on= x", NULL);
	assert_refused("--no-such-option x", NULL);
}

static void selects_by_the_captures_clock(void **state)
{
	const struct capture_info seconds = {0}, ticks = {.clock_is_ticks = true};
	_cleanup_(options_deinit) struct options options;
	struct selection selection;

	assert_null(parse("--since=1 --until=2 --cpu=3 x", &options));
	assert_null(options_select(&options, &seconds, &selection));
	assert_true(selection.since == 1000000000 && selection.until == 2000000000);
	assert_ptr_equal(selection.cpus, &options.cpus);
	assert_null(options_select(&options, &ticks, &selection));
	assert_true(selection.since == 1 && selection.until == 2);
}

static void selects_all_without_a_limit(void **state)
{
	const struct capture_info capture = {0};
	_cleanup_(options_deinit) struct options options;
	struct selection selection;

	assert_null(parse("x", &options));
	assert_null(options_select(&options, &capture, &selection));
	assert_true(selection.since == 0 && selection.until == 0);
	assert_null(selection.cpus);
	/* An end at 0 is an end, not none. */
	options_deinit(&options);
	assert_null(parse("--until=0 x", &options));
	assert_null(options_select(&options, &capture, &selection));
	assert_true(selection.until == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(analyses_by_default),
		cmocka_unit_test(takes_a_command_as_first_word_only),
		cmocka_unit_test(events_has_its_own_options),
		cmocka_unit_test(json_is_a_format_or_a_file),
		cmocka_unit_test(a_severity_stands_for_the_graver_ones),
		cmocka_unit_test(takes_the_shapes_that_kernels_have),
		cmocka_unit_test(the_clock_says_how_far_cpus_are_apart),
		cmocka_unit_test(takes_the_levels_of_bbm),
		cmocka_unit_test(of_quiet_and_verbose_the_last_counts),
		cmocka_unit_test(state_is_at_a_time_or_at_the_end),
		cmocka_unit_test(history_takes_an_address_first),
		cmocka_unit_test(takes_several_captures_in_their_order),
		cmocka_unit_test(takes_an_instance),
		cmocka_unit_test(refuses_with_a_way_on),
		cmocka_unit_test(selects_by_the_captures_clock),
		cmocka_unit_test(selects_all_without_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
