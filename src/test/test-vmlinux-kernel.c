/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a kernel ran, what its addresses are called, and whether an image is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include <mmureplay/vmlinux-kernel.h>

#include "base/cleanup.h"
#include "base/symbols.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define IMAGE KERNEL_DIR "/kernel.elf"

/* kernel.elf, and where KASLR might put it. */
#define LINKED_STEXT UINT64_C(0xffff800008001000)
#define LINKED_IOUNMAP UINT64_C(0xffff800008001408)
#define LINKED_PMD_SET_HUGE UINT64_C(0xffff800008001444)
#define SLIDE UINT64_C(0x12345670000)

DEFINE_CLEANUP(close_kernel, struct kernel *, kernel_close)

static struct kernel *open_image(void)
{
	struct kernel *kernel = NULL;

	assert_null(kernel_open(IMAGE, NULL, NULL, &kernel));
	return kernel;
}

static void assert_named(const struct kernel *kernel, uint64_t address, const char *expected)
{
	char text[SYMBOL_TEXT_MAX];
	struct symbol_place place;

	if (!expected) {
		assert_false(kernel_find(kernel, address, &place));
		return;
	}
	assert_true(kernel_find(kernel, address, &place));
	assert_string_equal(symbol_print(&place, SYMBOL_LONG, text).text, expected);
}

static void assert_slide(const struct kernel *kernel, enum kernel_slide_source source,
			 uint64_t expected)
{
	uint64_t slide;

	assert_int_equal(kernel_slide(kernel, &slide), source);
	assert_true(slide == expected);
}

static void assert_fails(struct error *err, enum error_kind kind, const char *const words[],
			 size_t count)
{
	_cleanup_(destroy_error) struct error *refusal = err;

	assert_non_null(refusal);
	assert_int_equal(refusal->kind, kind);
	for (size_t i = 0; i < count; i++)
		if (!strstr(refusal->message, words[i]))
			fail_msg("\"%s\" is not in \"%s\"", words[i], refusal->message);
}

/* Another kernel, or another boot. */
static void assert_refused(struct error *err, const char *const words[], size_t count)
{
	assert_fails(err, ERROR_USAGE, words, count);
}

/* A file with these bytes, to be unlinked by the caller. */
static void make_file(char path[static 32], const void *bytes, size_t size)
{
	strcpy(path, "/tmp/mmureplay-XXXXXX");
	_cleanup_(close_fd) int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
}

static struct error *open_with_kallsyms(const char *image, const char *text, struct kernel **ret)
{
	char path[32];

	make_file(path, text, strlen(text));
	struct error *err = kernel_open(image, path, NULL, ret);

	unlink(path);
	return err;
}

/* ---- where it ran -------------------------------------------------------------------------- */

static void names_nothing_before_it_is_located(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = open_image();

	assert_slide(kernel, SLIDE_UNKNOWN, 0);
	assert_named(kernel, LINKED_PMD_SET_HUGE, NULL);
}

static void a_symbol_of_the_capture_tells_the_slide(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = open_image();

	assert_null(kernel_locate(kernel, STR("no_such_symbol"), LINKED_STEXT));
	assert_slide(kernel, SLIDE_UNKNOWN, 0);
	assert_null(kernel_locate(kernel, STR("_stext"), LINKED_STEXT + SLIDE));
	assert_slide(kernel, SLIDE_CAPTURE, SLIDE);
	assert_named(kernel, LINKED_PMD_SET_HUGE + SLIDE, "pmd_set_huge+0x0/0xc");
	assert_named(kernel, LINKED_PMD_SET_HUGE + SLIDE + 8, "pmd_set_huge+0x8/0xc");
	assert_named(kernel, LINKED_PMD_SET_HUGE, NULL);
	/* A module, above the kernel. */
	assert_named(kernel, LINKED_STEXT + SLIDE + 0x10000000, NULL);
}

