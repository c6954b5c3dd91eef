/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <mmureplay/capture.h>

#include "capture/perf/abi.h"
#include "capture/perf/losses.h"

void losses_deinit(struct losses *losses)
{
	array_deinit(&losses->cpus);
}

/* The losses of a CPU, or of all that cannot be said which; NULL when memory is short. */
static struct cpu_loss *loss_of(struct losses *losses, uint32_t cpu)
{
	if (cpu > PERF_CPU_MAX)
		return &losses->unknown;
	while (losses->cpus.count <= cpu)
		if (!array_push(&losses->cpus, (struct cpu_loss){0}))
			return NULL;
	return &losses->cpus.at[cpu];
}

static void add_saturated(uint64_t *sum, uint64_t count)
{
	if (__builtin_add_overflow(*sum, count, sum))
		*sum = UINT64_MAX;
}

bool losses_tell(struct losses *losses, uint32_t cpu, uint64_t count)
{
	struct cpu_loss *loss = loss_of(losses, cpu);

	if (loss)
		add_saturated(&loss->told, count);
	return loss != NULL;
}

bool losses_count(struct losses *losses, uint32_t cpu, uint64_t count, uint64_t position)
{
	struct cpu_loss *loss = loss_of(losses, cpu);

	if (!loss)
		return false;
	add_saturated(&loss->counted, count);
	loss->position = position;
	return true;
}

bool losses_next(struct losses *losses, uint32_t *cpu, uint64_t *count, uint64_t *position)
{
	const struct cpu_loss *loss = NULL;

	while (losses->next < losses->cpus.count) {
		loss = &losses->cpus.at[losses->next++];
		if (loss->counted > loss->told) {
			*cpu = (uint32_t)losses->next - 1;
			*count = loss->counted - loss->told;
			*position = loss->position;
			return true;
		}
		/* Told of this CPU, and counted where it cannot be said of which. */
		add_saturated(&losses->unknown.told, loss->told - loss->counted);
	}
	loss = &losses->unknown;
	if (loss->counted <= loss->told)
		return false;
	*cpu = CPU_UNKNOWN;
	*count = loss->counted - loss->told;
	*position = loss->position;
	losses->unknown.counted = 0;
	return true;
}
