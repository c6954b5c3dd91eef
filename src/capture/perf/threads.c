/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/perf/threads.h"

void threads_init(struct threads *threads)
{
	*threads = (struct threads){0};
	pool_init(&threads->pool, &threads->arena, sizeof(struct thread));
}

void threads_deinit(struct threads *threads)
{
	hash_deinit(&threads->by_tid);
	arena_deinit(&threads->arena);
}

static void forget(struct threads *threads, int32_t tid)
{
	threads->last = NULL;
	pool_put(&threads->pool, hash_remove(&threads->by_tid, (uint32_t)tid));
}

static struct thread *find(const struct threads *threads, int32_t tid)
{
	return hash_get(&threads->by_tid, (uint32_t)tid);
}

bool threads_name(struct threads *threads, int32_t tid, struct str comm)
{
	struct thread *thread = find(threads, tid);

	if (!thread && threads->by_tid.count >= THREADS_MAX)
		return true;
	if (!thread) {
		thread = pool_get(&threads->pool);
		if (!thread || !hash_set(&threads->by_tid, (uint32_t)tid, thread))
			return false;
	}
	comm = str_first(comm, COMM_MAX);
	memcpy(thread->comm, comm.text, comm.length);
	thread->length = (uint8_t)comm.length;
	thread->is_ended = false;
	return true;
}

bool threads_fork(struct threads *threads, int32_t tid, int32_t parent)
{
	char copy[COMM_MAX];
	struct str comm = threads_comm(threads, parent);

	if (!comm.length) { /* the name in the table, if any, is of a thread that ended */
		forget(threads, tid);
		return true;
	}
	memcpy(copy, comm.text, comm.length);
	return threads_name(threads, tid, (struct str){copy, comm.length});
}

void threads_exit(struct threads *threads, int32_t tid)
{
	struct thread *thread = find(threads, tid);

	if (!thread)
		return;
	thread->is_ended = true;

	int32_t *slot = &threads->ended[threads->nr_ended++ % THREADS_ENDED];
	int32_t oldest = *slot;

	*slot = tid;
	thread = threads->nr_ended > THREADS_ENDED ? find(threads, oldest) : NULL;
	if (thread && thread->is_ended)
		forget(threads, oldest);
}

struct str threads_find_comm(struct threads *threads, int32_t tid)
{
	const struct thread *thread = find(threads, tid);

	threads->last = thread;
	threads->last_tid = tid;
	if (thread)
		return (struct str){thread->comm, thread->length};
	/* The idle tasks; nobody announces them. */
	return tid == 0 ? STR("swapper") : (struct str){0};
}
