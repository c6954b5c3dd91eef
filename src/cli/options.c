/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mmureplay/audit.h>
#include <mmureplay/geometry.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/choices.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/skew.h"

/* What the parsers write to: argp's state->input. */
struct parsing {
	struct options *options;
	const char **captures; /* the options' list, to add to */
	struct error *err;
};

/* Keeps the error for options_parse(), and ends the parsing if it is one. */
static error_t keep(struct argp_state *state, struct error *err)
{
	struct parsing *parsing = state->input;

	parsing->err = err;
	return err ? EINVAL : 0;
}

static bool is_later(const struct moment *a, const struct moment *b)
{
	return a->whole > b->whole || (a->whole == b->whole && a->ns > b->ns);
}

/* What can only be said when all options are known. */
static struct error *check(const struct options *options)
{
	const struct moment *since = &options->since, *until = &options->until;

	if (options->command == COMMAND_HISTORY && !options->has_address)
		return error_create(ERROR_USAGE,
				    "no address: name one, such as 0xffff800008000000");
	if (!options->nr_captures)
		return error_create(ERROR_USAGE,
				    "no capture: name a file, or - for standard input");
	if (until->is_set && is_later(since, until))
		return error_create(ERROR_USAGE,
				    "--until is before --since: nothing would be shown");
	if (options->output && options->json_file &&
	    strcmp(options->output, options->json_file) == 0)
		return error_create(ERROR_USAGE,
				    "'%s' cannot take both the text and the JSON: leave out -o, or "
				    "write the JSON elsewhere",
				    options->output);
	if (options->granule && options->va_bits) {
		struct mmu_geometry geometry;

		return mmu_geometry_init(&geometry, options->granule, options->va_bits);
	}
	return NULL;
}

/* --help, --usage: exits, unless argp's flags forbid it. */
static error_t show_help(struct argp_state *state, unsigned int what)
{
	const struct parsing *parsing = state->input;

	/* After "Usage:". */
	state->name = (char *)command_line(parsing->options->command);
	argp_state_help(state, state->out_stream, what | ARGP_HELP_EXIT_OK);
	return 0;
}

static error_t show_version(const struct argp_state *state)
{
	fprintf(state->out_stream, "mmureplay %s\n", MMUREPLAY_VERSION);
	if (!(state->flags & ARGP_NO_EXIT))
		exit(STATUS_CLEAN);
	return 0;
}

