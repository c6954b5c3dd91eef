/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record type means, by symbol, name and fields; and which field is which argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/classify.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct spelling {
	const char *system, *name, *symbol;
	uint64_t offset;
	bool is_return;
	const char *fields[7];
	enum plan_kind kind;
	const char *meaning; /* NULL: not understood */
};

static struct plan plan_of(struct classifier *classifier, const struct spelling *spelling)
{
	struct record_type type = {
		.system = str_from(spelling->system),
		.name = str_from(spelling->name),
		.symbol = str_from(spelling->symbol),
		.offset = spelling->offset,
		.is_return = spelling->is_return,
	};
	struct plan plan;

	for (; type.nr_fields < COUNT(spelling->fields) && spelling->fields[type.nr_fields];
	     type.nr_fields++)
		type.field[type.nr_fields] = str_from(spelling->fields[type.nr_fields]);
	assert_null(classify(classifier, &type, &plan));
	return plan;
}

static void finds_the_meaning(void **state)
{
	static const struct spelling spellings[] = {
		/* The symbol is the truth, the name a hint. */
		{"pgt", "my_event", "pmd_set_huge", 0, false, {"a"}, PLAN_CALL, "pmd_set_huge"},
		{"pgt", "iounmap", "pmd_set_huge", 0, false, {"a"}, PLAN_CALL, "pmd_set_huge"},
		{"pgt", "call", "pmd_set_huge", 0, true, {"a"}, PLAN_RETURN, "pmd_set_huge"},
		/* BTI, or the NOPs of a patchable entry, come before the first instruction. */
		{"pgt", "x", "iounmap", 4, false, {"a"}, PLAN_CALL, "iounmap"},
		{"pgt", "x", "iounmap", 8, false, {"a"}, PLAN_CALL, "iounmap"},
		{"pgt", "x", "iounmap", 12, false, {"a"}, PLAN_UNKNOWN, NULL},
		{"pgt", "ioremap", "iounmap", 12, false, {"a"}, PLAN_UNKNOWN, NULL},
		{"pgt", "x", "iounmap.cold", 0, false, {"a"}, PLAN_UNKNOWN, NULL},
		/* Without the first argument, all are at other places. */
		{"",
		 "e",
		 "__pmd_alloc",
		 0,
		 false,
		 {"arg1", "arg2", "arg3"},
		 PLAN_CALL,
		 "__pmd_alloc"},
		{"", "e", "__pmd_alloc", 0, false, {"arg1", "arg2"}, PLAN_UNUSED, "__pmd_alloc"},
		{"tlbi", "vaae1is_3", "pmd_free_pte_page", 92, false, {"op"}, PLAN_TLBI, "tlbi"},
		{"my",
		 "pmd_free_pte_page_vaae1is",
		 "pmd_free_pte_page",
		 92,
		 false,
		 {"op"},
		 PLAN_TLBI,
		 "tlbi"},
		{"my", "flush_vaale1is_2", "vunmap_range", 68, false, {"op"}, PLAN_TLBI, "tlbi"},
		{"my", "xvaale1is", "vunmap_range", 68, false, {"op"}, PLAN_UNKNOWN, NULL},
		{"", "m", "pmd_set_huge$4d0f3a", 0, false, {"pmdp"}, PLAN_CALL, "pmd_set_huge"},
		{"bar", "dsb_ish_2", "pmd_free_pte_page", 96, false, {NULL}, PLAN_DSB, "dsb"},
		/* A vendor's function under a name that is understood. */
		{"pgt", "pmd_set_huge", "vendor_set", 0, false, {"pmdp"}, PLAN_CALL, "pmd_set_huge"},
		/* No symbol: names. */
		{"", "p_pmd_free_pte_page_92", "", 0, false, {"arg1"}, PLAN_UNKNOWN, NULL},
		{"", "p_pmd_free_pte_page_0", "", 0, false, {"arg1"}, PLAN_CALL, "pmd_free_pte_page"},
		{"", "r_ioremap_prot_0", "", 0, true, {"arg1"}, PLAN_RETURN, "ioremap_prot"},
		{"probe", "iounmap", "", 0, false, {"addr"}, PLAN_CALL, "iounmap"},
		{"probe", "ioremap_prot__return", "", 0, true, {"arg1"}, PLAN_RETURN, "ioremap_prot"},
		{"fprobes", "vunmap__exit", "", 0, false, {NULL}, PLAN_RETURN, "vunmap"},
		{"", "vmalle1is", "", 0, false, {NULL}, PLAN_TLBI, "tlbi"},
		/* Neither: fields. */
		{"",
		 "p_0xffff800008a00000",
		 "",
		 0,
		 false,
		 {"pmdp", "phys", "prot"},
		 PLAN_CALL,
		 "pmd_set_huge"},
		{"",
		 "p1",
		 "",
		 0,
		 false,
		 {"addr", "end", "phys", "prot"},
		 PLAN_CALL,
		 "ioremap_page_range"},
		{"", "p1", "other", 0, false, {"addr", "end", "phys", "prot"}, PLAN_UNKNOWN, NULL},
		{"", "p1", "", 0, false, {"addr", "end"}, PLAN_UNKNOWN, NULL},
		/* Tracepoints. */
		{"kmem",
		 "mm_page_alloc",
		 "",
		 0,
		 false,
		 {"page", "pfn", "order"},
		 PLAN_PAGE_ALLOC,
		 "page alloc"},
		{"",
		 "mm_page_free",
		 "",
		 0,
		 false,
		 {"page", "pfn", "order"},
		 PLAN_PAGE_FREE,
		 "page free"},
		{"kmem",
		 "mm_page_free_batched",
		 "",
		 0,
		 false,
		 {"page"},
		 PLAN_UNUSED,
		 "page free (batched)"},
		{"vmalloc",
		 "purge_vmap_area_lazy",
		 "",
		 0,
		 false,
		 {"start", "end", "num_purged"},
		 PLAN_PURGED,
		 "vmalloc purge"},
		{"",
		 "purge_vmap_area_lazy",
		 "purge_vmap_area_lazy",
		 0,
		 false,
		 {NULL},
		 PLAN_CALL,
		 "purge_vmap_area_lazy"},
		{"mmu_tlbi",
		 "flush_tlb_kernel_range_3",
		 "__purge_vmap_area_lazy",
		 0x2f8,
		 false,
		 {"addr", "end"},
		 PLAN_FLUSHING,
		 "flush_tlb_kernel_range"},
		/* It does not say of what. */
		{"mmu_tlbi",
		 "flush_tlb_kernel_range_3",
		 "__purge_vmap_area_lazy",
		 0x2f8,
		 false,
		 {"addr"},
		 PLAN_UNKNOWN,
		 NULL},
		{"vmalloc",
		 "alloc_vmap_area",
		 "",
		 0,
		 false,
		 {"va_start"},
		 PLAN_UNUSED,
		 "vmalloc area"},
		{"rwmmio", "rwmmio_write", "", 0, false, {"addr"}, PLAN_ACCESS, "mmio access"},
		{"", "rwmmio_post_read", "", 0, false, {"addr"}, PLAN_ACCESS, "mmio access"},
		{"mm", "vmalloc", "vmalloc", 0, false, {"size"}, PLAN_UNUSED, "vmalloc"},
		{"sched", "sched_switch", "", 0, false, {"prev_comm"}, PLAN_UNKNOWN, NULL},
	};
	struct arena arena = {0};
	struct classifier classifier;

	classifier_init(&classifier, NULL, &arena);
	for (size_t i = 0; i < COUNT(spellings); i++) {
		struct plan plan = plan_of(&classifier, &spellings[i]);

		if (plan.kind != spellings[i].kind)
			fail_msg("%s at %s+%u: %d", spellings[i].name, spellings[i].symbol,
				 (unsigned int)spellings[i].offset, plan.kind);
		if (spellings[i].meaning)
			assert_string_equal(plan.meaning, spellings[i].meaning);
		else
			assert_null(plan.meaning);
	}
	classifier_deinit(&classifier);
	arena_deinit(&arena);
}

