/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/story.h"

/* Adds a scene in its place in time; one that is not in the capture is left out. */
static void add_scene(struct story *story, struct scene scene)
{
	size_t i = story->count;

	if (!scene.where->order || story->count == MAX_SCENES)
		return;
	for (; i > 0 && story->scene[i - 1].where->order > scene.where->order; i--)
		story->scene[i] = story->scene[i - 1];
	story->scene[i] = scene;
	story->count++;
}

static bool has_scene_at(const struct story *story, uint64_t order)
{
	for (size_t i = 0; i < story->count; i++)
		if (story->scene[i].where->order == order)
			return true;
	return false;
}

static void add_mapping(struct story *story, const struct mmu_mapping *mapping, const char *mapped,
			const char *unmapped)
{
	if (!mapping)
		return;
	add_scene(story, (struct scene){
				 .kind = SCENE_MAPPED,
				 .where = &mapping->made,
				 .title = mapped,
				 .mapping = mapping,
			 });
	add_scene(story, (struct scene){
				 .kind = SCENE_UNMAPPED,
				 .where = &mapping->unmapped,
				 .title = unmapped,
				 .mapping = mapping,
			 });
}

static void tell_mappings(struct story *story, const struct finding *finding)
{
	bool both = finding->old_mapping && finding->new_mapping &&
		    finding->old_mapping != finding->new_mapping;

	add_mapping(story, finding->old_mapping, both ? "mapped before" : "mapped",
		    both ? "the old mapping was undone" : "unmapped");
	if (finding->new_mapping != finding->old_mapping)
		add_mapping(story, finding->new_mapping, both ? "mapped now" : "mapped",
			    "the new mapping was undone");
}

static void tell_invalidations(struct story *story, const struct finding *finding)
{
	for (uint32_t i = 0; i < finding->nr_invalidations; i++)
		add_scene(story, (struct scene){
					 .kind = SCENE_TLBI,
					 .where = &finding->invalidation[i].run.first,
					 .invalidation = &finding->invalidation[i],
				 });
	if (finding->closed && finding->closed_by.count)
		add_scene(story, (struct scene){
					 .kind = SCENE_CLOSED,
					 .where = &finding->closed_by.first,
					 .run = &finding->closed_by,
				 });
}

/* A step that says no more than the finding itself, or than a scene, is left out. */
static void tell_steps(struct story *story, const struct finding *finding)
{
	for (uint32_t i = 0; i < finding->nr_steps; i++)
		if (finding->step[i].where.order != finding->where.order &&
		    !has_scene_at(story, finding->step[i].where.order))
			add_scene(story, (struct scene){
						 .kind = SCENE_STEP,
						 .where = &finding->step[i].where,
						 .step = &finding->step[i],
					 });
}

void story_tell(struct story *story, const struct finding *finding, bool invalidations_only)
{
	story->count = 0;
	if (!invalidations_only)
		tell_mappings(story, finding);
	tell_invalidations(story, finding);
	if (!invalidations_only)
		tell_steps(story, finding);
}
