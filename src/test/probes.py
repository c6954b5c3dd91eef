#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`mmureplay probes` on the test kernel, in every format and in every packing of the image.

usage: probes.py BINARY MANPAGE [unittest option...]
"""

import gzip
import json
import re
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BINARY = ''
MANPAGE = Path()
FOLDER = Path(__file__).resolve().parent
KERNEL = FOLDER / 'kernel/kernel.elf'
OBJDUMP = FOLDER / 'kernel/kernel.objdump'
RECORD = FOLDER.parent / 'probes/record.sh'

KEYS = ['address', 'op', 'symbol', 'offset', 'register', 'probe', 'reason']
DEFINITION = re.compile(r'(?P<type>p|r64):(?P<group>mmu_\w+)/(?P<name>[A-Za-z_]\w*) '
                        r'(?P<where>[\w.]+(\+0x[0-9a-f]+)?)'
                        r'(?P<fetch>( \w+=(%x\d+|\+0\(%x\d+\):x64|\$retval))*)')

SHT_NOBITS, SHT_SYMTAB, SHF_ALLOC = 8, 2, 2
ET_REL, ET_CORE, EM_AARCH64, PT_LOAD, PT_NOTE = 1, 4, 183, 1, 4


def run(*arguments):
    return subprocess.run([BINARY, 'probes', *map(str, arguments)], capture_output=True)


def text(*arguments):
    done = run(*arguments)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done.stdout.decode()


def sites(*arguments):
    return json.loads(text('--format=json', *arguments))['tlbi']


def definitions(lines):
    return [DEFINITION.fullmatch(line).groupdict() for line in lines
            if not line.startswith('#')]


def plan_of(script):
    """The lines between the two marks."""
    return re.search(r'^#@plan\n(.*?)^#@end$', script, re.M | re.S)[1].splitlines()


class Elf:
    """As much of an ELF file as is needed to make other images of it."""

    def __init__(self, path):
        self.bytes = path.read_bytes()
        offset, = struct.unpack_from('<Q', self.bytes, 40)
        count, = struct.unpack_from('<H', self.bytes, 60)
        self.sections = [struct.unpack_from('<IIQQQQIIQQ', self.bytes, offset + 64 * i)
                         for i in range(count)]

    def content(self, section):
        return self.bytes[section[4]:section[4] + section[5]]

    def memory(self):
        """The address of the first byte in memory, and all of it: what a boot Image is."""
        loaded = [section for section in self.sections
                  if section[2] & SHF_ALLOC and section[1] != SHT_NOBITS]
        start = min(section[3] for section in loaded)
        memory = bytearray(max(section[3] + section[5] for section in loaded) - start)
        for section in loaded:
            memory[section[3] - start:section[3] - start + section[5]] = self.content(section)
        return start, bytes(memory)

    def kallsyms(self, slide=0, everything=True):
        """As the kernel prints them; without KALLSYMS_ALL only those in text."""
        table, = (section for section in self.sections if section[1] == SHT_SYMTAB)
        strings = self.content(self.sections[table[6]])
        lines = []
        for name, _, _, index, value, _ in struct.iter_unpack('<IBBHQQ', self.content(table)):
            symbol = strings[name:strings.index(b'\0', name)].decode()
            if not symbol or symbol[0] == '$' or not 0 < index < len(self.sections):
                continue
            is_text = bool(self.sections[index][2] & 4)
            if is_text or everything:
                lines.append((value + slide, 'T' if is_text else 'D', symbol))
        return ''.join(f'{address:016x} {kind} {symbol}\n' for address, kind, symbol
                       in sorted(lines)).encode()


def core(start, memory, notes):
    """What /proc/kcore is: here the kernel's own memory, and a larger part that has nothing."""
    headers = 64 + 3 * 56
    where = headers + len(notes)
    parts = [(PT_NOTE, 0, headers, 0, len(notes)),
             (PT_LOAD, 7, where, start - 0x100000, 1 << 40),
             (PT_LOAD, 7, where, start, len(memory))]
    return (struct.pack('<4sBBBB8xHHIQQQIHHHHHH', b'\x7fELF', 2, 1, 1, 0, ET_CORE, EM_AARCH64, 1, 0,
                        64, 0, 0, 64, 56, 3, 0, 0, 0) +
            b''.join(struct.pack('<IIQQQQQQ', kind, flags, offset, address, 0, size, size, 0)
                     for kind, flags, offset, address, size in parts) + notes + memory)


