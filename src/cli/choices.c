/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include <mmureplay/audit.h>
#include <mmureplay/geometry.h>

#include "base/cleanup.h"
#include "cli/choices.h"
#include "cli/lists.h"

static const char *const colour_names[] = {
	[COLOUR_AUTO] = "auto",
	[COLOUR_ALWAYS] = "always",
	[COLOUR_NEVER] = "never",
};

static const struct {
	const char *name;
	uint32_t bytes;
} granules[] = {
	{"4K", 4096},
	{"16K", 16384},
	{"64K", 65536},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct error *parse_colour(const char *text, enum colour_when *ret)
{
	for (size_t i = 0; i < COUNT(colour_names); i++) {
		if (strcmp(text, colour_names[i]) == 0) {
			*ret = (enum colour_when)i;
			return NULL;
		}
	}
	return error_create(ERROR_USAGE, "--color: '%s' is none of auto, always, never", text);
}

struct error *parse_probe_format(const char *text, enum probe_format *ret)
{
	static const char *const names[PROBE_FORMATS] = {
		[PROBE_FORMAT_LIST] = "list",		[PROBE_FORMAT_TRACEFS] = "tracefs",
		[PROBE_FORMAT_TRACE_CMD] = "trace-cmd", [PROBE_FORMAT_PERF] = "perf",
		[PROBE_FORMAT_JSON] = "json",		[PROBE_FORMAT_SCRIPT] = "script",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum probe_format)i;
			return NULL;
		}
	}
	return error_create(
		ERROR_USAGE,
		"--format: '%s' is none of list, script, tracefs, trace-cmd, perf, json", text);
}

struct error *parse_format(const char *text, enum report_format *ret)
{
	enum report_format format = report_format_from_name(text);

	if (format == REPORT_FORMATS)
		return error_create(ERROR_USAGE, "--format: '%s' is none of text, json", text);
	*ret = format;
	return NULL;
}

static struct error *add_fail_on(struct str name, uint32_t *rules, uint32_t *severities)
{
	enum audit_severity severity = audit_severity_from_name(name);
	enum audit_rule rule = audit_rule_from_name(name);

	if (severity != AUDIT_SEVERITIES) {
		for (; severity < AUDIT_SEVERITIES; severity++)
			*severities |= UINT32_C(1) << severity;
	} else if (rule != AUDIT_RULES) {
		*rules |= UINT32_C(1) << rule;
	} else if (!str_is(name, "none")) {
		return error_create(ERROR_USAGE,
				    "--fail-on: '%.*s' is no rule, and none of error, warning, "
				    "note, none; mmureplay(1) lists the rules",
				    STR_ARGS(name));
	}
	return NULL;
}

struct error *parse_fail_on(const char *text, uint32_t *rules, uint32_t *severities)
{
	const char *rest = text;
	struct str name;

	*rules = *severities = 0;
	while (take_item(&rest, &name)) {
		struct error *err = add_fail_on(name, rules, severities);

		if (err)
			return err;
	}
	return NULL;
}

struct error *parse_granule(const char *text, uint32_t *ret)
{
	for (size_t i = 0; i < COUNT(granules); i++) {
		if (strcasecmp(text, granules[i].name) == 0) {
			*ret = granules[i].bytes;
			return NULL;
		}
	}
	return error_create(ERROR_USAGE, "--granule: '%s' is none of 4K, 16K, 64K", text);
}

struct error *parse_va_bits(const char *text, uint32_t *ret)
{
	uint64_t bits;

	for (size_t i = 0; parse_number(text, 64, &bits) && i < COUNT(granules); i++) {
		struct mmu_geometry geometry;
		_cleanup_(destroy_error) struct error *err =
			mmu_geometry_init(&geometry, granules[i].bytes, (uint32_t)bits);

		if (!err) {
			*ret = (uint32_t)bits;
			return NULL;
		}
	}
	return error_create(ERROR_USAGE, "--va-bits: '%s' is none of 36, 39, 42, 47, 48, 52", text);
}

struct error *parse_bbm_level(const char *text, uint32_t *ret)
{
	enum {
		HIGHEST = 2 /* 3 differs only in that it never aborts */
	};
	uint64_t level;

	if (!parse_number(text, HIGHEST, &level))
		return error_create(ERROR_USAGE, "--bbm-level: '%s' is none of 0, 1, 2", text);
	*ret = (uint32_t)level;
	return NULL;
}

struct error *parse_address(const char *text, uint64_t *ret)
{
	const char *digits = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : text;
	size_t length = strspn(digits, "0123456789abcdefABCDEF");

	if (length == 0 || length > 16 || digits[length])
		return error_create(ERROR_USAGE,
				    "'%s' is no address; write it in hexadecimal, such as "
				    "0xffff800008000000",
				    text);
	*ret = strtoull(digits, NULL, 16);
	return NULL;
}
