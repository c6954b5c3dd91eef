/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the kernel refuses a kprobe: check_kprobe_address_safe() in kernel/kprobes.c,
 * arch_prepare_kprobe() in arch/arm64/kernel/probes/kprobes.c, and within_notrace_func() in
 * kernel/trace/trace_kprobe.c.
 */
#include "vmlinux/object.h"

/* The number of addresses in the list that are below `address`. */
static size_t count_below(const struct addresses *addresses, uint64_t address)
{
	return array_count_front(&addresses->list, listed, *listed < address);
}

static bool has_between(const struct addresses *addresses, uint64_t start, uint64_t end)
{
	size_t i = count_below(addresses, start);

	return i < addresses->list.count && addresses->list.at[i] < end;
}

static enum vmlinux_obstacle in_areas(const struct vmlinux *vmlinux, uint64_t address)
{
	const struct spans *areas = &vmlinux->tables.areas;

	for (size_t i = 0; i < areas->spans.count; i++)
		if (address >= areas->spans.at[i].start && address < areas->spans.at[i].end)
			return areas->spans.at[i].obstacle;
	return OBSTACLE_NONE;
}

/* core_kernel_text(): _stext.._etext, once the boot is over. */
static bool is_kernel_text(const struct vmlinux *vmlinux, uint64_t address)
{
	struct span text;

	return !find_part(vmlinux, "_stext", "_etext", &text) ||
	       (address >= text.start && address < text.end);
}

static bool in_alternative(const struct vmlinux *vmlinux, uint64_t address)
{
	const struct spans *spans = &vmlinux->tables.alternatives;
	size_t low = array_count_front(&spans->spans, span, span->start <= address);

	/* Several may start before; lengths are bytes. */
	for (; low > 0 && address - spans->spans.at[low - 1].start <= UINT8_MAX; low--)
		if (address < spans->spans.at[low - 1].end)
			return true;
	return false;
}

/* "pmd_free_pte_page.part.0": what the kernel says of the function without the suffix counts, too. */
static bool find_whole(const struct vmlinux *vmlinux, const struct vmlinux_symbol *symbol,
		       struct vmlinux_symbol *ret)
{
	const char *dot = memchr(symbol->name.text, '.', symbol->name.length);

	return dot && symtab_named(&vmlinux->symbols,
				   str_first(symbol->name, (size_t)(dot - symbol->name.text)), ret);
}

/* The kernel blacklists from the entry on, to the next symbol. */
static bool is_blacklisted(const struct vmlinux *vmlinux, const struct vmlinux_symbol *symbol)
{
	return has_between(&vmlinux->tables.blacklist, symbol->address, symbol->address + 1);
}

static bool is_traceable(const struct vmlinux *vmlinux, const struct vmlinux_symbol *symbol)
{
	return has_between(&vmlinux->tables.ftrace, symbol->address,
			   symbol->address + symbol->size);
}

static bool is_notrace(const struct vmlinux *vmlinux, const struct vmlinux_symbol *symbol)
{
	struct vmlinux_symbol whole;

	if (!vmlinux->tables.ftrace.list.count || is_traceable(vmlinux, symbol))
		return false;
	return !find_whole(vmlinux, symbol, &whole) || !is_traceable(vmlinux, &whole);
}

enum vmlinux_obstacle vmlinux_obstacle_at(const struct vmlinux *vmlinux, uint64_t address)
{
	enum vmlinux_obstacle obstacle = in_areas(vmlinux, address);
	struct vmlinux_symbol symbol, whole;

	if (obstacle != OBSTACLE_NONE)
		return obstacle;
	if (!is_kernel_text(vmlinux, address))
		return OBSTACLE_NOT_TEXT;
	if (in_alternative(vmlinux, address))
		return OBSTACLE_ALTERNATIVE;
	if (has_between(&vmlinux->tables.faulting, address, address + 1))
		return OBSTACLE_EXTABLE;
	if (!symtab_at(&vmlinux->symbols, address, &symbol))
		return OBSTACLE_NO_SYMBOL;
	if (is_blacklisted(vmlinux, &symbol))
		return OBSTACLE_BLACKLIST;
	if (find_whole(vmlinux, &symbol, &whole)) {
		if (is_blacklisted(vmlinux, &whole))
			return OBSTACLE_BLACKLIST;
		obstacle = in_areas(vmlinux, whole.address);
	}
	if (obstacle != OBSTACLE_NONE)
		return obstacle;
	return is_notrace(vmlinux, &symbol) ? OBSTACLE_NOTRACE : OBSTACLE_NONE;
}

const char *vmlinux_obstacle_text(enum vmlinux_obstacle obstacle)
{
	static const char *const texts[OBSTACLES] = {
		[OBSTACLE_NONE] = "can be probed",
		[OBSTACLE_NOT_TEXT] =
			"outside of the kernel's text (_stext to _etext), where kprobes "
			"are refused",
		[OBSTACLE_INIT] = "in .init.text or .exit.text, which is gone after the boot",
		[OBSTACLE_KPROBES] = "in .kprobes.text, where kprobes are refused",
		[OBSTACLE_NOINSTR] = "in .noinstr.text, where kprobes are refused",
		[OBSTACLE_ENTRY] = "in .entry.text or .irqentry.text, where kprobes are refused",
		[OBSTACLE_IDMAP] = "in .idmap.text, where kprobes are refused",
		[OBSTACLE_HYP] = "in .hyp.text, where kprobes are refused",
		[OBSTACLE_BLACKLIST] = "in a function that is blacklisted for kprobes",
		[OBSTACLE_NOTRACE] = "in a notrace function, which kprobe events refuse",
		[OBSTACLE_ALTERNATIVE] =
			"in a patched alternative: the boot may replace it, or copies "
			"it elsewhere",
		[OBSTACLE_EXCLUSIVE] = "between a load-exclusive and its store-exclusive",
		[OBSTACLE_EXTABLE] = "has an entry in the exception table",
		[OBSTACLE_NO_SYMBOL] = "no symbol to name it by",
	};

	return obstacle < OBSTACLES ? texts[obstacle] : "unknown";
}

const char *vmlinux_concern_text(enum vmlinux_concern concern)
{
	switch (concern) {
	case CONCERN_KERNEL:
		return "concerns kernel addresses";
	case CONCERN_USER:
		return "concerns user addresses only";
	case CONCERN_GUEST:
		return "concerns EL2 or guests (KVM)";
	case CONCERN_BOOT:
		return "runs only while the kernel boots, or is left";
	case CONCERN_NONE:
		return "names no address: completes the TLBI before it on CPUs with an erratum";
	}
	return "unknown";
}
