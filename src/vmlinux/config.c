/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The .config in the image (CONFIG_IKCONFIG), in .rodata (kernel/configs.c):
 *
 *   | IKCFG_ST | gzip data | IKCFG_ED |
 */
#include <stdlib.h>

#include <zlib.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "vmlinux/object.h"

enum {
	TAG = 8,
	/* They are 300 KB long, 70 KB compressed. */
	PACKED_MAX = 4 * 1024 * 1024,
	CONFIG_MAX = 16 * 1024 * 1024,
	GZIP_WINDOW_BITS = 15 + 16, /* zlib.h: the largest window, and gzip's header */
};

static void end_inflate(z_stream *stream)
{
	inflateEnd(stream);
}

/* NULL when the data is damaged: then there is none. */
static struct error *inflate_config(const uint8_t *packed, size_t size, char **ret, size_t *length)
{
	_cleanup_(end_inflate) z_stream stream = {0};
	_cleanup_(free_pointer) char *text = malloc(CONFIG_MAX);

	if (!text || inflateInit2(&stream, GZIP_WINDOW_BITS) != Z_OK)
		return error_memory();
	stream.next_in = (Bytef *)(uintptr_t)packed;
	stream.avail_in = (uInt)size;
	stream.next_out = (Bytef *)text;
	stream.avail_out = CONFIG_MAX;
	if (inflate(&stream, Z_FINISH) != Z_STREAM_END)
		return NULL;
	*length = CONFIG_MAX - stream.avail_out;
	char *fitting = realloc(text, *length + 1);

	text = NULL;
	if (!fitting)
		return error_memory();
	fitting[*length] = '\0';
	*ret = fitting;
	return NULL;
}

struct error *read_config(const struct vmlinux *vmlinux, char **ret, size_t *length)
{
	_cleanup_(free_pointer) uint8_t *packed = NULL;
	struct span part;

	/* The first since 5.1 (13610aa908dc), a local array before. */
	if (!find_part(vmlinux, "kernel_config_data", "kernel_config_data_end", &part)) {
		uint64_t start = symtab_address(&vmlinux->symbols, "kernel_config_data");
		struct vmlinux_symbol symbol;

		if (!start || !symtab_named(&vmlinux->symbols, STR("kernel_config_data"), &symbol))
			return NULL;
		const struct region *region = image_region(&vmlinux->image, start);
		uint64_t left = region ? region->size - (start - region->address) : 0;

		part = (struct span){.start = start + TAG,
				     .end = start + (left < PACKED_MAX ? left : PACKED_MAX)};
		if (left <= TAG)
			return NULL;
	}
	TRY(image_try_read(&vmlinux->image, part.start, part.end - part.start, &packed));
	return packed ? inflate_config(packed, part.end - part.start, ret, length) : NULL;
}
