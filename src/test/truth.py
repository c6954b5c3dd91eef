#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds findings against what the kernel's own tables said.

usage: truth.py MMUREPLAY FOLDER...

Takes every folder with a truth.json or truth.json.gz in it, at any depth. A truth.json was written by a module that read the descriptors before and after each change.
Every orphan and unsafe promotion in it must be found, with its address, page frame, descriptors and
physical address, so must every fault that the module put in itself, and nothing else of severity error.
Of a capture that says that it lost events, what it does tell must be true.
"""
import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter

CAPTURE = re.compile(r'(trace\.txt|trace[a-z0-9-]*\.dat|perf[a-z-]*\.data)(\.gz|\.zst)?$')

# The kernel's, where the capture does not tell what its probes are.
IMAGE = 'vmlinux.zst'

TYPE_BITS = 3
BLOCK = 1


TRUTH = 'truth.json'


def is_truth_among(files):
    return TRUTH in files or TRUTH + '.gz' in files


def read_truth(folder):
    path = os.path.join(folder, TRUTH)
    opened = gzip.open(path + '.gz', 'rt') if os.path.exists(path + '.gz') else open(path, encoding='utf-8')
    with opened as file:
        return json.load(file)


def number(text):
    return int(text, 16) if text is not None else None


def new_descriptor(leak):
    """As it was read; or else what the kernel makes of phys and prot."""
    if 'new' in leak:
        return number(leak['new'])
    return number(leak['phys']) | (number(leak['prot']) & ~TYPE_BITS) | BLOCK


def expected_promotion(leak):
    return (number(leak['va']), leak['lvl'], number(leak['entry']), number(leak['old']),
            new_descriptor(leak), 'no-break')


def found_promotion(finding):
    entry = finding['entry']
    return (number(finding['va']['start']), finding['level'], number(entry['address']),
            number(entry['before']), number(entry['after']), finding['cause'])


def expected_fault(fault):
    return (fault['rule'], fault['cause'], number(fault['va']), fault['lvl'])


def found_fault(finding):
    return (finding['rule'], finding['cause'], number(finding['va']['start']), finding['level'])


def frames_of(findings):
    return in_order(number(table['pfn']) for finding in findings for table in finding['tables'])


def mapped_before(truth, leak):
    """What the promoted addresses were last mapped to: None when truth does not tell."""
    at = number(leak['va'])
    ops = [op for op in truth['ops'] if op.get('op') in ('ioremap', 'vmalloc') and op['va']
           and number(op['va']) <= at < number(op['va']) + op['size'] and op['ts'] < leak['ts']]
    return number(ops[-1]['phys']) or None if ops else None


def in_order(tuples):
    """What a capture cannot tell is None, which has no order."""
    return sorted(tuples, key=str)


def counted(values):
    return sorted(Counter(values).items())


def both(one, other):
    return [x for x in one if x in other]


class Verdict:
    """The report of one capture beside the truth."""

    def __init__(self, truth, report, status):
        self.truth, self.report, self.status = truth, report, status
        self.leaks = truth['leaks']
        self.faults = truth.get('injected', [])
        self.errors = [f for f in report['findings'] if f['severity'] == 'error']
        gaps = {gap['code'] for gap in report['coverage']['gaps']}
        self.lossy = bool(gaps & {'events-lost', 'start-overwritten'})

    def of_rule(self, rule):
        """The findings of a rule: those that a fault explains, and the others."""
        faults = [expected_fault(fault) for fault in self.faults]
        found = [f for f in self.errors if f['rule'] == rule]
        return ([f for f in found if found_fault(f) in faults],
                [f for f in found if found_fault(f) not in faults])

    def pairs(self):
        injected, promotions = self.of_rule('unsafe-promotion')
        early, stray = self.of_rule('early-free')
        orphans = self.of_rule('orphaned-table')[1]
        accesses = self.of_rule('access-after-unmap')[1]
        known = injected + promotions + early + orphans + accesses
        yield ('promotions', in_order(map(found_promotion, promotions)),
               in_order(map(expected_promotion, self.leaks)))
        yield ('orphans', frames_of(orphans), in_order(
            number(x['orphan_pfn']) for x in self.leaks + self.truth['orphaned_sub_tables']))
        yield ('faults', sorted(map(found_fault, injected + early)),
               sorted(map(expected_fault, self.faults)))
        yield ('frames freed early', frames_of(early),
               in_order(number(f['pfn']) for f in self.faults if f['rule'] == 'early-free'))
        yield ('accesses after unmap',
               [(number(f['va']['start']), f['accesses']['count']) for f in accesses],
               counted(number(x['va']) for x in self.truth.get('accesses', [])
                       if number(x['entry']) & TYPE_BITS == 0))
        yield ('other errors',
               counted(f['rule'] for f in stray + [f for f in self.errors if f not in known]), [])

    def counts(self):
        """What only a capture without losses can tell."""
        promotions = self.report['summary']['promotions']
        # A table that was freed too early, but invalidated before the block: safe to promote.
        safe = len({f['va'] for f in self.faults}) - len(
            [f for f in self.faults if f['rule'] == 'unsafe-promotion'])
        wrong = self.leaks or self.faults or self.truth.get('accesses')
        yield ('exit status', self.status, 1 if wrong else 0)
        yield ('safe promotions', promotions['safe'],
               self.truth['summary'].get('safe_promotions', 0) + safe)
        yield ('refused promotions', promotions['refused'], self.truth['summary']['refused_over_table'])

    def mappings(self):
        leaks = {expected_promotion(leak)[:5]: leak for leak in self.leaks}
        for finding in self.of_rule('unsafe-promotion')[1]:
            leak = leaks.get(found_promotion(finding)[:5])
            mappings = finding['mappings']
            if not leak:
                continue
            new = mappings['new']
            offset = number(leak['va']) - number(new['va']['start'])
            yield ('mapped now', number(new['pa']) + offset, number(leak['phys']))
            if mappings['old'] and mappings['old']['pa'] and mapped_before(self.truth, leak):
                yield ('mapped before', number(mappings['old']['pa']),
                       mapped_before(self.truth, leak))

    def wrong(self):
        for name, found, true in self.pairs():
            if self.lossy and isinstance(found, list):
                true = both(found, true)
            if found != true:
                yield '%s: %s, in truth %s' % (name, only(found, true), only(true, found))
        for name, found, true in [] if self.lossy else list(self.counts()) + list(self.mappings()):
            if found != true:
                yield '%s: %s, in truth %s' % (name, found, true)


def only(these, others):
    return [x for x in these if x not in others] if isinstance(these, list) else these


def check(binary, folder, capture):
    truth = read_truth(folder)
    if 'failed' in truth:
        print('%s: no scenario: %s' % (folder, truth['failed']))
        return False
    arguments = [os.path.join(folder, capture)]
    if os.path.exists(os.path.join(folder, IMAGE)):
        arguments.append('--vmlinux=' + os.path.join(folder, IMAGE))
    run = subprocess.run([binary, '--json', *arguments], capture_output=True, timeout=120)
    wrong = list(Verdict(truth, json.loads(run.stdout), run.returncode).wrong())
    for line in wrong:
        print('%s/%s: %s' % (folder, capture, line))
    return not wrong


def with_truth(folders):
    for folder in folders:
        for path, _, files in os.walk(folder):
            if is_truth_among(files):
                yield path, sorted(filter(CAPTURE.match, files))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    binary = sys.argv[1]
    results = [
        check(binary, folder, capture)
        for folder, captures in with_truth(sys.argv[2:])
        for capture in captures
    ]
    print('%d captures, %d as in truth' % (len(results), sum(results)))
    sys.exit(0 if results and all(results) else 1)


if __name__ == '__main__':
    main()
