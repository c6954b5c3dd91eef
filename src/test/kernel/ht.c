/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module with lines of source, stored compiled (ht.ko); made again by make.sh. */
#include "ht.h"

int ht_begin(void), ht_inline(void);

static void *kept;

int ht_begin(void)
{
	kept = ioremap_prot(0x8000000000, 4096, 0);
	return kept ? 0 : -12;
}

int ht_inline(void)
{
	kept = ioremap(0x9000000000, 4096);
	return kept ? 0 : -12;
}
