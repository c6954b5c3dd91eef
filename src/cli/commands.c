/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/commands.h"

/* Groups are shown in the order of these numbers, those below 0 last. */
enum option_group {
	GROUP_INPUT = 1,
	GROUP_SELECTION,
	GROUP_OUTPUT,
	GROUP_STATUS,
	GROUP_HELP = -1,
};

/* clang-format off */
/* What every command takes.  argp's own help says "Usage: mmureplay" for each command. */
#define BASIC_OPTIONS \
	{.doc = "Output:", .group = GROUP_OUTPUT}, \
	{.name = "output", .key = KEY_OUTPUT, .arg = "FILE", \
	 .doc = "write to FILE instead of standard output"}, \
	{.name = "help", .key = KEY_HELP, .group = GROUP_HELP, .doc = "show this list"}, \
	{.name = "usage", .key = KEY_USAGE, .group = GROUP_HELP, .doc = "show a short list"}, \
	{.name = "version", .key = KEY_VERSION, .group = GROUP_HELP, .doc = "show the version"}

static const struct argp_option common_options[] = {
	{.doc = "Input:", .group = GROUP_INPUT},
	{.name = "input", .key = KEY_INPUT, .arg = "FILE",
	 .doc = "a capture, as the argument CAPTURE is"},
	{.name = "instance", .key = KEY_INSTANCE, .arg = "NAME",
	 .doc = "the events of this tracing instance only (default: of all); '' is the top one"},
	{.name = "event-map", .key = KEY_EVENT_MAP, .arg = "FILE",
	 .doc = "what probes with names of your own mean; see mmureplay(1)"},
	{.name = "vmlinux", .key = KEY_VMLINUX, .arg = "FILE", .group = GROUP_INPUT,
	 .doc = "the captured kernel's image: names addresses, tells what probed instructions are, and "
		"what was not probed"},
	{.name = "modules", .key = KEY_MODULES, .arg = "DIR", .group = GROUP_INPUT,
	 .doc = "where the kernel's modules with DWARF are, for lines of source"},
	{.name = "kallsyms", .key = KEY_KALLSYMS, .arg = "FILE", .group = GROUP_INPUT,
	 .doc = "the text of /proc/kallsyms, of the captured boot: names addresses, also in modules"},

	BASIC_OPTIONS,
	{0},
};

static const struct argp_option selection_options[] = {
	{.doc = "What is shown (all of the capture is replayed in any case):",
	 .group = GROUP_SELECTION},
	{.name = "cpu", .key = KEY_CPU, .arg = "LIST", .doc = "these CPUs only, such as 0,2-4"},
	{.name = "since", .key = KEY_SINCE, .arg = "TIME",
	 .doc = "nothing before TIME: seconds as in the capture, or ticks"},
	{.name = "until", .key = KEY_UNTIL, .arg = "TIME", .doc = "nothing after TIME"},
	{0},
};

static const struct argp_option kernel_options[] = {
	{.name = "granule", .key = KEY_GRANULE, .arg = "SIZE", .group = GROUP_INPUT,
	 .doc = "the kernel's page size: 4K, 16K or 64K (default: detect)"},
	{.name = "va-bits", .key = KEY_VA_BITS, .arg = "N", .group = GROUP_INPUT,
	 .doc = "the kernel's virtual address bits (default: detect)"},
	{0},
};

