/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 2, event: records -> events that the MMU model understands.
 *
 * What a record means comes from the probed symbol first, the event's name second and its fields
 * third.  Calls are paired with their returns per task, nested wrappers become one event, and what a
 * capture does not say is marked as unknown, never guessed.  No capture format passes this waist.
 */
#ifndef MMUREPLAY_EVENT_H
#define MMUREPLAY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/error.h>
#include <mmureplay/str.h>

/*
 * Events are handed out as they become known: one that waited for its function to return comes after
 * what other tasks did in between.  `where` is the call's all the same, and `order` can step back.
 */

/* Who did something, when and where, and where that stands in the capture. */
struct event_where {
	uint64_t time; /* as record.time */
	uint32_t cpu;
	int32_t pid;
	struct str comm; /* valid as long as the decoder */
	struct record_place place;
	uint64_t order; /* number of the record among those read, from 1; 0: unset */
};

/* On whose behalf: the first caller outside the mapping functions themselves. */
struct event_origin {
	struct str symbol; /* "set_run+0x318/0x1784 [ht]"; empty when only the address is known */
	struct str source; /* "drivers/ht.c:123", of a kernel or module with DWARF; or empty */
	uint64_t address;  /* 0 when only the symbol is known */
	uint32_t nr_frames;
	const struct record_frame *frame; /* the call chain where one was recorded, innermost first */
	const struct str *frame_source;	  /* of each frame, as `source`; NULL: of none of them */
};

/* The kernel's names of the levels, leaf first; folded ones are the model's business. */
enum kernel_level {
	KERNEL_PTE,
	KERNEL_PMD,
	KERNEL_PUD,
	KERNEL_P4D,
	KERNEL_PGD,
};

/* Did a function do what it is for?  Its return value says so, when the capture has it. */
enum event_done {
	DONE_UNKNOWN,
	DONE_NO,
	DONE_YES,
};

/* Where a TLBI is heard (Arm ARM, "TLB maintenance instruction scope"). */
enum tlbi_scope {
	TLBI_LOCAL, /* no suffix: the issuing CPU only */
	TLBI_INNER, /* IS */
	TLBI_OUTER, /* OS: includes the inner shareable domain */
};

/* What a TLBI names. */
enum tlbi_reach {
	TLBI_ALL,   /* VMALLE1, ALLE1 */
	TLBI_ASID,  /* ASIDE1 */
	TLBI_VA,    /* VAE1, VAAE1, VALE1, VAALE1 */
	TLBI_RANGE, /* RVAE1 and its relatives (FEAT_TLBIRANGE) */
};

struct tlbi_op {
	enum tlbi_scope scope;
	enum tlbi_reach reach;
	bool last_level; /* the L forms: no table entries */
	bool any_asid;	 /* the A forms, and TLBI_ALL */
	bool no_xs;	 /* the nXS forms (FEAT_XS); same reach */
	uint8_t el;	 /* exception level in the name: 1, or 2 (not the kernel's regime) */
	bool from_el2;	 /* ALLE1, VMALLS12E1: of EL1, and can be issued at EL2 only */
};

/* Which accesses and CPUs a barrier waits for. */
struct dsb_type {
	bool stores_only; /* ISHST, NSHST, OSHST, ST */
	bool this_cpu;	  /* NSH: not enough for a broadcast TLBI (R_PSMWS) */
};