def note(name, content):
    padded = name + b'\0' * (4 - len(name) % 4)
    return struct.pack('<III', len(name) + 1, len(content), 0) + padded + content + \
        b'\0' * (-len(content) % 4)


def zboot(payload, kind=b'gzip'):
    header = struct.pack('<4s4sII8x32s', b'MZ\0\0', b'zimg', 4096, len(payload) - 4, kind)
    return header.ljust(4096, b'\0') + payload + b'padding that a PE image ends with'


class Formats(unittest.TestCase):
    def test_calls_stand_for_what_cannot_be_probed(self):
        calls = [probe for probe in definitions(text('--format=tracefs', KERNEL).splitlines())
                 if probe['fetch'] == ' addr=%x0 end=%x1' and probe['group'] == 'mmu_tlbi']
        self.assertEqual([call['name'] for call in calls],
                         [f'flush_tlb_kernel_range_{i}' for i in range(4)])
        # Of two copies, which are called alike.
        self.assertTrue(all(call['where'].startswith('_stext+') for call in calls))

    def test_all_sites_in_json_are_those_of_objdump(self):
        found = [f"{int(site['address'], 16):x} {site['op']} {site['register'] or ''}".rstrip()
                 for site in sites('--all', KERNEL)]
        self.assertEqual(found, OBJDUMP.read_text().splitlines())

    def test_json_is_as_documented(self):
        for site in sites('--all', KERNEL):
            self.assertEqual(list(site), KEYS)
            self.assertEqual(site['probe'], site['reason'] is None)
            self.assertIsInstance(site['offset'], int)
            self.assertRegex(site['address'], '^0x[0-9a-f]+$')

    def test_without_all_there_are_the_kernel_s_own(self):
        own = sites(KERNEL)
        self.assertEqual([site for site in sites('--all', KERNEL) if site['probe']],
                         [site for site in own if site['probe']])
        self.assertLess(len(own), len(sites('--all', KERNEL)))
        for site in own:
            self.assertRegex(site['op'], '^r?va?a?l?e1|^vmalle1')
        self.assertFalse({'vae1is', 'aside1is', 'vmalls12e1is', 'ipas2e1is'} &
                         {site['op'] for site in own})

    def test_tracefs_lines_can_be_set(self):
        lines = text('--format=tracefs', KERNEL).splitlines()
        probes = definitions(lines)
        names = [(probe['group'], probe['name']) for probe in probes]
        self.assertEqual(len(names), len(set(names)))
        tlbi = {probe['where'] for probe in probes
                if probe['group'] == 'mmu_tlbi' and probe['fetch'] != ' addr=%x0 end=%x1'}
        self.assertEqual(len(tlbi), sum(site['probe'] for site in sites(KERNEL)))
        self.assertIn('p:mmu_entry/pmd_set_huge pmd_set_huge pmdp=%x0 phys=%x1 prot=%x2 '
                      'old=+0(%x0):x64', lines)
        self.assertIn('r64:mmu_io/ioremap_prot_ret ioremap_prot ret=$retval', lines)

    def test_an_ambiguous_name_is_given_by_the_start_of_the_text(self):
        stext = int(re.search(r'^(\w+) T _stext$', Elf(KERNEL).kallsyms().decode(), re.M)[1], 16)
        wanted = [f"_stext+0x{int(site['address'], 16) - stext:x}" for site in sites(KERNEL)
                  if site['symbol'] == 'tlb_flush']
        self.assertEqual(len(wanted), 2)
        lines = text('--format=tracefs', KERNEL)
        for where in wanted:
            self.assertIn(f' {where}\n', lines)
        self.assertNotIn('tlb_flush', lines)

    def test_parts_are_probed_with_arguments_only_where_these_are_known(self):
        lines = text('--format=tracefs', KERNEL).splitlines()
        self.assertIn('p:mmu_entry/pmd_free_pte_page_part_0 pmd_free_pte_page.part.0 '
                      'pmdp=%x0 addr=%x1 old=+0(%x0):x64', lines)
        self.assertIn('p:mmu_range/__purge_vmap_area_lazy_constprop_0 '
                      '__purge_vmap_area_lazy.constprop.0', lines)

    def test_what_cannot_be_set_says_why(self):
        lines = text('--format=tracefs', KERNEL)
        self.assertIn('# not set: pmd_clear_huge at pmd_clear_huge: in a notrace function', lines)
        self.assertNotIn(' pmd_clear_huge pmdp', lines)

    def test_minimal_is_less(self):
        minimal = set(text('--minimal', '--format=tracefs', KERNEL).splitlines())
        usual = set(text('--format=tracefs', KERNEL).splitlines())
        self.assertLess(minimal, usual)
        self.assertIn('mmu_io', ''.join(minimal))
        for probe in ('pmd_set_huge', 'pmd_free_pte_page', '__pte_alloc_kernel', 'iounmap'):
            self.assertTrue(any(f'/{probe} ' in line for line in minimal), probe)
        self.assertFalse(any('kmem' in line or '__pmd_alloc' in line for line in minimal))

    def test_dsb_adds_the_barriers_of_probed_functions(self):
        added = set(text('--dsb', '--format=tracefs', KERNEL).splitlines()) - \
            set(text('--format=tracefs', KERNEL).splitlines())
        self.assertEqual(added, {'p:mmu_dsb/dsb_ishst_0 pmd_free_pte_page.part.0+0x8',
                                 'p:mmu_dsb/dsb_ish_0 pmd_free_pte_page.part.0+0x10'})

    def test_the_list_names_what_is_not_there_and_what_is_instead(self):
        lines = text(KERNEL).splitlines()
        self.assertTrue(any(re.match(r'  __iounmap +4\.9 - 5\.3 +iounmap$', line)
                            for line in lines))
        self.assertTrue(any(re.match(r'  mmu_tlbi +\d+ kprobes; hit ', line) for line in lines))
        self.assertEqual(lines[0], 'kernel     Linux 6.1.0-test, 4K pages, 48 VA bits')

    def test_the_script_has_the_plan(self):
        script = text('--format=script', KERNEL)
        plan = plan_of(script)
        self.assertEqual(plan[0], '#release 6.1.0-test')
        self.assertRegex(plan[1], '^#build-id [0-9a-f]{40}$')
        lines = [line.split(' ', 3) for line in plan if line[0] != '#' and ' event ' not in line]
        rebuilt = [f'{kind}:{group}/{name} {rest}' for group, name, kind, rest in lines]
        self.assertEqual(rebuilt, [line for line
                                   in text('--format=tracefs', KERNEL).splitlines()
                                   if line[0] != '#'])
        self.assertIn('kmem kmem:mm_page_free event order == 0', plan)
        self.assertEqual(subprocess.run(['sh', '-n'], input=script.encode()).returncode, 0)
        self.assertNotIn('#callers mmu_io', plan)
        self.assertIn('#callers mmu_io', plan_of(text('--format=script', '--callers', KERNEL)))

    def test_the_rest_of_the_script_is_not_changed(self):
        def without_plan(script):
            return re.sub(r'^#@plan\n.*?^#@end\n', '', script, flags=re.M | re.S)

        self.assertEqual(without_plan(text('--format=script', KERNEL)),
                         without_plan(RECORD.read_text()))

    def test_command_lines_set_record_and_remove(self):
        wanted = [line for line in text('--format=tracefs', KERNEL).splitlines()
                  if line[0] != '#']
        removed = ['-:' + line.split()[0].split(':')[1] for line in wanted]
        for tool, callers in ('trace-cmd', '-e mmu_io -R stacktrace'), ('perf', 'call-graph=fp'):
            commands = text(f'--format={tool}', KERNEL)
            self.assertEqual(subprocess.run(['sh', '-n'], input=commands.encode()).returncode, 0)
            documents = re.findall(r"<<'END'\n(.*?)\nEND$", commands, re.M | re.S)
            self.assertEqual([document.splitlines() for document in documents],
                             [wanted, removed])
            self.assertRegex(commands, rf'(?m)^{tool} record ')
            self.assertNotIn(callers, commands)
            self.assertIn(callers, text(f'--format={tool}', '--callers', KERNEL))