static const struct argp_option analyse_options[] = {
	{.name = "kprobe-profile", .key = KEY_KPROBE_PROFILE, .arg = "FILE", .group = GROUP_INPUT,
	 .doc = "the target's kprobe_profile, which counts the hits that it missed"},
	{.name = "clock-skew", .key = KEY_CLOCK_SKEW, .arg = "TIME", .group = GROUP_INPUT,
	 .doc = "how far the clocks of two CPUs may be apart: seconds, or ticks (default: by the "
		"capture's clock)"},

	{.name = "json", .key = KEY_JSON, .arg = "FILE", .flags = OPTION_ARG_OPTIONAL,
	 .group = GROUP_OUTPUT,
	 .doc = "report in JSON instead of text; with =FILE into FILE, and the text as well"},
	{.name = "format", .key = KEY_FORMAT, .arg = "FORMAT", .group = GROUP_OUTPUT,
	 .doc = "text (default) or json"},
	{.name = "color", .key = KEY_COLOR, .arg = "WHEN", .group = GROUP_OUTPUT,
	 .doc = "auto (default: on a terminal), always or never"},
	{.name = "quiet", .key = KEY_QUIET, .group = GROUP_OUTPUT,
	 .doc = "one line for each group of findings, and the verdict"},
	{.name = "verbose", .key = KEY_VERBOSE, .group = GROUP_OUTPUT,
	 .doc = "every finding, not one for each group; all of the coverage"},
	{.name = "no-progress", .key = KEY_NO_PROGRESS, .group = GROUP_OUTPUT,
	 .doc = "no progress line on the terminal"},

	{.doc = "Verdict:", .group = GROUP_STATUS},
	{.name = "bbm-level", .key = KEY_BBM_LEVEL, .arg = "0|1|2", .group = GROUP_STATUS,
	 .doc = "the CPUs' level of FEAT_BBM: what needs no break-before-make (default: 0)"},
	{.name = "fail-on", .key = KEY_FAIL_ON, .arg = "WHAT[,...]", .group = GROUP_STATUS,
	 .doc = "status 1 for findings of these rules, or at least of this severity: error "
		"(default), warning, note; or none"},
	{.name = "strict", .key = KEY_STRICT, .group = GROUP_STATUS,
	 .doc = "status 3 also for a gap in what the capture covers"},
	{0},
};

static const struct argp_option lines_options[] = {
	{.name = "json", .key = KEY_JSON_LINES, .group = GROUP_OUTPUT,
	 .doc = "one JSON object a line"},
	{0},
};

static const struct argp_option state_options[] = {
	{.name = "at", .key = KEY_AT, .arg = "TIME", .group = GROUP_SELECTION,
	 .doc = "after all that happened up to TIME: seconds as in the capture, or ticks; or end "
		"(default)"},
	{.name = "json", .key = KEY_JSON_LINES, .group = GROUP_OUTPUT,
	 .doc = "one JSON object a line"},
	{0},
};
static const struct argp_option probes_options[] = {
	{.doc = "Input:", .group = GROUP_INPUT},
	{.name = "kallsyms", .key = KEY_KALLSYMS, .arg = "FILE", .group = GROUP_INPUT,
	 .doc = "the text of the target's /proc/kallsyms, for an image without symbols (default: for "
		"/proc/kcore, /proc/kallsyms)"},

	{.doc = "What is probed:", .group = GROUP_SELECTION},
	{.name = "minimal", .key = KEY_MINIMAL, .group = GROUP_SELECTION,
	 .doc = "no more than the verdicts on blocks and tables need, for loaded systems"},
	{.name = "dsb", .key = KEY_DSB, .group = GROUP_SELECTION,
	 .doc = "also the barriers around TLBIs"},
	{.name = "callers", .key = KEY_CALLERS, .group = GROUP_SELECTION,
	 .doc = "also record the call chains of ioremap and iounmap"},
	{.name = "all", .key = KEY_ALL, .group = GROUP_SELECTION,
	 .doc = "also list the TLBIs that concern user addresses, guests and the boot"},

	{.name = "format", .key = KEY_FORMAT, .arg = "FORMAT", .group = GROUP_OUTPUT,
	 .doc = "list (default), script, tracefs, trace-cmd, perf or json"},
	{.name = "json", .key = KEY_JSON, .group = GROUP_OUTPUT, .doc = "as --format=json"},
	BASIC_OPTIONS,
	{0},
};
/* clang-format on */

static const struct argp common_argp = {.options = common_options, .parser = parse_common_option};
static const struct argp selection_argp = {.options = selection_options,
					   .parser = parse_common_option};
static const struct argp kernel_argp = {.options = kernel_options, .parser = parse_common_option};

static const struct argp_child analyse_children[] = {
	{.argp = &common_argp}, {.argp = &selection_argp}, {.argp = &kernel_argp}, {0}};
static const struct argp_child events_children[] = {
	{.argp = &common_argp}, {.argp = &selection_argp}, {0}};
static const struct argp_child state_children[] = {
	{.argp = &common_argp}, {.argp = &kernel_argp}, {0}};

