#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Speed and memory on large captures, beside trace-cmd and perf.

usage: bench.py MMUREPLAY MEASURE TRACES KIND

Repeats a bundled capture to BENCH_MEGABYTES (500), runs mmureplay on it and, where it is installed,
the program that prints the same events as text, in turn, BENCH_RUNS (3) times each; prints the
medians.  Every event of these captures is wanted, decoded, replayed and judged.  A text is compared
with the program that printed it, on the binary capture of the same events.

Fails when a run fails, or when a tenth of the capture takes another amount of memory (10%).
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MEGABYTES = int(os.environ.get('BENCH_MEGABYTES', '500'))
RUNS = int(os.environ.get('BENCH_RUNS', '3'))
FLAT = 0.10
REPEAT = Path(__file__).with_name('repeat.py')

TRACE_CMD = ('trace-cmd', 'report', '-i')
PERF = ('perf', 'script', '-i')

# The capture, the binary capture of the same events, and the program that prints that.
KINDS = {
    'trace.dat': ('trace-v6.dat', 'trace-v6.dat', TRACE_CMD),
    'perf.data': ('perf.data', 'perf.data', PERF),
    'perf-pipe': ('perf-pipe.data', 'perf-pipe.data', PERF),
    'trace-cmd-text': ('trace-cmd-report.txt', 'trace-v6.dat', TRACE_CMD),
    'perf-text': ('perf-script.txt', 'perf.data', PERF),
    'ftrace-text': ('ftrace-local.txt', None, None),
}

# mmureplay's exit status when it read all of the capture: clean, or with findings.
COMPLETE = {0, 1}


class Failed(Exception):
    pass


def repeat(capture, size, output):
    """Returns how many copies were made."""
    done = subprocess.run((sys.executable, REPEAT, capture, size, output), check=True,
                          capture_output=True, text=True)
    return int(done.stdout)


class Figures:
    """What several runs of one command took."""

    def __init__(self, name, command, complete):
        self.name, self.command, self.complete = name, command, complete
        self.runs = []

    def run(self, measure):
        done = subprocess.run((measure, *self.command), check=True, capture_output=True, text=True)
        status, *numbers = done.stdout.split()
        if int(status) not in self.complete:
            raise Failed(f'{" ".join(map(str, self.command))}: exit status {status}')
        self.runs.append([float(number) for number in numbers])

    def median(self, column):
        return statistics.median(run[column] for run in self.runs)

    @property
    def user(self):
        return self.median(0)

    @property
    def peak(self):
        return self.median(2)

    def __str__(self):
        return (f'  {self.name:<18}{self.user:8.2f} s user{self.median(1):8.2f} s system'
                f'{self.peak / 1024:8.1f} MiB at most')


def compare(figures, measure):
    for _ in range(RUNS):
        for one in figures:
            one.run(measure)
    for one in figures:
        print(one)
    for other in figures[1:]:
        print(f'  {other.user / figures[0].user:.1f} times as fast as {other.name}')


def check_memory(small, large):
    print(f'  memory: {small.peak / 1024:.1f} MiB for a tenth of it')
    if large.peak > small.peak * (1 + FLAT):
        raise Failed('memory grows with the capture')


def bench(binary, measure, traces, kind, folder):
    capture, twin, program = KINDS[kind]
    small, large = (Path(folder) / f'{size}-{capture}' for size in ('small', 'large'))
    repeat(traces / capture, f'{max(MEGABYTES // 10, 1)}M', small)
    copies = repeat(traces / capture, f'{MEGABYTES}M', large)
    print(f'{kind}: {copies} times {capture}, {large.stat().st_size / 1e6:.0f} MB')
    figures = [Figures('mmureplay', (binary, large), COMPLETE)]
    if program and shutil.which(program[0]):
        if twin != capture:
            repeat(traces / twin, f'{copies}x', Path(folder) / 'twin')
        events = Path(folder) / 'twin' if twin != capture else large
        figures.append(Figures(' '.join(program[:2]), (*program, events), {0}))
    compare(figures, measure)
    tenth = Figures('mmureplay', (binary, small), COMPLETE)
    tenth.run(measure)
    check_memory(tenth, figures[0])


def main(arguments):
    if len(arguments) != 4 or arguments[3] not in KINDS:
        sys.exit(__doc__)
    binary, measure, traces, kind = arguments
    with tempfile.TemporaryDirectory() as folder:
        try:
            bench(binary, measure, Path(traces) / 'debian-6.1', kind, folder)
        except Failed as failure:
            print(failure)
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
