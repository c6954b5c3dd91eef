/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <mmureplay/geometry.h>

#include "cli/replay.h"

bool find_geometry(const struct mmu_detect *detect, const struct options *options,
		   struct mmu_options *ret)
{
	bool is_known = true;

	ret->granule_is_told = options->granule;
	ret->granule = options->granule;
	if (!ret->granule)
		ret->granule = mmu_granule_of_va_bits(options->va_bits);
	if (!ret->granule)
		is_known = mmu_detect_granule(detect, &ret->granule);
	ret->va_bits_is_told = options->va_bits;
	ret->va_bits = options->va_bits;
	if (!ret->va_bits)
		mmu_detect_va_bits(detect, ret->granule, &ret->va_bits);
	return !is_known;
}

struct error *replay_event(struct mmu *mmu, const struct capture_info *capture,
			   const struct mmu_event *event)
{
	struct record_place place = event->where.place;
	struct error *err = mmu_apply(mmu, event);

	if (!err || place.file >= capture->nr_files)
		return err;
	return error_at(err, capture->files[place.file],
			capture_is_binary(capture, place.file) ? ERROR_OFFSET : ERROR_LINE,
			place.position);
}