static void kallsyms_tells_the_slide_and_the_modules(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = NULL;

	assert_null(open_with_kallsyms(IMAGE,
				       "ffff81234d671000 T _stext\n"
				       "ffff81234d671408 T iounmap\n"
				       "ffff81234d671444 T pmd_set_huge\n"
				       "ffffa00000000000 t nmap\t[ht]\n"
				       "ffffa00000000100 t unmap\t[ht]\n",
				       &kernel));
	assert_slide(kernel, SLIDE_KALLSYMS, UINT64_C(0x12345670000));
	assert_named(kernel, UINT64_C(0xffffa00000000084), "nmap+0x84/0x100 [ht]");
	assert_null(kernel_locate(kernel, STR("_stext"), UINT64_C(0xffff81234d671000)));
	assert_refused(kernel_locate(kernel, STR("_stext"), UINT64_C(0xffff81234d681000)),
		       (const char *[]){"another boot", "0xffff81234d671000", "0xffff81234d681000"},
		       3);
}

static void kallsyms_is_enough(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = NULL;
	const struct vmlinux_site *site;

	assert_null(open_with_kallsyms(NULL,
				       "ffff81234d671000 T _stext\n"
				       "ffff81234d671408 T iounmap\n",
				       &kernel));
	assert_null(kernel_image(kernel));
	assert_named(kernel, UINT64_C(0xffff81234d67140c), "iounmap+0x4/0xbf8");
	assert_int_equal(kernel_site_at(kernel, STR("iounmap"), 4, &site), KERNEL_UNKNOWN);
	assert_null(kernel_check_build_id(kernel, "00"));
	assert_null(kernel_check_release(kernel, "5.10.0"));
}

static void kallsyms_may_be_compressed(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = NULL;
	static const char text[] = "ffff81234d671408 T iounmap\n";
	char path[32];

	make_file(path, "", 0);
	gzFile file = gzopen(path, "w");

	assert_int_equal(gzputs(file, text), strlen(text));
	assert_int_equal(gzclose(file), Z_OK);
	assert_null(kernel_open(NULL, path, NULL, &kernel));
	unlink(path);
	assert_named(kernel, UINT64_C(0xffff81234d671408), "iounmap+0x0/0xbf8");
}

static void refuses_what_is_no_kallsyms(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{"", "is it the text of /proc/kallsyms?"},
		{"hello\nworld\n", "is it the text of /proc/kallsyms?"},
		{"0000000000000000 T _stext\n0000000000000000 T iounmap\n", "as root"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct kernel *kernel = NULL;

		assert_fails(open_with_kallsyms(NULL, cases[i].text, &kernel), ERROR_FORMAT,
			     &cases[i].word, 1);
		assert_null(kernel);
	}
	struct kernel *kernel = NULL;
	_cleanup_(destroy_error) struct error *err =
		kernel_open(NULL, "/no/such/file", NULL, &kernel);

	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_string_equal(err->file, "/no/such/file");
}

static void probes_tell_the_slide(void **state)
{
	/* Entries, one behind BTI, and two TLBIs: far enough apart to fit nowhere else. */
	static const uint64_t places[] = {
		0xffff800008001444, 0xffff800008001408 + 4, 0xffff800008001474,
		0xffff8000080013fc, 0xffff80000800102c,	    0xffff800008001008,
	};
	uint64_t address[COUNT(places)];

	for (size_t i = 0; i < COUNT(places); i++)
		address[i] = places[i] + SLIDE;
	for (size_t count = 0; count <= COUNT(places); count++) {
		_cleanup_(close_kernel) struct kernel *kernel = open_image();
		bool found = kernel_locate_by_probes(kernel, address, count);

		assert_true(found == (count >= 4));
		assert_slide(kernel, found ? SLIDE_PROBES : SLIDE_UNKNOWN, found ? SLIDE : 0);
	}
}

static void probes_elsewhere_tell_no_slide(void **state)
{
	/* In the middle of functions, where nothing is. */
	static const uint64_t address[] = {
		0xffff80000800dff0, 0xffff80000801fff0, 0xffff80000803e0f0,
		0xffff80000800ccf0, 0xffff800008001444,
	};
	_cleanup_(close_kernel) struct kernel *kernel = open_image();

	assert_false(kernel_locate_by_probes(kernel, address, COUNT(address)));
	assert_slide(kernel, SLIDE_UNKNOWN, 0);
}

/* ---- whether it is the right one ----------------------------------------------------------- */

