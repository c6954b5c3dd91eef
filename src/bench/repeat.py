#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a large capture of a small one: what was recorded, again and again, as time goes on.

usage: repeat.py CAPTURE SIZE OUTPUT

SIZE is "500M", in megabytes, or "12x", in copies.  Takes a trace.dat of version 6, a perf.data (file or pipe, not compressed, little-endian) and any
text that has one event on a line.  Each copy of the records is later than the one before it;
nothing else in them changes, and what the file says before and behind them stays.
"""

import re
import struct
import sys
from pathlib import Path

MEGABYTE = 1000 * 1000
NANOSECONDS = 1000 * 1000 * 1000
# From the end of one copy to the start of the next.
PAUSE = NANOSECONDS

# ---- trace.dat -------------------------------------------------------------------------------

DAT_MAGIC = b'\x17\x08\x44tracing6\0'
DAT_OPTIONS = b'options  \0'
DAT_TABLE = b'flyrecord\0'
DAT_PAGE = 4096
DAT_TABLE_ENTRY = 16


class Dat:
    """Each CPU's pages begin with their time; the events in them count from there."""

    # How long a page may last: the time of its last event is not looked for.
    PAGE_LASTS = 60 * NANOSECONDS

    def __init__(self, data):
        options = data.index(DAT_OPTIONS)
        nr_cpus, = struct.unpack_from('<I', data, options - 4)
        table = data.index(DAT_TABLE, options) + len(DAT_TABLE)
        parts = [struct.unpack_from('<QQ', data, table + DAT_TABLE_ENTRY * cpu) for cpu in range(nr_cpus)]
        self.start = min(offset for offset, size in parts if size)
        self.head = data[:table]
        self.behind_table = data[table + DAT_TABLE_ENTRY * nr_cpus:self.start]
        self.cpus = [[data[at:at + DAT_PAGE] for at in range(offset, offset + size, DAT_PAGE)]
                     for offset, size in parts]
        times = [self.time(page) for pages in self.cpus for page in pages]
        self.step = max(times) - min(times) + self.PAGE_LASTS
        self.size = len(times) * DAT_PAGE

    @staticmethod
    def time(page):
        return struct.unpack_from('<Q', page)[0]

    def write(self, out, copies):
        offset = self.start
        out.write(self.head)
        for pages in self.cpus:
            size = copies * len(pages) * DAT_PAGE
            out.write(struct.pack('<QQ', offset, size))
            offset += size
        out.write(self.behind_table)
        for pages in self.cpus:
            for copy in range(copies):
                for page in pages:
                    out.write(struct.pack('<Q', self.time(page) + copy * self.step))
                    out.write(page[8:])


# ---- perf.data -------------------------------------------------------------------------------

PERF_MAGIC = b'PERFILE2'
PERF_PIPE_HEADER = 16
PERF_SECTION = 16
PERF_SAMPLE = 9
PERF_TRACING_DATA = 66
PERF_FINISHED_ROUND = 68
# Records of the kernel have smaller types, and a sample_id at their end.
PERF_USER_TYPES = 64
PERF_ATTR = 64
# Bits of sample_type in the order of what they stand for, which is u64 each.
SAMPLE_HEAD = (1 << 16, 1 << 0, 1 << 1, 1 << 2)  # IDENTIFIER, IP, TID, TIME
SAMPLE_TAIL = (1 << 2, 1 << 6, 1 << 9, 1 << 7, 1 << 16)  # TIME, ID, STREAM_ID, CPU, IDENTIFIER


