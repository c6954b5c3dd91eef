/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sites of kernel/kernel.elf, against what disassemblers say of it (kernel/kernel.objdump). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/vmlinux.h>

#include "base/cleanup.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int setup(void **state)
{
	return vmlinux_open(KERNEL_DIR "/kernel.elf", NULL, (struct vmlinux **)state) != NULL;
}

static int teardown(void **state)
{
	vmlinux_close(*state);
	return 0;
}

/* "x3", "xzr", or nothing. */
static void print_operand(const struct vmlinux_site *site, char *text, size_t size)
{
	if (site->operand == REGISTER_NONE)
		text[0] = '\0';
	else if (site->operand == REGISTER_XZR)
		snprintf(text, size, " xzr");
	else
		snprintf(text, size, " x%u", site->operand);
}

/* The next TLBI from sites[*i] on. */
static const struct vmlinux_site *next_tlbi(const struct vmlinux_site *sites, size_t count,
					    size_t *i)
{
	while (*i < count && sites[*i].kind != SITE_TLBI)
		(*i)++;
	return *i < count ? &sites[(*i)++] : NULL;
}

static void sites_are_those_of_objdump(void **state)
{
	_cleanup_(close_file) FILE *objdump = fopen(KERNEL_DIR "/kernel.objdump", "re");
	size_t count, i = 0, lines = 0;
	const struct vmlinux_site *sites = vmlinux_sites(*state, &count), *site;
	char line[128];

	assert_non_null(objdump);
	while (fgets(line, sizeof(line), objdump)) {
		char operand[8], ours[128];

		site = next_tlbi(sites, count, &i);
		assert_non_null(site);
		print_operand(site, operand, sizeof(operand));
		snprintf(ours, sizeof(ours), "%llx %s%s\n", (unsigned long long)site->address,
			 site->op, operand);
		assert_string_equal(ours, line);
		lines++;
	}
	assert_null(next_tlbi(sites, count, &i));
	/* 26 operations, three scopes, with and without nXS; four of RME; two with xzr; 25 elsewhere. */
	assert_int_equal(lines, 26 * 6 + 4 + 2 + 25);
}

/* The `index`th TLBI in the functions of this name. */
static const struct vmlinux_site *site_in(const struct vmlinux *vmlinux, const char *function,
					  size_t index)
{
	size_t count;
	const struct vmlinux_site *sites = vmlinux_sites(vmlinux, &count);

	for (size_t i = 0; i < count; i++)
		if (sites[i].kind == SITE_TLBI && str_is(sites[i].symbol, function) && index-- == 0)
			return &sites[i];
	fail_msg("no such TLBI in %s", function);
	return NULL;
}

/* What kernel.S has in each of its functions. */
static void obstacles_are_named(void **state)
{
	static const struct {
		const char *function;
		size_t index;
		enum vmlinux_obstacle obstacle;
		enum vmlinux_concern concern;
	} expected[] = {
		{"primary_entry", 0, OBSTACLE_NOT_TEXT, CONCERN_BOOT},
		{"all_forms", 0, OBSTACLE_NONE, CONCERN_KERNEL},
		{"flush_exclusive", 0, OBSTACLE_EXCLUSIVE, CONCERN_KERNEL},
		{"flush_exclusive", 1, OBSTACLE_NONE, CONCERN_KERNEL},
		{"flush_may_fault", 0, OBSTACLE_EXTABLE, CONCERN_KERNEL},
		{"flush_patched", 0, OBSTACLE_ALTERNATIVE, CONCERN_KERNEL},
		{"flush_patched", 1, OBSTACLE_ALTERNATIVE, CONCERN_KERNEL},
		{"flush_notrace", 0, OBSTACLE_NOTRACE, CONCERN_KERNEL},
		{"flush_whole.part.0", 0, OBSTACLE_NONE, CONCERN_KERNEL},
		{"flush_whole.constprop.0", 0, OBSTACLE_NONE, CONCERN_KERNEL},
		{"flush_blacklisted", 0, OBSTACLE_BLACKLIST, CONCERN_KERNEL},
		{"__kvm_flush", 0, OBSTACLE_NONE, CONCERN_GUEST},
		{"el1t_entry", 0, OBSTACLE_ENTRY, CONCERN_KERNEL},
		{"irq_entry", 0, OBSTACLE_ENTRY, CONCERN_KERNEL},
		{"kprobes_own", 0, OBSTACLE_KPROBES, CONCERN_KERNEL},
		{"noinstr", 0, OBSTACLE_NOINSTR, CONCERN_KERNEL},
		{"__cpu_setup", 0, OBSTACLE_IDMAP, CONCERN_BOOT},
		{"__kvm_nvhe_flush", 0, OBSTACLE_HYP, CONCERN_GUEST},
		{"setup_arch", 0, OBSTACLE_INIT, CONCERN_BOOT},
	};

	for (size_t i = 0; i < COUNT(expected); i++) {
		const struct vmlinux_site *site =
			site_in(*state, expected[i].function, expected[i].index);

		if (site->obstacle != expected[i].obstacle || site->concern != expected[i].concern)
			fail_msg("%s: %s; %s", expected[i].function,
				 vmlinux_obstacle_text(site->obstacle),
				 vmlinux_concern_text(site->concern));
	}
}

