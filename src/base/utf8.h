/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 (RFC 3629).  Names of tasks, files and symbols in a capture may hold any bytes. */
#ifndef MMUREPLAY_BASE_UTF8_H
#define MMUREPLAY_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include <mmureplay/str.h>

#include "base/buffer.h"

/* The bytes of the character that `view` starts with, and the character; 0: not UTF-8. */
size_t utf8_decode(struct str view, uint32_t *ret);

/* Adds `view` with U+FFFD for each byte that is not UTF-8. */
void utf8_add(struct buffer *buffer, struct str view);

/* Adds `view` with \xNN for each byte that is not UTF-8 or that a terminal may obey. */
void utf8_add_printable(struct buffer *buffer, struct str view);

/* The columns that `view` takes on a terminal, at one for each character. */
size_t utf8_columns(struct str view);

#endif
