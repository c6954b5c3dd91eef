/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The captured kernel as its image tells it, and what of it was not probed. */
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "report/text.h"

enum {
	/* So many probes that were missing are named in one line; more only with --verbose. */
	UNPROBED_SHOWN = 6,
};

static void show_image(struct text *text, const struct kernel *kernel)
{
	const struct vmlinux_info *info = vmlinux_info(kernel_image(kernel));

	utf8_add_printable(&text->part, str_from(kernel_image_path(kernel)));
	buffer_add(&text->part, STR(": "));
	utf8_add_printable(&text->part,
			   info->release.length ? info->release : STR("release not known"));
	if (info->build_id_size && text->report->options.verbose) {
		buffer_add(&text->part, STR(", build id "));
		for (size_t i = 0; i < info->build_id_size; i++)
			buffer_printf(&text->part, "%02x", info->build_id[i]);
	}
	buffer_printf(&text->part, "; %s", kernel_proof_text(kernel_proof(kernel)));
	text_paragraph(text, "kernel");
}

static void show_slide(struct text *text, const struct kernel *kernel)
{
	uint64_t slide;
	enum kernel_slide_source source = kernel_slide(kernel, &slide);

	if (source == SLIDE_UNKNOWN)
		return;
	buffer_printf(&text->part, "0x%" PRIx64 " from where it was linked to, %s", slide,
		      kernel_slide_source_text(source));
	text_paragraph(text, "moved by");
}

static void show_unprobed(struct text *text, const struct coverage *coverage)
{
	static const char *const kinds[] = {
		[PROBE_CALL] = "",
		[PROBE_RETURN] = "return of ",
		[PROBE_INSTRUCTION] = "",
		[PROBE_TRACEPOINT] = "",
	};
	uint32_t shown = coverage->nr_unprobed;

	if (!shown)
		return;
	/* One more takes no more room than to say that there is one more. */
	if (!text->report->options.verbose && shown > UNPROBED_SHOWN + 1)
		shown = UNPROBED_SHOWN;
	for (uint32_t i = 0; i < shown; i++) {
		const struct probe *probe = coverage->unprobed[i];

		buffer_printf(&text->part, "%s%s", i ? ", " : "", kinds[probe->kind]);
		if (probe->site)
			buffer_printf(&text->part, "%s at ", probe->site->op);
		utf8_add_printable(&text->part, str_from(probe->where));
	}
	if (shown < coverage->nr_unprobed)
		buffer_printf(&text->part, ", and %" PRIu32 " more, which --verbose lists",
			      coverage->nr_unprobed - shown);
	text_paragraph(text, coverage->gap[GAP_UNPROBED] ? "no probe" : "no hit");
}

void text_kernel(struct text *text, const struct coverage *coverage)
{
	if (!coverage->kernel || !kernel_image(coverage->kernel))
		return;
	show_image(text, coverage->kernel);
	show_slide(text, coverage->kernel);
	show_unprobed(text, coverage);
}
