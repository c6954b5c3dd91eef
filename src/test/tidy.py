#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What every source file has, and what none may have.

usage: tidy.py ROOT

Every source file names its licence in one of its first lines, and no work is left as a note in it.
"""

import re
import sys
from pathlib import Path

LICENCE = 'SPDX-License-Identifier: GPL-2.0-or-later'
LICENCE_WITHIN_LINES = 3
SOURCES = ('*.c', '*.h', '*.py', '*.sh', 'meson.build')
FOLDERS = ('include', 'src', 'man', 'traces/lab', 'traces/meson.build')

# Built from pieces, so that this file does not hold what it looks for.
LEFT_WORK = re.compile(r'\b(' + '|'.join(('TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX')) + r')\b')


def source_files(root):
    yield root / 'meson.build'
    for folder in FOLDERS:
        path = root / folder
        found = {path} if path.is_file() else {file for s in SOURCES for file in path.rglob(s)}
        yield from sorted(found)


def faults_in(path):
    lines = path.read_text().splitlines()
    if not any(LICENCE in line for line in lines[:LICENCE_WITHIN_LINES]):
        yield f'{path}:1: no "{LICENCE}"'
    for number, line in enumerate(lines, start=1):
        match = LEFT_WORK.search(line)
        if match:
            yield f'{path}:{number}: {match[0]} left'


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    files = list(source_files(Path(arguments[0])))
    faults = [fault for path in files for fault in faults_in(path)]
    for fault in faults:
        print(fault)
    print(f'{len(files)} files, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
