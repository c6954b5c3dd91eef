/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of 64-bit words by their highest and lowest bit, as in the Arm ARM: [high:low]. */
#ifndef MMUREPLAY_MMU_BITS_H
#define MMUREPLAY_MMU_BITS_H

#include <stdint.h>

static inline uint64_t bits_mask(uint32_t high, uint32_t low)
{
	return UINT64_MAX >> (63 - high) & UINT64_MAX << low;
}

static inline uint64_t bits_get(uint64_t word, uint32_t high, uint32_t low)
{
	return (word & bits_mask(high, low)) >> low;
}

/* Copies bit `sign` of `word` to all bits above it. */
static inline uint64_t bits_sign_extend(uint64_t word, uint32_t sign)
{
	uint64_t above = UINT64_MAX << sign;

	return word >> sign & 1 ? word | above : word & ~above;
}

#endif
