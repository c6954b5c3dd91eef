/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reference for the model: CPUs, their TLBs and walk caches, and translation tables that they share,
 * as the Arm ARM (DDI 0487) describes them.  Slow and plain on purpose; it shares no code with the
 * stages that it judges, and knows nothing of events.
 *
 * Every run of such a machine at once.  A CPU may at any time walk any address and cache what it
 * finds (R_SQBCS), and may keep it for ever (R_RVJDB), so that at each moment there is a set of
 * copies that it may hold.  One set for each CPU, the largest, is exact, because caching is monotone:
 *   - no copy keeps another from being cached, or takes it away, and no copy changes memory;
 *   - what a TLBI removes depends on each copy alone, never on which others there are;
 *   - so the run that caches all it can as soon as it can holds, at each moment, all that any run
 *     holds; what is in its sets together, a CPU may hold together.
 *
 * Barriers make two more things uncertain: which of the values stored to an entry a walk reads, and
 * when a TLBI takes effect.  An entry keeps all versions that a walk may still read, one observer
 * never going back to an older one.  A TLBI takes effect at any moment from its issue to the DSB that
 * completes it: the copies it reaches are `doomed` by it at its issue, they go at its completion, and
 * a walk that reads the value again in between makes a copy that is not doomed.  A copy made through a
 * doomed one is of a run in which the TLBI was still to come, and so is doomed too, if it is reached.
 *
 * A DSB completes the stores of its own CPU, and those of others that this has observed (Arm ARM B2.3,
 * group A).  What a CPU has observed, nobody traces; but one that invalidates an entry does so knowing
 * of the stores to it that came before its last DSB, as in Linux one CPU clears a range and another one
 * purges it, under a lock.  So for such a TLBI, and after it, those stores are complete.
 *
 * Two levels of tables are simulated: two entries of the upper level in a table that is never freed,
 * and two entries in each page of the lower level.  The lower level may be the last one, or point to
 * pages of tables that stay empty.
 */
#ifndef MMUREPLAY_TEST_REFERENCE_MACHINE_H
#define MMUREPLAY_TEST_REFERENCE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	MACHINE_CPUS = 2,
	MACHINE_ENTRIES = 2, /* of a table that are used */
	MACHINE_FRAMES = 4,  /* pages for tables */
	MACHINE_VERSIONS = 6,
	MACHINE_COPIES = 192,
	MACHINE_PENDING = 16,
	MACHINE_VERDICTS = 64,
};

/* ---- instructions ---------------------------------------------------------------------------- */

enum machine_scope {
	SCOPE_LOCAL, /* no suffix */
	SCOPE_INNER, /* IS */
	SCOPE_OUTER, /* OS */
};

enum machine_tlbi_name {
	OP_VMALLE1,
	OP_ASIDE1,
	OP_VAE1,
	OP_VAAE1,
	OP_VALE1,
	OP_VAALE1,
	OP_RVAE1,
	OP_RVAAE1,
	OP_RVALE1,
	OP_RVAALE1,
};

struct machine_tlbi {
	enum machine_tlbi_name name;
	enum machine_scope scope;
	uint64_t operand;
};

struct machine_dsb {
	bool stores_only; /* ST */
	bool this_cpu;	  /* NSH */
};

/* ---- state ----------------------------------------------------------------------------------- */

/* Which entry: of the upper level (`lower` is 0 then), or of the lower one. */
struct machine_place {
	bool is_lower;
	uint8_t upper, lower;
};

/* A descriptor that some CPU holds. */
struct machine_copy {
	struct machine_place place; /* the addresses that it translates, not where it was read */
	uint8_t generation;	    /* of the frame that it points to, when it was stored */
	uint32_t doomed;	    /* by which of the pending TLBIs; one bit each */
	uint64_t descriptor;
};

struct machine_cpu {
	uint32_t nr_copies;
	struct machine_copy copy[MACHINE_COPIES];
};

/* An entry in memory, in the order of coherence; the last version is what was stored last. */
struct machine_entry {
	uint32_t nr_versions;
	uint64_t version[MACHINE_VERSIONS];
	uint8_t generation[MACHINE_VERSIONS]; /* of the frame that it points to */
	uint32_t at[MACHINE_VERSIONS];	      /* event that stored it */
	uint8_t by[MACHINE_VERSIONS];	      /* the CPU that stored it */
	uint8_t oldest[MACHINE_CPUS];	      /* that a walk of this CPU may read */
};

enum machine_frame_state {
	FRAME_NEW, /* was never a table */
	FRAME_TABLE,
	FRAME_FREE,
};

