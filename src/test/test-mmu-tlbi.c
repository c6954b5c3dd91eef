/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operands marked "4.14" and "6.1" are from the captures of those kernels; the others are put
 * together by hand from the operand formats in the Arm ARM (C5.5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mmureplay/geometry.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define OP(reach_, last_level_, any_asid_)                                                         \
	{                                                                                          \
		.scope = TLBI_INNER, .reach = (reach_), .last_level = (last_level_),               \
		.any_asid = (any_asid_), .el = 1                                                   \
	}

static const struct tlbi_op vmalle1is = OP(TLBI_ALL, false, true);
static const struct tlbi_op aside1is = OP(TLBI_ASID, false, false);
static const struct tlbi_op vae1is = OP(TLBI_VA, false, false);
static const struct tlbi_op vaae1is = OP(TLBI_VA, false, true);
static const struct tlbi_op vale1is = OP(TLBI_VA, true, false);
static const struct tlbi_op vaale1is = OP(TLBI_VA, true, true);
static const struct tlbi_op rvae1is = OP(TLBI_RANGE, false, false);
static const struct tlbi_op rvaae1is = OP(TLBI_RANGE, false, true);
static const struct tlbi_op rvale1is = OP(TLBI_RANGE, true, false);
static const struct tlbi_op rvaale1is = OP(TLBI_RANGE, true, true);

#define ASID(asid) ((uint64_t)(asid) << 48)
#define TTL(granule, level) ((uint64_t)(granule) << 46 | (uint64_t)(level) << 44)
#define RANGE(granule, scale, num, level, base)                                                    \
	((uint64_t)(granule) << 46 | (uint64_t)(scale) << 44 | (uint64_t)(num) << 39 |             \
	 (uint64_t)(level) << 37 | (base))

static struct mmu_tlbi decode(uint32_t granule, uint32_t va_bits, struct tlbi_op op,
			      uint64_t operand)
{
	struct mmu_geometry geometry;
	struct mmu_tlbi tlbi;

	assert_null(mmu_geometry_init(&geometry, granule, va_bits));
	mmu_tlbi_decode(&geometry, op, true, operand, &tlbi);
	assert_int_equal(tlbi.ignored, tlbi.why != NULL);
	return tlbi;
}

static void assert_covers(struct mmu_tlbi tlbi, uint64_t va, uint64_t end, int leaf_level)
{
	assert_false(tlbi.ignored);
	assert_false(tlbi.all);
	assert_int_equal(tlbi.va, va);
	assert_int_equal(tlbi.end, end);
	assert_int_equal(tlbi.leaf_level, leaf_level);
}

static void assert_ignored(struct mmu_tlbi tlbi, bool other_granule)
{
	assert_true(tlbi.ignored);
	assert_int_equal(tlbi.other_granule, other_granule);
}

/* The table of what each operation removes: Arm ARM C5.5, and R_CHVGJ for table entries. */
static void removes_what_the_architecture_says(void **state)
{
	const uint64_t va = 0xff80000a000; /* 6.1 */
	const uint64_t range = RANGE(1, 0, 0, 0, 0x180000a000);
	const struct {
		struct tlbi_op op;
		uint64_t operand;
		bool all, tables, asid_only, globals;
	} cases[] = {
		{vmalle1is, 0, true, true, false, true},
		{aside1is, ASID(7), true, true, true, false},
		{vae1is, ASID(7) | va, false, true, true, true},
		{vaae1is, va, false, true, false, true},
		{vale1is, ASID(7) | va, false, false, true, true},
		{vaale1is, va, false, false, false, true},
		{rvae1is, ASID(7) | range, false, true, true, true},
		{rvaae1is, range, false, true, false, true},
		{rvale1is, ASID(7) | range, false, false, true, true},
		{rvaale1is, range, false, false, false, true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mmu_tlbi tlbi = decode(4096, 48, cases[i].op, cases[i].operand);

		assert_false(tlbi.ignored);
		assert_false(tlbi.other_granule);
		assert_int_equal(tlbi.all, cases[i].all);
		assert_int_equal(tlbi.tables, cases[i].tables);
		assert_int_equal(tlbi.asid_only, cases[i].asid_only);
		assert_int_equal(tlbi.globals, cases[i].globals);
		assert_false(tlbi.local);
	}
}

static void only_forms_without_a_suffix_are_local(void **state)
{
	struct tlbi_op op = vaae1is;

	assert_false(decode(4096, 48, op, 0xff80000a000).local);
	op.scope = TLBI_OUTER;
	assert_false(decode(4096, 48, op, 0xff80000a000).local);
	op.scope = TLBI_LOCAL;
	assert_true(decode(4096, 48, op, 0xff80000a000).local);
	op.no_xs = true;
	assert_covers(decode(4096, 48, op, 0xff80000a000), 0xffff80000a000000, 0xffff80000a001000,
		      0);
}

/* 6.1 masks to VA[55:12]; 4.14 shifts only, and leaves VA bits where ASID and TTL are. */
static void reads_captured_addresses(void **state)
{
	assert_covers(decode(4096, 48, vaae1is, 0xff80000a000), 0xffff80000a000000,
		      0xffff80000a001000, 0);
	assert_covers(decode(4096, 48, vaale1is, 0xfffbfffdbfe), 0xfffffbfffdbfe000,
		      0xfffffbfffdbff000, 0);
	assert_covers(decode(4096, 48, vaae1is, 0xffff000008a00), 0xffff000008a00000,
		      0xffff000008a01000, 0);
}

/* VA[55:12] whatever the granule; bits within the granule are ignored. */
static void covers_one_granule(void **state)
{
	assert_covers(decode(4096, 48, vaae1is, 0xff80000a003), 0xffff80000a003000,
		      0xffff80000a004000, 0);
	assert_covers(decode(16384, 47, vaae1is, 0xff80000a007), 0xffff80000a004000,
		      0xffff80000a008000, 0);
	assert_covers(decode(65536, 42, vaae1is, 0xff80000a01f), 0xffff80000a010000,
		      0xffff80000a020000, 0);
	assert_covers(decode(4096, 52, vaae1is, 0x80000000000), 0xff80000000000000,
		      0xff80000000001000, 0);
}

static void the_last_granule_ends_at_0(void **state)
{
	assert_covers(decode(4096, 48, vaae1is, 0xfffffffffff), 0xfffffffffffff000, 0, 0);
	assert_covers(decode(65536, 48, vaae1is, 0xfffffffffff), 0xffffffffffff0000, 0, 0);
}

static void ignores_what_is_not_the_kernels(void **state)
{
	struct tlbi_op of_el2 = vaae1is;
	struct tlbi_op all_of_el2 = vmalle1is;

	of_el2.el = 2;
	all_of_el2.el = 2;
	assert_ignored(decode(4096, 48, of_el2, 0xff80000a000), false);
	assert_ignored(decode(4096, 48, all_of_el2, 0), false);
	/* ALLE1IS is of guests where the kernel runs with VHE. */
	struct tlbi_op of_guests = vmalle1is;

	of_guests.from_el2 = true;
	assert_ignored(decode(4096, 48, of_guests, 0), false);
	/* The lower half, up to its last address. */
	assert_ignored(decode(4096, 48, vae1is, ASID(7) | 0x0aaaabbbb), false);
	assert_ignored(decode(4096, 48, vaae1is, 0), false);
	assert_ignored(decode(4096, 48, vaae1is, 0x7ffffffffff), false);
	assert_ignored(decode(4096, 48, rvaae1is, RANGE(1, 0, 0, 0, 0x0fffffffff)), false);
}

/* The repeat-TLBI work-around of Linux 6.1 and later has a reason of its own. */
static void ignores_the_erratum_work_around(void **state)
{
	struct mmu_tlbi of_user = decode(4096, 48, vale1is, ASID(7));
	struct mmu_tlbi work_around = decode(4096, 48, vale1is, 0);

	assert_ignored(work_around, false);
	assert_ignored(of_user, false);
	assert_string_not_equal(work_around.why, of_user.why);
}

static void without_an_operand_no_address_is_known(void **state)
{
	struct mmu_geometry geometry;
	struct mmu_tlbi tlbi;

	assert_null(mmu_geometry_init(&geometry, 4096, 48));
	mmu_tlbi_decode(&geometry, vaae1is, false, 0, &tlbi);
	assert_ignored(tlbi, false);
	mmu_tlbi_decode(&geometry, rvaale1is, false, 0, &tlbi);
	assert_ignored(tlbi, false);
	mmu_tlbi_decode(&geometry, vmalle1is, false, 0, &tlbi);
	assert_false(tlbi.ignored);
	mmu_tlbi_decode(&geometry, aside1is, false, 0, &tlbi);
	assert_false(tlbi.ignored);
}

/* What a probe fetched with VMALLE1IS, which has no operand, means nothing. */
static void all_has_no_operand(void **state)
{
	struct mmu_tlbi tlbi = decode(4096, 48, vmalle1is, 0x0aaaabbbb);

	assert_false(tlbi.ignored);
	assert_true(tlbi.all);
	assert_int_equal(tlbi.leaf_level, 0);
}

/* FEAT_TTL, and its table of reserved values. */
static void reads_level_hints(void **state)
{
	static const struct {
		uint32_t granule, va_bits, ttl_granule, ttl_level;
		int expected;
	} cases[] = {
		{4096, 48, 0, 3, 0},  {4096, 48, 1, 1, 1},  {4096, 48, 1, 2, 2},
		{4096, 48, 1, 3, 3},  {16384, 47, 2, 2, 2}, {16384, 47, 2, 3, 3},
		{65536, 42, 3, 1, 1}, {65536, 42, 3, 2, 2}, {65536, 42, 3, 3, 3},
		{4096, 48, 1, 0, 0},  {16384, 47, 2, 0, 0}, {65536, 42, 3, 0, 0},
		{16384, 47, 2, 1, 0}, {16384, 52, 2, 1, 1}, {16384, 52, 2, 0, 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t ttl = TTL(cases[i].ttl_granule, cases[i].ttl_level);

		assert_covers(decode(cases[i].granule, cases[i].va_bits, vaale1is,
				     ttl | 0xff80000a000),
			      0xffff80000a000000, 0xffff80000a000000 + cases[i].granule,
			      cases[i].expected);
	}
}

/* R_SQXYZ; the level 0 that LPA2 gives 4K has no leaves in Linux. */
static void wrong_hints_guarantee_nothing(void **state)
{
	assert_ignored(decode(4096, 48, vaae1is, TTL(2, 3) | 0xff80000a000), true);
	assert_ignored(decode(4096, 48, vaae1is, TTL(3, 0) | 0xff80000a000), true);
	assert_ignored(decode(65536, 48, vaale1is, TTL(1, 2) | 0xff80000a000), true);
	assert_ignored(decode(4096, 52, vaale1is, TTL(1, 0) | 0xff80000a000), false);
}

static void hints_stand_beside_an_asid(void **state)
{
	assert_covers(decode(4096, 48, vae1is, ASID(0xfff0) | TTL(1, 2) | 0xff80000a000),
		      0xffff80000a000000, 0xffff80000a001000, 2);
}

/* (NUM + 1) * 2^(5 * SCALE + 1) granules. */
static void reads_ranges(void **state)
{
	/* 2 pages, the fewest; 4 * 64 pages; 32 * 65536 pages = 8 GiB, the most. */
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 0, 0, 0, 0x1800008000)),
		      0xffff800008000000, 0xffff800008002000, 0);
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 1, 3, 0, 0x1800008000)),
		      0xffff800008000000, 0xffff800008100000, 0);
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 3, 31, 0, 0x1800008000)),
		      0xffff800008000000, 0xffff800208000000, 0);
	/* 0xffff800008000000 >> 14 and >> 16, in 37 bits; 2 granules. */
	assert_covers(decode(16384, 47, rvaale1is, RANGE(2, 0, 0, 0, 0x1e00002000)),
		      0xffff800008000000, 0xffff800008008000, 0);
	assert_covers(decode(65536, 48, rvaale1is, RANGE(3, 0, 0, 0, 0x1f80000800)),
		      0xffff800008000000, 0xffff800008020000, 0);
	/* The first address of the upper half, of 49 and of 53 bits. */
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 0, 0, 0, 0x1000000000)),
		      0xffff000000000000, 0xffff000000002000, 0);
	assert_covers(decode(65536, 52, rvaae1is, RANGE(3, 0, 0, 0, 0x1000000000)),
		      0xfff0000000000000, 0xfff0000000020000, 0);
	assert_covers(decode(4096, 48, rvae1is, ASID(0xffff) | RANGE(1, 0, 0, 0, 0x1800008000)),
		      0xffff800008000000, 0xffff800008002000, 0);
}

