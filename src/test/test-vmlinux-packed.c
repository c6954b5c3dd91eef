/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compressed images, alone or in an EFI zboot image, whole and damaged: kernel/kernel.elf in each. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include <mmureplay/vmlinux.h>

#include "base/cleanup.h"
#include "bytes.h"

enum {
	ZBOOT_HEADER = 4096,
	GZIP_WINDOW_BITS = 15 + 16,
	/* What the kernel's build uses, "zstd -22 --ultra" (scripts/Makefile.lib). */
	ZSTD_KERNEL_LEVEL = 22,
	ZSTD_KERNEL_WINDOW = 27,
};

static struct bytes kernel, packed, zboot;

static int setup(void **state)
{
	_cleanup_(close_file) FILE *file = fopen(KERNEL_DIR "/kernel.elf", "re");

	if (!file)
		return 1;
	kernel.length = fread(kernel.data, 1, sizeof(kernel.data), file);
	return kernel.length == 0 || kernel.length == sizeof(kernel.data);
}

/* ---- packing ------------------------------------------------------------------------------- */

static void pack_gzip(void)
{
	z_stream stream = {.next_in = kernel.data,
			   .avail_in = (uInt)kernel.length,
			   .next_out = packed.data,
			   .avail_out = sizeof(packed.data)};

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, GZIP_WINDOW_BITS, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	packed.length = stream.total_out;
	deflateEnd(&stream);
}

static void pack_zstd(void)
{
	packed.length =
		ZSTD_compress(packed.data, sizeof(packed.data), kernel.data, kernel.length, 3);
	assert_false(ZSTD_isError(packed.length));
}

/* From a pipe, so that its size is not said, with the largest window. */
static void pack_zstd_as_the_kernel(void)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_inBuffer from = {kernel.data, kernel.length / 2, 0};
	ZSTD_outBuffer to = {packed.data, sizeof(packed.data), 0};

	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZSTD_KERNEL_LEVEL);
	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, ZSTD_KERNEL_WINDOW);
	assert_false(ZSTD_isError(ZSTD_compressStream2(context, &to, &from, ZSTD_e_flush)));
	from.size = kernel.length;
	assert_int_equal(ZSTD_compressStream2(context, &to, &from, ZSTD_e_end), 0);
	packed.length = to.pos;
	ZSTD_freeCCtx(context);
}

/* As drivers/firmware/efi/libstub/zboot-header.S has it, with what a PE image ends with. */
static void put_into_zboot(const char *kind)
{
	zboot.length = 0;
	put_text(&zboot, "MZ\0\0zimg", 8);
	put_u32(&zboot, ZBOOT_HEADER);
	put_u32(&zboot, (uint32_t)packed.length - 4);
	put_u64(&zboot, 0);
	put_string(&zboot, kind);
	put_zeros_up_to(&zboot, ZBOOT_HEADER);
	put_text(&zboot, packed.data, packed.length);
	put_zeros_up_to(&zboot, zboot.length + 300);
}

static const struct {
	const char *name, *kind;
	void (*pack)(void);
} packers[] = {
	{"gzip", "gzip", pack_gzip},
	{"zstd", "zstd", pack_zstd},
	{"zstd, as the kernel's build has it", "zstd22", pack_zstd_as_the_kernel},
};

/* ---- reading ------------------------------------------------------------------------------- */

static struct error *open_bytes(const uint8_t *bytes, size_t size, struct vmlinux **ret)
{
	_cleanup_(close_fd) int fd = memfd_create("packed", MFD_CLOEXEC);
	char path[64];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return vmlinux_open(path, NULL, ret);
}

static size_t count_sites(const struct bytes *image, const char *name)
{
	struct vmlinux *vmlinux = NULL;
	struct error *err = open_bytes(image->data, image->length, &vmlinux);
	size_t count;

	if (err)
		fail_msg("%s: %s", name, err->message);
	vmlinux_sites(vmlinux, &count);
	vmlinux_close(vmlinux);
	return count;
}

static void what_is_in_it_is_read(void **state)
{
	size_t expected = count_sites(&kernel, "kernel.elf");

	assert_true(expected > 100);
	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		packers[i].pack();
		assert_int_equal(count_sites(&packed, packers[i].name), expected);
		put_into_zboot(packers[i].kind);
		assert_int_equal(count_sites(&zboot, packers[i].name), expected);
	}
}

/* ---- damage -------------------------------------------------------------------------------- */

/* An error that says something of the file, or whatever can be read of it. */
static bool is_refused(const uint8_t *bytes, size_t size)
{
	struct vmlinux *vmlinux = NULL;
	struct error *err = open_bytes(bytes, size, &vmlinux);

	vmlinux_close(vmlinux);
	if (!err)
		return false;
	assert_int_equal(err->kind, ERROR_FORMAT);
	assert_true(strlen(err->message) > 10);
	error_destroy(err);
	return true;
}

static void truncated_ones_are_errors(void **state)
{
	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		packers[i].pack();
		put_into_zboot(packers[i].kind);
		/* The last bytes are checksums, which zstd leaves out unless it is asked for them. */
		for (size_t size = 0; size + 16 < packed.length; size += packed.length / 50) {
			assert_true(is_refused(packed.data, size));
			assert_true(is_refused(zboot.data, ZBOOT_HEADER + size));
		}
	}
}

/* xorshift64 (Marsaglia, 2003): the same flips in each run. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void flipped_bits_do_no_harm(void **state)
{
	enum {
		TIMES = 300
	};
	uint64_t random = 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		packers[i].pack();
		put_into_zboot(packers[i].kind);
		for (int time = 0; time < TIMES; time++) {
			/* Half of them in what tells where the payload is, and how it begins. */
			size_t start = time % 2 ? 0 : ZBOOT_HEADER;
			size_t size = time % 4 == 1 ? 64 : time % 4 == 0 ? 16 : packed.length;
			uint64_t bit = next_random(&random) % (size * 8);

			zboot.data[start + bit / 8] ^= (uint8_t)(1 << bit % 8);
			is_refused(zboot.data, zboot.length);
			zboot.data[start + bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_it_is_read),
		cmocka_unit_test(truncated_ones_are_errors),
		cmocka_unit_test(flipped_bits_do_no_harm),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
