/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events that are known to be lost, but not when.
 *
 * The kernel counts what does not fit into a CPU's ring buffer and tells it with a LOST record before
 * the next one that fits.  Since Linux 6.0 it also counts for each event (PERF_FORMAT_LOST), and
 * perf record writes those counts at the end, as LOST_SAMPLES without a time.  They hold what the
 * LOST records said already; what is left over was lost after the CPU's last record.
 */
#ifndef MMUREPLAY_CAPTURE_PERF_LOSSES_H
#define MMUREPLAY_CAPTURE_PERF_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"

struct cpu_loss {
	uint64_t told;	   /* by LOST */
	uint64_t counted;  /* by LOST_SAMPLES */
	uint64_t position; /* of the last of these */
};

struct losses {
	ARRAY_OF(struct cpu_loss) cpus;
	struct cpu_loss unknown; /* of which CPU they are */
	size_t next;		 /* CPU that was not asked for yet */
};

void losses_deinit(struct losses *losses);

/* Adds a LOST.  Both return false when memory is short. */
bool losses_tell(struct losses *losses, uint32_t cpu, uint64_t count);

/* Adds a LOST_SAMPLES without a time. */
bool losses_count(struct losses *losses, uint32_t cpu, uint64_t count, uint64_t position);

/* At the end: the next CPU with a loss that no LOST told; false when there are no more. */
bool losses_next(struct losses *losses, uint32_t *cpu, uint64_t *count, uint64_t *position);

#endif
