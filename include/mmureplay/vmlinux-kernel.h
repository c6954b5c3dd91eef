/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beside the captures: the captured kernel as it ran.
 *
 * What names its addresses is its image, its kallsyms, or both.  The image has the addresses that the
 * kernel was linked to; KASLR moved it by one number, the slide.
 */
#ifndef MMUREPLAY_VMLINUX_KERNEL_H
#define MMUREPLAY_VMLINUX_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>
#include <mmureplay/vmlinux.h>

struct kernel;
struct symbols;	     /* base/symbols.h */
struct symbol_place; /* likewise */

/*
 * Opens the files that describe a kernel; each may be NULL.  `kallsyms` is the text of
 * /proc/kallsyms, read as root during the boot that was captured; it may be compressed with gzip.
 * `modules` is a folder that has the kernel's modules in it, at any depth: for lines of source.
 */
struct error *kernel_open(const char *vmlinux, const char *kallsyms, const char *modules,
			  struct kernel **ret) MUST_CHECK;

/*
 * Adds the kallsyms of an earlier time of the same boot: modules that were unloaded since have names by it.
 * Where another module has come to an address since, nothing tells whose it was.
 */
struct error *kernel_add_earlier(struct kernel *kernel, const char *kallsyms) MUST_CHECK;

/* Accepts NULL. */
void kernel_close(struct kernel *kernel);

/* Its image and the path of that; NULL: none was given. */
const struct vmlinux *kernel_image(const struct kernel *kernel);
const char *kernel_image_path(const struct kernel *kernel);

/* ---- where it ran -------------------------------------------------------------------------- */

/* How the slide is known. */
enum kernel_slide_source {
	SLIDE_UNKNOWN,
	SLIDE_KALLSYMS, /* the kallsyms that was given */
	SLIDE_CAPTURE,	/* the capture says where a symbol was */
	SLIDE_PROBES,	/* only here do the probes' addresses fit to functions and TLBIs */
};

/* How the slide is known, for people: "from the kallsyms"; "unknown". */
const char *kernel_slide_source_text(enum kernel_slide_source source);

/* The slide (0 as long as it is unknown), and how it is known. */
enum kernel_slide_source kernel_slide(const struct kernel *kernel, uint64_t *ret);

/*
 * The capture says that `symbol` was at `address`.  ERROR_USAGE when the kallsyms has it elsewhere:
 * then that is of another boot.
 */
struct error *kernel_locate(struct kernel *kernel, struct str symbol, uint64_t address) MUST_CHECK;

/*
 * Finds out where the kernel ran from where its probes were: KASLR moves it by whole 64 KiB, and few
 * slides put functions or TLBIs at several given addresses.  False when that is not one slide.
 */
bool kernel_locate_by_probes(struct kernel *kernel, const uint64_t *address, size_t count);

/* ---- whether it is the right one ----------------------------------------------------------- */

/* What proves that the image is of the captured kernel; the last is the surest. */
enum kernel_proof {
	PROOF_NONE,
	PROOF_RELEASE,
	PROOF_SYMBOLS, /* functions are where the captured kernel's kallsyms has them */
	PROOF_BUILD_ID,
};

enum kernel_proof kernel_proof(const struct kernel *kernel);

/* For people: "its build id is that of the capture". */
const char *kernel_proof_text(enum kernel_proof proof);

/*
 * What the capture says of its kernel against what the image does.  ERROR_USAGE, with both, when it
 * is another.  NULL: the capture does not say; that, and what the image does not say, is no error.
 */
struct error *kernel_check_build_id(struct kernel *kernel, const char *hexadecimal) MUST_CHECK;
struct error *kernel_check_release(struct kernel *kernel, const char *release) MUST_CHECK;
struct error *kernel_check_symbols(struct kernel *kernel, const struct symbols *symbols) MUST_CHECK;

/* The size that the capture prints of one function: several that differ are not by chance. */
struct error *kernel_check_size(struct kernel *kernel, struct str function,
				uint64_t size) MUST_CHECK;

/* ---- names and instructions ---------------------------------------------------------------- */

/* The function that an address of the running kernel is in; false when it is in none. */
bool kernel_find(const struct kernel *kernel, uint64_t address, struct symbol_place *ret);

enum {
	KERNEL_SOURCE_MAX = 1024,
};

/* Whether another module was at this place, which is in a module, earlier. */
bool kernel_had_other(const struct kernel *kernel, uint64_t address,
		      const struct symbol_place *place);

/* Whether each address in the kernel has a name: in none is then what lies in a module. */
bool kernel_has_names(const struct kernel *kernel);

/*
 * The line of source that called from a place, "nmap+0x84/0x140 [ht]": "drivers/ht.c:123", written into
 * `buffer`.  Empty where the image or the module has no DWARF, or no such function.
 */
struct str kernel_source(struct kernel *kernel, struct str caller,
			 char buffer[static KERNEL_SOURCE_MAX]);

/* What the image has at a place in a function. */
enum kernel_answer {
	KERNEL_UNKNOWN, /* no image, or it does not have this function, or has several */
	KERNEL_SITE,	/* a TLBI or a barrier */
	KERNEL_OTHER,	/* another instruction */
};

enum kernel_answer kernel_site_at(const struct kernel *kernel, struct str symbol, uint64_t offset,
				  const struct vmlinux_site **ret);

#endif