struct machine_frame {
	enum machine_frame_state state;
	uint8_t generation; /* how often it was taken */
	uint32_t unlinked;  /* event at which the last way to it was stored over; 0: none was */
	struct machine_place last; /* the entry that points, or pointed last, to it */
	struct machine_entry entry[MACHINE_ENTRIES];
};

/* Events of the newest barriers of a CPU: any, and those for other CPUs as well. */
struct machine_barriers {
	uint32_t any, wide;
};

struct machine_pending {
	bool used;
	uint8_t cpu;
	struct machine_barriers dsb; /* of its CPU, before it */
	struct machine_tlbi tlbi;
};

/* What is wrong, by what the machine may now do. */
enum machine_verdict_kind {
	/* A leaf was stored where a walk may still go through a table. */
	VERDICT_PROMOTION,
	/* A table was stored where a leaf may still be held. */
	VERDICT_DEMOTION,
	/* Two valid values that need break-before-make (R_WHZWS) may be held at once. */
	VERDICT_CHANGE,
	/* A page of a table was freed, and a walk may still go through it. */
	VERDICT_EARLY_FREE,
	/* No way leads to a page of a table, and it was not freed. */
	VERDICT_LOST,
	/* An address was mapped again whose earlier translation may be held. */
	VERDICT_REUSE,
};

struct machine_verdict {
	enum machine_verdict_kind kind;
	uint32_t event;
	uint8_t frame; /* EARLY_FREE, LOST */
};

struct machine {
	uint32_t granule_shift;
	int upper_level; /* 1 or 2: the architecture's number of the upper level */
	bool has_barriers;
	uint32_t event; /* number of the one that is being applied */
	struct machine_entry upper[MACHINE_ENTRIES];
	struct machine_frame frame[MACHINE_FRAMES];
	struct machine_cpu cpu[MACHINE_CPUS];
	struct machine_pending pending[MACHINE_PENDING];
	struct machine_barriers dsb[MACHINE_CPUS];
	bool is_reuse; /* of what is mapped now, REUSE has been told */
	uint32_t nr_verdicts;
	struct machine_verdict verdict[MACHINE_VERDICTS];
};

/* ---- what happens ---------------------------------------------------------------------------- */

void machine_init(struct machine *m, uint32_t granule_shift, int upper_level, bool has_barriers);

/* A CPU stores a descriptor.  Places below what is no table cannot be stored to. */
void machine_store(struct machine *m, uint8_t cpu, struct machine_place place, uint64_t descriptor);

void machine_tlbi(struct machine *m, uint8_t cpu, struct machine_tlbi tlbi);
void machine_dsb(struct machine *m, uint8_t cpu, struct machine_dsb dsb);

/* The page allocator gives a page out, as a table of zeros, or gets it back. */
void machine_take(struct machine *m, uint8_t frame);
void machine_free(struct machine *m, uint8_t frame);

/*
 * New translations of the addresses of `place` are about to be made for someone else; and they have been.
 * What leaves of before may do to them is told once.
 */
void machine_begin_reuse(struct machine *m, struct machine_place place);
void machine_end_reuse(struct machine *m);

/* All has been done: what is lost is lost. */
void machine_finish(struct machine *m);

/* ---- questions ------------------------------------------------------------------------------- */

int machine_level(const struct machine *m, struct machine_place place);
uint64_t machine_span(const struct machine *m, int level);
uint64_t machine_va(const struct machine *m, struct machine_place place);
uint64_t machine_frame_address(const struct machine *m, uint8_t frame);

/* What was stored last; 0 below what is no table. */
uint64_t machine_value(const struct machine *m, struct machine_place place);

/* The entry in memory; NULL below what is no table. */
struct machine_entry *machine_entry(struct machine *m, struct machine_place place);

bool machine_is_table(const struct machine *m, struct machine_place place, uint64_t descriptor);
/* The frame that a table descriptor points to. */
uint8_t machine_frame_of(const struct machine *m, uint64_t descriptor);
/* Whether the tables in memory, as stored last, lead to the frame, and through which entry. */
bool machine_find_link(const struct machine *m, uint8_t frame, struct machine_place *place);

/* Whether there is room for another store, or another TLBI: only so much is kept. */
bool machine_has_room(const struct machine *m);

/* ---- the parts ------------------------------------------------------------------------------- */

/* reach.c: whether a TLBI of `by`, complete, is sure to remove that copy of `cpu`. */
bool machine_reaches(const struct machine *m, const struct machine_tlbi *tlbi, uint8_t by,
		     uint8_t cpu, const struct machine_copy *copy);

/* judge.c: what may go wrong now that `descriptor` is being stored, or `frame` freed. */
void machine_judge_store(struct machine *m, struct machine_place place, uint64_t descriptor);
void machine_judge_free(struct machine *m, uint8_t frame);

#endif
