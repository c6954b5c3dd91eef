/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several captures say about themselves, put together; and what speaks against it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/try.h"
#include "capture/joined.h"

/* ---- checking ------------------------------------------------------------------------------ */

static bool differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

#define AS_SHOWN "%s and %s cannot be put in one order: "
#define ONE_BY_ONE "; run mmureplay once for each"

static struct error *check_pair(const struct part *first, const struct part *second)
{
	const struct capture_info *a = capture_info(first->capture);
	const struct capture_info *b = capture_info(second->capture);
	/* Without events there are no times. */
	bool have_times = first->step == RECORD_EVENT && second->step == RECORD_EVENT;
	const char *names[] = {a->files[0], b->files[0]};

	if (differ(a->clock, b->clock))
		return error_create(ERROR_USAGE,
				    AS_SHOWN "their clocks are %s and %s; record both with one "
					     "clock (trace-cmd record -C, perf record -k)",
				    names[0], names[1], a->clock, b->clock);
	if (have_times && a->clock_is_ticks != b->clock_is_ticks)
		return error_create(ERROR_USAGE,
				    AS_SHOWN "the clock of %s counts ticks, and that of %s "
					     "nanoseconds; record both with one clock",
				    names[0], names[1], names[!a->clock_is_ticks],
				    names[a->clock_is_ticks]);
	if (have_times && a->time_resolution != b->time_resolution)
		return error_create(ERROR_USAGE,
				    AS_SHOWN "the times of %s are coarser; take the recordings "
					     "themselves, or texts of one kind (trace-cmd report "
					     "-t and perf script --ns print nanoseconds)",
				    names[0], names[1],
				    names[a->time_resolution < b->time_resolution]);
	if (differ(a->host, b->host))
		return error_create(ERROR_USAGE,
				    AS_SHOWN "they are of two machines, %s and %s" ONE_BY_ONE,
				    names[0], names[1], a->host, b->host);
	if (differ(a->release, b->release))
		return error_create(ERROR_USAGE,
				    AS_SHOWN "they are of two kernels, %s and %s" ONE_BY_ONE,
				    names[0], names[1], a->release, b->release);
	if (differ(a->build_id, b->build_id))
		return error_create(ERROR_USAGE,
				    AS_SHOWN "they are of two kernels, with the build ids %s and "
					     "%s" ONE_BY_ONE,
				    names[0], names[1], a->build_id, b->build_id);
	if (a->kernel_symbol && b->kernel_symbol && !differ(a->kernel_symbol, b->kernel_symbol) &&
	    a->kernel_address != b->kernel_address)
		return error_create(ERROR_USAGE,
				    AS_SHOWN "they are of two boots, as the kernel's %s is at "
					     "0x%" PRIx64 " in the one and at 0x%" PRIx64
					     " in the other" ONE_BY_ONE,
				    names[0], names[1], a->kernel_symbol, a->kernel_address,
				    b->kernel_address);
	return NULL;
}

struct error *joined_check(const struct joined *joined)
{
	for (size_t i = 1; i < joined->nr_parts; i++)
		for (size_t j = 0; j < i; j++)
			TRY(check_pair(&joined->parts[j], &joined->parts[i]));
	return NULL;
}

/* ---- telling ------------------------------------------------------------------------------- */

/* Whether both say something that only one boot of one machine has in common. */
static bool is_proven(const struct capture_info *a, const struct capture_info *b)
{
	return (a->recording && a->recording == b->recording) ||
	       (a->kernel_symbol && b->kernel_symbol &&
		!differ(a->kernel_symbol, b->kernel_symbol) &&
		a->kernel_address == b->kernel_address);
}

static void add_saturated(uint64_t *sum, uint64_t count)
{
	if (__builtin_add_overflow(*sum, count, sum))
		*sum = UINT64_MAX;
}

/* "trace.dat version 7, perf.data" */
static struct error *tell_kinds(struct joined *joined)
{
	_cleanup_(buffer_deinit) struct buffer kinds = {0};

	for (size_t i = 0; i < joined->nr_parts; i++) {
		const char *kind = capture_info(joined->parts[i].capture)->kind;
		bool is_new = true;

		for (size_t j = 0; j < i && is_new; j++)
			is_new = differ(kind, capture_info(joined->parts[j].capture)->kind);
		if (is_new)
			buffer_printf(&kinds, "%s%s", i ? ", " : "", kind);
	}
	if (kinds.failed)
		return error_memory();
	struct capture *capture = joined->capture;

	capture->info.kind = intern(&capture->types.strings, buffer_str(&kinds)).text;
	return capture->info.kind ? NULL : error_memory();
}

