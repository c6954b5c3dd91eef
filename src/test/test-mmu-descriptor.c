/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors marked "4.14" and "6.1" were read from running kernels: truth.json of the captures
 * linux-4.14, linux-4.14-refused and debian-6.1-promotion.  The others are put together by hand
 * from the formats in the Arm ARM (D8.3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mmureplay/geometry.h>

#define BIT(n) (UINT64_C(1) << (n))

/* Bits of a leaf. */
enum {
	ATTR_INDX = 2, /* to 4 */
	AP_USER = 6,
	AP_READ_ONLY = 7,
	SHARE = 8, /* and 9 */
	ACCESS_FLAG = 10,
	NOT_GLOBAL = 11,
	NO_TRANSLATION = 16,
	GUARDED = 50,
	DIRTY_MODIFIER = 51,
	CONTIGUOUS = 52,
	PRIVILEGED_NO_EXECUTE = 53,
	NO_EXECUTE = 54,
	SOFTWARE = 55,
};

static struct mmu_geometry geometry_of(uint32_t granule, uint32_t va_bits)
{
	struct mmu_geometry geometry;

	assert_null(mmu_geometry_init(&geometry, granule, va_bits));
	return geometry;
}

static void tells_captured_descriptors(void **state)
{
	struct mmu_geometry geometry = geometry_of(4096, 48);

	/* 4.14: PUD and PMD entry of the 4K mapping, its PTE, and the block put over it. */
	assert_int_equal(mmu_descriptor_kind(&geometry, 1, 0xbfffd003), ENTRY_TABLE);
	assert_int_equal(mmu_descriptor_pa(&geometry, 1, 0xbfffd003), 0xbfffd000);
	assert_int_equal(mmu_descriptor_kind(&geometry, 2, 0xb4d16003), ENTRY_TABLE);
	assert_int_equal(mmu_descriptor_pa(&geometry, 2, 0xb4d16003), 0xb4d16000);
	assert_int_equal(mmu_descriptor_kind(&geometry, 3, 0xe8008000001707), ENTRY_PAGE);
	assert_int_equal(mmu_descriptor_pa(&geometry, 3, 0xe8008000001707), 0x8000001000);
	assert_int_equal(mmu_descriptor_kind(&geometry, 2, 0xe8008000400705), ENTRY_BLOCK);
	assert_int_equal(mmu_descriptor_pa(&geometry, 2, 0xe8008000400705), 0x8000400000);

	/* 6.1: UXNTable is set in a kernel table. */
	assert_int_equal(mmu_descriptor_kind(&geometry, 2, 0x100000004ce80003), ENTRY_TABLE);
	assert_int_equal(mmu_descriptor_pa(&geometry, 2, 0x100000004ce80003), 0x4ce80000);
	assert_int_equal(mmu_descriptor_kind(&geometry, 2, 0x68008000400f11), ENTRY_BLOCK);
	assert_int_equal(mmu_descriptor_pa(&geometry, 2, 0x68008000400f11), 0x8000400000);
}

/* phys and prot as pmd_set_huge() got them, and the descriptor that it stored. */
static void makes_the_captured_descriptors(void **state)
{
	struct mmu_geometry geometry = geometry_of(4096, 48);

	/* 4.14 */
	assert_int_equal(mmu_leaf_descriptor(&geometry, 2, 0x8000400000, 0xe8000000000707),
			 0xe8008000400705);
	assert_int_equal(mmu_leaf_descriptor(&geometry, 3, 0x8000001000, 0xe8000000000707),
			 0xe8008000001707);
	assert_int_equal(mmu_leaf_descriptor(&geometry, 3, 0x8000400000, 0xe8000000000707),
			 0xe8008000400707);
	/* 6.1 */
	assert_int_equal(mmu_leaf_descriptor(&geometry, 2, 0x8000400000, 0x68000000000f13),
			 0x68008000400f11);
}

static void tells_kinds_by_level(void **state)
{
	struct mmu_geometry of_4k = geometry_of(4096, 52);
	struct mmu_geometry of_64k = geometry_of(65536, 48);

	for (int level = -1; level <= 3; level++) {
		assert_int_equal(mmu_descriptor_kind(&of_4k, level, 0), ENTRY_NONE);
		/* What software left in an invalid entry does not count. */
		assert_int_equal(mmu_descriptor_kind(&of_4k, level, ~BIT(0)), ENTRY_NONE);
		assert_int_equal(mmu_descriptor_kind(&of_4k, level, 3),
				 level == 3 ? ENTRY_PAGE : ENTRY_TABLE);
	}
	/* 0b01 is a block at 1 and 2 (4K) or 2 (64K), and reserved elsewhere. */
	assert_int_equal(mmu_descriptor_kind(&of_4k, -1, 1), ENTRY_NONE);
	assert_int_equal(mmu_descriptor_kind(&of_4k, 0, 1), ENTRY_NONE);
	assert_int_equal(mmu_descriptor_kind(&of_4k, 1, 1), ENTRY_BLOCK);
	assert_int_equal(mmu_descriptor_kind(&of_4k, 2, 1), ENTRY_BLOCK);
	assert_int_equal(mmu_descriptor_kind(&of_4k, 3, 1), ENTRY_NONE);
	assert_int_equal(mmu_descriptor_kind(&of_64k, 1, 1), ENTRY_NONE);
	assert_int_equal(mmu_descriptor_kind(&of_64k, 2, 1), ENTRY_BLOCK);
}

/* All bits that are not the address are ones: what is left is the address field itself. */
static void masks_what_is_not_address(void **state)
{
	struct mmu_geometry of_4k = geometry_of(4096, 48);
	struct mmu_geometry of_16k = geometry_of(16384, 47);

	assert_int_equal(mmu_descriptor_pa(&of_4k, 3, UINT64_MAX), 0x0000fffffffff000);
	assert_int_equal(mmu_descriptor_pa(&of_4k, 2, UINT64_MAX), 0x0000fffffffff000);
	assert_int_equal(mmu_descriptor_pa(&of_4k, 2, ~BIT(1)), 0x0000ffffffe00000);
	assert_int_equal(mmu_descriptor_pa(&of_4k, 1, ~BIT(1)), 0x0000ffffc0000000);
	assert_int_equal(mmu_descriptor_pa(&of_16k, 3, UINT64_MAX), 0x0000ffffffffc000);
	assert_int_equal(mmu_descriptor_pa(&of_16k, 2, ~BIT(1)), 0x0000fffffe000000);
	/* nT (bit 16) of a block is no address bit, bit 16 of a table's address is. */
	assert_int_equal(mmu_descriptor_pa(&of_4k, 2, 0x40010001), 0x40000000);
	assert_int_equal(mmu_descriptor_pa(&of_4k, 2, 0x40010003), 0x40010000);
}

/* FEAT_LPA: PA[51:48] are in bits [15:12]. */
static void splits_52_bit_addresses_of_64k(void **state)
{
	struct mmu_geometry geometry = geometry_of(65536, 52);

	assert_int_equal(mmu_descriptor_pa(&geometry, 3, 0x0000123456785003), 0x0005123456780000);
	assert_int_equal(mmu_descriptor_pa(&geometry, 2, 0x0000123456785003), 0x0005123456780000);
	/* A block: bits [28:16] are not its address, [15:12] are. */
	assert_int_equal(mmu_descriptor_pa(&geometry, 2, 0x000012347fff5001), 0x0005123460000000);
	assert_int_equal(mmu_leaf_descriptor(&geometry, 2, 0x0005123460000000, 0x68000000000f13),
			 0x68123460005f11);
	assert_int_equal(mmu_leaf_descriptor(&geometry, 3, 0x000f000000010000, 0x68000000000f13),
			 0x6800000001ff13);
	/* The same field with 48 VA bits: Linux may have 52 PA bits then too. */
	geometry = geometry_of(65536, 48);
	assert_int_equal(mmu_descriptor_pa(&geometry, 3, 0x0000123456785003), 0x0005123456780000);
}

/* FEAT_LPA2: PA[49:48] are in place, PA[51:50] in bits [9:8], where there is no SH then. */
static void splits_52_bit_addresses_of_4k_and_16k(void **state)
{
	struct mmu_geometry of_4k = geometry_of(4096, 52);
	struct mmu_geometry of_16k = geometry_of(16384, 52);

	assert_int_equal(mmu_descriptor_pa(&of_4k, 3, 0x0002123456789203), 0x000a123456789000);
	assert_int_equal(mmu_descriptor_pa(&of_4k, 2, 0x0003123456789303), 0x000f123456789000);
	assert_int_equal(mmu_descriptor_pa(&of_4k, 2, 0x00021234567ff301), 0x000e123456600000);
	assert_int_equal(mmu_descriptor_pa(&of_16k, 3, 0x000112345678c103), 0x000512345678c000);
	assert_int_equal(mmu_leaf_descriptor(&of_4k, 2, 0x000a123456600000, 0x68000000000c13),
			 0x6a123456600e11);
	assert_int_equal(mmu_leaf_descriptor(&of_16k, 3, 0x000512345678c000, 0x68000000000c13),
			 0x6912345678cd13);
	/* Without LPA2 the same bits are SH, and 48 and above are not the address. */
	of_4k = geometry_of(4096, 48);
	assert_int_equal(mmu_descriptor_pa(&of_4k, 3, 0x0002123456789203), 0x0000123456789000);
}

static void assert_differs(const struct mmu_geometry *geometry, uint64_t before, uint64_t after,
			   enum mmu_leaf_difference expected)
{
	assert_int_equal(mmu_leaf_compare(geometry, 2, before, after), expected);
}

/* R_WHZWS: each attribute changed alone, in the block of the 4.14 capture. */
static void names_what_needs_a_break(void **state)
{
	struct mmu_geometry geometry = geometry_of(4096, 48);
	uint64_t block = 0xe8008000400705;

	assert_differs(&geometry, block, block, LEAF_SAME);
	assert_differs(&geometry, block, block ^ BIT(ATTR_INDX), LEAF_MEMORY_TYPE);
	assert_differs(&geometry, block, block ^ BIT(ATTR_INDX + 2), LEAF_MEMORY_TYPE);
	assert_differs(&geometry, block, block ^ BIT(SHARE), LEAF_SHAREABILITY);
	assert_differs(&geometry, block, block ^ BIT(SHARE + 1), LEAF_SHAREABILITY);
	assert_differs(&geometry, block, block ^ BIT(CONTIGUOUS), LEAF_CONTIGUOUS);
	assert_differs(&geometry, block ^ BIT(CONTIGUOUS), block, LEAF_CONTIGUOUS);
	assert_differs(&geometry, block, block ^ BIT(21), LEAF_ADDRESS);
	assert_differs(&geometry, block, block ^ BIT(47), LEAF_ADDRESS);
}

/* R_GPPYH: permissions change without a break. */
static void permissions_need_no_break(void **state)
{
	static const int bits[] = {AP_USER, AP_READ_ONLY,   ACCESS_FLAG,	   NO_TRANSLATION,
				   GUARDED, DIRTY_MODIFIER, PRIVILEGED_NO_EXECUTE, NO_EXECUTE,
				   SOFTWARE};
	struct mmu_geometry geometry = geometry_of(4096, 48);
	uint64_t block = 0xe8008000400705;

	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		assert_differs(&geometry, block, block ^ BIT(bits[i]), LEAF_SAME);
		assert_differs(&geometry, block ^ BIT(bits[i]), block, LEAF_SAME);
	}
}

