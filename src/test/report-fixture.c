/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "report-fixture.h"

#define VA UINT64_C(0xffff000008a00000)
#define PMD_SIZE UINT64_C(0x200000)
#define PUD_SIZE UINT64_C(0x40000000)
#define PAGE UINT64_C(0x1000)

void fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){
		.files = {"traces/linux-4.14/trace.txt"},
		.capture =
			{
				.kind = "ftrace text",
				.time_resolution = 1000,
				.nr_records = 613,
				.hides_losses = true,
				.nr_files = 1,
			},
		.geometry =
			{
				.granule_shift = 12,
				.va_bits = 48,
				.first_level = 0,
				.index_bits = 9,
			},
		.facts = {.nr_tlbi = 515},
		.events =
			{
				.first_time = 1100794000,
				.last_time = 1119885000,
				.max_cpu = 1,
			},
	};
	fixture->events.nr_events[EVENT_MAP] = 2;
	fixture->events.nr_events[EVENT_TLBI] = 515;
	fixture->capture.files = fixture->files;
	fixture->coverage = (struct coverage){
		.capture = &fixture->capture,
		.events = &fixture->events,
		.facts = &fixture->facts,
		.geometry = fixture->geometry,
		.loss = fixture->loss,
		.nr_mappings = 2,
		.nr_unmaps = 2,
		.nr_tables = 1,
		.nr_blocks = 1,
	};
}

void fixture_count(struct fixture *fixture, const struct finding *finding)
{
	struct audit_summary *summary = &fixture->summary;

	summary->nr_findings++;
	summary->by_rule[finding->rule]++;
	summary->by_severity[finding->severity]++;
	if (finding->rule == RULE_UNSAFE_PROMOTION)
		summary->unsafe_promotions++;
	if (finding->rule != RULE_ORPHANED_TABLE)
		return;
	summary->orphaned_pages += finding->nr_tables;
	summary->orphaned_bytes += finding->nr_tables * PAGE;
}

struct event_where fixture_at(uint64_t line, uint64_t time)
{
	return (struct event_where){
		.time = time,
		.pid = 1,
		.comm = STR("init"),
		.place = {.position = line},
		.order = line,
	};
}

static const struct event_origin first_caller = {.symbol = {"set_run+0x318/0x1784 [ht]", 25}};
static const struct event_origin second_caller = {.symbol = {"set_run+0x3d0/0x1784 [ht]", 25}};

static struct mmu_mapping *small_mapping(void)
{
	static struct mmu_mapping mapping;

	mapping = (struct mmu_mapping){
		.va = VA,
		.end = VA + PAGE,
		.has_pa = true,
		.pa = 0x8000001000,
		.has_prot = true,
		.prot = 0xe8000000000707,
		.in_ioremap = true,
		.has_pages = true,
		.symbol = STR("__ioremap"),
		.made = fixture_at(66, 1109305000),
		.origin = &first_caller,
		.unmapped = fixture_at(75, 1110863000),
		.unmap_symbol = STR("__iounmap"),
	};
	return &mapping;
}

static struct mmu_mapping *large_mapping(void)
{
	static struct mmu_mapping mapping;

	mapping = (struct mmu_mapping){
		.va = VA,
		.end = VA + PMD_SIZE,
		.has_pa = true,
		.pa = 0x8000400000,
		.has_prot = true,
		.prot = 0xe8000000000707,
		.in_ioremap = true,
		.has_blocks = true,
		.symbol = STR("__ioremap"),
		.made = fixture_at(88, 1111961000),
		.origin = &second_caller,
	};
	return &mapping;
}

static const struct tlbi_op vaae1is = {
	.scope = TLBI_INNER,
	.reach = TLBI_VA,
	.any_asid = true,
	.el = 1,
};

static struct mmu_tlbi_run purge_run(void)
{
	return (struct mmu_tlbi_run){
		.op = vaae1is,
		.what = {.tables = true, .globals = true, .va = VA, .end = VA + 2 * PAGE},
		.first = fixture_at(85, 1111640000),
		.last = fixture_at(86, 1111687000),
		.symbol = STR("__purge_vmap_area_lazy+0x80"),
		.count = 2,
	};
}

