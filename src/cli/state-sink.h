/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `mmureplay state` writes: as the kernel's page-table dump, or as JSON, an object a line. */
#ifndef MMUREPLAY_CLI_STATE_SINK_H
#define MMUREPLAY_CLI_STATE_SINK_H

#include <mmureplay/capture.h>
#include <mmureplay/mmu-walk.h>

#include "base/buffer.h"

struct state_sink {
	/* The first line; `at` is a time, or UINT64_MAX for the end. */
	void (*header)(struct buffer *line, const struct capture_info *capture,
		       const struct mmu_geometry *geometry, uint64_t at);
	void (*item)(struct buffer *line, const struct capture_info *capture, const struct mmu *mmu,
		     const struct mmu_item *item);
};

extern const struct state_sink state_text, state_json;

/* "pmd", "pte"; "unknown" where neither pages nor blocks were seen. */
const char *item_level_name(const struct mmu *mmu, const struct mmu_item *item);

#endif
