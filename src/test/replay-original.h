/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of the sequence of Linux 4.14 that it all began with, to put others together of. */
#ifndef MMUREPLAY_TEST_REPLAY_ORIGINAL_H
#define MMUREPLAY_TEST_REPLAY_ORIGINAL_H

#include "replay.h"

/* The addresses of traces/linux-4.14/truth.json. */
#define VA UINT64_C(0xffff000008a00000)
#define GIB_VA UINT64_C(0xffff000040000000)
#define PHYS UINT64_C(0x8000001000)
#define BLOCK_PHYS UINT64_C(0x8000400000)
#define TABLE_PFN UINT64_C(0xb4d16)
#define TABLE_DESC UINT64_C(0xb4d16003)

enum {
	PAGE = 0x1000,
	MIB2 = 0x200000,
	GIB = 0x40000000
};

/* ioremap 4K at VA, with its table's page allocation traced; then iounmap. */
#define MAP_4K MAP(0, VA, PAGE, PHYS), TABLE(0, KERNEL_PMD, VA, TABLE_PFN), MAPPED(0, VA)
#define UNMAP_4K UNMAP(0, VA), CLEAR(0, VA, 2 * PAGE)
/* The purge of kernels up to 4.19: every page, with VAAE1IS. */
#define PURGE_4K                                                                                   \
	{.kind = EVENT_TLBI, .op = "vaae1is", .va = VA, .in_flush = true},                         \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vaae1is", .va = VA + PAGE, .in_flush = true             \
	}
#define MAP_2M                                                                                     \
	MAP(0, VA, MIB2, BLOCK_PHYS), BLOCK(0, KERNEL_PMD, VA, BLOCK_PHYS, DONE_YES), MAPPED(0, VA)
#define UNMAP_2M UNMAP(0, VA), CLEAR(0, VA, MIB2 + PAGE)
/* The purge of later kernels: the last level only. */
#define LAST_LEVEL_PURGE                                                                           \
	{.kind = EVENT_TLBI, .op = "vaale1is", .va = VA, .in_flush = true},                        \
	{                                                                                          \
		.kind = EVENT_TLBI, .op = "vaale1is", .va = VA + PAGE, .in_flush = true            \
	}

#endif
