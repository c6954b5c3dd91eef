/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hash.h"
#include "capture/repeat.h"

enum {
	/* More CPUs than any machine has: a higher number is CPU_UNKNOWN or a damaged one. */
	MAX_CPUS = 1 << 16,
	/*
	 * ns.  An event's handler writes all of its copies with interrupts off: some microseconds,
	 * but a hypervisor may stop it in the middle.
	 */
	LONGEST_WRITING = 1000000,
};

void repeat_deinit(struct repeat *repeat)
{
	array_deinit(&repeat->cpus);
}

/*
 * What happened, by name and values.  Not by the type: one source may print a system's name or a
 * probe's symbol that another does not know.
 */
static uint64_t hash_content(const struct record *record)
{
	uint64_t hash = hash_str(record->type->name, 1 + record->type->is_return);

	for (uint32_t i = 0; i < record->nr_fields; i++) {
		const struct record_field *field = &record->field[i];

		hash = field->text.text ? hash_str(field->text, hash)
					: hash_u64(hash ^ field->number);
	}
	return hash ? hash : 1;
}

static struct repeat_cpu *cpu_of(struct repeat *repeat, uint32_t cpu)
{
	while (cpu < MAX_CPUS && repeat->cpus.count <= cpu)
		if (!array_push(&repeat->cpus, (struct repeat_cpu){0}))
			return NULL;
	return cpu < MAX_CPUS ? &repeat->cpus.at[cpu] : NULL;
}

/* Finds the oldest event that `event` may be a copy of; NULL when there is none. */
static struct repeat_event *find_original(struct repeat_cpu *cpu, const struct repeat_event *event)
{
	for (uint32_t i = 0; i < REPEAT_DEPTH; i++) {
		struct repeat_event *other = &cpu->event[(cpu->next + i) % REPEAT_DEPTH];

		if (other->content == event->content && other->pid == event->pid &&
		    other->source != event->source && other->told_again != event->source &&
		    event->time - other->time <= LONGEST_WRITING)
			return other;
	}
	return NULL;
}

bool repeat_is_told(struct repeat *repeat, const struct record *record, const void *source)
{
	struct repeat_cpu *cpu = cpu_of(repeat, record->cpu);

	if (!cpu)
		return false;
	const struct repeat_event event = {
		.source = source,
		.time = record->time,
		.content = hash_content(record),
		.pid = record->pid,
	};
	struct repeat_event *original = find_original(cpu, &event);

	if (original) {
		original->told_again = source;
		return true;
	}
	cpu->event[cpu->next] = event;
	cpu->next = (cpu->next + 1) % REPEAT_DEPTH;
	return false;
}
