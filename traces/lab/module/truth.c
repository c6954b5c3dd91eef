// SPDX-License-Identifier: GPL-2.0-or-later
/* truth.json. */
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>

#include "lab.h"

enum {
	MAX_NOTES = 64
};

static struct lab_injected injected[MAX_NOTES];
static struct lab_access accesses[MAX_NOTES];
static unsigned int nr_injected, nr_accesses, nr_safe;
static const char *failed;

void lab_failed(const char *why)
{
	failed = why;
}

void lab_inject_note(const char *rule, const char *cause, unsigned long va, unsigned long pfn)
{
	if (nr_injected < MAX_NOTES)
		injected[nr_injected++] = (struct lab_injected){rule, cause, va, pfn, BLOCK_LEVEL};
}

void lab_safe_note(void)
{
	nr_safe++;
}

void lab_access_note(unsigned long va, u64 entry, bool faulted)
{
	if (nr_accesses < MAX_NOTES)
		accesses[nr_accesses++] = (struct lab_access){va, entry, faulted};
}

void lab_forget_truth(void)
{
	nr_injected = nr_accesses = nr_safe = 0;
	failed = NULL;
}

static bool was_table(const struct lab_store *store)
{
	return lab_kind(store->old, store->level) == LAB_TABLE;
}

static bool leaked(const struct lab_store *store)
{
	return store->result && was_table(store);
}

static void put_environment(struct seq_file *file)
{
	seq_printf(file,
		   " \"env\": {\n  \"VA_BITS\": %d,\n  \"levels\": %d,\n  \"granule\": %lu,\n"
		   "  \"block\": %zu,\n  \"page_offset\": \"%lx\",\n  \"phys_offset\": \"%llx\",\n"
		   "  \"VMALLOC_START\": \"%lx\",\n  \"VMALLOC_END\": \"%lx\"\n },\n",
		   lab_geometry.va_bits, LAST_LEVEL + 1 - lab_geometry.first_level, PAGE_SIZE,
		   lab_block(), PAGE_OFFSET, (u64)PHYS_OFFSET, VMALLOC_START, VMALLOC_END);
}

/* Tables that a lost table pointed to are lost with it. */
static unsigned int put_sub_tables(struct seq_file *file, const struct lab_store *store,
				   unsigned int before)
{
	phys_addr_t table = lab_output(store->old);
	unsigned int i, put = before;

	if (!leaked(store) || store->level + 1 >= LAST_LEVEL)
		return put;
	for (i = 0; i < lab_entries(); i++) {
		u64 value = lab_entry(table, i);
		unsigned long pfn = lab_output(value) >> lab_geometry.page_shift;

		if (lab_kind(value, store->level + 1) != LAB_TABLE)
			continue;
		if (file)
			seq_printf(file,
				   "%s\n  {\"under\": \"%llx\", \"va\": \"%llx\", \"orphan_pfn\": "
				   "\"%lx\", \"orphan_page_count\": %d, \"orphan_reachable\": %d}",
				   put ? "," : "", store->va,
				   store->va + i * lab_span(store->level + 1), pfn,
				   page_count(pfn_to_page(pfn)), lab_reached(pfn));
		put++;
	}
	return put;
}

static void put_summary(struct seq_file *file, const struct lab_store *stores, unsigned int number)
{
	unsigned int none = 0, block = 0, table = 0, refused = 0, subs = 0, pud = 0, safe = 0;
	unsigned int held = 0, reachable = 0, i;
	struct lab_counts counts = lab_counts();

	for (i = 0; i < number; i++) {
		const struct lab_store *store = &stores[i];
		enum lab_kind kind = lab_kind(store->old, store->level);

		none += kind == LAB_NONE;
		block += kind == LAB_LEAF;
		table += leaked(store);
		pud += leaked(store) && store->level < BLOCK_LEVEL;
		refused += was_table(store) && !store->result;
		safe += store->broken && store->result;
		subs = put_sub_tables(NULL, store, subs);
		if (!leaked(store))
			continue;
		held += page_count(pfn_to_page(store->orphan)) > 0;
		reachable += lab_reached(store->orphan);
	}
	seq_printf(file,
		   " \"summary\": {\n  \"set_huge_calls\": %u,\n  \"over_none\": %u,\n"
		   "  \"over_block\": %u,\n  \"over_valid_table\": %u,\n"
		   "  \"refused_over_table\": %u,\n  \"bbm_violations\": %u,\n"
		   "  \"bbm_violations_pud_level\": %u,\n  \"orphan_table_pages\": %u,\n"
		   "  \"orphans_still_allocated\": %u,\n  \"orphans_reachable_at_end\": %u,\n",
		   number, none, block, table + refused, refused, table, pud, table + subs, held,
		   reachable);
	seq_printf(file,
		   "  \"safe_promotions\": %u,\n  \"tables_broken_and_freed\": %u,\n"
		   "  \"tables_broken_and_freed_pud_level\": %u,\n  \"truth_probe_missed\": %u,\n"
		   "  \"truth_overflow\": %u\n },\n",
		   safe + nr_safe, counts.freed, counts.freed_pud, counts.missed, counts.overflow);
}