/* What every command takes. */
static error_t parse_basic_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = ((struct parsing *)state->input)->options;

	switch (key) {
	case KEY_OUTPUT:
		options->output = arg;
		return 0;
	case KEY_HELP:
		return show_help(state, ARGP_HELP_STD_HELP);
	case KEY_USAGE:
		return show_help(state, ARGP_HELP_USAGE);
	case KEY_VERSION:
		return show_version(state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

error_t parse_common_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = ((struct parsing *)state->input)->options;

	switch (key) {
	case ARGP_KEY_ARG:
		if (options->command == COMMAND_HISTORY && !options->has_address) {
			options->has_address = true;
			return keep(state, parse_address(arg, &options->address));
		}
		((struct parsing *)state->input)->captures[options->nr_captures++] = arg;
		return 0;
	case KEY_INPUT:
		((struct parsing *)state->input)->captures[options->nr_captures++] = arg;
		return 0;
	case KEY_INSTANCE:
		options->instance = arg;
		return 0;
	case KEY_EVENT_MAP:
		options->event_map = arg;
		return 0;
	case KEY_VMLINUX:
		options->vmlinux = arg;
		return 0;
	case KEY_MODULES:
		options->modules = arg;
		return 0;
	case KEY_KALLSYMS:
		options->kallsyms = arg;
		return 0;
	case KEY_CPU:
		return keep(state, cpu_list_parse("--cpu", arg, &options->cpus));
	case KEY_SINCE:
		return keep(state, moment_parse("--since", arg, &options->since));
	case KEY_UNTIL:
		return keep(state, moment_parse("--until", arg, &options->until));
	case KEY_GRANULE:
		return keep(state, parse_granule(arg, &options->granule));
	case KEY_VA_BITS:
		return keep(state, parse_va_bits(arg, &options->va_bits));
	case ARGP_KEY_END:
		return keep(state, check(options));
	default:
		return parse_basic_option(key, arg, state);
	}
}

/* "--json", and "--json=-", which says the same, or "--json=FILE". */
static void set_json(struct options *options, const char *path)
{
	if (path && strcmp(path, "-") != 0)
		options->json_file = path;
	else
		options->format = REPORT_JSON;
}

error_t parse_command_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = ((struct parsing *)state->input)->options;

	switch (key) {
	case ARGP_KEY_INIT:
		for (size_t i = 0; commands[options->command].argp->children[i].argp; i++)
			state->child_inputs[i] = state->input;
		return 0;
	case KEY_AT:
		if (strcmp(arg, "end") == 0)
			options->at = (struct moment){0};
		else
			return keep(state, moment_parse("--at", arg, &options->at));
		return 0;
	case KEY_KPROBE_PROFILE:
		options->kprobe_profile = arg;
		return 0;
	case KEY_CLOCK_SKEW:
		return keep(state, moment_parse("--clock-skew", arg, &options->clock_skew));
	case KEY_BBM_LEVEL:
		return keep(state, parse_bbm_level(arg, &options->bbm_level));
	case KEY_JSON:
		set_json(options, arg);
		return 0;
	case KEY_JSON_LINES:
		options->json_lines = true;
		return 0;
	case KEY_FORMAT:
		return keep(state, parse_format(arg, &options->format));
	case KEY_COLOR:
		return keep(state, parse_colour(arg, &options->colour));
	case KEY_QUIET:
	case KEY_VERBOSE:
		options->quiet = key == KEY_QUIET;
		options->verbose = key == KEY_VERBOSE;
		return 0;
	case KEY_NO_PROGRESS:
		options->no_progress = true;
		return 0;
	case KEY_FAIL_ON:
		return keep(state, parse_fail_on(arg, &options->fail_on_rules,
						 &options->fail_on_severities));
	case KEY_STRICT:
		options->strict = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static struct error *check_image(const struct options *options)
{
	if (!options->nr_captures)
		return error_create(ERROR_USAGE,
				    "no kernel image: name a vmlinux, a boot Image, or "
				    "/proc/kcore on the target itself");
	if (options->nr_captures > 1)
		return error_create(ERROR_USAGE,
				    "one kernel image at a time: run it once for '%s' and once for "
				    "'%s'",
				    options->captures[0], options->captures[1]);
	return NULL;
}

error_t parse_probes_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = ((struct parsing *)state->input)->options;

	switch (key) {
	case ARGP_KEY_ARG:
		((struct parsing *)state->input)->captures[options->nr_captures++] = arg;
		return 0;
	case KEY_KALLSYMS:
		options->kallsyms = arg;
		return 0;
	case KEY_MINIMAL:
		options->probes.minimal = true;
		return 0;
	case KEY_DSB:
		options->probes.dsb = true;
		return 0;
	case KEY_CALLERS:
		options->probes.callers = true;
		return 0;
	case KEY_ALL:
		options->probes.all = true;
		return 0;
	case KEY_FORMAT:
		return keep(state, parse_probe_format(arg, &options->probe_format));
	case KEY_JSON:
		options->probe_format = PROBE_FORMAT_JSON;
		return 0;
	case ARGP_KEY_END:
		return keep(state, check_image(options));
	default:
		return parse_basic_option(key, arg, state);
	}
}

/* The command that the first argument names. */
static enum command find_command(const char *word)
{
	for (enum command command = 0; word && command < COMMANDS; command++)
		if (commands[command].word && strcmp(word, commands[command].word) == 0)
			return command;
	return COMMAND_ANALYSE;
}

/* A folder stands for what is in it. */
static struct error *take_folder(struct options *options, const char **captures)
{
	struct folder *folder = &options->folder;
	const char *path = captures[0];

	for (size_t i = 0; i < options->nr_captures; i++)
		if (is_folder(captures[i]))
			path = captures[i];
	if (!is_folder(path))
		return NULL;
	if (options->nr_captures > 1)
		return error_create(ERROR_USAGE,
				    "'%s' is a folder, which comes alone: name the captures in it",
				    path);
	TRY(folder_open(path, folder));
	captures[0] = folder->capture;
	if (!options->kallsyms)
		options->kallsyms = folder->kallsyms;
	if (!options->kprobe_profile)
		options->kprobe_profile = folder->kprobe_profile;
	/* The image tells it, too, and which page sizes there are. */
	if (!options->granule && !options->vmlinux &&
	    (folder->page_size == 4096 || folder->page_size == 16384 || folder->page_size == 65536))
		options->granule = folder->page_size;
	return NULL;
}

struct error *options_parse(int argc, char **argv, unsigned int flags, struct options *ret)
{
	static char program[] = "mmureplay";
	/* No more than there are words; and the NULL. */
	const char **captures = calloc((size_t)argc + 1, sizeof(*captures));
	struct parsing parsing = {.options = ret, .captures = captures};

	*ret = (struct options){
		.command = find_command(argc > 1 ? argv[1] : NULL),
		.fail_on_severities = UINT32_C(1) << SEVERITY_ERROR,
		.captures = captures,
	};
	if (!captures)
		return error_memory();
	const struct command_info *command = &commands[ret->command];

	if (command->word) {
		argc--;
		argv++;
	}
	/* getopt's messages start with it, path and all. */
	argv[0] = program;
	argp_err_exit_status = STATUS_FAILURE;
	error_t failed =
		argp_parse(command->argp, argc, argv, flags | ARGP_NO_HELP, NULL, &parsing);

	if (!parsing.err && !failed && ret->command != COMMAND_PROBES)
		return take_folder(ret, captures);
	if (parsing.err || !failed)
		return parsing.err;
	return error_create(ERROR_USAGE, "%s", strerror(failed));
}

void options_deinit(struct options *options)
{
	free((void *)options->captures);
	folder_deinit(&options->folder);
	cpu_list_deinit(&options->cpus);
}

const char *command_line(enum command command)
{
	return commands[command].line;
}

struct error *options_select(const struct options *options, const struct capture_info *capture,
			     struct selection *ret)
{
	bool ticks = capture->clock_is_ticks;

	*ret = (struct selection){.cpus = options->cpus.ranges.count ? &options->cpus : NULL};
	if (options->since.is_set)
		TRY(moment_resolve("--since", &options->since, ticks, &ret->since));
	if (options->until.is_set)
		TRY(moment_resolve("--until", &options->until, ticks, &ret->until));
	ret->clock_skew = default_clock_skew(capture);
	if (options->clock_skew.is_set)
		TRY(moment_resolve("--clock-skew", &options->clock_skew, ticks, &ret->clock_skew));
	/* Nothing happens as early as that, and 0 stands for no end. */
	if (options->until.is_set && ret->until == 0)
		ret->until = 1;
	return NULL;
}
