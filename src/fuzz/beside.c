/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts that can be given beside a capture: each input is taken for all of them. */
#include <mmureplay/event.h>
#include <mmureplay/vmlinux-kernel.h>

#include "base/cleanup.h"

#include "fuzz.h"

struct error *fuzz_file(const char *path)
{
	struct event_map *map = NULL;
	struct probe_profile *profile = NULL;
	struct kernel *kernel = NULL;

	error_destroy(event_map_load(path, &map));
	event_map_destroy(map);
	error_destroy(probe_profile_load(path, &profile));
	probe_profile_destroy(profile);
	struct error *err = kernel_open(NULL, path, NULL, &kernel);

	kernel_close(kernel);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_bytes(data, size);
}
