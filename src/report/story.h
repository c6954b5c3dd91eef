/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The story of a finding: who mapped, unmapped, invalidated and mapped again, in order of time. */
#ifndef MMUREPLAY_REPORT_STORY_H
#define MMUREPLAY_REPORT_STORY_H

#include <mmureplay/audit.h>

enum scene_kind {
	SCENE_MAPPED,	/* mapping */
	SCENE_UNMAPPED, /* mapping */
	SCENE_TLBI,	/* invalidation */
	SCENE_CLOSED,	/* run */
	SCENE_STEP,	/* step */
};

struct scene {
	enum scene_kind kind;
	const struct event_where *where;
	const char *title; /* MAPPED, UNMAPPED */
	const struct mmu_mapping *mapping;
	const struct finding_invalidation *invalidation;
	const struct mmu_tlbi_run *run;
	const struct finding_step *step;
};

enum {
	/* Two mappings made and unmapped, and the end of the window. */
	MAX_SCENES = FINDING_STEPS + FINDING_INVALIDATIONS + 5,
};

struct story {
	struct scene scene[MAX_SCENES];
	size_t count;
};

/*
 * What came to pass.  The mappings and the steps can be left out; what invalidated is always in it.
 * It points into the finding.
 */
void story_tell(struct story *story, const struct finding *finding, bool invalidations_only);

#endif
