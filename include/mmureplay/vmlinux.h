/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beside the captures: the kernel that they were taken of.
 *
 * Opens a kernel image, knows its symbols, and finds its TLBI and barrier instructions: where each
 * is, which register holds its operand, whose addresses it is about, and whether a kprobe can be
 * set on it.
 */
#ifndef MMUREPLAY_VMLINUX_H
#define MMUREPLAY_VMLINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mmureplay/error.h>
#include <mmureplay/str.h>

struct vmlinux;

/*
 * Opens a kernel image:
 *
 *   - an ELF file: vmlinux, with or without DWARF, or with no more than a symbol table;
 *   - the arm64 boot Image, which has no symbols: `kallsyms` must give them;
 *   - either of them compressed with gzip or zstd, or in an EFI zboot image;
 *   - /proc/kcore, the running kernel's memory: `kallsyms` NULL stands for /proc/kallsyms then.
 *
 * `kallsyms` is the text of /proc/kallsyms in a file, or NULL.  It is not read when the image has
 * symbols of its own.  Addresses are those of the symbols: where a kernel was linked to, or where it
 * ran.  What is not arm64, not complete or not a kernel is an ERROR_FORMAT.
 */
struct error *vmlinux_open(const char *path, const char *kallsyms, struct vmlinux **ret) MUST_CHECK;

/* Accepts NULL. */
void vmlinux_close(struct vmlinux *vmlinux);

/* ---- what it says about itself ------------------------------------------------------------- */

enum {
	BUILD_ID_MAX = 64, /* bytes; 20 for the linker's default, SHA-1 */
};

/* What is not known is empty or 0. */
struct vmlinux_info {
	struct str release; /* "6.1.0-56-arm64": of linux_banner, or of kcore's vmcoreinfo */
	uint32_t granule;   /* page size in bytes: flags of the Image header (booting.rst) */
	/*
	 * From the address that the kernel was linked to.  A kernel for 52 bits is linked to where 48
	 * are enough, as it runs with so many where the CPU has no more: `va_bits_max` is 52 then.
	 */
	uint32_t va_bits, va_bits_max;
	uint64_t text; /* address of _text, or of _stext where that is not known */
	uint8_t build_id[BUILD_ID_MAX];
	size_t build_id_size;
	/* The .config that the kernel was built from, when it is in the image (CONFIG_IKCONFIG). */
	struct str config;
};

const struct vmlinux_info *vmlinux_info(const struct vmlinux *vmlinux);

/* ---- symbols ------------------------------------------------------------------------------- */

/* A symbol; the name is valid as long as the image is open. */
struct vmlinux_symbol {
	struct str name;
	uint64_t address;
	uint64_t size;	   /* up to the next symbol, as kallsyms counts it; 0: not known */
	bool is_function;  /* in text; otherwise data */
	bool is_ambiguous; /* other functions have this name, too */
};

/* The function that `address` is in; false when it is in none. */
bool vmlinux_symbol_at(const struct vmlinux *vmlinux, uint64_t address, struct vmlinux_symbol *ret);

/* The symbol with this name, the lowest address of several; false when there is none. */
bool vmlinux_symbol_named(const struct vmlinux *vmlinux, struct str name,
			  struct vmlinux_symbol *ret);

/*
 * The functions that the compiler made of `name`: "NAME.part.0", "NAME.constprop.0", "NAME.isra.0";
 * not "NAME.cold".  The `index`th of them, from 0; false when there are no more.
 */
bool vmlinux_symbol_variant(const struct vmlinux *vmlinux, struct str name, size_t index,
			    struct vmlinux_symbol *ret);

/* ---- instructions -------------------------------------------------------------------------- */

enum vmlinux_site_kind {
	SITE_TLBI,
	SITE_DSB,
	SITE_ISB,
	SITE_CALL, /* of vmlinux_calls() only */
};

/* Whose translations an instruction is about. */
enum vmlinux_concern {
	CONCERN_KERNEL, /* kernel addresses, perhaps with others; and all barriers */
	CONCERN_USER,	/* one ASID: user addresses only */
	CONCERN_GUEST,	/* KVM's: EL2, stage 2, or in a function that runs for a guest */
	CONCERN_BOOT,	/* runs before there is anything to trace, or when the kernel is left */
	CONCERN_NONE,	/* vale1is, xzr: completes the TLBI before it (CPU errata), names nothing */
};

/* Why the kernel refuses a kprobe somewhere; or why one would say something wrong. */
enum vmlinux_obstacle {
	OBSTACLE_NONE,
	OBSTACLE_NOT_TEXT,    /* outside of _stext.._etext: core_kernel_text() */
	OBSTACLE_INIT,	      /* .init.text and .exit.text: gone after the boot */
	OBSTACLE_KPROBES,     /* .kprobes.text */
	OBSTACLE_NOINSTR,     /* .noinstr.text */
	OBSTACLE_ENTRY,	      /* .entry.text, .irqentry.text */
	OBSTACLE_IDMAP,	      /* .idmap.text: runs with the MMU off */
	OBSTACLE_HYP,	      /* .hyp.text: runs at EL2 */
	OBSTACLE_BLACKLIST,   /* NOKPROBE_SYMBOL() */
	OBSTACLE_NOTRACE,     /* the function has no ftrace site */
	OBSTACLE_ALTERNATIVE, /* the boot may replace it, or copies it to where it replaces others */
	OBSTACLE_EXCLUSIVE,   /* between a load-exclusive and its store-exclusive */
	OBSTACLE_EXTABLE,     /* has an entry in the exception table */
	OBSTACLE_NO_SYMBOL,   /* no symbol comes before it: there is nothing to name it by */
	OBSTACLES
};

/* Why, for people: "in .idmap.text, which the kernel's kprobes blacklist has". */
const char *vmlinux_obstacle_text(enum vmlinux_obstacle obstacle);

/* Likewise: "concerns user addresses only". */
const char *vmlinux_concern_text(enum vmlinux_concern concern);

enum {
	REGISTER_XZR = 31,
	REGISTER_NONE = 32,
};

struct vmlinux_site {
	uint64_t address;
	enum vmlinux_site_kind kind;
	const char *op;	 /* "vaae1is", "dsb ish", "isb"; for tlbi_op_parse(), dsb_type_parse() */
	uint8_t operand; /* register number, REGISTER_XZR, or REGISTER_NONE: takes no operand */
	enum vmlinux_concern concern;
	enum vmlinux_obstacle obstacle;
	struct str symbol; /* of the function that it is in; empty: none is known */
	bool is_ambiguous; /* other functions have this name: name it by another's offset */
	uint64_t offset;   /* from the symbol */
};

/*
 * All TLBI, DSB and ISB instructions in executable sections, by address.  Data between the code
 * (mapping symbols $d) does not count, as for objdump.
 */
const struct vmlinux_site *vmlinux_sites(const struct vmlinux *vmlinux, size_t *count);

/* The instruction at `address`, if it is one of those; otherwise NULL. */
const struct vmlinux_site *vmlinux_site_at(const struct vmlinux *vmlinux, uint64_t address);

/*
 * The instructions that call one of the functions that start at `callee`: BL, and B from another function.
 * By address; the array is the caller's to free.
 */
struct error *vmlinux_calls(const struct vmlinux *vmlinux, const uint64_t *callee,
			    size_t nr_callees, struct vmlinux_site **ret, size_t *count) MUST_CHECK;

/* Why no kprobe can be set at `address`, such as the entry of a function. */
enum vmlinux_obstacle vmlinux_obstacle_at(const struct vmlinux *vmlinux, uint64_t address);

#endif
