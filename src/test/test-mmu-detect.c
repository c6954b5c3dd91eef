/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page size and VA bits, from one sort of evidence at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/geometry.h>
#include <mmureplay/mmu-detect.h>

/* vmalloc of Linux 6.1 with 48 VA bits. */
#define VA UINT64_C(0xffff800008a00000)

enum {
	K4 = 1 << 12,
	K16 = 1 << 14,
	K64 = 1 << 16,
	M2 = 1 << 21,
	M32 = 1 << 25
};

static struct mmu_detect detect;

static int set_up(void **state)
{
	detect = (struct mmu_detect){0};
	return 0;
}

static bool note(struct mmu_event event)
{
	if (event.end)
		event.has_va = true;
	return mmu_detect_note(&detect, &event);
}

static void map(uint64_t va, uint64_t size)
{
	note((struct mmu_event){.kind = EVENT_MAP, .va = va, .end = va + size});
}

static void clear(uint64_t va, uint64_t size)
{
	note((struct mmu_event){.kind = EVENT_CLEAR, .va = va, .end = va + size});
}

static void tlbi(const char *name, uint64_t operand)
{
	struct mmu_event event = {.kind = EVENT_TLBI, .has_operand = true, .operand = operand};

	assert_true(tlbi_op_parse((struct str){name, strlen(name)}, &event.op));
	note(event);
}

static void assert_granule(uint32_t expected, bool is_known)
{
	uint32_t granule = 0;

	assert_int_equal(mmu_detect_granule(&detect, &granule), is_known);
	assert_int_equal(granule, expected);
}

static void a_page_rules_larger_ones_out(void **state)
{
	map(VA, K64);
	assert_granule(K4, false);
	map(VA + K4, K4);
	assert_granule(K4, true);
}

/* VA>>12 whatever the granule is: consecutive pages step by 4 with 16K. */
static void flushes_step_by_pages(void **state)
{
	map(VA, K64);
	for (uint64_t i = 0; i < 6; i++)
		tlbi("vaale1is", (VA >> 12) + 4 * i);
	assert_granule(K16, true);
}

static void flushes_step_by_large_pages(void **state)
{
	map(VA, M2);
	for (uint64_t i = 0; i < 6; i++)
		tlbi("vaale1is", (VA >> 12) + 16 * i);
	assert_granule(K64, true);
}

/* Two pages of 4K, flushed and mapped one by one. */
static void flushes_of_small_pages(void **state)
{
	tlbi("vaale1is", VA >> 12);
	tlbi("vaale1is", (VA >> 12) + 1);
	assert_granule(K4, true);
}

/* The guard page is cleared and was not mapped. */
static void guard_pages_are_pages(void **state)
{
	map(VA, M2);
	clear(VA, M2 + K16);
	assert_granule(K16, true);
	set_up(NULL);
	map(VA, M2);
	clear(VA, M2 + K64);
	assert_granule(K64, true);
	set_up(NULL);
	map(VA, M2);
	clear(VA, M2 + K4);
	assert_granule(K4, true);
	/* 4K pages, of an area of 64K of which the first 4K were mapped. */
	set_up(NULL);
	map(VA, K4);
	clear(VA, K4 + K64);
	assert_granule(K4, true);
}

static void blocks_are_aligned(void **state)
{
	note((struct mmu_event){.kind = EVENT_BLOCK,
				.level = KERNEL_PMD,
				.has_pa = true,
				.pa = 5 * (uint64_t)M2,
				.done = DONE_YES});
	assert_granule(K4, true);
	set_up(NULL);
	note((struct mmu_event){.kind = EVENT_BLOCK,
				.level = KERNEL_PMD,
				.has_pa = true,
				.pa = 5 * (uint64_t)M32,
				.done = DONE_YES});
	assert_granule(K4, false);
}

/* TTL[3:2] and TG: 1, 2, 3; a kernel up to 4.16 has more of the VA where TTL is. */
static void operands_name_the_granule(void **state)
{
	tlbi("vaale1is", (VA >> 12 & UINT64_C(0xfffffffffff)) | UINT64_C(0xb) << 44);
	assert_granule(K16, true);
	set_up(NULL);
	tlbi("rvaale1is", UINT64_C(3) << 46 | (VA >> 16 & UINT64_C(0x1fffffffff)));
	assert_granule(K64, true);
	set_up(NULL);
	tlbi("vaae1is", UINT64_C(0xffff000008a00));
	assert_granule(K4, false);
	/* vale1is, xzr */
	tlbi("vale1is", 0);
	assert_granule(K4, false);
}

/* pfn 0x2d345 of 16K is at 0xb4d14000. */
static void descriptors_tell_the_frame(void **state)
{
	note((struct mmu_event){.kind = EVENT_TABLE,
				.entry = 0xffff00007fffd228,
				.has_table_pfn = true,
				.table_pfn = 0x2d345});
	note((struct mmu_event){.kind = EVENT_BLOCK_CLEAR,
				.entry = 0xffff00007fffd228,
				.has_old = true,
				.old = 0x10000000b4d14003});
	assert_granule(K16, true);
}

