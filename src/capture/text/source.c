/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources of a trace-cmd report: its lines begin with "NAME:" when they are of a tracing
 * instance, or of one of several files.  A loss takes the name off the event behind it:
 *
 *     other:             init-1     [000]     0.001000001: mm_page_free: ...
 *     other: CPU:0 [5 EVENTS DROPPED]
 *                 init-1     [000]     0.003000001: mm_page_free: ...
 */
#include <stdlib.h>

#include "base/buffer.h"
#include "capture/text/text.h"

enum {
	/* Made by hand or by scripts; of more than this the rest count as one. */
	SOURCES_MAX = 1024,
};

/* The kept form of a source's name; NULL for the top buffer, which has none. */
static const char *find_source(struct capture *capture, struct str name)
{
	struct text_reader *reader = capture->reader;

	if (!name.length)
		return NULL;
	for (size_t i = reader->sources.count; i > 0; i--)
		if (str_equal(reader->sources.at[i - 1], name))
			return reader->sources.at[i - 1].text;
	if (reader->sources.count >= SOURCES_MAX)
		return reader->sources.at[SOURCES_MAX - 1].text;
	struct str kept = intern(&capture->types.strings, name);

	if (!kept.text || !array_push(&reader->sources, kept))
		return NULL;
	return kept.text;
}

/* Notes the source of a line; whether its events are wanted. */
static bool wants_source(struct capture *capture, struct str name)
{
	struct text_reader *reader = capture->reader;

	if (!name.length)
		reader->has_top = true;
	else
		reader->source = find_source(capture, name);
	if (!reader->only.text)
		return true;
	return str_equal(reader->only, name);
}

bool text_wants_event(struct capture *capture, struct prefix *prefix)
{
	struct text_reader *reader = capture->reader;

	if (!prefix->source.length)
		prefix->source = reader->loss_source;
	reader->loss_source = (struct str){0};
	return wants_source(capture, prefix->source);
}

bool text_wants_loss(struct capture *capture, struct str source)
{
	struct text_reader *reader = capture->reader;
	bool is_wanted = wants_source(capture, source);

	reader->loss_source = (struct str){0};
	if (source.length && reader->source)
		reader->loss_source = str_from(reader->source);
	return is_wanted;
}

bool text_is_repeated(struct capture *capture, const struct prefix *prefix,
		      const struct record *record)
{
	struct text_reader *reader = capture->reader;
	const char *source = prefix->source.length ? reader->source : "";

	/* Without a second source there is nothing to be told again. */
	if (reader->kind != TEXT_TRACE_CMD || !repeat_is_told(&reader->repeat, record, source))
		return false;
	capture->info.nr_repeated++;
	return true;
}

struct error *text_set_instance(struct capture *capture, struct str name)
{
	struct text_reader *reader = capture->reader;

	if (reader->kind != TEXT_TRACE_CMD)
		return error_create(ERROR_USAGE, "%s does not say of which instance its events are",
				    capture->info.kind);
	reader->only = intern(&capture->types.strings, name);
	return reader->only.text ? NULL : error_memory();
}

/* What there is, for people: "'a', 'b', and '' for the top one". */
static void name_sources(const struct text_reader *reader, struct buffer *to)
{
	for (size_t i = 0; i < reader->sources.count; i++)
		buffer_printf(to, "%s'%.*s'", i ? ", " : "", STR_ARGS(reader->sources.at[i]));
	if (reader->has_top)
		buffer_printf(to, "%s'' for the top one", reader->sources.count ? ", and " : "");
}

struct error *text_check_instance(const struct capture *capture)
{
	const struct text_reader *reader = capture->reader;
	struct str only = reader->only;

	if (!only.text || (only.length == 0 && (reader->has_top || !reader->sources.count)))
		return NULL;
	for (size_t i = 0; i < reader->sources.count; i++)
		if (str_equal(reader->sources.at[i], only))
			return NULL;
	struct buffer names = {0};

	name_sources(reader, &names);
	struct error *err = error_create(ERROR_USAGE, "it has no instance '%.*s'; there are: %s",
					 STR_ARGS(only), names.length ? names.text : "none");

	buffer_deinit(&names);
	return err;
}