/* TCR_EL1.DS: BaseADDR is VA[52:16] whatever the granule, the length still counts granules. */
static void lpa2_ranges_start_at_64k(void **state)
{
	assert_covers(decode(4096, 52, rvaae1is, RANGE(1, 0, 0, 0, 0x1000000001)),
		      0xfff0000000010000, 0xfff0000000012000, 0);
	assert_covers(decode(16384, 52, rvaae1is, RANGE(2, 0, 1, 0, 0x1000000001)),
		      0xfff0000000010000, 0xfff0000000020000, 0);
}

static void ranges_end_at_the_top(void **state)
{
	/* The last two pages; the last page and one more; 8 GiB from the last page. */
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 0, 0, 0, 0x1ffffffffe)),
		      0xffffffffffffe000, 0, 0);
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 0, 0, 0, 0x1fffffffff)),
		      0xfffffffffffff000, 0, 0);
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 3, 31, 0, 0x1fffffffff)),
		      0xfffffffffffff000, 0, 0);
}

static void ranges_of_other_granules_guarantee_nothing(void **state)
{
	for (uint32_t granule = 0; granule < 4; granule++) {
		uint64_t operand = RANGE(granule, 0, 0, 0, 0x1800008000);

		assert_int_equal(decode(4096, 48, rvaae1is, operand).other_granule, granule != 1);
		assert_int_equal(decode(16384, 47, rvaae1is, operand).other_granule, granule != 2);
		assert_int_equal(decode(65536, 48, rvaae1is, operand).ignored, granule != 3);
	}
}

