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

/*
 * An inline function that the compiler has left out of line, as it does in each object: notrace, and so
 * its TLBI refuses a probe.  Called, jumped to, and repeated.
 */
	.type	flush_tlb_kernel_range, @function
flush_tlb_kernel_range:
1:	tlbi	vaale1is, x0
	cmp	x0, x1
	b.ne	1b
	b	flush_tlb_kernel_range
	ret
	.size	flush_tlb_kernel_range, . - flush_tlb_kernel_range

	.type	unmap_and_flush, @function
unmap_and_flush:
	.pushsection __mcount_loc, "aw"
	.quad	unmap_and_flush
	.popsection
	nop
	bl	flush_tlb_kernel_range
	b	flush_tlb_kernel_range
	.size	unmap_and_flush, . - unmap_and_flush
