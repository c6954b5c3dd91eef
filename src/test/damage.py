#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures with lines taken out or moved: what a damaged recording may and may not lead to.

usage: damage.py MMUREPLAY TRACES [SEEDS]

The kernels of these captures are fixed, so that a finding of severity error is a false alarm, and the
4.14 capture has two true ones.  From each capture, seeded:

  marked    10% of the lines are removed, and each gap is marked by a line `CPU:n [LOST m EVENTS]`:
            no finding that is certain may be false
  silent    the same with nothing to mark it: no crash, a report
  shuffled  lines change places within a millisecond: no crash, a report
  elsewhere every TLBI names another address: each reuse of an address is found, as many as an
            independent count of pages found in this capture
  no TLBI   all TLBI lines are removed: true findings turn possible, and the coverage says why
"""
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile

CLEAN = [
    'debian-6.1/ftrace-local.txt',
    'debian-6.1/ftrace-mono.txt',
    'debian-6.1/ftrace-tgid.txt',
    'debian-6.1/ftrace-overwritten.txt',
    'debian-6.1/trace-cmd-report.txt',
    'debian-6.1/perf-script.txt',
    'debian-6.1-promotion/trace.txt',
    'linux-4.14-refused/trace.txt',
]
FAULTY = 'linux-4.14/trace.txt'

EVENT = re.compile(r'.*?\[(\d+)\].*? (\d+)\.(\d{6}): ')
# Of these, the first so many seeds: for crashes, one seed is much like another.
SILENT_SEEDS = 20

TLBI = re.compile(r'[: ]v(a|m)[a-z0-9]+is_\d+: ')

failures = []


def report(binary, lines):
    """The exit status and the JSON report of a capture given as lines."""
    with tempfile.NamedTemporaryFile('w', suffix='.txt') as capture:
        capture.writelines(lines)
        capture.flush()
        run = subprocess.run([binary, '--json', capture.name], capture_output=True, timeout=120)
    try:
        return run.returncode, json.loads(run.stdout)
    except ValueError:
        return run.returncode, None


def without_some(lines, rng, marked):
    """Lines with a tenth of the events removed; each gap marked, by CPU, if `marked`."""
    gap = collections.Counter()
    for line in lines:
        event = EVENT.match(line)
        if event and rng.random() < 0.1:
            gap[int(event[1])] += 1
            continue
        if event and marked:
            for cpu in sorted(gap):
                yield 'CPU:%d [LOST %d EVENTS]\n' % (cpu, gap[cpu])
            gap.clear()
        yield line


def shuffled(lines, rng):
    """Lines in an order that is right to a millisecond only."""

    def key(numbered):
        number, line = numbered
        event = EVENT.match(line)
        if not event:
            return (-1, number)
        return (int(event[2]) * 1000000 + int(event[3]) + rng.randrange(1000), number)

    return [line for _, line in sorted(enumerate(lines), key=key)]


def expect(condition, what):
    if not condition:
        failures.append(what)
        print('not as it should be: ' + what)


def false_and_certain(found, truth):
    return [
        f['rule']
        for f in found['findings']
        if f['severity'] == 'error'
        and f['certainty'] == 'certain'
        and (f['rule'], f['va']['start']) not in truth
    ]


def check_seed(binary, name, lines, truth, seed):
    status, found = report(binary, without_some(lines, random.Random(seed), True))
    what = '%s, seed %d, marked' % (name, seed)
    expect(found is not None and status in (0, 1), '%s: status %d' % (what, status))
    if found:
        wrong = false_and_certain(found, truth)
        expect(not wrong, '%s: certain, but false: %s' % (what, wrong))
        gaps = [gap['code'] for gap in found['coverage']['gaps']]
        expect('events-lost' in gaps, '%s: losses are not in the coverage' % what)
    if seed >= SILENT_SEEDS:
        return
    for how, damaged in (
        ('silent', without_some(lines, random.Random(seed), False)),
        ('shuffled', shuffled(lines, random.Random(seed))),
    ):
        status, found = report(binary, damaged)
        what = '%s, seed %d, %s: status %d' % (name, seed, how, status)
        expect(found is not None and status in (0, 1, 3), what)


def check_without_tlbi(binary, traces):
    with open(os.path.join(traces, FAULTY)) as capture:
        lines = [line for line in capture if not TLBI.search(line)]
    status, found = report(binary, lines)
    rules = sorted(f['rule'] for f in found['findings'] if f['severity'] == 'error')
    expect(status == 1, 'without TLBI: status %d' % status)
    expect(rules == ['orphaned-table', 'unsafe-promotion'], 'without TLBI: %s' % rules)
    for finding in found['findings']:
        codes = [reason['code'] for reason in finding['reasons']]
        sure = finding['certainty'] == 'certain' and finding['evidence'] != 'assumed'
        expect(not sure, 'without TLBI: %s is certain' % finding['rule'])
        expect('tlbi-untraced' in codes, 'without TLBI: reasons %s' % codes)
    gaps = [gap['code'] for gap in found['coverage']['gaps']]
    expect('tlbi-untraced' in gaps, 'without TLBI: gaps %s' % gaps)


def check_flushes_elsewhere(binary, traces):
    """An independent count, page by page, found 11 ranges that reuse an address; the first is known."""
    lines = []
    with open(os.path.join(traces, CLEAN[0])) as capture:
        for line in capture:
            if 'vmalle1is' not in line:
                lines.append(re.sub(r'(va\w+is_\d+: .*op)=0x\w+', r'\1=0xfffbfffdbfe', line))
    _, found = report(binary, lines)
    reuses = [f for f in found['findings'] if f['rule'] == 'stale-reuse']
    expect(len(reuses) == 11, 'flushes elsewhere: %d reuses, not 11' % len(reuses))
    first = reuses[0]
    expect(first['time_ns'] == 58192514000, 'flushes elsewhere: first at %d' % first['time_ns'])
    expect(first['va']['start'] == '0xffff800008095000', 'flushes elsewhere: %s' % first['va'])
    others = [f['rule'] for f in found['findings'] if f['severity'] == 'error' and f not in reuses]
    expect(not others, 'flushes elsewhere: %s' % others)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    binary, traces = sys.argv[1:3]
    seeds = int(sys.argv[3]) if len(sys.argv) == 4 else 5
    va = '0xffff000008a00000'
    truth = {FAULTY: {('orphaned-table', va), ('unsafe-promotion', va)}}
    for name in CLEAN + [FAULTY]:
        with open(os.path.join(traces, name)) as capture:
            lines = capture.readlines()
        for seed in range(seeds):
            check_seed(binary, name, lines, truth.get(name, set()), seed)
    check_without_tlbi(binary, traces)
    check_flushes_elsewhere(binary, traces)
    print('%d captures, %d seeds each: %d failures' % (len(CLEAN) + 1, seeds, len(failures)))
    sys.exit(1 if failures else 0)


main()
