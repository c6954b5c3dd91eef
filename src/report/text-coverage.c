/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the capture held, and what it cannot support. */
#include <inttypes.h>

#include "base/utf8.h"
#include "report/text.h"

enum {
	UNIDENTIFIED_SHOWN = 8, /* in one line; more only with --verbose */
};

static void show_capture(struct text *text, const struct capture_info *capture)
{
	buffer_printf(&text->part, "%s; clock ", capture->kind);
	utf8_add_printable(&text->part,
			   capture->clock ? str_from(capture->clock) : STR("not stated"));
	if (capture->clock_is_ticks)
		buffer_add(&text->part, STR(", which counts ticks"));
	buffer_add(&text->part, STR("; kernel "));
	utf8_add_printable(&text->part, capture->release ? str_from(capture->release)
							 : STR("release not stated"));
	if (capture->build_id && text->report->options.verbose)
		buffer_printf(&text->part, ", build id %s", capture->build_id);
	text_paragraph(text, "capture");
}

/* Of several files each: whether they were recorded side by side is for people to see. */
static void show_files(struct text *text, const struct capture_info *capture)
{
	for (uint32_t i = 0; capture->parts && i < capture->nr_files; i++) {
		const struct capture_part *part = &capture->parts[i];

		utf8_add_printable(&text->part, str_from(capture->files[i]));
		buffer_printf(&text->part, ": %s, ", part->kind);
		put_count(&text->part, part->nr_records, "record");
		if (part->last_time) {
			buffer_add(&text->part, STR(", from "));
			put_time(&text->part, capture, part->first_time);
			buffer_add(&text->part, STR(" to "));
			put_time(&text->part, capture, part->last_time);
		}
		text_paragraph(text, "file");
	}
}

static void show_span(struct text *text, const struct coverage *coverage)
{
	const struct capture_info *capture = coverage->capture;
	uint64_t first = coverage->events->first_time, last = coverage->events->last_time;

	if (!last)
		return;
	put_time(&text->part, capture, first);
	buffer_add(&text->part, STR(" to "));
	put_time(&text->part, capture, last);
	buffer_add(&text->part, STR(", that is "));
	put_duration(&text->part, capture, last - first);
	buffer_add(&text->part, STR(", on "));
	put_count(&text->part,
		  capture->nr_cpus ? capture->nr_cpus : (uint64_t)coverage->events->max_cpu + 1,
		  "CPU");
	text_paragraph(text, "span");
}

static void show_geometry(struct text *text, const struct mmu_geometry *geometry)
{
	put_size(&text->part, UINT64_C(1) << geometry->granule_shift);
	buffer_printf(&text->part, " pages, %" PRIu32 " VA bits, %d levels", geometry->va_bits,
		      MMU_LAST_LEVEL - geometry->first_level + 1);
	text_paragraph(text, "geometry");
}

static void show_seen(struct text *text, const struct coverage *coverage)
{
	put_count(&text->part, coverage->capture->nr_records, "record");
	buffer_add(&text->part, STR(": "));
	put_count(&text->part, coverage->nr_mappings, "mapping");
	buffer_printf(&text->part, " made, %" PRIu64 " undone, ", coverage->nr_unmaps);
	put_count(&text->part, coverage->nr_tables, "table");
	buffer_add(&text->part, STR(" made, "));
	put_count(&text->part, coverage->nr_blocks, "block");
	buffer_add(&text->part, STR(" asked for, "));
	put_count(&text->part, coverage->facts->nr_tlbi, "TLBI");
	if (coverage->facts->nr_flushes_assumed)
		buffer_printf(&text->part, ", %" PRIu64 " assumed",
			      coverage->facts->nr_flushes_assumed);
	text_paragraph(text, "seen");
}

/* What a user has said of the CPUs, which no capture shows. */
static void show_bbm(struct text *text, const struct coverage *coverage,
		     const struct audit_summary *summary)
{
	if (!coverage->bbm_level)
		return;
	buffer_printf(&text->part, "level %" PRIu32 " (--bbm-level): ", coverage->bbm_level);
	put_count(&text->part, summary->waived, "change");
	buffer_add(&text->part, STR(" without a break allowed by it"));
	text_paragraph(text, "FEAT_BBM");
}

static void show_promotions(struct text *text, const struct audit_summary *summary)
{
	buffer_printf(&text->part, "%" PRIu64 " unsafe, %" PRIu64 " safe, %" PRIu64 " refused",
		      summary->unsafe_promotions, summary->safe_promotions,
		      summary->refused_promotions);
	text_paragraph(text, "promotions");
}

static void show_loss(struct text *text, const struct coverage *coverage,
		      const struct coverage_loss *loss)
{
	buffer_printf(&text->part, "CPU %" PRIu32 ": ", loss->cpu);
	if (loss->unknown)
		buffer_add(&text->part, loss->events ? STR("more than ") : STR("events, "));
	if (loss->events)
		put_count(&text->part, loss->events, "event");
	else
		buffer_add(&text->part, STR("how many is not known"));
	buffer_add(&text->part, STR(", in "));
	put_count(&text->part, loss->times, "gap");
	buffer_add(&text->part, STR(", from "));
	put_time(&text->part, coverage->capture, loss->first);
	buffer_add(&text->part, STR(" to "));
	put_time(&text->part, coverage->capture, loss->last);
	text_paragraph(text, "lost");
}