enum mmu_event_kind {
	/* Leaves va..end are being made for pa..; `in_ioremap`, `pages_only`; done is unknown. */
	EVENT_MAP,
	/* The function that made the mapping at va has returned: done, origin. */
	EVENT_MAP_END,
	/* Someone asked to undo the mapping at va (rounded down to 4 KiB): origin. */
	EVENT_UNMAP,
	/* Leaves va..end were cleared. */
	EVENT_CLEAR,
	/* A block was stored (DONE_YES), or refused (DONE_NO), in the entry: pa, prot. */
	EVENT_BLOCK,
	/* The entry was cleared if it held a block: done says whether it did. */
	EVENT_BLOCK_CLEAR,
	/* A new table was installed in the entry, unless another CPU was first: table_pfn. */
	EVENT_TABLE,
	/* A function that breaks the entry, invalidates and frees its table has been entered ... */
	EVENT_BREAK,
	/* ... and has returned, or was seen to be over: done says whether it did so. */
	EVENT_BREAK_END,
	/* A descriptor was stored as it is: value.  Only probes that a user maps give this. */
	EVENT_WRITE,
	/* 2^page_order pages from page frame pfn on left or came back to the page allocator. */
	EVENT_PAGE_ALLOC,
	EVENT_PAGE_FREE,
	/* An instruction: op, operand. */
	EVENT_TLBI,
	EVENT_DSB,
	/*
	 * A function returned that is known to invalidate va..end (all, where both are 0).  Where its
	 * returns are not traced, it has only been called by now: DONE_UNKNOWN.
	 */
	EVENT_FLUSH,
	/* An MMIO accessor reads or writes (is_write) va..end.  Of the tracepoints rwmmio:*. */
	EVENT_ACCESS,
	/*
	 * Events of where.cpu were lost after its last event, at lost_after.  where.time is that of the
	 * newest record of any CPU: a loss has no time of its own.
	 */
	EVENT_LOST,
	EVENT_KINDS
};

struct mmu_event {
	enum mmu_event_kind kind;
	enum event_done done;
	struct event_where where; /* the call's, also when the event is known only at its return */
	uint64_t end_time;	  /* when the function returned; where.time when that is unknown */
	/* What did it: "pmd_set_huge", "__purge_vmap_area_lazy+0x100"; empty: not known. */
	struct str symbol;
	const struct event_origin *origin; /* NULL: unknown */

	/* An entry: BLOCK, BLOCK_CLEAR, TABLE, BREAK, WRITE. */
	enum kernel_level level;
	uint64_t entry; /* its own address ("pmdp"); 0: unknown */
	bool has_old;	/* `old` was fetched by the probe, when the function was entered */
	uint64_t old;
	uint64_t value;	    /* WRITE */
	bool has_table_pfn; /* TABLE: a page was seen being allocated in the call */
	uint64_t table_pfn; /* TABLE: its page frame.  May be another's than installed */
	bool table_lost;    /* TABLE: the page was freed at once: another CPU was first */

	/* VAs.  Where an entry's own VA is not known (!has_va), it lies in `within`. */
	bool has_va;
	uint64_t va, end; /* [va, end) */
	struct {
		uint64_t va, end; /* the enclosing range call; both 0: none */
		bool has_pa;
		uint64_t pa; /* of `va` */
	} within;

	/* MAP, BLOCK. */
	bool has_pa, has_prot;
	uint64_t pa, prot;
	bool in_ioremap; /* the mapping is an ioremap's; otherwise vmap's or vmalloc's */
	bool pages_only; /* this function never makes blocks */

	/* TLBI, DSB. */
	struct tlbi_op op;
	bool has_operand;
	uint64_t operand;
	struct dsb_type dsb;
	struct str inside; /* the traced function that the task is in; empty: none */
	bool in_flush;	   /* ... or that the site is in, flushes ranges: a purge, an unmap */
	bool in_break;	   /* ... or breaks and frees: pmd_free_pte_page(), pud_free_pmd_page() */

	bool is_write; /* ACCESS */

	uint64_t pfn;	     /* PAGE_ALLOC, PAGE_FREE: page frame number, in granules */
	uint32_t page_order; /* PAGE_ALLOC, PAGE_FREE */
	/*
	 * FLUSH: TLBIs that its task issued between call and return; where only the call is known, not
	 * 0 if earlier calls issued some.
	 */
	uint32_t nr_tlbi;
	bool is_witnessed; /* FLUSH: somebody was seen asking for just this, and nothing is assumed */
	uint64_t lost;	   /* LOST: how many, or LOST_COUNT_UNKNOWN */
	uint64_t lost_after; /* LOST: time of the CPU's last event before, 0 when none was seen */
};

/* "vaae1is", also with a number or prefix as in "vaae1is_3", "tlbi_vmalle1"; false: no TLBI. */
bool tlbi_op_parse(struct str name, struct tlbi_op *ret);

/* The mnemonic in lower case; `buffer` of TLBI_NAME_MAX bytes. */
enum {
	TLBI_NAME_MAX = 16
};
const char *tlbi_op_name(struct tlbi_op op, char *buffer);

/* "dsb_ish", "dsb_ishst_4"; false: no DSB. */
bool dsb_type_parse(struct str name, struct dsb_type *ret);

