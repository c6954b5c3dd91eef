/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "capture/joined.h"

enum {
	/* Losses that are told one after another; of more, the first are told early. */
	LOSSES_MAX = 65536,
	/* More CPUs than any machine has: a higher number is CPU_UNKNOWN or a damaged one. */
	MAX_CPUS = 1 << 14,
};

/* ---- types --------------------------------------------------------------------------------- */

/* A part's filter: its type becomes one of ours, and ours are asked about. */
static bool is_wanted(void *context, const struct record_type *type)
{
	struct part *part = context;
	struct joined *joined = part->joined;
	const struct known_type *known = types_get(&joined->capture->types, type);
	bool has_memory = true;

	if (!known && types_full(&joined->capture->types))
		return false;
	while (has_memory && part->types.count <= type->id)
		has_memory = array_push(&part->types, NULL);
	if (!known || !has_memory) {
		error_destroy(joined->failure);
		joined->failure = error_memory();
		return false;
	}
	part->types.at[type->id] = known;
	return known->wanted;
}

/* ---- one part ------------------------------------------------------------------------------ */

static struct error *keep_loss(struct part *part)
{
	struct part_loss loss = {part->record.cpu, part->record.lost, part->record.place};

	loss.place.file = part->file;
	return array_push(&part->losses, loss) ? NULL : error_memory();
}

/* What the part has failed with is told when the other parts have come to their ends. */
static struct error *keep_failure(struct joined *joined, struct error *err)
{
	if (err->kind == ERROR_MEMORY || err->kind == ERROR_USAGE)
		return err;
	if (joined->failure)
		error_destroy(err);
	else
		joined->failure = err;
	return NULL;
}

/* Moves the part on to its next record, past losses, which are kept. */
static struct error *pull(struct part *part)
{
	struct joined *joined = part->joined;
	const struct capture_info *info = capture_info(part->capture);
	struct error *err = NULL;

	if (part->next_loss == part->losses.count) /* else a call chain comes before them */
		part->losses.count = part->next_loss = 0;
	do {
		part->step = capture_next(part->capture, &part->record, &err);
		if (part->step == RECORD_LOST)
			TRY(keep_loss(part));
	} while (part->step == RECORD_LOST && part->losses.count < LOSSES_MAX);
	joined->capture->info.nr_records += info->nr_records - part->nr_records;
	part->nr_records = info->nr_records;
	joined->told[part->file].nr_records = info->nr_records;
	switch (part->step) {
	case RECORD_EVENT:
		part->record.type = &part->types.at[part->record.type->id]->type;
		part->time = part->record.time;
		break;
	case RECORD_ERROR:
		TRY(keep_failure(joined, err));
		part->step = RECORD_END;
		break;
	case RECORD_LOST:
	case RECORD_STACK:
	case RECORD_END:
		break;
	}
	part->record.place.file = part->file;
	return part->step == RECORD_END ? joined_tell(joined) : NULL;
}

/* ---- between parts ------------------------------------------------------------------------- */

/*
 * Whether nothing was recorded right before this part began: all those that began before it had
 * ended by then, and none of them is known to go on in it.
 */
static bool begins_after_gap(const struct part *part)
{
	const struct joined *joined = part->joined;
	uint64_t recording = capture_info(part->capture)->recording;
	bool is_first = true;

	for (size_t i = 0; i < joined->nr_parts; i++) {
		const struct part *other = &joined->parts[i];

		if (!other->has_begun)
			continue;
		is_first = false;
		if (other->step != RECORD_END ||
		    (recording && capture_info(other->capture)->recording == recording))
			return false;
	}
	return !is_first && part->time > joined->newest;
}

/* The first record of a part is next: in the gap before it, if there is one, all was lost. */
static struct error *begin(struct part *part)
{
	struct joined *joined = part->joined;
	uint32_t nr_cpus = joined->capture->info.nr_cpus;
	bool has_gap = begins_after_gap(part);

	part->has_begun = true;
	joined->nr_gaps += has_gap;
	part->epoch = joined->nr_gaps;
	if (nr_cpus < joined->nr_cpus)
		nr_cpus = joined->nr_cpus;
	for (uint32_t cpu = 0; has_gap && cpu < nr_cpus; cpu++) {
		struct part_loss loss = {cpu, LOST_COUNT_UNKNOWN, part->record.place};

		if (!array_push(&part->losses, loss))
			return error_memory();
	}
	return NULL;
}

/* ---- handing out --------------------------------------------------------------------------- */

static enum capture_step hand_out_loss(struct part *part, struct record *record)
{
	const struct part_loss *loss = &part->losses.at[part->next_loss++];

	*record = (struct record){
		.time = part->time,
		.cpu = loss->cpu,
		.pid = PID_UNKNOWN,
		.place = loss->place,
		.lost = loss->lost,
	};
	return RECORD_LOST;
}

static enum capture_step hand_out(struct part *part, struct record *record)
{
	size_t fields = part->record.nr_fields * sizeof(part->record.field[0]);

	memcpy(record, &part->record, offsetof(struct record, field) + fields);
	struct capture_part *told = &part->joined->told[part->file];

	if (!told->first_time)
		told->first_time = part->time;
	told->last_time = part->time;
	part->joined->current = part;
	part->joined->newest = part->time;
	return part->step;
}

/*
 * Moves on the part whose record was handed out.  True when the call chain of that record is next,
 * which comes before all else.
 */
static struct error *move_on(struct joined *joined, bool *has_stack)
{
	struct part *part = steal(joined->current);

