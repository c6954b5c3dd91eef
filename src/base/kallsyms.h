/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of /proc/kallsyms, line by line. */
#ifndef MMUREPLAY_BASE_KALLSYMS_H
#define MMUREPLAY_BASE_KALLSYMS_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/str.h>

/* Views into the text. */
struct kallsyms_line {
	uint64_t address; /* 0 for all, without privilege (kptr_restrict) */
	char type;	  /* as nm(1) has it: 'T', 't', 'W', 'D', ... */
	struct str name;
	struct str module; /* without its brackets; empty: the kernel itself */
};

/* Takes the next line that is a symbol off the front of `*text`; false at the end. */
bool kallsyms_next(struct str *text, struct kallsyms_line *ret);

/* "t": text, local or global or weak.  Other types are data. */
bool kallsyms_is_function(char type);

#endif
