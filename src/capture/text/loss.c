/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spellings of a loss:
 *
 *     CPU:0 [LOST 81586 EVENTS]     CPU:4 [LOST EVENTS]          the kernel
 *     CPU:1 [1117760 EVENTS DROPPED]   CPU:1 [EVENTS DROPPED]    trace-cmd report
 *     dd 22894 [001]   952.777481: PERF_RECORD_LOST lost 18043   perf script --show-lost-events
 */
#define _GNU_SOURCE
#include <string.h>

#include "capture/text/scan.h"
#include "capture/text/text.h"

/* Takes a count and a space, when there is one. */
static bool take_count(struct str *text, uint64_t *lost)
{
	*lost = LOST_COUNT_UNKNOWN;
	return !take_decimal(text, lost) || take_text(text, STR(" "));
}

bool text_parse_loss(struct str line, struct text_loss *ret)
{
	const struct str start = STR("CPU:");
	const char *at = memmem(line.text, line.length, start.text, start.length);
	uint64_t number;

	if (!at)
		return false;
	struct str source = trim_end(str_first(line, (size_t)(at - line.text)));
	struct str rest = str_skip(line, (size_t)(at - line.text) + start.length);

	if (source.length) { /* the name of an instance or a file */
		if (last_char(source) != ':')
			return false;
		source.length--;
	}
	if (!take_decimal(&rest, &number) || number > PREFIX_CPU_MAX ||
	    !take_text(&rest, STR(" [")))
		return false;
	*ret = (struct text_loss){.source = skip_spaces(source), .cpu = (uint32_t)number};
	if (take_text(&rest, STR("LOST ")))
		return take_count(&rest, &ret->lost) && str_starts(rest, STR("EVENTS]"));
	return take_count(&rest, &ret->lost) && str_starts(rest, STR("EVENTS DROPPED]"));
}

bool text_parse_perf_loss(struct str text, uint64_t *lost)
{
	if (!take_text(&text, STR("PERF_RECORD_LOST")))
		return false;
	take_word(&text); /* "_SAMPLES" */
	text = skip_spaces(text);
	if (!take_text(&text, STR("lost ")) || !take_decimal(&text, lost))
		*lost = LOST_COUNT_UNKNOWN;
	return true;
}

enum text_step text_report_loss(struct capture *capture, uint32_t cpu, uint64_t lost,
				struct record *record)
{
	text_fill_bare(capture, cpu, record);
	record->lost = lost;
	capture->info.hides_losses = false;
	return TEXT_LOST;
}
