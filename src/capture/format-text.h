/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of an event's format file, made safe for libtraceevent: it crashes when a text ends
 * within a declaration, and leaks memory for others that are damaged (1.7.1).
 */
#ifndef MMUREPLAY_CAPTURE_FORMAT_TEXT_H
#define MMUREPLAY_CAPTURE_FORMAT_TEXT_H

#include <stdbool.h>

#include <mmureplay/str.h>

#include "base/arena.h"

/* Takes the next line; false at the end. */
bool format_text_line(struct str *text, struct str *line);

/*
 * A copy with the lines of well-formed fields only, and without how the event is printed, which can
 * be long and does not matter here.  Its name and id are made up.  `text` is NULL when memory is
 * short.
 */
struct str format_text_clean(struct arena *arena, struct str text);

#endif
