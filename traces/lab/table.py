#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernels' own tables said in each scenario: the tables in traces/README.md.

usage: table.py [--check README | --update README]

Prints them, or says where the README differs, or puts them there in place of those it has.
"""
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parent
CAPTURES = {'trace.dat': 'trace.dat', 'trace-v6.dat.zst': 'trace-v6.dat', 'perf.data': 'perf.data',
            'perf-pipe.data.zst': 'perf-pipe.data'}


def names(what):
    return subprocess.run([LAB / 'lab', what], capture_output=True, text=True,
                          check=True).stdout.split()


def truth_of(folder):
    path = folder / 'truth.json'
    if path.exists():
        return json.loads(path.read_text())
    with gzip.open(str(path) + '.gz', 'rt') as file:
        return json.load(file)


def cell(folder):
    if not folder.is_dir():
        return ''
    truth = truth_of(folder)
    summary = truth['summary']
    said = []
    if truth['injected']:
        said += sorted({fault['rule'] for fault in truth['injected']})
    for number, what in ((summary['bbm_violations'], 'unsafe'),
                         (summary['orphan_table_pages'], 'lost'),
                         (summary['safe_promotions'], 'safe'),
                         (summary['refused_over_table'], 'refused'),
                         (len(truth['accesses']), 'accesses')):
        if number and not truth['injected']:
            said.append('%d %s' % (number, what))
    return ', '.join(said) or 'nothing'


def row(cells):
    return '| %s |' % ' | '.join(cells)


def scenario_table(kernels):
    yield row(['scenario'] + ['`%s`' % kernel for kernel in kernels])
    yield row(['---'] * (len(kernels) + 1))
    for scenario in names('scenarios'):
        yield row(['`%s`' % scenario] + [cell(LAB.parent / kernel / scenario)
                                         for kernel in kernels])


def format_table(kernels):
    yield row(['kernel', 'scenario', 'formats beside text'])
    yield row(['---'] * 3)
    for kernel in kernels:
        for scenario in names('scenarios'):
            folder = LAB.parent / kernel / scenario
            found = ['`%s`' % name for file, name in CAPTURES.items() if (folder / file).exists()]
            if found:
                yield row(['`%s`' % kernel, '`%s`' % scenario, ', '.join(found)])


def tables():
    kernels = [name for name in names('kernels') if (LAB.parent / name / 'part').is_dir()]
    groups = ([name for name in kernels if name.startswith('debian')],
              [name for name in kernels if name.endswith('unfixed')],
              [name for name in kernels if not name.startswith('debian')
               and not name.endswith('unfixed')])
    return ['\n'.join(scenario_table(group)) for group in groups] + ['\n'.join(format_table(kernels))]


# In the README, by their first line.
TABLE = re.compile(r'^\| (scenario|kernel \| scenario) \|.*\n(\|.*\n)*', re.M)


def check(path):
    readme = path.read_text()
    missing = [table for table in tables() if table not in readme]
    for table in missing:
        print('not in %s, where table.py --update puts it:\n%s\n' % (path, table))
    return 1 if missing else 0


def update(path):
    news = iter(tables())
    path.write_text(TABLE.sub(lambda old: next(news) + '\n' if old[2] and '---' in old[0] else old[0],
                              path.read_text()))
    return check(path)


def main():
    if sys.argv[1:2] == ['--check']:
        sys.exit(check(Path(sys.argv[2])))
    if sys.argv[1:2] == ['--update']:
        sys.exit(update(Path(sys.argv[2])))
    print('\n\n'.join(tables()))


main()
