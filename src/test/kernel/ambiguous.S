/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second object, with a local function of a name that kernel.S or this one has, too. */
	.text
	.type	tlb_flush, @function
tlb_flush:
	.pushsection __mcount_loc, "aw"
	.quad	tlb_flush
	.popsection
	nop
	tlbi	vmalle1is
	ret
	.size	tlb_flush, . - tlb_flush
