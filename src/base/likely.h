/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the compiler which way to keep straight, where each record passes. */
#ifndef MMUREPLAY_BASE_LIKELY_H
#define MMUREPLAY_BASE_LIKELY_H

#define MOSTLY(condition) __builtin_expect(!!(condition), 1)
#define RARELY(condition) __builtin_expect(!!(condition), 0)

#endif
