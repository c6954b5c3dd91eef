/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option values that are one (or some) of a known set. */
#ifndef MMUREPLAY_CLI_CHOICES_H
#define MMUREPLAY_CLI_CHOICES_H

#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/probes.h>
#include <mmureplay/report.h>

#include "cli/output.h"

/* "auto", "always", "never" */
struct error *parse_colour(const char *text, enum colour_when *ret) MUST_CHECK;

/* "text", "json" */
struct error *parse_format(const char *text, enum report_format *ret) MUST_CHECK;

/* "list", "script", "tracefs", "trace-cmd", "perf", "json" */
struct error *parse_probe_format(const char *text, enum probe_format *ret) MUST_CHECK;

/*
 * "early-free,warning": a severity stands for itself and the graver ones; "none" for nothing.  The
 * masks are those of audit_options.
 */
struct error *parse_fail_on(const char *text, uint32_t *rules, uint32_t *severities) MUST_CHECK;

/* "4K", "16K", "64K" */
struct error *parse_granule(const char *text, uint32_t *ret) MUST_CHECK;

/* "0xffff800008000000", or the digits alone, as the kernel prints many. */
struct error *parse_address(const char *text, uint64_t *ret) MUST_CHECK;

/* One of the widths that arm64 kernels have with any granule. */
struct error *parse_va_bits(const char *text, uint32_t *ret) MUST_CHECK;

/* "0", "1", "2" */
struct error *parse_bbm_level(const char *text, uint32_t *ret) MUST_CHECK;

#endif