/* Barriers: all that order memory, not those that order speculation, and not DMB. */
static void barriers_are_found(void **state)
{
	static const char *const expected[] = {
		"dsb oshld",  "dsb oshst",  "dsb osh",	  "dsb nshld", "dsb nshst", "dsb nsh",
		"dsb ishld",  "dsb ishst",  "dsb ish",	  "dsb ld",    "dsb st",    "dsb sy",
		"dsb oshnxs", "dsb nshnxs", "dsb ishnxs", "dsb synxs", "isb",
	};
	size_t count, found = 0;
	const struct vmlinux_site *sites = vmlinux_sites(*state, &count);

	for (size_t i = 0; i < count; i++) {
		if (!str_is(sites[i].symbol, "barriers"))
			continue;
		assert_true(found < COUNT(expected));
		assert_string_equal(sites[i].op, expected[found]);
		assert_int_equal(sites[i].operand, REGISTER_NONE);
		found++;
	}
	assert_int_equal(found, COUNT(expected));
}

/* A TLBI for which an event has nothing but an address. */
static void sites_are_found_by_address(void **state)
{
	const struct vmlinux_site *site = site_in(*state, "flush_exclusive", 1);

	assert_ptr_equal(vmlinux_site_at(*state, site->address), site);
	assert_null(vmlinux_site_at(*state, site->address - 4));
	assert_null(vmlinux_site_at(*state, 0));
}

static void ambiguous_names_are_known(void **state)
{
	struct vmlinux_symbol symbol;

	assert_true(site_in(*state, "tlb_flush", 0)->is_ambiguous);
	assert_true(site_in(*state, "tlb_flush", 1)->is_ambiguous);
	assert_false(site_in(*state, "flush_notrace", 0)->is_ambiguous);
	assert_true(vmlinux_symbol_named(*state, STR("tlb_flush"), &symbol));
	assert_true(symbol.is_ambiguous);
}

static void symbols_are_found(void **state)
{
	struct vmlinux_symbol symbol, other;

	assert_true(vmlinux_symbol_named(*state, STR("flush_whole"), &symbol));
	assert_true(symbol.is_function && !symbol.is_ambiguous);
	assert_int_equal(symbol.size, 16);
	assert_true(vmlinux_symbol_at(*state, symbol.address + 12, &other));
	assert_true(str_is(other.name, "flush_whole"));
	assert_true(vmlinux_symbol_at(*state, symbol.address + 16, &other));
	assert_true(str_is(other.name, "flush_whole.part.0"));
	assert_false(vmlinux_symbol_named(*state, STR("flush_whol"), &symbol));
	assert_false(vmlinux_symbol_at(*state, 0x1000, &symbol));
	assert_true(vmlinux_symbol_named(*state, STR("linux_banner"), &symbol));
	assert_false(symbol.is_function);
}

static void variants_are_found(void **state)
{
	struct vmlinux_symbol symbol;

	assert_true(vmlinux_symbol_variant(*state, STR("flush_whole"), 0, &symbol));
	assert_true(str_is(symbol.name, "flush_whole.constprop.0"));
	assert_true(vmlinux_symbol_variant(*state, STR("flush_whole"), 1, &symbol));
	assert_true(str_is(symbol.name, "flush_whole.part.0"));
	/* ".cold" is jumped to. */
	assert_false(vmlinux_symbol_variant(*state, STR("flush_whole"), 2, &symbol));
	assert_false(vmlinux_symbol_variant(*state, STR("flush"), 0, &symbol));
}

/* Of both copies of flush_tlb_kernel_range(); its own jump to its start is none. */
static void calls_are_found(void **state)
{
	_cleanup_(free_pointer) struct vmlinux_site *call = NULL;
	uint64_t callee[2];
	size_t count;

	for (size_t i = 0; i < COUNT(callee); i++) {
		const struct vmlinux_site *site = site_in(*state, "flush_tlb_kernel_range", i);

		assert_int_equal(site->obstacle, OBSTACLE_NOTRACE);
		callee[i] = site->address - site->offset;
	}
	assert_null(vmlinux_calls(*state, callee, COUNT(callee), &call, &count));
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(call[i].kind, SITE_CALL);
		assert_true(str_is(call[i].symbol, "unmap_and_flush"));
		assert_true(call[i].is_ambiguous);
		assert_int_equal(call[i].offset, i % 2 ? 8 : 4);
		assert_int_equal(call[i].obstacle, OBSTACLE_NONE);
	}
	free(steal(call));
	assert_null(vmlinux_calls(*state, callee, 0, &call, &count));
	assert_int_equal(count, 0);
}

static void image_says_what_it_is(void **state)
{
	const struct vmlinux_info *info = vmlinux_info(*state);

	assert_true(str_is(info->release, "6.1.0-test"));
	assert_int_equal(info->granule, 4096);
	assert_int_equal(info->va_bits, 48);
	assert_int_equal(info->va_bits_max, 48);
	assert_true(info->text == 0xffff800008000000);
	assert_int_equal(info->build_id_size, 20);
	assert_true(str_is(info->config, "CONFIG_ARM64_4K_PAGES=y\nCONFIG_ARM64_VA_BITS=48\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sites_are_those_of_objdump, setup, teardown),
		cmocka_unit_test_setup_teardown(obstacles_are_named, setup, teardown),
		cmocka_unit_test_setup_teardown(barriers_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(sites_are_found_by_address, setup, teardown),
		cmocka_unit_test_setup_teardown(ambiguous_names_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(symbols_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(variants_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(calls_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(image_says_what_it_is, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
