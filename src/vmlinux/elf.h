/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ELF file says beside its code: symbols, and notes. */
#ifndef MMUREPLAY_VMLINUX_ELF_H
#define MMUREPLAY_VMLINUX_ELF_H

#include <mmureplay/error.h>
#include <mmureplay/str.h>

#include "vmlinux/image.h"
#include "vmlinux/symtab.h"

/* ERROR_FORMAT with what libelf says. */
struct error *elf_fault(const char *what) MUST_CHECK;

/* Adds all symbols of .symtab; none when there is none.  Names are valid as long as the image. */
struct error *image_elf_symbols(const struct image *image, struct symtab *table) MUST_CHECK;

/* Empty: not there.  Valid as long as the image. */
struct elf_notes {
	struct str build_id;
	struct str vmcoreinfo; /* "OSRELEASE=6.1.0\nPAGESIZE=4096\n...": of kcore */
};

void image_elf_notes(const struct image *image, struct elf_notes *ret);

#endif