static void finds_the_arguments(void **state)
{
	static const struct {
		struct spelling spelling;
		enum field_role role[7]; /* of each field */
	} cases[] = {
		/* As the captures have them. */
		{{"", "e", "ioremap_page_range", 0, false, {"addr", "end", "phys", "prot"}, 0, NULL},
		 {ROLE_VA, ROLE_END, ROLE_PHYS, ROLE_PROT}},
		{{"", "e", "__pmd_alloc", 0, false, {"mm", "pudp", "addr"}, 0, NULL},
		 {ROLE_NONE, ROLE_ENTRY, ROLE_VA}},
		{{"", "e", "__pte_alloc_kernel", 0, false, {"pmdp", "addr", "val"}, 0, NULL},
		 {ROLE_ENTRY, ROLE_VA, ROLE_OLD}},
		{{"", "e", "ioremap_prot", 0, true, {"ret"}, 0, NULL}, {ROLE_RESULT}},
		/* As the kernel's source has them. */
		{{"",
		  "e",
		  "generic_ioremap_prot",
		  0,
		  false,
		  {"phys_addr", "size", "pgprot"},
		  0,
		  NULL},
		 {ROLE_PHYS, ROLE_SIZE, ROLE_PROT}},
		{{"", "e", "__pud_alloc", 0, false, {"mm", "p4d", "address"}, 0, NULL},
		 {ROLE_NONE, ROLE_ENTRY, ROLE_VA}},
		{{"", "e", "__iounmap", 0, false, {"io_addr"}, 0, NULL}, {ROLE_VA}},
		{{"",
		  "e",
		  "vmap_range_noflush",
		  0,
		  false,
		  {"addr", "end", "phys_addr", "prot", "max_page_shift"},
		  0,
		  NULL},
		 {ROLE_VA, ROLE_END, ROLE_PHYS, ROLE_PROT, ROLE_SHIFT}},
		/* By number, whatever the order. */
		{{"", "e", "pmd_set_huge", 0, false, {"arg2", "arg1"}, 0, NULL},
		 {ROLE_PHYS, ROLE_ENTRY}},
		{{"", "e", "vm_area_map_pages", 0, false, {"arg1", "arg2", "arg3"}, 0, NULL},
		 {ROLE_NONE, ROLE_VA, ROLE_END}},
		/* By order, where no name says anything. */
		{{"", "e", "pmd_set_huge", 0, false, {"a", "b", "c"}, 0, NULL},
		 {ROLE_ENTRY, ROLE_PHYS, ROLE_PROT}},
		{{"", "e", "pmd_set_huge", 0, false, {"pmdp", "b", "c"}, 0, NULL},
		 {ROLE_ENTRY, ROLE_NONE, ROLE_NONE}},
		/* What the compiler has rewritten may have other arguments. */
		{{"", "e", "pmd_free_pte_page.part.0", 0, false, {"arg1", "arg2"}, 0, NULL},
		 {ROLE_NONE, ROLE_NONE}},
		{{"", "e", "pmd_free_pte_page.part.0", 0, false, {"pmdp", "addr"}, 0, NULL},
		 {ROLE_ENTRY, ROLE_VA}},
		/* The pointer and what it points to. */
		{{"", "e", "pmd_clear_huge", 0, false, {"pmd", "pmdp"}, 0, NULL},
		 {ROLE_OLD, ROLE_ENTRY}},
		/* An instruction's only field is its operand. */
		{{"", "vaae1is", "f", 64, false, {"anything"}, 0, NULL}, {ROLE_OPERAND}},
		{{"", "vaae1is", "f", 64, false, {"cpu", "op"}, 0, NULL},
		 {ROLE_NONE, ROLE_OPERAND}},
	};
	struct arena arena = {0};
	struct classifier classifier;

	classifier_init(&classifier, NULL, &arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan plan = plan_of(&classifier, &cases[i].spelling);

		for (int field = 0; field < 7 && cases[i].spelling.fields[field]; field++) {
			enum field_role found = ROLE_NONE;

			for (int role = 0; role < ROLES; role++)
				if (plan.fields.at[role] == field)
					found = (enum field_role)role;
			if (found != cases[i].role[field])
				fail_msg("%s of %s: role %d", cases[i].spelling.fields[field],
					 cases[i].spelling.symbol, found);
		}
	}
	classifier_deinit(&classifier);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_meaning),
		cmocka_unit_test(finds_the_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
