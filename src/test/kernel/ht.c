/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module with lines of source, stored compiled (ht.ko); made again by make.sh. */
void *ioremap_prot(unsigned long phys, unsigned long size, unsigned long prot);

int ht_begin(void);

static void *kept;

int ht_begin(void)
{
	kept = ioremap_prot(0x8000000000, 4096, 0);
	return kept ? 0 : -12;
}
