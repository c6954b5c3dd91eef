/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small arm64 "kernel": every TLBI that an assembler knows, in all of the places and tables that a
 * real vmlinux has.  It is stored assembled (kernel.elf), with what objdump says of it
 * (kernel.objdump), so that tests need no cross tools.  To make them again:
 *
 *   sh make.sh
 */

/* A function that ftrace could trace: its first instruction is in __mcount_loc. */
.macro function name, type=@function, traced=1
	.globl	\name
	.type	\name, \type
\name:
	.if \traced
	.pushsection __mcount_loc, "aw"
	.quad	\name
	.popsection
	.endif
	nop
	nop
.endm

.macro end name
	ret
	.size	\name, . - \name
.endm

/* ---- what comes before _stext -------------------------------------------------------------- */

	.section .head.text, "ax"
	.globl	_head
_head:
	b	primary_entry		// the Image header, as Documentation/arm64/booting.rst has it
	nop
	.quad	0			// text_offset
	.quad	0x10000			// image_size
	.quad	0xa			// flags: little-endian, 4K pages, anywhere
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0
primary_entry:
	tlbi	vmalle1
	ret

/* ---- every form ---------------------------------------------------------------------------- */

.macro every_form scope, xs
	tlbi	vmalle1\scope\xs
	tlbi	vae1\scope\xs, x0
	tlbi	aside1\scope\xs, x1
	tlbi	vaae1\scope\xs, x2
	tlbi	vale1\scope\xs, x3
	tlbi	vaale1\scope\xs, x4
	tlbi	rvae1\scope\xs, x5
	tlbi	rvaae1\scope\xs, x6
	tlbi	rvale1\scope\xs, x7
	tlbi	rvaale1\scope\xs, x8
	tlbi	ipas2e1\scope\xs, x9
	tlbi	ipas2le1\scope\xs, x10
	tlbi	ripas2e1\scope\xs, x11
	tlbi	ripas2le1\scope\xs, x12
	tlbi	alle1\scope\xs
	tlbi	vmalls12e1\scope\xs
	tlbi	alle2\scope\xs
	tlbi	vae2\scope\xs, x13
	tlbi	vale2\scope\xs, x14
	tlbi	rvae2\scope\xs, x15
	tlbi	rvale2\scope\xs, x16
	tlbi	alle3\scope\xs
	tlbi	vae3\scope\xs, x17
	tlbi	vale3\scope\xs, x18
	tlbi	rvae3\scope\xs, x28
	tlbi	rvale3\scope\xs, x30
.endm

	.text
function all_forms
	every_form
	every_form is,
	every_form os,
	every_form , nxs
	every_form is, nxs
	every_form os, nxs
	tlbi	paall
	tlbi	paallos
	tlbi	rpaos, x19
	tlbi	rpalos, x20
	tlbi	vale1is, xzr		// the work-around of an erratum
	tlbi	vaae1is, xzr
	/* Not TLBI: the neighbours in the encoding. */
	dc	civac, x0
	at	s1e1r, x0
	ic	ialluis
	sys	#0, c8, c3, #4, x0
	mrs	x0, sctlr_el1
	/* Data that looks like code. */
	b	1f
	.word	0xd5088361
	.quad	0xd508831fd508831f
1:
end all_forms

function barriers
	.irp	type, oshld, oshst, osh, nshld, nshst, nsh, ishld, ishst, ish, ld, st, sy
	dsb	\type
	.endr
	.irp	type, oshnxs, nshnxs, ishnxs, synxs
	dsb	\type
	.endr
	isb
	ssbb
	pssbb
	dmb	ish
	sb
end barriers

/* ---- places that kprobes refuse ------------------------------------------------------------ */

function flush_exclusive
1:	ldxr	x1, [x0]
	tlbi	vaae1is, x1
	stxr	w2, x1, [x0]
	cbnz	w2, 1b
	tlbi	vaale1is, x2		// behind the store: can be probed
