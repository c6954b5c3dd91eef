/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The geometry to replay with, by options and by the kernel's image (kernel/kernel.elf: 4K, 48). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/geometry.h"

static int set_up(void **state)
{
	return kernel_open(KERNEL_DIR "/kernel.elf", NULL, NULL, (struct kernel **)state) != NULL;
}

static int tear_down(void **state)
{
	kernel_close(*state);
	return 0;
}

static void the_image_tells(void **state)
{
	const struct mmu_detect nothing = {0};
	const struct options options = {.vmlinux = "kernel.elf"};
	struct mmu_options found = {0};
	bool is_assumed = true;

	assert_null(find_geometry(&nothing, &options, *state, &found, &is_assumed));
	assert_int_equal(found.granule, 4096);
	assert_int_equal(found.va_bits, 48);
	assert_true(found.granule_is_told && found.va_bits_is_told && found.image_tells);
	assert_false(is_assumed);
}

static void without_an_image_it_is_assumed(void **state)
{
	const struct mmu_detect nothing = {0};
	const struct options options = {0};
	struct mmu_options found = {0};
	bool is_assumed = false;

	assert_null(find_geometry(&nothing, &options, NULL, &found, &is_assumed));
	assert_int_equal(found.granule, 4096);
	assert_false(found.granule_is_told || found.va_bits_is_told || found.image_tells);
	assert_true(is_assumed);
}

static void options_that_contradict_it_are_refused(void **state)
{
	static const struct options wrong[] = {
		{.vmlinux = "kernel.elf", .granule = 65536},
		{.vmlinux = "kernel.elf", .va_bits = 39},
	};
	const struct mmu_detect nothing = {0};

	for (size_t i = 0; i < 2; i++) {
		struct mmu_options found = {0};
		bool is_assumed;
		_cleanup_(destroy_error) struct error *err =
			find_geometry(&nothing, &wrong[i], *state, &found, &is_assumed);

		assert_int_equal(err->kind, ERROR_USAGE);
		assert_non_null(strstr(err->message, "kernel.elf"));
	}
}

static void options_that_agree_are_the_users(void **state)
{
	const struct mmu_detect nothing = {0};
	const struct options options = {.vmlinux = "kernel.elf", .granule = 4096, .va_bits = 48};
	struct mmu_options found = {0};
	bool is_assumed;

	assert_null(find_geometry(&nothing, &options, *state, &found, &is_assumed));
	assert_true(found.granule_is_told && found.va_bits_is_told);
	assert_false(found.image_tells);
}

/* What is mapped shows pages that are smaller than the image says. */
static void a_capture_that_contradicts_it_is_an_error(void **state)
{
	const struct mmu_options options = {
		.granule = 65536, .granule_is_told = true, .va_bits = 48, .image_tells = true};
	const struct mmu_event event = {.kind = EVENT_MAP,
					.has_va = true,
					.va = 0xffff800008a01000,
					.end = 0xffff800008a02000};
	struct mmu *mmu = NULL;

	assert_null(mmu_create(&options, NULL, NULL, &mmu));
	_cleanup_(destroy_error) struct error *err = mmu_apply(mmu, &event);

	assert_int_equal(err->kind, ERROR_FORMAT);
	assert_non_null(strstr(err->message, "the page size of --vmlinux, 64K cannot be right"));
	assert_non_null(strstr(err->message, "0xffff800008a01000-0xffff800008a02000"));
	mmu_destroy(mmu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_image_tells, set_up, tear_down),
		cmocka_unit_test(without_an_image_it_is_assumed),
		cmocka_unit_test_setup_teardown(options_that_contradict_it_are_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(options_that_agree_are_the_users, set_up,
						tear_down),
		cmocka_unit_test(a_capture_that_contradicts_it_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
