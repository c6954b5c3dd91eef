/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beside the captures: from a kernel to the probes that a capture of it needs.
 *
 * A plan says which kprobes to set: on functions, with the registers that hold their arguments, and
 * on TLBI instructions, with the register that holds the operand; and which not, and why.
 */
#ifndef MMUREPLAY_PROBES_H
#define MMUREPLAY_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <mmureplay/error.h>
#include <mmureplay/vmlinux.h>

/* Probes of one group are hit equally often, and can be left out together. */
enum probe_group {
	GROUP_IO,    /* who maps and unmaps devices */
	GROUP_RANGE, /* which ranges are mapped and cleared */
	GROUP_ENTRY, /* single descriptors: blocks, breaks, the kernel's PTE tables */
	GROUP_TABLE, /* tables that are allocated for processes, too */
	GROUP_TLBI,
	GROUP_DSB,
	GROUP_PAGE, /* the page allocator's own events */
	PROBE_GROUPS
};

struct probe_group_info {
	const char *name; /* of the kprobes: "mmu_io" */
	const char *what; /* "ioremap() and iounmap()" */
	const char *rate; /* how often they are hit */
};

const struct probe_group_info *probe_group_info(enum probe_group group);

enum probe_kind {
	PROBE_CALL,	   /* at a function's entry */
	PROBE_RETURN,	   /* a kretprobe */
	PROBE_INSTRUCTION, /* at a TLBI or DSB, or at a call of a function that hides its TLBIs */
	PROBE_TRACEPOINT,  /* an event that the kernel has */
};

struct probe {
	enum probe_group group;
	enum probe_kind kind;
	const char *name; /* of the event, without its group; of a tracepoint "kmem:mm_page_free" */
	const char *where;  /* "pmd_set_huge", "vunmap_range+0x44", "_stext+0x1234" */
	const char *fetch;  /* "pmdp=%x0 old=+0(%x0):x64"; of a tracepoint its filter; may be "" */
	const char *reason; /* why it cannot be set; NULL: it can */
	const struct vmlinux_site *site; /* INSTRUCTION; the op of a call is the function's name */
};

/* A function that is worth a probe, but not in this kernel. */
struct probe_absent {
	const char *symbol;
	const char *versions; /* "4.9 - 5.19": kernels that have it */
	const char *purpose;  /* "maps device memory" */
	const char *instead;  /* "ioremap_prot", those here that do the same; "": none */
};

struct probe_options {
	bool minimal; /* no more than the verdicts on blocks and tables need */
	bool dsb;     /* also barriers */
	bool callers; /* also call chains of mappings */
	bool all;     /* also list the instructions that are about other things */
};

struct probe_plan {
	const struct vmlinux *vmlinux;
	struct probe_options options;
	const struct probe *probe; /* by group, and by address */
	size_t nr_probes;
	const struct probe_absent *absent;
	size_t nr_absent;
	uint32_t nr_set[PROBE_GROUPS];	   /* probes that can be set */
	uint32_t nr_returns[PROBE_GROUPS]; /* of those */
};

/* `vmlinux` must outlive the plan.  An image without any of the functions is an ERROR_FORMAT. */
struct error *probe_plan_create(const struct vmlinux *vmlinux, const struct probe_options *options,
				struct probe_plan **ret) MUST_CHECK;

/* Accepts NULL. */
void probe_plan_destroy(struct probe_plan *plan);

/*
 * The number of tasks that may be in one function at a time (rN: in kprobe_events).  The kernel's own
 * default, twice the CPUs or fewer, is too low for functions that sleep; what is missed is lost.
 */
enum {
	PROBE_MAXACTIVE = 64,
};

/* "p", "r64": what comes before the colon in kprobe_events; a plan for an old kernel has "r". */
const char *probe_type(const struct probe_plan *plan, const struct probe *probe);

/* How a plan is written. */
enum probe_format {
	PROBE_FORMAT_LIST,	/* for people */
	PROBE_FORMAT_TRACEFS,	/* lines for kprobe_events */
	PROBE_FORMAT_TRACE_CMD, /* shell commands */
	PROBE_FORMAT_PERF,	/* the same */
	PROBE_FORMAT_JSON,	/* the TLBI instructions */
	PROBE_FORMAT_SCRIPT,	/* a shell script that records on the target */
	PROBE_FORMATS
};

/* Write errors stay in `file`, for ferror(). */
struct error *probe_plan_write(const struct probe_plan *plan, enum probe_format format,
			       FILE *file) MUST_CHECK;

#endif
