/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compressed kernel images, gzip or zstd; by themselves, or as the payload of an EFI zboot image
 * (drivers/firmware/efi/libstub/zboot-header.S, since 6.1):
 *
 *   0     4       8                12             16         24
 *   | MZ  | zimg  | payload offset | payload size | reserved | "gzip", "zstd", ...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/try.h"
#include "vmlinux/image.h"

enum {
	CHUNK = 256 * 1024,
	/* inflateInit2(): the largest window, and gzip's header (zlib.h). */
	GZIP_WINDOW_BITS = 15 + 16,

	ZBOOT_OFFSET = 8,
	ZBOOT_SIZE = 12,
	ZBOOT_TYPE = 24,
	ZBOOT_TYPE_MAX = 32,
	ZBOOT_HEADER = ZBOOT_TYPE + ZBOOT_TYPE_MAX,
};

/* With DWARF a vmlinux may have more than a gigabyte; a bomb has no bound. */
#define UNPACKED_MAX (UINT64_C(4) << 30)

struct payload {
	uint64_t offset, end;
	const char *format;
	int to; /* a file in memory */
	uint64_t written;
	uint8_t in[CHUNK], out[CHUNK];
};

static struct error *damaged(const struct payload *payload, const char *why)
{
	return error_create(ERROR_FORMAT, "the %s data is damaged: %s", payload->format,
			    why ? why : "unknown fault");
}

static struct error *read_some(const struct image *image, struct payload *payload, size_t *ret)
{
	uint64_t left = payload->end - payload->offset;

	TRY(image_pread(image, payload->offset, payload->in, left < CHUNK ? (size_t)left : CHUNK,
			ret));
	payload->offset += *ret;
	if (*ret == 0)
		return error_create(ERROR_FORMAT,
				    "the %s data ends in the middle; is the file complete?",
				    payload->format);
	return NULL;
}

static struct error *write_some(struct payload *payload, size_t size)
{
	payload->written += size;
	if (payload->written > UNPACKED_MAX)
		return error_create(ERROR_FORMAT,
				    "the %s data decompresses to more than any kernel image",
				    payload->format);
	for (size_t done = 0; done < size;) {
		ssize_t count = write(payload->to, payload->out + done, size - done);

		if (count < 0 && errno != EINTR)
			return error_system(errno, "cannot decompress it into memory");
		done += count > 0 ? (size_t)count : 0;
	}
	return NULL;
}

static void end_inflate(z_stream *stream)
{
	inflateEnd(stream);
}

static struct error *unpack_gzip(const struct image *image, struct payload *payload)
{
	_cleanup_(end_inflate) z_stream stream = {0};
	int status = inflateInit2(&stream, GZIP_WINDOW_BITS);

	if (status != Z_OK)
		return error_memory();
	/* One member: what follows, in a zboot image and elsewhere, is padding and the size. */
	while (status != Z_STREAM_END) {
		size_t length;

		if (stream.avail_in == 0) {
			TRY(read_some(image, payload, &length));
			stream.next_in = payload->in;
			stream.avail_in = (uInt)length;
		}
		stream.next_out = payload->out;
		stream.avail_out = CHUNK;
		status = inflate(&stream, Z_NO_FLUSH);
		if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
			return damaged(payload, stream.msg);
		TRY(write_some(payload, CHUNK - stream.avail_out));
	}
	return NULL;
}

static void free_stream(ZSTD_DStream **stream)
{
	ZSTD_freeDStream(*stream);
}

static struct error *unpack_zstd(const struct image *image, struct payload *payload)
{
	_cleanup_(free_stream) ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer in = {payload->in, 0, 0};
	size_t left = 1;

	if (!stream)
		return error_memory();
	/* The kernel's own are compressed with --ultra -22: a window of 128 MiB (scripts/Makefile.lib). */
	ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, 27);
	while (left != 0) {
		ZSTD_outBuffer out = {payload->out, CHUNK, 0};

		if (in.pos == in.size) {
			TRY(read_some(image, payload, &in.size));
			in.pos = 0;
		}
		left = ZSTD_decompressStream(stream, &out, &in);
		if (ZSTD_isError(left))
			return damaged(payload, ZSTD_getErrorName(left));
		TRY(write_some(payload, out.pos));
	}
	return NULL;
}

/* The name of the format that data starts with, NULL when it is none that is known here. */
static const char *recognise(const uint8_t *head)
{
	if (memcmp(head, "\x1f\x8b\x08", 3) == 0)
		return "gzip";
	if (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0)
		return "zstd";
	return NULL;
}

/* What is known of other formats is their name. */
static struct error *refuse_others(const uint8_t *head)
{
	static const struct {
		const char *name, *magic;
		size_t length;
	} others[] = {
		{"xz", "\xfd\x37zXZ", 5},
		{"lz4", "\x02\x21\x4c\x18", 4},
		{"bzip2", "BZh", 3},
		{"lzop", "\x89LZO", 4},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (memcmp(head, others[i].magic, others[i].length) == 0)
			return error_create(ERROR_FORMAT,
					    "is compressed with %s: decompress it first",
					    others[i].name);
	return NULL;
}

static struct error *find_zboot(const struct image *image, const uint8_t *header,
				struct payload *payload)
{
	uint64_t offset = load_u32(header + ZBOOT_OFFSET, false);
	uint64_t size = load_u32(header + ZBOOT_SIZE, false);
	uint8_t head[4] = {0};
	size_t length;

	if (offset + size > image->file_size)
		return error_create(
			ERROR_FORMAT,
			"the EFI zboot image's payload does not fit into the file; is it "
			"complete?");
	TRY(image_pread(image, offset, head, sizeof(head), &length));
	payload->offset = offset;
	/* The size leaves out the four bytes of it that gzip ends with. */
	payload->end = image->file_size;
	payload->format = recognise(head);
	if (payload->format)
		return NULL;
	return error_create(
		ERROR_FORMAT,
		"the EFI zboot image is compressed with %.*s: decompress its payload, %u "
		"bytes at %u, first",
		ZBOOT_TYPE_MAX, (const char *)header + ZBOOT_TYPE, (unsigned int)size,
		(unsigned int)offset);
}

/* Finds what is compressed; payload->format NULL: nothing is. */
static struct error *find_payload(const struct image *image, struct payload *payload)
{
	uint8_t header[ZBOOT_HEADER + 1] = {0};
	size_t length;

	TRY(image_pread(image, 0, header, ZBOOT_HEADER, &length));
	if (memcmp(header, "MZ", 2) == 0 && memcmp(header + 4, "zimg", 4) == 0)
		return find_zboot(image, header, payload);
	payload->format = recognise(header);
	payload->end = image->file_size;
	return payload->format ? NULL : refuse_others(header);
}

struct error *image_unpack(struct image *image)
{
	_cleanup_(free_pointer) struct payload *payload = malloc(sizeof(*payload));
	_cleanup_(close_fd) int to = -1;

	if (!payload)
		return error_memory();
	payload->offset = payload->written = 0;
	TRY(find_payload(image, payload));
	if (!payload->format)
		return NULL;
	to = payload->to = memfd_create("mmureplay", MFD_CLOEXEC);
	if (to < 0)
		return error_system(errno, "cannot make a file in memory to decompress it into");
	TRY(strcmp(payload->format, "gzip") == 0 ? unpack_gzip(image, payload)
						 : unpack_zstd(image, payload));
	close(image->fd);
	image->fd = to;
	image->file_size = payload->written;
	to = -1;
	return NULL;
}
