/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shape of the kernel's tables: as the user says, or as the first events show it. */
#ifndef MMUREPLAY_CLI_GEOMETRY_H
#define MMUREPLAY_CLI_GEOMETRY_H

#include <mmureplay/mmu-detect.h>
#include <mmureplay/mmu.h>

#include "cli/options.h"

/* Sets the granule and the VA bits in `ret`; true when they are only assumed. */
bool find_geometry(const struct mmu_detect *detect, const struct options *options,
		   struct mmu_options *ret);

#endif