end flush_exclusive

function flush_may_fault
2:	tlbi	vaae1is, x3
	.pushsection __ex_table, "a"
	.long	2b - ., 2b - .
	.short	0, 0
	.popsection
end flush_may_fault

function flush_patched
3:	nop
	nop
4:	tlbi	vaae1is, x4		// replaced
	.pushsection .altinstructions, "a"
	.long	3b - ., 5f - .
	.short	1
	.byte	8, 8
	.long	4b - ., 6f - .
	.short	2
	.byte	4, 4
	.popsection
end flush_patched
5:	dsb	ish
	tlbi	vaale1is, x0		// a replacement
6:	nop

function flush_notrace, traced=0
	tlbi	vaae1is, x5
end flush_notrace

/* What the compiler split off, counts as the whole. */
function flush_whole
	b	flush_whole.part.0
end flush_whole
function flush_whole.part.0, traced=0
	tlbi	vaae1is, x6
end flush_whole.part.0
function flush_whole.constprop.0, traced=0
	tlbi	vaae1is, x7
end flush_whole.constprop.0
function flush_whole.cold, traced=0
	tlbi	vaae1is, x8
end flush_whole.cold

function flush_blacklisted
	tlbi	vaae1is, x9
	.pushsection _kprobe_blacklist, "aw"
	.quad	flush_blacklisted
	.popsection
end flush_blacklisted

function __kvm_flush
	tlbi	vmalle1is
end __kvm_flush

	.section .entry.text, "ax"
function el1t_entry
	tlbi	vaae1is, x10
end el1t_entry

	.section .irqentry.text, "ax"
function irq_entry
	tlbi	vaae1is, x11
end irq_entry

	.section .kprobes.text, "ax"
function kprobes_own
	tlbi	vaae1is, x12
end kprobes_own

	.section .noinstr.text, "ax"
function noinstr
	tlbi	vaae1is, x13
end noinstr

	.section .idmap.text, "ax"
function __cpu_setup
	tlbi	vmalle1
end __cpu_setup

	.section .hyp.text, "ax"
function __kvm_nvhe_flush
	tlbi	vmalle1is
end __kvm_nvhe_flush

	.section .init.text, "ax"
function setup_arch
	tlbi	vmalle1
end setup_arch

/* ---- functions that a plan probes ---------------------------------------------------------- */

	.text
	.irp	name, ioremap_prot, iounmap, ioremap_page_range, vmap_range_noflush, \
		vunmap_range_noflush, __vunmap_range_noflush, pmd_set_huge, pud_set_huge, \
		__pte_alloc_kernel, __pmd_alloc
function \name
end \name
	.endr

function pmd_free_pte_page
	b	pmd_free_pte_page.part.0
end pmd_free_pte_page
function pmd_free_pte_page.part.0, traced=0
	dsb	ishst
	tlbi	vaae1is, x1
	dsb	ish
	isb
end pmd_free_pte_page.part.0

function __purge_vmap_area_lazy.constprop.0
	tlbi	vaale1is, x25
end __purge_vmap_area_lazy.constprop.0

/* It cannot be probed, although it is there. */
function pmd_clear_huge, traced=0
end pmd_clear_huge

/* ---- data ---------------------------------------------------------------------------------- */

	.section .rodata, "a"
	.globl	linux_banner
	.type	linux_banner, @object
linux_banner:
	.asciz	"Linux version 6.1.0-test (someone@somewhere) (gcc) #1 SMP\n"
	.size	linux_banner, . - linux_banner
	.globl	kernel_config_data, kernel_config_data_end
	.type	kernel_config_data, @object
	.ascii	"IKCFG_ST"
kernel_config_data:
	.incbin	"config.gz"
kernel_config_data_end:
	.ascii	"IKCFG_ED"
	.balign	256
	.word	0xd5088361		// in no executable section
