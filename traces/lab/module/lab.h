/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scenario module: makes the kernel map and unmap, and writes down what the page tables said.
 *
 * It knows the tables by the architecture alone: base and geometry from TTBR1_EL1 and TCR_EL1,
 * descriptors by their bits.  So its truth rests neither on the kernel's macros nor on mmureplay.
 */
#ifndef LAB_H
#define LAB_H

#include <linux/types.h>

struct seq_file;
struct vm_struct;

/* --- tables.c: the tables as the hardware sees them ------------------------------------------ */

enum {
	HIGHEST_LEVEL = -1, /* of 52 bits with 4K pages; most have fewer levels */
	LAST_LEVEL = 3,
	LAB_LEVELS = LAST_LEVEL - HIGHEST_LEVEL + 1,
	BLOCK_LEVEL = 2, /* where every granule has blocks */
};

enum lab_kind {
	LAB_NONE,
	LAB_TABLE,
	LAB_LEAF
};

struct lab_geometry {
	int page_shift, va_bits, first_level;
	bool large; /* output addresses of 52 bits */
	phys_addr_t root;
};

struct lab_walk {
	int level;		    /* of the last entry that was read */
	u64 value[LAB_LEVELS];	    /* from the highest level on */
	phys_addr_t at[LAB_LEVELS]; /* where each was read */
};

extern struct lab_geometry lab_geometry;

void lab_tables_init(void);
/* The span of one entry. */
u64 lab_span(int level);
enum lab_kind lab_kind(u64 descriptor, int level);
phys_addr_t lab_output(u64 descriptor);
void lab_walk(unsigned long va, struct lab_walk *walk);
/* What a walk read at a level, and where. */
u64 lab_value(const struct lab_walk *walk, int level);
phys_addr_t lab_at(const struct lab_walk *walk, int level);
/* Entry `index` of the table at `table`. */
u64 lab_entry(phys_addr_t table, unsigned int index);
unsigned int lab_entries(void);
/* An entry by the address that the kernel knows it by. */
u64 *lab_entry_address(phys_addr_t at);
/* Writes an entry, also of the root, which is mapped read-only. */
void lab_set_entry(phys_addr_t at, u64 value);
/* The page frames of all tables that can be reached; to be freed with lab_reached_free(). */
int lab_reach(void);
bool lab_reached(unsigned long pfn);
void lab_reached_free(void);
/* The vmalloc range: tables, and leaves as extents. */
void lab_dump(struct seq_file *file);

/* --- symbols.c: functions that are not exported ----------------------------------------------- */

int lab_symbols_init(void);
/* NULL: this kernel has none of that name. */
void *lab_symbol(const char *name);
/* Writes back what was unmapped lazily, so that addresses come back. */
void lab_purge(void);

/* --- watch.c: what the kernel does to entries, from kretprobes -------------------------------- */

struct lab_store {
	u64 time, old, new, phys, prot, va;
	phys_addr_t entry_at;
	unsigned long entry;
	int level, cpu, pid, result;
	char comm[16];
	bool done, broken; /* broken: the table had been unlinked and freed just before */
	unsigned long orphan;
	int orphan_count, orphan_used;
};

struct lab_counts {
	unsigned int freed, freed_pud, missed, overflow;
};

int lab_watch_init(void);
void lab_watch_exit(void);
/* Forgets what came before the scenario. */
void lab_watch_restart(void);
unsigned int lab_stores(const struct lab_store **stores);
struct lab_counts lab_counts(void);

/* --- map.c: mapping, written down -------------------------------------------------------------- */

struct lab_op {
	const char *name;
	u64 time;
	unsigned long va;
	phys_addr_t phys;
	size_t size;
	int cpu, pid;
	struct lab_walk after;
};

/* A physical address where nothing answers, of the slot's own block. */
phys_addr_t lab_slot(unsigned int slot);
size_t lab_block(void);
/* More than half a block: mapped with pages, at an address that is aligned to a block. */
size_t lab_part(void);
void *lab_map(phys_addr_t phys, size_t size);
void lab_unmap(void *va);
void lab_purge_logged(void);
void lab_note(const char *name, unsigned long va, phys_addr_t phys, size_t size);
/* For what is not part of the scenario. */
void lab_log_ops(bool on);
unsigned int lab_ops(const struct lab_op **ops);
void lab_forget_ops(void);
/* Holds a mapping until the end of the scenario. */
bool lab_hold(void *va);
void lab_release(void);
/* The address that the next block goes to. */
void *lab_next_block(void);

/* --- truth.c ------------------------------------------------------------------------------------ */

struct lab_injected {
	const char *rule, *cause;
	unsigned long va, pfn;
	int level;
};

struct lab_access {
	unsigned long va;
	u64 entry;
	bool faulted;
};

void lab_inject_note(const char *rule, const char *cause, unsigned long va, unsigned long pfn);
/* A break that was made here, and is right. */
void lab_safe_note(void);
void lab_access_note(unsigned long va, u64 entry, bool faulted);
/* A scenario that could not be made to happen says so, and is then no scenario. */
void lab_failed(const char *why);
void lab_truth(struct seq_file *file, const char *scenario);
void lab_forget_truth(void);

/* --- scenarios ---------------------------------------------------------------------------------- */

struct lab_scenario {
	const char *name;
	void (*prepare)(void); /* before the recording; may be NULL */
	void (*run)(void);
};

extern const struct lab_scenario lab_promote[], lab_several[], lab_inject[], lab_access[];

#endif
