/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands an error on to the caller. */
#ifndef MMUREPLAY_BASE_TRY_H
#define MMUREPLAY_BASE_TRY_H

#include <mmureplay/error.h>

#include "base/likely.h"

/* Evaluates `call`, and returns its error from this function if it has one. */
#define TRY(call)                                                                                  \
	do {                                                                                       \
		struct error *try_error_ = (call);                                                 \
		if (RARELY(try_error_))                                                            \
			return try_error_;                                                         \
	} while (0)

#endif
