/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a report goes. */
#ifndef MMUREPLAY_CLI_OUTPUT_H
#define MMUREPLAY_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include <mmureplay/error.h>

enum colour_when {
	COLOUR_AUTO,
	COLOUR_ALWAYS,
	COLOUR_NEVER
};

struct output {
	FILE *file;	  /* NULL: not open */
	const char *name; /* for messages */
};

/*
 * Opens `path` for writing; NULL or "-" is standard output.  An output that is one of the captures,
 * a list with NULL at its end, is an error, and the capture keeps its content.
 */
struct error *output_open(const char *path, const char *const *captures,
			  struct output *ret) MUST_CHECK;

/* Closes, and says whether all that was written has arrived. */
struct error *output_close(struct output *output) MUST_CHECK;

/* Closes without a word, after another error; does nothing when it is closed already. */
void output_deinit(struct output *output);

/* Whether colours are wanted: "auto" asks for a terminal that can show them, and minds NO_COLOR. */
bool output_wants_colour(const struct output *output, enum colour_when when);

/* Whether messages on standard error reach a terminal that can erase what it shows. */
bool stderr_can_show_progress(void);

#endif
