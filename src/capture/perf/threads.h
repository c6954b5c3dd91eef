/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of the threads, as they change. */
#ifndef MMUREPLAY_CAPTURE_PERF_THREADS_H
#define MMUREPLAY_CAPTURE_PERF_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/str.h>

#include "base/arena.h"
#include "base/hash.h"

enum {
	/* TASK_COMM_LEN of Linux (include/linux/sched.h). */
	COMM_MAX = 16,
	/* Threads alive at one time; the names of more are not kept. */
	THREADS_MAX = 256 * 1024,
	/* Threads that ended, whose names are kept for what they still do. */
	THREADS_ENDED = 256,
};

struct threads {
	struct arena arena;
	struct pool pool;
	struct hash_map by_tid;
	int32_t ended[THREADS_ENDED];
	uint32_t nr_ended;
};

void threads_init(struct threads *threads);
void threads_deinit(struct threads *threads);

/* The thread is called so from now on.  All return false when memory is short. */
bool threads_name(struct threads *threads, int32_t tid, struct str comm);

/* The thread begins, with the name of the one that made it. */
bool threads_fork(struct threads *threads, int32_t tid, int32_t parent);

/* The thread ends. */
void threads_exit(struct threads *threads, int32_t tid);

/* Its name, valid until the next change; empty when it is not known. */
struct str threads_comm(const struct threads *threads, int32_t tid);

#endif
