/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel (kernel/kernel.elf) needs, against what a capture had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mmureplay/audit.h>

struct fixture {
	struct kernel *kernel;
	struct audit *audit;
	struct mmu *mmu;
	struct capture_info capture;
	struct event_summary events;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	struct audit_options options = {0};
	const struct mmu_options mmu_options = {0};

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	assert_null(kernel_open(KERNEL_DIR "/kernel.elf", NULL, NULL, &fixture.kernel));
	options.kernel = fixture.kernel;
	assert_null(audit_create(&options, NULL, NULL, &fixture.audit));
	assert_null(mmu_create(&mmu_options, audit_change, fixture.audit, &fixture.mmu));
	/* Something was seen, and the capture tells what was defined. */
	fixture.events.nr_events[EVENT_TLBI] = 1;
	fixture.events.knows_unhit = true;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	mmu_destroy(fixture->mmu);
	audit_destroy(fixture->audit);
	kernel_close(fixture->kernel);
	return 0;
}

static const struct coverage *finish(struct fixture *fixture, const struct event_probe *probes,
				     uint32_t count)
{
	fixture->events.probe = probes;
	fixture->events.nr_probes = count;
	assert_null(
		audit_finish(fixture->audit, fixture->mmu, &fixture->capture, &fixture->events));
	return audit_coverage(fixture->audit);
}

static bool lacks(const struct coverage *coverage, enum probe_kind kind, const char *where)
{
	for (uint32_t i = 0; i < coverage->nr_unprobed; i++)
		if (coverage->unprobed[i]->kind == kind &&
		    strcmp(coverage->unprobed[i]->where, where) == 0)
			return true;
	return false;
}

static uint32_t count_op(const struct coverage *coverage, const char *op)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < coverage->nr_unprobed; i++)
		count += coverage->unprobed[i]->site &&
			 strcmp(coverage->unprobed[i]->site->op, op) == 0;
	return count;
}

static void all_is_missing_where_there_was_nothing(void **state)
{
	const struct coverage *coverage = finish(*state, NULL, 0);

	assert_int_not_equal(coverage->nr_unprobed, 0);
	assert_int_equal(coverage->gap[GAP_UNPROBED], coverage->nr_unprobed);
	assert_int_equal(coverage->gap[GAP_UNHIT], 0);
	assert_true(lacks(coverage, PROBE_CALL, "pmd_set_huge"));
	assert_true(lacks(coverage, PROBE_RETURN, "pmd_set_huge"));
	assert_true(lacks(coverage, PROBE_CALL, "iounmap"));
	assert_true(lacks(coverage, PROBE_INSTRUCTION, "flush_exclusive+0x18"));
	/* What cannot be probed is not missing. */
	assert_false(lacks(coverage, PROBE_INSTRUCTION, "flush_notrace+0x8"));
}

/* By the probed place, whatever the events are called. */
static void what_was_hit_is_there(void **state)
{
	static const struct record_type types[] = {
		{.id = 0, .name = {"a", 1}, .symbol = {"pmd_set_huge", 12}, .offset = 4},
		{.id = 1, .name = {"b", 1}, .symbol = {"iounmap", 7}, .is_return = true},
		{.id = 2, .name = {"c", 1}, .symbol = {"flush_exclusive", 15}, .offset = 0x18},
	};
	const struct event_probe probes[] = {
		{.type = &types[0]},
		{.type = &types[1]},
		{.type = &types[2]},
	};
	const struct coverage *coverage = finish(*state, probes, 3);

	assert_false(lacks(coverage, PROBE_CALL, "pmd_set_huge"));
	assert_true(lacks(coverage, PROBE_RETURN, "pmd_set_huge"));
	assert_true(lacks(coverage, PROBE_CALL, "iounmap"));
	assert_false(lacks(coverage, PROBE_INSTRUCTION, "flush_exclusive+0x18"));
}

