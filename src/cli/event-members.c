/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/event-members.h"

/* Where the members go. */
struct writer {
	const struct event_sink *sink;
	struct buffer *line;
	const struct capture_info *capture;
};

static void word(const struct writer *to, const char *key, const char *value)
{
	to->sink->word(to->line, key, str_from(value));
}

static void str_if_any(const struct writer *to, const char *key, struct str value)
{
	if (value.length)
		to->sink->word(to->line, key, value);
}

static void number(const struct writer *to, const char *key, uint64_t value)
{
	to->sink->number(to->line, key, value);
}

static void hex(const struct writer *to, const char *key, uint64_t value)
{
	to->sink->hex(to->line, key, value);
}

static void hex_if(const struct writer *to, bool is_known, const char *key, uint64_t value)
{
	if (is_known)
		hex(to, key, value);
}

static void flag_if(const struct writer *to, bool is_so, const char *key)
{
	if (is_so)
		to->sink->flag(to->line, key);
}

static const char *const level_names[] = {
	[KERNEL_PTE] = "pte", [KERNEL_PMD] = "pmd", [KERNEL_PUD] = "pud",
	[KERNEL_P4D] = "p4d", [KERNEL_PGD] = "pgd",
};

static void write_entry(const struct writer *to, const struct mmu_event *event)
{
	word(to, "level", level_names[event->level]);
	hex_if(to, event->entry, "entry", event->entry);
	hex_if(to, event->has_old, "old", event->old);
}

static void write_range(const struct writer *to, const struct mmu_event *event)
{
	hex_if(to, event->has_va, "va", event->va);
	hex_if(to, event->has_va && event->end, "end", event->end);
	if (event->has_va || (!event->within.va && !event->within.end))
		return;
	hex(to, "within_va", event->within.va);
	hex(to, "within_end", event->within.end);
	hex_if(to, event->within.has_pa, "within_pa", event->within.pa);
}

static void write_leaf(const struct writer *to, const struct mmu_event *event)
{
	hex_if(to, event->has_pa, "pa", event->pa);
	hex_if(to, event->has_prot, "prot", event->prot);
	flag_if(to, event->in_ioremap, "in_ioremap");
	flag_if(to, event->pages_only, "pages_only");
}

static void write_table(const struct writer *to, const struct mmu_event *event)
{
	hex_if(to, event->has_table_pfn, "table_pfn", event->table_pfn);
	flag_if(to, event->table_lost, "table_lost");
}

static void write_tlbi(const struct writer *to, const struct mmu_event *event)
{
	char name[TLBI_NAME_MAX];

	word(to, "op", tlbi_op_name(event->op, name));
	hex_if(to, event->has_operand, "operand", event->operand);
}

static void write_dsb(const struct writer *to, const struct mmu_event *event)
{
	static const char *const names[2][2] = {{"ish", "ishst"}, {"nsh", "nshst"}};

	word(to, "op", names[event->dsb.this_cpu][event->dsb.stores_only]);
}

static void write_site(const struct writer *to, const struct mmu_event *event)
{
	str_if_any(to, "inside", event->inside);
	flag_if(to, event->in_flush, "in_flush");
	flag_if(to, event->in_break, "in_break");
}

static void write_pages(const struct writer *to, const struct mmu_event *event)
{
	hex(to, "pfn", event->pfn);
	number(to, "order", event->page_order);
}

static void write_lost(const struct writer *to, const struct mmu_event *event)
{
	if (event->lost != LOST_COUNT_UNKNOWN)
		number(to, "events", event->lost);
	if (event->lost_after)
		to->sink->time(to->line, "after", to->capture, event->lost_after);
}

static void write_kind(const struct writer *to, const struct mmu_event *event)
{
	switch (event->kind) {
	case EVENT_MAP:
	case EVENT_MAP_END:
		write_range(to, event);
		write_leaf(to, event);
		break;
	case EVENT_BLOCK:
		write_entry(to, event);
		write_range(to, event);
		write_leaf(to, event);
		break;
	case EVENT_BLOCK_CLEAR:
	case EVENT_BREAK:
	case EVENT_BREAK_END:
		write_entry(to, event);
		write_range(to, event);
		break;
	case EVENT_TABLE:
		write_entry(to, event);
		write_range(to, event);
		write_table(to, event);
		break;
	case EVENT_WRITE:
		write_entry(to, event);
		hex(to, "value", event->value);
		write_range(to, event);
		break;
	case EVENT_UNMAP:
	case EVENT_CLEAR:
	case EVENT_FLUSH:
		write_range(to, event);
		break;
	case EVENT_ACCESS:
		write_range(to, event);
		flag_if(to, event->is_write, "is_write");
		break;
	case EVENT_PAGE_ALLOC:
	case EVENT_PAGE_FREE:
		write_pages(to, event);
		break;
	case EVENT_TLBI:
		write_tlbi(to, event);
		write_site(to, event);
		break;
	case EVENT_DSB:
		write_dsb(to, event);
		write_site(to, event);
		break;
	case EVENT_LOST:
		write_lost(to, event);
		break;
	case EVENT_KINDS:
		break;
	}
}

static void write_origin(const struct writer *to, const struct event_origin *origin)
{
	str_if_any(to, "caller", origin->symbol);
	hex_if(to, !origin->symbol.length && origin->address, "caller", origin->address);
	str_if_any(to, "source", origin->source);
}

void event_write(const struct event_sink *sink, struct buffer *line,
		 const struct capture_info *capture, const struct mmu_event *event)
{
	const struct writer to = {sink, line, capture};

	sink->begin(line, capture, event);
	str_if_any(&to, "symbol", event->symbol);
	if (event->done != DONE_UNKNOWN)
		word(&to, "done", event->done == DONE_YES ? "yes" : "no");
	write_kind(&to, event);
	if (event->end_time != event->where.time)
		sink->time(line, "returned", capture, event->end_time);
	if (event->origin)
		write_origin(&to, event->origin);
	sink->place(line, capture, event->where.place);
	sink->end(line);
}
