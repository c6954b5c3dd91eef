/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decoder is: decoder.c pulls records, record.c decodes them. */
#ifndef MMUREPLAY_EVENT_DECODER_H
#define MMUREPLAY_EVENT_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/capture.h>
#include <mmureplay/error.h>
#include <mmureplay/event.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/hash.h"

#include "event/classify.h"
#include "event/outbox.h"
#include "event/pair.h"
#include "event/summary.h"

struct decoder {
	struct capture *capture;
	const struct capture_info *info;
	const struct probe_profile *profile; /* NULL: none */
	struct arena arena;
	struct interned strings;
	struct classifier classifier;
	ARRAY_OF(struct plan *) plans; /* by record_type.id; NULL: not met */
	struct outbox outbox;
	struct pairing pairing;
	struct summary summary;
	struct record record;  /* the newest */
	uint64_t order;	       /* its number */
	struct str comm;       /* its, interned: the next is most often of the same task */
	struct error *failure; /* what ended the reading; given after the events before it */
	bool at_end;
	bool tells_before[2]; /* accesses (reads, writes) are traced before they are made */
};

/* Decodes decoder->record, a RECORD_EVENT or a RECORD_LOST. */
struct error *decode_record(struct decoder *decoder) MUST_CHECK;
void decode_lost(struct decoder *decoder);

/* The capture has ended: adds the probes that it says were there and never hit. */
struct error *decode_defined(struct decoder *decoder) MUST_CHECK;

/* Then counts the hits that the profile says were missed. */
struct error *decode_profile(struct decoder *decoder) MUST_CHECK;

#endif
