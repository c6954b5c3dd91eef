/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/kernel.h"

enum {
	PROBES_MAX = 256,	/* more than anybody sets that matter here */
	RECORDS_MAX = 1000000,	/* by then all that are hit often were met */
	ENOUGH_RECORDS = 20000, /* since the last new one */
};

struct places {
	uint64_t address[PROBES_MAX];
	size_t count;
	uint64_t newest; /* number of the record that told the last of them */
};

DEFINE_CLEANUP(close_capture, struct capture *, capture_close)
DEFINE_CLEANUP(close_kernel, struct kernel *, kernel_close)

static bool is_probe(void *context, const struct record_type *type)
{
	return type->symbol.length == 0;
}

static void note(struct places *places, const struct record *record, uint64_t number)
{
	for (size_t i = 0; i < places->count; i++)
		if (places->address[i] == record->address)
			return;
	if (!record->address || places->count == PROBES_MAX)
		return;
	places->address[places->count++] = record->address;
	places->newest = number;
}

static bool is_located(const struct kernel *kernel)
{
	uint64_t slide;

	return kernel_slide(kernel, &slide) != SLIDE_UNKNOWN;
}

/* Reads the captures' beginning, whose errors are told when they are read for good. */
static struct error *read_places(const struct options *options, struct kernel *kernel,
				 struct places *places)
{
	_cleanup_(close_capture) struct capture *capture = NULL;
	_cleanup_(destroy_error) struct error *ignored = NULL;
	enum capture_step step = RECORD_EVENT;
	struct record record;

	TRY(capture_open_all(options->captures, options->nr_captures, &capture));
	TRY(capture_set_kernel(capture, kernel));
	capture_set_filter(capture, is_probe, NULL);
	for (uint64_t i = 0; i < RECORDS_MAX && i - places->newest < ENOUGH_RECORDS; i++) {
		step = capture_next(capture, &record, &ignored);
		/* A binary one may say itself where the kernel ran. */
		if (step == RECORD_END || step == RECORD_ERROR || is_located(kernel))
			break;
		if (step == RECORD_EVENT)
			note(places, &record, i);
	}
	return NULL;
}

static bool reads_standard_input(const struct options *options)
{
	for (size_t i = 0; i < options->nr_captures; i++)
		if (strcmp(options->captures[i], "-") == 0)
			return true;
	return false;
}

static struct error *locate(const struct options *options, struct kernel *kernel)
{
	struct places places = {0};

	if (!kernel_image(kernel) || is_located(kernel) || reads_standard_input(options))
		return NULL;
	TRY(read_places(options, kernel, &places));
	/* Where that does not tell it, the report says so. */
	kernel_locate_by_probes(kernel, places.address, places.count);
	return NULL;
}

struct error *open_kernel(const struct options *options, struct capture *capture,
			  struct kernel **ret)
{
	_cleanup_(close_kernel) struct kernel *kernel = NULL;

	if (!options->vmlinux && !options->kallsyms && !options->modules)
		return NULL;
	TRY(kernel_open(options->vmlinux, options->kallsyms, options->modules, &kernel));
	if (options->folder.kallsyms_before && options->kallsyms == options->folder.kallsyms)
		TRY(kernel_add_earlier(kernel, options->folder.kallsyms_before));
	TRY(kernel_check_build_id(kernel, options->folder.build_id));
	TRY(kernel_check_release(kernel, options->folder.release));
	TRY(capture_set_kernel(capture, kernel));
	TRY(locate(options, kernel));
	*ret = steal(kernel);
	return NULL;
}
