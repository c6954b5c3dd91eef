/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include <mmureplay/mmu-walk.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/replay.h"
#include "cli/geometry.h"
#include "cli/lookahead.h"
#include "cli/state-sink.h"
#include "cli/state.h"

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)

struct dump {
	const struct capture_info *capture;
	const struct state_sink *sink;
	struct mmu *mmu;
	struct output output;
	struct buffer line;
};

static void dump_deinit(struct dump *dump)
{
	mmu_destroy(dump->mmu);
	output_deinit(&dump->output);
	buffer_deinit(&dump->line);
}

static struct error *write_line(struct dump *dump)
{
	struct buffer *line = &dump->line;

	if (line->failed)
		return error_memory();
	if (fwrite(line->text, 1, line->length, dump->output.file) != line->length)
		return error_system(errno, "%s: cannot write", dump->output.name);
	buffer_clear(line);
	return NULL;
}

static struct error *write_item(void *context, const struct mmu_item *item)
{
	struct dump *dump = context;

	dump->sink->item(&dump->line, dump->capture, dump->mmu, item);
	return write_line(dump);
}

static struct error *write_all(struct dump *dump, uint64_t at)
{
	dump->sink->header(&dump->line, dump->capture, mmu_geometry(dump->mmu), at);
	TRY(write_line(dump));
	TRY(mmu_walk(dump->mmu, write_item, dump));
	return output_close(&dump->output);
}

/* When an event has happened: what tells of a function's end, at that. */
static uint64_t time_of(const struct mmu_event *event)
{
	bool is_end = event->kind == EVENT_MAP_END || event->kind == EVENT_BREAK_END;

	return is_end ? event->end_time : event->where.time;
}

static struct error *replay(struct dump *dump, struct lookahead *events, uint64_t at,
			    struct error **unread)
{
	const struct mmu_event *event = NULL;

	while (lookahead_next(events, &event, unread) == DECODE_EVENT)
		if (time_of(event) <= at)
			TRY(replay_event(dump->mmu, dump->capture, event));
	return NULL;
}

struct error *state(const struct options *options, struct capture *capture,
		    const struct kernel *kernel, struct decoder *decoder, enum exit_status *ret)
{
	bool is_assumed;
	const struct capture_info *info = capture_info(capture);
	_cleanup_(dump_deinit) struct dump dump = {.capture = info};
	_cleanup_(lookahead_deinit) struct lookahead events = {0};
	_cleanup_(destroy_error) struct error *unread = NULL;
	struct mmu_options mmu_options = {.nr_cpus = info->nr_cpus};
	uint64_t at = UINT64_MAX;

	TRY(lookahead_init(&events, decoder));
	if (events.step == DECODE_ERROR && events.ahead.count == 0)
		return steal(events.err);
	if (events.ahead.count == 0)
		*ret = STATUS_NO_VERDICT;
	if (options->at.is_set)
		TRY(moment_resolve("--at", &options->at, info->clock_is_ticks, &at));
	dump.sink = options->json_lines ? &state_json : &state_text;
	TRY(find_geometry(&events.detect, options, kernel, &mmu_options, &is_assumed));
	TRY(mmu_create(&mmu_options, NULL, NULL, &dump.mmu));
	TRY(replay(&dump, &events, at, &unread));
	TRY(output_open(options->output, options->captures, &dump.output));
	TRY(write_all(&dump, at));
	return steal(unread);
}
