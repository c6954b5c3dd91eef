/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an image is of the kernel that was captured. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "vmlinux/kernel.h"

enum {
	/* One symbol in so many is compared: some thousands, which tell two builds apart. */
	SAMPLE_STEP = 16,
	/* Of so many that agree one may differ: the same name may stand for other functions. */
	AGREE_PER_DIFFERENCE = 16,
	/* kallsyms takes a function for longer where a part of the image ends: Debian's 6.1 has 7. */
	OTHER_SIZES = 2,
};

enum kernel_proof kernel_proof(const struct kernel *kernel)
{
	return kernel->proof;
}

const char *kernel_proof_text(enum kernel_proof proof)
{
	static const char *const texts[] = {
		[PROOF_NONE] = "nothing in the capture shows that it is its kernel",
		[PROOF_RELEASE] = "its release is that of the capture",
		[PROOF_SYMBOLS] = "its functions are where the captured kernel's kallsyms has them",
		[PROOF_BUILD_ID] = "its build id is that of the capture",
	};

	return texts[proof];
}

static void prove(struct kernel *kernel, enum kernel_proof proof)
{
	if (proof > kernel->proof)
		kernel->proof = proof;
}

static struct error *refuse(const struct kernel *kernel, struct error *err)
{
	return error_at(err, kernel->path, ERROR_NO_PLACE, 0);
}

struct error *kernel_check_build_id(struct kernel *kernel, const char *hexadecimal)
{
	char own[2 * BUILD_ID_MAX + 1] = "";

	if (!kernel->vmlinux || !hexadecimal)
		return NULL;
	const struct vmlinux_info *info = vmlinux_info(kernel->vmlinux);

	for (size_t i = 0; i < info->build_id_size; i++)
		snprintf(own + 2 * i, 3, "%02x", info->build_id[i]);
	if (!own[0])
		return NULL;
	if (strcmp(own, hexadecimal) != 0)
		return refuse(kernel,
			      error_create(ERROR_USAGE,
					   "is of another kernel: its build id is %s, that of the "
					   "captured kernel is %s; give the vmlinux of that one",
					   own, hexadecimal));
	prove(kernel, PROOF_BUILD_ID);
	return NULL;
}

struct error *kernel_check_release(struct kernel *kernel, const char *release)
{
	if (!kernel->vmlinux || !release)
		return NULL;
	const struct vmlinux_info *info = vmlinux_info(kernel->vmlinux);

	if (!info->release.length)
		return NULL;
	if (!str_is(info->release, release))
		return refuse(kernel,
			      error_create(ERROR_USAGE,
					   "is of another kernel: its release is %.*s, that "
					   "of the captured kernel is %s; give the vmlinux "
					   "of that one",
					   STR_ARGS(info->release), release));
	prove(kernel, PROOF_RELEASE);
	return NULL;
}

/* Where both have one symbol by which to compare the others. */
static bool find_common(const struct kernel *kernel, const struct symbols *symbols,
			uint64_t *linked, uint64_t *running)
{
	static const char *const names[] = {"_stext", "_text"};
	struct vmlinux_symbol symbol;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!vmlinux_symbol_named(kernel->vmlinux, str_from(names[i]), &symbol) ||
		    !symbols_address(symbols, symbol.name, running))
			continue;
		*linked = symbol.address;
		return true;
	}
	return false;
}

struct error *kernel_check_symbols(struct kernel *kernel, const struct symbols *symbols)
{
	uint64_t linked, running, here = 0, there = 0;
	size_t agree = 0, differ = 0;
	struct vmlinux_symbol symbol;
	struct str first = {0};

	if (!kernel->vmlinux || !find_common(kernel, symbols, &linked, &running))
		return NULL;
	for (size_t i = 0; i < symbols->table.count; i += SAMPLE_STEP) {
		const struct symbol *other = &symbols->table.at[i];
		struct str name = {symbols->names + other->name, other->length};

		if (other->module || !vmlinux_symbol_named(kernel->vmlinux, name, &symbol) ||
		    !symbol.is_function || symbol.is_ambiguous)
			continue;
		if (symbol.address - linked == other->address - running) {
			agree++;
		} else if (differ++ == 0) {
			first = name;
			here = symbol.address - linked;
			there = other->address - running;
		}
	}
	if (differ * AGREE_PER_DIFFERENCE > agree)
		return refuse(kernel,
			      error_create(ERROR_USAGE,
					   "is of another kernel: %.*s is 0x%" PRIx64
					   " bytes behind _stext in it, and 0x%" PRIx64
					   " in the kallsyms of the captured kernel; give the "
					   "vmlinux of that one",
					   STR_ARGS(first), here, there));
	if (agree)
		prove(kernel, PROOF_SYMBOLS);
	return NULL;
}

struct error *kernel_check_size(struct kernel *kernel, struct str function, uint64_t size)
{
	struct vmlinux_symbol symbol;

	if (!kernel->vmlinux || !vmlinux_symbol_named(kernel->vmlinux, function, &symbol) ||
	    !symbol.is_function || symbol.is_ambiguous || !symbol.size || symbol.size == size)
		return NULL;
	if (++kernel->nr_other_sizes < OTHER_SIZES)
		return NULL;
	return refuse(kernel, error_create(ERROR_USAGE,
					   "is of another kernel: %.*s is 0x%" PRIx64
					   " bytes long in it, and 0x%" PRIx64
					   " in the captured kernel; give the vmlinux of that one",
					   STR_ARGS(function), symbol.size, size));
}
