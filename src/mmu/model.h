/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model's parts, shared by the files of this stage. */
#ifndef MMUREPLAY_MMU_MODEL_H
#define MMUREPLAY_MMU_MODEL_H

#include <mmureplay/mmu-memory.h>
#include <mmureplay/mmu.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/hash.h"
#include "mmu/contract.h"
#include "mmu/extents.h"
#include "mmu/issued.h"
#include "mmu/overlaps.h"

/* Entries of one sort are kept by level, counted from MMU_FIRST_LEVEL. */
#define LEVEL_INDEX(level) ((level)-MMU_FIRST_LEVEL)

enum stale_class {
	STALE_TABLE, /* first, as leaves can be cached again as long as a table is */
	STALE_LEAF,
	STALE_CLASSES
};

/*
 * A longer mapping is a damaged event: the largest windows that devices have (PCI's resizable BARs in
 * use) are some hundred GiB.  Its tables would be made and looked at one by one.
 */
#define MAPPING_MAX (UINT64_C(1) << 40)

enum {
	DEAD_MAPPINGS = 8192, /* undone mappings kept to explain what comes after them */
	DEAD_IN_DOUBT = 64,   /* the newest of them, whose order may be in doubt */
	STALE_LAYERS = 4,     /* different values kept of one entry; the oldest is forgotten */
	/* Of both classes, and one each of lower levels. */
	MMU_ENTRY_STALE = STALE_CLASSES * (STALE_LAYERS + 1),
};

/* A cached value, possibly of several extents after parts of it were invalidated. */
struct stale_item {
	struct mmu_stale info;
	uint32_t pieces;
	uint64_t *clean_cpus; /* bit set: that CPU's copy was removed locally; NULL: none was */
};

/* Where the entries of one page of descriptors translate to, learned from an entry's address. */
struct place {
	int level;
	uint64_t va; /* of the first entry */
};

/* How addresses of descriptors become page frames: see linear.c. */
struct linear_map {
	uint64_t offset; /* address less frame */
	uint64_t votes;	 /* 0: none known */
};

struct order;

struct mmu {
	struct mmu_options options;
	struct mmu_geometry geometry;
	mmu_change_handler *handler;
	void *context;
	const struct mmu_event *current; /* being applied; NULL: none */

	struct arena arena;
	struct pool entry_pool, table_pool, mapping_pool, stale_pool, place_pool, overlap_pool;
	struct pool pending_pool;
	uint64_t last_table_id;
	struct hash_map entries;   /* by level and VA: see entry_key() */
	struct hash_map frames;	   /* page frame number -> table that is not freed */
	struct hash_map barriered; /* hash of a function's name -> set: its DSBs are traced */
	struct hash_map flushers;  /* hash of a function's name -> set: its TLBI sites are traced */
	const char *last_site, *last_inside; /* the names that were last added there */
	struct hash_map places;		     /* address of a page of descriptors -> place */

	struct extents mappings; /* live ones, and dead ones until their VA is used again */
	struct mmu_mapping *dead[DEAD_MAPPINGS]; /* a ring; the oldest is forgotten */
	uint64_t nr_dead;
	uint64_t last_mapping_id;
	struct overlaps by_pa[MMU_ATTR_INDEXES]; /* live mappings, by AttrIndx */
	uint64_t nr_ioremaps, ioremaps_as[MMU_ATTR_INDEXES];
	bool flushes_tables; /* flushes of ranges were last seen to use VAAE1IS: kernels to 4.19 */
	struct linear_map linear;
	uint32_t generations; /* of the functions that break and free: see contract.h */
	uint32_t layouts;     /* of MAIR_EL1: those that the evidence allows, of enum mmu_mair */

	/* Different values of one entry lie in different layers. */
	struct extents stale[STALE_CLASSES][MMU_NR_LEVELS][STALE_LAYERS];
	uint32_t stale_places; /* by stale_place(): where there may be any */
	uint64_t last_stale_id;
	ARRAY_OF(struct mmu_stale) gone; /* items of which the last piece was just removed */

	struct order *order;  /* NULL: no removal was noted by now */
	uint32_t nr_doubtful; /* see order.c */
	struct tlbi_log log;
	ARRAY_OF(struct cpu_state) cpus;
	struct barriers *barriers; /* as they are now; NULL: nobody has asked since the newest DSB */
	size_t barriers_size;	   /* of all that are kept, in bytes */
	struct mmu_facts facts;
};

