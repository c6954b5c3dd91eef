/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Evidence against what a user has said of the kernel, or against what was found out. */
#include <inttypes.h>

#include "mmu/model.h"

/* The page size in units of 1024 bytes, as it is named. */
static uint64_t granule_in_k(const struct mmu *mmu)
{
	return (UINT64_C(1) << mmu->geometry.granule_shift) / 1024;
}

/* What tells the page size or the VA bits; before the number. */
static const char *teller(const struct mmu *mmu, const char *option, const char *image)
{
	return mmu->options.image_tells ? image : option;
}

/* What to do where that is wrong. */
static const char *advice(const struct mmu *mmu, const char *option)
{
	return mmu->options.image_tells ? "give the vmlinux of the captured kernel" : option;
}

#define WITHOUT_GRANULE "without the option the page size is found out"

static const char *granule_teller(const struct mmu *mmu)
{
	return teller(mmu, "--granule=", "the page size of --vmlinux, ");
}

/* ioremap_page_range() and its relatives go from page to page until they meet the end. */
struct error *contradict_map(struct mmu *mmu, const struct mmu_event *event)
{
	const struct mmu_geometry *geometry = &mmu->geometry;
	uint64_t in_page = (UINT64_C(1) << geometry->granule_shift) - 1;
	bool is_partial = (event->va | event->end) & in_page;
	bool is_below = event->va < UINT64_MAX << geometry->va_bits;

	mmu->facts.nr_contradictions += is_partial || is_below;
	if (is_partial && mmu->options.granule_is_told)
		return error_create(ERROR_FORMAT,
				    "%s%" PRIu64 "K cannot be right: 0x%" PRIx64 "-0x%" PRIx64
				    " is mapped, which are no whole pages; %s",
				    granule_teller(mmu), granule_in_k(mmu), event->va, event->end,
				    advice(mmu, WITHOUT_GRANULE));
	if (is_below && mmu->options.va_bits_is_told)
		return error_create(ERROR_FORMAT,
				    "%s%" PRIu32 " cannot be right: 0x%" PRIx64 "-0x%" PRIx64
				    " is mapped, which they do not reach; %s",
				    teller(mmu, "--va-bits=", "the VA bits of --vmlinux, "),
				    geometry->va_bits, event->va, event->end,
				    advice(mmu, "without the option they are found out"));
	return NULL;
}

/* pmd_set_huge() is only called for an address that is aligned to the block's size. */
struct error *contradict_block(struct mmu *mmu, int level, const struct mmu_event *event)
{
	uint64_t size = mmu_level_size(&mmu->geometry, level);

	if (event->done != DONE_YES || !event->has_pa || !(event->pa & (size - 1)))
		return NULL;
	mmu->facts.nr_contradictions++;
	if (!mmu->options.granule_is_told)
		return NULL;
	return error_create(ERROR_FORMAT,
			    "%s%" PRIu64 "K cannot be right: a block of 0x%" PRIx64
			    " is mapped, which is not aligned to its size of %" PRIu64 "M; %s",
			    granule_teller(mmu), granule_in_k(mmu), event->pa, size >> 20,
			    advice(mmu, WITHOUT_GRANULE));
}
