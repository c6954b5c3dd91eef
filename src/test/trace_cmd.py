#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""trace.dat files against trace-cmd itself.

usage: trace_cmd.py MMUREPLAY TRACES

The events of each capture must be those that `trace-cmd report` prints of it, and what `trace-cmd
convert` makes of it, in either version and with each compression, must give the same events and the
same report.  Skipped where trace-cmd is not installed.
"""

import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

CAPTURES = (
    'linux-4.14/trace.dat',
    'linux-4.14-refused/trace.dat',
    'debian-6.1-promotion/trace.dat',
    'debian-6.1/trace-v6.dat',
    'debian-6.1/trace-v7-lost.dat',
    'debian-6.1/trace-v7-zstd-mono.dat',
)
CONVERSIONS = {
    'v6': ('--file-version', '6', '--compression', 'none'),
    'v7': ('--file-version', '7', '--compression', 'none'),
    'v7-zstd': ('--file-version', '7', '--compression', 'zstd'),
}
SKIPPED = 77
TIMEOUT_SECONDS = 300

# What the text that trace-cmd prints does not have: it names no symbols.
NOT_IN_TEXT = re.compile(r' (at|symbol|caller|inside|in_flush)=\S*')
PLACE = re.compile(r' at=\S*')
# What depends on the file, not on what it holds.
OF_THE_FILE = {'file', 'files', 'offset', 'kind', 'first_unread'}

SECTION_OPTIONS = 0
SECTION_BUFFER = 3
OPTION_DONE = 0


def run(*command, **options):
    return subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, **options)


def events(binary, capture, pattern):
    done = run(binary, 'events', capture, check=True)
    return pattern.sub('', done.stdout.decode())


def events_of_text(binary, capture):
    text = run('trace-cmd', 'report', '-t', '-i', capture, check=True).stdout
    done = run(binary, 'events', '-', input=text, check=True)
    return NOT_IN_TEXT.sub('', done.stdout.decode())


def without_places(value):
    if isinstance(value, dict):
        return {k: without_places(v) for k, v in value.items() if k not in OF_THE_FILE}
    if isinstance(value, list):
        return [without_places(item) for item in value]
    return value


def report(binary, capture):
    done = run(binary, '--json', capture)
    return done.returncode, without_places(json.loads(done.stdout))


class Version7:
    """Writes an uncompressed file of version 7 again, with zlib: trace-cmd often cannot."""

    def __init__(self, data):
        self.data = data
        self.moved = {}  # where the sections were, and are
        self.cpus = {}   # likewise the data of the CPUs, with its size

    def header(self):
        place = self.data.index(b'none\0')
        start = self.data.index(b'\0', place + len(b'none\0')) + 1 + 8
        return self.data[:place] + b'zlib\x001.0\0' + struct.pack('<Q', 0), start

    @staticmethod
    def pack(data):
        packed = zlib.compress(data)
        return struct.pack('<II', len(packed), len(data)) + packed

    def pack_chunks(self, data, size=40960):
        chunks = [self.pack(data[i:i + size]) for i in range(0, len(data), size)]
        return struct.pack('<I', len(chunks)) + b''.join(chunks)

    def sections(self, start):
        while start + 16 <= len(self.data):
            number, flags, name, size = struct.unpack_from('<HHIQ', self.data, start)
            yield start, number, name, self.data[start + 16:start + 16 + size]
            start += 16 + size

    def tables(self, start):
        """Finds the CPUs' data: {offset: size}."""
        found = {}
        for _, number, _, body in self.sections(start):
            for option, data in self.options(body) if number == SECTION_OPTIONS else ():
                if option == SECTION_BUFFER:
                    at = self.after_strings(data)
                    for i in range(struct.unpack_from('<I', data, at + 4)[0]):
                        _, offset, size = struct.unpack_from('<IQQ', data, at + 8 + 20 * i)
                        found[offset] = size
        return found

    @staticmethod
    def options(body):
        at = 0
        while at + 6 <= len(body):
            option, size = struct.unpack_from('<HI', body, at)
            yield option, body[at + 6:at + 6 + size]
            at += 6 + size

    @staticmethod
    def after_strings(data):
        return data.index(b'\0', data.index(b'\0', 8) + 1) + 1

    def moved_option(self, option, data):
        if option == SECTION_BUFFER:
            at = self.after_strings(data)
            data = bytearray(data)
            struct.pack_into('<Q', data, 0, self.moved[struct.unpack_from('<Q', data)[0]])
            for i in range(struct.unpack_from('<I', data, at + 4)[0]):
                cpu, offset, size = struct.unpack_from('<IQQ', data, at + 8 + 20 * i)
                if size:
                    struct.pack_into('<IQQ', data, at + 8 + 20 * i, cpu, *self.cpus[offset])
        elif 16 <= option <= 21:
            data = struct.pack('<Q', self.moved[struct.unpack('<Q', data)[0]])
        return struct.pack('<HI', option, len(data)) + bytes(data)

    def packed_buffer(self, at, start, body, table):
        """The data of its CPUs, each at a multiple of the page size, as `at` will be."""
        packed = b''
        for offset, size in sorted(table.items()):
            if not start <= offset < start + 16 + len(body):
                continue
            packed += b'\0' * (-(at + 16 + len(packed)) % 4096)
            chunks = self.pack_chunks(self.data[offset:offset + size])
            self.cpus[offset] = (at + 16 + len(packed), len(chunks) - 4)
            packed += chunks
        return packed

    def written(self):
        out, start = self.header()
        table = self.tables(start)
        out = bytearray(out)
        next_options = len(out) - 8
        for place, number, name, body in self.sections(start):
            flags = 1
            self.moved[place] = len(out)
            if number == SECTION_BUFFER:
                packed = self.packed_buffer(len(out), place, body, table)
            elif number == SECTION_OPTIONS:
                flags = 0
                struct.pack_into('<Q', out, next_options, len(out))
                packed = b''.join(self.moved_option(option, data)
                                  for option, data in self.options(body) if option)
                packed += struct.pack('<HIQ', OPTION_DONE, 8, 0)
                next_options = len(out) + 16 + len(packed) - 8
            else:
                packed = self.pack(body)
            out += struct.pack('<HHIQ', number, flags, name, len(packed)) + packed
        return bytes(out)


def convert(capture, folder):
    """Yields each conversion: its name and path."""
    for name, options in CONVERSIONS.items():
        path = Path(folder) / f'{name}.dat'
        run('trace-cmd', 'convert', '-i', capture, '-o', path, *options, check=True)
        yield name, path
    path = Path(folder) / 'v7-zlib.dat'
    path.write_bytes(Version7((Path(folder) / 'v7.dat').read_bytes()).written())
    yield 'v7-zlib', path


def check(binary, capture):
    """Yields what is wrong."""
    if events(binary, capture, NOT_IN_TEXT) != events_of_text(binary, capture):
        yield f'{capture}: other events than those of trace-cmd report'
    expected = events(binary, capture, PLACE), report(binary, capture)
    with tempfile.TemporaryDirectory() as folder:
        for name, path in convert(capture, folder):
            if events(binary, path, PLACE) != expected[0]:
                yield f'{capture}: other events as {name}'
            if report(binary, path) != expected[1]:
                yield f'{capture}: another report as {name}'


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    if not shutil.which('trace-cmd'):
        print('trace-cmd is not installed')
        return SKIPPED
    binary, traces = arguments
    faults = [fault for name in CAPTURES for fault in check(binary, Path(traces) / name)]
    for fault in faults:
        print(fault)
    print(f'{len(CAPTURES)} captures, {len(CONVERSIONS) + 1} conversions each, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