class Images(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.elf = Elf(KERNEL)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def assert_fails(self, done, *words):
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, b'')
        self.assertRegex(done.stderr, b'^mmureplay: ')
        for word in words:
            self.assertIn(word, done.stderr)

    def in_text(self, found):
        """What an image without sections and mapping symbols has: also data that looks like code."""
        data = [f"0x{int(line.split()[0], 16):x}" for line in OBJDUMP.read_text().splitlines()]
        return [site for site in found if site['address'] in data]

    def test_a_compressed_vmlinux_is_the_same(self):
        packed = self.write('vmlinux.gz', gzip.compress(KERNEL.read_bytes()))
        self.assertEqual(text('--all', packed), text('--all', KERNEL))

    def test_a_symbol_table_alone_is_enough(self):
        """No .debug sections are in it to begin with; the other tables are left out as well."""
        elf = bytearray(self.elf.bytes)
        offset, = struct.unpack_from('<Q', elf, 40)
        for number, section in enumerate(self.elf.sections):
            if section[2] & SHF_ALLOC and not section[2] & 4:
                struct.pack_into('<Q', elf, offset + 64 * number + 8, 0)
        stripped = self.write('vmlinux', bytes(elf))
        self.assertEqual([site['address'] for site in sites('--all', stripped)],
                         [site['address'] for site in sites('--all', KERNEL)])

    def test_sections_of_an_object_are_kept_apart(self):
        """Before it is linked: each section starts at 0, as objdump shows it."""
        elf = bytearray(self.elf.bytes)
        offset, = struct.unpack_from('<Q', elf, 40)
        struct.pack_into('<H', elf, 16, ET_REL)
        starts = [section[3] for section in self.elf.sections]
        for number, section in enumerate(self.elf.sections):
            struct.pack_into('<Q', elf, offset + 64 * number + 16, 0)
            for at in range(section[4], section[4] + section[5], 24) \
                    if section[1] == SHT_SYMTAB else ():
                index, value = struct.unpack_from('<HQ', elf, at + 6)
                if 0 < index < len(starts):
                    struct.pack_into('<Q', elf, at + 8, value - starts[index])
        found = sites('--all', self.write('kernel.o', bytes(elf)))
        expected = sites('--all', KERNEL)
        keys = 'op', 'symbol', 'offset', 'register'
        self.assertEqual(sorted([site[key] or '' for key in keys] for site in found),
                         sorted([site[key] or '' for key in keys] for site in expected))
        self.assertIn('0x40', [site['address'] for site in found])  # primary_entry

    def test_a_boot_image_takes_its_symbols_from_kallsyms(self):
        _, memory = self.elf.memory()
        image = self.write('Image', memory)
        kallsyms = self.write('kallsyms', self.elf.kallsyms())
        found = sites('--all', '--kallsyms', kallsyms, image)
        expected = [site for site in sites('--all', KERNEL) if site['symbol'] != 'primary_entry']
        self.assertEqual(self.in_text(found), expected)
        self.assertEqual(len(found) - len(expected), 3)  # .word and .quad in all_forms
        for name, content in (('Image.gz', gzip.compress(memory)),
                              ('vmlinuz.efi', zboot(gzip.compress(memory)))):
            self.assertEqual(sites('--all', '--kallsyms', kallsyms, self.write(name, content)),
                             found)

    def test_kaslr_moves_addresses_and_nothing_else(self):
        _, memory = self.elf.memory()
        image = self.write('Image', memory)
        slide = 0x1234560000
        found = sites('--kallsyms', self.write('kallsyms', self.elf.kallsyms(slide, False)), image)
        plain = sites('--kallsyms', self.write('plain', self.elf.kallsyms(0, False)), image)
        self.assertRegex(text('--kallsyms', self.folder / 'plain', image),
                         '^kernel     Linux 6.1.0-test, 4K pages\n')
        self.assertEqual([int(site['address'], 16) - slide for site in found],
                         [int(site['address'], 16) for site in plain])
        self.assertEqual([(site['symbol'], site['offset']) for site in found],
                         [(site['symbol'], site['offset']) for site in plain])

    def test_the_text_may_follow_the_header_at_64k(self):
        # As in Linux since 4.6, whose kallsyms does not have _text.
        _, memory = self.elf.memory()
        header, gap = 0x1000, 0xf000
        image = self.write('Image', memory[:header] + bytes(gap) + memory[header:])
        for slide in 0, 0x1234560000:
            kallsyms = re.sub(rb'(?m)^.* _text\n', b'', self.elf.kallsyms(gap + slide, False))
            self.assertIn(b'0000 T _stext\n', kallsyms)
            found = sites('--kallsyms', self.write('kallsyms', kallsyms), image)
            plain = sites('--kallsyms', self.write('plain', self.elf.kallsyms(0, False)),
                          self.write('plain-image', memory))
            self.assertEqual([(site['symbol'], site['offset'], site['register']) for site in found],
                             [(site['symbol'], site['offset'], site['register']) for site in plain])

    def test_kcore_is_read_with_kallsyms(self):
        start, memory = self.elf.memory()
        notes = note(b'CORE', b'registers') + \
            note(b'VMCOREINFO', b'OSRELEASE=6.1.99-running\nPAGESIZE=16384\nSYMBOL(x)=0\n')
        kcore = self.write('kcore', core(start, memory, notes))
        kallsyms = self.write('kallsyms', self.elf.kallsyms(0, False))
        lines = text('--kallsyms', kallsyms, kcore).splitlines()
        self.assertEqual(lines[0], 'kernel     Linux 6.1.99-running, 16K pages')
        found = sites('--all', '--kallsyms', kallsyms, kcore)
        self.assertEqual([site['address'] for site in self.in_text(found)],
                         [site['address'] for site in sites('--all', KERNEL)
                          if site['symbol'] not in ('primary_entry', 'setup_arch')])

    def test_symbols_that_are_missing_are_asked_for(self):
        image = self.write('Image', self.elf.memory()[1])
        self.assert_fails(run(image), b'--kallsyms')
        hidden = re.sub(rb'^\w{16}', b'0' * 16, self.elf.kallsyms(), flags=re.M)
        self.assert_fails(run('--kallsyms', self.write('kallsyms', hidden), image),
                          b'kptr_restrict')
        self.assert_fails(run('--kallsyms', self.write('kallsyms', b'no such thing\n'), image),
                          b'no symbols')
        no_end = re.sub(rb'(?m)^.* _etext\n', b'', self.elf.kallsyms())
        self.assert_fails(run('--kallsyms', self.write('kallsyms', no_end), image), b'_etext')
        self.assert_fails(run('--kallsyms', self.folder / 'none', image), b'No such file')

    def test_what_is_no_kernel_is_named(self):
        for name, content, word in (
                ('empty', b'', b'empty'),
                ('text', b'#!/bin/sh\n' * 100, b'no kernel image'),
                ('lz4', b'\x02\x21\x4c\x18' * 20, b'lz4'),
                ('xz', b'\xfd7zXZ\0' * 20, b'xz'),
                ('cut.gz', gzip.compress(KERNEL.read_bytes())[:-900], b'ends in the middle'),
                ('bad.gz', gzip.compress(KERNEL.read_bytes())[:200] + b'\xff' * 9000, b'damaged'),
                ('zboot', zboot(b'\xfd7zXZ\0' * 20, b'xzkern'), b'xzkern'),
                ('zboot-cut', zboot(gzip.compress(b'a' * 10000))[:4100], b'complete?'),
        ):
            self.assert_fails(run(self.write(name, content)), name.encode(), word)
        self.assert_fails(run(BINARY), b'another machine')
        self.assert_fails(run(self.folder), b'folder')
        self.assert_fails(run(self.folder / 'none'), b'No such file')
        self.assert_fails(run('/dev/zero'), b'regular file')

    def test_wrong_usage_is_explained(self):
        for arguments, word in (((), b'/proc/kcore'), ((KERNEL, KERNEL), b'one kernel image'),
                                (('--format=xml', KERNEL), b'tracefs')):
            done = run(*arguments)
            self.assert_fails(done, word, b'mmureplay probes --help')

    def test_a_name_with_a_quote_reaches_no_shell(self):
        """Symbols of an image are input like any other."""
        for evil in (b"flush_notrac'\n", b'flush_notra$(x)'):
            content = self.elf.bytes.replace(b'flush_exclusive'[:len(evil)], evil)
            image = self.write('vmlinux', content)
            for format in 'script', 'tracefs', 'perf', 'trace-cmd':
                self.assertNotIn(evil.decode(), text(f'--format={format}', image))
            self.assertIn(evil.decode(), ''.join(str(site['symbol']) for site in sites(image)))

    def test_older_kernels_get_what_they_understand(self):
        """The banner says which kernel it is; it has the same functions otherwise."""
        def lines(release):
            content = self.elf.bytes.replace(b'6.1.0-test', release)
            return text('--format=tracefs', self.write('vmlinux', content)).splitlines()

        def line(release, probe):
            found, = (line for line in lines(release) if f'/{probe} ' in line)
            return found.split(' ', 1)

        # To 4.20 __pte_alloc_kernel() had the address, too.
        for release, fetch in ((b'4.14.5-abc', 'pmdp=%x0 addr=%x1 old=+0(%x0):x64'),
                               (b'4.20.0-abc', 'pmdp=%x0 addr=%x1 old=+0(%x0):x64'),
                               (b'5.0.0-abcd', 'pmdp=%x0 old=+0(%x0):x64')):
            self.assertEqual(line(release, '__pte_alloc_kernel')[1], f'__pte_alloc_kernel {fetch}')
        # The number of calls at a time from 4.12 on.
        self.assertEqual(line(b'4.11.0-abc', 'pmd_set_huge_ret')[0], 'r:mmu_entry/pmd_set_huge_ret')
        self.assertEqual(line(b'4.12.0-abc', 'pmd_set_huge_ret')[0],
                         'r64:mmu_entry/pmd_set_huge_ret')
        # Functions that ftrace cannot trace are refused from 4.19 on.
        self.assertIn('pmd_clear_huge pmdp=%x0', ''.join(lines(b'4.18.0-abc')))
        self.assertNotIn('pmd_clear_huge pmdp=%x0', ''.join(lines(b'4.19.0-abc')))

    def test_the_output_goes_where_it_is_told(self):
        path = self.folder / 'record.sh'
        self.assertEqual(text('--format=script', '-o', path, KERNEL), '')
        self.assertEqual(path.read_text(), text('--format=script', KERNEL))
        copy = self.write('vmlinux', KERNEL.read_bytes())
        self.assert_fails(run('-o', copy, copy), b'another file')
        self.assertEqual(copy.read_bytes(), KERNEL.read_bytes())