static struct mmu_tlbi_run closing_run(void)
{
	return (struct mmu_tlbi_run){
		.op = vaae1is,
		.what = {.tables = true, .globals = true, .va = VA, .end = VA + PAGE},
		.first = fixture_at(108, 1113468000),
		.last = fixture_at(108, 1113468000),
		.symbol = STR("__purge_vmap_area_lazy+0x80"),
		.count = 1,
	};
}

/* What both findings of the 4.14 capture have. */
static struct finding block_over_table(void)
{
	return (struct finding){
		.severity = SEVERITY_ERROR,
		.cause = CAUSE_NO_BREAK,
		.certain = true,
		.evidence = EVIDENCE_REPLAYED,
		.where = fixture_at(91, 1111994000),
		.symbol = STR("pmd_set_huge"),
		.va = VA,
		.end = VA + PMD_SIZE,
		.level = 2,
		.entry = 0xffff80007fffd228,
		.kind_before = ENTRY_TABLE,
		.kind_after = ENTRY_BLOCK,
		.has_before = true,
		.before = 0xb4d16003,
		.has_after = true,
		.after = 0xe8008000400705,
		.old_mapping = small_mapping(),
		.new_mapping = large_mapping(),
		.nr_steps = 3,
		.step =
			{
				{fixture_at(69, 1109483000), STR("__pte_alloc_kernel"),
				 "the page table was installed"},
				{fixture_at(75, 1110863000), STR("__iounmap"),
				 "the mapping was undone"},
				{fixture_at(91, 1111994000), STR("pmd_set_huge"),
				 "the block was stored"},
			},
	};
}

struct finding fixture_unsafe_promotion(void)
{
	struct finding finding = block_over_table();

	finding.rule = RULE_UNSAFE_PROMOTION;
	snprintf(finding.id, sizeof(finding.id), "unsafe-promotion-3f9c2a71-1");
	finding.nr_invalidations = 1;
	finding.invalidation[0] = (struct finding_invalidation){purge_run(), TLBI_BEFORE_BREAK};
	finding.has_window = true;
	finding.opened = finding.where;
	finding.closed = true;
	finding.closed_by = closing_run();
	finding.closed_time = 1113468000;
	return finding;
}

struct finding fixture_orphaned_table(void)
{
	static struct finding_table table;
	struct finding finding = block_over_table();

	table = (struct finding_table){
		.level = 3,
		.va = VA,
		.end = VA + PMD_SIZE,
		.pa = 0xb4d16000,
		.pa_source = PA_ALLOCATION,
		.made = fixture_at(69, 1109483000),
	};
	finding.rule = RULE_ORPHANED_TABLE;
	snprintf(finding.id, sizeof(finding.id), "orphaned-table-5c01d9e2-1");
	finding.table = &table;
	finding.nr_tables = 1;
	return finding;
}

struct finding fixture_orphaned_subtree(void)
{
	static struct finding_table tables[17];
	const uint64_t va = UINT64_C(0xffff000040000000);

	tables[0] = (struct finding_table){
		.level = 2,
		.va = va,
		.end = va + PUD_SIZE,
		.pa = 0x81230000,
		.pa_source = PA_DESCRIPTOR,
	};
	for (uint32_t i = 1; i < 17; i++)
		tables[i] = (struct finding_table){
			.level = 3,
			.va = va + (i - 1) * PMD_SIZE,
			.end = va + i * PMD_SIZE,
			.pa = i % 2 ? 0x81240000 + i * PAGE : 0,
			.pa_source = i % 2 ? PA_ALLOCATION : PA_UNKNOWN,
			.made = fixture_at(100 + i, UINT64_C(2000000000) + i * 1000),
		};
	return (struct finding){
		.rule = RULE_ORPHANED_TABLE,
		.severity = SEVERITY_ERROR,
		.cause = CAUSE_NOT_FREED,
		.certain = true,
		.evidence = EVIDENCE_OBSERVED,
		.id = "orphaned-table-00c0ffee-1",
		.where = fixture_at(200, 2500000000),
		.symbol = STR("pud_set_huge"),
		.va = va,
		.end = va + PUD_SIZE,
		.level = 1,
		.kind_before = ENTRY_TABLE,
		.kind_after = ENTRY_BLOCK,
		.has_before = true,
		.before_is_read = true,
		.before = 0x1000000081230003,
		.has_after = true,
		.after = 0xe8010000000705,
		.nr_tables = 17,
		.table = tables,
	};
}

