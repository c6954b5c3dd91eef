/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "event/event_map.h"
#include "test/decode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

DEFINE_CLEANUP(destroy_event_map, struct event_map *, event_map_destroy)

static struct event_map *parse(const char *text)
{
	struct event_map *map = NULL;

	assert_null(event_map_parse("map", str_from(text), &map));
	return map;
}

static const struct map_line *find(const struct event_map *map, const char *system,
				   const char *name)
{
	struct record_type type = {.system = str_from(system), .name = str_from(name)};

	return event_map_find(map, &type);
}

static void finds_the_first_line_that_fits(void **state)
{
	_cleanup_(destroy_event_map) struct event_map *map =
		parse("# my probes\n"
		      "\n"
		      "my:map_io   ioremap_page_range  va=a end=b phys=c\n"
		      "map_io      ignore\n"
		      "\tinval_*   tlbi:vaale1is operand=x   # by page\n"
		      "inval_all   ignore\n"
		      "other:*     dsb:ishst\n"
		      "done        pmd_set_huge%return result=r\r\n"
		      "set         write:pud value=v entry=e");

	assert_int_equal(find(map, "my", "map_io")->number, 3);
	assert_true(str_is(find(map, "my", "map_io")->field[ROLE_END], "b"));
	assert_int_equal(find(map, "your", "map_io")->number, 4);
	/* A text that prints no system: the name decides. */
	assert_int_equal(find(map, "", "map_io")->number, 3);
	assert_int_equal(find(map, "my", "inval_all")->number, 5);
	assert_int_equal(find(map, "my", "inval_all")->meaning, MAP_TO_TLBI);
	assert_true(find(map, "my", "inval_all")->op.last_level);
	assert_true(find(map, "other", "thing")->dsb.stores_only);
	assert_int_equal(find(map, "my", "done")->meaning, MAP_TO_RETURN);
	assert_string_equal(find(map, "my", "done")->function->symbol, "pmd_set_huge");
	assert_true(str_is(find(map, "my", "done")->field[ROLE_RESULT], "r"));
	assert_int_equal(find(map, "my", "set")->level, KERNEL_PUD);
	assert_null(find(map, "my", "inval"));
	assert_null(event_map_find(NULL, &(struct record_type){0}));
}

static void accepts_a_map_of_nothing(void **state)
{
	_cleanup_(destroy_event_map) struct event_map *map = parse("");

	assert_null(find(map, "a", "b"));
}

static void says_what_is_wrong_where(void **state)
{
	static const struct {
		const char *text, *message;
	} lines[] = {
		{"# fine\nlonely", "map:2: event \"lonely\" is given no meaning"},
		{"a nonsense", "map:1: \"nonsense\" is no meaning that is known"},
		{"a schedule%return", "map:1: \"schedule%return\" is no meaning that is known"},
		{"a tlbi:vaae", "map:1: \"tlbi:vaae\" is no meaning that is known"},
		{"a dsb:ishld", "map:1: \"dsb:ishld\" is no meaning that is known"},
		{"a write:pxd", "map:1: \"write:pxd\" is no meaning that is known"},
		{"a clear va", "map:1: \"va\" is not ROLE=FIELD"},
		{"a clear va=", "map:1: \"va=\" is not ROLE=FIELD"},
		{"a clear vaddr=x", "map:1: there is no role \"vaddr\""},
		{"a clear va=x va=y", "map:1: role \"va\" is given twice"},
		{"a*b clear", "map:1: \"*\" must be at the end of \"a*b\""},
		{"my: clear", "map:1: \"my:\" names no event"},
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct event_map *map = NULL;
		_cleanup_(destroy_error) struct error *err =
			event_map_parse("map", str_from(lines[i].text), &map);

		assert_non_null(err);
		assert_int_equal(err->kind, ERROR_FORMAT);
		_cleanup_(free_pointer) char *message = error_format(err);

		assert_string_equal(message, lines[i].message);
		assert_null(map);
	}
}

static void says_that_there_is_no_file(void **state)
{
	struct event_map *map = NULL;
	_cleanup_(destroy_error) struct error *err = event_map_load("/nonexistent/map", &map);

	assert_non_null(err);
	assert_int_equal(err->kind, ERROR_SYSTEM);
}

static void overrides_the_dictionary(void **state)
{
	const char *const *text = TEXT(
		LINE("a-1", 0, "1.000001",
		     "map_io: (vendor_map+0x0/0x10) a=0xffff800008000000 "
		     "b=0xffff800008001000 c=0x9000"),
		LINE("a-1", 0, "1.000002", "inval: (vendor_map+0x8/0x10) x=0xff80000800 y=0x1"),
		LINE("a-1", 0, "1.000003", "iounmap: (iounmap+0x0/0x10) addr=0xffff800008000000"),
		LINE("a-1", 0, "1.000004",
		     "set: (vendor_set+0x0/0x10) p=0xffff000001000000 v=0x3 "
		     "at=0xffff800008000000"),
		LINE("a-1", 0, "1.000005",
		     "zap: (vendor_zap+0x0/0x10) p=0xffff800008000000 n=0x1000"));
	_cleanup_(destroy_event_map) struct event_map *map =
		parse("map_io ioremap_page_range va=a end=b phys=c\n"
		      "inval  tlbi:vaae1is operand=x\n"
		      "iounmap ignore\n"
		      "set    write:pmd entry=p value=v va=at\n"
		      "zap    clear va=p size=n\n");
	_cleanup_(decoded_deinit) struct decoded decoded = decode_text(text, map);
	_cleanup_(free_pointer) char *lines = decoded_lines(&decoded);

	assert_string_equal(
		lines,
		"1 map vendor_map va=ffff800008000000-ffff800008001000 pa=9000 ioremap\n"
		"2 tlbi vendor_map+0x8 vaae1is op=ff80000800\n"
		"4 write vendor_set+0x0 va=ffff800008000000 pmd=ffff000001000000 value=3\n"
		"5 clear vendor_zap+0x0 va=ffff800008000000-ffff800008001000\n"
		"1 map-end:? vendor_map va=ffff800008000000-ffff800008001000 pa=9000 ioremap\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_first_line_that_fits),
		cmocka_unit_test(accepts_a_map_of_nothing),
		cmocka_unit_test(says_what_is_wrong_where),
		cmocka_unit_test(says_that_there_is_no_file),
		cmocka_unit_test(overrides_the_dictionary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
