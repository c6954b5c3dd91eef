/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image says about itself: release, page size, VA bits, build id, configuration. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/try.h"
#include "vmlinux/elf.h"
#include "vmlinux/object.h"

/* ---- release ------------------------------------------------------------------------------- */

enum {
	BANNER_MAX = 256,
	SEARCH_PART = 1024 * 1024,
};

/* Takes what comes before the first blank or the end. */
static struct str first_word(struct str text)
{
	size_t length = 0;

	while (length < text.length && text.text[length] > ' ' && text.text[length] < 0x7f)
		length++;
	return str_first(text, length);
}

/* The value of KEY=VALUE in lines. */
static struct str find_value(struct str lines, struct str key)
{
	while (lines.length) {
		const char *newline = memchr(lines.text, '\n', lines.length);
		size_t length = newline ? (size_t)(newline - lines.text) : lines.length;
		struct str line = str_first(lines, length);

		if (str_starts(line, key))
			return str_skip(line, key.length);
		lines = str_skip(lines, length + 1);
	}
	return (struct str){0};
}

static struct error *keep_release(struct vmlinux *vmlinux, struct str release)
{
	release = first_word(release);
	if (release.length == 0)
		return NULL;
	vmlinux->release = str_terminated(release);
	if (!vmlinux->release)
		return error_memory();
	vmlinux->info.release = str_from(vmlinux->release);
	return NULL;
}

/* "Linux version 6.1.0-56-arm64 (...": linux_banner, all versions. */
static const char banner[] = "Linux version ";

/*
 * The address of the banner in a boot Image, whose kallsyms mostly has no data: 0 when it is not
 * there.  linux_proc_banner has a "%s" for the release.
 */
static struct error *search_banner(const struct vmlinux *vmlinux, uint64_t *ret)
{
	const struct region *all = &vmlinux->image.regions.at[0];
	size_t length = sizeof(banner) - 1;

	*ret = 0;
	/* Parts overlap, so that the banner is whole in one of them. */
	for (uint64_t at = 0; at < all->size && !*ret; at += SEARCH_PART) {
		uint64_t left = all->size - at, size = SEARCH_PART + BANNER_MAX;
		_cleanup_(free_pointer) uint8_t *part = NULL;

		TRY(image_try_read(&vmlinux->image, all->address + at, left < size ? left : size,
				   &part));
		struct str text = {(const char *)part, part ? (left < size ? left : size) : 0};
		const char *found = text.text;

		while (found && (found = memmem(found, (size_t)(text.text + text.length - found),
						banner, length))) {
			found += length;
			if (found < text.text + text.length && *found >= '0' && *found <= '9') {
				*ret = all->address + at + (uint64_t)(found - text.text) - length;
				break;
			}
		}
	}
	return NULL;
}

static struct error *read_release(struct vmlinux *vmlinux, struct str vmcoreinfo)
{
	_cleanup_(free_pointer) uint8_t *bytes = NULL;
	uint64_t address = symtab_address(&vmlinux->symbols, "linux_banner");

	if (vmcoreinfo.length)
		return keep_release(vmlinux, find_value(vmcoreinfo, STR("OSRELEASE=")));
	if (!address && vmlinux->image.is_raw)
		TRY(search_banner(vmlinux, &address));
	if (!address)
		return NULL;
	TRY(image_try_read(&vmlinux->image, address, BANNER_MAX, &bytes));
	struct str text = {(const char *)bytes, bytes ? BANNER_MAX : 0};

	if (!str_starts(text, str_from(banner)))
		return NULL;
	return keep_release(vmlinux, str_skip(text, sizeof(banner) - 1));
}

bool is_release_from(const struct vmlinux *vmlinux, unsigned int major, unsigned int minor)
{
	char *end = NULL;

	if (!vmlinux->release)
		return true;
	unsigned long has_major = strtoul(vmlinux->release, &end, 10);
	unsigned long has_minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

	return has_major > major || (has_major == major && has_minor >= minor);
}

/* ---- geometry ------------------------------------------------------------------------------ */

enum {
	/* The Image header, which vmlinux starts with, too (Documentation/arm64/booting.rst). */
	HEADER_SIZE = 64,
	HEADER_FLAGS = 24,
	HEADER_MAGIC = 56,
	PAGE_SIZE_SHIFT = 1, /* flags [2:1]: 1, 2, 3 for 4K, 16K, 64K; 0: not said */
};

