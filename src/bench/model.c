/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an event costs the model and its rules, by how much is mapped.
 *
 * usage: bench-model [CYCLES [PAGES]]
 *
 * CYCLES (1,000,000) of mapping a page, unmapping it, promoting its table to a block and unmapping that, over
 * 10 to 10,000 tables; a tenth of that after 1 to 10,000 losses of a CPU that is not heard of again; and up to
 * PAGES (32,000) pages unmapped before each gets its own invalidation.  The status is 1 when the time per event
 * grows by more than half from the least to the most.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <mmureplay/audit.h>

#include "base/cleanup.h"

#define FIRST_VA UINT64_C(0xffff000040000000)
#define FIRST_PFN UINT64_C(0x100000)
#define PAGE UINT64_C(0x1000)
#define BLOCK UINT64_C(0x200000)
#define PHYS UINT64_C(0x8000000000)
#define PROT UINT64_C(0xe8000000000707)
#define MOST_GROWTH 1.5
#define LEAST_TABLES 10

DEFINE_CLEANUP(destroy_mmu, struct mmu *, mmu_destroy)
DEFINE_CLEANUP(destroy_audit, struct audit *, audit_destroy)

struct bench {
	struct mmu *mmu;
	struct audit *audit;
	uint64_t order;
	uint64_t nr_findings;
};

/* Does `count` times what there is to be measured, with `size` of what it may depend on. */
typedef void measured_work(struct bench *bench, uint64_t size, uint64_t count);

static void must(struct error *err)
{
	if (!err)
		return;
	fprintf(stderr, "%s\n", err->message);
	exit(2);
}

static struct error *count_finding(void *context, const struct finding *finding)
{
	struct bench *bench = context;

	bench->nr_findings++;
	return NULL;
}

static void apply(struct bench *bench, struct mmu_event event)
{
	event.where.order = event.where.time = event.end_time = ++bench->order;
	event.where.pid = 1;
	event.done = event.kind == EVENT_BREAK ? DONE_UNKNOWN : DONE_YES;
	must(mmu_apply(bench->mmu, &event));
	must(audit_event(bench->audit, bench->mmu, &event));
}

static void map(struct bench *bench, enum mmu_event_kind kind, uint64_t va, uint64_t size)
{
	apply(bench, (struct mmu_event){.kind = kind,
					.has_va = true,
					.va = va,
					.end = va + size,
					.has_pa = true,
					.pa = PHYS + (va - FIRST_VA),
					.has_prot = true,
					.prot = PROT,
					.in_ioremap = true});
}

static void change(struct bench *bench, enum mmu_event_kind kind, uint64_t va, uint64_t pfn)
{
	apply(bench, (struct mmu_event){.kind = kind,
					.level = KERNEL_PMD,
					.has_va = true,
					.va = va,
					.end = va + BLOCK,
					.has_table_pfn = true,
					.table_pfn = pfn,
					.pfn = pfn,
					.has_pa = true,
					.pa = PHYS + (va - FIRST_VA),
					.has_prot = true,
					.prot = PROT});
}

static void invalidate(struct bench *bench, uint64_t va, bool last_level)
{
	apply(bench, (struct mmu_event){.kind = EVENT_TLBI,
					.op = {.scope = TLBI_INNER,
					       .reach = TLBI_VA,
					       .last_level = last_level,
					       .any_asid = true,
					       .el = 1},
					.has_operand = true,
					.operand = va >> 12 & UINT64_C(0xfffffffffff),
					.in_flush = last_level,
					.in_break = !last_level});
}

static void unmap(struct bench *bench, uint64_t va, uint64_t size)
{
	map(bench, EVENT_UNMAP, va, size);
	map(bench, EVENT_CLEAR, va, size + PAGE);
}

