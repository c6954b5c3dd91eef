/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of the TLBIs and barriers that CPUs have issued: see tlbi-log.c and pending.c. */
#ifndef MMUREPLAY_MMU_ISSUED_H
#define MMUREPLAY_MMU_ISSUED_H

#include <mmureplay/mmu.h>

enum {
	TLBI_LOG_RUNS = 1024, /* runs of invalidations kept for findings to show */
	/*
	 * Invalidations of a CPU that wait for its DSB.  The kernel issues up to MAX_TLBI_OPS in a row, which
	 * are 8192 with 64K pages (arch/arm64/include/asm/tlbflush.h), and then flushes all instead.
	 */
	PENDING_TLBIS = 2 * 8192,
	BARRIERS_SIZE = 16 * 1024 * 1024, /* what barriers before them may take */
};

struct tlbi_log {
	struct mmu_tlbi_run *runs; /* a ring */
	uint64_t count;		   /* of runs ever started; the newest is at (count - 1) % size */
	uint64_t sealed;	   /* order number before which no run may be extended */
};

/* Orders of the newest barriers of one CPU; 0: none. */
struct cpu_barriers {
	uint64_t any;  /* complete what it stored for its own walks */
	uint64_t wide; /* ... and for other CPUs': not NSH */
};

/* The newest barriers of all CPUs at one time, shared by the TLBIs that were issued with none in between. */
struct barriers {
	uint32_t refs;
	size_t nr_cpus;
	struct cpu_barriers of[];
};

/* A TLBI that is not complete before a DSB of its CPU. */
struct pending_tlbi {
	struct pending_tlbi *next;
	struct mmu_tlbi what;
	struct event_where where;
	uint64_t run;		   /* number in the log */
	struct barriers *barriers; /* before it */
};

/* Those of one CPU, oldest first. */
struct pending_list {
	struct pending_tlbi *first, *last;
	size_t count; /* PENDING_TLBIS at most */
};

/* What is kept for each CPU. */
struct cpu_state {
	struct cpu_barriers dsb;
	uint64_t run; /* 1 + number of its newest run in the log; 0: none */
	struct pending_list pending;
};

#endif