/* Whichever of the two is writable, or none: what the memory holds is not known. */
static void addresses_differ_also_when_read_only(void **state)
{
	struct mmu_geometry geometry = geometry_of(4096, 48);
	uint64_t writable = (0xe8008000400705 & ~BIT(AP_READ_ONLY)) | BIT(DIRTY_MODIFIER);
	uint64_t read_only = (writable | BIT(AP_READ_ONLY)) & ~BIT(DIRTY_MODIFIER);
	uint64_t dirty_later = writable | BIT(AP_READ_ONLY);

	assert_differs(&geometry, writable, writable + BIT(21), LEAF_ADDRESS);
	assert_differs(&geometry, writable, read_only + BIT(21), LEAF_ADDRESS);
	assert_differs(&geometry, read_only, writable + BIT(21), LEAF_ADDRESS);
	assert_differs(&geometry, read_only, dirty_later + BIT(21), LEAF_ADDRESS);
	assert_differs(&geometry, read_only, read_only + BIT(21), LEAF_ADDRESS);
}

static void only_becoming_global_needs_a_break(void **state)
{
	struct mmu_geometry geometry = geometry_of(4096, 48);
	uint64_t global = 0xe8008000400705;
	uint64_t of_asid = global | BIT(NOT_GLOBAL);

	assert_differs(&geometry, of_asid, global, LEAF_GLOBAL);
	assert_differs(&geometry, global, of_asid, LEAF_SAME);
}

