/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several captures as one: parts of one recording, or recordings that were made at the same time.
 * Each part is a capture of its own, pulled when its next record is the oldest.
 */
#ifndef MMUREPLAY_CAPTURE_JOINED_H
#define MMUREPLAY_CAPTURE_JOINED_H

#include "base/array.h"
#include "capture/merge.h"
#include "capture/reader.h"
#include "capture/repeat.h"

struct joined;

/* Events that were lost, to be told before the part's next record. */
struct part_loss {
	uint32_t cpu;
	uint64_t lost;
	struct record_place place;
};

struct part {
	struct joined *joined;
	struct capture *capture;
	uint32_t file;				   /* its number in capture_info.files */
	ARRAY_OF(const struct known_type *) types; /* by the part's ids: ours */
	struct record record;			   /* the next one */
	enum capture_step step;			   /* what it is */
	uint64_t time;				   /* when its turn comes */
	ARRAY_OF(struct part_loss) losses;	   /* before it */
	size_t next_loss;
	uint64_t nr_records; /* of its info, as far as ours has them */
	bool has_begun;	     /* a record of it was handed out */
	size_t epoch;	     /* how many gaps were before it */
	bool skips_stack;    /* its last event was told by another part already */
};

struct joined {
	struct capture *capture; /* ours */
	struct part *parts;
	size_t nr_parts;
	struct merge merge;
	struct part *current; /* whose record was handed out last, and stays until the next pull */
	struct repeat repeat;
	uint64_t nr_repeated;			      /* by a part, of another */
	ARRAY_OF(const struct record_type *) defined; /* capture_info.defined */
	struct error *failure; /* of a part; given when all that can be read was */
	uint32_t nr_cpus;      /* seen */
	uint64_t newest;       /* time of what was handed out */
	size_t nr_gaps;	       /* in which nothing was recorded, as far as is known */
	bool is_started;
	const char **files;
	bool *are_binary;
	struct capture_part *told; /* capture_info.parts */
};

/*
 * joined-info.c: why these cannot be one recording's or one boot's, with the names of the two that
 * differ; NULL when nothing speaks against it.
 */
struct error *joined_check(const struct joined *joined) MUST_CHECK;

/* joined-info.c: makes our info of those of the parts. */
struct error *joined_tell(struct joined *joined) MUST_CHECK;

/* joined-info.c: sets capture_info.is_uneven; at the end of all. */
struct error *joined_compare_epochs(struct joined *joined) MUST_CHECK;

/* joined-info.c: lists the probes that no part hit. */
struct error *joined_list_probes(struct joined *joined) MUST_CHECK;

/* Makes `capture`, which is new, of captures; they are the joined one's in any case. */
struct error *joined_open(struct capture *capture, struct capture **parts, size_t nr) MUST_CHECK;

#endif
