/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/try.h"
#include "cli/geometry.h"

/* What the image says goes with what the user says. */
static struct error *compare(const struct options *options, const struct vmlinux_info *info)
{
	if (options->granule && info->granule && options->granule != info->granule)
		return error_create(ERROR_USAGE,
				    "--granule=%" PRIu32 "K, and %s has pages of %" PRIu32
				    "K: leave out the option, or give the captured kernel's image",
				    options->granule / 1024, options->vmlinux,
				    info->granule / 1024);
	if (options->va_bits && info->va_bits && options->va_bits != info->va_bits &&
	    options->va_bits != info->va_bits_max)
		return error_create(ERROR_USAGE,
				    "--va-bits=%" PRIu32 ", and %s has %" PRIu32
				    ": leave out the option, or give the captured kernel's image",
				    options->va_bits, options->vmlinux, info->va_bits);
	return NULL;
}

/* What the image tells alone. */
static void take_from_image(const struct vmlinux_info *info, struct mmu_options *ret)
{
	if (!ret->granule && info->granule) {
		ret->granule = info->granule;
		ret->granule_is_told = ret->image_tells = true;
	}
	/* Of a kernel for 52 bits, the CPU decides how many there are. */
	if (!ret->va_bits && info->va_bits && info->va_bits == info->va_bits_max) {
		ret->va_bits = info->va_bits;
		ret->va_bits_is_told = ret->image_tells = true;
	}
}

struct error *find_geometry(const struct mmu_detect *detect, const struct options *options,
			    const struct kernel *kernel, struct mmu_options *ret, bool *is_assumed)
{
	static const struct vmlinux_info nothing;
	const struct vmlinux *image = kernel ? kernel_image(kernel) : NULL;
	const struct vmlinux_info *info = image ? vmlinux_info(image) : &nothing;

	*is_assumed = false;
	TRY(compare(options, info));
	ret->granule = options->granule;
	ret->granule_is_told = options->granule;
	ret->va_bits = options->va_bits;
	ret->va_bits_is_told = options->va_bits;
	take_from_image(info, ret);
	if (!ret->granule)
		ret->granule = mmu_granule_of_va_bits(ret->va_bits);
	if (!ret->granule)
		*is_assumed = !mmu_detect_granule(detect, &ret->granule);
	if (!ret->va_bits)
		mmu_detect_va_bits(detect, ret->granule, &ret->va_bits);
	return NULL;
}