static void names_the_first_of_several(void **state)
{
	struct mmu_geometry geometry = geometry_of(4096, 48);
	uint64_t before = 0xe8008000400705 | BIT(NOT_GLOBAL);
	uint64_t after = before ^ BIT(NOT_GLOBAL);

	after ^= BIT(21);
	assert_differs(&geometry, before, after, LEAF_ADDRESS);
	after ^= BIT(CONTIGUOUS);
	assert_differs(&geometry, before, after, LEAF_CONTIGUOUS);
	after ^= BIT(SHARE);
	assert_differs(&geometry, before, after, LEAF_SHAREABILITY);
	after ^= BIT(ATTR_INDX);
	assert_differs(&geometry, before, after, LEAF_MEMORY_TYPE);
}

/* With LPA2 bits [9:8] are OA[51:50]; with LPA bits [15:12] are OA[51:48]. */
static void compares_addresses_in_all_layouts(void **state)
{
	struct mmu_geometry lpa2 = geometry_of(4096, 52);
	struct mmu_geometry lpa = geometry_of(65536, 52);

	assert_differs(&lpa2, 0x68008000400c11, 0x68008000400d11, LEAF_ADDRESS);
	assert_differs(&lpa, 0x68008000000f11, 0x68008000008f11, LEAF_ADDRESS);
	assert_differs(&lpa, 0x68008000000f11, 0x68008000000e11, LEAF_SHAREABILITY);
}