/* As a kernel from 4.19 on does it, with all of its functions and instructions traced. */
static void cycle(struct bench *bench, uint64_t table)
{
	uint64_t va = FIRST_VA + table * BLOCK, pfn = FIRST_PFN + table;

	map(bench, EVENT_MAP, va, PAGE);
	change(bench, EVENT_TABLE, va, pfn);
	map(bench, EVENT_MAP_END, va, PAGE);
	unmap(bench, va, PAGE);
	invalidate(bench, va, true);
	map(bench, EVENT_MAP, va, BLOCK);
	change(bench, EVENT_BREAK, va, pfn);
	invalidate(bench, va, false);
	change(bench, EVENT_PAGE_FREE, va, pfn);
	change(bench, EVENT_BREAK_END, va, pfn);
	change(bench, EVENT_BLOCK, va, pfn);
	map(bench, EVENT_MAP_END, va, BLOCK);
	unmap(bench, va, BLOCK);
	change(bench, EVENT_BLOCK_CLEAR, va, pfn);
	invalidate(bench, va, true);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* What `work` does with a new model, in nanoseconds for each event. */
static double measure(measured_work *work, uint64_t size, uint64_t count)
{
	const struct mmu_options mmu_options = {.nr_cpus = 8};
	const struct audit_options audit_options = {0};
	struct bench bench = {0};
	double start;

	must(audit_create(&audit_options, count_finding, &bench, &bench.audit));
	_cleanup_(destroy_audit) struct audit *audit = bench.audit;
	must(mmu_create(&mmu_options, audit_change, audit, &bench.mmu));
	_cleanup_(destroy_mmu) struct mmu *mmu = bench.mmu;

	start = now();
	work(&bench, size, count);
	double each = (now() - start) / (double)bench.order * 1e9;

	must(mmu_check(mmu));
	if (bench.nr_findings) {
		fprintf(stderr, "%" PRIu64 " findings in what is safe\n", bench.nr_findings);
		exit(2);
	}
	return each;
}

static void promote(struct bench *bench, uint64_t tables, uint64_t cycles)
{
	for (uint64_t i = 0; i < cycles; i++)
		cycle(bench, i % tables);
}

/* A CPU loses events, and then has none: all that is judged meanwhile may rest on what it lost. */
static void lose(struct bench *bench, uint64_t losses, uint64_t cycles)
{
	for (uint64_t i = 0; i < losses; i++)
		apply(bench,
		      (struct mmu_event){
			      .kind = EVENT_LOST, .where.cpu = 1, .lost = 1, .lost_after = 1});
	promote(bench, LEAST_TABLES, cycles);
}

/* Many pages wait for a purge that invalidates each of them. */
static void purge(struct bench *bench, uint64_t pages, uint64_t count)
{
	for (uint64_t done = 0; done < count; done += pages) {
		for (uint64_t i = 0; i < pages; i++) {
			map(bench, EVENT_MAP, FIRST_VA + 2 * i * PAGE, PAGE);
			map(bench, EVENT_MAP_END, FIRST_VA + 2 * i * PAGE, PAGE);
			unmap(bench, FIRST_VA + 2 * i * PAGE, PAGE);
		}
		for (uint64_t i = 0; i < pages; i++)
			invalidate(bench, FIRST_VA + 2 * i * PAGE, true);
	}
}

/* Prints what an event costs from the least to the most of something; true: it costs more with more. */
static bool compare(measured_work *work, const char *what, uint64_t least, uint64_t most,
		    uint64_t factor, uint64_t count)
{
	double first = 0, each = 0;

	for (uint64_t size = least; size && size <= most; size *= factor) {
		each = measure(work, size, count);
		first = size == least ? each : first;
		printf("%6" PRIu64 " %s: %.0f ns for an event\n", size, what, each);
	}
	printf("from the least to the most: %.2f times\n", each / first);
	return each / first > MOST_GROWTH;
}

int main(int argc, char **argv)
{
	uint64_t cycles = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	uint64_t pages = argc > 2 ? strtoull(argv[2], NULL, 10) : 32000;
	bool grows = false;

	grows |= compare(promote, "tables", LEAST_TABLES, 10000, 10, cycles);
	grows |= compare(lose, "losses", 1, 10000, 10, cycles / 10);
	grows |= compare(purge, "pages outstanding", pages / 8, pages, 2, 8 * pages);
	return grows;
}
