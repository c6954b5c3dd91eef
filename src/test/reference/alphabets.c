/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alphabets, each small enough to try every sequence, and together with all that matters: what is
 * stored at two levels, each form of invalidation, barriers, pages that come and go, and the functions
 * that a kernel does all this in.
 */
#include "operations.h"

#define UPPER(u)                                                                                   \
	{                                                                                          \
		.upper = (u)                                                                       \
	}
#define LOWER(u, l)                                                                                \
	{                                                                                          \
		.is_lower = true, .upper = (u), .lower = (l)                                       \
	}
#define STORE(name_, cpu_, place_, value_)                                                         \
	{                                                                                          \
		.name = (name_), .kind = DO_STORE, .cpu = (cpu_), .place = place_,                 \
		.value = (value_)                                                                  \
	}
#define FREE(name_, frame_)                                                                        \
	{                                                                                          \
		.name = (name_), .kind = DO_FREE, .frame = (frame_)                                \
	}
#define TLBI(name_, cpu_, mnemonic_, place_, ...)                                                  \
	{                                                                                          \
		.name = (name_), .kind = DO_TLBI, .cpu = (cpu_), .mnemonic = (mnemonic_),          \
		.place = place_, __VA_ARGS__                                                       \
	}
#define DSB(name_, cpu_, mnemonic_)                                                                \
	{                                                                                          \
		.name = (name_), .kind = DO_DSB, .cpu = (cpu_), .mnemonic = (mnemonic_)            \
	}

/* A table, blocks and their like in one entry, with the pages of tables. */
static const struct operation entry_operations[] = {
	STORE("clear", 0, UPPER(0), INVALID),
	STORE("table", 0, UPPER(0), FRESH_TABLE),
	STORE("same table", 0, UPPER(0), SAME_TABLE),
	STORE("old table", 0, UPPER(0), OLD_TABLE),
	STORE("block A", 0, UPPER(0), LEAF_A),
	STORE("block B", 0, UPPER(0), LEAF_B),
	FREE("free 0", 0),
	FREE("free 1", 1),
	TLBI("vaae1is", 0, "vaae1is", UPPER(0), .offset = 5),
	TLBI("vaale1is", 0, "vaale1is", UPPER(0), .offset = 1),
	TLBI("vaae1 on 0", 0, "vaae1", UPPER(0), ),
	TLBI("vmalle1 on 1", 1, "vmalle1", UPPER(0), ),
};

/* Every form of invalidation, of one entry. */
static const struct operation tlbi_operations[] = {
	STORE("clear", 0, UPPER(0), INVALID),
	STORE("table", 0, UPPER(0), FRESH_TABLE),
	STORE("block A", 0, UPPER(0), LEAF_A),
	STORE("block B", 0, UPPER(0), LEAF_B),
	STORE("block A, nG", 0, UPPER(0), LEAF_NON_GLOBAL),
	TLBI("vmalle1is", 1, "vmalle1is", UPPER(0), ),
	TLBI("aside1is", 0, "aside1is", UPPER(0), .asid = 5),
	TLBI("vae1is", 0, "vae1is", UPPER(0), .asid = 5),
	TLBI("vaae1os", 0, "vaae1os", UPPER(0), ),
	TLBI("vale1is", 0, "vale1is", UPPER(0), .asid = 5),
	TLBI("vaae1is, before", 0, "vaae1is", UPPER(0), .offset = -1),
	TLBI("vaae1is, next", 0, "vaae1is", UPPER(1), ),
	TLBI("vaae1is, TTL 1", 0, "vaae1is", UPPER(0), .ttl = 1),
	TLBI("vaae1is, TTL 2", 0, "vaae1is", UPPER(0), .ttl = 2),
	TLBI("vaae1is, TTL 3", 0, "vaae1is", UPPER(0), .ttl = 3),
	TLBI("vaae1is, TTL 2, granule", 0, "vaae1is", UPPER(0), .ttl = 2, .other_granule = true),
	TLBI("rvaae1is", 0, "rvaae1is", UPPER(0), .num = 3),
	TLBI("rvaae1is up to it", 0, "rvaae1is", UPPER(0), .offset = -64, .scale = 1),
	TLBI("rvaae1is into it", 0, "rvaae1is", UPPER(0), .offset = -63, .scale = 1),
	TLBI("rvaale1is, TTL 2", 0, "rvaale1is", UPPER(0), .ttl = 2),
	TLBI("rvaae1is, TTL 3", 0, "rvaae1is", UPPER(0), .ttl = 3),
	TLBI("rvaale1is, TTL 2, unaligned", 0, "rvaale1is", UPPER(0), .ttl = 2, .offset = 2),
	TLBI("rvaae1is, granule", 0, "rvaae1is", UPPER(0), .other_granule = true),
	TLBI("rvae1is", 0, "rvae1is", UPPER(0), .asid = 5),
};

