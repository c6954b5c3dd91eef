/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probes are by the kernel's image: kernel/kernel.elf. */
#define _GNU_SOURCE
#include "capture-text.h"

#include <mmureplay/event.h>
#include <mmureplay/vmlinux-kernel.h>

DEFINE_CLEANUP(destroy_decoder, struct decoder *, decoder_destroy)
DEFINE_CLEANUP(close_kernel, struct kernel *, kernel_close)

struct fixture {
	struct kernel *kernel;
	struct capture *capture;
	struct decoder *decoder;
	struct error *err;
};

static void set_up(struct fixture *fixture, const char *text)
{
	*fixture = (struct fixture){.capture = open_text(text)};
	assert_null(kernel_open(KERNEL_DIR "/kernel.elf", NULL, KERNEL_DIR, &fixture->kernel));
	assert_null(capture_set_kernel(fixture->capture, fixture->kernel));
	assert_null(decoder_create(fixture->capture, NULL, &fixture->decoder));
	decoder_set_kernel(fixture->decoder, fixture->kernel);
}

static void tear_down(struct fixture *fixture)
{
	error_destroy(fixture->err);
	decoder_destroy(fixture->decoder);
	capture_close(fixture->capture);
	kernel_close(fixture->kernel);
}

/* The next event; NULL at the end, or with fixture->err. */
static const struct mmu_event *next(struct fixture *fixture)
{
	const struct mmu_event *event = NULL;

	return decoder_next(fixture->decoder, &event, &fixture->err) == DECODE_EVENT ? event : NULL;
}

static const struct event_probe *first_probe(const struct fixture *fixture)
{
	return &decoder_summary(fixture->decoder)->probe[0];
}

static void assert_tlbi(const struct mmu_event *event, const char *op)
{
	char name[TLBI_NAME_MAX];

	assert_non_null(event);
	assert_int_equal(event->kind, EVENT_TLBI);
	assert_string_equal(tlbi_op_name(event->op, name), op);
}

static void names_that_say_nothing_are_understood(void **state)
{
	struct fixture fixture;
	const struct mmu_event *event;

	set_up(&fixture,
	       "     a-1  [000] .....  1.000001: p_1: (iounmap+0x4/0xc) arg1=0xffff800008a00000\n"
	       "     a-1  [000] .....  1.000002: p_2: (flush_exclusive+0x18/0x20) arg1=0x8a00\n"
	       "     a-1  [000] .....  1.000003: p_3: (barriers+0x28/0x60)\n"
	       "     a-1  [000] .....  1.000004: p_4: (pmd_set_huge+0x0/0xc) "
	       "arg1=0xffff00007fffd228 arg2=0x40000000 arg3=0xe8000000000705\n");
	event = next(&fixture);
	assert_int_equal(event->kind, EVENT_UNMAP);
	assert_true(event->va == 0xffff800008a00000);
	event = next(&fixture);
	assert_tlbi(event, "vaale1is");
	assert_true(event->has_operand && event->operand == 0x8a00);
	event = next(&fixture);
	assert_int_equal(event->kind, EVENT_DSB);
	event = next(&fixture);
	assert_int_equal(event->kind, EVENT_BLOCK);
	assert_true(event->entry == 0xffff00007fffd228 && event->pa == 0x40000000);
	assert_null(next(&fixture));
	assert_null(fixture.err);
	assert_null(first_probe(&fixture)->instruction);
	tear_down(&fixture);
}

static void bare_addresses_are_understood(void **state)
{
	struct fixture fixture;
	const struct mmu_event *event;

	/* perf script, with what tells where the kernel ran. */
	set_up(&fixture,
	       "            a     1 [000]     1.000001:  kprobes:p_1: (ffff81234d671350) arg1=0x8a00\n"
	       "            a     1 [000]     1.000002:  kprobes:p_2: (ffff81234d671408) "
	       "arg1=0xffff800008a00000\n");
	assert_null(kernel_locate(fixture.kernel, STR("_stext"), UINT64_C(0xffff81234d671000)));
	event = next(&fixture);
	assert_tlbi(event, "vaale1is");
	assert_true(str_is(event->symbol, "flush_exclusive+0x18"));
	event = next(&fixture);
	assert_int_equal(event->kind, EVENT_UNMAP);
	assert_null(next(&fixture));
	tear_down(&fixture);
}

static void the_instruction_goes_before_the_name(void **state)
{
	struct fixture fixture;

	set_up(&fixture, "     a-1  [000] .....  1.000001: vaae1is_3: (flush_exclusive+0x18/0x20) "
			 "op=0x8a00\n");
	assert_tlbi(next(&fixture), "vaale1is");
	assert_null(next(&fixture));
	assert_string_equal(first_probe(&fixture)->instruction, "vaale1is");
	tear_down(&fixture);
}

static void a_barrier_under_the_name_of_a_tlbi_is_a_barrier(void **state)
{
	struct fixture fixture;

	set_up(&fixture, "     a-1  [000] .....  1.000001: vaae1is_3: (barriers+0x28/0x60)\n");
	assert_int_equal(next(&fixture)->kind, EVENT_DSB);
	assert_string_equal(first_probe(&fixture)->instruction, "dsb ish");
	tear_down(&fixture);
}