/* The parts of a block, by hand: the address moves on, nT goes, and pages have bit 1. */
static void takes_blocks_apart(void **state)
{
	struct mmu_geometry plain = geometry_of(4096, 48);
	struct mmu_geometry lpa = geometry_of(65536, 52);

	assert_int_equal(mmu_leaf_part(&plain, 2, 0xe8008000400705, 3, 0x1000), 0xe8008000401707);
	assert_int_equal(mmu_leaf_part(&plain, 2, 0xe8008000400705 | BIT(NO_TRANSLATION), 3, 0),
			 0xe8008000400707);
	assert_int_equal(mmu_leaf_part(&plain, 1, 0xe8008040000705, 2, 0x200000), 0xe8008040200705);
	/* PA[51:48] = 1, in [15:12]. */
	assert_int_equal(mmu_leaf_part(&lpa, 2, 0x68000000001f01, 3, 0x10000), 0x68000000011f03);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_captured_descriptors),
		cmocka_unit_test(makes_the_captured_descriptors),
		cmocka_unit_test(takes_blocks_apart),
		cmocka_unit_test(tells_kinds_by_level),
		cmocka_unit_test(masks_what_is_not_address),
		cmocka_unit_test(splits_52_bit_addresses_of_64k),
		cmocka_unit_test(splits_52_bit_addresses_of_4k_and_16k),
		cmocka_unit_test(names_what_needs_a_break),
		cmocka_unit_test(permissions_need_no_break),
		cmocka_unit_test(addresses_differ_also_when_read_only),
		cmocka_unit_test(only_becoming_global_needs_a_break),
		cmocka_unit_test(names_the_first_of_several),
		cmocka_unit_test(compares_addresses_in_all_layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
