#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a line of a capture costs by how much there is of something: mappings, findings, CPUs, losses ...

usage: scale.py MMUREPLAY MEASURE [NAME...]

Makes texts as ftrace prints them, of so many steps and of FACTOR times as many.  Fails where a line of
the longer one takes more than MOST_GROWTH times as long.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FACTOR = 8
MOST_GROWTH = 2.0
RUNS = 3

VA = 0xffff000008000000
PHYS = 0x8000000000
PAGE = 0x1000
BLOCK = 0x200000
DEVICE, NORMAL_NC = 0xe8000000000707, 0xe800000000070f
FIRST_PFN = 740630
# What those that come back to an address go around.
ADDRESSES = 1000


class Text:
    """A capture that is being written, as a kernel 4.14 prints it."""

    def __init__(self, file):
        self.file = file
        self.time = 1000 * 1000
        self.lines = 0

    def line(self, text):
        self.file.write(text + '\n')
        self.lines += 1

    def event(self, text, cpu=0, pid=1):
        self.time += 10
        seconds, micro = divmod(self.time, 1000 * 1000)
        self.line(f'            t-{pid}    [{cpu:03d}] d...  {seconds}.{micro:06d}: {text}')

    def lost(self, cpu):
        self.line(f'CPU:{cpu} [LOST 5 EVENTS]')

    def ioremap(self, va, size, phys, prot=DEVICE, **who):
        self.event(f'ioremap: (__ioremap+0x0/0x20) phys={phys:#x} size={size:#x} prot={prot:#x}', **who)
        self.event(f'ioremap_page_range: (ioremap_page_range+0x0/0x360) addr={va:#x} end={va + size:#x} '
                   f'phys={phys:#x} prot={prot:#x}', **who)
        self.event('ioremap_page_range_ret: (__ioremap_caller+0x88/0xd0 <- ioremap_page_range) ret=0x0', **who)
        self.event(f'ioremap_ret: (set_run+0x318/0x1784 [ht] <- __ioremap) ret={va:#x}', **who)

    def iounmap(self, va, size, **who):
        self.event(f'iounmap: (__iounmap+0x0/0x34) addr={va:#x}', **who)
        self.event(f'vunmap_page_range: (vunmap_page_range+0x0/0x290) start={va:#x} end={va + size:#x}', **who)

    def tlbi(self, va, **who):
        operand = va >> 12 & (1 << 44) - 1
        self.event(f'vaae1is_4: (__purge_vmap_area_lazy+0x80/0x124) op={operand:#x}', **who)

    def dsb(self, **who):
        self.event('dsb_ish: (flush_tlb_kernel_range+0x4/0x40)', **who)


def page_of(step):
    return VA + step % ADDRESSES * 2 * PAGE


def alive(text, step):
    text.ioremap(VA + step * 2 * PAGE, PAGE, PHYS + step * PAGE)


def alive_of_one_page(text, step):
    text.ioremap(VA + step * 2 * PAGE, PAGE, PHYS)


