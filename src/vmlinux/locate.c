/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where KASLR put a kernel. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "vmlinux/kernel.h"
#include "vmlinux/object.h"

/* ---- by a symbol --------------------------------------------------------------------------- */

static const char *const source_texts[] = {
	[SLIDE_UNKNOWN] = "unknown",
	[SLIDE_KALLSYMS] = "from the kallsyms",
	[SLIDE_CAPTURE] = "from the capture",
	[SLIDE_PROBES] = "from where the probes were",
};

const char *kernel_slide_source_text(enum kernel_slide_source source)
{
	return source_texts[source];
}

enum kernel_slide_source kernel_slide(const struct kernel *kernel, uint64_t *ret)
{
	*ret = kernel->slide;
	return kernel->slide_source;
}

static struct error *other_boot(const struct kernel *kernel, struct str symbol, uint64_t here,
				uint64_t there)
{
	return error_at(
		error_create(ERROR_USAGE,
			     "is of another boot than the capture: %.*s is at 0x%" PRIx64
			     " here, and at 0x%" PRIx64
			     " in the capture; give the /proc/kallsyms of that boot, or none",
			     STR_ARGS(symbol), here, there),
		kernel->kallsyms, ERROR_NO_PLACE, 0);
}

struct error *kernel_locate(struct kernel *kernel, struct str symbol, uint64_t address)
{
	struct vmlinux_symbol linked;
	uint64_t known;

	if (symbols_address(&kernel->symbols, symbol, &known) && known != address)
		return other_boot(kernel, symbol, known, address);
	if (kernel->slide_source == SLIDE_KALLSYMS || !kernel->vmlinux ||
	    !vmlinux_symbol_named(kernel->vmlinux, symbol, &linked))
		return NULL;
	kernel->slide = address - linked.address;
	kernel->slide_source = SLIDE_CAPTURE;
	return NULL;
}

/* ---- by probes ----------------------------------------------------------------------------- */

enum {
	/* EFI_KIMG_ALIGN (arch/arm64/include/asm/efi.h): what KASLR moves by is a multiple. */
	SLIDE_STEP = 64 * 1024,
	/* Where a probe of a function's entry may be: after BTI, or in its NOPs for ftrace. */
	ENTRY_OFFSET_MAX = 8,
	INSTRUCTION = 4,
	ANCHORS_MAX = 8,   /* addresses whose candidates are tried */
	ENOUGH_PROBES = 4, /* that agree: by chance, one slide in 10^5 does so */
};

struct targets {
	ARRAY_OF(uint64_t) list; /* by address */
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All places of the image that somebody would set a probe at. */
static bool list_targets(const struct vmlinux *vmlinux, struct targets *targets)
{
	const struct symtab *table = &vmlinux->symbols;

	for (size_t i = 0; i < table->symbols.count; i++)
		for (uint64_t offset = 0; offset <= ENTRY_OFFSET_MAX; offset += INSTRUCTION)
			if (table->symbols.at[i].is_text &&
			    !array_push(&targets->list, table->symbols.at[i].address + offset))
				return false;
	for (size_t i = 0; i < vmlinux->sites.list.count; i++)
		if (!array_push(&targets->list, vmlinux->sites.list.at[i].address))
			return false;
	if (targets->list.count)
		qsort(targets->list.at, targets->list.count, sizeof(uint64_t), compare);
	return true;
}

static size_t count_hits(const struct targets *targets, const uint64_t *address, size_t count,
			 uint64_t slide)
{
	size_t hits = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t linked = address[i] - slide;

		hits += bsearch(&linked, targets->list.at, targets->list.count, sizeof(uint64_t),
				compare) != NULL;
	}
	return hits;
}

struct candidates {
	uint64_t best;
	size_t hits, next_hits; /* of the best, and of the best other one */
};

static void try_slide(struct candidates *candidates, uint64_t slide, size_t hits)
{
	if (slide == candidates->best && candidates->hits)
		return;
	if (hits > candidates->hits) {
		candidates->next_hits = candidates->hits;
		candidates->hits = hits;
		candidates->best = slide;
	} else if (hits > candidates->next_hits) {
		candidates->next_hits = hits;
	}
}

bool kernel_locate_by_probes(struct kernel *kernel, const uint64_t *address, size_t count)
{
	struct candidates candidates = {0};
	struct targets targets = {0};

	if (!kernel->vmlinux || kernel->slide_source != SLIDE_UNKNOWN || count < ENOUGH_PROBES)
		return false;
	bool ok = list_targets(kernel->vmlinux, &targets);

	for (size_t i = 0; ok && i < count && i < ANCHORS_MAX; i++)
		for (size_t j = 0; j < targets.list.count; j++) {
			uint64_t slide = address[i] - targets.list.at[j];

			if (slide % SLIDE_STEP == 0)
				try_slide(&candidates, slide,
					  count_hits(&targets, address, count, slide));
		}
	array_deinit(&targets.list);
	/* A probe may be somewhere else, or in a module. */
	if (!ok || candidates.hits < ENOUGH_PROBES || candidates.hits * 4 < count * 3 ||
	    candidates.next_hits * 2 > candidates.hits)
		return false;
	kernel->slide = candidates.best;
	kernel->slide_source = SLIDE_PROBES;
	return true;
}
