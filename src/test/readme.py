#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the README's report against what the program prints.

usage: readme.py MMUREPLAY README [--update]

The report is the first block of the README between ``` lines.  --update writes it anew.
"""
import os
import subprocess
import sys

CAPTURE = 'traces/linux-4.14/trace.txt'
FENCE = '```\n'


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ['--update']):
        sys.exit(__doc__)
    binary, readme = map(os.path.abspath, sys.argv[1:3])
    run = subprocess.run(
        [binary, CAPTURE], cwd=os.path.dirname(readme), capture_output=True, text=True, timeout=60
    )
    with open(readme, encoding='utf-8') as file:
        before, shown, after = file.read().split(FENCE, 2)
    if shown == run.stdout:
        return
    if sys.argv[3:]:
        with open(readme, 'w', encoding='utf-8') as file:
            file.write(before + FENCE + run.stdout + FENCE + after)
        return
    sys.exit('the report in %s is not what the program prints; --update writes it anew' % readme)


main()
