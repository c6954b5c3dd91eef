/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expected values are from the tables of the granules in the Arm ARM (D8.2) and Linux's Kconfig. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/geometry.h>

#include "base/cleanup.h"

#define KIB(n) (UINT64_C(1024) * (n))
#define MIB(n) (1024 * KIB(n))
#define GIB(n) (1024 * MIB(n))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Index bits and entry names by level, from -1 on; 0 and "" above the first level. */
static const struct {
	uint32_t granule, va_bits;
	int first_level;
	uint32_t index_bits[MMU_NR_LEVELS];
	const char *names; /* of the levels that exist, first to last */
	int kernel[5];	   /* the level that pte, pmd, pud, p4d, pgd mean */
} shapes[] = {
	{KIB(4), 39, 1, {0, 0, 9, 9, 9}, "pgd pmd pte", {3, 2, 1, 1, 1}},
	{KIB(4), 48, 0, {0, 9, 9, 9, 9}, "pgd pud pmd pte", {3, 2, 1, 0, 0}},
	{KIB(4), 52, -1, {4, 9, 9, 9, 9}, "pgd p4d pud pmd pte", {3, 2, 1, 0, -1}},
	{KIB(16), 36, 2, {0, 0, 0, 11, 11}, "pgd pte", {3, 2, 2, 2, 2}},
	{KIB(16), 47, 1, {0, 0, 11, 11, 11}, "pgd pmd pte", {3, 2, 1, 1, 1}},
	{KIB(16), 48, 0, {0, 1, 11, 11, 11}, "pgd pud pmd pte", {3, 2, 1, 0, 0}},
	{KIB(16), 52, 0, {0, 5, 11, 11, 11}, "pgd pud pmd pte", {3, 2, 1, 0, 0}},
	{KIB(64), 42, 2, {0, 0, 0, 13, 13}, "pgd pte", {3, 2, 2, 2, 2}},
	{KIB(64), 48, 1, {0, 0, 6, 13, 13}, "pgd pmd pte", {3, 2, 1, 1, 1}},
	{KIB(64), 52, 1, {0, 0, 10, 13, 13}, "pgd pmd pte", {3, 2, 1, 1, 1}},
};

static struct mmu_geometry geometry_of(uint64_t granule, uint32_t va_bits)
{
	struct mmu_geometry geometry;

	assert_null(mmu_geometry_init(&geometry, (uint32_t)granule, va_bits));
	return geometry;
}

static void has_the_levels_of_the_architecture(void **state)
{
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct mmu_geometry geometry = geometry_of(shapes[i].granule, shapes[i].va_bits);

		assert_int_equal(geometry.first_level, shapes[i].first_level);
		assert_int_equal(UINT64_C(1) << geometry.granule_shift, shapes[i].granule);
		assert_int_equal(geometry.va_bits, shapes[i].va_bits);
	}
}

/* The last entry of each table is that of the top of the address space. */
static void indexes_with_the_bits_of_each_level(void **state)
{
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct mmu_geometry geometry = geometry_of(shapes[i].granule, shapes[i].va_bits);

		for (int level = MMU_FIRST_LEVEL; level <= MMU_LAST_LEVEL; level++) {
			uint32_t bits = shapes[i].index_bits[level - MMU_FIRST_LEVEL];

			assert_int_equal(mmu_index(&geometry, level, UINT64_MAX), (1U << bits) - 1);
			assert_int_equal(mmu_index(&geometry, level, 0), 0);
		}
	}
}

static void names_entries_as_the_kernel_does(void **state)
{
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct mmu_geometry geometry = geometry_of(shapes[i].granule, shapes[i].va_bits);
		char names[32] = "";

		for (int level = geometry.first_level; level <= MMU_LAST_LEVEL; level++) {
			strcat(names, mmu_level_name(&geometry, level));
			if (level != MMU_LAST_LEVEL)
				strcat(names, " ");
		}
		assert_string_equal(names, shapes[i].names);
	}
}

