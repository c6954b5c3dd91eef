/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures that were compressed as a whole, with gzip or zstd: their bytes, as an input's source. */
#ifndef MMUREPLAY_CAPTURE_UNPACK_H
#define MMUREPLAY_CAPTURE_UNPACK_H

#include <mmureplay/error.h>

#include "capture/input.h"

/*
 * Sources of what `packed` decompresses to.  It must outlive them, and is read only by them from then
 * on.  Several compressed files one after another are one input, as for zcat and zstdcat.
 */
struct error *unpack_gzip(struct input *packed, struct input_source *ret) MUST_CHECK;
struct error *unpack_zstd(struct input *packed, struct input_source *ret) MUST_CHECK;

#endif
