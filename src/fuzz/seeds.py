#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the inputs that the fuzzers begin with, of the captures of this project.

usage: seeds.py TRACES FOLDER

FOLDER gets a folder for each fuzz target.  Texts and records are cut short: a fuzzer wants many small
inputs.  Needs zstd.
"""

import subprocess
import sys
from pathlib import Path

SMALL = 320 * 1000
LINES = 60


def unpacked(path):
    if path.suffix == '.zst':
        return subprocess.run(('zstd', '-dcq', path), check=True, capture_output=True).stdout
    return path.read_bytes()


def kind_of(data):
    if data.startswith(b'\x17\x08\x44tracing'):
        return 'trace-dat'
    return 'perf' if data[:8] in (b'PERFILE2', b'2ELIFREP') else 'text'


def first_lines(data):
    return b''.join(data.splitlines(keepends=True)[:LINES])


def add(folder, target, name, data):
    (folder / target).mkdir(parents=True, exist_ok=True)
    (folder / target / name).write_bytes(data)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    traces, folder = map(Path, arguments)
    captures = [path for pattern in ('*.dat', '*.data', '*.dat.zst', '*.data.zst', '*.txt', '*.txt.zst')
                for path in sorted(traces.rglob(pattern))]
    for path in captures:
        name = '-'.join(path.relative_to(traces).parts)
        data = unpacked(path)
        kind = kind_of(data)
        if path.name.startswith(('kprobe', 'iomem', 'cpuinfo')):
            add(folder, 'beside', name, data)
        elif kind == 'text':
            add(folder, kind, name, first_lines(data))
        elif len(data) < SMALL:
            add(folder, kind, name, data)
        if path.suffix == '.zst' and path.stat().st_size < SMALL // 100:
            add(folder, 'capture', name, path.read_bytes())
    kernels = Path(__file__).parents[1] / 'test' / 'kernel'
    for path in sorted(kernels.glob('*.elf')):
        add(folder, 'vmlinux', path.name, path.read_bytes())


if __name__ == '__main__':
    main(sys.argv[1:])