/* UNPREDICTABLE where BaseADDR is not aligned to the level that TTL names. */
static void range_hints_want_an_aligned_base(void **state)
{
	/* 0xffff800008000000 is aligned to 2M and not to 1G. */
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 0, 0, 3, 0x1800008001)),
		      0xffff800008001000, 0xffff800008003000, 3);
	assert_covers(decode(4096, 48, rvaae1is, RANGE(1, 1, 7, 2, 0x1800008000)),
		      0xffff800008000000, 0xffff800008200000, 2);
	assert_ignored(decode(4096, 48, rvaae1is, RANGE(1, 1, 7, 2, 0x1800008001)), false);
	assert_ignored(decode(4096, 48, rvaae1is, RANGE(1, 1, 7, 1, 0x1800008000)), false);
	/* Level 1 is no hint with 16K. */
	assert_covers(decode(16384, 47, rvaae1is, RANGE(2, 0, 0, 1, 0x1e00002000)),
		      0xffff800008000000, 0xffff800008008000, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removes_what_the_architecture_says),
		cmocka_unit_test(only_forms_without_a_suffix_are_local),
		cmocka_unit_test(reads_captured_addresses),
		cmocka_unit_test(covers_one_granule),
		cmocka_unit_test(the_last_granule_ends_at_0),
		cmocka_unit_test(ignores_what_is_not_the_kernels),
		cmocka_unit_test(ignores_the_erratum_work_around),
		cmocka_unit_test(without_an_operand_no_address_is_known),
		cmocka_unit_test(all_has_no_operand),
		cmocka_unit_test(reads_level_hints),
		cmocka_unit_test(wrong_hints_guarantee_nothing),
		cmocka_unit_test(hints_stand_beside_an_asid),
		cmocka_unit_test(reads_ranges),
		cmocka_unit_test(lpa2_ranges_start_at_64k),
		cmocka_unit_test(ranges_end_at_the_top),
		cmocka_unit_test(ranges_of_other_granules_guarantee_nothing),
		cmocka_unit_test(range_hints_want_an_aligned_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
