/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture of one kind, FUZZ_KIND, from its bytes to the reports of it. */
#include <string.h>

#include <mmureplay/capture.h>
#include <mmureplay/event.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/analyse.h"

#include "fuzz.h"

DEFINE_CLEANUP(close_capture, struct capture *, capture_close)
DEFINE_CLEANUP(destroy_decoder, struct decoder *, decoder_destroy)

enum kind {
	KIND_ANY,
	KIND_TRACE_DAT,
	KIND_PERF_DATA,
	KIND_TEXT, /* that begins with no magic */
};

static bool begins(const uint8_t *data, size_t size, const char *magic)
{
	return size >= strlen(magic) && memcmp(data, magic, strlen(magic)) == 0;
}

static enum kind kind_of(const uint8_t *data, size_t size)
{
	if (begins(data, size, "\x17\x08\x44tracing"))
		return KIND_TRACE_DAT;
	if (begins(data, size, "PERFILE2") || begins(data, size, "2ELIFREP"))
		return KIND_PERF_DATA;
	return KIND_TEXT;
}

struct error *fuzz_file(const char *path)
{
	const char *const captures[] = {path, NULL};
	const struct options options = {
		.captures = captures,
		.nr_captures = 1,
		.output = "/dev/null",
		.json_file = "/dev/null",
		.verbose = true,
		.no_progress = true,
		.strict = true,
		.fail_on_severities = 1u << SEVERITY_ERROR,
	};
	_cleanup_(close_capture) struct capture *capture = NULL;
	_cleanup_(destroy_decoder) struct decoder *decoder = NULL;
	enum exit_status status;

	TRY(capture_open(path, &capture));
	TRY(decoder_create(capture, NULL, &decoder));
	return analyse(&options, capture, NULL, decoder, &status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (FUZZ_KIND != KIND_ANY && kind_of(data, size) != FUZZ_KIND)
		return -1;
	return fuzz_bytes(data, size);
}
