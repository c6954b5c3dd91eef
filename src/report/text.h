/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text output: findings as a compiler prints diagnostics, then the coverage and the verdict.
 *
 *	trace.txt:91: error: TITLE at 0xffff000008a00000 [RULE, CAUSE]      a header
 *	      1.111994  CPU 0  init-1  pmd_set_huge                         a detail of it
 *	  before     pgd[0] -> ...                                          a labelled paragraph
 *	trace.txt:66: note: ...                                             the story, step by step
 */
#ifndef MMUREPLAY_REPORT_TEXT_H
#define MMUREPLAY_REPORT_TEXT_H

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "report/output.h"
#include "report/put.h"

enum {
	TEXT_WIDTH = 100,
	TEXT_LABEL_INDENT = 2,
	TEXT_CONTENT_INDENT = 13, /* of a labelled paragraph */
	TEXT_DETAIL_INDENT = 6,
};

struct text_group;

/* What the finding before this one has told, and need not be told again. */
struct text_told {
	uint64_t order, va;
	const struct mmu_mapping *old_mapping, *new_mapping; /* to be compared only */
	enum audit_cause cause;
	const char *const *fixes;
};

struct text {
	struct report *report;
	struct buffer out;  /* what will be written next */
	struct buffer part; /* the paragraph that is being composed */
	struct arena arena; /* of the groups */
	struct hash_map by_key;
	ARRAY_OF(struct text_group *) groups; /* in order of their first findings */
	uint64_t nr_ungrouped; /* findings that came when there were too many groups */
	struct text_told told;
	uint64_t nr_possible; /* errors that are not certain */
};

/* ---- text-lines.c: how a line looks ------------------------------------------------------ */

enum text_colour {
	COLOUR_NONE,
	COLOUR_PLACE,
	COLOUR_ERROR,
	COLOUR_WARNING,
	COLOUR_NOTE,
	COLOUR_GOOD,
};

enum text_colour text_severity_colour(enum audit_severity severity);

/* From here to text_end(), what is added to `out` has the colour, where colours are wanted. */
void text_start(struct text *text, enum text_colour colour);
void text_end(struct text *text, enum text_colour colour);

/* Ends the part: "  label      the words of the part", wrapped.  An empty part makes no line. */
void text_paragraph(struct text *text, const char *label);

/* Ends the part as "LABEL the words of the part", not indented. */
void text_line(struct text *text, const char *label, enum text_colour colour);

/* Ends the part as a detail of the header above. */
void text_detail(struct text *text);

/* Ends the part as "PLACE: note: the words of the part". */
void text_note(struct text *text, const struct event_where *where);

/* "PLACE: " in colour; "FILE: " when `where` is not in the capture, or NULL. */
void text_place(struct text *text, const struct event_where *where);

/* ---- text-finding.c, text-walk.c, text-story.c: one finding ------------------------------ */

/* Where a finding's header points: at its event, else at the mapping that it is about. */
const struct event_where *finding_place(const struct finding *finding);

/* "PLACE: error: TITLE at VA [RULE, CAUSE]", without an end of line. */
void text_header(struct text *text, const struct finding *finding);

/* The whole finding. */
void text_finding(struct text *text, const struct finding *finding);

/* The walk before and after, when something is known of either. */
void text_walk(struct text *text, const struct finding *finding);

/* What came to pass, in order of time, as notes; without what another finding has told. */
void text_story(struct text *text, const struct finding *finding, bool told);

/* ---- text-judgement.c: why it is one, how sure that is, and what follows ------------------- */

/* Which step was missing. */
void text_cause(struct text *text, const struct finding *finding);

/* What was invalidated in between, the window, the certainty with its reasons, the risk. */
void text_judgement(struct text *text, const struct finding *finding);

void text_fixes(struct text *text, const struct audit_rule_info *rule);
void text_advice(struct text *text, const struct audit_rule_info *rule);

/* ---- text-group.c ------------------------------------------------------------------------ */

/* Counts the finding in its group; true when it is the first of one and shall be shown. */
struct error *text_group_add(struct text *text, const struct finding *finding,
			     bool *is_first) MUST_CHECK;

/* What there is to say of the groups in the end. */
void text_groups(struct text *text);

void text_groups_deinit(struct text *text);

/* ---- text-kernel.c ----------------------------------------------------------------------- */

/* What is known of the kernel by its image; nothing where there is none. */
void text_kernel(struct text *text, const struct coverage *coverage);

/* ---- text-coverage.c --------------------------------------------------------------------- */

void text_coverage(struct text *text, const struct coverage *coverage,
		   const struct audit_summary *summary);

/* ---- text-verdict.c ---------------------------------------------------------------------- */

void text_verdict(struct text *text, const struct coverage *coverage,
		  const struct audit_summary *summary);

#endif
