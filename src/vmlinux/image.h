/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a kernel image, by address, whatever kind of file they are in.
 *
 * Files are read where they are needed and not mapped: a file that shrinks under us is a short read,
 * and of a vmlinux with DWARF only the code and the symbols are ever in memory.
 */
#ifndef MMUREPLAY_VMLINUX_IMAGE_H
#define MMUREPLAY_VMLINUX_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libelf.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

#include "base/array.h"

/*
 * A run of bytes.  In relocatable objects all sections start at address 0: there, `base` keeps them
 * apart, and is taken off addresses before they are handed out.
 */
struct region {
	uint64_t address;
	uint64_t size;
	uint64_t offset; /* in the file */
	uint64_t base;
	uint64_t reach; /* the highest end of this and those before it */
	bool is_code;
	const char *name; /* of the section; "": a segment */
	uint32_t section; /* its number; 0: none */
};

/* An image that is all zero but for `fd` -1 is empty and valid. */
struct image {
	int fd;
	Elf *elf; /* NULL: not ELF */
	bool big_endian;
	bool is_relocatable;
	bool is_running; /* /proc/kcore: what the boot patches and frees is patched and freed */
	bool is_raw;	 /* the boot Image: its one region's address is not known before _text is */
	uint64_t file_size;		 /* UINT64_MAX: not known (/proc/kcore) */
	ARRAY_OF(struct region) regions; /* with bytes in the file; by address */
};

/* Opens and recognises a file, and decompresses it into memory where it is compressed. */
struct error *image_open(const char *path, struct image *ret) MUST_CHECK;
void image_deinit(struct image *image);

/* Puts them in order, and completes them; after the last was added, or moved. */
struct error *image_sort_regions(struct image *image) MUST_CHECK;

/* In elf.c: lists the regions of the ELF file image->fd. */
struct error *image_open_elf(struct image *image) MUST_CHECK;

/* In packed.c: replaces image->fd by what it decompresses to; does nothing where it is not packed. */
struct error *image_unpack(struct image *image) MUST_CHECK;

/* Reads up to `size` bytes at an offset of the file; fewer only at its end. */
struct error *image_pread(const struct image *image, uint64_t offset, void *to, size_t size,
			  size_t *ret) MUST_CHECK;

/* The region that has `address`; NULL when none has. */
const struct region *image_region(const struct image *image, uint64_t address);

/*
 * The bytes of [address, address + size), for the caller to free.  Fails when they are not all in the
 * file.
 */
struct error *image_read(const struct image *image, uint64_t address, uint64_t size,
			 uint8_t **ret) MUST_CHECK;

/* The same, for a part that may be missing: NULL then, unless memory is short. */
struct error *image_try_read(const struct image *image, uint64_t address, uint64_t size,
			     uint8_t **ret) MUST_CHECK;

enum {
	/* No arm64 kernel is larger: the boot Image must fit below 512 MiB with its bss, Image header. */
	IMAGE_PART_MAX = 512 * 1024 * 1024,
	/* A kernel has about 50; an object with a section for each function some thousands. */
	REGIONS_MAX = 65536,
};

#endif