static struct error *read_granule(struct vmlinux *vmlinux, struct str vmcoreinfo)
{
	static const uint32_t granules[4] = {0, 4096, 16384, 65536};
	_cleanup_(free_pointer) uint8_t *header = NULL;
	struct str size = find_value(vmcoreinfo, STR("PAGESIZE="));

	if (size.length) {
		unsigned long value = strtoul(size.text, NULL, 10);

		for (size_t i = 1; i < 4; i++)
			if (granules[i] == value)
				vmlinux->info.granule = granules[i];
		return NULL;
	}
	TRY(image_try_read(&vmlinux->image, vmlinux->info.text, HEADER_SIZE, &header));
	if (header && memcmp(header + HEADER_MAGIC, "ARM\x64", 4) == 0) {
		uint64_t flags = load_u64(header + HEADER_FLAGS, false);

		vmlinux->info.granule = granules[flags >> PAGE_SIZE_SHIFT & 3];
	}
	return NULL;
}

/* Widths that arm64 kernels can be built for (arch/arm64/Kconfig); 52 is linked as 48. */
static const uint32_t widths[] = {36, 39, 42, 47, 48};

/*
 * The image is in the vmalloc range, close to its start.  From 5.4 (14c127c957c1, "arm64: mm: Flip
 * kernel VA space") that is the upper half of the kernel's addresses, before it was the lower one.
 */
static uint32_t find_va_bits(const struct vmlinux *vmlinux)
{
	bool is_upper_half = is_release_from(vmlinux, 5, 4);

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		uint32_t bits = is_upper_half ? widths[i] - 1 : widths[i];
		uint64_t start = -(UINT64_C(1) << bits);

		/* Modules and KASAN's shadow may be before it, an eighth at most. */
		if (vmlinux->info.text >= start &&
		    vmlinux->info.text - start < UINT64_C(1) << (bits - 2))
			return widths[i];
	}
	return 0;
}

/* Whether the kernel uses 52 bits on CPUs that have so many. */
static bool may_have_52(const struct vmlinux *vmlinux)
{
	const struct symtab *symbols = &vmlinux->symbols;

	if (vmlinux->info.config.length)
		return find_value(vmlinux->info.config, STR("CONFIG_ARM64_VA_BITS_52=")).length;
	/*
	 * 5.4 to 6.8 have a variable where the width is not known when the kernel is built; from 6.9
	 * on (LPA2) with 4K pages a fifth level, which has functions of its own.
	 */
	return symtab_address(symbols, "vabits_actual") ||
	       (vmlinux->info.granule == 4096 && symtab_address(symbols, "__p4d_alloc"));
}

static void read_va_bits(struct vmlinux *vmlinux)
{
	struct vmlinux_info *info = &vmlinux->info;

	/* KASLR puts a running kernel anywhere in the range. */
	if (!vmlinux->image.elf || vmlinux->image.is_running || !info->text)
		return;
	info->va_bits = info->va_bits_max = find_va_bits(vmlinux);
	if (info->va_bits == 48 && may_have_52(vmlinux))
		info->va_bits_max = 52;
}

/* ---- all ----------------------------------------------------------------------------------- */

struct error *read_facts(struct vmlinux *vmlinux)
{
	struct vmlinux_info *info = &vmlinux->info;
	struct elf_notes notes = {0};
	size_t length = 0;

	info->text = symtab_address(&vmlinux->symbols, "_text");
	if (!info->text)
		info->text = symtab_address(&vmlinux->symbols, "_stext");
	if (vmlinux->image.is_raw)
		info->text = vmlinux->image.regions.at[0].address;
	if (vmlinux->image.elf)
		image_elf_notes(&vmlinux->image, &notes);
	if (notes.build_id.length && notes.build_id.length <= BUILD_ID_MAX) {
		info->build_id_size = notes.build_id.length;
		memcpy(info->build_id, notes.build_id.text, notes.build_id.length);
	}
	TRY(read_release(vmlinux, notes.vmcoreinfo));
	TRY(read_granule(vmlinux, notes.vmcoreinfo));
	TRY(read_config(vmlinux, &vmlinux->config, &length));
	info->config = (struct str){vmlinux->config, length};
	read_va_bits(vmlinux);
	return NULL;
}