class Perf:
    """Samples have their time near the start, other records of the kernel near the end."""

    def __init__(self, data):
        self.is_pipe = struct.unpack_from('<Q', data, 8)[0] == PERF_PIPE_HEADER
        if self.is_pipe:
            start, end = PERF_PIPE_HEADER, len(data)
        else:
            attrs, _, start, size = struct.unpack_from('<QQQQ', data, 24)
            end = start + size
            self.set_sample_type(data, attrs)
        first, last = None, end
        self.places = []
        for at, kind, size in self.records(data, start, end):
            if kind == PERF_ATTR:
                self.set_sample_type(data, at + 8)
            place = self.time_place(at, kind, size)
            if place is None or not struct.unpack_from('<Q', data, place)[0]:
                continue
            first = at if first is None else first
            self.places.append(place - first)
            last = at + size
        # The rounds that end behind the last record are a part of the copy.
        for at, kind, size in self.records(data, last, end):
            if kind == PERF_FINISHED_ROUND:
                last = at + size
        self.head, self.body, self.tail = data[:first], data[first:last], data[last:]
        if self.is_pipe:
            self.tail = b''
        self.data_end = end
        self.times = [struct.unpack_from('<Q', self.body, place)[0] for place in self.places]
        self.step = max(self.times) - min(self.times) + PAUSE
        self.size = len(self.body)

    def set_sample_type(self, data, attr):
        self.sample_type = struct.unpack_from('<Q', data, attr + 24)[0]

    @staticmethod
    def records(data, at, end):
        while at + 8 <= end:
            kind, _, size = struct.unpack_from('<IHH', data, at)
            if not 8 <= size <= end - at:
                return  # what perf printed may be behind the records of a pipe
            yield at, kind, size
            at += size
            if kind == PERF_TRACING_DATA:
                at += -(-struct.unpack_from('<I', data, at - size + 8)[0] // 8) * 8

    def time_place(self, at, kind, size):
        if kind == PERF_SAMPLE:
            return at + 8 + 8 * sum(bool(self.sample_type & bit) for bit in SAMPLE_HEAD[:-1])
        if kind < PERF_USER_TYPES:
            return at + size - 8 * sum(bool(self.sample_type & bit) for bit in SAMPLE_TAIL)
        return None

    def write(self, out, copies):
        added = (copies - 1) * self.size
        head, tail = bytearray(self.head), bytearray(self.tail)
        if not self.is_pipe:
            self.grow(head, tail, added)
        out.write(head)
        body = bytearray(self.body)
        for copy in range(copies):
            for place, time in zip(self.places, self.times):
                struct.pack_into('<Q', body, place, time + copy * self.step)
            out.write(body)
        out.write(tail)

    def grow(self, head, tail, added):
        """The data are larger, and the features lie farther behind."""
        struct.pack_into('<Q', head, 48, struct.unpack_from('<Q', head, 48)[0] + added)
        table = self.data_end - len(self.head) - len(self.body)
        features = sum(bin(byte).count('1') for byte in head[72:104])
        for at in range(table, table + features * PERF_SECTION, PERF_SECTION):
            struct.pack_into('<Q', tail, at, struct.unpack_from('<Q', tail, at)[0] + added)


# ---- text ------------------------------------------------------------------------------------

# The first of a line: seconds with a fraction, and the colon behind them.
TEXT_TIME = re.compile(rb' (\d+)\.(\d{6}|\d{9}): ')


class Text:
    """Lines without a time before the first event are the head; others stay with their event."""

    def __init__(self, data):
        parts, end = [], None
        for match in TEXT_TIME.finditer(data):
            if end is not None and b'\n' not in data[end:match.start()]:
                continue  # a second time on one line
            if end is None:
                line = data.rindex(b'\n', 0, match.start()) + 1 if b'\n' in data[:match.start()] else 0
                self.head, end = data[:line], line
            parts.append((data[end:match.start(1)], int(match[1] + match[2])))
            self.digits = len(match[2])
            end = match.end(2)
        self.parts, self.rest = parts, data[end:]
        times = [time for _, time in parts]
        self.second = 10 ** self.digits
        self.step = max(times) - min(times) + self.second
        self.size = len(data) - len(self.head)

    def write(self, out, copies):
        out.write(self.head)
        for copy in range(copies):
            later = copy * self.step
            for before, time in self.parts:
                seconds, fraction = divmod(time + later, self.second)
                out.write(b'%s%d.%0*d' % (before, seconds, self.digits, fraction))
            out.write(self.rest)


def capture_of(data):
    if data.startswith(DAT_MAGIC):
        return Dat(data)
    if data.startswith(PERF_MAGIC):
        return Perf(data)
    return Text(data)


def copies_of(capture, size):
    number, unit = int(size[:-1]), size[-1]
    if unit == 'x':
        return number
    return max(1, round(number * MEGABYTE / capture.size))


def main(arguments):
    if len(arguments) != 3 or not re.fullmatch(r'\d+[Mx]', arguments[1]):
        sys.exit(__doc__)
    path, size, output = arguments
    capture = capture_of(Path(path).read_bytes())
    copies = copies_of(capture, size)
    with open(output, 'wb', buffering=MEGABYTE) as out:
        capture.write(out, copies)
    print(copies)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
