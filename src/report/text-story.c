/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The story of a finding as notes that point into the capture. */
#include <inttypes.h>

#include "base/utf8.h"
#include "report/names.h"
#include "report/story.h"
#include "report/text.h"

enum {
	SHOWN_FRAMES = 8, /* of a call chain, unless all are wanted */
};

/* Ends the part as a detail "TIME  CPU 0  init-1  SYMBOL, for CALLER". */
static void show_who(struct text *text, const struct event_where *where, struct str symbol,
		     const struct event_origin *origin)
{
	put_where(&text->part, text->report->capture, where);
	if (symbol.length) {
		buffer_add(&text->part, STR("  "));
		utf8_add_printable(&text->part, symbol);
	}
	if (origin) {
		buffer_add(&text->part, symbol.length ? STR(", for ") : STR("  for "));
		put_origin(&text->part, origin);
	}
	text_detail(text);
}

static void show_stack(struct text *text, const struct event_origin *origin)
{
	uint32_t shown = origin ? origin->nr_frames : 0;

	if (shown > SHOWN_FRAMES && !text->report->options.verbose)
		shown = SHOWN_FRAMES;
	for (uint32_t i = 0; i < shown; i++) {
		buffer_add(&text->part, i ? STR(" <- ") : STR("stack: "));
		if (origin->frame[i].symbol.length)
			utf8_add_printable(&text->part, origin->frame[i].symbol);
		else
			buffer_printf(&text->part, "0x%" PRIx64, origin->frame[i].address);
		if (text->report->options.verbose && origin->frame_source &&
		    origin->frame_source[i].length) {
			buffer_add(&text->part, STR(" ("));
			utf8_add_printable(&text->part, origin->frame_source[i]);
			buffer_add_char(&text->part, ')');
		}
	}
	if (origin && shown < origin->nr_frames)
		buffer_add(&text->part, STR(" <- ..."));
	text_detail(text);
}

static void show_mapped(struct text *text, const struct scene *scene)
{
	buffer_printf(&text->part, "%s: ", scene->title);
	put_mapped(&text->part, scene->mapping);
	text_note(text, scene->where);
	show_who(text, scene->where, scene->mapping->symbol, scene->mapping->origin);
	show_stack(text, scene->mapping->origin);
}

static void show_unmapped(struct text *text, const struct scene *scene)
{
	buffer_add(&text->part, str_from(scene->title));
	text_note(text, scene->where);
	show_who(text, scene->where, scene->mapping->unmap_symbol, scene->mapping->unmap_origin);
	show_stack(text, scene->mapping->unmap_origin);
}

static void show_tlbi(struct text *text, const struct mmu_tlbi_run *run, const char *verdict)
{
	char name[TLBI_NAME_MAX];

	buffer_printf(&text->part, "tlbi %s", tlbi_op_name(run->op, name));
	if (run->count > 1)
		buffer_printf(&text->part, ", %" PRIu64 " times,", run->count);
	buffer_printf(&text->part, " %s", verdict);
	text_note(text, &run->first);
	if (run->last.time > run->first.time) {
		put_time(&text->part, text->report->capture, run->first.time);
		buffer_add_char(&text->part, '-');
	}
	show_who(text, &run->last, run->symbol, NULL);
}

static void show_closing(struct text *text, const struct mmu_tlbi_run *run)
{
	show_tlbi(text, run, "closes the window");
	buffer_add(&text->part, STR("of "));
	put_tlbi_extent(&text->part, run);
	text_detail(text);
}

static void show_invalidation(struct text *text, const struct finding_invalidation *invalidation)
{
	const char *why = invalidation->run.what.why;

	show_tlbi(text, &invalidation->run,
		  invalidation->effect == TLBI_REMOVES ? "in between" : "does not count");
	buffer_add(&text->part, STR("of "));
	put_tlbi_extent(&text->part, &invalidation->run);
	buffer_printf(&text->part, ": %s", tlbi_effect_text(invalidation->effect));
	if (invalidation->effect == TLBI_OF_NOTHING && why)
		buffer_printf(&text->part, " (%s)", why);
	text_detail(text);
}

static void show_step(struct text *text, const struct finding_step *step)
{
	buffer_add(&text->part, str_from(step->what));
	text_note(text, &step->where);
	show_who(text, &step->where, step->symbol, NULL);
}

static void show_scene(struct text *text, const struct scene *scene)
{
	switch (scene->kind) {
	case SCENE_MAPPED:
		show_mapped(text, scene);
		break;
	case SCENE_UNMAPPED:
		show_unmapped(text, scene);
		break;
	case SCENE_TLBI:
		show_invalidation(text, scene->invalidation);
		break;
	case SCENE_CLOSED:
		show_closing(text, scene->run);
		break;
	case SCENE_STEP:
		show_step(text, scene->step);
		break;
	}
}

void text_story(struct text *text, const struct finding *finding, bool told)
{
	struct story story;

	story_tell(&story, finding, told);
	for (size_t i = 0; i < story.count; i++)
		show_scene(text, &story.scene[i]);
}
