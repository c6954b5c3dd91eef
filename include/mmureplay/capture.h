/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stage 1, capture: a recorded file or stream -> records.
 *
 * A reader is pulled one record at a time.  What it hands out points into its buffers and is valid
 * until the next pull; record types and names stay until the capture is closed.  A reader knows
 * nothing of what an event means: it knows times, CPUs, tasks, names and fields.
 */
#ifndef MMUREPLAY_CAPTURE_H
#define MMUREPLAY_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

/* A probe fetches a handful of arguments; fields of an event beyond this many are left out. */
#define RECORD_MAX_FIELDS 32
/* The kernel's own limit on a call chain (kernel.perf_event_max_stack, default). */
#define RECORD_MAX_FRAMES 127
/* Count of lost events when the capture says that there were some, but not how many. */
#define LOST_COUNT_UNKNOWN UINT64_MAX
/* The task of a record whose text does not name it (perf script -F without pid). */
#define PID_UNKNOWN INT32_MIN
/* Likewise for the CPU. */
#define CPU_UNKNOWN UINT32_MAX
/* The id of a record type that no record was of. */
#define TYPE_UNMET UINT32_MAX

/*
 * What all records of one sort have in common.  Made by the reader when it first meets one (or reads
 * its definition), never changed after, valid until the capture is closed.  Two records are of one
 * type when name, probed place, direction (call or return) and field names are all equal.
 */
struct record_type {
	uint32_t id;	   /* dense, from 0, in order of appearance; or TYPE_UNMET */
	struct str system; /* "pgt", "kprobes"; empty where a text does not print it */
	struct str name;   /* "pmd_set_huge" */
	struct str symbol; /* the probed function without "[module]"; empty when unknown */
	struct str module; /* the module of `symbol`; empty for the kernel itself */
	uint64_t offset;   /* of the probe within `symbol` */
	bool is_return;	   /* a kretprobe: the record is taken when the function returns */
	bool is_probe;	   /* a dynamic probe, by its form: also where `symbol` is unknown */
	uint32_t nr_fields;
	struct str field[RECORD_MAX_FIELDS]; /* names, in the record's order */
};

/* One value.  A value that is no number (a string, "(fault)", symbolic flags) has only `text`. */
struct record_field {
	uint64_t number;
	struct str text; /* empty (text == NULL) when `number` is valid */
};

/* One caller in a call chain, innermost first. */
struct record_frame {
	uint64_t address; /* 0 when only the symbol is known */
	struct str symbol; /* "ioremap_prot+0xa8", as printed; empty when only the address is known */
};

/* A place in a capture, to point a person at. */
struct record_place {
	uint32_t file;	   /* index into capture_info.files */
	uint64_t position; /* line (from 1) of a text, byte offset (from 0) of a binary file */
};

struct record {
	const struct record_type *type; /* RECORD_EVENT only */
	uint64_t time;			/* ns, or ticks when capture_info.clock_is_ticks */
	uint32_t cpu;
	int32_t pid; /* of the thread, 0 for the idle tasks */
	struct str comm;
	struct record_place place;
	uint64_t address;	 /* of the probe; 0 when the capture does not say */
	struct str caller;	 /* returns: where to, "nmap+0x84/0x140 [ht]"; or empty */
	uint64_t caller_address; /* the same as an address; 0 when only the symbol is known */
	uint32_t nr_fields;	 /* equals type->nr_fields */
	uint32_t nr_frames;	 /* RECORD_STACK, or an event that carries its own chain */
	const struct record_frame *frame;
	uint64_t lost; /* RECORD_LOST: how many, or LOST_COUNT_UNKNOWN */
	struct record_field field[RECORD_MAX_FIELDS];
};

enum capture_step {
	/* An event of a wanted type: all members but `lost` are set. */
	RECORD_EVENT,
	/* Events of `cpu` were lost between its last record and its next: `cpu`, `lost`, `place`. */
	RECORD_LOST,
	/* The call chain of the last record of this CPU (time, cpu and pid are that record's). */
	RECORD_STACK,
	/* The end of the capture.  capture_info is complete now. */
	RECORD_END,
	/* Reading failed; what came before is valid.  The error is the caller's. */
	RECORD_ERROR,
};

/* One of several files that are read as one. */
struct capture_part {
	const char *kind;
	uint64_t nr_records;		/* as in capture_info */
	uint64_t first_time, last_time; /* of the events handed out; both 0: none was */
};

