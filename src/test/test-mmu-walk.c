/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over all that is known of the tables. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <mmureplay/mmu-walk.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#define VA UINT64_C(0xffff000040000000)
#define PA UINT64_C(0x8000000000)
#define PROT UINT64_C(0xe8000000000707)

#define KIB(n) (UINT64_C(n) << 10)
#define MIB(n) (UINT64_C(n) << 20)

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)

static struct mmu *create(uint32_t granule, uint32_t va_bits)
{
	const struct mmu_options options = {.granule = granule, .va_bits = va_bits, .nr_cpus = 1};
	struct mmu *mmu = NULL;

	assert_null(mmu_create(&options, NULL, NULL, &mmu));
	return mmu;
}

static uint64_t order;

static struct mmu_event event_at(enum mmu_event_kind kind, uint64_t va, uint64_t size)
{
	order++;
	return (struct mmu_event){
		.kind = kind,
		.where = {.time = order, .pid = 1, .order = order},
		.end_time = order,
		.done = DONE_YES,
		.level = KERNEL_PMD,
		.has_va = true,
		.va = va,
		.end = va + size,
		.has_pa = true,
		.pa = PA + (va - VA),
		.has_prot = true,
		.prot = PROT,
		.in_ioremap = true,
	};
}

static void apply(struct mmu *mmu, enum mmu_event_kind kind, uint64_t va, uint64_t size)
{
	const struct mmu_event event = event_at(kind, va, size);

	assert_null(mmu_apply(mmu, &event));
}

/* A mapping of blocks where they fit, each of which is seen to be stored. */
static void map(struct mmu *mmu, uint64_t va, uint64_t size, uint64_t block)
{
	apply(mmu, EVENT_MAP, va, size);
	for (uint64_t at = (va + block - 1) & -block; at + block <= va + size; at += block)
		apply(mmu, EVENT_BLOCK, at, block);
	apply(mmu, EVENT_MAP_END, va, size);
}

/* "pages 3 0-1000 8000000000" : kind, level, addresses from VA on, physical address. */
static struct error *add_item(void *context, const struct mmu_item *item)
{
	static const char *const names[] = {
		[ITEM_PAGES] = "pages",
		[ITEM_BLOCKS] = "blocks",
		[ITEM_LEAVES] = "leaves",
		[ITEM_EMPTY_TABLE] = "table",
	};
	struct buffer *text = context;

	buffer_printf(text, "%s %d %" PRIx64 "-%" PRIx64, names[item->kind], item->level,
		      item->va - VA, item->end - VA);
	if (item->has_pa)
		buffer_printf(text, " %" PRIx64, item->pa - PA);
	buffer_add_char(text, '\n');
	return NULL;
}

static void assert_walk(const struct mmu *mmu, const char *expected)
{
	_cleanup_(buffer_deinit) struct buffer text = {0};

	assert_null(mmu_walk(mmu, add_item, &text));
	assert_string_equal(text.length ? text.text : "", expected);
}

static void nothing_is_known_at_first(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = create(0, 0);

	assert_walk(mmu, "");
}

/* Pages, two blocks that follow one another, and pages again: what the kernel's dump would have. */
static void a_mapping_is_taken_apart_by_level(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = create(0, 0);

	map(mmu, VA + MIB(1), MIB(6), MIB(2));
	assert_walk(mmu, "pages 3 100000-200000 100000\n"
			 "blocks 2 200000-600000 200000\n"
			 "pages 3 600000-700000 600000\n");
}

/* Pages of one mapping in several tables are one stretch; those of two mappings are two. */
static void what_follows_one_another_is_one(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = create(0, 0);
	struct mmu_event pages = event_at(EVENT_MAP, VA, MIB(5));

	pages.pages_only = true;
	assert_null(mmu_apply(mmu, &pages));
	apply(mmu, EVENT_MAP_END, VA, MIB(5));
	map(mmu, VA + MIB(5), KIB(8), MIB(2));
	map(mmu, VA + MIB(5) + KIB(8), KIB(4), MIB(2));
	assert_walk(mmu, "pages 3 0-500000 0\n"
			 "pages 3 500000-502000 500000\n"
			 "pages 3 502000-503000 502000\n");
}

