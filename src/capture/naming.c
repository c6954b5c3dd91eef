/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/try.h"
#include "capture/naming.h"
#include "capture/reader.h"

bool naming_find(const struct naming *naming, uint64_t address, struct symbol_place *ret)
{
	if (!address)
		return false;
	if (naming->own && symbols_find(naming->own, address, ret))
		return !naming->kernel || !kernel_had_other(naming->kernel, address, ret);
	return naming->kernel && kernel_find(naming->kernel, address, ret);
}

struct str naming_print(const struct naming *naming, uint64_t address, enum symbol_style style,
			char buffer[static SYMBOL_TEXT_MAX])
{
	struct symbol_place place;

	return naming_find(naming, address, &place) ? symbol_print(&place, style, buffer)
						    : (struct str){0};
}

bool naming_has_any(const struct naming *naming)
{
	return (naming->own && naming->own->table.count) || naming->kernel;
}

struct error *naming_compare(struct capture *capture)
{
	const struct capture_info *info = &capture->info;
	const struct symbols *own = capture->types.naming.own;
	struct kernel *kernel = capture->kernel;

	if (!kernel)
		return NULL;
	TRY(kernel_check_build_id(kernel, info->build_id));
	TRY(kernel_check_release(kernel, info->release));
	if (info->kernel_symbol)
		TRY(kernel_locate(kernel, str_from(info->kernel_symbol), info->kernel_address));
	return own && own->table.count ? kernel_check_symbols(kernel, own) : NULL;
}

struct error *capture_set_kernel(struct capture *capture, struct kernel *kernel)
{
	if (capture->ops->set_kernel)
		return capture->ops->set_kernel(capture, kernel);
	capture->kernel = kernel;
	capture->types.naming.kernel = kernel;
	return naming_compare(capture);
}
