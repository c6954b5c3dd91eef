// SPDX-License-Identifier: GPL-2.0-or-later
/* Accesses to device memory through an address that is no longer mapped. */
#include <linux/io.h>
#include <linux/instruction_pointer.h>
#include <linux/mm.h>

#include "lab.h"

/* QEMU's virt board: the identification registers of its real-time clock, which reading leaves alone. */
#define CLOCK_PHYS 0x9010000
#define CLOCK_ID 0xfe0

/* As readl(), which tells rwmmio of the access before making it, but surviving the fault. */
static noinline bool read_survives(unsigned long va)
{
	long (*read)(void *to, const void *from, size_t size) =
		lab_symbol("copy_from_kernel_nofault");
	u32 value;

#ifdef CONFIG_TRACE_MMIO_ACCESS
	log_read_mmio(32, (void __iomem *)va, _THIS_IP_, _RET_IP_);
#endif
	return read && !read(&value, (void *)va, sizeof(value));
}

static void access_after_unmap(void)
{
	void *va = lab_map(CLOCK_PHYS, PAGE_SIZE);
	unsigned long at = (unsigned long)va + CLOCK_ID;
	struct lab_walk walk;
	bool before = read_survives(at), after;

	lab_unmap(va);
	lab_walk(at, &walk);
	after = read_survives(at);
	if (!before)
		lab_failed("the device could not be read");
	lab_access_note(at, lab_value(&walk, walk.level), !after);
	lab_purge_logged();
	/* With the translation gone from the TLB too. */
	lab_access_note(at, lab_value(&walk, walk.level), !read_survives(at));
}

const struct lab_scenario lab_access[] = {
	{"access", NULL, access_after_unmap},
	{},
};