/* Neither a block nor a table was seen: it may be either. */
static void a_leaf_of_unknown_level_is_one(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = create(0, 0);

	apply(mmu, EVENT_MAP, VA, MIB(2));
	apply(mmu, EVENT_MAP_END, VA, MIB(2));
	assert_walk(mmu, "leaves 3 0-200000 0\n");
}

/* What is undone is gone, and the table that it was in is empty. */
static void empty_tables_are_items(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = create(0, 0);

	map(mmu, VA, KIB(4), MIB(2));
	map(mmu, VA + MIB(2), MIB(2), MIB(2));
	assert_walk(mmu, "pages 3 0-1000 0\nblocks 2 200000-400000 200000\n");
	apply(mmu, EVENT_UNMAP, VA, 0);
	apply(mmu, EVENT_CLEAR, VA, KIB(4));
	assert_walk(mmu, "table 3 0-200000\nblocks 2 200000-400000 200000\n");
	apply(mmu, EVENT_UNMAP, VA + MIB(2), 0);
	apply(mmu, EVENT_CLEAR, VA + MIB(2), MIB(2));
	assert_walk(mmu, "table 3 0-200000\n");
}

/* Stores of single entries say more than the mapping that they are in. */
static void written_pages_decide(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = create(0, 0);
	struct mmu_event write = event_at(EVENT_WRITE, VA + KIB(4), 0);

	map(mmu, VA, KIB(16), MIB(2));
	write.level = KERNEL_PTE;
	write.value = 0;
	assert_null(mmu_apply(mmu, &write));
	assert_walk(mmu, "pages 3 0-1000 0\npages 3 2000-4000 2000\n");
	write = event_at(EVENT_WRITE, VA + KIB(4), 0);
	write.level = KERNEL_PTE;
	write.value = (PA + MIB(1)) | PROT;
	assert_null(mmu_apply(mmu, &write));
	assert_walk(mmu, "pages 3 0-1000 0\npages 3 1000-2000 100000\npages 3 2000-4000 2000\n");
}

/* Blocks of 32 MB with 16K pages, of 512 MB with 64K. */
static void knows_other_granules(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *small = create(16384, 47);
	_cleanup_(destroy_mmu) struct mmu *large = create(65536, 42);
	const uint64_t large_va = UINT64_C(0xfffffc0040000000);
	_cleanup_(buffer_deinit) struct buffer text = {0};
	struct mmu_event block = event_at(EVENT_BLOCK, large_va, MIB(512));

	map(small, VA, MIB(48), MIB(32));
	assert_walk(small, "blocks 2 0-2000000 0\npages 3 2000000-3000000 2000000\n");
	apply(large, EVENT_MAP, large_va, MIB(512));
	assert_null(mmu_apply(large, &block));
	assert_null(mmu_walk(large, add_item, &text));
	assert_non_null(text.text);
	assert_memory_equal(text.text, "blocks 2 ", 9);
}

static struct error *fail_second(void *context, const struct mmu_item *item)
{
	int *count = context;

	return ++*count == 2 ? error_create(ERROR_FORMAT, "enough") : NULL;
}

static void an_error_ends_the_walk(void **state)
{
	_cleanup_(destroy_mmu) struct mmu *mmu = create(0, 0);
	int count = 0;

	map(mmu, VA + MIB(1), MIB(6), MIB(2));
	_cleanup_(destroy_error) struct error *err = mmu_walk(mmu, fail_second, &count);

	assert_non_null(err);
	assert_int_equal(count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_at_first),
		cmocka_unit_test(a_mapping_is_taken_apart_by_level),
		cmocka_unit_test(what_follows_one_another_is_one),
		cmocka_unit_test(a_leaf_of_unknown_level_is_one),
		cmocka_unit_test(empty_tables_are_items),
		cmocka_unit_test(written_pages_decide),
		cmocka_unit_test(knows_other_granules),
		cmocka_unit_test(an_error_ends_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
