/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/digits.h"

enum {
	MAX_DIGITS = 20 /* of UINT64_MAX, in decimal */
};

void add_decimal(struct buffer *buffer, uint64_t value, unsigned int width)
{
	char digits[MAX_DIGITS];
	char *end = digits + MAX_DIGITS, *first = end;

	do
		*--first = (char)('0' + value % 10);
	while (value /= 10);
	while (end - first < width && first > digits)
		*--first = '0';
	buffer_add(buffer, (struct str){first, (size_t)(end - first)});
}

void add_hex(struct buffer *buffer, uint64_t value)
{
	char digits[MAX_DIGITS];
	char *end = digits + MAX_DIGITS, *first = end;

	do
		*--first = "0123456789abcdef"[value % 16];
	while (value /= 16);
	*--first = 'x';
	*--first = '0';
	buffer_add(buffer, (struct str){first, (size_t)(end - first)});
}
