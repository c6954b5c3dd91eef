/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The perf.data reader's own state, shared by its files. */
#ifndef MMUREPLAY_CAPTURE_PERF_PERF_H
#define MMUREPLAY_CAPTURE_PERF_PERF_H

#include "base/buffer.h"

#include "capture/formats.h"
#include "capture/perf/events.h"
#include "capture/perf/losses.h"
#include "capture/perf/queue.h"
#include "capture/perf/sample.h"
#include "capture/perf/stream.h"
#include "capture/perf/threads.h"
#include "capture/reader.h"
#include "capture/spool.h"

/* How a file ends; without its end it has no formats of events. */
enum perf_ending {
	ENDING_WHOLE,	   /* where its header says */
	ENDING_UNFINISHED, /* perf record did not come to write the end */
	ENDING_CUT,	   /* before its header says */
};

struct perf_reader {
	bool big_endian;
	bool is_pipe;
	enum perf_ending ending;
	struct spool spool; /* a file; a pipe is read as it comes */
	struct input data;  /* its data section */
	struct stream stream;
	struct event_table events;
	struct formats formats;
	struct symbols symbols;
	struct threads threads;
	struct queue queue;
	struct losses losses;
	struct buffer split;   /* a record in pieces, so far; see simpleperf.c */
	struct error *failure; /* what ended the reading; given after the records before it */
	bool at_end;
};

/* Reads what is before the records, and opens the stream of them. */
struct error *perf_read_header(struct capture *capture) MUST_CHECK;

/* Adds an event, whose ids are the rest of the cursor. */
struct error *perf_add_event(struct capture *capture, const struct perf_attr *attr,
			     struct cursor *ids) MUST_CHECK;

/* Whether a feature says anything that is needed. */
bool perf_wants_feature(uint64_t feature);

/* Reads a feature, from a file's section or a pipe's record. */
struct error *perf_read_feature(struct capture *capture, uint64_t feature,
				struct cursor *cursor) MUST_CHECK;

/* Takes the kernel's build id, unless it is empty or there is one already. */
struct error *perf_take_build_id(struct capture *capture, struct str id) MUST_CHECK;

/* Reads one build id, behind its header, or a section of them. */
struct error *perf_read_build_id(struct capture *capture, uint16_t misc,
				 struct cursor *body) MUST_CHECK;
struct error *perf_read_build_ids(struct capture *capture, struct cursor *cursor) MUST_CHECK;

/* Reads the formats of the events. */
struct error *perf_read_tracing_data(struct capture *capture, struct cursor *cursor) MUST_CHECK;

/* Takes the first kallsyms that are not empty. */
struct error *perf_set_symbols(struct capture *capture, struct str kallsyms) MUST_CHECK;

/* Takes a sample into the queue, if it is wanted. */
struct error *perf_take_sample(struct capture *capture,
			       const struct perf_record *record) MUST_CHECK;

/* Takes any other record: into the queue, or what it says of the recording. */
struct error *perf_take_record(struct capture *capture,
			       const struct perf_record *record) MUST_CHECK;

/* The part of perf_take_record() for the types of simpleperf. */
struct error *perf_take_simpleperf(struct capture *capture,
				   const struct perf_record *record) MUST_CHECK;

struct item;

/* Fills in `record` from an ITEM_SAMPLE. */
void perf_decode_sample(struct capture *capture, const struct item *item, struct record *record);

/* Counts something at `position` that is not as it should be. */
void perf_note_unread(struct capture *capture, uint64_t position);

#endif