/* Pages below a table, and a block over them. */
static const struct operation page_operations[] = {
	STORE("clear", 0, UPPER(0), INVALID),
	STORE("table", 0, UPPER(0), FRESH_TABLE),
	STORE("block A", 0, UPPER(0), LEAF_A),
	STORE("page 0 A", 0, LOWER(0, 0), LEAF_A),
	STORE("page 0 B", 0, LOWER(0, 0), LEAF_B),
	STORE("page 0 clear", 0, LOWER(0, 0), INVALID),
	STORE("page 1 A", 0, LOWER(0, 1), LEAF_A),
	FREE("free 0", 0),
	TLBI("vaae1is 0", 0, "vaae1is", LOWER(0, 0), ),
	TLBI("vaale1is 0", 0, "vaale1is", LOWER(0, 0), ),
	TLBI("vaae1is 1", 0, "vaae1is", LOWER(0, 1), ),
	TLBI("vaae1 0 on 1", 1, "vaae1", LOWER(0, 0), ),
	TLBI("rvaale1is 0-1", 0, "rvaale1is", LOWER(0, 0), ),
};

/* Changes of one leaf: what needs a break and what does not. */
static const struct operation leaf_operations[] = {
	STORE("clear", 0, UPPER(0), INVALID),
	STORE("A", 0, UPPER(0), LEAF_A),
	STORE("B", 0, UPPER(0), LEAF_B),
	STORE("A read-only", 0, UPPER(0), LEAF_READ_ONLY),
	STORE("A, other type", 0, UPPER(0), LEAF_OTHER_TYPE),
	STORE("A, other SH", 0, UPPER(0), LEAF_OTHER_SH),
	STORE("A contiguous", 0, UPPER(0), LEAF_CONTIG),
	STORE("A, nG", 0, UPPER(0), LEAF_NON_GLOBAL),
	STORE("table", 0, UPPER(0), FRESH_TABLE),
	TLBI("vaale1is", 0, "vaale1is", UPPER(0), ),
	TLBI("vaae1 on 0", 0, "vaae1", UPPER(0), ),
	TLBI("vaae1 on 1", 1, "vaae1", UPPER(0), ),
};

/* Two entries side by side, which share nothing but the pages that go from one to the other. */
static const struct operation pair_operations[] = {
	STORE("clear 0", 0, UPPER(0), INVALID),
	STORE("table 0", 0, UPPER(0), FRESH_TABLE),
	STORE("block 0", 0, UPPER(0), LEAF_A),
	STORE("clear 1", 1, UPPER(1), INVALID),
	STORE("table 1", 1, UPPER(1), FRESH_TABLE),
	STORE("block 1", 1, UPPER(1), LEAF_A),
	FREE("free 0", 0),
	FREE("free 1", 1),
	TLBI("vaae1is 0", 0, "vaae1is", UPPER(0), ),
	TLBI("vaae1is 1", 1, "vaae1is", UPPER(1), ),
	TLBI("vmalle1is", 0, "vmalle1is", UPPER(0), ),
	TLBI("rvaale1is 0-1", 0, "rvaale1is", UPPER(0), .num = 31, .scale = 1),
};

