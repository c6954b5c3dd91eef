/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The A64 instructions that matter: TLBI, DSB, ISB, and exclusive loads and stores. */
#ifndef MMUREPLAY_VMLINUX_INSTRUCTION_H
#define MMUREPLAY_VMLINUX_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>

#include <mmureplay/vmlinux.h>

struct instruction {
	enum vmlinux_site_kind kind;
	const char *op;	 /* as vmlinux_site.op */
	uint8_t operand; /* likewise */
	/*
	 * Of a TLBI: whose translations it is about, as far as the operation says.  Last-level ones of
	 * no address are CONCERN_NONE.
	 */
	enum vmlinux_concern concern;
};

/* Decodes a word; false when it is none of TLBI, DSB and ISB. */
bool instruction_decode(uint32_t word, struct instruction *ret);

/* Whether a word at `address` is B or BL, and where to. */
bool instruction_is_branch(uint32_t word, uint64_t address, uint64_t *ret);

/* As the kernel's kprobes see them: LDXR and its relatives, STXR and its relatives. */
bool instruction_is_load_exclusive(uint32_t word);
bool instruction_is_store_exclusive(uint32_t word);

#endif
