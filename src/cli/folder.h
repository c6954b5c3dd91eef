/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the recording script of `mmureplay probes` leaves in a folder: a capture, and all about it. */
#ifndef MMUREPLAY_CLI_FOLDER_H
#define MMUREPLAY_CLI_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

#include "base/array.h"

/* One that is all zero is of no folder.  What is NULL or 0 is not there, or says nothing. */
struct folder {
	char *capture;	       /* paths ... */
	char *kallsyms;	       /* ... */
	char *kallsyms_before; /* ... */
	char *kprobe_profile;  /* ... */
	char *release;	       /* of the kernel that ran */
	char *build_id;	       /* likewise, in hexadecimal */
	uint32_t page_size;
	/* Where the kernel refused probes, "secondary_start_kernel+0x6c"; views into the text. */
	ARRAY_OF(struct str) refused;
	char *refused_text;
};

/* Whether a capture's name is that of a folder. */
bool is_folder(const char *path);

/* ERROR_FORMAT: there is no capture in it. */
struct error *folder_open(const char *path, struct folder *ret) MUST_CHECK;
void folder_deinit(struct folder *folder);

#endif