static void put_leaks(struct seq_file *file, const struct lab_store *stores, unsigned int number)
{
	unsigned int i, put = 0;

	seq_puts(file, " \"leaks\": [");
	for (i = 0; i < number; i++) {
		const struct lab_store *s = &stores[i];

		if (!leaked(s))
			continue;
		seq_printf(file,
			   "%s\n  {\"ts\": %llu, \"lvl\": %d, \"cpu\": %d, \"pid\": %d, \"comm\": "
			   "\"%s\", \"entry\": \"%lx\", \"va\": \"%llx\", \"old\": \"%llx\", "
			   "\"new\": \"%llx\", \"phys\": \"%llx\", \"prot\": \"%llx\", ",
			   put++ ? "," : "", s->time, s->level, s->cpu, s->pid, s->comm, s->entry,
			   s->va, s->old, s->new, s->phys, s->prot);
		seq_printf(file,
			   "\"orphan_pfn\": \"%lx\", \"orphan_page_count\": %d, "
			   "\"orphan_page_count_at_end\": %d, \"orphan_nonzero_entries\": %d, "
			   "\"orphan_reachable\": %d}",
			   s->orphan, s->orphan_count, page_count(pfn_to_page(s->orphan)),
			   s->orphan_used, lab_reached(s->orphan));
	}
	seq_puts(file, "\n ],\n \"orphaned_sub_tables\": [");
	for (put = i = 0; i < number; i++)
		put = put_sub_tables(file, &stores[i], put);
	seq_puts(file, "\n ],\n");
}

static void put_others(struct seq_file *file, const struct lab_store *stores, unsigned int number)
{
	unsigned int i, put = 0;

	seq_puts(file, " \"set_huge_without_leak\": [");
	for (i = 0; i < number; i++) {
		const struct lab_store *s = &stores[i];

		if (leaked(s))
			continue;
		seq_printf(file,
			   "%s\n  {\"ts\": %llu, \"lvl\": %d, \"cpu\": %d, \"va\": \"%llx\", "
			   "\"entry\": \"%lx\", \"old\": \"%llx\", \"new\": \"%llx\", \"ret\": %d, "
			   "\"after_break\": %d}",
			   put++ ? "," : "", s->time, s->level, s->cpu, s->va, s->entry, s->old,
			   s->new, s->result, s->broken);
	}
	seq_puts(file, "\n ],\n");
}

static void put_notes(struct seq_file *file)
{
	unsigned int i;

	seq_puts(file, " \"injected\": [");
	for (i = 0; i < nr_injected; i++)
		seq_printf(file,
			   "%s\n  {\"rule\": \"%s\", \"cause\": \"%s\", \"va\": \"%lx\", \"lvl\": "
			   "%d, \"pfn\": \"%lx\"}",
			   i ? "," : "", injected[i].rule, injected[i].cause, injected[i].va,
			   injected[i].level, injected[i].pfn);
	seq_puts(file, "\n ],\n \"accesses\": [");
	for (i = 0; i < nr_accesses; i++)
		seq_printf(file, "%s\n  {\"va\": \"%lx\", \"entry\": \"%llx\", \"faulted\": %d}",
			   i ? "," : "", accesses[i].va, accesses[i].entry, accesses[i].faulted);
	seq_puts(file, "\n ],\n");
}

static void put_ops(struct seq_file *file)
{
	const struct lab_op *ops;
	unsigned int number = lab_ops(&ops), i;

	seq_puts(file, " \"ops\": [");
	for (i = 0; i < number; i++) {
		const struct lab_op *op = &ops[i];
		int level;

		seq_printf(file, "%s\n  {\"ts\": %llu, \"op\": \"%s\", \"cpu\": %d, \"pid\": %d",
			   i ? "," : "", op->time, op->name, op->cpu, op->pid);
		if (op->va)
			seq_printf(file, ", \"va\": \"%lx\", \"phys\": \"%llx\", \"size\": %zu",
				   op->va, (u64)op->phys, op->size);
		for (level = lab_geometry.first_level; op->va && level <= op->after.level; level++)
			seq_printf(file, ", \"l%d\": \"%llx\"", level,
				   lab_value(&op->after, level));
		seq_puts(file, "}");
	}
	seq_puts(file, "\n ]\n");
}

void lab_truth(struct seq_file *file, const char *scenario)
{
	const struct lab_store *stores;
	unsigned int number = lab_stores(&stores);

	if (lab_reach())
		lab_failed("no memory for the list of tables");
	seq_printf(file, "{\n \"scenario\": \"%s\",\n", scenario);
	if (failed)
		seq_printf(file, " \"failed\": \"%s\",\n", failed);
	seq_printf(file, " \"uname\": \"%s %s %s %s\",\n", utsname()->sysname, utsname()->release,
		   utsname()->version, utsname()->machine);
	put_environment(file);
	put_summary(file, stores, number);
	put_leaks(file, stores, number);
	put_others(file, stores, number);
	put_notes(file);
	put_ops(file);
	seq_puts(file, "}\n");
	lab_reached_free();
}