static void show_unread(struct text *text, const struct capture_info *capture)
{
	if (!capture->nr_unread)
		return;
	buffer_printf(&text->part, "%" PRIu64 " lines or records, the first at ",
		      capture->nr_unread);
	put_place(&text->part, capture, capture->first_unread);
	text_paragraph(text, "not read");
}

static void put_probe_name(struct buffer *buffer, const struct record_type *type)
{
	if (type->system.length) {
		utf8_add_printable(buffer, type->system);
		buffer_add_char(buffer, ':');
	}
	utf8_add_printable(buffer, type->name);
}

/* The record types that mean something, and those that do not. */
static void show_probes(struct text *text, const struct event_summary *events)
{
	for (uint32_t i = 0; i < events->nr_probes; i++) {
		const struct event_probe *probe = &events->probe[i];

		put_probe_name(&text->part, probe->type);
		buffer_printf(&text->part, ": %" PRIu64 ", %s%s", probe->count,
			      probe->meaning	     ? "taken as "
			      : probe->lacks_operand ? "a TLBI without its operand, passed over"
			      : probe->may_be == MAY_BE_ANYTHING ? "not identified"
								 : "passed over",
			      probe->meaning ? probe->meaning : "");
		if (probe->missed)
			buffer_printf(&text->part, "; %" PRIu64 " hits were missed", probe->missed);
		if (probe->instruction)
			buffer_printf(&text->part, "; the kernel has %s there", probe->instruction);
		text_paragraph(text, "probe");
	}
}

/* Those that may be anything, as somebody has to say what they are. */
static void show_unidentified(struct text *text, const struct coverage *coverage)
{
	const struct event_summary *events = coverage->events;
	uint64_t count = coverage->gap[GAP_UNIDENTIFIED];
	uint64_t shown = 0, most = text->report->options.verbose ? 0 : UNIDENTIFIED_SHOWN;

	for (uint32_t i = 0; i < events->nr_probes && shown < most; i++) {
		const struct event_probe *probe = &events->probe[i];

		if (probe->meaning || probe->may_be != MAY_BE_ANYTHING)
			continue;
		buffer_add(&text->part, shown++ ? STR(", ") : STR(""));
		put_probe_name(&text->part, probe->type);
		buffer_printf(&text->part, " (%" PRIu64 ")", probe->count);
	}
	if (!shown)
		return;
	if (count > shown)
		buffer_printf(&text->part, ", and %" PRIu64 " more, which --verbose lists",
			      count - shown);
	text_paragraph(text, "unknown");
}

static void show_gaps(struct text *text, const struct coverage *coverage)
{
	for (enum coverage_gap gap = 0; gap < COVERAGE_GAPS; gap++) {
		const struct coverage_gap_info *info = coverage_gap_info(gap);

		if (!coverage->gap[gap])
			continue;
		buffer_printf(&text->part, "%s", info->name);
		if (coverage->gap[gap] > 1)
			buffer_printf(&text->part, " (%" PRIu64 ")", coverage->gap[gap]);
		buffer_printf(&text->part, ": %s", info->text);
		if (gap == GAP_TRUNCATED) {
			buffer_add(&text->part, STR(", at "));
			put_place(&text->part, coverage->capture, coverage->capture->truncated_at);
		}
		if (gap == GAP_ORDER_UNDECIDED && coverage->undecided.first.order) {
			buffer_add(&text->part, STR(" (first: "));
			put_event(&text->part, coverage->capture, &coverage->undecided.first);
			buffer_add(&text->part, STR(" and "));
			put_event(&text->part, coverage->capture, &coverage->undecided.second);
			buffer_add_char(&text->part, ')');
		}
		text_paragraph(text, info->counts ? "gap" : "remark");
	}
}

void text_coverage(struct text *text, const struct coverage *coverage,
		   const struct audit_summary *summary)
{
	for (uint32_t i = 0; i < coverage->capture->nr_files; i++) {
		buffer_add(&text->part, i ? STR(" ") : STR(""));
		utf8_add_printable(&text->part, str_from(coverage->capture->files[i]));
	}
	text_line(text, "coverage:", COLOUR_PLACE);
	show_capture(text, coverage->capture);
	show_files(text, coverage->capture);
	text_kernel(text, coverage);
	show_span(text, coverage);
	show_geometry(text, &coverage->geometry);
	show_seen(text, coverage);
	show_promotions(text, summary);
	show_bbm(text, coverage, summary);
	for (uint32_t i = 0; i < coverage->nr_losses; i++)
		show_loss(text, coverage, &coverage->loss[i]);
	show_unread(text, coverage->capture);
	if (text->report->options.verbose)
		show_probes(text, coverage->events);
	show_unidentified(text, coverage);
	show_gaps(text, coverage);
}
