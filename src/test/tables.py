#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the tables at the end of a capture against the kernel's own.

usage: tables.py MMUREPLAY FOLDER...

Takes every folder with a truth.json or truth.json.gz and a tables.txt.gz, at any depth.  What `mmureplay state` shows of
device memory and of tables must be in the dump that the lab's module made, and of each address that the
scenario touched last, what the module read there must be what is shown.  Normal memory is left out: stacks
come and go between the end of the recording and the dump.
"""
import gzip
import json
import os
import subprocess
import sys

from truth import is_truth_among, read_truth

TRACE = 'trace.txt.zst'
LEVEL = 2
VALID, TABLE = 1, 2
ADDRESS_BITS = (1 << 48) - 1
GRANULE_64K = 1 << 16
LEVELS = {'pgd': 0, 'p4d': 0, 'pud': 1, 'pmd': 2, 'pte': 3}


def output(descriptor, granule):
    """With 64K pages [15:12] are the address bits [51:48]: 0 on a CPU that has not so many."""
    upper = (descriptor >> 12 & 0xf) << 48 if granule == GRANULE_64K else 0
    return descriptor & ADDRESS_BITS & -granule | upper


class Dump:
    """tables.txt.gz: the tables by address, and the extents of leaves."""

    def __init__(self, path, granule):
        self.tables, self.leaves, self.granule = {}, [], granule
        with gzip.open(path, 'rt') as file:
            for line in file:
                level, kind, va, value, *count = line.split()
                if kind == 'table':
                    self.tables[int(level), int(va, 16)] = output(int(value, 16), granule)
                else:
                    self.leaves.append((int(level), int(va, 16), int(value, 16), int(count[0][1:])))

    def span(self, level):
        return self.granule * (self.granule // 8) ** (3 - level)

    def leaf_at(self, va):
        """(level, physical address) of what maps an address."""
        for level, start, value, count in self.leaves:
            if start <= va < start + count * self.span(level):
                return level, output(value, self.granule) + va - start
        return None


def state_of(binary, path):
    run = subprocess.run([binary, 'state', '--at', 'end', '--json', path], capture_output=True,
                         timeout=120, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()][1:]


def number(item, key):
    return int(item[key], 16) if item.get(key) else None


def wrong_leaves(items, dump):
    for item in items:
        if item['item'] == 'table' or not item.get('pa') or item.get('memory_type') == 'Normal':
            continue
        level = LEVELS.get(item.get('level'))
        for va in range(number(item, 'va'), number(item, 'end'), dump.span(level or 3)):
            pa = number(item, 'pa') + va - number(item, 'va')
            found = dump.leaf_at(va)
            if not found or found[1] != pa or (level and found[0] != level):
                yield '%#x is mapped to %#x, in the dump %s' % (va, pa, found)


def wrong_tables(items, dump):
    for item in items:
        if item['item'] == 'table' and item.get('table'):
            # The level is that of the entries in it.
            at = LEVELS[item['level']] - 1, number(item, 'va')
            if dump.tables.get(at) != number(item, 'table'):
                yield '%#x has the table %s, in the dump %s' % (at[1], item['table'], dump.tables.get(at))


def last_read(truth, block):
    """The level 2 entry at each address, as it was read after the last operation there."""
    entries = {}
    for op in sorted((op for op in truth['ops'] if op.get('va')), key=lambda op: op['ts']):
        if 'l1' in op or truth['env']['levels'] == LEVEL:
            entries[int(op['va'], 16) & -block] = int(op.get('l2', '0'), 16)
    return entries


def is_above(item):
    return item['item'] == 'table' and LEVELS[item['level']] <= LEVEL


def wrong_entries(items, truth, dump):
    block = dump.span(LEVEL)
    for va, value in last_read(truth, block).items():
        # An empty table of a higher level has nothing at this address either.
        shown = [item for item in items if number(item, 'va') < va + block
                 and number(item, 'end') > va and not is_above(item)]
        if value & VALID and value & TABLE and (LEVEL, va) in dump.tables and not shown:
            yield '%#x has the table %#x, of which nothing is shown' % (va, output(value, dump.granule))
        if not value & VALID and not dump.leaf_at(va) and shown:
            yield '%#x is empty, but shown is %s' % (va, shown[0])


def check(binary, folder, capture):
    truth = read_truth(folder)
    dump = Dump(os.path.join(folder, 'tables.txt.gz'), truth['env']['granule'])
    first, last = (int(truth['env'][key], 16) for key in ('VMALLOC_START', 'VMALLOC_END'))
    # The dump has only these.
    items = [item for item in state_of(binary, os.path.join(folder, capture))
             if first < number(item, 'end') and number(item, 'va') < last]
    wrong = list(wrong_leaves(items, dump)) + list(wrong_tables(items, dump))
    if truth['scenario'] not in ('concurrent', 'chaos'):
        wrong += wrong_entries(items, truth, dump)
    for line in wrong[:10]:
        print('%s/%s: %s' % (folder, capture, line))
    return not wrong, len(items)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folders = [path for folder in sys.argv[2:] for path, _, files in os.walk(folder)
               if is_truth_among(files) and {'tables.txt.gz', TRACE} <= set(files)]
    # A capture that lost events does not know how it ended.
    results = [check(sys.argv[1], path, TRACE) for path in sorted(folders)
               if os.path.basename(path) != 'losses']
    right = sum(good for good, _ in results)
    print('%d captures, %d with the tables of the kernel, %d stretches' % (
        len(results), right, sum(count for _, count in results)))
    sys.exit(0 if results and right == len(results) else 1)


main()
