#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of the test drivers: each must fail when there is something to fail for.

usage: drivers.py
"""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

import golden
import manual
import schema
import stages
import tidy

SPDX_C = '/* SPDX-License-Identifier: GPL-2.0-or-later */\n'
SPDX_MESON = '# SPDX-License-Identifier: GPL-2.0-or-later\n'

# Stands for the program: prints its arguments and input, and ends as its first argument says.
FAKE_PROGRAM = '''#!/bin/sh
case $1 in
signal) kill -SEGV $$ ;;
esac
printf 'arguments: %s\\n' "$*"
cat
echo 'complaint' >&2
exit 1
'''


class Driver(unittest.TestCase):
    """A temporary tree, and a way to run a driver's main() on it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_driver(self, driver, *arguments):
        """Returns (status, output)."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = driver.main([str(argument) for argument in arguments])
        return status, output.getvalue()


class Golden(Driver):
    def setUp(self):
        super().setUp()
        self.program = self.write('program', FAKE_PROGRAM)
        self.program.chmod(0o755)
        self.traces = self.root / 'traces'
        self.write('traces/board/trace.txt', 'one\ntwo\n')
        self.write_case('plain', 'mmureplay "a b" < trace.txt')

    def write_case(self, name, command, status='1', stdout=None, stderr='complaint\n'):
        case = f'traces/board/{name}.expect'
        self.write(f'{case}/cmd', command + '\n')
        self.write(f'{case}/status', status + '\n')
        self.write(f'{case}/stdout', 'arguments: a b\none\ntwo\n' if stdout is None else stdout)
        self.write(f'{case}/stderr', stderr)

    def check(self, *options):
        return self.run_driver(golden, self.program, self.traces, *options)

    def assert_fails(self, *words):
        status, output = self.check()
        self.assertEqual(status, 1)
        for word in words:
            self.assertIn(word, output)

    def test_same_output_passes(self):
        self.assertEqual(self.check(), (0, 'ok board/plain.expect\n1 of 1 cases as expected\n'))

    def test_other_status_fails(self):
        self.write_case('plain', 'mmureplay "a b" < trace.txt', status='0')
        self.assert_fails('exit status 1, expected 0')

    def test_other_stdout_fails_with_a_diff(self):
        self.write_case('plain', 'mmureplay "a b" < trace.txt', stdout='arguments: a b\none\n')
        self.assert_fails('--- expected stdout', '+++ actual stdout', '+two')

    def test_other_stderr_fails(self):
        self.write_case('plain', 'mmureplay "a b" < trace.txt', stderr='')
        self.assert_fails('--- expected stderr', '+complaint')

    def test_missing_last_newline_shows(self):
        self.write_case('plain', 'mmureplay "a b" < trace.txt', stderr='complaint')
        self.assert_fails('No newline at end of file')

    def test_line_ends_that_do_not_show_fail(self):
        self.write('traces/board/plain.expect/stderr', '')
        (self.traces / 'board/plain.expect/stderr').write_bytes(b'complaint\r\n')
        self.assert_fails('expected stderr')

    def test_signal_fails_even_when_expected(self):
        self.write_case('plain', 'mmureplay signal', status='-11', stdout='', stderr='')
        self.assert_fails('died by signal 11')

    def test_signal_is_not_written_by_update(self):
        self.write_case('plain', 'mmureplay signal', status='7')
        status, output = self.check('--update')
        self.assertEqual(status, 1)
        self.assertIn('died by signal 11', output)
        self.assertEqual((self.traces / 'board/plain.expect/status').read_text(), '7\n')

    def test_update_writes_what_passes(self):
        self.write_case('plain', 'mmureplay changed', status='9', stdout='old', stderr='old')
        self.assertEqual(self.check('--update')[0], 0)
        self.assertEqual(self.check()[0], 0)
        self.assertEqual((self.traces / 'board/plain.expect/stdout').read_text(),
                         'arguments: changed\n')

    def test_one_failure_does_not_hide_the_other_cases(self):
        self.write_case('bad', 'mmureplay', status='0')
        self.assert_fails('FAIL board/bad.expect', 'ok board/plain.expect', '1 of 2 cases')

    def test_bad_command_fails(self):
        for command in ('', 'other trace.txt', 'mmureplay <', 'mmureplay < a < b', 'mmureplay "'):
            with self.subTest(command=command):
                self.write_case('plain', command)
                self.assert_fails('cmd')

    def test_missing_files_fail(self):
        self.write_case('plain', 'mmureplay < nothing.txt')
        self.assert_fails('nothing.txt')
        (self.traces / 'board/plain.expect/cmd').unlink()
        self.assert_fails('cmd')

    def test_no_case_fails(self):
        status, output = self.run_driver(golden, self.program, self.write('empty/file', '').parent)
        self.assertEqual(status, 1)
        self.assertIn('no case', output)

    def test_case_that_no_test_runs_fails(self):
        listed = self.run_driver(golden, '--unlisted', self.traces, self.traces / 'board')
        self.assertEqual(listed, (0, ''))
        status, output = self.run_driver(golden, '--unlisted', self.traces)
        self.assertEqual(status, 1)
        self.assertIn('plain.expect', output)


class Stages(Driver):
    def check(self, name, include):
        self.write(name, f'{SPDX_C}#include {include}\n')
        return self.run_driver(stages, self.root)

    def test_allowed(self):
        for name, include in (
                ('src/mmu/tlbi.c', '<stdint.h>'),
                ('src/mmu/tlbi.c', '<sys/stat.h>'),
                ('src/mmu/tlbi.c', '<json-c/json.h>'),
                ('src/mmu/tlbi.c', '<mmureplay/mmu.h>'),
                ('src/mmu/tlbi.c', '"mmu/tlbi.h"'),
                ('src/mmu/tlbi.c', '"tlbi.h"'),
                ('src/mmu/tlbi.c', '"base/array.h"'),
                ('src/mmu/tlbi.c', '<mmureplay/error.h>'),
                ('src/mmu/tlbi.c', '<mmureplay/capture.h>'),
                ('src/mmu/tlbi.c', '<mmureplay/event-kinds.h>'),
                ('include/mmureplay/event.h', '<mmureplay/capture.h>'),
                ('src/main.c', '"cli/options.h"'),
                ('src/cli/options.c', '<mmureplay/report.h>'),
                ('src/test/test-mmu-tlbi.c', '"report/json.h"')):
            with self.subTest(name=name, include=include):
                status, output = self.check(name, include)
                self.assertEqual(status, 0, output)

    def test_forbidden(self):
        for name, include, reason in (
                ('src/mmu/tlbi.c', '<mmureplay/audit.h>', 'mmu comes before audit'),
                ('src/mmu/tlbi.c', '"audit/rule.h"', 'mmu comes before audit'),
                ('src/mmu/tlbi.c', '"event/probe.h"', 'private to event'),
                ('src/mmu/tlbi.c', '<event/probe.h>', 'private to event'),
                ('src/mmu/tlbi.c', '"../event/probe.h"', '".."'),
                ('src/mmu/tlbi.c', '<mmureplay/unheard.h>', 'named for no stage'),
                ('src/base/error.c', '<mmureplay/capture.h>', 'base comes before capture'),
                ('src/main.c', '"report/json.h"', 'private to report'),
                ('include/mmureplay/event.h', '<mmureplay/mmu.h>', 'event comes before mmu'),
                ('include/mmureplay/event.h', '"capture/text.h"', 'private to capture')):
            with self.subTest(name=name, include=include):
                status, output = self.check(name, include)
                self.assertEqual(status, 1)
                self.assertIn(f'{name}:2:', output)
                self.assertIn(reason, output)
                (self.root / name).unlink()

    def test_spelling_does_not_matter(self):
        for include in ('<mmureplay/audit.h>', ' <mmureplay/audit.h> /* why */', '"mmureplay/audit.h"'):
            with self.subTest(include=include):
                self.write('src/mmu/tlbi.c', f'\t#  include{include}\n')
                self.assertEqual(self.run_driver(stages, self.root)[0], 1)

    def test_folder_and_header_of_no_stage_fail(self):
        for name in ('src/helpers/all.c', 'include/mmureplay/helpers.h'):
            with self.subTest(name=name):
                status, output = self.check(name, '<stdint.h>')
                self.assertEqual(status, 1)
                self.assertIn('no stage', output)
                (self.root / name).unlink()

    def test_empty_tree_fails(self):
        self.assertEqual(self.run_driver(stages, self.root)[0], 1)


class Schema(Driver):
    RULES = {
        '$defs': {'hex': {'type': 'string', 'pattern': '^0x[0-9a-f]+$'}},
        'type': 'object',
        'required': ['va'],
        'additionalProperties': False,
        'properties': {
            'va': {'$ref': '#/$defs/hex', 'description': 'an address'},
            'count': {'type': ['integer', 'null'], 'minimum': 0, 'maximum': 9},
            'kind': {'enum': ['table', 'block', None]},
            'list': {'type': 'array', 'items': {'const': 1}},
            'either': {'anyOf': [{'type': 'boolean'}, {'$ref': '#/$defs/hex'}]},
            'by_name': {'type': 'object', 'additionalProperties': {'type': 'integer'}},
        },
    }

    def check(self, text, rules=None, status=0):
        program = self.write('program', f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {status}\n")
        program.chmod(0o755)
        rules = self.write('rules.json', json.dumps(rules or self.RULES))
        return self.run_driver(schema, rules, program)

    def test_valid(self):
        for text in ('{"va": "0x1"}',
                     '{"va": "0x1", "count": null, "kind": null, "list": [1, 1], "either": true}',
                     '{"va": "0x1", "count": 9, "either": "0x2", "by_name": {"a": 1, "b": 2}}'):
            with self.subTest(text=text):
                self.assertEqual(self.check(text), (0, '0 faults\n'))

    def test_invalid(self):
        for text, reason in (
                ('{}', '$: no va'),
                ('[]', 'not of type object'),
                ('{"va": 1}', '$.va: 1 is not of type string'),
                ('{"va": "1"}', 'does not match'),
                ('{"va": "0x1", "more": 1}', 'more is not in the schema'),
                ('{"va": "0x1", "count": -1}', 'is less than 0'),
                ('{"va": "0x1", "count": 10}', 'is more than 9'),
                ('{"va": "0x1", "count": true}', 'not of type integer or null'),
                ('{"va": "0x1", "count": 1.5}', 'not of type integer or null'),
                ('{"va": "0x1", "kind": "page"}', 'is none of'),
                ('{"va": "0x1", "list": [1, true]}', '$.list[1]: True is not 1'),
                ('{"va": "0x1", "either": 1}', 'as none of the choices'),
                ('{"va": "0x1", "by_name": {"a": "b"}}', '$.by_name.a'),
                ('{"va": "0x1", "va": "0x2"}', 'a key comes twice'),
                ('{"va": "0x1", "count": NaN}', 'is not JSON'),
                ('{"va": "0x1"', 'delimiter')):
            with self.subTest(text=text):
                status, output = self.check(text)
                self.assertEqual(status, 1)
                self.assertIn(reason, output)

    def test_unknown_rules_fail(self):
        for rules in ({'minLength': 1}, {'type': 'number'}, {'$ref': '#/$defs/none'}):
            with self.subTest(rules=rules):
                self.assertEqual(self.check('"a"', rules)[0], 1)

    def test_failing_program_fails(self):
        self.assertEqual(self.check('{"va": "0x1"}', status=1)[0], 0)
        self.assertEqual(self.check('{"va": "0x1"}', status=2)[0], 1)


class Manual(Driver):
    def check(self, text):
        rules = {'properties': {'va': {}, 'time_ticks': {}},
                 '$defs': {'cause': {'enum': [None, 'no-break']}}}
        return self.run_driver(manual, self.write('rules.json', json.dumps(rules)),
                               self.write('page.1', text))

    def test_complete_page_passes(self):
        self.assertEqual(self.check('.Va va\n.It Cm no-break\n')[0], 0)

    def test_missing_names_fail(self):
        for text, name in (('.Va va\n.It Cm no-breakfast\n', 'no-break'),
                           ('.Cm no-break\nvast\n', 'va')):
            with self.subTest(text=text):
                status, output = self.check(text)
                self.assertEqual(status, 1)
                self.assertIn(f'nothing about {name}\n', output)


class Tidy(Driver):
    def setUp(self):
        super().setUp()
        self.write('meson.build', SPDX_MESON)
        self.write('traces/meson.build', SPDX_MESON)

    def check(self, name, text):
        self.write(name, text)
        return self.run_driver(tidy, self.root)

    def test_tidy_file_passes(self):
        self.assertEqual(self.check('src/base/a.c', SPDX_C)[0], 0)

    def test_licence_is_missing(self):
        for name in ('src/base/a.c', 'include/mmureplay/a.h', 'src/a.sh', 'src/a.py',
                     'man/meson.build', 'traces/meson.build'):
            with self.subTest(name=name):
                status, output = self.check(name, 'nothing\n')
                self.assertEqual(status, 1)
                self.assertIn(f'{name}:1: no ', output)
                (self.root / name).write_text(SPDX_MESON)

    def test_work_is_left(self):
        for word in ('TO' + 'DO', 'FIX' + 'ME'):
            with self.subTest(word=word):
                status, output = self.check('src/base/a.c', f'{SPDX_C}/* {word}: later */\n')
                self.assertEqual(status, 1)
                self.assertIn(f'a.c:2: {word} left', output)


if __name__ == '__main__':
    unittest.main(argv=sys.argv)
