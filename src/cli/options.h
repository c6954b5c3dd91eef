/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was asked for on the command line. */
#ifndef MMUREPLAY_CLI_OPTIONS_H
#define MMUREPLAY_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/error.h>
#include <mmureplay/probes.h>
#include <mmureplay/report.h>

#include "cli/folder.h"
#include "cli/lists.h"
#include "cli/output.h"

enum command {
	COMMAND_ANALYSE,
	COMMAND_EVENTS,
	COMMAND_PROBES,
	COMMAND_STATE,
	COMMAND_HISTORY,
	COMMANDS
};

enum exit_status {
	STATUS_CLEAN,
	STATUS_FINDINGS,   /* at or above --fail-on */
	STATUS_FAILURE,	   /* usage, unreadable input, failed output */
	STATUS_NO_VERDICT, /* the capture cannot support one */
};

/* Strings are those of argv, or of the folder. */
struct options {
	enum command command;
	const char *const *captures; /* paths, or "-" once; NULL behind the last.  probes: VMLINUX */
	size_t nr_captures;
	const char *instance;	    /* NULL: all */
	const char *output;	    /* NULL: standard output */
	const char *json_file;	    /* a JSON report besides the main one; NULL: none */
	const char *event_map;	    /* NULL: none */
	const char *kprobe_profile; /* NULL: none */
	const char *vmlinux;	    /* NULL: none */
	const char *kallsyms;	    /* NULL: none */
	const char *modules;	    /* a folder; NULL: none */
	struct folder folder;	    /* the capture's, which stands for what is not told otherwise */
	enum report_format format;
	enum colour_when colour;
	bool json_lines; /* events: JSON instead of text */
	bool quiet, verbose, no_progress;
	bool strict;
	uint32_t fail_on_rules, fail_on_severities; /* as audit_options has them */
	uint32_t granule, va_bits;		    /* 0: detect */
	uint32_t bbm_level;
	struct cpu_list cpus; /* empty: all */
	struct moment since, until;
	uint64_t address; /* history */
	bool has_address;
	struct moment at; /* state: not set: the end */
	struct moment clock_skew;

	/* probes */
	enum probe_format probe_format;
	struct probe_options probes;
};

/*
 * Prints and exits for --help, --usage, --version and for options that do not exist; all other
 * faults are an ERROR_USAGE, with ret->command set.  `flags` are argp_parse()'s.  options_deinit()
 * is to follow in any case.
 */
struct error *options_parse(int argc, char **argv, unsigned int flags,
			    struct options *ret) MUST_CHECK;
void options_deinit(struct options *options);

/* What to type for a command, "mmureplay events", to point people to its --help. */
const char *command_line(enum command command);

/* What --cpu, --since and --until keep: times as in records, `until` 0 for no end. */
struct selection {
	const struct cpu_list *cpus; /* NULL: all */
	uint64_t since, until;
	uint64_t clock_skew; /* in units of record.time */
};

/* Needs to know the capture's clock: to be called after its first record was read. */
struct error *options_select(const struct options *options, const struct capture_info *capture,
			     struct selection *ret) MUST_CHECK;

#endif
