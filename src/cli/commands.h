/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands, the options that each takes, and their --help. */
#ifndef MMUREPLAY_CLI_COMMANDS_H
#define MMUREPLAY_CLI_COMMANDS_H

#include <argp.h>

#include "cli/options.h"

enum option_key {
	KEY_HELP = 'h',
	KEY_INPUT = 'i',
	KEY_OUTPUT = 'o',
	KEY_QUIET = 'q',
	KEY_VERBOSE = 'v',
	KEY_VERSION = 'V',
	KEY_ALL = 0x100, /* from here on: not a character, so no short option */
	KEY_AT,
	KEY_BBM_LEVEL,
	KEY_CALLERS,
	KEY_CLOCK_SKEW,
	KEY_COLOR,
	KEY_CPU,
	KEY_DSB,
	KEY_EVENT_MAP,
	KEY_FAIL_ON,
	KEY_FORMAT,
	KEY_GRANULE,
	KEY_INSTANCE,
	KEY_JSON,
	KEY_JSON_LINES,
	KEY_KALLSYMS,
	KEY_KPROBE_PROFILE,
	KEY_MINIMAL,
	KEY_MODULES,
	KEY_NO_PROGRESS,
	KEY_SINCE,
	KEY_STRICT,
	KEY_UNTIL,
	KEY_USAGE,
	KEY_VA_BITS,
	KEY_VMLINUX,
};

struct command_info {
	const char *line; /* what is typed: "mmureplay events" */
	const char *word; /* NULL: the default command */
	const struct argp *argp;
};

extern const struct command_info commands[COMMANDS];

/* The parsers behind the tables, in options.c: of what several commands take, and of what one does. */
error_t parse_common_option(int key, char *arg, struct argp_state *state);
error_t parse_command_option(int key, char *arg, struct argp_state *state);
error_t parse_probes_option(int key, char *arg, struct argp_state *state);

#endif