static const char analyse_doc[] =
	"Replay the kernel's page tables from an arm64 ftrace or perf capture, and report "
	"orphaned page-table pages and unsafe block promotions.\n"
	"\n"
	"CAPTURE is a file, or - for standard input: what trace-cmd or perf recorded, or the "
	"text of ftrace, trace-cmd report or perf script; or the folder that the recording script of "
	"'mmureplay probes' has made. Several are put in one order of time. "
	"\n\n"
	"'mmureplay COMMAND --help' tells of the other commands: events lists what a capture holds, "
	"state shows the tables at one time, history what happened to one address, and probes "
	"what to record of a kernel.\v"
	"Exit status:\n"
	"  0  no findings, or none that --fail-on asks for\n"
	"  1  findings that --fail-on asks for\n"
	"  2  wrong usage, unreadable input or failed output\n"
	"  3  the capture cannot support a verdict";

static const char events_doc[] =
	"List the events that an arm64 ftrace or perf capture was decoded to, one a line:\n"
	"\n"
	"  TIME CPU COMM-PID EVENT KEY=VALUE...\n"
	"\n"
	"CAPTURE is a file, or - for standard input; several are put in one order of time.\v"
	"Exit status:\n"
	"  0  success\n"
	"  2  wrong usage, unreadable input or failed output\n"
	"  3  the capture holds no event that matters";

static const char state_doc[] =
	"Show what is in the kernel's page tables at one time, as far as an arm64 ftrace or perf "
	"capture shows it, in the layout of the kernel's own page-table dump:\n"
	"\n"
	"  START-END SIZE LEVEL ATTRIBUTES\n"
	"\n"
	"CAPTURE is a file, or - for standard input; several are put in one order of time.\v"
	"Exit status:\n"
	"  0  success\n"
	"  2  wrong usage, unreadable input or failed output\n"
	"  3  the capture holds no event that matters";

static const char history_doc[] =
	"List all that happened to one address, by an arm64 ftrace or perf capture: the events that "
	"concern it, as 'mmureplay events' lists them, and what each did to the tables:\n"
	"\n"
	"  TIME CPU COMM-PID EVENT KEY=VALUE...\n"
	"   => CHANGE KEY=VALUE...\n"
	"\n"
	"ADDRESS is hexadecimal: one that is mapped, one of an entry of a table, or a physical one. "
	"CAPTURE is a file, or - for standard input; several are put in one order of time.\v"
	"Exit status:\n"
	"  0  success\n"
	"  2  wrong usage, unreadable input or failed output\n"
	"  3  nothing in the capture concerns the address";

static const struct argp analyse_argp = {
	.options = analyse_options,
	.parser = parse_command_option,
	.args_doc = "CAPTURE...",
	.doc = analyse_doc,
	.children = analyse_children,
};

static const struct argp events_argp = {
	.options = lines_options,
	.parser = parse_command_option,
	.args_doc = "CAPTURE...",
	.doc = events_doc,
	.children = events_children,
};

static const struct argp state_argp = {
	.options = state_options,
	.parser = parse_command_option,
	.args_doc = "CAPTURE...",
	.doc = state_doc,
	.children = state_children,
};

static const struct argp history_argp = {
	.options = lines_options,
	.parser = parse_command_option,
	.args_doc = "ADDRESS CAPTURE...",
	.doc = history_doc,
	.children = analyse_children,
};

static const char probes_doc[] =
	"List the probes that a capture of an arm64 kernel needs: functions, and the kernel's TLBI "
	"instructions with the registers that hold their operands.\n"
	"\n"
	"VMLINUX is an ELF kernel image with symbols, a boot Image (with --kallsyms), either of them "
	"compressed, or /proc/kcore on the target itself.\v"
	"'mmureplay probes --format=script VMLINUX >record.sh' makes a shell script that records on the "
	"target; see mmureplay-probes(1).\n"
	"\n"
	"Exit status:\n"
	"  0  success\n"
	"  2  wrong usage, unreadable input or failed output";

static const struct argp probes_argp = {
	.options = probes_options,
	.parser = parse_probes_option,
	.args_doc = "VMLINUX",
	.doc = probes_doc,
};

const struct command_info commands[COMMANDS] = {
	[COMMAND_ANALYSE] = {"mmureplay", NULL, &analyse_argp},
	[COMMAND_EVENTS] = {"mmureplay events", "events", &events_argp},
	[COMMAND_PROBES] = {"mmureplay probes", "probes", &probes_argp},
	[COMMAND_STATE] = {"mmureplay state", "state", &state_argp},
	[COMMAND_HISTORY] = {"mmureplay history", "history", &history_argp},
};
