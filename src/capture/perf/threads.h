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

struct thread {
	bool is_ended;
	uint8_t length;
	char comm[COMM_MAX];
};

struct threads {
	struct arena arena;
	struct pool pool;
	struct hash_map by_tid;
	int32_t last_tid; /* of the last that was asked for: the next is most often the same */
	const struct thread *last; /* NULL: the table has changed since */
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

/* The part of threads_comm() for another thread than the last. */
struct str threads_find_comm(struct threads *threads, int32_t tid);

/* Its name, valid until the next change; empty when it is not known. */
static inline struct str threads_comm(struct threads *threads, int32_t tid)
{
	const struct thread *last = threads->last;

	if (last && threads->last_tid == tid)
		return (struct str){last->comm, last->length};
	return threads_find_comm(threads, tid);
}

#endif
