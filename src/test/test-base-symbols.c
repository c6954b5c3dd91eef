/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/symbols.h"

static const char kallsyms[] = "0000000000000000 A __per_cpu_start\n"
			       "ffff800008010000 T _stext\n"
			       "ffff800008010000 T __irqentry_text_start\n"
			       "ffff800008010100 t gic_handle_irq\n"
			       "ffff800008010180 D some_data\n"
			       "ffff800008010400 W arch_last_function\n"
			       "ffffa6ee99715000 t second\t[ht]\n"
			       "ffffa6ee99714000 T first\t[ht]\n"
			       "ffffa6ee99716000 t alone\t[other]\n"
			       "not a line\n"
			       "ffffa6ee99716100 t cut";

/* Checks what an address is called in the long style; NULL: nothing. */
static void assert_is(const struct symbols *symbols, uint64_t address, const char *expected)
{
	char buffer[SYMBOL_TEXT_MAX];
	struct symbol_place place;

	if (!expected) {
		assert_false(symbols_find(symbols, address, &place));
		return;
	}
	assert_true(symbols_find(symbols, address, &place));
	assert_string_equal(symbol_print(&place, SYMBOL_LONG, buffer).text, expected);
	assert_int_equal(symbol_print(&place, SYMBOL_LONG, buffer).length, strlen(expected));
}

static void finds_functions(void **state)
{
	struct symbols symbols;

	assert_true(symbols_init(&symbols, STR(kallsyms)));
	assert_is(&symbols, 0, NULL);
	assert_is(&symbols, 0xffff80000800ffff, NULL);
	assert_is(&symbols, 0xffff800008010000, "_stext+0x0/0x100");
	assert_is(&symbols, 0xffff8000080100ff, "_stext+0xff/0x100");
	assert_is(&symbols, 0xffff800008010180, "gic_handle_irq+0x80/0x300");
	assert_is(&symbols, 0xffffa6ee99714123, "first+0x123/0x1000 [ht]");
	symbols_deinit(&symbols);
	symbols_deinit(&symbols);
}

/* Modules' kallsyms have marks of where code and data begin; no function is called that. */
static void marks_are_no_functions(void **state)
{
	struct symbols symbols;

	assert_true(symbols_init(&symbols, STR("ffffa6ee99714000 t first\t[ht]\n"
					       "ffffa6ee99714000 t $x\t[ht]\n"
					       "ffffa6ee99714100 t $d.12\t[ht]\n"
					       "ffffa6ee99714200 t $xyz\t[ht]\n")));
	assert_is(&symbols, 0xffffa6ee99714123, "first+0x123/0x200 [ht]");
	assert_is(&symbols, 0xffffa6ee99714200, "$xyz+0x0/0xe00 [ht]");
	symbols_deinit(&symbols);
}

/* The size of the last function of the kernel or of a module is not known. */
static void last_functions_end_with_their_page(void **state)
{
	struct symbols symbols;

	assert_true(symbols_init(&symbols, STR(kallsyms)));
	assert_is(&symbols, 0xffff800008010404, "arch_last_function+0x4/0xc00");
	assert_is(&symbols, 0xffff800008011000, "arch_last_function+0xc00/0x1c00");
	assert_is(&symbols, 0xffff800008020400, NULL);
	assert_is(&symbols, 0xffffa6ee99715ff0, "second+0xff0/0x1000 [ht]");
	assert_is(&symbols, 0xffffa6ee99716080, "alone+0x80/0x100 [other]");
	assert_is(&symbols, 0xffffa6ee99716100, "cut+0x0/0xf00");
	assert_is(&symbols, 0xffffa6ee99717000, "cut+0xf00/0x1f00");
	assert_is(&symbols, UINT64_MAX, NULL);
	symbols_deinit(&symbols);
}

/* Another module may have been there when the event was recorded. */
static void what_is_behind_a_module_is_not_of_it(void **state)
{
	static const char text[] = "ffffa6ee99714010 t crc16\t[crc16]\n"
				   "ffffa6ee9971a000 t far\t[far]\n";
	struct symbols symbols;

	assert_true(symbols_init(&symbols, STR(text)));
	assert_is(&symbols, 0xffffa6ee99714204, "crc16+0x1f4/0xff0 [crc16]");
	assert_is(&symbols, 0xffffa6ee99714fff, "crc16+0xfef/0xff0 [crc16]");
	assert_is(&symbols, 0xffffa6ee99715000, NULL);
	assert_is(&symbols, 0xffffa6ee99719698, NULL);
	assert_is(&symbols, 0xffffa6ee9971a004, "far+0x4/0x1000 [far]");
	symbols_deinit(&symbols);
}

static void prints_short(void **state)
{
	const struct symbol_place place = {STR("f"), STR("module"), 0x84, 0x140};
	char buffer[SYMBOL_TEXT_MAX];

	assert_string_equal(symbol_print(&place, SYMBOL_SHORT, buffer).text, "f+0x84");
}

static void prints_no_more_than_fits(void **state)
{
	static char name[2000];
	struct symbol_place place = {{name, sizeof(name)}, {name, sizeof(name)}, 0, UINT64_MAX};
	char buffer[SYMBOL_TEXT_MAX];

	memset(name, 'x', sizeof(name));
	place.offset = UINT64_MAX;
	struct str text = symbol_print(&place, SYMBOL_LONG, buffer);

	assert_true(text.length < SYMBOL_TEXT_MAX);
	assert_int_equal(strlen(buffer), text.length);
	assert_true(str_ends(text, STR("]")));
}

/* What an unprivileged user sees. */
static void hidden_addresses_are_none(void **state)
{
	static const char hidden[] = "0000000000000000 T _stext\n0000000000000000 t f\t[ht]\n";
	struct symbols symbols;

	assert_true(symbols_init(&symbols, STR(hidden)));
	assert_is(&symbols, 0, NULL);
	assert_is(&symbols, 5, NULL);
	symbols_deinit(&symbols);
	assert_true(symbols_init(&symbols, STR("")));
	assert_is(&symbols, 0xffff800008010000, NULL);
	symbols_deinit(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_functions),
		cmocka_unit_test(marks_are_no_functions),
		cmocka_unit_test(last_functions_end_with_their_page),
		cmocka_unit_test(what_is_behind_a_module_is_not_of_it),
		cmocka_unit_test(prints_short),
		cmocka_unit_test(prints_no_more_than_fits),
		cmocka_unit_test(hidden_addresses_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
