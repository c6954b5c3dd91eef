/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <mmureplay/probes.h>
#include <mmureplay/vmlinux.h>

#include "base/cleanup.h"
#include "base/try.h"
#include "cli/probes.h"

DEFINE_CLEANUP(close_vmlinux, struct vmlinux *, vmlinux_close)
DEFINE_CLEANUP(destroy_plan, struct probe_plan *, probe_plan_destroy)

struct error *probes(const struct options *options)
{
	_cleanup_(close_vmlinux) struct vmlinux *vmlinux = NULL;
	_cleanup_(destroy_plan) struct probe_plan *plan = NULL;
	_cleanup_(output_deinit) struct output output = {0};
	const char *path = options->captures[0];

	TRY(vmlinux_open(path, options->kallsyms, &vmlinux));
	struct error *err = probe_plan_create(vmlinux, &options->probes, &plan);

	if (err)
		return error_at(err, path, ERROR_NO_PLACE, 0);
	TRY(output_open(options->output, options->captures, &output));
	TRY(probe_plan_write(plan, options->probe_format, output.file));
	return output_close(&output);
}
