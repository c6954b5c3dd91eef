/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/event.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void parses_tlbi_operations(void **state)
{
	static const struct {
		const char *name;
		struct tlbi_op op;
		const char *mnemonic;
	} names[] = {
		{"vaae1is", {TLBI_INNER, TLBI_VA, false, true, false, 1, false}, "vaae1is"},
		{"vaae1is_3", {TLBI_INNER, TLBI_VA, false, true, false, 1, false}, "vaae1is"},
		{"vaale1is", {TLBI_INNER, TLBI_VA, true, true, false, 1, false}, "vaale1is"},
		{"vae1is", {TLBI_INNER, TLBI_VA, false, false, false, 1, false}, "vae1is"},
		{"vale1is", {TLBI_INNER, TLBI_VA, true, false, false, 1, false}, "vale1is"},
		{"aside1is", {TLBI_INNER, TLBI_ASID, false, false, false, 1, false}, "aside1is"},
		{"tlbi_vmalle1", {TLBI_LOCAL, TLBI_ALL, false, true, false, 1, false}, "vmalle1"},
		{"vmalle1is_12", {TLBI_INNER, TLBI_ALL, false, true, false, 1, false}, "vmalle1is"},
		{"vmalls12e1is", {TLBI_INNER, TLBI_ALL, false, true, false, 1, true}, "alle1is"},
		{"alle1is", {TLBI_INNER, TLBI_ALL, false, true, false, 1, true}, "alle1is"},
		{"vaae1os", {TLBI_OUTER, TLBI_VA, false, true, false, 1, false}, "vaae1os"},
		{"vaale1isnxs", {TLBI_INNER, TLBI_VA, true, true, true, 1, false}, "vaale1isnxs"},
		{"rvaae1is", {TLBI_INNER, TLBI_RANGE, false, true, false, 1, false}, "rvaae1is"},
		{"rvaale1is_0", {TLBI_INNER, TLBI_RANGE, true, true, false, 1, false}, "rvaale1is"},
		{"RVALE1OSNXS",
		 {TLBI_OUTER, TLBI_RANGE, true, false, true, 1, false},
		 "rvale1osnxs"},
		{"TLBI VAE1", {TLBI_LOCAL, TLBI_VA, false, false, false, 1, false}, "vae1"},
		{"vae2is", {TLBI_INNER, TLBI_VA, false, false, false, 2, false}, "vae2is"},
		{"alle2", {TLBI_LOCAL, TLBI_ALL, false, true, false, 2, false}, "alle2"},
		{"vaale1is_purge", {TLBI_INNER, TLBI_VA, true, true, false, 1, false}, "vaale1is"},
	};
	char buffer[TLBI_NAME_MAX];

	for (size_t i = 0; i < COUNT(names); i++) {
		struct tlbi_op op = {0};

		assert_true(tlbi_op_parse(str_from(names[i].name), &op));
		assert_int_equal(op.scope, names[i].op.scope);
		assert_int_equal(op.reach, names[i].op.reach);
		assert_int_equal(op.last_level, names[i].op.last_level);
		assert_int_equal(op.any_asid, names[i].op.any_asid);
		assert_int_equal(op.no_xs, names[i].op.no_xs);
		assert_int_equal(op.el, names[i].op.el);
		assert_int_equal(op.from_el2, names[i].op.from_el2);
		assert_string_equal(tlbi_op_name(op, buffer), names[i].mnemonic);
	}
}

static void refuses_what_is_no_tlbi(void **state)
{
	static const char *const names[] = {"",		 "tlbi",     "vaae",	  "vaae1x",
					    "vaae4is",	 "vmalle",   "ipas2e1is", "validate",
					    "tlb_flush", "vaae1isx", "tlbi_",	  "rvaae",
					    "valet1",	 "iounmap",  "va"};
	struct tlbi_op op;

	for (size_t i = 0; i < COUNT(names); i++)
		if (tlbi_op_parse(str_from(names[i]), &op))
			fail_msg("%s is no TLBI", names[i]);
}

static void parses_barriers(void **state)
{
	static const struct {
		const char *name;
		bool stores_only, this_cpu;
	} names[] = {
		{"dsb_ish", false, false},	 {"dsb_ishst", true, false},
		{"dsb_ishst_4", true, false},	 {"dsb_sy", false, false},
		{"dsb_nsh", false, true},	 {"dsb_nshst_0", true, true},
		{"dsb_osh", false, false},	 {"dsb_st", true, false},
		{"dsb", false, false},		 {"DSB ISH", false, false},
		{"dsb_ish_purge", false, false}, {"dsbish", false, false},
	};
	static const char *const strangers[] = {"",	"ds",  "dsb_ld", "dsb_ishld",
						"dsbx", "isb", "dmb_ish"};
	struct dsb_type type;

	for (size_t i = 0; i < COUNT(names); i++) {
		assert_true(dsb_type_parse(str_from(names[i].name), &type));
		assert_int_equal(type.stores_only, names[i].stores_only);
		assert_int_equal(type.this_cpu, names[i].this_cpu);
	}
	for (size_t i = 0; i < COUNT(strangers); i++)
		assert_false(dsb_type_parse(str_from(strangers[i]), &type));
}

static void names_every_kind(void **state)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		assert_non_null(mmu_event_name((enum mmu_event_kind)kind));
		for (int other = 0; other < kind; other++)
			assert_string_not_equal(mmu_event_name((enum mmu_event_kind)kind),
						mmu_event_name((enum mmu_event_kind)other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_tlbi_operations),
		cmocka_unit_test(refuses_what_is_no_tlbi),
		cmocka_unit_test(parses_barriers),
		cmocka_unit_test(names_every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