/* A name for people and for `mmureplay events`: "map", "block", "tlbi", ... */
const char *mmu_event_name(enum mmu_event_kind kind);

/* What a probe that is not understood may be all the same. */
enum probe_may_be {
	MAY_BE_NOTHING,	 /* nothing that matters here: where it is set is known */
	MAY_BE_TLBI,	 /* inside a function of the kernel, at an instruction that is not known */
	MAY_BE_ANYTHING, /* at an address of the kernel that has no name */
};

/* What is known of one probe: a record type that means something. */
struct event_probe {
	const struct record_type *type;
	const char *meaning;	  /* "pmd_set_huge", "tlbi", "page free"; NULL: not understood */
	enum probe_may_be may_be; /* of one that was hit and is not understood */
	bool lacks_operand; /* ... as it is a TLBI by address, and did not fetch the address */
	uint64_t count;	    /* 0: never hit; or a tracepoint of others, which is passed over */
	uint64_t missed;    /* hits that the kernel missed, where a probe_profile says so */
	/* What the kernel's image has there, "vaale1is", where the name says otherwise; or NULL. */
	const char *instruction;
};

/* What the decoder met, for the coverage. */
struct event_summary {
	/* All record types, in order of appearance; then probes that were there and never hit. */
	const struct event_probe *probe;
	uint32_t nr_probes;
	uint64_t nr_events[EVENT_KINDS];
	/* Set at the end: probes that were there and never hit are among them. */
	bool knows_unhit;
	bool traced[EVENT_KINDS]; /* set at the end: a probe that gives these was there, hit or not */
	uint64_t first_time, last_time; /* of records that mean something; 0, 0 when none */
	uint64_t nr_missed_hits;	/* set at the end: of probes that mean something */
	uint64_t nr_missing_returns;	/* calls whose return should have been there */
	uint64_t nr_stray_returns;	/* returns of calls that were not seen */
	uint64_t nr_unnamed;		/* records of probes with an address and no symbol */
	uint32_t nr_unmet_unknown; /* set at the end: probes never hit, with names that say nothing */
	uint64_t nr_open_calls;	   /* calls that are not over by now */
	uint64_t nr_time_steps_back; /* records earlier than the one before */
	uint64_t max_step_back;	     /* the largest, in units of record.time */
	uint32_t max_cpu;	     /* highest CPU number met */
};

struct decoder;
struct kernel; /* vmlinux-kernel.h */

/* What --event-map FILE says; see mmureplay(1).  NULL: nothing. */
struct event_map;
struct error *event_map_load(const char *path, struct event_map **ret) MUST_CHECK;
void event_map_destroy(struct event_map *map);

/* What a file from tracefs kprobe_profile says: the hits that the kernel missed. */
struct probe_profile;
struct error *probe_profile_load(const char *path, struct probe_profile **ret) MUST_CHECK;
void probe_profile_destroy(struct probe_profile *profile);

/* Decodes `capture`; both must outlive the decoder. */
struct error *decoder_create(struct capture *capture, const struct event_map *map,
			     struct decoder **ret) MUST_CHECK;
void decoder_destroy(struct decoder *decoder);

/* Sets the profile of the capture's probes, which must outlive the decoder. */
void decoder_set_profile(struct decoder *decoder, const struct probe_profile *profile);

/*
 * Sets the kernel that the capture is of, which must outlive the decoder: before the first event.
 * Where its image has a TLBI or a barrier at a probe's place, that counts, whatever the probe is called.
 * A probe that is named for one and set where there is none ends the decoding with ERROR_USAGE, unless
 * it is proven that the image is the captured kernel's.
 */
void decoder_set_kernel(struct decoder *decoder, struct kernel *kernel);

enum decode_step {
	DECODE_EVENT,
	DECODE_END,
	DECODE_ERROR, /* the error is the caller's; what came before is valid */
};

/*
 * Pulls the next event, valid until the next call; its strings and origin stay valid as long as the
 * decoder.
 */
enum decode_step decoder_next(struct decoder *decoder, const struct mmu_event **ret,
			      struct error **err) MUST_CHECK;

/* What was met by now; valid until the decoder is destroyed, and brought up to date by this. */
const struct event_summary *decoder_summary(struct decoder *decoder);

#endif
