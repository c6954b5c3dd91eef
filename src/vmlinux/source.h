/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of source, of images and modules that were built with DWARF. */
#ifndef MMUREPLAY_VMLINUX_SOURCE_H
#define MMUREPLAY_VMLINUX_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

#include "base/hash.h"

struct Dwfl;
struct Dwfl_Module;

/* One ELF file with DWARF; both NULL: there is none. */
struct source_file {
	struct Dwfl *dwfl;
	struct Dwfl_Module *module;
};

/* One that is all zero knows no sources. */
struct sources {
	struct source_file image;
	const char *modules;	   /* the folder; NULL: none */
	struct hash_map by_module; /* name -> struct source_file, of those that were asked for */
};

/* A file that cannot be read, or has no DWARF, is not an error: it only tells nothing. */
void sources_init(struct sources *sources, const char *image, const char *modules);
void sources_deinit(struct sources *sources);

/* The line of an address of the image; in `buffer`, empty where it is not known. */
struct str source_of_image(const struct sources *sources, uint64_t address, char *buffer,
			   size_t size);

/* The line of a place in a module. */
struct str source_of_module(struct sources *sources, struct str module, struct str function,
			    uint64_t offset, char *buffer, size_t size);

#endif
