/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>

#include <mmureplay/mmu.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/concern.h"
#include "cli/event-members.h"
#include "cli/replay.h"
#include "cli/geometry.h"
#include "cli/history.h"
#include "cli/lookahead.h"

struct history {
	const struct options *options;
	const struct capture_info *capture;
	const struct event_sink *sink;
	struct selection selection;
	struct mmu *mmu;
	struct output output;
	struct buffer event, changes; /* lines */
	uint64_t nr_shown;
};

static void history_deinit(struct history *history)
{
	mmu_destroy(history->mmu);
	output_deinit(&history->output);
	buffer_deinit(&history->event);
	buffer_deinit(&history->changes);
}

/* ---- changes ------------------------------------------------------------------------------- */

static const char *const change_names[] = {
	[CHANGE_ENTRY] = "entry",
	[CHANGE_MAP] = "mapped",
	[CHANGE_MAP_END] = NULL, /* says no more than its event */
	[CHANGE_UNMAP] = "unmapped",
	[CHANGE_DETACHED] = "table-detached",
	[CHANGE_FREED] = "table-freed",
	[CHANGE_STALE_GONE] = "not-cached",
	[CHANGE_REFUSED] = "refused",
	[CHANGE_UNPLACED] = NULL, /* likewise */
	[CHANGE_ALIAS] = "alias",
	[CHANGE_ACCESS] = "access-after-unmap",
	[CHANGE_LIVE_AT_END] = "still-mapped",
};

static const char *const kind_names[] = {
	[ENTRY_UNKNOWN] = "unknown", [ENTRY_NONE] = "none", [ENTRY_TABLE] = "table",
	[ENTRY_BLOCK] = "block",     [ENTRY_PAGE] = "page",
};

/* "before=table before_descriptor=0xb4d16003" */
static void add_values(const struct history *history, struct buffer *line,
		       const struct mmu_change *change)
{
	const struct event_sink *sink = history->sink;
	const struct mmu_entry *before = change->before, *after = change->after;

	sink->word(line, "before", str_from(kind_names[before->kind]));
	if (before->has_descriptor)
		sink->hex(line, "before_descriptor", before->descriptor);
	sink->word(line, "after", str_from(kind_names[after->kind]));
	if (after->has_descriptor)
		sink->hex(line, "after_descriptor", after->descriptor);
}

/* What CPUs may still hold, or hold no more. */
static void add_stale(const struct history *history, struct buffer *line,
		      const struct mmu_stale *stale)
{
	const struct event_sink *sink = history->sink;

	sink->word(line, "cached", str_from(kind_names[stale->kind]));
	if (stale->since.order)
		sink->time(line, "since", history->capture, stale->since.time);
}

static void add_table(const struct history *history, struct buffer *line,
		      const struct mmu_table *table)
{
	if (table->pa_source != PA_UNKNOWN)
		history->sink->hex(line, "table", table->pa);
}

static void write_change(const struct history *history, struct buffer *line,
			 const struct mmu_change *change)
{
	const struct event_sink *sink = history->sink;
	const char *name = change_names[change->kind];

	buffer_printf(line, sink == &event_json ? "{\"change\": \"%s\"" : " => %s", name);
	if (change->before || change->kind == CHANGE_REFUSED || change->table)
		sink->word(line, "level",
			   str_from(mmu_level_name(mmu_geometry(history->mmu), change->level)));
	sink->hex(line, "va", change->va);
	sink->hex(line, "end", change->end);
	if (change->kind == CHANGE_ENTRY)
		add_values(history, line, change);
	if (change->table)
		add_table(history, line, change->table);
	if (change->stale)
		add_stale(history, line, change->stale);
	if (change->already_unmapped)
		sink->flag(line, "already_unmapped");
	sink->end(line);
}

static bool is_shown(const struct mmu_change *change)
{
	return change_names[change->kind] && !change->replaced_by;
}

static struct error *note_change(void *context, const struct mmu *mmu,
				 const struct mmu_change *change)
{
	struct history *history = context;

	if (is_shown(change) && change_concerns(mmu, change, history->options->address))
		write_change(history, &history->changes, change);
	return NULL;
}

/* ---- events -------------------------------------------------------------------------------- */

static struct error *write_lines(struct history *history, const struct buffer *lines)
{
	if (lines->failed)
		return error_memory();
	if (lines->length &&
	    fwrite(lines->text, 1, lines->length, history->output.file) != lines->length)
		return error_system(errno, "%s: cannot write", history->output.name);
	return NULL;
}

static bool wants(const struct selection *selection, const struct event_where *where)
{
	return where->time >= selection->since &&
	       (!selection->until || where->time <= selection->until) &&
	       (!selection->cpus || cpu_list_has(selection->cpus, where->cpu));
}

/* What concerns the address is decided before the event changes the tables, and by what it changes. */
static struct error *replay(struct history *history, const struct mmu_event *event)
{
	bool is_concerned = event_concerns(history->mmu, event, history->options->address);

	buffer_clear(&history->changes);
	TRY(replay_event(history->mmu, history->capture, event));
	if ((!is_concerned && !history->changes.length) ||
	    !wants(&history->selection, &event->where))
		return NULL;
	buffer_clear(&history->event);
	event_write(history->sink, &history->event, history->capture, event);
	TRY(write_lines(history, &history->event));
	history->nr_shown += event->kind != EVENT_LOST;
	return write_lines(history, &history->changes);
}

/* What is left of it in the end. */
static struct error *finish(struct history *history)
{
	buffer_clear(&history->changes);
	TRY(mmu_finish(history->mmu));
	if (!history->selection.until)
		TRY(write_lines(history, &history->changes));
	return output_close(&history->output);
}

static struct error *history_init(struct history *history, const struct lookahead *events,
				  const struct kernel *kernel)
{
	const struct options *options = history->options;
	struct mmu_options mmu_options = {.nr_cpus = history->capture->nr_cpus};
	bool is_assumed;

	history->sink = options->json_lines ? &event_json : &event_text;
	TRY(options_select(options, history->capture, &history->selection));
	TRY(find_geometry(&events->detect, options, kernel, &mmu_options, &is_assumed));
	mmu_options.clock_skew = history->selection.clock_skew;
	TRY(mmu_create(&mmu_options, note_change, history, &history->mmu));
	return output_open(options->output, options->captures, &history->output);
}

struct error *history(const struct options *options, struct capture *capture,
		      const struct kernel *kernel, struct decoder *decoder, enum exit_status *ret)
{
	const struct capture_info *info = capture_info(capture);
	_cleanup_(history_deinit) struct history history = {.options = options, .capture = info};
	_cleanup_(lookahead_deinit) struct lookahead events = {0};
	_cleanup_(destroy_error) struct error *unread = NULL;
	const struct mmu_event *event = NULL;

	TRY(lookahead_init(&events, decoder));
	if (events.step == DECODE_ERROR && events.ahead.count == 0)
		return steal(events.err);
	TRY(history_init(&history, &events, kernel));
	while (lookahead_next(&events, &event, &unread) == DECODE_EVENT)
		TRY(replay(&history, event));
	TRY(finish(&history));
	if (history.nr_shown == 0) {
		fprintf(stderr, "mmureplay: nothing in the capture concerns 0x%" PRIx64 "\n",
			options->address);
		*ret = STATUS_NO_VERDICT;
	}
	return steal(unread);
}
