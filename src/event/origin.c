/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <mmureplay/vmlinux-kernel.h>

#include "base/symbols.h"
#include "event/dictionary.h"
#include "event/names.h"
#include "event/origin.h"

void origins_init(struct origins *origins, struct arena *arena, struct interned *strings)
{
	*origins = (struct origins){.arena = arena, .strings = strings};
}

void origins_deinit(struct origins *origins)
{
	hash_deinit(&origins->known);
	hash_deinit(&origins->sources);
}

/* "nmap+0x84/0x140 [ht]" -> "nmap". */
static struct str function_name(struct str place)
{
	size_t length = 0;

	while (length < place.length && place.text[length] != '+' && place.text[length] != ' ')
		length++;
	return str_first(place, length);
}

enum caller_kind {
	CALLER_UNKNOWN,
	CALLER_MAPPING, /* one of the mapping functions, or something a kretprobe puts in between */
	CALLER_WRAPPER, /* a helper that drivers call instead of ioremap() */
	CALLER_DRIVER,	/* what we look for */
};

/* What the kernel has a function return to, so that it sees the return. */
static bool is_trampoline(struct str name)
{
	static const char *const trampolines[] = {
		"kretprobe_trampoline",
		"__kretprobe_trampoline",
		"arch_rethook_trampoline",
		"return_to_handler",
	};

	for (size_t i = 0; i < sizeof(trampolines) / sizeof(trampolines[0]); i++)
		if (str_is(name, trampolines[i]))
			return true;
	return false;
}

static enum caller_kind caller_kind(struct str place)
{
	static const char *const wrappers[] = {
		"devm_",       "__devm_",  "pci_iomap",	    "pcim_",	    "pci_ioremap",
		"pci_iounmap", "of_iomap", "of_io_request", "acpi_os_map_", "acpi_os_unmap_",
	};
	enum symbol_kind ignored;
	struct str name = symbol_base(function_name(place), &ignored);

	if (name.length == 0 || name.text[0] == '[')
		return CALLER_UNKNOWN;
	if (is_trampoline(name) || dictionary_find(name))
		return CALLER_MAPPING;
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
		if (str_starts(name, str_from(wrappers[i])))
			return CALLER_WRAPPER;
	return CALLER_DRIVER;
}

/* The halves of the address space differ in bit 55; user space has it clear. */
static bool is_user_address(uint64_t address)
{
	return address && !(address >> 55 & 1);
}

/* The kernel's part of a call chain: user addresses differ from run to run. */
static uint32_t kernel_frames(const struct record *record)
{
	uint32_t count = 0;

	while (count < record->nr_frames && !is_user_address(record->frame[count].address))
		count++;
	return count;
}

static uint64_t hash_origin(const struct event_origin *origin)
{
	uint64_t hash = hash_str(origin->symbol, origin->address);

	for (uint32_t i = 0; i < origin->nr_frames; i++)
		hash = hash_str(origin->frame[i].symbol, hash ^ origin->frame[i].address);
	return hash;
}

static bool same_origin(const struct event_origin *a, const struct event_origin *b)
{
	if (!str_equal(a->symbol, b->symbol) || a->address != b->address ||
	    a->nr_frames != b->nr_frames)
		return false;
	for (uint32_t i = 0; i < a->nr_frames; i++)
		if (a->frame[i].address != b->frame[i].address ||
		    !str_equal(a->frame[i].symbol, b->frame[i].symbol))
			return false;
	return true;
}

static struct str keep(struct origins *origins, struct str view)
{
	return view.length ? intern(origins->strings, view) : (struct str){0};
}

/* More places than drivers call from; looking for each takes tenths of a millisecond. */
enum {
	SOURCES_MAX = 4096,
};

/* Where a place, by its name that is kept, is in the source: of a kernel with DWARF. */
static struct str find_source(struct origins *origins, struct str place)
{
	uint64_t key = (uintptr_t)place.text;
	char text[KERNEL_SOURCE_MAX];

	if (!origins->kernel || !place.length)
		return (struct str){0};
	struct str *known = hash_get(&origins->sources, key);

	if (known || origins->sources.count >= SOURCES_MAX)
		return known ? *known : (struct str){0};
	known = arena_alloc(origins->arena, sizeof(*known));
	if (!known)
		return (struct str){0};
	*known = keep(origins, kernel_source(origins->kernel, place, text));
	/* If memory is short, it is looked for again. */
	(void)hash_set(&origins->sources, key, known);
	return *known;
}

/* The same of each frame; NULL where none is known. */
static const struct str *find_sources(struct origins *origins, const struct record_frame *frame,
				      uint32_t nr_frames)
{
	struct str *sources = origins->kernel && nr_frames
				      ? arena_alloc(origins->arena, nr_frames * sizeof(*sources))
				      : NULL;
	bool is_known = false;

	for (uint32_t i = 0; sources && i < nr_frames; i++) {
		sources[i] = find_source(origins, frame[i].symbol);
		is_known = is_known || sources[i].length;
	}
	return is_known ? sources : NULL;
}