/* What a capture says about itself.  Grows while it is read; complete at RECORD_END. */
struct capture_info {
	const char *kind;     /* "ftrace text", "trace-cmd report", "perf script", ... */
	const char *clock;    /* "local", "mono", ...; NULL when the capture does not say */
	const char *release;  /* kernel release; NULL when the capture does not say */
	const char *build_id; /* of the kernel, in hexadecimal; NULL when it is not said */
	const char *host;     /* the machine's name; NULL when the capture does not say */
	bool is_binary;	      /* positions are byte offsets, not lines; see capture_is_binary() */
	bool clock_is_ticks;  /* times are counts (counter, tsc): no seconds may be printed */
	uint64_t time_resolution; /* ns that one printed step stands for: 1000 for usec texts */
	uint32_t nr_cpus;	  /* 0 when the capture does not say */
	uint64_t nr_records;	  /* records met, wanted or not */
	uint64_t nr_unread;	  /* lines or records that could not be understood */
	struct record_place first_unread; /* the first of them */
	/* Events that a second instance or file told again; handed out once.  Of wanted types only. */
	uint64_t nr_repeated;
	uint64_t entries_in_buffer; /* of the ring buffer's header; 0 when there is none */
	uint64_t entries_written;   /* more than in the buffer: its start was overwritten */
	bool hides_losses; /* this kind of text is not able to show that events were lost */
	bool truncated;	   /* the capture ends in the middle of something ... */
	struct record_place truncated_at; /* ... here: of several files, in the first such one */
	bool is_sampled;    /* of some events only every n-th was recorded (perf record -c, -F) */
	bool of_some_tasks; /* only what some tasks did was recorded (perf record without -a) */
	const char *kernel_symbol; /* a symbol of the kernel whose address was recorded, or NULL: */
	uint64_t kernel_address;   /* less its address in vmlinux this is the slide of KASLR */
	const char *const *files;  /* the inputs' names, as record_place.file counts them */
	uint32_t nr_files;
	const struct capture_part *parts; /* of several files, each; NULL: it is the only one */
	const bool *are_binary; /* is_binary of each of the files; NULL: as is_binary says */
	uint64_t recording;	/* the same in all files of one recording; 0 when it is not said */
	/*
	 * Of several files: they were not recorded at the same time, and one has events of a type that
	 * another has none of.  Perhaps it did not happen; perhaps it was not recorded.  Set at
	 * RECORD_END.
	 */
	bool is_uneven;
	bool is_unproven; /* of several files: nothing shows that they are of one boot */
	/*
	 * The probes that the recorded kernel had, of captures that say so; set at RECORD_END.  One
	 * that was hit is here with its type; one that was not has the id TYPE_UNMET, and in binary
	 * captures no symbol, as only its records would tell the address.  That it was defined does not say that it was
	 * enabled.
	 */
	const struct record_type *const *defined;
	uint32_t nr_defined;
};

/* Whether the positions in one of the files are byte offsets. */
static inline bool capture_is_binary(const struct capture_info *info, uint32_t file)
{
	return info->are_binary && file < info->nr_files ? info->are_binary[file] : info->is_binary;
}

struct capture;
struct kernel; /* vmlinux-kernel.h */

/*
 * Opens a file, or standard input for "-", and finds out what it is from its content.  Fails with
 * ERROR_SYSTEM when it cannot be read and with ERROR_FORMAT when it is no known kind of capture.
 */
struct error *capture_open(const char *path, struct capture **ret) MUST_CHECK;

/*
 * Opens several at once: their records come as one capture's, by time, and record_place.file tells
 * whose each is.  They must be of one clock and one boot of one machine.  Files that are named twice
 * are an ERROR_USAGE, here; so are files that do not belong together, from the first capture_next(),
 * since some say it only there.
 *
 * They are parts of one recording or were recorded at the same time.  An event that two of them tell
 * comes once.  Where one begins when all others have ended, events of all CPUs were lost in between,
 * unless both are of one recording.  One that cannot be read to its end does not stop the others.
 */
struct error *capture_open_all(const char *const *paths, size_t nr,
			       struct capture **ret) MUST_CHECK;

/* Closes; accepts NULL.  All that the capture handed out is gone after this. */
void capture_close(struct capture *capture);

/*
 * Sets the question "are records of this type wanted?", asked once for each type as it is met.
 * Records of other types are counted, and passed over as cheaply as the format allows.  Without a
 * filter all are wanted.  To be set before the first capture_next().
 */
typedef bool capture_filter(void *context, const struct record_type *type);
void capture_set_filter(struct capture *capture, capture_filter *filter, void *context);

/*
 * Leaves one ring buffer of several: that of the tracing instance called `name`, or the top one for
 * "".  To be set before the first capture_next().  Fails with ERROR_USAGE when there is none of that
 * name, which of a text only its end shows; without this all are merged.
 */
struct error *capture_set_instance(struct capture *capture, const char *name) MUST_CHECK;

/*
 * Names the addresses of a capture by the kernel that it is of, where the capture has no symbols of
 * its own: probed places, callers, call chains.  What the capture says of its kernel is held against
 * it, at once and later: ERROR_USAGE when it is another one.  `kernel` must outlive the capture.  To
 * be set before the first capture_next().
 */
struct error *capture_set_kernel(struct capture *capture, struct kernel *kernel) MUST_CHECK;

/* Pulls the next record into `*record`.  `*err` is set with RECORD_ERROR only. */
enum capture_step capture_next(struct capture *capture, struct record *record,
			       struct error **err) MUST_CHECK;

/* What is known of the capture by now; valid until it is closed. */
const struct capture_info *capture_info(const struct capture *capture);

#endif
