/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmureplay: a capture is opened, decoded, replayed, judged and reported; or its events listed.  Or a
 * kernel is read for the probes that a capture of it needs.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "base/utf8.h"
#include "cli/analyse.h"
#include "cli/events.h"
#include "cli/history.h"
#include "cli/kernel.h"
#include "cli/options.h"
#include "cli/probes.h"
#include "cli/state.h"

DEFINE_CLEANUP(close_kernel, struct kernel *, kernel_close)
DEFINE_CLEANUP(close_capture, struct capture *, capture_close)
DEFINE_CLEANUP(destroy_event_map, struct event_map *, event_map_destroy)
DEFINE_CLEANUP(destroy_profile, struct probe_profile *, probe_profile_destroy)
DEFINE_CLEANUP(destroy_decoder, struct decoder *, decoder_destroy)

/* The commands that are about a capture. */
static struct error *run_on_capture(const struct options *options, enum exit_status *ret)
{
	_cleanup_(close_kernel) struct kernel *kernel = NULL;
	_cleanup_(close_capture) struct capture *capture = NULL;
	_cleanup_(destroy_event_map) struct event_map *map = NULL;
	_cleanup_(destroy_profile) struct probe_profile *profile = NULL;
	_cleanup_(destroy_decoder) struct decoder *decoder = NULL;

	if (options->event_map)
		TRY(event_map_load(options->event_map, &map));
	if (options->kprobe_profile)
		TRY(probe_profile_load(options->kprobe_profile, &profile));
	TRY(capture_open_all(options->captures, options->nr_captures, &capture));
	if (options->instance)
		TRY(capture_set_instance(capture, options->instance));
	TRY(open_kernel(options, capture, &kernel));
	TRY(decoder_create(capture, map, &decoder));
	decoder_set_profile(decoder, profile);
	decoder_set_kernel(decoder, kernel);
	if (options->command == COMMAND_EVENTS)
		return events(options, capture, decoder, ret);
	if (options->command == COMMAND_STATE)
		return state(options, capture, kernel, decoder, ret);
	if (options->command == COMMAND_HISTORY)
		return history(options, capture, kernel, decoder, ret);
	return analyse(options, capture, kernel, decoder, ret);
}

static struct error *run(const struct options *options, enum exit_status *ret)
{
	switch (options->command) {
	case COMMAND_PROBES:
		return probes(options);
	case COMMAND_ANALYSE:
	case COMMAND_EVENTS:
	case COMMAND_STATE:
	case COMMAND_HISTORY:
	case COMMANDS:
		break;
	}
	return run_on_capture(options, ret);
}

/*
 * Files that are opened later must not take the place of a standard stream that was closed.  One
 * that reads where we write, and the other way round, gives the error that is due.
 */
static void keep_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void complain(const struct error *err, enum command command)
{
	_cleanup_(free_pointer) char *text = error_format(err);
	_cleanup_(buffer_deinit) struct buffer shown = {0};

	/* Some of it may be from a capture, which may try to talk to the terminal. */
	utf8_add_printable(&shown, str_from(text ? text : err->message));
	fprintf(stderr, "mmureplay: %s\n", shown.failed ? err->message : shown.text);
	if (err->kind == ERROR_USAGE)
		fprintf(stderr, "Try `%s --help' for more information.\n", command_line(command));
}

int main(int argc, char **argv)
{
	_cleanup_(options_deinit) struct options options = {0};
	enum exit_status status = STATUS_CLEAN;

	keep_standard_streams();
	/* A reader that leaves early ends us quietly, whatever our parent did with this signal. */
	signal(SIGPIPE, SIG_DFL);
	_cleanup_(destroy_error) struct error *err = options_parse(argc, argv, 0, &options);

	if (!err)
		err = run(&options, &status);
	if (!err)
		return status;
	complain(err, options.command);
	return STATUS_FAILURE;
}
