/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growable array of any element type, as a struct {T *at; size_t count, capacity;}. */
#ifndef MMUREPLAY_BASE_ARRAY_H
#define MMUREPLAY_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define ARRAY_OF(type)                                                                             \
	struct {                                                                                   \
		type *at;                                                                          \
		size_t count;                                                                      \
		size_t capacity;                                                                   \
	}

/* Appends `value`; false when memory is short, and nothing is changed then. */
#define array_push(array, value)                                                                   \
	(array_reserve_((void **)&(array)->at, &(array)->capacity, (array)->count + 1,             \
			sizeof(*(array)->at)) &&                                                   \
	 ((array)->at[(array)->count++] = (value), true))

/* Frees the elements' memory and leaves an empty array. */
#define array_deinit(array)                                                                        \
	(free((array)->at), (array)->at = NULL, (array)->count = (array)->capacity = 0)

/*
 * How many elements are in front: those for which `test` holds, an expression with `element`, a pointer to
 * one.  The array is sorted: behind the first for which it does not hold it holds for none.
 */
#define array_count_front(array, element, test)                                                    \
	__extension__({                                                                            \
		size_t low_ = 0, high_ = (array)->count;                                           \
                                                                                                   \
		while (low_ < high_) {                                                             \
			size_t middle_ = low_ + (high_ - low_) / 2;                                \
			__typeof__(&(array)->at[0]) element = &(array)->at[middle_];               \
                                                                                                   \
			if (test)                                                                  \
				low_ = middle_ + 1;                                                \
			else                                                                       \
				high_ = middle_;                                                   \
		}                                                                                  \
		low_;                                                                              \
	})

/* Makes room for `count` elements; for array_push() and callers that fill in place. */
static inline bool array_reserve_(void **at, size_t *capacity, size_t count, size_t size)
{
	if (count <= *capacity)
		return true;
	size_t wanted = *capacity ? *capacity * 2 : 8;

	if (wanted < count)
		wanted = count;
	void *moved = reallocarray(*at, wanted, size);

	if (!moved)
		return false;
	*at = moved;
	*capacity = wanted;
	return true;
}

#endif
