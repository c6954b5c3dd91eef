/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page size and VA bits to replay with: told by the user, by the kernel's image, or found out. */
#ifndef MMUREPLAY_CLI_GEOMETRY_H
#define MMUREPLAY_CLI_GEOMETRY_H

#include <mmureplay/mmu-detect.h>
#include <mmureplay/mmu.h>
#include <mmureplay/vmlinux-kernel.h>

#include "cli/options.h"

/*
 * Sets them in `ret`.  `kernel` NULL: it is not known.  ERROR_USAGE where the user and its image
 * contradict each other.
 */
struct error *find_geometry(const struct mmu_detect *detect, const struct options *options,
			    const struct kernel *kernel, struct mmu_options *ret,
			    bool *is_assumed) MUST_CHECK;

#endif