/* Hands a change to the rules. */
struct error *mmu_emit(struct mmu *mmu, const struct mmu_change *change) MUST_CHECK;

/* ---- contradict.c -------------------------------------------------------------------------- */

/*
 * Events for which the geometry cannot be right: an error, where it is what was told, else counted.
 * What kernels may do is none, whatever it looks like.
 */
struct error *contradict_map(struct mmu *mmu, const struct mmu_event *event) MUST_CHECK;
struct error *contradict_block(struct mmu *mmu, int level,
			       const struct mmu_event *event) MUST_CHECK;

/* ---- entry.c ------------------------------------------------------------------------------- */

struct mmu_entry *entry_find(const struct mmu *mmu, int level, uint64_t va);

/* Where the span of the entry ends. */
static inline uint64_t entry_end(const struct mmu *mmu, const struct mmu_entry *entry)
{
	return entry->va + mmu_level_size(&mmu->geometry, entry->level);
}

/*
 * The entry of `level` for va, made if need be, with the entries above it: that it exists at all
 * means that those point to tables.
 */
struct error *entry_get(struct mmu *mmu, int level, uint64_t va, const struct mmu_event *event,
			struct mmu_entry **ret) MUST_CHECK;

/* What an entry becomes. */
struct entry_value {
	enum mmu_entry_kind kind;
	bool has_descriptor;
	bool is_read;	/* fetched by a probe */
	bool is_stored; /* seen being stored as it is */
	uint64_t descriptor;
	struct mmu_mapping *mapping; /* BLOCK, PAGE */
	bool break_implied;	     /* a sign was seen that the old value had been broken */
};

/*
 * A store by `event`: gives CHANGE_ENTRY, and CHANGE_DETACHED when a table lost its entry.  What was
 * valid before joins the stale values.
 */
struct error *entry_store(struct mmu *mmu, struct mmu_entry *entry, struct entry_value value,
			  const struct mmu_event *event) MUST_CHECK;

/*
 * The entry's block was taken to be gone from what was seen before, such as iounmap(): here it really
 * goes, after any TLBI in between.
 */
struct error *entry_clear_again(struct mmu *mmu, struct mmu_entry *entry,
				struct mmu_mapping *mapping,
				const struct mmu_event *event) MUST_CHECK;

/* Sets the members that hold the value, and makes the table of a TABLE; no change is given. */
struct error *entry_set_value(struct mmu *mmu, struct mmu_entry *entry, struct entry_value value,
			      const struct mmu_event *event) MUST_CHECK;

/* Sets whose leaves the entry holds or leads to; NULL: nobody's. */
void entry_set_mapping(struct mmu_entry *entry, struct mmu_mapping *mapping);

/* ---- observe.c ----------------------------------------------------------------------------- */

/* A probe read `descriptor` from the entry: corrects what the model thought, with no change given. */
struct error *entry_observe(struct mmu *mmu, struct mmu_entry *entry, uint64_t descriptor,
			    const struct mmu_event *event) MUST_CHECK;

/* The entry is known to be a table, without more: from a page mapped below it. */
struct error *entry_infer_table(struct mmu *mmu, struct mmu_entry *entry,
				const struct mmu_event *event) MUST_CHECK;

/* ---- table.c ------------------------------------------------------------------------------- */

/* A table for `entry` to point to, which has the one reference. */
struct error *table_create(struct mmu *mmu, struct mmu_entry *entry,
			   const struct mmu_event *event) MUST_CHECK;

/* The same, of one that the event has made. */
struct error *table_install(struct mmu *mmu, struct mmu_entry *entry,
			    const struct mmu_event *event) MUST_CHECK;

/* The table's frame has become known. */
struct error *table_set_frame(struct mmu *mmu, struct mmu_table *table, uint64_t pa,
			      enum mmu_pa_source source) MUST_CHECK;

/* The frame is no longer watched: the table is freed. */
void table_forget_frame(struct mmu *mmu, struct mmu_table *table);

void table_put(struct mmu *mmu, struct mmu_table *table);

