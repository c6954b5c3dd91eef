/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/utf8.h"
#include "report/put.h"

enum {
	NS_PER_US = 1000,
	NS_PER_MS = 1000000,
	NS_PER_S = 1000000000,
};

void put_time(struct buffer *buffer, const struct capture_info *capture, uint64_t time)
{
	uint64_t s = time / NS_PER_S, ns = time % NS_PER_S;

	if (capture->clock_is_ticks)
		buffer_printf(buffer, "%" PRIu64, time);
	else if (capture->time_resolution >= NS_PER_US)
		buffer_printf(buffer, "%" PRIu64 ".%06" PRIu64, s, ns / NS_PER_US);
	else
		buffer_printf(buffer, "%" PRIu64 ".%09" PRIu64, s, ns);
}

void put_duration(struct buffer *buffer, const struct capture_info *capture, uint64_t duration)
{
	if (capture->clock_is_ticks)
		buffer_printf(buffer, "%" PRIu64 " ticks", duration);
	else if (duration < NS_PER_US)
		buffer_printf(buffer, "%" PRIu64 " ns", duration);
	else if (duration < NS_PER_MS)
		buffer_printf(buffer, "%" PRIu64 ".%03" PRIu64 " us", duration / NS_PER_US,
			      duration % NS_PER_US);
	else if (duration < NS_PER_S)
		buffer_printf(buffer, "%" PRIu64 ".%03" PRIu64 " ms", duration / NS_PER_MS,
			      duration % NS_PER_MS / NS_PER_US);
	else
		buffer_printf(buffer, "%" PRIu64 ".%03" PRIu64 " s", duration / NS_PER_S,
			      duration % NS_PER_S / NS_PER_MS);
}

void put_size(struct buffer *buffer, uint64_t bytes)
{
	static const char units[] = {'K', 'M', 'G', 'T', 'P', 'E'};
	size_t unit = 0;

	if (bytes == 0 || bytes % 1024) {
		buffer_printf(buffer, "%" PRIu64 " bytes", bytes);
		return;
	}
	for (bytes /= 1024; bytes % 1024 == 0; bytes /= 1024)
		unit++;
	buffer_printf(buffer, "%" PRIu64 "%c", bytes, units[unit]);
}

void put_count(struct buffer *buffer, uint64_t count, const char *noun)
{
	buffer_printf(buffer, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

void put_range(struct buffer *buffer, uint64_t start, uint64_t end)
{
	buffer_printf(buffer, "0x%" PRIx64 "-", start);
	if (end)
		buffer_printf(buffer, "0x%" PRIx64, end);
	else
		buffer_add(buffer, STR("0x10000000000000000"));
}

void put_place(struct buffer *buffer, const struct capture_info *capture, struct record_place place)
{
	const char *name = place.file < capture->nr_files ? capture->files[place.file] : "?";

	utf8_add_printable(buffer, str_is(STR("-"), name) ? STR("<stdin>") : str_from(name));
	buffer_printf(buffer, "%c%" PRIu64, capture_is_binary(capture, place.file) ? '@' : ':',
		      place.position);
}

void put_task(struct buffer *buffer, const struct event_where *where)
{
	if (where->comm.length)
		utf8_add_printable(buffer, where->comm);
	else
		buffer_add(buffer, STR("<...>"));
	if (where->pid != PID_UNKNOWN)
		buffer_printf(buffer, "-%" PRId32, where->pid);
}

void put_where(struct buffer *buffer, const struct capture_info *capture,
	       const struct event_where *where)
{
	put_time(buffer, capture, where->time);
	if (where->cpu != CPU_UNKNOWN)
		buffer_printf(buffer, "  CPU %" PRIu32, where->cpu);
	buffer_add(buffer, STR("  "));
	put_task(buffer, where);
}

void put_event(struct buffer *buffer, const struct capture_info *capture,
	       const struct event_where *where)
{
	if (where->cpu != CPU_UNKNOWN)
		buffer_printf(buffer, "CPU %" PRIu32 " at ", where->cpu);
	put_time(buffer, capture, where->time);
	if (where->place.file < capture->nr_files) {
		buffer_add(buffer, STR(", "));
		put_place(buffer, capture, where->place);
	}
}

void put_origin(struct buffer *buffer, const struct event_origin *origin)
{
	if (!origin)
		buffer_add(buffer, STR("an unknown caller"));
	else if (origin->symbol.length)
		utf8_add_printable(buffer, origin->symbol);
	else
		buffer_printf(buffer, "0x%" PRIx64, origin->address);
	if (origin && origin->source.length) {
		buffer_add(buffer, STR(" ("));
		utf8_add_printable(buffer, origin->source);
		buffer_add_char(buffer, ')');
	}
}

void put_tlbi_extent(struct buffer *buffer, const struct mmu_tlbi_run *run)
{
	if (run->what.all)
		buffer_add(buffer, STR("everything"));
	else if (run->count == 1 && run->op.reach == TLBI_VA)
		buffer_printf(buffer, "0x%" PRIx64, run->what.va);
	else
		put_range(buffer, run->what.va, run->what.end);
}

void put_mapped(struct buffer *buffer, const struct mmu_mapping *mapping)
{
	put_size(buffer, mapping->end - mapping->va);
	if (mapping->has_pa)
		buffer_printf(buffer, " at phys 0x%" PRIx64, mapping->pa);
}
