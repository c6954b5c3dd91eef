#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of every kind that were cut, or have a wrong bit, and what the program makes of them.

usage: broken.py MMUREPLAY TRACES [CUTS FLIPS [KIND...]]

From each capture, CUTS parts from its start, and FLIPS seeded copies with one bit turned.  Never may
the program crash or hang.  It ends with a report, or says at which byte or line it gave up; the
report of a part is marked as truncated, with the place, and no larger part has fewer records.
"""

import collections
import concurrent.futures
import gzip
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HANG_SECONDS = 60
STATUS_FAILURE = 2
STATUSES = {0, 1, STATUS_FAILURE, 3}
# "mmureplay: FILE: at byte 12: ..." or "mmureplay: FILE:12: ..."; what has lost the first bytes that
# tell its kind is taken for a text, in which there is no event at any place.
PLACE = re.compile(r': at byte \d+: |:\d+: |: no event was found; ')

PERF_PIPE_HEADER = 16
PERF_TRACING_DATA = 66


def lines_up_to(data, size):
    return data[:data.rindex(b'\n', 0, size) + 1]


def no_bytes(data):
    return set()


def ends_of_lines(data):
    return {match.end() for match in re.finditer(b'\n', data)}


def ends_of_records(data):
    """Of a perf.data that was written to a pipe."""
    at, found = PERF_PIPE_HEADER, {PERF_PIPE_HEADER}
    while at + 8 <= len(data):
        kind, _, size = struct.unpack_from('<IHH', data, at)
        if kind == PERF_TRACING_DATA:
            size += -(-struct.unpack_from('<I', data, at + 8)[0] // 8) * 8
        if size < 8:
            break
        at += size
        found.add(at)
    return found


# The capture, what is taken of it, and where a part of it is whole.
Kind = collections.namedtuple('Kind', 'path take whole', defaults=(bytes, no_bytes))
KINDS = {
    'ftrace-text': Kind('linux-4.14/trace.txt', whole=ends_of_lines),
    'trace-cmd-text': Kind('debian-6.1/trace-cmd-report.txt', lambda data: lines_up_to(data, 150000),
                           ends_of_lines),
    'perf-text': Kind('debian-6.1/perf-script-callgraph.txt', lambda data: lines_up_to(data, 150000),
                      ends_of_lines),
    'trace.dat-6': Kind('debian-6.1/trace-v6.dat'),
    'trace.dat-7': Kind('debian-6.1/trace-v7-lost.dat'),
    'trace.dat-7-zstd': Kind('debian-6.1-promotion/trace.dat'),
    'perf.data': Kind('debian-6.1/perf.data'),
    'perf-pipe': Kind('debian-6.1/perf-pipe.data', whole=ends_of_records),
    'perf-zstd': Kind('debian-6.1/perf-zstd-callgraph.data'),
    'text.gz': Kind('linux-4.14/trace.txt', gzip.compress),
    'perf-pipe.gz': Kind('debian-6.1/perf-pipe.data', gzip.compress),
}

Result = collections.namedtuple('Result', 'status report message')


def run(binary, data):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            done = subprocess.run((binary, '--json', file.name), capture_output=True,
                                  timeout=HANG_SECONDS)
        except subprocess.TimeoutExpired:
            return Result('a hang', None, '')
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
    return Result(done.returncode, report, done.stderr.decode(errors='replace'))


def faults_of_any(result):
    if result.status not in STATUSES:
        yield f'status {result.status}: {result.message[-2000:]}'
    elif result.status != STATUS_FAILURE and not result.report:
        yield f'status {result.status} without a report'
    elif result.status == STATUS_FAILURE and not PLACE.search(result.message):
        yield f'no place: {result.message.strip()}'


def faults_of_part(result, is_whole):
    yield from faults_of_any(result)
    if not result.report or is_whole:
        return
    capture = result.report['captures'][0]
    if not capture['truncated']:
        yield 'not marked as truncated'
    elif 'truncated_at' not in capture:
        yield 'truncated, but nobody knows where'


def records(result):
    return result.report['captures'][0]['records'] if result.report else 0


def check_cuts(pool, binary, kind, data, cuts):
    sizes = [len(data) * i // cuts for i in range(1, cuts)]
    parts = list(pool.map(lambda size: run(binary, data[:size]), sizes))
    whole = kind.whole(data)
    most = 0
    for size, result in zip(sizes, parts):
        for fault in faults_of_part(result, size in whole):
            yield f'the first {size} of {len(data)} bytes: {fault}'
        if records(result) < most and result.status != STATUS_FAILURE:
            yield f'the first {size} bytes: {records(result)} records, and {most} of fewer bytes'
        most = max(most, records(result))


def check_flips(pool, binary, name, data, flips):
    rng = random.Random(name)
    places = [(rng.randrange(len(data)), rng.randrange(8)) for _ in range(flips)]

    def flipped(place):
        at, bit = place
        return run(binary, data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:])

    for (at, bit), result in zip(places, pool.map(flipped, places)):
        for fault in faults_of_any(result):
            yield f'bit {bit} of byte {at}: {fault}'


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    binary, traces, *rest = arguments
    cuts, flips = (int(number) for number in rest[:2] or (200, 1000))
    count = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name in rest[2:] or KINDS:
            kind = KINDS[name]
            data = kind.take((Path(traces) / kind.path).read_bytes())
            found = [*check_cuts(pool, binary, kind, data, cuts),
                     *check_flips(pool, binary, name, data, flips)]
            for fault in found:
                print(f'{name}: {fault}')
            print(f'{name}: {cuts} cuts, {flips} flips, {len(found)} faults', flush=True)
            count += len(found)
    return 1 if count else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