/*
 * The entry gets a table with that frame: the one that it is known to be, if that was in this place before
 * and is not freed; otherwise a new one, and the frame's older table is over.
 */
struct error *table_attach(struct mmu *mmu, struct mmu_entry *entry, uint64_t pa,
			   enum mmu_pa_source source, const struct mmu_event *event) MUST_CHECK;

/* The function that breaks the entry is over, with no word of how it ended. */
struct error *table_forget_broken(struct mmu *mmu, struct mmu_entry *entry,
				  const struct mmu_event *event) MUST_CHECK;

/* The tables below a table that is gone are gone with it: their entries become stale values. */
struct error *table_detach_children(struct mmu *mmu, struct mmu_table *table,
				    const struct mmu_event *event, bool add_stale) MUST_CHECK;

/* ---- linear.c ------------------------------------------------------------------------------ */

/* The entry's own address has become known. */
struct error *linear_note(struct mmu *mmu, struct mmu_entry *entry, uint64_t address) MUST_CHECK;

/* Finds the table's frame, if it is not known yet, by the addresses of its entries. */
struct error *linear_locate(struct mmu *mmu, struct mmu_table *table) MUST_CHECK;

/* The same, and of the tables below it. */
struct error *linear_locate_all(struct mmu *mmu, struct mmu_table *table) MUST_CHECK;

/* ---- break.c: pmd_free_pte_page() and its relatives ----------------------------------------- */

struct error *break_begin(struct mmu *mmu, struct mmu_entry *entry,
			  const struct mmu_event *event) MUST_CHECK;
struct error *break_end(struct mmu *mmu, struct mmu_entry *entry,
			const struct mmu_event *event) MUST_CHECK;

/* ---- place.c ------------------------------------------------------------------------------- */

/* Finds the VA that the event's entry translates; false: not known. */
struct error *place_event(struct mmu *mmu, const struct mmu_event *event, int level, uint64_t *va,
			  bool *found) MUST_CHECK;

/*
 * The first of several VAs that the event's entry may translate where it is a table, which is what a
 * block would do harm to; false: nowhere.
 */
bool place_guess(const struct mmu *mmu, const struct mmu_event *event, int level, uint64_t *va);

/* ---- mapping.c ----------------------------------------------------------------------------- */

struct mmu_mapping *mapping_find(const struct mmu *mmu, uint64_t va);
bool mapping_is_live(const struct mmu_mapping *mapping);

/*
 * The function that made it is over, or it is undone, which shows that: where it can only be pages, their
 * tables are there.  Does nothing the second time.
 */
struct error *mapping_complete(struct mmu *mmu, struct mmu_mapping *mapping,
			       const struct mmu_event *event) MUST_CHECK;

/* Whether the two have an address in common; or memory, with another AttrIndx. */
bool mapping_covers(const struct mmu_mapping *a, const struct mmu_mapping *b);
bool mapping_aliases(const struct mmu_mapping *a, const struct mmu_mapping *b);

/* ---- alias.c ------------------------------------------------------------------------------- */

/* A mapping is complete: gives CHANGE_ALIAS for what maps the same addresses in another way. */
struct error *alias_add(struct mmu *mmu, struct mmu_mapping *mapping,
			const struct mmu_event *event) MUST_CHECK;

/* It is not live any more. */
void alias_remove(struct mmu *mmu, struct mmu_mapping *mapping);

/* The kernel has this function: which numbering of memory types does it have? */
void memory_note_symbol(struct mmu *mmu, struct str symbol);

/* ---- stale.c ------------------------------------------------------------------------------- */

/* Adds a value that CPUs may hold; `info`'s id is set by this. */
struct error *stale_add(struct mmu *mmu, enum stale_class class, struct mmu_stale *info) MUST_CHECK;

/* What the entry holds, or held (`table`, NULL for a leaf), may be cached from `event` on. */
struct error *stale_remember(struct mmu *mmu, const struct mmu_entry *entry,
			     struct mmu_table *table, bool overwritten,
			     const struct mmu_event *event) MUST_CHECK;

/* The same of a leaf in a table that has lost its own entry: the leaf itself is still valid. */
struct error *stale_remember_below(struct mmu *mmu, const struct mmu_entry *entry,
				   struct mmu_table *within,
				   const struct mmu_event *event) MUST_CHECK;

