/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The place in parentheses that a probe's line begins with: "(nmap+0x84/0x140 [ht] <- ioremap)". */
#ifndef MMUREPLAY_CAPTURE_TEXT_LOCATION_H
#define MMUREPLAY_CAPTURE_TEXT_LOCATION_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/str.h>

struct location {
	struct str symbol; /* the probed function, or empty */
	struct str module;
	uint64_t offset;
	uint64_t size;	  /* of the function; 0: not printed */
	uint64_t address; /* of the probe, or 0 */
	bool is_return;
	struct str caller; /* where a return goes to: as printed, empty when it is a bare address */
	uint64_t caller_address;
};

/*
 * Parses what stands between the parentheses.  A return names two places: the kernel's own text has
 * the function last, and trace-cmd and perf have it first (`function_first`).  The form of the two
 * goes before that: only the function is a symbol without an offset, and only those tools print an
 * address without "0x".  False when this is no probe's place: trace-cmd's plug-ins begin some
 * tracepoints with "(symbol+0x3c)".
 */
bool location_parse(struct str inside, bool function_first, struct location *ret);

/* An address as trace-cmd and perf print it, without "0x", or as the kernel does, with it. */
bool location_parse_address(struct str text, uint64_t *ret);

#endif