/* By its name: no record has told where it was. */
static void what_was_defined_is_there(void **state)
{
	static const struct record_type types[] = {
		{.id = TYPE_UNMET, .name = {"pmd_set_huge", 12}},
		{.id = TYPE_UNMET, .name = {"vaale1is_7", 10}},
		{.id = TYPE_UNMET, .name = {"vaale1is_8", 10}},
	};
	const struct event_probe probes[] = {
		{.type = &types[0], .meaning = "pmd_set_huge"},
		{.type = &types[1], .meaning = "tlbi"},
		{.type = &types[2], .meaning = "tlbi"},
	};
	uint32_t all = count_op(finish(*state, NULL, 0), "vaale1is");

	assert_true(all > 2);
	tear_down(state);
	set_up(state);
	const struct coverage *coverage = finish(*state, probes, 3);

	assert_false(lacks(coverage, PROBE_CALL, "pmd_set_huge"));
	assert_true(lacks(coverage, PROBE_RETURN, "pmd_set_huge"));
	assert_int_equal(count_op(coverage, "vaale1is"), all - 2);
}

static void what_was_refused_is_not_missing(void **state)
{
	static const struct str refused[] = {{"iounmap", 7}, {"flush_exclusive+0x18", 20}};
	struct audit_options options = {.refused = refused, .nr_refused = 2};
	struct fixture *fixture = *state;

	audit_destroy(fixture->audit);
	options.kernel = fixture->kernel;
	assert_null(audit_create(&options, NULL, NULL, &fixture->audit));
	const struct coverage *coverage = finish(fixture, NULL, 0);

	assert_false(lacks(coverage, PROBE_CALL, "iounmap"));
	assert_false(lacks(coverage, PROBE_INSTRUCTION, "flush_exclusive+0x18"));
	assert_true(lacks(coverage, PROBE_CALL, "pmd_set_huge"));
	assert_int_equal(coverage->gap[GAP_REFUSED], 2);
	assert_false(coverage_gap_info(GAP_REFUSED)->counts);
}

/* A text tells of hits only; and a probe that was never hit and has no telling name may be any. */
static void it_may_not_have_been_hit(void **state)
{
	struct fixture *fixture = *state;

	fixture->events.nr_unmet_unknown = 1;
	const struct coverage *coverage = finish(fixture, NULL, 0);

	assert_int_equal(coverage->gap[GAP_UNPROBED], 0);
	assert_int_equal(coverage->gap[GAP_UNHIT], coverage->nr_unprobed);
}

static void a_text_does_not_tell(void **state)
{
	struct fixture *fixture = *state;

	fixture->events.knows_unhit = false;
	const struct coverage *coverage = finish(fixture, NULL, 0);

	assert_int_equal(coverage->gap[GAP_UNPROBED], 0);
	assert_int_equal(coverage->gap[GAP_UNHIT], coverage->nr_unprobed);
}

/* Where nothing is understood, the addresses may be why. */
static void a_kernel_in_an_unknown_place_is_told(void **state)
{
	static const struct record_type type = {.id = 0, .name = {"p_1", 3}};
	static const struct event_probe probe = {.type = &type};
	struct fixture *fixture = *state;
	const struct coverage *coverage = finish(fixture, &probe, 1);

	assert_int_equal(coverage->gap[GAP_UNPLACED_KERNEL], 0);
	tear_down(state);
	set_up(state);
	fixture->events.nr_events[EVENT_TLBI] = 0;
	coverage = finish(fixture, &probe, 1);
	assert_int_equal(coverage->gap[GAP_UNPLACED_KERNEL], 1);
	tear_down(state);
	set_up(state);
	fixture->events.nr_unnamed = 1;
	coverage = finish(fixture, NULL, 0);
	assert_int_equal(coverage->gap[GAP_UNPLACED_KERNEL], 1);
	tear_down(state);
	set_up(state);
	fixture->events.nr_unnamed = 1;
	assert_null(kernel_locate(fixture->kernel, STR("_stext"), UINT64_C(0xffff800008001000)));
	coverage = finish(fixture, NULL, 0);
	assert_int_equal(coverage->gap[GAP_UNPLACED_KERNEL], 0);
}

static void names_that_contradict_the_image_are_told(void **state)
{
	static const struct record_type type = {.id = 0, .name = {"vaae1is_0", 9}};
	static const struct event_probe probe = {
		.type = &type, .meaning = "tlbi", .instruction = "vaale1is"};
	const struct coverage *coverage = finish(*state, &probe, 1);

	assert_int_equal(coverage->gap[GAP_MISNAMED], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_is_missing_where_there_was_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_was_hit_is_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_defined_is_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_refused_is_not_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_may_not_have_been_hit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_text_does_not_tell, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kernel_in_an_unknown_place_is_told, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(names_that_contradict_the_image_are_told, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
