/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as text.  A line of `mmureplay events` has a dozen, which printf() takes its time for. */
#ifndef MMUREPLAY_CLI_DIGITS_H
#define MMUREPLAY_CLI_DIGITS_H

#include <stdint.h>

#include "base/buffer.h"

/* With zeros in front up to `width` digits; as "%0*PRIu64". */
void add_decimal(struct buffer *buffer, uint64_t value, unsigned int width);

/* "0x8a00000", as "0x%PRIx64". */
void add_hex(struct buffer *buffer, uint64_t value);

#endif
