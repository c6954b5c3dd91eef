/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The captured kernel as its image tells it, and what of it was not probed. */
#include <stdio.h>
#include <string.h>

#include "report/json.h"

/* What of a kernel's configuration decides how it maps, breaks and is traced. */
static const char *const options[] = {
	"CONFIG_ARM64_4K_PAGES",
	"CONFIG_ARM64_16K_PAGES",
	"CONFIG_ARM64_64K_PAGES",
	"CONFIG_ARM64_VA_BITS",
	"CONFIG_ARM64_PA_BITS",
	"CONFIG_ARM64_CONTPTE",
	"CONFIG_ARM64_HW_AFDBM",
	"CONFIG_ARM64_TLB_RANGE",
	"CONFIG_ARM64_WORKAROUND_REPEAT_TLBI",
	"CONFIG_DEBUG_PAGEALLOC",
	"CONFIG_FUNCTION_TRACER",
	"CONFIG_HAVE_ARCH_HUGE_VMALLOC",
	"CONFIG_HAVE_ARCH_HUGE_VMAP",
	"CONFIG_KPROBE_EVENTS",
	"CONFIG_PGTABLE_LEVELS",
	"CONFIG_RANDOMIZE_BASE",
	"CONFIG_RODATA_FULL_DEFAULT_ENABLED",
	"CONFIG_TRACE_MMIO_ACCESS",
	"CONFIG_UNMAP_KERNEL_AT_EL0",
};

/* The value in a line "NAME=VALUE"; empty: the option is not set. */
static struct str find_option(struct str config, const char *name)
{
	struct str key = str_from(name);

	while (config.length) {
		const char *newline = memchr(config.text, '\n', config.length);
		size_t length = newline ? (size_t)(newline - config.text) : config.length;
		struct str line = str_first(config, length);

		if (str_starts(line, key) && line.length > key.length &&
		    line.text[key.length] == '=')
			return str_skip(line, key.length + 1);
		config = str_skip(config, length + 1);
	}
	return (struct str){0};
}

static void add_config(struct json_builder *builder, struct json_object *parent, struct str config)
{
	if (!config.length)
		return;
	struct json_object *object = json_add_object(builder, parent, "config");

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct str value = find_option(config, options[i]);

		if (value.length)
			json_add_str(builder, object, options[i], value);
	}
}

static void add_unprobed(struct json_builder *builder, struct json_object *parent,
			 const struct coverage *coverage)
{
	static const char *const kinds[] = {
		[PROBE_CALL] = "call",
		[PROBE_RETURN] = "return",
		[PROBE_INSTRUCTION] = "instruction",
		[PROBE_TRACEPOINT] = "tracepoint",
	};
	struct json_object *list = json_add_array(builder, parent, "unprobed");

	for (uint32_t i = 0; i < coverage->nr_unprobed; i++) {
		const struct probe *probe = coverage->unprobed[i];
		struct json_object *object = json_add_object(builder, list, NULL);

		json_add_text(builder, object, "kind", kinds[probe->kind]);
		json_add_text(builder, object, "where", probe->where);
		if (probe->site)
			json_add_text(builder, object, "op", probe->site->op);
	}
}

void json_add_kernel(struct json_builder *builder, struct json_object *parent,
		     const struct coverage *coverage)
{
	static const char *const proofs[] = {
		[PROOF_NONE] = "none",
		[PROOF_RELEASE] = "release",
		[PROOF_SYMBOLS] = "symbols",
		[PROOF_BUILD_ID] = "build-id",
	};
	static const char *const sources[] = {
		[SLIDE_KALLSYMS] = "kallsyms",
		[SLIDE_CAPTURE] = "capture",
		[SLIDE_PROBES] = "probes",
	};
	const struct kernel *kernel = coverage->kernel;
	char build_id[2 * BUILD_ID_MAX + 1] = "";
	uint64_t slide;

	if (!kernel || !kernel_image(kernel))
		return;
	const struct vmlinux_info *info = vmlinux_info(kernel_image(kernel));
	struct json_object *object = json_add_object(builder, parent, "kernel");

	for (size_t i = 0; i < info->build_id_size; i++)
		snprintf(build_id + 2 * i, 3, "%02x", info->build_id[i]);
	json_add_text(builder, object, "image", kernel_image_path(kernel));
	json_add_str(builder, object, "release", info->release);
	json_add_text(builder, object, "build_id", build_id[0] ? build_id : NULL);
	json_add_text(builder, object, "proof", proofs[kernel_proof(kernel)]);
	enum kernel_slide_source source = kernel_slide(kernel, &slide);

	if (source != SLIDE_UNKNOWN) {
		json_add_hex(builder, object, "slide", slide);
		json_add_text(builder, object, "slide_from", sources[source]);
	}
	json_add_number_unless(builder, object, "granule", info->granule, 0);
	json_add_number_unless(builder, object, "va_bits", info->va_bits, 0);
	add_config(builder, object, info->config);
	add_unprobed(builder, object, coverage);
}
