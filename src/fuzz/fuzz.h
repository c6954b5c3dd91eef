/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz targets: bytes that come from outside, as a file, through all that the program does with such a
 * file.  The driver is libFuzzer, or once.c for files that are there.
 */
#ifndef MMUREPLAY_FUZZ_FUZZ_H
#define MMUREPLAY_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>

/* libFuzzer's entry: each target defines it.  -1: not an input for this target, else 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads a file; each target defines what that is. */
struct error *fuzz_file(const char *path);

/*
 * Gives the bytes to fuzz_file() as a file.  Whatever they are, they may lead to an error that says
 * something: ends the program when one does not.
 */
int fuzz_bytes(const uint8_t *data, size_t size);

#endif
