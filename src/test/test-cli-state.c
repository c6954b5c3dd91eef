/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of `mmureplay state`.  What is expected was put together by hand from the kernel's own
 * tables of columns (Linux 6.1, arch/arm64/mm/ptdump.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/state-sink.h"

#define VA UINT64_C(0xffff000040000000)

/* PTE_VALID and the page type, AF, inner shareable, UXN. */
#define USUAL UINT64_C(0x0040000000000703)
#define PXN (UINT64_C(1) << 53)
#define CONTIGUOUS (UINT64_C(1) << 52)
#define GUARDED (UINT64_C(1) << 50)
#define NOT_GLOBAL (UINT64_C(1) << 11)
#define READ_ONLY (UINT64_C(1) << 7)
#define USER (UINT64_C(1) << 6)
#define ATTR(n) ((uint64_t)(n) << 2)

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)

static const struct capture_info seconds = {.time_resolution = 1};
static const struct capture_info ticks = {.clock_is_ticks = true};

static struct mmu *create(void)
{
	struct mmu *mmu = NULL;

	assert_null(mmu_create(&(const struct mmu_options){.nr_cpus = 1}, NULL, NULL, &mmu));
	return mmu;
}

static void assert_item(const struct state_sink *sink, const struct mmu_item *item,
			const char *expected)
{
	_cleanup_(buffer_deinit) struct buffer line = {0};
	_cleanup_(destroy_mmu) struct mmu *mmu = create();

	sink->item(&line, &seconds, mmu, item);
	assert_string_equal(line.text, expected);
}

static void columns_are_the_kernels(void **state)
{
	/* clang-format off */
	static const struct {
		uint64_t descriptor;
		const char *expected; /* behind the size and "PTE" */
	} rows[] = {
		{USUAL | PXN,
		 "       RW NX SHD AF            UXN    ATTRINDX 0"},
		{USUAL | READ_ONLY | GUARDED,
		 "       ro x  SHD AF            UXN GP ATTRINDX 0"},
		{USUAL | PXN | NOT_GLOBAL | CONTIGUOUS | ATTR(4),
		 "       RW NX SHD AF NG CON     UXN    ATTRINDX 4"},
		{(USUAL & ~(UINT64_C(3) << 8)) | PXN | USER,
		 "   USR RW NX     AF            UXN    ATTRINDX 0"},
		{UINT64_C(3) | READ_ONLY,
		 "       ro x                           ATTRINDX 0"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(buffer_deinit) struct buffer expected = {0};
		const struct mmu_item item = {
			.kind = ITEM_PAGES,
			.va = VA,
			.end = VA + 0x10000,
			.level = MMU_LAST_LEVEL,
			.has_descriptor = true,
			.descriptor = rows[i].descriptor,
		};

		buffer_printf(&expected,
			      "0xffff000040000000-0xffff000040010000          64K PTE%s\n",
			      rows[i].expected);
		assert_item(&state_text, &item, expected.text);
	}
}

static void sizes_are_in_the_largest_unit(void **state)
{
	static const struct {
		uint64_t size;
		const char *expected;
	} rows[] = {
		{0x1000, "        4K"},	    {0x200000, "        2M"},
		{0x201000, "     2052K"},   {0x40000000, "        1G"},
		{0x40200000, "     1026M"}, {0x8000000000, "      512G"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(buffer_deinit) struct buffer expected = {0};
		const struct mmu_item item = {
			.kind = ITEM_LEAVES,
			.va = VA,
			.end = VA + rows[i].size,
			.level = MMU_LAST_LEVEL,
		};

		buffer_printf(&expected, "0x%016llx-0x%016llx   %s ???  attributes not known\n",
			      (unsigned long long)VA, (unsigned long long)item.end,
			      rows[i].expected);
		assert_item(&state_text, &item, expected.text);
	}
}

static void an_empty_table_has_no_attributes(void **state)
{
	struct mmu_table table = {.pa = 0xb4d16000, .pa_source = PA_ALLOCATION};
	const struct mmu_entry entry = {.level = 2, .address = 0xffff80007fffd228, .table = &table};
	const struct mmu_item item = {
		.kind = ITEM_EMPTY_TABLE,
		.va = VA,
		.end = VA + 0x200000,
		.level = MMU_LAST_LEVEL,
		.entry = &entry,
	};

	assert_item(&state_text, &item,
		    "0xffff000040000000-0xffff000040200000           2M PTE  table 0xb4d16000, "
		    "nothing known in it\n");
	table.made.order = 1;
	assert_item(&state_text, &item,
		    "0xffff000040000000-0xffff000040200000           2M PTE  table 0xb4d16000, "
		    "empty\n");
	assert_item(&state_json, &item,
		    "{\"item\": \"table\", \"va\": \"0xffff000040000000\", \"end\": "
		    "\"0xffff000040200000\", \"level\": \"pte\", \"entry\": "
		    "\"0xffff80007fffd228\", \"table\": \"0xb4d16000\", \"known_empty\": true}\n");
	table.pa_source = PA_UNKNOWN;
	assert_item(&state_text, &item,
		    "0xffff000040000000-0xffff000040200000           2M PTE  table, empty\n");
}

static void assert_header(const struct state_sink *sink, const struct capture_info *capture,
			  uint64_t at, const char *expected)
{
	_cleanup_(buffer_deinit) struct buffer line = {0};
	struct mmu_geometry geometry;

	assert_null(mmu_geometry_init(&geometry, 16384, 47));
	sink->header(&line, capture, &geometry, at);
	assert_string_equal(line.text, expected);
}

static void the_first_line_says_when_and_what(void **state)
{
	assert_header(
		&state_text, &seconds, 1112000001,
		"# what is known of the kernel's tables at 1.112000001: 16K pages, 47 VA bits, "
		"3 levels\n");
	assert_header(&state_text, &ticks, UINT64_MAX,
		      "# what is known of the kernel's tables at the end: 16K pages, 47 VA bits, "
		      "3 levels\n");
	assert_header(&state_json, &ticks, 77,
		      "{\"item\": \"state\", \"time_ticks\": 77, \"granule\": 16384, \"va_bits\": "
		      "47, \"levels\": 3}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_the_kernels),
		cmocka_unit_test(sizes_are_in_the_largest_unit),
		cmocka_unit_test(an_empty_table_has_no_attributes),
		cmocka_unit_test(the_first_line_says_when_and_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