static void folded_levels_are_the_first(void **state)
{
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct mmu_geometry geometry = geometry_of(shapes[i].granule, shapes[i].va_bits);

		for (int k = KERNEL_PTE; k <= KERNEL_PGD; k++)
			assert_int_equal(mmu_level(&geometry, (enum kernel_level)k),
					 shapes[i].kernel[k]);
	}
}

static void entries_have_the_sizes_of_the_architecture(void **state)
{
	struct mmu_geometry of_4k = geometry_of(KIB(4), 52);
	struct mmu_geometry of_16k = geometry_of(KIB(16), 48);
	struct mmu_geometry of_64k = geometry_of(KIB(64), 48);

	assert_int_equal(mmu_level_size(&of_4k, 3), KIB(4));
	assert_int_equal(mmu_level_size(&of_4k, 2), MIB(2));
	assert_int_equal(mmu_level_size(&of_4k, 1), GIB(1));
	assert_int_equal(mmu_level_size(&of_4k, 0), GIB(512));
	assert_int_equal(mmu_level_size(&of_4k, -1), GIB(512) * 512);
	assert_int_equal(mmu_level_size(&of_16k, 3), KIB(16));
	assert_int_equal(mmu_level_size(&of_16k, 2), MIB(32));
	assert_int_equal(mmu_level_size(&of_16k, 1), GIB(64));
	assert_int_equal(mmu_level_size(&of_16k, 0), GIB(64) * 2048);
	assert_int_equal(mmu_level_size(&of_64k, 3), KIB(64));
	assert_int_equal(mmu_level_size(&of_64k, 2), MIB(512));
	assert_int_equal(mmu_level_size(&of_64k, 1), GIB(4096));
}

/* CONT_PTES, CONT_PMDS in arch/arm64/include/asm/pgtable-hwdef.h, and the Arm ARM's table. */
static void contiguous_entries_span_what_the_architecture_says(void **state)
{
	struct mmu_geometry of_4k = geometry_of(KIB(4), 48);
	struct mmu_geometry of_16k = geometry_of(KIB(16), 47);
	struct mmu_geometry of_64k = geometry_of(KIB(64), 42);

	assert_int_equal(mmu_contiguous_size(&of_4k, 3), KIB(64));
	assert_int_equal(mmu_contiguous_size(&of_4k, 2), MIB(32));
	assert_int_equal(mmu_contiguous_size(&of_16k, 3), MIB(2));
	assert_int_equal(mmu_contiguous_size(&of_16k, 2), GIB(1));
	assert_int_equal(mmu_contiguous_size(&of_64k, 3), MIB(2));
	assert_int_equal(mmu_contiguous_size(&of_64k, 2), GIB(16));
}

static void some_widths_go_with_one_granule(void **state)
{
	assert_int_equal(mmu_granule_of_va_bits(39), KIB(4));
	assert_int_equal(mmu_granule_of_va_bits(36), KIB(16));
	assert_int_equal(mmu_granule_of_va_bits(47), KIB(16));
	assert_int_equal(mmu_granule_of_va_bits(42), KIB(64));
	assert_int_equal(mmu_granule_of_va_bits(48), 0);
	assert_int_equal(mmu_granule_of_va_bits(52), 0);
	assert_int_equal(mmu_granule_of_va_bits(0), 0);
}

/* 16 + 4 * 13 = 68 bits. */
static void sizes_past_64_bits_are_the_largest(void **state)
{
	struct mmu_geometry geometry = geometry_of(KIB(64), 52);

	assert_int_equal(mmu_level_shift(&geometry, -1), 68);
	assert_int_equal(mmu_level_size(&geometry, -1), UINT64_MAX);
	assert_int_equal(mmu_level_size(&geometry, 0), UINT64_C(1) << 55);
}

/*
 * The VA and the PMD's address of the 4.14 capture: pmdp ffff80007fffd228 is entry 0x228 / 8 = 69
 * of its table.  The other indexes are worked out by hand from 0xffff000008a00000.
 */
