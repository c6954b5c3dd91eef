#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes of a vmlinux of hundreds of megabytes one of some kilobytes that tests can be kept with.

usage: reduce-vmlinux.py VMLINUX PROBES OUTPUT

PROBES has lines as in kprobe_events.  OUTPUT is an ELF file with the same build id, where each TLBI
instruction is where it was, with the code before it, and zeros are all around; the symbols are those
of the functions that TLBIs or probes are in, of what comes right behind each, and of the linker script.
What the kernel has in tables about those functions (where ftrace can trace, where kprobes are refused,
what the boot patches) is kept as well.  The zeros are for a compressor: `zstd -19 OUTPUT`.
"""

import bisect
import re
import struct
import sys
from pathlib import Path
from typing import NamedTuple

# Of elf.h.
SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOTE, SHT_NOBITS = 0, 1, 2, 3, 7, 8
SHF_ALLOC, SHF_EXECINSTR = 2, 4
STT_SECTION, STT_FILE = 3, 4
R_AARCH64_RELATIVE = 1027

HEADER = struct.Struct('<16sHHIQQQIHHHHHH')
SECTION = struct.Struct('<IIQQQQIIQQ')
SYMBOL = struct.Struct('<IBBHQQ')
RELA = struct.Struct('<QQq')
POINTER = struct.Struct('<Q')

# How far kprobes look back for a load-exclusive (MAX_ATOMIC_CONTEXT_SIZE, decode-insn.h).
CONTEXT = 128
APART = 1 << 20  # more than a table has bytes
IMAGE_HEADER = 64  # Documentation/arm64/booting.rst
ALTERNATIVE = 12  # struct alt_instr: s32 original, s32 replacement, u16 feature, u8 and u8 lengths

# Of the linker script (vmlinux.lds.S), what tells the parts of the code; and what tells the release
# and the address bits.
SCRIPT = re.compile(rb'_text|_stext|_etext|_sinittext|_einittext|_end|'
                    rb'__\w+_text_(start|end)|__inittext_(begin|end)')
DATA = (b'linux_banner', b'vabits_actual')


class Section(NamedTuple):
    name: bytes
    kind: int
    flags: int
    address: int
    data: bytes

    @property
    def end(self):
        return self.address + len(self.data)


class Symbol(NamedTuple):
    name: bytes
    info: int
    section: int  # an index
    address: int
    size: int


def text_at(table, offset):
    return table[offset:table.index(b'\0', offset)]


class Image:
    def __init__(self, path):
        content = path.read_bytes()
        self.header = HEADER.unpack_from(content)
        table, count, names = self.header[6], self.header[12], self.header[13]
        raw = [SECTION.unpack_from(content, table + i * SECTION.size) for i in range(count)]
        data = [b'' if kind == SHT_NOBITS else content[offset:offset + size]
                for _, kind, _, _, offset, size, *_ in raw]
        self.sections = [Section(text_at(data[names], name), kind, flags, address, data[i])
                         for i, (name, kind, flags, address, *_) in enumerate(raw)]
        symbols = next(i for i, section in enumerate(raw) if section[1] == SHT_SYMTAB)
        strings = data[raw[symbols][6]]
        self.symbols = sorted(
            (Symbol(text_at(strings, name), info, section, address, size)
             for name, info, _, section, address, size in SYMBOL.iter_unpack(data[symbols])
             if name and info & 15 not in (STT_SECTION, STT_FILE)
             and not strings.startswith((b'$x', b'$d'), name)),
            key=lambda symbol: symbol.address)
        self.addresses = [symbol.address for symbol in self.symbols]

    def section(self, name):
        return next((s for s in self.sections if s.name == name), None)

    def named(self, name):
        return [symbol for symbol in self.symbols if symbol.name == name]

    def between(self, start, stop):
        """The bytes between two symbols, and their address."""
        start, stop = self.named(start)[0].address, self.named(stop)[0].address
        section = next(s for s in self.sections
                       if s.flags & SHF_ALLOC and s.address <= start and stop <= s.end)
        return start, section.data[start - section.address:stop - section.address]

    def pointers(self, start, stop):
        """A table of pointers, which a relocatable kernel has in its relocations."""
        address, data = self.between(start, stop)
        pointers = {address + i * POINTER.size: value
                    for i, (value,) in enumerate(POINTER.iter_unpack(data))}
        relocations = self.section(b'.rela.dyn')
        for offset, info, addend in RELA.iter_unpack(relocations.data if relocations else b''):
            if info == R_AARCH64_RELATIVE and offset in pointers:
                pointers[offset] = addend & 0xffffffffffffffff
        return sorted(pointers.values())

    def symbols_at(self, address):
        """Those of the function that an address is in."""
        end = bisect.bisect_right(self.addresses, address)
        start = bisect.bisect_left(self.addresses, self.addresses[end - 1])
        return self.symbols[start:end]

    def symbols_behind(self, symbol):
        start = bisect.bisect_right(self.addresses, symbol.address)
        end = bisect.bisect_right(self.addresses, self.addresses[start])
        return self.symbols[start:end]


def is_tlbi(word):
    """SYS with CRn 8, or 9 for the nXS forms (Arm ARM C5.5)."""
    return word & 0xfff80000 == 0xd5080000 and word >> 12 & 15 in (8, 9)


def find_tlbis(image):
    for section in image.sections:
        if section.flags & SHF_ALLOC and section.flags & SHF_EXECINSTR:
            words = struct.unpack_from(f'<{len(section.data) // 4}I', section.data)
            yield from (section.address + 4 * i for i, word in enumerate(words) if is_tlbi(word))


def probed_symbols(probes):
    """Of lines like `p:group/name symbol+0x10 arguments`."""
    for line in probes.read_text().splitlines():
        match = re.match(r'[pr]\d*(?::\S+)? (\w[\w.]*)', line)
        if match:
            yield match[1].encode()


class Reduced:
    def __init__(self, image, probes):
        self.image = image
        self.tlbis = sorted(find_tlbis(image))
        functions = [symbol for tlbi in self.tlbis for symbol in image.symbols_at(tlbi)]
        functions += [symbol for name in probed_symbols(probes) for symbol in image.named(name)]
        self.spans = sorted({(f.address, image.symbols_behind(f)[0].address) for f in functions})
        self.symbols = set(functions)
        for function in functions:
            self.symbols.update(image.symbols_behind(function))
        self.symbols.update(s for s in image.symbols if SCRIPT.fullmatch(s.name) or s.name in DATA)
        # A name that others have, too, is ambiguous.
        names = {symbol.name for symbol in self.symbols}
        self.symbols.update(s for s in image.symbols if s.name in names)

    def is_kept(self, address):
        i = bisect.bisect_right(self.spans, (address, 0xffffffffffffffff)) - 1
        return i >= 0 and self.spans[i][0] <= address < self.spans[i][1]

    def code(self, section):
        """Zeros, but for TLBIs and what comes before them in their functions."""
        data = bytearray(len(section.data))
        for tlbi in self.tlbis:
            if not section.address <= tlbi < section.end:
                continue
            entry = self.image.symbols_at(tlbi)[-1].address
            start = max(tlbi - CONTEXT, entry, section.address) - section.address
            end = tlbi + 4 - section.address
            data[start:end] = section.data[start:end]
        if section.address == self.image.named(b'_text')[0].address:
            data[:IMAGE_HEADER] = section.data[:IMAGE_HEADER]
        return bytes(data)

    def banner(self, section):
        data = bytearray(len(section.data))
        for symbol in self.image.named(b'linux_banner'):
            start = symbol.address - section.address
            data[start:start + symbol.size] = section.data[start:start + symbol.size]
        return bytes(data)

    def alternatives(self, section):
        """Each entry says from where it stands what is replaced, and by what."""
        data = bytearray(len(section.data))
        for at in range(0, len(data) - ALTERNATIVE + 1, ALTERNATIVE):
            entry = section.data[at:at + ALTERNATIVE]
            original, replacement = struct.unpack_from('<ii', entry)
            here = section.address + at
            if self.is_kept(here + original) or self.is_kept(here + 4 + replacement):
                data[at:at + ALTERNATIVE] = entry
        return bytes(data)

    def pointers(self, name, start, stop, distance):
        """A section of its own, behind all others: nothing points to it."""
        # With CALL_OPS (6.3) ftrace's sites are before the function.
        kept = [p for p in self.image.pointers(start, stop)
                if self.is_kept(p) or self.is_kept(p + 8)]
        end = max(section.end for section in self.image.sections if section.flags & SHF_ALLOC)
        return Section(name, SHT_PROGBITS, SHF_ALLOC, end + distance,
                       b''.join(POINTER.pack(p) for p in kept))

    def sections(self):
        banner = self.image.named(b'linux_banner')[0].section
        for i, section in enumerate(self.image.sections):
            if not section.flags & SHF_ALLOC or not section.data:
                continue
            if section.flags & SHF_EXECINSTR:
                yield section._replace(data=self.code(section))
            elif section.kind == SHT_NOTE:
                yield section
            elif section.name == b'.altinstructions':
                yield section._replace(data=self.alternatives(section))
            elif i == banner:
                yield section._replace(data=self.banner(section))
        yield self.pointers(b'__mcount_loc', b'__start_mcount_loc', b'__stop_mcount_loc', APART)
        yield self.pointers(b'_kprobe_blacklist', b'__start_kprobe_blacklist',
                            b'__stop_kprobe_blacklist', 2 * APART)

    def write(self, path):
        sections = [Section(b'', SHT_NULL, 0, 0, b''), *self.sections()]
        indexes = {section.name: i for i, section in enumerate(sections)}
        strings, symbols = b'\0', SYMBOL.pack(0, 0, 0, 0, 0, 0)
        for symbol in sorted(self.symbols, key=lambda symbol: symbol[:4]):
            name = self.image.sections[symbol.section].name \
                if symbol.section < len(self.image.sections) else b''
            symbols += SYMBOL.pack(len(strings), symbol.info, 0,
                                   indexes.get(name, 0xfff1), symbol.address, symbol.size)
            strings += symbol.name + b'\0'
        sections.append(Section(b'.symtab', SHT_SYMTAB, 0, 0, symbols))
        sections.append(Section(b'.strtab', SHT_STRTAB, 0, 0, strings))
        names = b'\0' + b''.join(s.name + b'\0' for s in sections[1:]) + b'.shstrtab\0'
        sections.append(Section(b'.shstrtab', SHT_STRTAB, 0, 0, names))
        content, table = bytearray(HEADER.size), b''
        for i, section in enumerate(sections):
            content += bytes(-len(content) % 16)
            is_symbols = section.kind == SHT_SYMTAB
            table += SECTION.pack(names.index(section.name + b'\0') if i else 0, section.kind,
                                  section.flags, section.address, len(content) if i else 0,
                                  len(section.data), i + 1 if is_symbols else 0,
                                  1 if is_symbols else 0, 4,
                                  SYMBOL.size if is_symbols else 0)
            content += section.data
        content += bytes(-len(content) % 16)
        header = list(self.image.header)
        # No segments: e_phoff, e_phentsize, e_phnum.
        header[5], header[6], header[9], header[10] = 0, len(content), 0, 0
        header[12], header[13] = len(sections), len(sections) - 1
        HEADER.pack_into(content, 0, *header)
        path.write_bytes(content + table)


def main(arguments):
    if len(arguments) != 3:
        sys.exit(__doc__)
    vmlinux, probes, output = map(Path, arguments)
    Reduced(Image(vmlinux), probes).write(output)


if __name__ == '__main__':
    main(sys.argv[1:])