static void tell_part(struct capture_info *all, const struct capture_info *info, uint32_t file)
{
	if (!all->clock)
		all->clock = info->clock;
	if (!all->release)
		all->release = info->release;
	if (!all->build_id)
		all->build_id = info->build_id;
	if (!all->host)
		all->host = info->host;
	if (!all->kernel_symbol) {
		all->kernel_symbol = info->kernel_symbol;
		all->kernel_address = info->kernel_address;
	}
	all->clock_is_ticks |= info->clock_is_ticks;
	if (info->time_resolution > all->time_resolution)
		all->time_resolution = info->time_resolution;
	if (info->nr_cpus > all->nr_cpus)
		all->nr_cpus = info->nr_cpus;
	if (info->nr_unread && !all->nr_unread)
		all->first_unread = (struct record_place){file, info->first_unread.position};
	add_saturated(&all->nr_unread, info->nr_unread);
	add_saturated(&all->entries_in_buffer, info->entries_in_buffer);
	add_saturated(&all->entries_written, info->entries_written);
	all->hides_losses |= info->hides_losses;
	if (info->truncated && !all->truncated)
		all->truncated_at = (struct record_place){file, info->truncated_at.position};
	all->truncated |= info->truncated;
	all->is_sampled |= info->is_sampled;
	all->of_some_tasks |= info->of_some_tasks;
}

struct error *joined_tell(struct joined *joined)
{
	struct capture_info *all = &joined->capture->info;
	const struct capture_info *first = capture_info(joined->parts[0].capture);
	struct capture_info kept = {
		.files = joined->files,
		.nr_files = (uint32_t)joined->nr_parts,
		.are_binary = joined->are_binary,
		.parts = joined->told,
		.nr_records = all->nr_records,
		.kind = all->kind,
		.is_binary = first->is_binary,
		.recording = first->recording,
	};

	for (size_t i = 0; i < joined->nr_parts; i++) {
		const struct capture_info *info = capture_info(joined->parts[i].capture);

		tell_part(&kept, info, (uint32_t)i);
		kept.is_unproven |= !is_proven(first, info) && i > 0;
		kept.nr_repeated += info->nr_repeated;
	}
	kept.nr_repeated += joined->nr_repeated;
	*all = kept;
	return tell_kinds(joined);
}

/* Which types were met in which epoch: nr_types for each, one behind the other. */
static void mark_met(const struct joined *joined, bool *met, size_t nr_types)
{
	for (size_t i = 0; i < joined->nr_parts; i++) {
		const struct part *part = &joined->parts[i];

		for (size_t j = 0; j < part->types.count; j++) {
			const struct known_type *type = part->types.at[j];

			if (type && type->wanted)
				met[part->epoch * nr_types + type->type.id] = true;
		}
	}
}

struct error *joined_compare_epochs(struct joined *joined)
{
	size_t nr_types = joined->capture->types.count;
	_cleanup_(free_pointer) bool *met = calloc(joined->nr_gaps + 1, nr_types + 1);

	if (!met)
		return error_memory();
	mark_met(joined, met, nr_types);
	for (size_t i = 1; i <= joined->nr_gaps; i++)
		if (memcmp(met, met + i * nr_types, nr_types) != 0)
			joined->capture->info.is_uneven = true;
	return NULL;
}

/* ---- probes -------------------------------------------------------------------------------- */

static uint64_t name_key(const struct record_type *type)
{
	return hash_str(type->name, hash_str(type->system, 1));
}

/* Those whose records were met. */
static bool add_hit(const struct joined *joined, struct hash_map *known)
{
	for (size_t i = 0; i < joined->nr_parts; i++) {
		const struct part *part = &joined->parts[i];

		for (size_t j = 0; j < part->types.count; j++) {
			const struct known_type *type = part->types.at[j];

			if (type && !hash_set(known, name_key(&type->type), (void *)type))
				return false;
		}
	}
	return true;
}

/* Those that one part says were there, and none had a record of. */
static bool add_unmet(struct joined *joined, struct hash_map *known)
{
	for (size_t i = 0; i < joined->nr_parts; i++) {
		const struct capture_info *info = capture_info(joined->parts[i].capture);

		for (uint32_t j = 0; j < info->nr_defined; j++) {
			const struct record_type *type = info->defined[j];

			if (type->id != TYPE_UNMET || hash_get(known, name_key(type)))
				continue;
			if (!hash_set(known, name_key(type), (void *)type) ||
			    !array_push(&joined->defined, type))
				return false;
		}
	}
	return true;
}

struct error *joined_list_probes(struct joined *joined)
{
	struct capture_info *info = &joined->capture->info;
	struct hash_map known = {0};
	bool has_memory = joined->defined.count ||
			  (add_hit(joined, &known) && add_unmet(joined, &known));

	hash_deinit(&known);
	info->defined = joined->defined.at;
	info->nr_defined = (uint32_t)joined->defined.count;
	return has_memory ? NULL : error_memory();
}
