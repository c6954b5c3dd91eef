#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds findings against what the kernel's own tables said.

usage: truth.py MMUREPLAY FOLDER...

A folder's truth.json was written by a module that read the descriptors before and after each change.
Every orphan and unsafe promotion in it must be found, with its address, page frame, descriptors and
physical address, and nothing else of severity error.
"""
import glob
import json
import os
import subprocess
import sys

CAPTURES = ('trace.txt', 'trace.dat', 'perf.data')

TYPE_BITS = 3
BLOCK = 1


def number(text):
    return int(text, 16)


def expected_promotion(leak):
    """As truth has it; the new descriptor is what the kernel makes of phys and prot."""
    new = number(leak['phys']) | (number(leak['prot']) & ~TYPE_BITS) | BLOCK
    return (number(leak['va']), leak['lvl'], number(leak['entry']), number(leak['old']), new)


def found_promotion(finding):
    entry = finding['entry']
    return (
        number(finding['va']['start']),
        finding['level'],
        number(entry['address']),
        number(entry['before']),
        number(entry['after']),
    )


def check(binary, folder, capture):
    with open(os.path.join(folder, 'truth.json'), encoding='utf-8') as file:
        truth = json.load(file)
    run = subprocess.run(
        [binary, '--json', os.path.join(folder, capture)], capture_output=True, timeout=120
    )
    report = json.loads(run.stdout)
    errors = [f for f in report['findings'] if f['severity'] == 'error']
    promotions = [f for f in errors if f['rule'] == 'unsafe-promotion']
    orphans = [f for f in errors if f['rule'] == 'orphaned-table']
    leaks = truth['leaks']
    frames = [number(x['orphan_pfn']) for x in leaks + truth['orphaned_sub_tables']]
    counts = report['summary']['promotions']
    pairs = [
        ('exit status', run.returncode, 1 if leaks else 0),
        ('promotions', sorted(map(found_promotion, promotions)),
         sorted(map(expected_promotion, leaks))),
        ('causes', {f['cause'] for f in promotions}, {'no-break'} if leaks else set()),
        ('orphans', sorted(number(t['pfn']) for f in orphans for t in f['tables']),
         sorted(frames)),
        ('other errors', len(errors) - len(promotions) - len(orphans), 0),
        ('mapped before', [number(f['mappings']['old']['pa']) for f in promotions],
         [number(op['phys']) for op in truth['ops'] if op.get('op') == 'ioremap'][:len(leaks)]),
        ('mapped now', [number(f['mappings']['new']['pa']) for f in promotions],
         [number(leak['phys']) for leak in leaks]),
        ('safe promotions', counts['safe'], truth['summary'].get('safe_promotions', 0)),
        ('refused promotions', counts['refused'], truth['summary']['refused_over_table']),
    ]
    wrong = ['%s: %s, in truth %s' % pair for pair in pairs if pair[1] != pair[2]]
    for line in wrong:
        print('%s/%s: %s' % (folder, capture, line))
    return not wrong


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    binary = sys.argv[1]
    results = [
        check(binary, folder, capture)
        for folder in sys.argv[2:]
        for capture in CAPTURES
        if glob.glob(os.path.join(folder, capture))
    ]
    print('%d captures, %d as in truth' % (len(results), sum(results)))
    sys.exit(0 if results and all(results) else 1)


main()
