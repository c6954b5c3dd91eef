/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel that a capture is of, as --vmlinux and --kallsyms describe it. */
#ifndef MMUREPLAY_CLI_KERNEL_H
#define MMUREPLAY_CLI_KERNEL_H

#include <mmureplay/vmlinux-kernel.h>

#include "cli/options.h"

/*
 * Opens it and gives it to `capture`.  Where nothing says where the kernel ran, the captures are read
 * once more for where their probes were; standard input is not.  NULL when no option describes it.
 */
struct error *open_kernel(const struct options *options, struct capture *capture,
			  struct kernel **ret) MUST_CHECK;

#endif