/* The kept copy of `found`; NULL when memory is short. */
static const struct event_origin *keep_origin(struct origins *origins,
					      const struct event_origin *found)
{
	uint64_t key = hash_origin(found);
	struct event_origin *kept;

	/* Two origins with one hash stand under keys that follow one another. */
	for (kept = hash_get(&origins->known, key); kept; kept = hash_get(&origins->known, ++key))
		if (same_origin(kept, found))
			return kept;
	size_t size = found->nr_frames * sizeof(struct record_frame);
	struct record_frame *frame = size ? arena_alloc(origins->arena, size) : NULL;

	kept = arena_alloc(origins->arena, sizeof(*kept));
	if (!kept || (size && !frame) || !hash_set(&origins->known, key, kept))
		return NULL;
	for (uint32_t i = 0; i < found->nr_frames; i++) {
		frame[i].address = found->frame[i].address;
		frame[i].symbol = keep(origins, found->frame[i].symbol);
	}
	*kept = (struct event_origin){
		.symbol = keep(origins, found->symbol),
		.address = found->address,
		.nr_frames = found->nr_frames,
		.frame = frame,
		.frame_source = find_sources(origins, frame, found->nr_frames),
	};
	kept->source = find_source(origins, kept->symbol);
	return kept;
}

/*
 * Ftrace's own chains of a kprobe, as its "stacktrace" trigger records them, begin in the handler: from
 * kprobe_trace_func() to the exception's entry (el1_sync() to 5.10), or from kretprobe_trace_func() to
 * the trampoline.  Returns the number of these frames.
 */
static uint32_t probe_frames(const struct record_frame *frame, uint32_t nr_frames)
{
	bool is_probe = false;

	for (uint32_t i = 0; i < nr_frames; i++) {
		struct str name = function_name(frame[i].symbol);

		if (is_probe && (is_trampoline(name) || str_is(name, "el1h_64_sync") ||
				 str_is(name, "el1_sync")))
			return i + 1;
		is_probe = is_probe || view_find(name, STR("kprobe_")) < name.length ||
			   view_find(name, STR("kretprobe_")) < name.length;
	}
	return 0;
}

/* Sets the caller that a chain, innermost first, leads to. */
static void find_in_chain(struct event_origin *origin)
{
	enum caller_kind best = CALLER_UNKNOWN;

	for (uint32_t i = 0; i < origin->nr_frames && best != CALLER_DRIVER; i++) {
		const struct record_frame *frame = &origin->frame[i];
		enum caller_kind kind = caller_kind(frame->symbol);

		/* An address without a name is a caller, too: of a module, most often. */
		if (kind == CALLER_UNKNOWN && frame->address)
			kind = CALLER_DRIVER;
		if (kind < CALLER_WRAPPER || kind <= best)
			continue;
		best = kind;
		origin->symbol = frame->symbol.length && frame->symbol.text[0] != '['
					 ? frame->symbol
					 : (struct str){0};
		origin->address = frame->address;
	}
}

const struct event_origin *origin_find(struct origins *origins, const struct record *record,
				       bool is_return, const struct event_origin *known)
{
	struct event_origin found = known ? *known : (struct event_origin){0};
	struct str caller = is_return ? record->caller : (struct str){0};
	enum caller_kind kind = caller_kind(caller);

	/*
	 * The chain of a return begins with the caller.  That of an entry lacks it: on arm64 the link
	 * register is not on the stack yet.
	 */
	if (record->nr_frames && (found.nr_frames == 0 || is_return)) {
		uint32_t nr_frames = kernel_frames(record);
		uint32_t own = probe_frames(record->frame, nr_frames);

		found = (struct event_origin){.nr_frames = nr_frames - own,
					      .frame = record->frame + own};
		find_in_chain(&found);
	}
	/* Where a return goes to is printed in full, "nmap+0x84/0x140 [ht]". */
	if (kind == CALLER_DRIVER || (kind == CALLER_WRAPPER && found.nr_frames == 0)) {
		found.symbol = caller;
		found.address = record->caller_address;
	} else if (is_return && caller.length == 0 && found.nr_frames == 0) {
		found.address = record->caller_address;
	}
	if (found.symbol.length == 0 && found.address == 0)
		return NULL;
	return keep_origin(origins, &found);
}

const struct event_origin *origin_at(struct origins *origins, uint64_t address)
{
	struct event_origin found = {.address = address};
	char text[SYMBOL_TEXT_MAX];
	struct symbol_place place;

	if (origins->kernel && kernel_find(origins->kernel, address, &place))
		found.symbol = symbol_print(&place, SYMBOL_LONG, text);
	return keep_origin(origins, &found);
}