class Documentation(unittest.TestCase):
    def setUp(self):
        self.manual = MANPAGE.read_text()

    def test_help_and_manual_name_the_same_options(self):
        shown = text('--help')
        entries = re.findall(r'(?m)^ {2,6}(-.*?)(?:  |$)', shown)
        in_help = {name for entry in entries for name in re.findall(r'--([a-z][a-z-]*)', entry)}
        items = re.findall(r'(?m)^\.It (Fl .*)$', self.manual)
        in_manual = {name for item in items for name in re.findall(r'Fl -([a-z][a-z-]*)', item)}
        self.assertEqual(in_help, in_manual)
        self.assertIn('kallsyms', in_help)
        self.assertLessEqual(max(map(len, shown.splitlines())), 80)

    def test_the_manual_has_all_formats_groups_and_keys(self):
        words = set(re.findall(r'[A-Za-z_][A-Za-z0-9_-]*', self.manual))
        plan = plan_of(text('--format=script', '--dsb', KERNEL))
        groups = {line.split()[1] for line in plan if line.startswith('#about ')}
        formats = re.search(rb'none of (.*)', run('--format=x', KERNEL).stderr)[1].decode()
        self.assertEqual({*groups, *formats.split(', '), *KEYS} - words, set())
        self.assertEqual(len(groups), 7)


def main():
    global BINARY, MANPAGE
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    BINARY, MANPAGE = sys.argv.pop(1), Path(sys.argv.pop(1))
    unittest.main()


if __name__ == '__main__':
    main()
