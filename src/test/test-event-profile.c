/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kprobe_profile: the hits that the kernel missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "event/profile.h"

DEFINE_CLEANUP(destroy_profile, struct probe_profile *, probe_profile_destroy)

static void assert_missed(const struct probe_profile *profile, size_t index, const char *name,
			  uint64_t missed)
{
	const struct profile_line *line = probe_profile_line(profile, index);

	assert_non_null(line);
	assert_true(str_is(line->name, name));
	assert_int_equal(line->missed, missed);
}

static void keeps_the_probes(void **state)
{
	_cleanup_(destroy_profile) struct probe_profile *profile = NULL;

	assert_null(probe_profile_parse("p",
					STR("  pmd_set_huge                 120               0\n"
					    "  pmd_set_huge_ret             118               2\n"
					    "\n"
					    "  1 2 3\r\n"
					    "  vaae1is_0 18446744073709551615 9000000000"),
					&profile));
	assert_missed(profile, 0, "pmd_set_huge", 0);
	assert_missed(profile, 1, "pmd_set_huge_ret", 2);
	assert_missed(profile, 2, "1", 3);
	assert_missed(profile, 3, "vaae1is_0", 9000000000);
	assert_null(probe_profile_line(profile, 4));
}

static void an_empty_profile_missed_nothing(void **state)
{
	_cleanup_(destroy_profile) struct probe_profile *profile = NULL;

	assert_null(probe_profile_parse("p", STR(""), &profile));
	assert_null(probe_profile_line(profile, 0));
}

static void refuses_what_is_no_profile(void **state)
{
	static const char *const texts[] = {"a 1 0\nb 1\n", "a 1 0\nb 1 2 3\n", "a 1 0\nb x 2\n"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		_cleanup_(destroy_profile) struct probe_profile *profile = NULL;
		_cleanup_(destroy_error) struct error *err =
			probe_profile_parse("p", str_from(texts[i]), &profile);

		assert_non_null(err);
		assert_int_equal(err->kind, ERROR_FORMAT);
		assert_string_equal(err->file, "p");
		assert_int_equal(err->place, ERROR_LINE);
		assert_int_equal(err->where, 2);
	}
}

/* Those of the recordings: nothing was missed in them. */
static void reads_real_profiles(void **state)
{
	static const char *const folders[] = {"linux-4.14", "debian-6.1", "debian-6.1-promotion"};
	char path[4096];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		_cleanup_(destroy_profile) struct probe_profile *profile = NULL;

		snprintf(path, sizeof(path), "%s/%s/kprobe_profile.txt", getenv("TRACES"),
			 folders[i]);
		assert_null(probe_profile_load(path, &profile));
		assert_non_null(probe_profile_line(profile, 0));
		const struct profile_line *line;

		for (size_t j = 0; (line = probe_profile_line(profile, j)); j++)
			assert_int_equal(line->missed, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_probes),
		cmocka_unit_test(an_empty_profile_missed_nothing),
		cmocka_unit_test(refuses_what_is_no_profile),
		cmocka_unit_test(reads_real_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