struct finding fixture_stale_reuse(void)
{
	static const struct record_frame frames[] = {
		{0, {"ioremap_prot+0xa8", 17}},
		{0, {"bochs_hw_init+0x13c", 19}},
		{0xffffc96230123456, {NULL, 0}},
	};
	static const struct str sources[] = {{NULL, 0}, {"bochs.c:210", 11}, {NULL, 0}};
	static const struct event_origin driver = {
		.symbol = {"bochs_hw_init+0x13c", 19},
		.nr_frames = 3,
		.frame = frames,
		.frame_source = sources,
	};
	static struct mmu_mapping old, new;
	const uint64_t va = UINT64_C(0xffff800008095000);

	old = (struct mmu_mapping){
		.va = va,
		.end = va + 4 * PAGE,
		.symbol = STR("ioremap_prot"),
		.unmapped = fixture_at(40, 3000100000),
		.unmap_symbol = STR("iounmap"),
		.from_before = true,
	};
	new = (struct mmu_mapping){
		.va = va,
		.end = va + 4 * PAGE,
		.has_pa = true,
		.pa = 0xfebf0000,
		.symbol = STR("ioremap_prot"),
		.made = fixture_at(60, 3000900000),
		.origin = &driver,
	};
	struct finding finding = {
		.rule = RULE_STALE_REUSE,
		.severity = SEVERITY_ERROR,
		.cause = CAUSE_LOCAL_ONLY,
		.certain = false,
		.evidence = EVIDENCE_REPLAYED,
		.nr_reasons = 3,
		.reason =
			{
				{
					.doubt = DOUBT_EVENTS_LOST,
					.from = 3000200000,
					.to = 3000400000,
					.cpu = 1,
					.lost = 112,
				},
				{.doubt = DOUBT_BEFORE_CAPTURE},
				{.doubt = DOUBT_ORDER},
			},
		.id = "stale-reuse-12345678-1",
		.where = fixture_at(61, 3000901000),
		.symbol = STR("ioremap_page_range"),
		.va = va,
		.end = va + 4 * PAGE,
		.level = MMU_LAST_LEVEL,
		.kind_before = ENTRY_PAGE,
		.old_mapping = &old,
		.new_mapping = &new,
		.nr_invalidations = 2,
		.invalidation =
			{
				{closing_run(), TLBI_OTHER_ADDRESS},
				{closing_run(), TLBI_LOCAL_ONLY},
			},
		.nr_other_invalidations = 37,
		.has_window = true,
		.opened = fixture_at(40, 3000100000),
	};

	finding.reason[2].event[0] = fixture_at(44, 3000120000);
	finding.reason[2].event[1] = fixture_at(61, 3000901000);
	finding.invalidation[0].run.first = fixture_at(42, 3000110000);
	finding.invalidation[0].run.last = fixture_at(42, 3000110000);
	finding.invalidation[1].run = (struct mmu_tlbi_run){
		.op = {.reach = TLBI_ALL, .any_asid = true, .el = 1},
		.what = {.all = true, .tables = true, .globals = true, .local = true},
		.first = fixture_at(44, 3000120000),
		.last = fixture_at(44, 3000120000),
		.symbol = STR("local_flush_tlb_all"),
		.count = 1,
	};
	return finding;
}

struct finding fixture_mapping_leak(void)
{
	return (struct finding){
		.rule = RULE_MAPPING_LEAK,
		.severity = SEVERITY_NOTE,
		.certain = true,
		.evidence = EVIDENCE_REPLAYED,
		.id = "mapping-leak-0badcafe-1",
		.va = VA,
		.end = VA + PMD_SIZE,
		.level = 2,
		.new_mapping = large_mapping(),
	};
}
