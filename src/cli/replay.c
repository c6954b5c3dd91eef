/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/replay.h"

struct error *replay_error(struct error *err, const struct capture_info *capture,
			   const struct mmu_event *event)
{
	struct record_place place = event->where.place;

	if (place.file >= capture->nr_files)
		return err;
	return error_at(err, capture->files[place.file],
			capture_is_binary(capture, place.file) ? ERROR_OFFSET : ERROR_LINE,
			place.position);
}