/* The order of stores, invalidations and barriers on two CPUs. */
static const struct operation barrier_operations[] = {
	STORE("clear", 0, UPPER(0), INVALID),
	STORE("table", 0, UPPER(0), FRESH_TABLE),
	STORE("block", 0, UPPER(0), LEAF_A),
	STORE("clear on 1", 1, UPPER(0), INVALID),
	FREE("free 0", 0),
	TLBI("vaae1is on 0", 0, "vaae1is", UPPER(0), ),
	TLBI("vaae1is on 1", 1, "vaae1is", UPPER(0), ),
	TLBI("vaae1 on 0", 0, "vaae1", UPPER(0), ),
	TLBI("vmalle1 on 1", 1, "vmalle1", UPPER(0), ),
	DSB("dsb ish on 0", 0, "dsb_ish"),
	DSB("dsb ishst on 0", 0, "dsb_ishst"),
	DSB("dsb nsh on 0", 0, "dsb_nsh"),
	DSB("dsb ish on 1", 1, "dsb_ish"),
	DSB("dsb nsh on 1", 1, "dsb_nsh"),
};

/* Tables of tables: a PUD block over pages of PMDs and of PTEs. */
static const struct operation subtree_operations[] = {
	STORE("clear", 0, UPPER(0), INVALID),
	STORE("table", 0, UPPER(0), FRESH_TABLE),
	STORE("block", 0, UPPER(0), LEAF_A),
	STORE("table below", 0, LOWER(0, 1), FRESH_TABLE),
	STORE("block below", 0, LOWER(0, 1), LEAF_A),
	STORE("clear below", 0, LOWER(0, 1), INVALID),
	FREE("free 0", 0),
	FREE("free 1", 1),
	TLBI("vaae1is", 0, "vaae1is", UPPER(0), ),
	TLBI("vaae1is below", 0, "vaae1is", LOWER(0, 1), ),
	TLBI("vaae1is below, TTL 2", 0, "vaae1is", LOWER(0, 1), .ttl = 2),
	TLBI("vaale1is below", 0, "vaale1is", LOWER(0, 1), ),
};

#define CALL(name_, kind_, promotion_)                                                             \
	{                                                                                          \
		.name = (name_), .kind = (kind_), .promotion = (promotion_)                        \
	}

/* The kernel's functions that map and unmap, and what comes between one mapping and the next. */
static const struct operation function_operations[] = {
	CALL("map a page", DO_MAP_PAGE, 0),
	CALL("map a block, over all", DO_MAP_BLOCK, PROMOTE_OVER),
	CALL("map a block, properly", DO_MAP_BLOCK, PROMOTE_PROPERLY),
	CALL("map a block, no TLBI", DO_MAP_BLOCK, PROMOTE_NO_TLBI),
	CALL("map a block, last level", DO_MAP_BLOCK, PROMOTE_LAST_LEVEL),
	CALL("map a block, free first", DO_MAP_BLOCK, PROMOTE_FREE_FIRST),
	CALL("map a block, no free", DO_MAP_BLOCK, PROMOTE_NO_FREE),
	CALL("unmap", DO_UNMAP, 0),
	CALL("clear", DO_CLEAR, 0),
	FREE("free 0", 0),
	TLBI("vaale1is", 0, "vaale1is", UPPER(0), ),
	TLBI("vaae1is", 1, "vaae1is", UPPER(0), ),
	TLBI("vaae1 on 1", 1, "vaae1", UPPER(0), ),
	TLBI("vmalle1 on 0", 0, "vmalle1", UPPER(0), ),
};

#define ALPHABET(name_, level_, barriers_, depth_, operations_)                                    \
	{                                                                                          \
		.name = (name_), .upper_level = (level_), .has_barriers = (barriers_),             \
		.depth = (depth_), .operation = (operations_),                                     \
		.nr_operations = sizeof(operations_) / sizeof((operations_)[0])                    \
	}

const struct alphabet alphabets[] = {
	ALPHABET("entry", 2, false, 6, entry_operations),
	ALPHABET("tlbi", 2, false, 4, tlbi_operations),
	ALPHABET("page", 2, false, 6, page_operations),
	ALPHABET("leaf", 2, false, 5, leaf_operations),
	ALPHABET("pair", 2, false, 5, pair_operations),
	ALPHABET("barrier", 2, true, 6, barrier_operations),
	ALPHABET("subtree", 1, false, 6, subtree_operations),
	ALPHABET("function", 2, false, 6, function_operations),
};

const uint32_t nr_alphabets = sizeof(alphabets) / sizeof(alphabets[0]);