static void build_ids_are_compared(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = open_image();
	const struct vmlinux_info *info = vmlinux_info(kernel_image(kernel));
	char own[2 * BUILD_ID_MAX + 1] = "";

	for (size_t i = 0; i < info->build_id_size; i++)
		snprintf(own + 2 * i, 3, "%02x", info->build_id[i]);
	assert_null(kernel_check_build_id(kernel, NULL));
	assert_int_equal(kernel_proof(kernel), PROOF_NONE);
	assert_null(kernel_check_build_id(kernel, own));
	assert_int_equal(kernel_proof(kernel), PROOF_BUILD_ID);
	assert_refused(kernel_check_build_id(kernel, "338d20205ee321570ed1bbd998bf2e1a2b8aa92c"),
		       (const char *[]){own, "338d20205ee321570ed1bbd998bf2e1a2b8aa92c"}, 2);
}

static void releases_are_compared(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = open_image();

	assert_null(kernel_check_release(kernel, "6.1.0-test"));
	assert_int_equal(kernel_proof(kernel), PROOF_RELEASE);
	assert_refused(kernel_check_release(kernel, "6.1.0-tes"),
		       (const char *[]){"6.1.0-test", "6.1.0-tes;", "6.1.0-tes"}, 1);
}

static void symbols_are_compared(void **state)
{
	static const char same[] = "ffff81234d671000 T _stext\n"
				   "ffff81234d671444 T pmd_set_huge\n";
	/* By the 17th symbol, which is compared: the first is _stext itself. */
	char other[1024] = "ffff81234d671000 T _stext\n";
	_cleanup_(close_kernel) struct kernel *kernel = open_image();
	struct symbols symbols;

	assert_true(symbols_init(&symbols, STR(same)));
	assert_null(kernel_check_symbols(kernel, &symbols));
	assert_int_equal(kernel_proof(kernel), PROOF_SYMBOLS);
	symbols_deinit(&symbols);
	for (int i = 1; i < 16; i++)
		snprintf(other + strlen(other), 64, "ffff81234d6711%02x t filler_%d\n", i, i);
	strcat(other, "ffff81234d671450 T pmd_set_huge\n");
	assert_true(symbols_init(&symbols, str_from(other)));
	assert_refused(kernel_check_symbols(kernel, &symbols),
		       (const char *[]){"pmd_set_huge", "0x444", "0x450"}, 3);
	symbols_deinit(&symbols);
}

static void sizes_are_compared(void **state)
{
	_cleanup_(close_kernel) struct kernel *kernel = open_image();

	assert_null(kernel_check_size(kernel, STR("pmd_set_huge"), 12));
	assert_null(kernel_check_size(kernel, STR("no_such_function"), 12));
	/* Two functions have this name. */
	assert_null(kernel_check_size(kernel, STR("tlb_flush"), 4));
	/* Where a part of the image ends, one may differ. */
	assert_null(kernel_check_size(kernel, STR("iounmap"), 16));
	assert_refused(kernel_check_size(kernel, STR("pmd_set_huge"), 16),
		       (const char *[]){"pmd_set_huge", "0xc", "0x10"}, 3);
}

/* ---- instructions -------------------------------------------------------------------------- */

static void instructions_are_found(void **state)
{
	static const struct {
		const char *symbol;
		uint64_t offset;
		enum kernel_answer answer;
		const char *op;
	} cases[] = {
		{"flush_exclusive", 24, KERNEL_SITE, "vaale1is"},
		{"flush_exclusive", 20, KERNEL_OTHER, NULL},
		{"flush_whole.part.0", 8, KERNEL_SITE, "vaae1is"},
		{"barriers", 8, KERNEL_SITE, "dsb oshld"},
		/* Two functions have this name, and the same instruction there. */
		{"tlb_flush", 8, KERNEL_UNKNOWN, NULL},
		/* The boot decides what is there. */
		{"flush_patched", 8, KERNEL_UNKNOWN, NULL},
		{"flush_patched", 16, KERNEL_UNKNOWN, NULL},
		{"linux_banner", 0, KERNEL_UNKNOWN, NULL},
		{"of_a_module", 8, KERNEL_UNKNOWN, NULL},
		{"", 8, KERNEL_UNKNOWN, NULL},
	};
	_cleanup_(close_kernel) struct kernel *kernel = open_image();

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct vmlinux_site *site = NULL;
		enum kernel_answer answer =
			kernel_site_at(kernel, str_from(cases[i].symbol), cases[i].offset, &site);

		if (answer != cases[i].answer)
			fail_msg("%s+%d: %d", cases[i].symbol, (int)cases[i].offset, answer);
		if (cases[i].op)
			assert_string_equal(site->op, cases[i].op);
	}
}