/* pmd_set_huge(pmdp, phys) in ioremap_page_range(va, end, phys): the pointer's index is the VA's. */
static void tables_are_pages(void **state)
{
	static const struct {
		uint64_t entry;
		uint32_t granule;
		bool is_known;
	} rows[] = {
		{0xffff00007fffd228, K4, true},	 /* VA[29:21] = 0x45 */
		{0xffff00007fff8020, K16, true}, /* VA[35:25] = 4 */
		{0xffff00007fff0000, K64, true}, /* VA[41:29] = 0 */
		{0xffff00007fffd230, K4, false}, /* of none: some other value */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set_up(NULL);
		note((struct mmu_event){.kind = EVENT_BLOCK,
					.level = KERNEL_PMD,
					.entry = rows[i].entry,
					.has_pa = true,
					.pa = 0x8020000000 + M2,
					.within = {.va = VA - M2,
						   .end = VA + 4 * M2,
						   .has_pa = true,
						   .pa = 0x8020000000}});
		assert_granule(rows[i].granule, rows[i].is_known);
		set_up(NULL);
		note((struct mmu_event){.kind = EVENT_BREAK,
					.level = KERNEL_PMD,
					.entry = rows[i].entry,
					.has_va = true,
					.va = VA});
		assert_granule(rows[i].granule, rows[i].is_known);
	}
}

/* Two TLBIs of one purge are of neighbours; two of one task need not be. */
static void one_flush_goes_from_page_to_page(void **state)
{
	struct mmu_event event = {.kind = EVENT_TLBI,
				  .has_operand = true,
				  .operand = VA >> 12,
				  .in_flush = true,
				  .inside = STR("__purge_vmap_area_lazy")};

	assert_true(tlbi_op_parse(STR("vaale1is"), &event.op));
	note(event);
	event.operand += K16 >> 12;
	note(event);
	assert_granule(K16, true);
	set_up(NULL);
	note(event);
	note((struct mmu_event){.kind = EVENT_FLUSH});
	event.operand += K16 >> 12;
	note(event);
	assert_granule(K4, false);
}

/* Nothing smaller in many ranges: then pages are that large. */
static void many_witnesses_are_evidence(void **state)
{
	for (uint64_t i = 0; i < 4; i++) {
		assert_granule(K4, false);
		clear(VA + i * M2, 3 * K64);
	}
	assert_granule(K64, true);
}

static void assert_va_bits(uint32_t granule, uint64_t va, uint64_t pointer, uint32_t expected)
{
	uint32_t bits = 0;

	set_up(NULL);
	map(va, granule);
	if (pointer)
		note((struct mmu_event){.kind = EVENT_TABLE, .entry = pointer});
	assert_true(mmu_detect_va_bits(&detect, granule, &bits));
	assert_int_equal(bits, expected);
}

/* Where vmalloc and the linear map are: facts of Documentation/arm64/memory.rst, by version. */
static void addresses_tell_the_bits(void **state)
{
	assert_va_bits(K4, 0xffffff8008000000, 0, 39);			/* 4.14 */
	assert_va_bits(K4, 0xffffffc008000000, 0xffffff8004567228, 39); /* 5.15 */
	assert_va_bits(K4, 0xffff000008a00000, 0xffff80007fffd228, 48); /* 4.14 */
	assert_va_bits(K4, 0xffff800008a00000, 0xffff271ac256e000, 48); /* 6.1 */
	assert_va_bits(K4, 0xffff800008a00000, 0, 48);
	assert_va_bits(K4, 0xffff800080a00000, 0xfff0000004567228, 52);	 /* 6.12 */
	assert_va_bits(K16, 0xffff800008000000, 0xffffc00004567228, 47); /* 4.14 */
	assert_va_bits(K16, 0xffffc00008000000, 0xffff800004567228, 47); /* 6.1 */
	assert_va_bits(K16, 0xffff800008000000, 0xffff000004567228, 48); /* 6.1 */
	assert_va_bits(K16, 0xfffffff808000000, 0xfffffff004567228, 36);
	assert_va_bits(K64, 0xfffffe0008000000, 0xfffffc0004567228, 42);
	assert_va_bits(K64, 0xffff800008000000, 0, 48);
}

/* 4K pages and a pointer to a descriptor: no more is needed. */
static void stops_when_all_is_known(void **state)
{
	assert_false(note((struct mmu_event){.kind = EVENT_MAP, .va = VA, .end = VA + K4}));
	assert_true(note((struct mmu_event){.kind = EVENT_TABLE, .entry = 0xffff00007fffd228}));
}

/* A purge is hundreds of TLBIs: pointers, which tell 52 bits, may come after it. */
static void waits_for_pointers(void **state)
{
	assert_false(note((struct mmu_event){.kind = EVENT_MAP, .va = VA, .end = VA + K4}));
	for (uint64_t i = 0; i < 1000; i++) {
		assert_false(note((struct mmu_event){.kind = EVENT_TLBI}));
		assert_false(note((struct mmu_event){.kind = EVENT_PAGE_ALLOC}));
	}
	for (uint64_t i = 0; i < 200; i++)
		assert_false(note((struct mmu_event){.kind = EVENT_UNMAP}));
	for (uint64_t i = 0; i < 99; i++)
		note((struct mmu_event){.kind = EVENT_UNMAP});
	assert_true(note((struct mmu_event){.kind = EVENT_UNMAP}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_page_rules_larger_ones_out, set_up),
		cmocka_unit_test_setup(flushes_step_by_pages, set_up),
		cmocka_unit_test_setup(flushes_step_by_large_pages, set_up),
		cmocka_unit_test_setup(flushes_of_small_pages, set_up),
		cmocka_unit_test_setup(guard_pages_are_pages, set_up),
		cmocka_unit_test_setup(blocks_are_aligned, set_up),
		cmocka_unit_test_setup(operands_name_the_granule, set_up),
		cmocka_unit_test_setup(descriptors_tell_the_frame, set_up),
		cmocka_unit_test_setup(tables_are_pages, set_up),
		cmocka_unit_test_setup(one_flush_goes_from_page_to_page, set_up),
		cmocka_unit_test_setup(many_witnesses_are_evidence, set_up),
		cmocka_unit_test_setup(addresses_tell_the_bits, set_up),
		cmocka_unit_test_setup(stops_when_all_is_known, set_up),
		cmocka_unit_test_setup(waits_for_pointers, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
