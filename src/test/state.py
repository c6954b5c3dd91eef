#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the tables that `mmureplay state` shows against the kernel's own.

usage: state.py MMUREPLAY FOLDER...

A folder's truth.json was written by a module that read the entries on the way to an address after each
operation on it, at the time `ts`.  At that time, state must have the same there: the same descriptor of
a block or page, an empty table, or nothing.
"""

import json
import subprocess
import sys
from pathlib import Path

CAPTURES = ('trace.txt', 'trace.dat')
NS_PER_S = 10**9
PAGE = 4096
TYPE_BITS = 3
TABLE = 3
ADDRESS_BITS = 0x0000fffffffff000


def items(binary, capture, time):
    at = f'{time // NS_PER_S}.{time % NS_PER_S:09}'
    done = subprocess.run([binary, 'state', '--json', '--at', at, capture], capture_output=True,
                          timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()][1:]


def at_address(found, address):
    """What is there: ('pte' or 'pmd', descriptor), ('table', frame), or None."""
    for item in found:
        start, end = int(item['va'], 16), int(item['end'], 16)
        if not start <= address < end:
            continue
        if item['item'] in ('pages', 'blocks'):
            return item['level'], int(item['descriptor'], 16) + (address - start) // PAGE * PAGE
        if item['item'] == 'table':
            # One of a higher level says that there is none of pages.
            return ('table', int(item['table'], 16)) if item['level'] == 'pte' else None
        return item['item'], None
    return None


def expected(operation):
    pmd, pte = int(operation['pmd_after'], 16), int(operation['pte_after'], 16)
    if pmd & TYPE_BITS != TABLE:
        return ('pmd', pmd) if pmd else None
    return ('pte', pte) if pte else ('table', pmd & ADDRESS_BITS)


def main(arguments):
    binary, *folders = arguments
    checked = failed = 0
    for folder in map(Path, folders):
        truth = json.loads((folder / 'truth.json').read_text())
        for operation in truth['ops']:
            if 'pmd_after' not in operation:
                continue
            for name in CAPTURES:
                wanted = expected(operation)
                found = at_address(items(binary, folder / name, operation['ts']),
                                   int(operation['va'], 16))
                checked += 1
                if found != wanted:
                    failed += 1
                    print(f'{folder / name} at {operation["ts"]}: {found}, not {wanted}')
    print(f'{checked} states checked, {failed} are wrong')
    return 1 if failed or not checked else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
