// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kprobes.h>
#include <linux/vmalloc.h>

#include "lab.h"

static unsigned long (*lookup)(const char *name);
static void (*reclaim)(void);

/* A kprobe knows the address of a function that is not exported. */
int lab_symbols_init(void)
{
	struct kprobe probe = {.symbol_name = "kallsyms_lookup_name"};
	int error = register_kprobe(&probe);

	if (error)
		return error;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	reclaim = lab_symbol("reclaim_and_purge_vmap_areas");
	return 0;
}

void *lab_symbol(const char *name)
{
	return (void *)lookup(name);
}

/* From 6.9 on vm_unmap_aliases() leaves small areas in pools, which only the first one empties. */
void lab_purge(void)
{
	if (reclaim)
		reclaim();
	else
		vm_unmap_aliases();
}
