/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open kernel image, and how its parts come to be. */
#ifndef MMUREPLAY_VMLINUX_OBJECT_H
#define MMUREPLAY_VMLINUX_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/vmlinux.h>

#include "base/array.h"
#include "vmlinux/image.h"
#include "vmlinux/symtab.h"

/* Addresses of one kind. */
struct span {
	uint64_t start, end;
	enum vmlinux_obstacle obstacle;
};

struct spans {
	ARRAY_OF(struct span) spans;
};

struct addresses {
	ARRAY_OF(uint64_t) list; /* in order */
};

/* What the kernel's build left in tables about its own code. */
struct tables {
	struct spans areas;	    /* that kprobes may not enter: few */
	struct spans alternatives;  /* replaced, and replacements: by start, each below 256 bytes */
	struct addresses blacklist; /* entries of functions: NOKPROBE_SYMBOL() */
	struct addresses ftrace;    /* where calls of ftrace can be patched in; empty: not known */
	struct addresses faulting;  /* exception table */
};

struct sites {
	ARRAY_OF(struct vmlinux_site) list;
};

struct vmlinux {
	struct image image;
	struct symtab symbols;
	struct tables tables;
	struct vmlinux_info info;
	char *release, *config; /* what info's views point to */
	struct sites sites;
};

/* In facts.c: all of vmlinux->info. */
struct error *read_facts(struct vmlinux *vmlinux) MUST_CHECK;

/* In config.c: the embedded .config; NULL where there is none. */
struct error *read_config(const struct vmlinux *vmlinux, char **ret, size_t *length) MUST_CHECK;

/* In tables.c. */
struct error *read_tables(struct vmlinux *vmlinux) MUST_CHECK;
void tables_deinit(struct tables *tables);

/* In sites.c: vmlinux->sites.  Comes last. */
struct error *find_sites(struct vmlinux *vmlinux) MUST_CHECK;

/* Whether the release is of `major`.`minor` or later; true when it is not known. */
bool is_release_from(const struct vmlinux *vmlinux, unsigned int major, unsigned int minor);

/* The part of an image between two symbols of the linker script; false when it is not there. */
bool find_part(const struct vmlinux *vmlinux, const char *start, const char *end, struct span *ret);

/* The same of a section: the first of this name. */
bool find_section(const struct vmlinux *vmlinux, const char *name, struct span *ret);

#endif
