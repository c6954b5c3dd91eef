/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel as it ran: kernel.c has its parts, locate.c finds the slide, proof.c compares. */
#ifndef MMUREPLAY_VMLINUX_PRIVATE_KERNEL_H
#define MMUREPLAY_VMLINUX_PRIVATE_KERNEL_H

#include <mmureplay/vmlinux-kernel.h>

#include "base/symbols.h"
#include "vmlinux/source.h"

struct kernel {
	char *path;		 /* of the image */
	char *kallsyms;		 /* path of the kallsyms */
	struct vmlinux *vmlinux; /* NULL: none */
	struct symbols symbols;	 /* of the kallsyms; empty: none */
	struct symbols earlier;	 /* of one that was read before; empty: none */
	uint64_t slide;
	enum kernel_slide_source slide_source;
	enum kernel_proof proof;
	uint32_t nr_other_sizes; /* of functions that kernel_check_size() found to differ */
	char *modules;		 /* the folder; NULL: none */
	struct sources sources;
};

#endif
