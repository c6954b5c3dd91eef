/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of text as kernels, trace-cmd and perf print them, one of each variant, and what they say.
 * Real lines where there are any; the others follow the kernel's kernel/trace/trace_output.c.
 */
#define _GNU_SOURCE
#include "test/capture-text.h"

#define FTRACE "# tracer: nop\n#\n"
#define TRACE_CMD "cpus=2\n"

struct example {
	const char *what;
	const char *text; /* one event in the last line */
	const char *kind;
	const char *comm;
	int32_t pid;
	uint32_t cpu;
	uint64_t time;
	bool is_ticks;
	const char *system;
	const char *name;
	const char *symbol;
	const char *module;
	uint64_t offset;
	uint64_t address;
	bool is_return;
	const char *caller;
	uint64_t caller_address;
	const char *fields; /* numbers in hexadecimal, texts in apostrophes */
};

static const struct example examples[] = {
	{
		.what = "ftrace, five flags",
		.text = FTRACE "            init-1       [000] d....     5.640702: ioremap: "
			       "(ioremap_prot+0x0/0x100) phys=0x8000001000 size=0x1000 "
			       "prot=0x68000000000f13\n",
		.kind = "ftrace text",
		.comm = "init",
		.pid = 1,
		.cpu = 0,
		.time = 5640702000,
		.name = "ioremap",
		.symbol = "ioremap_prot",
		.fields = "phys=0x8000001000 size=0x1000 prot=0x68000000000f13",
	},
	{
		.what = "ftrace, indented by tabs in somebody's report",
		.text = "\t\t# tracer: nop\n"
			"\t\t            init-1       [000] d....     5.640702: iounmap: "
			"(iounmap+0x0/0x20) addr=0xffff80000a000000\n",
		.kind = "ftrace text",
		.comm = "init",
		.pid = 1,
		.cpu = 0,
		.time = 5640702000,
		.name = "iounmap",
		.symbol = "iounmap",
		.fields = "addr=0xffff80000a000000",
	},
	{
		.what = "ftrace, four flags, an offset",
		.text = FTRACE "          <idle>-0     [003] d.h2   812.000007: p__do_fork_4: "
			       "(_do_fork+0x4/0x390) arg1=0x1\n",
		.kind = "ftrace text",
		.comm = "<idle>",
		.pid = 0,
		.cpu = 3,
		.time = 812000007000,
		.name = "p__do_fork_4",
		.symbol = "_do_fork",
		.offset = 4,
		.fields = "arg1=0x1",
	},
	{
		.what = "ftrace, no flags",
		.text = FTRACE "       apt-cache-19018   [000]    869.079381: iounmap: "
			       "(iounmap+0x0/0x20) addr=0xffff80000a000000\n",
		.kind = "ftrace text",
		.comm = "apt-cache",
		.pid = 19018,
		.cpu = 0,
		.time = 869079381000,
		.name = "iounmap",
		.symbol = "iounmap",
		.fields = "addr=0xffff80000a000000",
	},
	{
		.what = "ftrace, eight flags of an old PREEMPT_RT kernel",
		.text = FTRACE "   kworker/2:1-77    [002] d.L.1..1  1.000002: ev: a=0x10\n",
		.kind = "ftrace text",
		.comm = "kworker/2:1",
		.pid = 77,
		.cpu = 2,
		.time = 1000002000,
		.name = "ev",
		.fields = "a=0x10",
	},
	{
		.what = "ftrace, thread group",
		.text = FTRACE
		"    kworker/u4:0-9       (      9) [000] d....    66.921245: ioremap: "
		"(ioremap_prot+0x0/0x100) phys=0x800000a000 size=0x410\n",
		.kind = "ftrace text",
		.comm = "kworker/u4:0",
		.pid = 9,
		.cpu = 0,
		.time = 66921245000,
		.name = "ioremap",
		.symbol = "ioremap_prot",
		.fields = "phys=0x800000a000 size=0x410",
	},
	{
		.what = "ftrace, unknown thread group",
		.text = FTRACE
		"       apt-cache-19018   (-------) [000] d..2.   869.079381: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "apt-cache",
		.pid = 19018,
		.cpu = 0,
		.time = 869079381000,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, thread groups of older kernels",
		.text = FTRACE "            bash-1977  (-----) [000] d..1   17.284993: ev: a=1\n"
			       "            bash-1977  (13580) [001] d..1   17.284994: ev: a=2\n",
		.kind = "ftrace text",
		.comm = "bash",
		.pid = 1977,
		.cpu = 1,
		.time = 17284994000,
		.name = "ev",
		.fields = "a=0x2",
	},
	{
		.what = "ftrace, a comm with everything",
		.text = FTRACE "  a-1 [2] (3) b: -4321  [001] d..1.   204.946391: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "a-1 [2] (3) b:",
		.pid = 4321,
		.cpu = 1,
		.time = 204946391000,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, a comm like a prefix without a task",
		.text = FTRACE "   x [000] 1.5: y-12    [001] d..1.   204.946391: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "x [000] 1.5: y",
		.pid = 12,
		.cpu = 1,
		.time = 204946391000,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, no comm recorded",
		.text = FTRACE "           <...>-1447  [001] 1038282.286875: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "<...>",
		.pid = 1447,
		.cpu = 1,
		.time = 1038282286875000,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, clock counter",
		.text = FTRACE "            bash-19659   [001] d..2.            3: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "bash",
		.pid = 19659,
		.cpu = 1,
		.time = 3,
		.is_ticks = true,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, clock x86-tsc",
		.text = FTRACE "            bash-19659   [001] d..2. 346581530416296: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "bash",
		.pid = 19659,
		.cpu = 1,
		.time = 346581530416296,
		.is_ticks = true,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, latency format",
		.text = FTRACE "apt-cach-19018     0d..2. 869079381us : ev: a=1\n",
		.kind = "ftrace text",
		.comm = "apt-cach",
		.pid = 19018,
		.cpu = 0,
		.time = 869079381000,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, latency format, a delay marked",
		.text = FTRACE "kworker/-77       12dNh2.    1234us!: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "kworker/",
		.pid = 77,
		.cpu = 12,
		.time = 1234000,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, latency format, clock counter",
		.text = FTRACE "  <idle>-0         0d.h2.   77: ev: a=1\n",
		.kind = "ftrace text",
		.comm = "<idle>",
		.pid = 0,
		.cpu = 0,
		.time = 77,
		.is_ticks = true,
		.name = "ev",
		.fields = "a=0x1",
	},
	{
		.what = "ftrace, a return into a module",
		.text = FTRACE "            init-1       [000] .....     5.641611: ioremap_ret: "
			       "(nmap+0x84/0x140 [ht] <- ioremap_prot) ret=0xffff80000a000000\n",
		.kind = "ftrace text",
		.comm = "init",
		.pid = 1,
		.cpu = 0,
		.time = 5641611000,
		.name = "ioremap_ret",
		.symbol = "ioremap_prot",
		.is_return = true,
		.caller = "nmap+0x84/0x140 [ht]",
		.fields = "ret=0xffff80000a000000",
	},
	{
		.what = "ftrace, a return into a module without symbols",
		.text = FTRACE "        modprobe-96      [000] .....     1.869716: ioremap_ret: "
			       "(0xffffa6ee99714f48 <- ioremap_prot) ret=0xffff800008300000\n",
		.kind = "ftrace text",
		.comm = "modprobe",
		.pid = 96,
		.cpu = 0,
		.time = 1869716000,
		.name = "ioremap_ret",
		.symbol = "ioremap_prot",
		.is_return = true,
		.caller_address = 0xffffa6ee99714f48,
		.fields = "ret=0xffff800008300000",
	},
	{
		.what = "ftrace, addresses after the symbols",
		.text = FTRACE "  sh-1  [000] d..1.  1.000000: r: (f+0x8/0x10 [m] "
			       "<ffff800008a2b3c4> <- g <ffff800008a2b000>) ret=0x0\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "r",
		.symbol = "g",
		.address = 0xffff800008a2b000,
		.is_return = true,
		.caller = "f+0x8/0x10 [m]",
		.caller_address = 0xffff800008a2b3c4,
		.fields = "ret=0x0",
	},
	{
		.what = "ftrace, a return to a return probe",
		.text = FTRACE "  sh-1  [000] d..1.  1.000000: r: "
			       "([unknown/kretprobe'd] <- iounmap) ret=0x0\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "r",
		.symbol = "iounmap",
		.is_return = true,
		.caller = "[unknown/kretprobe'd]",
		.fields = "ret=0x0",
	},
	{
		.what = "ftrace, a return of the user's",
		.text = FTRACE "  sh-1  [000] d..1.  1.000000: r: (0x4005d0 <- 0x4004f0) ret=0x0\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "r",
		.address = 0x4004f0,
		.is_return = true,
		.caller_address = 0x4005d0,
		.fields = "ret=0x0",
	},
	{
		.what = "a return of trace-cmd's in the kernel's text, as of two files in one",
		.text = FTRACE "  sh-1  [000]  1.000000: r: (ffffd5cb179a3060 <- ffffd5cacb8aef48) "
			       "ret=0x0\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "r",
		.address = 0xffffd5cb179a3060,
		.is_return = true,
		.caller_address = 0xffffd5cacb8aef48,
		.fields = "ret=0x0",
	},
	{
		.what = "a return in the other order, with symbols",
		.text = FTRACE "  sh-1  [000]  1.000000: r: (iounmap <- nunmap+0x1c/0x90 [ht]) "
			       "ret=0x0\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "r",
		.symbol = "iounmap",
		.is_return = true,
		.caller = "nunmap+0x1c/0x90 [ht]",
		.fields = "ret=0x0",
	},
	{
		.what = "ftrace, a probe in a module",
		.text = FTRACE "  sh-1  [000] d..1.  1.000000: unmap_1: "
			       "(nunmap.constprop.0+0x1c/0x90 [ht]) a=-2 b=\"x y=1\" c={0x1,0x2} "
			       "d=(fault) e=do_it+0x1/0x2 [ht] f=\"\"\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "unmap_1",
		.symbol = "nunmap.constprop.0",
		.module = "ht",
		.offset = 0x1c,
		.fields = "a=0xfffffffffffffffe b='x y=1' c='{0x1,0x2}' d='(fault)' "
			  "e='do_it+0x1/0x2 [ht]' f=''",
	},
	{
		.what = "ftrace, strings with quotes",
		.text = FTRACE "  sh-1  [000] d..1.  1.000000: k: (f+0x0/0x10) "
			       "a=\"say \"no\" now\" b={\"}\",\"x\"} c=0x1\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "k",
		.symbol = "f",
		.fields = "a='say \"no\" now' b='{\"}\",\"x\"}' c=0x1",
	},
	{
		.what = "ftrace, a probe of an event",
		.text = FTRACE "  sh-1  [000] d..1.  1.000000: e1: (kmem.mm_page_alloc) pfn=0x12\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "e1",
		.fields = "pfn=0x12",
	},
	{
		.what = "ftrace, mm_page_alloc of 4.14",
		.text = FTRACE "            init-1     [000] ....     1.100794: mm_page_alloc: "
			       "page=ffff80007eb1e700 pfn=740636 order=2 migratetype=0 "
			       "gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_NOTRACK\n",
		.kind = "ftrace text",
		.comm = "init",
		.pid = 1,
		.cpu = 0,
		.time = 1100794000,
		.name = "mm_page_alloc",
		.fields = "page=0xffff80007eb1e700 pfn=0xb4d1c order=0x2 migratetype=0x0 "
			  "gfp_flags='GFP_KERNEL_ACCOUNT|__GFP_NOTRACK'",
	},
	{
		.what = "ftrace, mm_page_free with a hidden pointer",
		.text = FTRACE "  sh-1  [000] .....  1.000000: mm_page_free: "
			       "page=(____ptrval____) pfn=0x48039 order=0\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "mm_page_free",
		.fields = "page='(____ptrval____)' pfn=0x48039 order=0x0",
	},
	{
		.what = "ftrace, values after a colon",
		.text = FTRACE
		"  sh-1  [000] .....  1.000000: alloc_vmap_area: va_start: "
		"18446603336221196288 size=4096 align=4096 vstart=0xffff800008000000 "
		"vend=0xfffffbfff0000000 failed=0\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "alloc_vmap_area",
		.fields = "va_start=0xffff800000000000 size=0x1000 align=0x1000 "
			  "vstart=0xffff800008000000 vend=0xfffffbfff0000000 failed=0x0",
	},
	{
		.what = "ftrace, symbols before the fields",
		.text = FTRACE "  sh-1  [000] .....  1.000000: rwmmio_write: readl+0x10/0x20 -> "
			       "probe+0x4/0x80 [drv] width=32 val=0xbeef addr=0xffff800009000010\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "rwmmio_write",
		.fields = "width=0x20 val=0xbeef addr=0xffff800009000010",
	},
	{
		.what = "ftrace, words that look like hexadecimal numbers",
		.text = FTRACE "  sh-1  [000] .....  1.000000: t: mode=add name=deed, n=5, x=0x\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "t",
		.fields = "mode='add' name='deed,' n=0x5 x='0x'",
	},
	{
		.what = "ftrace of an old kernel: hexadecimal numbers without 0x",
		.text = FTRACE "           <...>-1447  [001] 1038282.286875: myprobe: "
			       "(do_sys_open+0x0/0xd6) dfd=3 filename=7fffd1ec4440 flags=98800 "
			       "mode=1 s=-1\n",
		.kind = "ftrace text",
		.comm = "<...>",
		.pid = 1447,
		.cpu = 1,
		.time = 1038282286875000,
		.name = "myprobe",
		.symbol = "do_sys_open",
		.fields = "dfd=0x3 filename=0x7fffd1ec4440 flags=0x98800 mode=0x1 "
			  "s=0xffffffffffffffff",
	},
	{
		.what = "ftrace, decimal numbers of typed arguments",
		.text = FTRACE "  sh-1  [000] .....  1.000000: k: (f+0x0/0x10) a=100 b=0x100\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "k",
		.symbol = "f",
		.fields = "a=0x64 b=0x100",
	},
	{
		.what = "ftrace, numbers that are too large",
		.text = FTRACE "  sh-1  [000] .....  99999999999999.000001: t: "
			       "a=18446744073709551615 b=18446744073709551616 "
			       "c=0x10000000000000000 d=-9223372036854775808\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = UINT64_MAX,
		.name = "t",
		.fields = "a=0xffffffffffffffff b='18446744073709551616' "
			  "c='0x10000000000000000' d=0x8000000000000000",
	},
	{
		.what = "ftrace, lines end with CR LF",
		.text = "# tracer: nop\r\n#\r\n  sh-1  [000] .....  1.000000: t: a=0x1\r\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 1,
		.cpu = 0,
		.time = 1000000000,
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "trace-cmd",
		.text = TRACE_CMD
		"        modprobe-118   [000]     6.046465: ioremap_ret:          "
		"(ffffd5cb179a3060 <- ffffd5cacb7dbf48) ret=0xffff800008300000\n",
		.kind = "trace-cmd report",
		.comm = "modprobe",
		.pid = 118,
		.cpu = 0,
		.time = 6046465000,
		.name = "ioremap_ret",
		.address = 0xffffd5cb179a3060,
		.is_return = true,
		.caller_address = 0xffffd5cacb7dbf48,
		.fields = "ret=0xffff800008300000",
	},
	{
		.what = "trace-cmd, flags",
		.text = TRACE_CMD
		"              sh-117   [001] d..1.     5.834495: pud_alloc:            "
		"(ffffd5cb17909774) mm=0xffff271ac33b9a40 addr=0xffffffffffeb\n",
		.kind = "trace-cmd report",
		.comm = "sh",
		.pid = 117,
		.cpu = 1,
		.time = 5834495000,
		.name = "pud_alloc",
		.address = 0xffffd5cb17909774,
		.fields = "mm=0xffff271ac33b9a40 addr=0xffffffffffeb",
	},
	{
		.what = "trace-cmd, not parsed",
		.text = TRACE_CMD
		"              sh-117   [001]     5.833922: mm_page_alloc:        "
		"[FAILED TO PARSE] pfn=0x48039 order=0 gfp_flags=0x400dc0 "
		"migratetype=0\n",
		.kind = "trace-cmd report",
		.comm = "sh",
		.pid = 117,
		.cpu = 1,
		.time = 5833922000,
		.name = "mm_page_alloc",
		.fields = "pfn=0x48039 order=0x0 gfp_flags=0x400dc0 migratetype=0x0",
	},
	{
		.what = "trace-cmd -t",
		.text = TRACE_CMD
		"            init-1     [000]     5.641372688: ioremap_page_range:   "
		"(ffffc96230327d20) addr=0xffff80000a000000\n",
		.kind = "trace-cmd report",
		.comm = "init",
		.pid = 1,
		.cpu = 0,
		.time = 5641372688,
		.name = "ioremap_page_range",
		.address = 0xffffc96230327d20,
		.fields = "addr=0xffff80000a000000",
	},
	{
		.what = "trace-cmd -l",
		.text = TRACE_CMD "trace-cm-116     0d..3.     5.834116: vaale1is_3:           "
				  "(ffffd5cb1763a400) op=0xfffbfffdbfe\n",
		.kind = "trace-cmd report",
		.comm = "trace-cm",
		.pid = 116,
		.cpu = 0,
		.time = 5834116000,
		.name = "vaale1is_3",
		.address = 0xffffd5cb1763a400,
		.fields = "op=0xfffbfffdbfe",
	},
	{
		.what = "trace-cmd -R, a call",
		.text = TRACE_CMD
		"            init-1     [000]     5.641434: pte_alloc_kernel:      "
		"__probe_ip=ffffc962303063b4 pmdp=0xffff19df4256f280 val=0x0\n",
		.kind = "trace-cmd report",
		.comm = "init",
		.pid = 1,
		.cpu = 0,
		.time = 5641434000,
		.name = "pte_alloc_kernel",
		.address = 0xffffc962303063b4,
		.fields = "pmdp=0xffff19df4256f280 val=0x0",
	},
	{
		.what = "trace-cmd -R, a return",
		.text = TRACE_CMD
		"        modprobe-118   [000]     6.026810: pte_alloc_kernel_ret:  "
		"__probe_func=ffffd5cb179063b4 __probe_ret_ip=ffffd5cb179243bc "
		"ret=0x0\n",
		.kind = "trace-cmd report",
		.comm = "modprobe",
		.pid = 118,
		.cpu = 0,
		.time = 6026810000,
		.name = "pte_alloc_kernel_ret",
		.address = 0xffffd5cb179063b4,
		.is_return = true,
		.caller_address = 0xffffd5cb179243bc,
		.fields = "ret=0x0",
	},
	{
		.what = "trace-cmd -l -R",
		.text = TRACE_CMD "      sh-169     1-0x0    23.778384: mm_page_free:          "
				  "pfn=0x45b55 order=0\n",
		.kind = "trace-cmd report",
		.comm = "sh",
		.pid = 169,
		.cpu = 1,
		.time = 23778384000,
		.name = "mm_page_free",
		.fields = "pfn=0x45b55 order=0x0",
	},
	{
		.what = "trace-cmd --ts-diff",
		.text = TRACE_CMD
		"            init-1     [000]     5.641373: (+671)   "
		"ioremap_page_range:   (ffffc96230327d20) end=0xffff80000a001000\n",
		.kind = "trace-cmd report",
		.comm = "init",
		.pid = 1,
		.cpu = 0,
		.time = 5641373000,
		.name = "ioremap_page_range",
		.address = 0xffffc96230327d20,
		.fields = "end=0xffff80000a001000",
	},
	{
		.what = "trace-cmd --raw-ts",
		.text = TRACE_CMD
		"              ls-4734  [002]106439675591340: iounmap:              "
		"(ffffd5cb1763a400) addr=0xffff80000a000000\n",
		.kind = "trace-cmd report",
		.comm = "ls",
		.pid = 4734,
		.cpu = 2,
		.time = 106439675591340,
		.is_ticks = true,
		.name = "iounmap",
		.address = 0xffffd5cb1763a400,
		.fields = "addr=0xffff80000a000000",
	},
	{
		.what = "trace-cmd --raw-ts, flags that end in digits",
		.text = TRACE_CMD "              ls-4734  [002] d..21106439675591340: t: a=1\n",
		.kind = "trace-cmd report",
		.comm = "ls",
		.pid = 4734,
		.cpu = 2,
		.time = 106439675591340,
		.is_ticks = true,
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "trace-cmd -l --raw-ts, no space",
		.text = TRACE_CMD "      ls-4734    2d..2.106439675591340: t: a=1\n",
		.kind = "trace-cmd report",
		.comm = "ls",
		.pid = 4734,
		.cpu = 2,
		.time = 106439675591340,
		.is_ticks = true,
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "trace-cmd, an instance",
		.text = TRACE_CMD
		"rh:             bash-21608 [000]   906.867567: t:                    "
		"a=1\n",
		.kind = "trace-cmd report",
		.comm = "bash",
		.pid = 21608,
		.cpu = 0,
		.time = 906867567000,
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "trace-cmd, several files",
		.text = "          trace-v6.dat: cpus=2\n"
			"trace-v7-zstd-mono.dat: cpus=2\n"
			"          trace-v6.dat:     kworker/u4:2-44    [001]     5.834495: pud_alloc:"
			"            (ffffd5cb17909774) mm=0xffff271ac33b9a40\n",
		.kind = "trace-cmd report",
		.comm = "kworker/u4:2",
		.pid = 44,
		.cpu = 1,
		.time = 5834495000,
		.name = "pud_alloc",
		.address = 0xffffd5cb17909774,
		.fields = "mm=0xffff271ac33b9a40",
	},
	{
		.what = "trace-cmd, a plug-in's text",
		.text = TRACE_CMD
		"              sh-169   [001]    23.776482: kmalloc:              "
		"(alloc_bprm+0x38) call_site=alloc_bprm+0x38 "
		"ptr=0xffff271ac4ba5e00 bytes_req=416 accounted=false\n",
		.kind = "trace-cmd report",
		.comm = "sh",
		.pid = 169,
		.cpu = 1,
		.time = 23776482000,
		.name = "kmalloc",
		.fields = "call_site='alloc_bprm+0x38' ptr=0xffff271ac4ba5e00 bytes_req=0x1a0 "
			  "accounted='false'",
	},
	{
		.what = "trace-cmd without its first line",
		.text = "              sh-117   [001]     5.834495: pud_alloc:            "
			"(ffffd5cb17909774) mm=0xffff271ac33b9a40\n",
		.kind = "trace-cmd report",
		.comm = "sh",
		.pid = 117,
		.cpu = 1,
		.time = 5834495000,
		.name = "pud_alloc",
		.address = 0xffffd5cb17909774,
		.fields = "mm=0xffff271ac33b9a40",
	},
	{
		.what = "ftrace without its header",
		.text = "              sh-256     [001] d....    57.530579: pud_alloc: "
			"(__pud_alloc+0x0/0x1a0) mm=0xffff271ac33ba580\n",
		.kind = "ftrace text",
		.comm = "sh",
		.pid = 256,
		.cpu = 1,
		.time = 57530579000,
		.name = "pud_alloc",
		.symbol = "__pud_alloc",
		.fields = "mm=0xffff271ac33ba580",
	},
	{
		.what = "perf",
		.text = "       perf-exec   190 [000]    31.437187:            pgt:pud_alloc: "
			"(ffffd5cb17909774) mm=0xffff271ac3295680 addr=0xffffffffffe2\n",
		.kind = "perf script",
		.comm = "perf-exec",
		.pid = 190,
		.cpu = 0,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.address = 0xffffd5cb17909774,
		.fields = "mm=0xffff271ac3295680 addr=0xffffffffffe2",
	},
	{
		.what = "perf, a return",
		.text = "        modprobe   192 [001]    31.574480:           io:ioremap_ret: "
			"(ffffd5cb179a3060 <- ffffd5cacb8aef48) ret=0xffff800008420000\n",
		.kind = "perf script",
		.comm = "modprobe",
		.pid = 192,
		.cpu = 1,
		.time = 31574480000,
		.system = "io",
		.name = "ioremap_ret",
		.address = 0xffffd5cb179a3060,
		.is_return = true,
		.caller_address = 0xffffd5cacb8aef48,
		.fields = "ret=0xffff800008420000",
	},
	{
		.what = "perf probe's own names",
		.text = "              sh 22894 [001]   952.777481: probe:iounmap__return: "
			"(ffffd5cb179a3060 <- ffffd5cacb8aef48) arg1=0x0\n",
		.kind = "perf script",
		.comm = "sh",
		.pid = 22894,
		.cpu = 1,
		.time = 952777481000,
		.system = "probe",
		.name = "iounmap__return",
		.address = 0xffffd5cb179a3060,
		.is_return = true,
		.caller_address = 0xffffd5cacb8aef48,
		.fields = "arg1=0x0",
	},
	{
		.what = "perf --ns",
		.text = "            perf  6313 [000]  1430.297732038: t:t: a=1\n",
		.kind = "perf script",
		.comm = "perf",
		.pid = 6313,
		.cpu = 0,
		.time = 1430297732038,
		.system = "t",
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F pid,tid; the record is the thread's",
		.text = "            perf  6313/6315  [000]  1430.297732: t:t: a=1\n",
		.kind = "perf script",
		.comm = "perf",
		.pid = 6315,
		.cpu = 0,
		.time = 1430297732000,
		.system = "t",
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "perf, a comm with spaces",
		.text = "     Web [1] C-1 3  6313 [000]  1430.297732: t:t: a=1\n",
		.kind = "perf script",
		.comm = "Web [1] C-1 3",
		.pid = 6313,
		.cpu = 0,
		.time = 1430297732000,
		.system = "t",
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "perf, no task known",
		.text = "             :-1    -1 [000]  1430.297732: t:t: a=1\n",
		.kind = "perf script",
		.comm = ":-1",
		.pid = -1,
		.cpu = 0,
		.time = 1430297732000,
		.system = "t",
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F time,event,trace",
		.text = " 1430.297732: t:t: a=1\n",
		.kind = "perf script",
		.comm = "",
		.pid = PID_UNKNOWN,
		.cpu = CPU_UNKNOWN,
		.time = 1430297732000,
		.system = "t",
		.name = "t",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F tid,cpu,time,event,trace",
		.text = "  190 [001]    31.437187:            pgt:pud_alloc: a=1\n",
		.kind = "perf script",
		.comm = "",
		.pid = 190,
		.cpu = 1,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F comm,tid,time,event,trace",
		.text = "       perf-exec   190    31.437187:            pgt:pud_alloc: a=1\n",
		.kind = "perf script",
		.comm = "perf-exec",
		.pid = 190,
		.cpu = CPU_UNKNOWN,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F comm,cpu,time,event,trace",
		.text = "       perf-exec [001]    31.437187:            pgt:pud_alloc: a=1\n",
		.kind = "perf script",
		.comm = "perf-exec",
		.pid = PID_UNKNOWN,
		.cpu = 1,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F +misc",
		.text = "       perf-exec   190 [000] K        31.437187:   pgt:pud_alloc: a=1\n",
		.kind = "perf script",
		.comm = "perf-exec",
		.pid = 190,
		.cpu = 0,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.fields = "a=0x1",
	},
	{
		.what = "perf -L",
		.text = "perf-exe   190   3    31.437187:            pgt:pud_alloc: a=1\n",
		.kind = "perf script",
		.comm = "perf-exe",
		.pid = 190,
		.cpu = 3,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F comm,tid,time,event,trace, a comm that ends in a number",
		.text = "        Thread 7   190    31.437187:            pgt:pud_alloc: a=1\n",
		.kind = "perf script",
		.comm = "Thread 7",
		.pid = 190,
		.cpu = CPU_UNKNOWN,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.fields = "a=0x1",
	},
	{
		.what = "perf, a period before the name",
		.text = "       perf-exec   190 [000]    31.437187:          1   pgt:pud_alloc: a=1\n",
		.kind = "perf script",
		.comm = "perf-exec",
		.pid = 190,
		.cpu = 0,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.fields = "a=0x1",
	},
	{
		.what = "perf -F +flags",
		.text = "       perf-exec   190 [000]    31.437187:            pgt:pud_alloc:          "
			"               (ffffd5cb17909774) mm=0xffff271ac3295680\n",
		.kind = "perf script",
		.comm = "perf-exec",
		.pid = 190,
		.cpu = 0,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.address = 0xffffd5cb17909774,
		.fields = "mm=0xffff271ac3295680",
	},
	{
		.what = "perf -F +ip,+sym,+dso",
		.text = "       perf-exec   190 [000]    31.437187:            pgt:pud_alloc: "
			"(ffffd5cb17909774) addr=0xffffffffffe2 ffffd5cb17909774 [unknown] "
			"([kernel.kallsyms])\n",
		.kind = "perf script",
		.comm = "perf-exec",
		.pid = 190,
		.cpu = 0,
		.time = 31437187000,
		.system = "pgt",
		.name = "pud_alloc",
		.address = 0xffffd5cb17909774,
		.fields = "addr=0xffffffffffe2",
	},
	{
		.what = "perf, text that is no field",
		.text = "            perf 22892 [000]   950.520140:  raw_syscalls:sys_exit: NR 16 = 0\n",
		.kind = "perf script",
		.comm = "perf",
		.pid = 22892,
		.cpu = 0,
		.time = 950520140000,
		.system = "raw_syscalls",
		.name = "sys_exit",
		.fields = "",
	},
};

