/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, lists of CPUs and times, as they are written on a command line. */
#ifndef MMUREPLAY_CLI_LISTS_H
#define MMUREPLAY_CLI_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

#include "base/array.h"

/*
 * Takes a decimal number of at most `max` off the front of `*text`; false, with nothing taken, when
 * there is none.  No sign, no space, no other base.
 */
bool take_number(const char **text, uint64_t max, uint64_t *ret);

/* All of `text` as a decimal number of at most `max`. */
bool parse_number(const char *text, uint64_t max, uint64_t *ret);

/* Takes what comes before the next comma off the front of `*list`; false when nothing is left. */
bool take_item(const char **list, struct str *ret);

struct cpu_range {
	uint32_t first, last;
};

/* A list that is all zero is empty and valid. */
struct cpu_list {
	ARRAY_OF(struct cpu_range) ranges;
};

/* "0,2-4".  `option` is named in the message.  Replaces what `list` had. */
struct error *cpu_list_parse(const char *option, const char *text,
			     struct cpu_list *list) MUST_CHECK;
void cpu_list_deinit(struct cpu_list *list);
bool cpu_list_has(const struct cpu_list *list, uint32_t cpu);

/* A time by a capture's clock: seconds, or ticks when the clock counts those. */
struct moment {
	bool is_set;
	uint64_t whole;
	uint32_t ns; /* the fraction of a second */
};

/* "204.946391", "204", up to nine decimals. */
struct error *moment_parse(const char *option, const char *text, struct moment *ret) MUST_CHECK;

/* The same as records' times are counted.  A fraction of a tick is a usage error. */
struct error *moment_resolve(const char *option, const struct moment *moment, bool clock_is_ticks,
			     uint64_t *ret) MUST_CHECK;

#endif
