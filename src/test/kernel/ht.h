/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As include/asm-generic/io.h has it. */
void *ioremap_prot(unsigned long phys, unsigned long size, unsigned long prot);

static inline void *ioremap(unsigned long phys, unsigned long size)
{
	return ioremap_prot(phys, size, 0);
}
