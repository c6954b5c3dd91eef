/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/event-members.h"
#include "cli/events.h"

struct listing {
	struct selection selection;
	const struct event_sink *sink;
	struct output output;
	struct buffer line;
};

static void listing_deinit(struct listing *listing)
{
	output_deinit(&listing->output);
	buffer_deinit(&listing->line);
}

static struct error *listing_init(struct listing *listing, const struct options *options,
				  const struct capture_info *capture)
{
	listing->sink = options->json_lines ? &event_json : &event_text;
	TRY(options_select(options, capture, &listing->selection));
	return output_open(options->output, options->captures, &listing->output);
}

static bool wants(const struct selection *selection, const struct event_where *where)
{
	return where->time >= selection->since &&
	       (!selection->until || where->time <= selection->until) &&
	       (!selection->cpus || cpu_list_has(selection->cpus, where->cpu));
}

static struct error *list(struct listing *listing, const struct capture_info *capture,
			  const struct mmu_event *event)
{
	struct buffer *line = &listing->line;

	if (!wants(&listing->selection, &event->where))
		return NULL;
	buffer_clear(line);
	event_write(listing->sink, line, capture, event);
	if (line->failed)
		return error_memory();
	if (fwrite(line->text, 1, line->length, listing->output.file) != line->length)
		return error_system(errno, "%s: cannot write", listing->output.name);
	return NULL;
}

/* "a.dat, b.dat: no event that matters; see 'mmureplay a.dat b.dat'" */
static void say_nothing_matters(const struct options *options)
{
	fprintf(stderr, "mmureplay: ");
	for (size_t i = 0; i < options->nr_captures; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", options->captures[i]);
	fprintf(stderr, ": no event that matters; see 'mmureplay");
	for (size_t i = 0; i < options->nr_captures; i++)
		fprintf(stderr, " %s", options->captures[i]);
	fprintf(stderr, "'\n");
}

struct error *events(const struct options *options, struct capture *capture,
		     struct decoder *decoder, enum exit_status *ret)
{
	_cleanup_(listing_deinit) struct listing listing = {0};
	_cleanup_(destroy_error) struct error *unread = NULL;
	const struct capture_info *info = capture_info(capture);
	const struct mmu_event *event = NULL;

	/* The first event comes before all else: by then the capture's clock is known. */
	enum decode_step step = decoder_next(decoder, &event, &unread);

	if (step == DECODE_ERROR)
		return steal(unread);
	TRY(listing_init(&listing, options, info));
	if (step == DECODE_END) {
		say_nothing_matters(options);
		*ret = STATUS_NO_VERDICT;
	}
	for (; step == DECODE_EVENT; step = decoder_next(decoder, &event, &unread))
		TRY(list(&listing, info, event));
	TRY(output_close(&listing.output));
	return steal(unread);
}
