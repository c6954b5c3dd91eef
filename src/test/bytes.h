/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes put together by hand, in either byte order. */
#ifndef MMUREPLAY_TEST_BYTES_H
#define MMUREPLAY_TEST_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	bool big_endian;
	size_t length;
	uint8_t data[512 * 1024];
};

static inline void put_number(struct bytes *bytes, uint64_t value, size_t size)
{
	if (bytes->length + size > sizeof(bytes->data))
		abort();
	for (size_t i = 0; i < size; i++) {
		size_t shift = 8 * (bytes->big_endian ? size - 1 - i : i);

		bytes->data[bytes->length++] = (uint8_t)(value >> shift);
	}
}

static inline void put_u8(struct bytes *bytes, uint8_t value)
{
	put_number(bytes, value, 1);
}

static inline void put_u16(struct bytes *bytes, uint16_t value)
{
	put_number(bytes, value, 2);
}

static inline void put_u32(struct bytes *bytes, uint32_t value)
{
	put_number(bytes, value, 4);
}

static inline void put_u64(struct bytes *bytes, uint64_t value)
{
	put_number(bytes, value, 8);
}

static inline void put_text(struct bytes *bytes, const void *text, size_t size)
{
	if (bytes->length + size > sizeof(bytes->data))
		abort();
	memcpy(bytes->data + bytes->length, text, size);
	bytes->length += size;
}

/* With its NUL. */
static inline void put_string(struct bytes *bytes, const char *text)
{
	put_text(bytes, text, strlen(text) + 1);
}

/* Writes a number that was not known before over what is at `offset`. */
static inline void set_number(struct bytes *bytes, size_t offset, uint64_t value, size_t size)
{
	size_t length = bytes->length;

	bytes->length = offset;
	put_number(bytes, value, size);
	bytes->length = length;
}

static inline void put_zeros_up_to(struct bytes *bytes, size_t offset)
{
	while (bytes->length < offset)
		put_u8(bytes, 0);
}

/* The first word of an event of the ring buffer: two bit fields. */
static inline void put_event_word(struct bytes *bytes, unsigned int type_len, uint32_t delta)
{
	put_u32(bytes, bytes->big_endian ? type_len << 27 | delta : delta << 5 | type_len);
}

#endif
