/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event sequences written down as tables, replayed through the model and the rules. */
#ifndef MMUREPLAY_TEST_REPLAY_H
#define MMUREPLAY_TEST_REPLAY_H

#include <mmureplay/audit.h>

/* One event of a sequence, on a CPU, by the task whose pid is 100 + CPU unless it says otherwise. */
struct step {
	enum mmu_event_kind kind;
	uint32_t cpu;
	int32_t pid;		 /* 0: 100 + cpu */
	uint64_t order;		 /* of the call, where the event came later; 0: its place here */
	enum kernel_level level; /* entries */
	enum event_done done;
	const char *op; /* TLBI, DSB: the mnemonic */
	const char *symbol;
	uint64_t entry;	  /* entries: the entry's own address; 0: unknown */
	uint64_t va, end; /* MAP, CLEAR: both; TLBI: the VA to put in the operand */
	uint64_t pa, prot;
	uint64_t within_va, within_end; /* entries without a VA: the range */
	uint64_t operand;		/* TLBI: bits to add to the operand: ASID, TTL */
	uint64_t value;			/* WRITE */
	uint64_t old;			/* what a probe read; 0 with has_old: an empty entry */
	bool has_old;
	uint64_t pfn; /* PAGE_*, TABLE */
	bool table_lost;
	bool in_ioremap, pages_only;
	bool in_break, in_flush;
	bool is_witnessed; /* FLUSH */
	bool is_write;
	uint64_t lost;
	uint64_t lost_after; /* LOST: time of the CPU's last event before; 0: it had none */
};

#define WRITE(cpu_, level_, va_, value_)                                                           \
	{                                                                                          \
		.kind = EVENT_WRITE, .cpu = (cpu_), .level = (level_), .va = (va_),                \
		.value = (value_)                                                                  \
	}
#define TLBI(cpu_, op_, va_)                                                                       \
	{                                                                                          \
		.kind = EVENT_TLBI, .cpu = (cpu_), .op = (op_), .va = (va_)                        \
	}
#define DSB(cpu_, op_)                                                                             \
	{                                                                                          \
		.kind = EVENT_DSB, .cpu = (cpu_), .op = (op_)                                      \
	}
#define FREE(cpu_, pfn_)                                                                           \
	{                                                                                          \
		.kind = EVENT_PAGE_FREE, .cpu = (cpu_), .pfn = (pfn_)                              \
	}
#define MAP(cpu_, va_, size_, pa_)                                                                 \
	{                                                                                          \
		.kind = EVENT_MAP, .cpu = (cpu_), .va = (va_), .end = (va_) + (size_),             \
		.pa = (pa_), .prot = PROT_DEVICE, .in_ioremap = true                               \
	}
#define MAPPED(cpu_, va_)                                                                          \
	{                                                                                          \
		.kind = EVENT_MAP_END, .cpu = (cpu_), .va = (va_), .done = DONE_YES                \
	}
#define UNMAP(cpu_, va_)                                                                           \
	{                                                                                          \
		.kind = EVENT_UNMAP, .cpu = (cpu_), .va = (va_)                                    \
	}
#define CLEAR(cpu_, va_, size_)                                                                    \
	{                                                                                          \
		.kind = EVENT_CLEAR, .cpu = (cpu_), .va = (va_), .end = (va_) + (size_)            \
	}
#define TABLE(cpu_, level_, va_, pfn_)                                                             \
	{                                                                                          \
		.kind = EVENT_TABLE, .cpu = (cpu_), .level = (level_), .va = (va_), .pfn = (pfn_), \
		.done = DONE_YES                                                                   \
	}
#define BLOCK(cpu_, level_, va_, pa_, done_)                                                       \
	{                                                                                          \
		.kind = EVENT_BLOCK, .cpu = (cpu_), .level = (level_), .va = (va_), .pa = (pa_),   \
		.prot = PROT_DEVICE, .done = (done_)                                               \
	}
#define BREAK(cpu_, level_, va_)                                                                   \
	{                                                                                          \
		.kind = EVENT_BREAK, .cpu = (cpu_), .level = (level_), .va = (va_)                 \
	}
#define BROKEN(cpu_, level_, va_, done_)                                                           \
	{                                                                                          \
		.kind = EVENT_BREAK_END, .cpu = (cpu_), .level = (level_), .va = (va_),            \
		.done = (done_)                                                                    \
	}
#define ACCESS(cpu_, va_)                                                                          \
	{                                                                                          \
		.kind = EVENT_ACCESS, .cpu = (cpu_), .va = (va_), .end = (va_) + 4                 \
	}
#define LOST(cpu_, count_)                                                                         \
	{                                                                                          \
		.kind = EVENT_LOST, .cpu = (cpu_), .lost = (count_), .lost_after = 1               \
	}
/* All that the CPU did before was overwritten. */
#define LATE_START(cpu_)                                                                           \
	{                                                                                          \
		.kind = EVENT_LOST, .cpu = (cpu_), .lost = LOST_COUNT_UNKNOWN                      \
	}

/* pgprot_t of ioremap() on Linux 4.14 (truth.json of traces/linux-4.14: "prot"). */
#define PROT_DEVICE UINT64_C(0xe8000000000707)

enum {
	REPLAY_FINDINGS = 32
};

/* What came out: the findings' plain members (pointers in them are not valid any more). */
struct replay {
	struct finding finding[REPLAY_FINDINGS];
	uint32_t nr_findings;
	struct finding_table table[REPLAY_FINDINGS][8]; /* copies of the first tables */
	struct audit_summary summary;
	uint64_t gap[COVERAGE_GAPS];
	struct mmu_undecided undecided;
	struct mmu_facts facts;
};

/* Fails the running cmocka test on any error. */
void replay_run(const struct step *steps, size_t count, uint32_t nr_cpus, struct replay *ret);

/* The same of an array of steps. */
#define REPLAY(steps, nr_cpus, ret)                                                                \
	replay_run(steps, sizeof(steps) / sizeof((steps)[0]), nr_cpus, ret)

/* What a run is told; all zero: one that is told nothing. */
struct replay_settings {
	uint32_t nr_cpus;
	uint32_t bbm_level;
	uint32_t granule, va_bits; /* 0: 4K, 48 */
	uint64_t clock_skew;	   /* steps are 1000 apart */
	bool geometry_is_assumed;
	uint64_t max_step_back;		    /* records came out of the order of time by so much */
	const struct capture_info *capture; /* NULL: one that says nothing of itself */
	enum probe_may_be may_be; /* of the only probe that is listed, which is not understood */
};
void replay_with(const struct step *steps, size_t count, const struct replay_settings *settings,
		 struct replay *ret);

/* The same of a capture that says something of itself. */
void replay_capture(const struct step *steps, size_t count, uint32_t nr_cpus,
		    const struct capture_info *capture, struct replay *ret);

/* The first finding of a rule; NULL: there is none. */
const struct finding *replay_find(const struct replay *replay, enum audit_rule rule);

/* Whether a finding gives this doubt among its reasons. */
bool finding_has_doubt(const struct finding *finding, enum audit_doubt doubt);

#endif