/* Writes the fields as the examples have them. */
static void format_fields(const struct record *record, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");

	assert_non_null(out);
	for (uint32_t i = 0; i < record->nr_fields; i++) {
		const struct record_field *field = &record->field[i];

		fprintf(out, "%s%.*s=", i ? " " : "", STR_ARGS(record->type->field[i]));
		if (field->text.text)
			fprintf(out, "'%.*s'", STR_ARGS(field->text));
		else
			fprintf(out, "0x%jx", (uintmax_t)field->number);
	}
	fputc('\0', out);
	fclose(out);
}

static void check_example(const struct example *example)
{
	_cleanup_(close_capture) struct capture *capture = open_text(example->text);
	const struct capture_info *info = capture_info(capture);
	struct record record, last = {0};
	struct error *err = NULL;
	char fields[1024] = "";
	enum capture_step step;

	while ((step = capture_next(capture, &record, &err)) == RECORD_EVENT) {
		last = record;
		format_fields(&record, fields, sizeof(fields));
	}
	assert_int_equal(step, RECORD_END);
	assert_int_equal(info->nr_unread, 0);
	assert_non_null(last.type);
	assert_string_equal(info->kind, example->kind);
	assert_int_equal(info->clock_is_ticks, example->is_ticks);
	assert_str(last.comm, example->comm);
	assert_int_equal(last.pid, example->pid);
	assert_int_equal(last.cpu, example->cpu);
	assert_int_equal(last.time, example->time);
	assert_str(last.type->system, example->system ? example->system : "");
	assert_str(last.type->name, example->name);
	assert_str(last.type->symbol, example->symbol ? example->symbol : "");
	assert_str(last.type->module, example->module ? example->module : "");
	assert_int_equal(last.type->offset, example->offset);
	assert_int_equal(last.type->is_return, example->is_return);
	assert_int_equal(last.address, example->address);
	assert_str(last.caller, example->caller ? example->caller : "");
	assert_int_equal(last.caller_address, example->caller_address);
	assert_int_equal(last.nr_fields, last.type->nr_fields);
	assert_string_equal(fields, example->fields);
}

static void reads_every_variant(void **state)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		print_message("           %s\n", examples[i].what);
		check_example(&examples[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_variant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
