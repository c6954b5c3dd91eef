/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The short way through a line's fields takes what the long way takes, or leaves the line to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "capture/text/fields.h"

enum {
	LINES = 200000,
	LINE_MAX = 120,
};

static const struct record_type type = {
	.nr_fields = 3,
	.field = {{"mm", 2}, {"addr", 4}, {"order", 5}},
};

/* Whether the short way took the line; if so, all must be as on the long one. */
static bool takes(const char *line, bool is_probe, enum probe_base base)
{
	struct record_field quick[RECORD_MAX_FIELDS], values[RECORD_MAX_FIELDS];
	struct str text = str_from(line);
	struct fields names;

	if (!fields_parse_alike(text, &type, !is_probe || base == BASE_PREFIXED, quick))
		return false;
	fields_parse(text, is_probe, base, &names, values);
	assert_int_equal(names.count, type.nr_fields);
	assert_false(names.has_address || names.has_caller);
	for (uint32_t i = 0; i < names.count; i++) {
		assert_true(str_equal(names.name[i], type.field[i]));
		assert_null(quick[i].text.text);
		assert_null(values[i].text.text);
		assert_int_equal(quick[i].number, values[i].number);
	}
	return true;
}

static void takes_plain_lines(void **state)
{
	assert_true(takes(" mm=0xffff271ac33b9a40 addr=0x0 order=0x2", true, BASE_PREFIXED));
	assert_true(takes("   mm=0x1 addr=12 order=0  ", true, BASE_PREFIXED));
	assert_true(takes(" [FAILED TO PARSE] mm=0x1 addr=0x2 order=3", false, BASE_BARE));
	assert_true(takes("mm=0x1 addr=0xffffffffffffffff order=0x3", true, BASE_BARE));
}

static void leaves_all_others(void **state)
{
	static const char *const lines[] = {
		"",
		" mm=0x1 addr=0x2",
		" mm=0x1 addr=0x2 order=0x3 more=0x4",
		" mm=0x1 order=0x3 addr=0x2",
		" mm=0x addr=0x2 order=0x3",
		" mm=0x11111111111111111 addr=0x2 order=0x3",
		" mm=ffff271ac33b9a40 addr=0x2 order=0x3",
		" mm=-1 addr=0x2 order=0x3",
		" mm=0x1, addr=0x2 order=0x3",
		" mm=0x1 addr=0X2 order=0x3",
		" mm=\"0x1\" addr=0x2 order=0x3",
		" mm=0x1 addr= order=0x3",
		" mm=0x1 addr=(fault) order=0x3",
		" mm=0x1 pfn: 7 addr=0x2 order=0x3",
		" mmm=0x1 addr=0x2 order=0x3",
		" mm=0x1 addr=99999999999999999999 order=0x3",
		" __probe_ip=0x1 mm=0x1 addr=0x2 order=0x3",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (takes(lines[i], true, BASE_PREFIXED))
			fail_msg("took \"%s\"", lines[i]);
	assert_false(takes(" mm=0x1 addr=12 order=0x3", true, BASE_BARE));
}

/* One of some pieces, by chance. */
static const char *piece(uint64_t *seed)
{
	static const char *const pieces[] = {
		" ", "mm=", "addr=", "order=", "0x", "1f", "9",	 "=", " mm=0x1",  " addr=0x2",
		",", ":",   "[",     "]",      "-",  "x",  "\"", "{", " order=3", " order=0x4",
	};

	*seed = hash_u64(*seed + 1);
	return pieces[*seed % (sizeof(pieces) / sizeof(pieces[0]))];
}

static void agrees_on_lines_made_by_chance(void **state)
{
	uint64_t seed = 1;
	size_t taken = 0;

	for (int i = 0; i < LINES; i++) {
		char line[LINE_MAX] = " mm=0x10 addr=0x20";
		size_t length = i % 2 ? strlen(line) : 0;

		line[length] = '\0';
		for (int j = 0; j < 2 + i % 5; j++)
			length += (size_t)snprintf(line + length, sizeof(line) - length, "%s",
						   piece(&seed));
		taken += takes(line, i % 3, i % 7 ? BASE_PREFIXED : BASE_BARE);
	}
	assert_true(taken > LINES / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_plain_lines),
		cmocka_unit_test(leaves_all_others),
		cmocka_unit_test(agrees_on_lines_made_by_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
