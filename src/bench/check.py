#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What repeat.py makes must be a capture: all of its records, in order, as many times.

usage: check.py MMUREPLAY CAPTURE...
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

COPIES = 3
REPEAT = Path(__file__).with_name('repeat.py')


def counts(binary, path):
    """What grows with the copies, and what must not be there."""
    done = subprocess.run((binary, '--json', path), capture_output=True)
    report = json.loads(done.stdout)
    coverage = report['coverage']
    gaps = {gap['code'] for gap in coverage['gaps']}
    numbers = {'records': report['captures'][0]['records'], **coverage['events']}
    return numbers, gaps


def faults(binary, path, folder):
    copy = Path(folder) / Path(path).name
    subprocess.run((sys.executable, REPEAT, path, f'{COPIES}x', copy), check=True,
                   capture_output=True)
    numbers, gaps = counts(binary, path)
    all_numbers, all_gaps = counts(binary, copy)
    for name, number in numbers.items():
        if all_numbers[name] != COPIES * number:
            yield f'{path}: {all_numbers[name]} {name}, not {COPIES} times {number}'
    if all_gaps - gaps:
        yield f'{path}: new gaps: {", ".join(sorted(all_gaps - gaps))}'


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    binary, *paths = arguments
    with tempfile.TemporaryDirectory() as folder:
        found = [fault for path in paths for fault in faults(binary, path, folder)]
    for fault in found:
        print(fault)
    print(f'{len(paths)} captures, {len(found)} faults')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
