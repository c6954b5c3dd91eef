/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "vmlinux/image.h"

/*
 * The arm64 boot Image starts with 64 bytes (Documentation/arm64/booting.rst):
 *
 *   0       8            16          24     32           56             60
 *   | code  | text_offset | image_size | flags | reserved | "ARM" 0x64  | PE offset |
 */
enum {
	RAW_HEADER_SIZE = 64,
	RAW_MAGIC_OFFSET = 56,
};

static struct error *open_file(const char *path, struct image *image)
{
	struct stat status;

	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (image->fd < 0 || fstat(image->fd, &status) != 0)
		return error_system(errno, "cannot open it");
	if (S_ISDIR(status.st_mode))
		return error_create(ERROR_SYSTEM, "is a folder, not a kernel image");
	if (!S_ISREG(status.st_mode))
		return error_create(
			ERROR_FORMAT,
			"is not a regular file, and a kernel image is not read in order: "
			"save it to a file first");
	image->file_size = (uint64_t)status.st_size;
	return NULL;
}

void image_deinit(struct image *image)
{
	array_deinit(&image->regions);
	if (image->elf)
		elf_end(image->elf);
	if (image->fd >= 0)
		close(image->fd);
	*image = (struct image){.fd = -1};
}

struct error *image_pread(const struct image *image, uint64_t offset, void *to, size_t size,
			  size_t *ret)
{
	size_t done = 0;

	while (done < size && offset + done <= INT64_MAX) {
		ssize_t count =
			pread(image->fd, (char *)to + done, size - done, (off_t)(offset + done));

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_system(errno, "cannot read it");
		if (count == 0)
			break;
		done += (size_t)count;
	}
	*ret = done;
	return NULL;
}

static struct error *open_raw(struct image *image)
{
	struct region all = {.size = image->file_size, .is_code = true, .name = ""};

	image->is_raw = true;
	if (!array_push(&image->regions, all))
		return error_memory();
	return image_sort_regions(image);
}

static struct error *recognise(struct image *image)
{
	char head[RAW_HEADER_SIZE] = {0};
	size_t length;

	TRY(image_pread(image, 0, head, sizeof(head), &length));
	if (length >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0)
		return image_open_elf(image);
	if (length == sizeof(head) && memcmp(head + RAW_MAGIC_OFFSET, "ARM\x64", 4) == 0)
		return open_raw(image);
	return error_create(
		ERROR_FORMAT,
		"%s: neither an ELF file (vmlinux) nor an arm64 boot Image, compressed or "
		"not",
		length ? "is no kernel image" : "is empty");
}

struct error *image_open(const char *path, struct image *ret)
{
	*ret = (struct image){.fd = -1};
	struct error *err = open_file(path, ret);

	if (!err)
		err = image_unpack(ret);
	/* A zboot image has the Image compressed; that, or a vmlinux, is not compressed again. */
	if (!err)
		err = recognise(ret);
	if (err)
		image_deinit(ret);
	return error_at(err, path, ERROR_NO_PLACE, 0);
}

/* The number of regions that do not start behind `address`. */
static size_t count_up_to(const struct image *image, uint64_t address)
{
	return array_count_front(&image->regions, region, region->address <= address);
}

const struct region *image_region(const struct image *image, uint64_t address)
{
	const struct region *found = NULL;

	/* Those of kcore overlap: that of the kernel's own text is the smallest. */
	for (size_t i = count_up_to(image, address); i > 0; i--) {
		const struct region *region = &image->regions.at[i - 1];

		if (region->reach <= address)
			break;
		if (address - region->address < region->size &&
		    (!found || region->size < found->size))
			found = region;
	}
	return found;
}

static int compare_regions(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

struct error *image_sort_regions(struct image *image)
{
	uint64_t reach = 0;

	if (image->regions.count > REGIONS_MAX)
		return error_create(ERROR_FORMAT, "has %zu sections, more than any kernel",
				    image->regions.count);
	if (image->regions.count)
		qsort(image->regions.at, image->regions.count, sizeof(struct region),
		      compare_regions);
	for (size_t i = 0; i < image->regions.count; i++) {
		struct region *region = &image->regions.at[i];
		uint64_t end = region->address + region->size;

		if (end < region->address)
			end = UINT64_MAX;
		reach = region->reach = end > reach ? end : reach;
	}
	return NULL;
}

struct error *image_try_read(const struct image *image, uint64_t address, uint64_t size,
			     uint8_t **ret)
{
	const struct region *region = image_region(image, address);
	size_t length = 0;

	*ret = NULL;
	if (!region || size == 0 || size > IMAGE_PART_MAX ||
	    size > region->size - (address - region->address))
		return NULL;
	_cleanup_(free_pointer) uint8_t *bytes = malloc(size);

	if (!bytes)
		return error_memory();
	TRY(image_pread(image, region->offset + (address - region->address), bytes, size, &length));
	if (length == size)
		*ret = steal(bytes);
	return NULL;
}

struct error *image_read(const struct image *image, uint64_t address, uint64_t size, uint8_t **ret)
{
	TRY(image_try_read(image, address, size, ret));
	if (*ret)
		return NULL;
	return error_create(ERROR_FORMAT,
			    "the %" PRIu64 " bytes at address 0x%" PRIx64
			    " are not in the file; is it complete?",
			    size, address);
}
