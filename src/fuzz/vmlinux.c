/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's image, from its bytes to the probes that it needs, in all formats. */
#include <mmureplay/probes.h>
#include <mmureplay/vmlinux.h>

#include "base/cleanup.h"
#include "base/try.h"

#include "fuzz.h"

DEFINE_CLEANUP(close_vmlinux, struct vmlinux *, vmlinux_close)
DEFINE_CLEANUP(destroy_plan, struct probe_plan *, probe_plan_destroy)

struct error *fuzz_file(const char *path)
{
	static const struct probe_options options = {.dsb = true, .callers = true, .all = true};
	_cleanup_(close_file) FILE *sink = fopen("/dev/null", "we");
	_cleanup_(close_vmlinux) struct vmlinux *vmlinux = NULL;
	_cleanup_(destroy_plan) struct probe_plan *plan = NULL;

	if (!sink)
		return error_memory();
	TRY(vmlinux_open(path, NULL, &vmlinux));
	TRY(probe_plan_create(vmlinux, &options, &plan));
	for (int format = 0; format < PROBE_FORMATS; format++)
		TRY(probe_plan_write(plan, (enum probe_format)format, sink));
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_bytes(data, size);
}