/* The first cached value of that class and level in [va, end), the newest there; false: none. */
bool stale_find(struct mmu *mmu, enum stale_class class, int level, uint64_t va, uint64_t end,
		struct mmu_stale *ret);

/* The cached value of the entry at va that points to the table; NULL: none. */
const struct stale_item *stale_find_table(struct mmu *mmu, const struct mmu_table *table, int level,
					  uint64_t va);

/* The first cached leaf of any level in [va, end); false: none. */
bool stale_find_leaf(struct mmu *mmu, uint64_t va, uint64_t end, struct mmu_stale *ret);

/* Forgets cached values, without a change given: they were never stale. */
struct error *stale_cancel(struct mmu *mmu, enum stale_class class, int level, uint64_t va,
			   uint64_t end) MUST_CHECK;

/* The values of one class, level and layer. */
static inline struct extents *stale_map(struct mmu *mmu, enum stale_class class, int level,
					int layer)
{
	return &mmu->stale[class][LEVEL_INDEX(level)][layer];
}

/* The bit of mmu.stale_places for a class and level. */
static inline uint32_t stale_place(enum stale_class class, int level)
{
	return UINT32_C(1) << ((uint32_t) class * MMU_NR_LEVELS + (uint32_t)LEVEL_INDEX(level));
}

/* Adds a value to the layer `map`, where it replaces all that is there; sets info->id. */
struct error *stale_insert(struct mmu *mmu, struct extents *map, struct mmu_stale *info) MUST_CHECK;

/*
 * What CPUs may hold that has to do with the entry, MMU_ENTRY_STALE at most: its own values, tables
 * first and the newest first; and of its span's lower levels, if it is a block now, a table and a leaf.
 */
uint32_t stale_collect(struct mmu *mmu, const struct mmu_entry *entry, struct mmu_stale *ret);

/* Tells of the values that went: by `run`, or merged with `replaced_by`, or by assumption. */
struct error *stale_emit_gone(struct mmu *mmu, const struct mmu_tlbi_run *run,
			      uint64_t replaced_by) MUST_CHECK;

struct error *stale_init(struct mmu *mmu) MUST_CHECK;
void stale_deinit(struct mmu *mmu);

/* ---- order.c ------------------------------------------------------------------------------- */

/* A copy in va..end was removed by the invalidation `by`. */
struct error *order_note_removal(struct mmu *mmu, enum stale_class class, uint64_t va, uint64_t end,
				 const struct mmu_stale *stale,
				 const struct event_where *by) MUST_CHECK;

/* An invalidation of all such copies in va..last: what could not be told of earlier ones is over. */
void order_settle(struct mmu *mmu, enum stale_class class, int level, uint64_t va, uint64_t last,
		  const struct event_where *by);

/* Whether in another order a copy in va..end would have been left when `judged` came. */
bool order_find(const struct mmu *mmu, enum stale_class class, int level, uint64_t va, uint64_t end,
		const struct event_where *judged, struct mmu_undecided *ret);
bool order_find_leaf(const struct mmu *mmu, uint64_t va, uint64_t end,
		     const struct event_where *judged, struct mmu_undecided *ret);

/* ---- invalidate.c -------------------------------------------------------------------------- */

/*
 * Whether copies of the value are global.  Those that are not may have any ASID: a table's (R_CHVGJ),
 * and those of leaves that are nG, as the kernel's are with page-table isolation.
 */
bool stale_is_global(const struct mmu_stale *stale);

/* The part of stale_invalidate() for when there are such places: by stale_place(). */
struct error *stale_invalidate_at(struct mmu *mmu, uint32_t places, const struct mmu_tlbi *what,
				  const struct event_where *where, const struct mmu_tlbi_run *run,
				  const struct pending_tlbi *pending) MUST_CHECK;

/* Where a TLBI may find something to remove, or to settle: see order.c. */
static inline uint32_t stale_places_of(const struct mmu *mmu, const struct mmu_tlbi *what)
{
	const uint32_t tables = ((UINT32_C(1) << MMU_NR_LEVELS) - 1) << STALE_TABLE * MMU_NR_LEVELS;
	const uint32_t leaves = ((UINT32_C(1) << MMU_NR_LEVELS) - 1) << STALE_LEAF * MMU_NR_LEVELS;
	uint32_t places = mmu->nr_doubtful ? tables | leaves : mmu->stale_places;

	return what->tables && !what->asid_only ? places : places & leaves;
}

