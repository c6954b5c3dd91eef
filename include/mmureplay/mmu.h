/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 3, mmu: events -> translation tables over time, and what CPUs may still have cached of them.
 *
 * The model records facts and never judges: each event it applies gives changes ("a block was stored
 * where a table was"), with all that is known of the state before and after.  Rules judge changes;
 * see audit.h.
 */
#ifndef MMUREPLAY_MMU_H
#define MMUREPLAY_MMU_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/event.h>
#include <mmureplay/geometry.h>

/* How a physical address came to be known. */
enum mmu_pa_source {
	PA_UNKNOWN,
	PA_DESCRIPTOR, /* read from a descriptor by a probe */
	PA_ALLOCATION, /* the page allocation made for it */
	PA_LINEAR_MAP, /* the address of one of its entries, less the linear map's offset */
};

enum mmu_table_state {
	TABLE_LIVE,	/* an entry points to it */
	TABLE_DETACHED, /* no entry does, and it has not been freed */
	TABLE_FREED,
};

struct mmu_entry;
struct pool;

/* One page of descriptors, identified by frame and time: frames come back as other tables. */
struct mmu_table {
	uint64_t id; /* unique in the replay */
	int level;   /* of the entries in it */
	uint64_t va; /* what its first entry translates */
	uint64_t pa; /* 0 when pa_source is PA_UNKNOWN */
	enum mmu_pa_source pa_source;
	enum mmu_table_state state;
	bool free_is_assumed;	 /* FREED: by a function known to free it, not seen being freed */
	struct event_where made; /* its installation; order 0: before the capture, or inferred */
	struct str made_by;	 /* the function that installed it; empty: unknown */
	struct event_where seen; /* first evidence of it */
	struct event_where detached; /* order 0: not yet */
	struct event_where freed;    /* order 0: not yet */
	struct mmu_entry *parent;    /* the entry that points, or pointed last, to it */
	struct mmu_entry *children;  /* known entries in it */
	uint32_t refs;		     /* the model's own */
};

/* What one ioremap, vmap or vmalloc made.  Counted references: see mmu_mapping_get(). */
struct mmu_mapping {
	uint64_t va, end;
	bool has_pa, has_prot;
	uint64_t pa, prot;
	bool in_ioremap;
	bool has_blocks, has_pages;	/* leaves of these sorts; neither: not known */
	struct event_where last_access; /* through it; order 0: none was seen */
	bool complete;			/* the function that made it is over */
	bool failed;			/* ... and returned an error */
	bool from_before; /* known only from its end: it was made before the capture */
	struct str symbol;
	struct event_where made;		 /* order 0: before the capture */
	const struct event_origin *origin;	 /* who made it; NULL: unknown */
	struct event_where unmapped;		 /* order 0: live */
	const struct event_origin *unmap_origin; /* NULL: unknown */
	struct str unmap_symbol;
	bool cleared; /* its leaves were seen being cleared, after `unmapped` */
	uint64_t id;  /* unique in the replay */
	/* The model's own: where it is still found by VA, and by physical address. */
	uint32_t pieces;
	bool by_pa;
	uint32_t refs;
	struct pool *home; /* where it goes with the last reference */
};

/* One non-leaf-level descriptor (or a block), by level and VA. */
struct mmu_entry {
	int level;
	uint64_t va;	  /* start of its span */
	uint64_t address; /* its own ("pmdp"); 0: unknown */
	enum mmu_entry_kind kind;
	bool descriptor_read; /* `descriptor` was fetched by a probe; otherwise replayed */
	bool is_stored;	      /* it was seen being stored as it is: so would be its end */
	bool has_descriptor;
	uint64_t descriptor;
	struct event_where since; /* when it got this value; order 0: before the capture */
	struct event_where seen;  /* the newest evidence that it has it */
	struct mmu_table *table;  /* TABLE: what it points to */
	struct mmu_table *broken; /* NONE: what it pointed to; a function is about to free that */
	/* NONE: whose block it held last; to compare with, the mapping itself may be gone. */
	const struct mmu_mapping *block_of;
	uint64_t refused;	    /* order of the newest block that was refused here; 0: none */
	bool va_is_unsure;	    /* of several that its newest event may be about, this is one */
	bool was_table;		    /* the newest valid value that it had before was a table */
	struct mmu_mapping *mapped; /* TABLE: the newest mapping of pages below; BLOCK: its own */
	struct mmu_entry *sibling;  /* in the parent table's list */
};

/* A value that an entry (or a run of leaves of one level) had, and that CPUs may still hold. */
struct mmu_stale {
	uint64_t va, end; /* whole entries of `level` */
	int level;
	enum mmu_entry_kind kind; /* TABLE, BLOCK or PAGE; UNKNOWN: leaves of unknown level */
	bool has_descriptor;
	uint64_t descriptor;
	bool overwritten;	     /* replaced by a valid value: never broken */
	bool without_nt;	     /* BLOCK: a copy may be cached that has not nT set */
	struct event_where last_use; /* the newest evidence, before that, that the entry held it */
	struct event_where since;    /* when it was cleared or overwritten */
	struct mmu_table *table;     /* TABLE: what it pointed to */
	struct mmu_table *within; /* leaves: the table, not reached any more, that holds it still */
	struct mmu_mapping *mapping; /* leaves: whose; NULL: unknown */
	uint64_t id;		     /* unique in the replay */
};

/* Two events of different CPUs whose order decides something, and which the clocks cannot tell. */
struct mmu_undecided {
	struct event_where first, second; /* as recorded */
};

/* Why an invalidation did not remove a copy, or that it did. */
enum mmu_tlbi_effect {
	TLBI_REMOVES,
	TLBI_BEFORE_BREAK, /* the entry was still valid: it may have been cached again */
	TLBI_LAST_LEVEL,   /* table entries stay */
	TLBI_OTHER_ADDRESS,
	TLBI_OTHER_ASID,
	TLBI_LOCAL_ONLY,
	TLBI_OTHER_LEVEL, /* TTL hint for another level (R_SQXYZ) */
	TLBI_OTHER_GRANULE,
	TLBI_NO_BARRIER, /* no DSB where one is needed; only when DSBs were traced */
	TLBI_OF_NOTHING, /* user, EL2, or the `xzr` erratum work-around */
	TLBI_EFFECTS
};

/* A run of like invalidations: same op and CPU, at addresses that follow one another. */
struct mmu_tlbi_run {
	struct tlbi_op op;
	struct mmu_tlbi what; /* of the run: va of the first, end of the last */
	struct event_where first, last;
	struct str symbol;
	uint64_t count;
	bool in_flush, in_break; /* from within functions of these sorts: see struct mmu_event */
	bool has_barriers; /* where DSBs are traced: one before it and one after it were seen */
};

enum mmu_change_kind {
	/* An entry's value changed, by a store that was seen or is implied. */
	CHANGE_ENTRY,
	/* Leaves were made at va..end. */
	CHANGE_MAP,
	/* mapping is complete: its origin and outcome are known. */
	CHANGE_MAP_END,
	/* Someone undid (or tried to undo) the mapping at va; mapping NULL: nothing was known there. */
	CHANGE_UNMAP,
	/* `table` has no entry pointing to it any more, and has not been freed. */
	CHANGE_DETACHED,
	/* `table` was freed. */
	CHANGE_FREED,
	/* No CPU holds `stale` any more. */
	CHANGE_STALE_GONE,
	/* The page of `table`, which had no entry, is a table again. */
	CHANGE_ATTACHED,
	/* A block was refused over a table. */
	CHANGE_REFUSED,
	/* A block was stored over a table, as its probe has read; which VA that is of is not known. */
	CHANGE_UNPLACED,
	/* va..end of `mapping`, which is complete, has another AttrIndx in the live mapping `other`. */
	CHANGE_ALIAS,
	/* An access to va, which was part of `mapping` until that was undone. */
	CHANGE_ACCESS,
	/* The end of the capture, one for each live mapping. */
	CHANGE_LIVE_AT_END,
};

/*
 * One fact.  Pointers are valid while the change is handled only; a mapping can be kept with
 * mmu_mapping_get().
 */
struct mmu_change {
	enum mmu_change_kind kind;
	const struct mmu_event *event; /* NULL at the end of the capture */
	int level;
	uint64_t va, end;
	/* ENTRY: the entry as it was and as it is.  DETACHED, FREED: `before` held the table. */
	const struct mmu_entry *before, *after;
	/*
	 * ENTRY, FREED, MAP, UNMAP: in the other order of these two there would be
	 * something to judge.  NULL: none.
	 */
	const struct mmu_undecided *undecided;
	bool break_implied; /* ENTRY: only a sign of the break was seen, not the break */
	/*
	 * MAP, FREED: what CPUs may still hold of these addresses; STALE_GONE: what is gone.  ENTRY: all
	 * values of the entry that they may still hold, tables first and the newest first; with them, of
	 * a block, a table and a leaf of lower levels in its span.
	 */
	const struct mmu_stale *stale;
	uint32_t nr_stale; /* ENTRY: how many there are */
	/* MAP, MAP_END, ALIAS, LIVE_AT_END: the mapping.  UNMAP, ACCESS: it, or the dead one. */
	struct mmu_mapping *mapping;
	/* MAP: the live mapping that this one covers.  ALIAS: the one that maps the same memory. */
	struct mmu_mapping *other;
	bool already_unmapped; /* UNMAP */
	bool overwritten;      /* DETACHED: by a valid value; otherwise it was cleared */
	bool by_function; /* DETACHED, FREED: a function that also invalidates broke the entry */
	struct mmu_table *table;       /* DETACHED, ATTACHED, FREED */
	const struct mmu_tlbi_run *by; /* STALE_GONE: NULL when it was an assumed flush */
	uint64_t replaced_by; /* STALE_GONE: not gone, but merged with this newer one; 0: gone */
};

struct mmu_options {
	uint32_t granule;		       /* bytes; 0: 4096.  mmu-detect.h finds it out */
	uint32_t va_bits;		       /* 0: 48 */
	bool granule_is_told, va_bits_is_told; /* by a user: what contradicts it is an error */
	bool image_tells;		       /* not a user, but the image of the kernel */
	/*
	 * Events of two CPUs that are not farther apart than this (in units of record.time) may have
	 * come in the other order.  0: the order is as recorded.
	 */
	uint64_t clock_skew;
	uint32_t nr_cpus; /* 0: unknown: local invalidations on all CPUs cannot be recognised */
};

struct mmu;

/* Is called for each change, in order. */
typedef struct error *mmu_change_handler(void *context, const struct mmu *mmu,
					 const struct mmu_change *change);

struct error *mmu_create(const struct mmu_options *options, mmu_change_handler *handler,
			 void *context, struct mmu **ret) MUST_CHECK;
void mmu_destroy(struct mmu *mmu);

/* Applies one event. */
struct error *mmu_apply(struct mmu *mmu, const struct mmu_event *event) MUST_CHECK;

/* The capture has ended: gives the changes that stand for what is left. */
struct error *mmu_finish(struct mmu *mmu) MUST_CHECK;

const struct mmu_geometry *mmu_geometry(const struct mmu *mmu);

/* The known entry of `level` that translates va, or NULL. */
const struct mmu_entry *mmu_find_entry(const struct mmu *mmu, int level, uint64_t va);

/* What has been seen so far that verdicts rest on. */
struct mmu_facts {
	uint64_t nr_tlbi; /* instructions that concern the kernel */
	uint64_t nr_dsb;
	uint64_t nr_page_frees;	       /* the page allocator is traced */
	uint64_t nr_breaks;	       /* pmd_free_pte_page() and its relatives are traced */
	uint64_t nr_writes;	       /* stores of descriptors are traced as such */
	uint64_t nr_blocks;	       /* pmd_set_huge() and its relatives are traced */
	uint64_t nr_blocks_in_doubt;   /* ... of these without a return seen */
	uint64_t nr_block_sized;       /* mappings that blocks fit in, and of which none was seen */
	uint64_t nr_unmaps, nr_clears; /* iounmap(); range clears */
	uint64_t nr_flushes_assumed;   /* invalidations known only from a function's contract */
	uint64_t nr_tlbi_in_purge, nr_tlbi_in_break; /* sites in these functions are traced */
	uint64_t assumed_flush; /* order of the newest purge's call that flushed, and showed no TLBI */
	uint64_t nr_va_tlbi_in_purge; /* ... of these, not of everything */
	uint64_t nr_unknown_entries;  /* blocks stored where the state before was not known */
	uint64_t nr_unplaced;	      /* blocks whose VA could not be found */
	uint64_t nr_losses;
	uint64_t nr_contradictions;	 /* events that the geometry cannot be right for */
	uint64_t nr_accesses;		 /* MMIO accesses are traced */
	uint64_t nr_mappings, nr_tables; /* made */
};
const struct mmu_facts *mmu_facts(const struct mmu *mmu);

/* The numberings of memory types that the capture's evidence allows: see mmu-memory.h. */
uint32_t mmu_mair_layouts(const struct mmu *mmu);

/* As told in the options. */
uint64_t mmu_clock_skew(const struct mmu *mmu);

/* Whether the recorded order of the two is the real one: by their CPU, task or distance in time. */
bool mmu_order_is_certain(const struct mmu *mmu, const struct event_where *a,
			  const struct event_where *b);

/* Whether `a` is later than `b` by more than the clocks may differ. */
bool mmu_is_later(const struct mmu *mmu, const struct event_where *a, const struct event_where *b);

/* The newest runs of invalidations, 0 being the newest; NULL past the last one kept. */
const struct mmu_tlbi_run *mmu_tlbi_log(const struct mmu *mmu, uint32_t index);

/* What `run` does to a copy of the value that `stale` describes. */
enum mmu_tlbi_effect mmu_tlbi_effect(const struct mmu *mmu, const struct mmu_tlbi_run *run,
				     const struct mmu_stale *stale);

/* Whether the model's own data agree with each other; for tests, as it walks everything. */
struct error *mmu_check(const struct mmu *mmu) MUST_CHECK;

struct mmu_mapping *mmu_mapping_get(struct mmu_mapping *mapping);
void mmu_mapping_put(struct mmu_mapping *mapping);

#endif
