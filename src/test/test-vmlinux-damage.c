/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damaged kernel images give errors, or fewer sites; never more than that. */
#define _GNU_SOURCE
#include <elf.h>
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

#include <mmureplay/probes.h>
#include <mmureplay/vmlinux.h>

#include "base/cleanup.h"

struct file {
	uint8_t *bytes;
	size_t size;
};

static int setup(void **state)
{
	_cleanup_(close_file) FILE *file = fopen(KERNEL_DIR "/kernel.elf", "re");
	struct file *whole = calloc(1, sizeof(*whole));

	*state = whole;
	if (!file || !whole || fseek(file, 0, SEEK_END) != 0)
		return 1;
	whole->size = (size_t)ftell(file);
	whole->bytes = malloc(whole->size);
	rewind(file);
	return !whole->bytes || fread(whole->bytes, 1, whole->size, file) != whole->size;
}

static int teardown(void **state)
{
	struct file *whole = *state;

	free(whole->bytes);
	free(whole);
	return 0;
}

/* Opens the first `size` bytes as a file, plans with all options, and writes in all formats. */
static struct error *read_bytes(const uint8_t *bytes, size_t size)
{
	static const struct probe_options options = {.dsb = true, .callers = true, .all = true};
	_cleanup_(close_fd) int fd = memfd_create("damaged", MFD_CLOEXEC);
	_cleanup_(close_file) FILE *sink = fopen("/dev/null", "we");
	struct vmlinux *vmlinux = NULL;
	struct probe_plan *plan = NULL;
	char path[64];

	assert_true(fd >= 0 && sink);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct error *err = vmlinux_open(path, NULL, &vmlinux);

	if (!err)
		err = probe_plan_create(vmlinux, &options, &plan);
	for (int format = 0; !err && format < PROBE_FORMATS; format++)
		err = probe_plan_write(plan, (enum probe_format)format, sink);
	probe_plan_destroy(plan);
	vmlinux_close(vmlinux);
	return err;
}

/* An error says something, and is about the file, not about memory. */
static void check_error(struct error *err)
{
	assert_int_equal(err->kind, ERROR_FORMAT);
	assert_true(strlen(err->message) > 10);
	error_destroy(err);
}

static void whole_file_is_read(void **state)
{
	const struct file *whole = *state;

	assert_null(read_bytes(whole->bytes, whole->size));
}

static void truncated_files_are_errors(void **state)
{
	const struct file *whole = *state;

	/* The section headers come last: without any one of them something is missing. */
	for (size_t size = 0; size < whole->size; size += 61) {
		struct error *err = read_bytes(whole->bytes, size);

		if (!err)
			fail_msg("%zu bytes of %zu were taken for a whole kernel", size,
				 whole->size);
		check_error(err);
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

static void flip_bits(const struct file *whole, size_t from, size_t size, int times)
{
	_cleanup_(free_pointer) uint8_t *bytes = malloc(whole->size);
	uint64_t random = 0x9e3779b97f4a7c15;

	assert_non_null(bytes);
	for (int i = 0; i < times; i++) {
		uint64_t bit = next_random(&random) % (size * 8);

		memcpy(bytes, whole->bytes, whole->size);
		bytes[from + bit / 8] ^= (uint8_t)(1 << bit % 8);
		struct error *err = read_bytes(bytes, whole->size);

		if (err)
			check_error(err);
	}
}

static void flipped_bits_do_no_harm(void **state)
{
	const struct file *whole = *state;
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)whole->bytes;

	flip_bits(whole, 0, whole->size, 1000);
	/* Where it matters most: all headers. */
	flip_bits(whole, 0, sizeof(*header), 500);
	flip_bits(whole, header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr), 1000);
}

/* Several faults at once, numbers among them that are as large as can be. */
static void broken_bytes_do_no_harm(void **state)
{
	const struct file *whole = *state;
	_cleanup_(free_pointer) uint8_t *bytes = malloc(whole->size);
	uint64_t random = 0x2545f4914f6cdd1d;

	assert_non_null(bytes);
	for (int i = 0; i < 2000; i++) {
		memcpy(bytes, whole->bytes, whole->size);
		for (uint64_t left = 1 + next_random(&random) % 12; left; left--)
			bytes[next_random(&random) % whole->size] =
				next_random(&random) % 2 ? 0xff : (uint8_t)next_random(&random);
		struct error *err = read_bytes(bytes, whole->size);

		if (err)
			check_error(err);
	}
}

/* Sets fields of the file's header, and returns what becomes of it. */
static struct error *read_with_header(const struct file *whole, Elf64_Half count, Elf64_Off offset,
				      uint64_t first_size)
{
	_cleanup_(free_pointer) uint8_t *bytes = malloc(whole->size);
	Elf64_Ehdr *header = (Elf64_Ehdr *)bytes;

	assert_non_null(bytes);
	memcpy(bytes, whole->bytes, whole->size);
	((Elf64_Shdr *)(bytes + header->e_shoff))->sh_size = first_size;
	header->e_shnum = count;
	header->e_shoff = offset;
	return read_bytes(bytes, whole->size);
}

static void section_counts_are_checked(void **state)
{
	const struct file *whole = *state;
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)whole->bytes;

	check_error(read_with_header(whole, 0xfeff, header->e_shoff, 0));
	/* 0: the first section's size says how many. */
	check_error(read_with_header(whole, 0, header->e_shoff, UINT64_MAX));
	check_error(read_with_header(whole, 0, header->e_shoff, UINT32_MAX));
	check_error(read_with_header(whole, header->e_shnum, whole->size, 0));
	check_error(read_with_header(whole, header->e_shnum, UINT64_MAX - 64, 0));
}

static void section_sizes_are_checked(void **state)
{
	const struct file *whole = *state;
	_cleanup_(free_pointer) uint8_t *bytes = malloc(whole->size);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;

	assert_non_null(bytes);
	memcpy(bytes, whole->bytes, whole->size);
	for (int i = 1; i < header->e_shnum; i++) {
		Elf64_Shdr *section = (Elf64_Shdr *)(bytes + header->e_shoff) + i;
		Elf64_Shdr saved = *section;

		section->sh_size = UINT64_MAX / 2;
		struct error *err = read_bytes(bytes, whole->size);

		if (err)
			check_error(err);
		else
			assert_false(saved.sh_flags & SHF_ALLOC);
		*section = saved;
	}
}

static void other_files_are_named(void **state)
{
	const struct file *whole = *state;
	_cleanup_(free_pointer) uint8_t *bytes = malloc(whole->size);
	static const struct {
		size_t offset;
		uint8_t value;
		const char *said;
	} changes[] = {
		{EI_CLASS, ELFCLASS32, "32-bit"},
		{offsetof(Elf64_Ehdr, e_machine), EM_X86_64, "another machine"},
		{EI_MAG0, 'M', "no kernel image"},
	};

	assert_non_null(bytes);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		memcpy(bytes, whole->bytes, whole->size);
		bytes[changes[i].offset] = changes[i].value;
		struct error *err = read_bytes(bytes, whole->size);

		assert_non_null(err);
		if (!strstr(err->message, changes[i].said))
			fail_msg("'%s' does not say '%s'", err->message, changes[i].said);
		check_error(err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_file_is_read),
		cmocka_unit_test(truncated_files_are_errors),
		cmocka_unit_test(flipped_bits_do_no_harm),
		cmocka_unit_test(broken_bytes_do_no_harm),
		cmocka_unit_test(section_counts_are_checked),
		cmocka_unit_test(section_sizes_are_checked),
		cmocka_unit_test(other_files_are_named),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