/* ---- source -------------------------------------------------------------------------------- */

static void modules_have_lines_of_source(void **state)
{
	static const struct {
		const char *caller, *source;
	} cases[] = {
		/* Where ioremap_prot() returns to is the next line already. */
		{"ht_begin+0x18/0x2c [ht]", "ht.c:11"},
		{"ht_begin+0x18 [ht]", "ht.c:11"},
		{"ht_begin+0x0/0x2c [ht]", "ht.c:10"},
		/* In an inline function of a header: the call of that. */
		{"ht_inline+0x18/0x2c [ht]", "ht.c:17"},
		{"ht_begin+0x18/0x2c [th]", ""},
		{"ht_begin+0x18/0x2c", ""},
		{"ht_begin [ht]", ""},
		{"ht_end+0x18/0x2c [ht]", ""},
		{"0xffffa00000000084", ""},
		{"ht_begin+", ""},
		/* This one was built without. */
		{"iounmap+0x4/0xc", ""},
		{"", ""},
	};
	_cleanup_(close_kernel) struct kernel *kernel = NULL;
	char buffer[KERNEL_SOURCE_MAX];

	assert_null(kernel_open(IMAGE, NULL, KERNEL_DIR, &kernel));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str source = kernel_source(kernel, str_from(cases[i].caller), buffer);

		if (!str_is(source, cases[i].source))
			fail_msg("%s: \"%.*s\"", cases[i].caller, STR_ARGS(source));
	}
}

/* Lines of damaged modules may be wrong or missing. */
static void damaged_modules_do_no_harm(void **state)
{
	_cleanup_(close_file) FILE *file = fopen(KERNEL_DIR "/ht.ko", "re");
	char folder[] = "/tmp/mmureplay-XXXXXX", path[64], buffer[KERNEL_SOURCE_MAX];
	uint8_t whole[8192], bytes[sizeof(whole)];
	uint64_t random = 1;

	assert_non_null(file);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/ht.ko", folder);
	size_t size = fread(whole, 1, sizeof(whole), file);

	for (int i = 0; i < 1000; i++) {
		_cleanup_(close_kernel) struct kernel *kernel = NULL;
		size_t length = i % 4 == 0 ? size * (size_t)i / 1000 : size;

		memcpy(bytes, whole, size);
		for (int flips = i % 4; flips > 0; flips--) {
			random = random * 6364136223846793005U + 1442695040888963407U;
			bytes[(random >> 32) % size] ^= (uint8_t)(1U << (random >> 61));
		}
		FILE *damaged = fopen(path, "we");

		assert_non_null(damaged);
		assert_int_equal(fwrite(bytes, 1, length, damaged), length);
		assert_int_equal(fclose(damaged), 0);
		assert_null(kernel_open(NULL, NULL, folder, &kernel));
		kernel_source(kernel, STR("ht_begin+0x18/0x2c [ht]"), buffer);
		kernel_source(kernel, STR("ht_inline+0x18/0x2c [ht]"), buffer);
	}
	unlink(path);
	rmdir(folder);
}

static void the_folder_must_be_there(void **state)
{
	struct kernel *kernel = NULL;
	_cleanup_(destroy_error) struct error *err =
		kernel_open(NULL, NULL, "/no/such/folder", &kernel);

	assert_int_equal(err->kind, ERROR_SYSTEM);
	assert_string_equal(err->file, "/no/such/folder");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_nothing_before_it_is_located),
		cmocka_unit_test(a_symbol_of_the_capture_tells_the_slide),
		cmocka_unit_test(kallsyms_tells_the_slide_and_the_modules),
		cmocka_unit_test(kallsyms_is_enough),
		cmocka_unit_test(kallsyms_may_be_compressed),
		cmocka_unit_test(refuses_what_is_no_kallsyms),
		cmocka_unit_test(probes_tell_the_slide),
		cmocka_unit_test(probes_elsewhere_tell_no_slide),
		cmocka_unit_test(build_ids_are_compared),
		cmocka_unit_test(releases_are_compared),
		cmocka_unit_test(symbols_are_compared),
		cmocka_unit_test(sizes_are_compared),
		cmocka_unit_test(instructions_are_found),
		cmocka_unit_test(modules_have_lines_of_source),
		cmocka_unit_test(damaged_modules_do_no_harm),
		cmocka_unit_test(the_folder_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