/* all_forms ends with "tlbi vale1is, xzr", which completes the one before and names nothing. */
static void the_zero_register_is_an_operand(void **state)
{
	struct fixture fixture;
	size_t count;
	const struct mmu_event *event;
	char text[128];

	set_up(&fixture, "     a-1  [000] .....  1.000001: none: (iounmap+0x0/0xc)\n");
	const struct vmlinux_site *site = vmlinux_sites(kernel_image(fixture.kernel), &count);

	while (count > 0 && site->operand != REGISTER_XZR) {
		site++;
		count--;
	}
	assert_int_not_equal(count, 0);
	snprintf(text, sizeof(text),
		 "     a-1  [000] .....  1.000001: t: (all_forms+0x%llx/0x2b0) arg1=0x1234\n",
		 (unsigned long long)site->offset);
	tear_down(&fixture);
	set_up(&fixture, text);
	event = next(&fixture);
	assert_tlbi(event, "vale1is");
	assert_true(event->has_operand && event->operand == 0);
	tear_down(&fixture);
}

static const char named_for_nothing[] =
	"     a-1  [000] .....  1.000001: vaae1is_3: (flush_exclusive+0x14/0x20) op=0x8a00\n";

static void a_tlbi_that_is_not_there_shows_another_kernel(void **state)
{
	struct fixture fixture;

	set_up(&fixture, named_for_nothing);
	assert_null(next(&fixture));
	assert_int_equal(fixture.err->kind, ERROR_USAGE);
	assert_non_null(strstr(fixture.err->message, "\"vaae1is_3\""));
	assert_non_null(strstr(fixture.err->message, "flush_exclusive+0x14"));
	assert_non_null(strstr(fixture.err->file, "kernel.elf"));
	tear_down(&fixture);
}

static void of_the_right_kernel_it_is_misnamed(void **state)
{
	struct fixture fixture;

	set_up(&fixture, named_for_nothing);
	assert_null(
		kernel_check_build_id(fixture.kernel, "637e34318f3a87d232c99371206cc3d87f9b53d6"));
	assert_null(next(&fixture));
	assert_null(fixture.err);
	assert_null(first_probe(&fixture)->meaning);
	assert_string_equal(first_probe(&fixture)->instruction, "no TLBI");
	tear_down(&fixture);
}

/* In a module, and where the boot decides what is there, only the name tells. */
static void other_names_stand(void **state)
{
	struct fixture fixture;

	set_up(&fixture,
	       "     a-1  [000] .....  1.000001: vaae1is_3: (vendor_flush+0x14/0x20 [ht]) op=0x1\n"
	       "     a-1  [000] .....  1.000002: vaae1is_4: (flush_patched+0x8/0x20) op=0x1\n"
	       /* In the kernel, the function of this name has none there. */
	       "     a-1  [000] .....  1.000003: vaae1is_5: (flush_exclusive+0x14/0x20 [ht]) "
	       "op=0x1\n");
	assert_tlbi(next(&fixture), "vaae1is");
	assert_tlbi(next(&fixture), "vaae1is");
	assert_tlbi(next(&fixture), "vaae1is");
	assert_null(next(&fixture));
	assert_null(fixture.err);
	tear_down(&fixture);
}

/* ht.ko has DWARF, kernel.elf has none. */
static void frames_have_lines_of_source(void **state)
{
	struct fixture fixture;
	const struct mmu_event *event;
	const struct event_origin *origin;

	set_up(&fixture,
	       "     a-1  [000] .....  1.000001: iounmap: (iounmap+0x0/0xc) addr=0xffff800008a00000\n"
	       "     a-1  [000] .....  1.000002: <stack trace>\n"
	       " => vunmap+0x8/0x10\n"
	       " => ht_begin+0x18/0x2c [ht]\n"
	       " => do_one_initcall+0x4/0x8\n");
	event = next(&fixture);
	assert_non_null(event);
	origin = event->origin;
	assert_non_null(origin);
	assert_int_equal(origin->nr_frames, 3);
	assert_non_null(origin->frame_source);
	assert_int_equal(origin->frame_source[0].length, 0);
	assert_true(str_is(origin->frame_source[1], "ht.c:11"));
	assert_int_equal(origin->frame_source[2].length, 0);
	assert_true(str_is(origin->source, "ht.c:11"));
	assert_null(next(&fixture));
	tear_down(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_say_nothing_are_understood),
		cmocka_unit_test(bare_addresses_are_understood),
		cmocka_unit_test(the_instruction_goes_before_the_name),
		cmocka_unit_test(a_barrier_under_the_name_of_a_tlbi_is_a_barrier),
		cmocka_unit_test(the_zero_register_is_an_operand),
		cmocka_unit_test(a_tlbi_that_is_not_there_shows_another_kernel),
		cmocka_unit_test(of_the_right_kernel_it_is_misnamed),
		cmocka_unit_test(other_names_stand),
		cmocka_unit_test(frames_have_lines_of_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