static void indexes_a_captured_address(void **state)
{
	struct mmu_geometry geometry = geometry_of(KIB(4), 48);
	uint64_t va = 0xffff000008a00000;

	assert_int_equal(mmu_index(&geometry, 0, va), 0);
	assert_int_equal(mmu_index(&geometry, 1, va), 0);
	assert_int_equal(mmu_index(&geometry, 2, va), 69);
	assert_int_equal(mmu_index(&geometry, 3, va), 0);
	assert_int_equal(mmu_index(&geometry, 3, va + KIB(4) * 5), 5);
}

static void blocks_are_where_linux_makes_them(void **state)
{
	static const struct {
		uint64_t granule;
		uint32_t va_bits;
		bool expected[MMU_NR_LEVELS]; /* from level -1 on */
	} cases[] = {
		{KIB(4), 48, {false, false, true, true, false}},
		{KIB(4), 52, {false, false, true, true, false}},
		{KIB(16), 47, {false, false, false, true, false}},
		{KIB(16), 52, {false, false, false, true, false}},
		{KIB(64), 42, {false, false, false, true, false}},
		{KIB(64), 52, {false, false, false, true, false}},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mmu_geometry geometry = geometry_of(cases[i].granule, cases[i].va_bits);

		for (int level = MMU_FIRST_LEVEL; level <= MMU_LAST_LEVEL; level++)
			assert_int_equal(mmu_level_has_blocks(&geometry, level),
					 cases[i].expected[level - MMU_FIRST_LEVEL]);
	}
}

/* 64K has 52-bit addresses without LPA2 (FEAT_LPA). */
static void lpa2_is_52_bits_of_small_granules(void **state)
{
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct mmu_geometry geometry = geometry_of(shapes[i].granule, shapes[i].va_bits);

		assert_int_equal(mmu_has_lpa2(&geometry),
				 shapes[i].va_bits == 52 && shapes[i].granule != KIB(64));
	}
}

static void refuses_shapes_that_no_kernel_has(void **state)
{
	static const struct {
		uint32_t granule, va_bits;
	} none[] = {
		{KIB(4), 36},  {KIB(4), 42},  {KIB(4), 47},  {KIB(4), 53},
		{KIB(16), 39}, {KIB(64), 39}, {KIB(64), 47}, {KIB(8), 48},
		{0, 48},       {4097, 48},    {KIB(4), 0},   {12, 48},
	};

	for (size_t i = 0; i < COUNT(none); i++) {
		struct mmu_geometry geometry;
		_cleanup_(destroy_error) struct error *err =
			mmu_geometry_init(&geometry, none[i].granule, none[i].va_bits);

		assert_non_null(err);
		assert_int_equal(err->kind, ERROR_USAGE);
	}
}

/* The upper half starts at different addresses by kernel; a tag in the top byte does not matter. */
static void bit_55_tells_the_kernels_half(void **state)
{
	assert_true(mmu_is_kernel_va(0xffff000008a00000));
	assert_true(mmu_is_kernel_va(0xffffff8008000000));
	assert_true(mmu_is_kernel_va(0xfff0000000000000));
	assert_true(mmu_is_kernel_va(0x00f0000000000000));
	assert_true(mmu_is_kernel_va(UINT64_MAX));
	assert_false(mmu_is_kernel_va(0));
	assert_false(mmu_is_kernel_va(0x0000ffffffffffff));
	assert_false(mmu_is_kernel_va(0xff0000aaaabbb000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_levels_of_the_architecture),
		cmocka_unit_test(indexes_with_the_bits_of_each_level),
		cmocka_unit_test(names_entries_as_the_kernel_does),
		cmocka_unit_test(folded_levels_are_the_first),
		cmocka_unit_test(entries_have_the_sizes_of_the_architecture),
		cmocka_unit_test(contiguous_entries_span_what_the_architecture_says),
		cmocka_unit_test(some_widths_go_with_one_granule),
		cmocka_unit_test(sizes_past_64_bits_are_the_largest),
		cmocka_unit_test(indexes_a_captured_address),
		cmocka_unit_test(blocks_are_where_linux_makes_them),
		cmocka_unit_test(lpa2_is_52_bits_of_small_granules),
		cmocka_unit_test(refuses_shapes_that_no_kernel_has),
		cmocka_unit_test(bit_55_tells_the_kernels_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