	do
		TRY(pull(part));
	while (part->step == RECORD_STACK && part->skips_stack);
	*has_stack = part->step == RECORD_STACK;
	part->skips_stack = false;
	if (!*has_stack)
		merge_replace(&joined->merge, part->time);
	return NULL;
}

/* What is next of the part whose turn it is; RECORD_END: nothing, look again. */
static struct error *take(struct part *part, struct record *record, enum capture_step *ret)
{
	struct joined *joined = part->joined;

	*ret = RECORD_END;
	if (!part->has_begun && part->step != RECORD_END)
		TRY(begin(part));
	if (part->next_loss < part->losses.count) {
		*ret = hand_out_loss(part, record);
		return NULL;
	}
	if (part->step == RECORD_END) {
		merge_drop(&joined->merge);
		return NULL;
	}
	if (part->step == RECORD_EVENT) {
		if (part->record.cpu < MAX_CPUS && part->record.cpu >= joined->nr_cpus)
			joined->nr_cpus = part->record.cpu + 1;
		if (repeat_is_told(&joined->repeat, &part->record, part)) {
			joined->nr_repeated++;
			part->skips_stack = true;
			joined->current = part;
			return NULL;
		}
	}
	if (part->step == RECORD_LOST) /* too many at once */
		joined->current = part;
	else
		*ret = hand_out(part, record);
	return NULL;
}

static struct error *start(struct joined *joined)
{
	joined->is_started = true;
	for (size_t i = 0; i < joined->nr_parts; i++) {
		struct part *part = &joined->parts[i];

		part->time = UINT64_MAX;
		do
			TRY(pull(part));
		while (part->step == RECORD_STACK); /* of nothing */
		if (!merge_push(&joined->merge, part->time, i, part))
			return error_memory();
	}
	TRY(joined_check(joined));
	return joined_tell(joined);
}

static struct error *next(struct joined *joined, struct record *record, enum capture_step *ret)
{
	const struct merge_item *first;
	bool has_stack = false;

	if (!joined->is_started)
		TRY(start(joined));
	do {
		if (joined->current)
			TRY(move_on(joined, &has_stack));
		if (has_stack) {
			struct part *part = merge_first(&joined->merge)->stream;

			*ret = hand_out(part, record);
			return NULL;
		}
		first = merge_first(&joined->merge);
		*ret = RECORD_END;
		if (first)
			TRY(take(first->stream, record, ret));
	} while (first && *ret == RECORD_END);
	if (*ret == RECORD_END) {
		TRY(joined_tell(joined));
		TRY(joined_compare_epochs(joined));
		TRY(joined_list_probes(joined));
		return steal(joined->failure);
	}
	return NULL;
}

static enum capture_step joined_next(struct capture *capture, struct record *record,
				     struct error **err)
{
	enum capture_step step = RECORD_END;

	*err = next(capture->reader, record, &step);
	return *err ? RECORD_ERROR : step;
}

/* ---- the reader ---------------------------------------------------------------------------- */

static void joined_close(struct capture *capture)
{
	struct joined *joined = capture->reader;

	for (size_t i = 0; i < joined->nr_parts; i++) {
		capture_close(joined->parts[i].capture);
		array_deinit(&joined->parts[i].types);
		array_deinit(&joined->parts[i].losses);
	}
	free(joined->parts);
	merge_deinit(&joined->merge);
	repeat_deinit(&joined->repeat);
	array_deinit(&joined->defined);
	error_destroy(joined->failure);
	free(joined->files);
	free(joined->are_binary);
	free(joined->told);
	free(joined);
}

static struct error *joined_set_instance(struct capture *capture, struct str name)
{
	struct joined *joined = capture->reader;

	for (size_t i = 0; i < joined->nr_parts; i++)
		TRY(capture_set_instance(joined->parts[i].capture, name.text));
	return NULL;
}

static struct error *joined_set_kernel(struct capture *capture, struct kernel *kernel)
{
	struct joined *joined = capture->reader;

	for (size_t i = 0; i < joined->nr_parts; i++)
		TRY(capture_set_kernel(joined->parts[i].capture, kernel));
	return NULL;
}

static const struct reader_ops joined_ops = {
	.next = joined_next,
	.close = joined_close,
	.set_instance = joined_set_instance,
	.set_kernel = joined_set_kernel,
};

struct error *joined_open(struct capture *capture, struct capture **parts, size_t nr)
{
	struct joined *joined = calloc(1, sizeof(*joined));

	if (joined) {
		joined->parts = calloc(nr, sizeof(*joined->parts));
		joined->files = calloc(nr, sizeof(*joined->files));
		joined->are_binary = calloc(nr, sizeof(*joined->are_binary));
		joined->told = calloc(nr, sizeof(*joined->told));
		joined->capture = capture;
		capture->reader = joined;
		capture->ops = &joined_ops;
	}
	if (!joined || !joined->parts || !joined->files || !joined->are_binary || !joined->told) {
		for (size_t i = 0; i < nr; i++)
			capture_close(parts[i]);
		return error_memory();
	}
	joined->nr_parts = nr;
	for (size_t i = 0; i < nr; i++) {
		struct part *part = &joined->parts[i];

		part->joined = joined;
		part->capture = parts[i];
		part->file = (uint32_t)i;
		joined->files[i] = capture_info(parts[i])->files[0];
		joined->are_binary[i] = capture_info(parts[i])->is_binary;
		joined->told[i].kind = capture_info(parts[i])->kind;
		capture_set_filter(parts[i], is_wanted, part);
	}
	return joined_tell(joined);
}
