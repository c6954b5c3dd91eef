/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `probes`: what a capture of a kernel needs. */
#ifndef MMUREPLAY_CLI_PROBES_H
#define MMUREPLAY_CLI_PROBES_H

#include "cli/options.h"

/* Reads the kernel image and writes the plan in the format that was asked for. */
struct error *probes(const struct options *options) MUST_CHECK;

#endif