/* A TLBI that is complete: removes what it covers, as of `where`.  Most often that is nothing. */
static inline struct error *stale_invalidate(struct mmu *mmu, const struct mmu_tlbi *what,
					     const struct event_where *where,
					     const struct mmu_tlbi_run *run,
					     const struct pending_tlbi *pending)
{
	uint32_t places = stale_places_of(mmu, what);

	return places ? stale_invalidate_at(mmu, places, what, where, run, pending) : NULL;
}

/*
 * [va, end) was invalidated by a function known to do so; both 0: all.  Of leaves only, unless this
 * kernel's flushes were seen to be of tables, too.
 */
struct error *stale_assume_flush(struct mmu *mmu, uint64_t va, uint64_t end) MUST_CHECK;

/* ---- tlbi-log.c ---------------------------------------------------------------------------- */

/* Notes one invalidation; `*number` identifies its run. */
struct error *tlbi_log_add(struct mmu *mmu, const struct mmu_tlbi *what,
			   const struct mmu_event *event, uint64_t *number) MUST_CHECK;

/* A run by its number; NULL when it has been forgotten. */
static inline struct mmu_tlbi_run *tlbi_log_run(const struct mmu *mmu, uint64_t number)
{
	const struct tlbi_log *log = &mmu->log;

	return number < log->count && log->count - number <= TLBI_LOG_RUNS
		       ? &log->runs[number % TLBI_LOG_RUNS]
		       : NULL;
}

/* No run that exists now may be extended: an entry has changed. */
static inline void tlbi_log_seal(struct mmu *mmu, uint64_t order)
{
	if (order > mmu->log.sealed)
		mmu->log.sealed = order;
}

/*
 * Whether this task has invalidated the entry's table copies since `order`: a function that is not
 * traced has broken it (there is no such TLBI inside ioremap_page_range() otherwise; a purge's is none).  Where the entry's
 * stores are traced, that one would have been, too.
 */
bool tlbi_log_implies_break(const struct mmu *mmu, const struct mmu_entry *entry, uint64_t order,
			    int32_t pid);

/* The part of cpu_state() for a CPU that was not met before. */
struct cpu_state *cpu_state_make(struct mmu *mmu, uint32_t cpu);

/* The state of a CPU, made if need be; NULL when memory is short. */
static inline struct cpu_state *cpu_state(struct mmu *mmu, uint32_t cpu)
{
	return cpu < mmu->cpus.count ? &mmu->cpus.at[cpu] : cpu_state_make(mmu, cpu);
}

/* Of the function's name alone, from "function+0x100". */
static inline uint64_t function_key(struct str symbol)
{
	const char *plus = symbol.length ? memchr(symbol.text, '+', symbol.length) : NULL;

	return hash_str(plus ? str_first(symbol, (size_t)(plus - symbol.text)) : symbol, 0);
}

/* ---- pending.c ----------------------------------------------------------------------------- */

/* Whether DSBs are traced where this TLBI was issued: then it needs one to be complete. */
bool pending_needs_dsb(const struct mmu *mmu, const struct mmu_event *tlbi);

/* Puts a TLBI, of that run, off until a DSB of its CPU. */
struct error *pending_add(struct mmu *mmu, const struct mmu_tlbi *what,
			  const struct mmu_event *event, uint64_t run) MUST_CHECK;

/* The newest barrier before the TLBI of that CPU, of those that count for all CPUs or of any; 0: none. */
uint64_t pending_barrier(const struct pending_tlbi *pending, uint32_t cpu, bool wide);

void pending_deinit(struct mmu *mmu);

/* ---- apply-*.c: one event each ------------------------------------------------------------- */

typedef struct error *apply_event(struct mmu *mmu, const struct mmu_event *event);

apply_event apply_map, apply_map_end, apply_unmap, apply_clear;
apply_event apply_block, apply_block_clear, apply_table, apply_break, apply_break_end, apply_write;
apply_event apply_page_alloc, apply_page_free;
apply_event apply_tlbi, apply_dsb, apply_flush, apply_access, apply_lost;

#endif