def aliases(text, step):
    text.ioremap(VA + step * 2 * PAGE, PAGE, PHYS + step // 2 * PAGE, (DEVICE, NORMAL_NC)[step % 2])


def overlaps(text, step):
    text.ioremap(VA + step % ADDRESSES * PAGE, 2 * PAGE, PHYS + step * PAGE)


def findings(text, step):
    """Each address is used again without an invalidation."""
    if step == 0:
        text.tlbi(VA)
    text.ioremap(page_of(step), PAGE, PHYS + step * PAGE)
    text.iounmap(page_of(step), PAGE)


def promotions(text, step):
    """Each is unsafe, and orphans a table."""
    va, entry = VA + step % ADDRESSES * BLOCK, 0xffff80007fffd228 + step % ADDRESSES * 8
    text.event(f'pte_alloc_kernel: (__pte_alloc_kernel+0x0/0xbc) pmdp={entry:#x} addr={va:#x} val=0x0')
    text.event(f'mm_page_alloc: page=0 pfn={FIRST_PFN + step} order=0 migratetype=0 gfp_flags=__GFP_ZERO')
    text.event('pte_alloc_kernel_ret: (ioremap_page_range+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0')
    text.event(f'ioremap_page_range: (ioremap_page_range+0x0/0x360) addr={va:#x} end={va + BLOCK:#x} '
               f'phys={PHYS:#x} prot={DEVICE:#x}')
    text.event(f'pmd_set_huge: (pmd_set_huge+0x0/0x30) pmdp={entry:#x} phys={PHYS:#x} prot={DEVICE:#x}')
    text.event('pmd_set_huge_ret: (ioremap_page_range+0x278/0x360 <- pmd_set_huge) ret=0x1')
    text.event('ioremap_page_range_ret: (__ioremap_caller+0x88/0xd0 <- ioremap_page_range) ret=0x0')
    text.iounmap(va, BLOCK)
    text.tlbi(va)


def cpus(text, step):
    who = {'cpu': step % 256, 'pid': 100 + step % 256}
    text.ioremap(page_of(step), PAGE, PHYS + step * PAGE, **who)
    text.iounmap(page_of(step), PAGE, **who)
    text.tlbi(page_of(step), **who)


def open_calls(text, step):
    """Each of a task of its own, and none returns."""
    text.event(f'ioremap: (__ioremap+0x0/0x20) phys={PHYS:#x} size={PAGE:#x} prot={DEVICE:#x}',
               cpu=step % 64, pid=1000 + step)


def losses(text, step):
    """Of 64 CPUs that have no events."""
    text.lost(step % 64)
    cpus(text, 64 + step % 64)


def barriers(text, step):
    """Those of one CPU are not traced."""
    text.tlbi(VA + step * PAGE, cpu=0)
    text.tlbi(VA, cpu=1, pid=2)
    text.dsb(cpu=1, pid=2)


def tables(text, step):
    va = VA + step * BLOCK
    text.event(f'pte_alloc_kernel: (__pte_alloc_kernel+0x0/0xbc) pmdp={0xffff800000000000 + step * 8:#x} '
               f'addr={va:#x} val=0x0')
    text.event(f'mm_page_alloc: page=0 pfn={FIRST_PFN + step} order=0 migratetype=0 gfp_flags=__GFP_ZERO')
    text.event('pte_alloc_kernel_ret: (ioremap_page_range+0x2b4/0x360 <- __pte_alloc_kernel) ret=0x0')


# What there is more and more of, and how many steps the shorter text has.
SORTS = {
    alive: 20000,
    alive_of_one_page: 20000,
    aliases: 20000,
    overlaps: 20000,
    findings: 10000,
    promotions: 5000,
    cpus: 10000,
    open_calls: 40000,
    losses: 10000,
    barriers: 20000,
    tables: 20000,
}


def seconds(measure, binary, path):
    """Of the processor, the median of some runs."""
    runs = []
    for _ in range(RUNS):
        done = subprocess.run((measure, binary, path), check=True, capture_output=True, text=True)
        status, user, _, _ = done.stdout.split()
        if int(status) not in (0, 1, 3):
            sys.exit(f'{binary} {path}: exit status {status}')
        runs.append(float(user))
    return statistics.median(runs)


def cost_of_line(measure, binary, folder, sort, steps):
    path = Path(folder) / 'capture.txt'
    with path.open('w', encoding='ascii') as file:
        text = Text(file)
        for step in range(steps):
            sort(text, step)
    return seconds(measure, binary, path) / text.lines


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    binary, measure, *names = arguments
    grows = False
    with tempfile.TemporaryDirectory() as folder:
        for sort, steps in SORTS.items():
            if names and sort.__name__ not in names:
                continue
            few = cost_of_line(measure, binary, folder, sort, steps)
            many = cost_of_line(measure, binary, folder, sort, FACTOR * steps)
            print(f'{sort.__name__.replace("_", " ")}: {few * 1e9:.0f} ns a line, '
                  f'{many * 1e9:.0f} ns with {FACTOR} times as many', flush=True)
            grows |= many > MOST_GROWTH * few
    return 1 if grows else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
