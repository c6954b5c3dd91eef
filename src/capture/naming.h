/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for addresses: of the capture's own symbols, or of the kernel that the user describes. */
#ifndef MMUREPLAY_CAPTURE_NAMING_H
#define MMUREPLAY_CAPTURE_NAMING_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/vmlinux-kernel.h>

#include "base/symbols.h"

struct capture;

/* What a capture's addresses are named by.  One that is all zero names nothing. */
struct naming {
	const struct symbols *own;   /* of the capture; NULL: none */
	const struct kernel *kernel; /* NULL: none */
};

/* The place that an address is in, of the capture's own symbols first. */
bool naming_find(const struct naming *naming, uint64_t address, struct symbol_place *ret);

/* The same in a style, written into `buffer`; empty where it is in none. */
struct str naming_print(const struct naming *naming, uint64_t address, enum symbol_style style,
			char buffer[static SYMBOL_TEXT_MAX]);

/* Whether any address can be named. */
bool naming_has_any(const struct naming *naming);

/*
 * Holds what the capture says of its kernel, by now, against what the user says of it: ERROR_USAGE
 * where they contradict each other.  To be called when info or naming.own have changed.
 */
struct error *naming_compare(struct capture *capture) MUST_CHECK;

#endif
