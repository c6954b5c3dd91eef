#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line's contract: exit statuses, what goes to which stream, and the documentation.

usage: cli.py BINARY MANPAGE [unittest option...]
"""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
from pathlib import Path

BINARY = ''
MANPAGE = Path()

TRACES = Path(__file__).resolve().parents[2] / 'traces'
WITH_FINDINGS = TRACES / 'linux-4.14/trace.txt'
WITHOUT_FINDINGS = TRACES / 'debian-6.1-promotion/trace.txt'
WITH_GAPS = TRACES / 'debian-6.1/ftrace-overwritten.txt'

COMMANDS = ((), ('events',), ('state',), ('history',))

CLEAN, FINDINGS, FAILURE, NO_VERDICT = range(4)
NOTHING_THAT_MATTERS = (b'            bash-1671  [001] d..1   204.946391: '
                        b'sched_wakeup: comm=a pid=1 prio=1\n')

ESCAPE = b'\x1b['
PROGRESS = b'records read'
WIDTH = 80
TIMEOUT_SECONDS = 120

# What a message about an input that is none must name, so that the reader knows what to bring.
KINDS = (b'ftrace', b'trace-cmd report', b'perf script')


def environment(**changes):
    """A terminal that can show colours, nothing else of the caller's taste."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ('COLUMNS', 'NO_COLOR', 'LANGUAGE')}
    return {**kept, 'LC_ALL': 'C', 'TERM': 'xterm-256color', **changes}


def run(*arguments, stdin=b'', **changes):
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True,
                          env=environment(**changes), timeout=TIMEOUT_SECONDS)


def run_on_terminal(*arguments, stdin=subprocess.DEVNULL, **changes):
    """Returns what a terminal on standard output and standard error would show."""
    own_end, program_end = pty.openpty()
    with subprocess.Popen([BINARY, *map(str, arguments)], stdin=stdin, stdout=program_end,
                          stderr=program_end, env=environment(**changes)) as process:
        os.close(program_end)
        shown = bytearray()
        try:
            while chunk := os.read(own_end, 65536):
                shown += chunk
        except OSError:
            pass  # how Linux says that the last writer has closed the terminal
        finally:
            os.close(own_end)
        process.wait(TIMEOUT_SECONDS)
    return bytes(shown)


class Contract(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def assert_fails(self, done, *words):
        """Status 2, nothing on standard output, and a message that says who speaks and why."""
        self.assertEqual(done.returncode, FAILURE, done.stderr)
        self.assertEqual(done.stdout, b'')
        self.assertTrue(done.stderr.startswith(b'mmureplay: '), done.stderr)
        self.assertTrue(done.stderr.endswith(b'\n'), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def report(self, *arguments, **options):
        """Returns (status, the JSON report)."""
        done = run('--json', *arguments, **options)
        return done.returncode, json.loads(done.stdout)


class Help(Contract):
    def test_help_fits_the_terminal(self):
        for command in COMMANDS:
            done = run(*command, '--help')
            self.assertEqual((done.returncode, done.stderr), (CLEAN, b''))
            self.assertIn(' '.join(('Usage: mmureplay', *command)).encode(), done.stdout)
            for line in done.stdout.decode().splitlines():
                self.assertLessEqual(len(line), WIDTH, line)

    def test_each_command_has_its_help(self):
        done = run('events', '--help')
        self.assertEqual((done.returncode, done.stderr), (CLEAN, b''))
        self.assertIn(b'Usage: mmureplay events', done.stdout)
        self.assertNotIn(b'--fail-on', done.stdout)

    def test_usage(self):
        done = run('--usage')
        self.assertEqual((done.returncode, done.stderr), (CLEAN, b''))
        self.assertTrue(done.stdout.startswith(b'Usage: mmureplay '))

    def test_help_tells_the_exit_statuses(self):
        text = run('--help').stdout.decode()
        for status in (CLEAN, FINDINGS, FAILURE, NO_VERDICT):
            self.assertRegex(text, rf'(?m)^ *{status}\b')

    def test_version(self):
        for option in ('--version', '-V'):
            with self.subTest(option=option):
                done = run(option)
                self.assertEqual((done.returncode, done.stderr), (CLEAN, b''))
                self.assertRegex(done.stdout, rb'^mmureplay \d+\.\d+\.\d+\n')


class Documentation(Contract):
    """The manual page and --help name the same long options."""

    @staticmethod
    def options_in_help():
        """Those that start an entry: "  -o, --output=FILE   ..."; prose may name an option too."""
        text = b''.join(run(*command, '--help').stdout for command in COMMANDS)
        entries = re.findall(r'(?m)^ {2,6}(-.*?)(?:  |$)', text.decode())
        return {name for entry in entries for name in re.findall(r'--([a-z][a-z0-9-]*)', entry)}

    @staticmethod
    def options_in_manual():
        """Those of list items, in mdoc: ".It Fl o Ar file , Fl -output Ns = Ns Ar file"."""
        items = re.findall(r'(?m)^\.It (Fl .*)$', MANPAGE.read_text().replace('\\-', '-'))
        # mdoc's Fl prints one dash, so that a long option is "Fl -name" or "Fl Fl name".
        return {name for item in items
                for name in re.findall(r'Fl (?:Fl |-)([a-z][a-z0-9-]*)', item)}

    def test_something_is_documented(self):
        self.assertIn('json', self.options_in_help())
        self.assertIn('json', self.options_in_manual())

    def test_every_option_is_in_the_manual(self):
        self.assertEqual(self.options_in_help() - self.options_in_manual(), set())

    def test_the_manual_has_no_option_of_its_own(self):
        self.assertEqual(self.options_in_manual() - self.options_in_help(), set())


class Usage(Contract):
    def test_unknown_option(self):
        for option in ('--no-such-option', '-@'):
            with self.subTest(option=option):
                self.assert_fails(run(option, WITH_FINDINGS))

    def test_no_capture(self):
        self.assert_fails(run(), b' - ')
        self.assert_fails(run('events'), b' - ')

    def test_messages_name_the_help_of_the_command(self):
        self.assert_fails(run(), b'mmureplay --help')
        self.assert_fails(run('events'), b'mmureplay events --help')

    def test_the_same_capture_twice(self):
        again = WITH_FINDINGS.parent / '..' / WITH_FINDINGS.parent.name / WITH_FINDINGS.name
        self.assert_fails(run(WITH_FINDINGS, again), b'are the same file')
        self.assert_fails(run('-', '-', stdin=WITH_FINDINGS.read_bytes()), b"'-' is named twice")

    def test_an_instance_that_is_not_there(self):
        for name in ('trace.dat', 'trace-cmd-report.txt'):
            for command in ([], ['events']):
                with self.subTest(name=name, command=command):
                    capture = next(TRACES.rglob(name))
                    self.assert_fails(run(*command, '--instance=x', capture),
                                      b"no instance 'x'", b"'' for the top one")
        self.assert_fails(run('--instance=x', WITH_FINDINGS), b'ftrace text does not say')

    def test_bad_values(self):
        for option, name in (('--fail-on=no-such-rule', b'no-such-rule'),
                             ('--color=sometimes', b'sometimes'),
                             ('--format=no-such-format', b'no-such-format'),
                             ('--cpu=1;2', b'1;2'),
                             ('--since=noon', b'noon'),
                             ('--granule=8K', b'8K'),
                             ('--va-bits=40', b'40')):
            with self.subTest(option=option):
                self.assert_fails(run(option, WITH_FINDINGS), name)


class Input(Contract):
    def test_missing_file(self):
        path = self.folder / 'missing.txt'
        self.assert_fails(run(path), bytes(path), b'No such file')

    def test_folder(self):
        self.assert_fails(run(self.folder), bytes(self.folder))

    def test_second_capture_missing(self):
        path = self.folder / 'missing.txt'
        done = run(WITH_FINDINGS, path)
        self.assertEqual(done.returncode, FAILURE)
        self.assertIn(bytes(path), done.stderr)

    def test_no_usable_line(self):
        for name, content in (('empty', b''),
                              ('newlines', b'\n' * 100),
                              ('prose', b'This is not a capture.\n' * 50),
                              ('noise', bytes(range(256)) * 64),
                              ('zeros', bytes(65536)),
                              ('one long line', b'a' * (1 << 20))):
            with self.subTest(name=name):
                self.assert_fails(run(self.write('input', content)), b'input', *KINDS)
                self.assert_fails(run('-', stdin=content), *KINDS)

    def test_header_alone_is_no_success(self):
        header = b'# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:2\n#\n'
        self.assertIn(run(self.write('trace.txt', header)).returncode, (FAILURE, NO_VERDICT))

    def test_input_option(self):
        self.assertEqual(run('-i', WITH_FINDINGS).stdout, run(WITH_FINDINGS).stdout)

    def test_closed_standard_input(self):
        done = subprocess.run([BINARY, '-'], capture_output=True, env=environment(),
                              preexec_fn=lambda: os.close(0), timeout=TIMEOUT_SECONDS)
        self.assert_fails(done, b'Bad file descriptor')

    def test_standard_input(self):
        status, from_file = self.report(WITH_FINDINGS)
        status_of_input, from_input = self.report('-', stdin=WITH_FINDINGS.read_bytes())
        self.assertEqual(status_of_input, status)
        self.assertEqual(from_input['summary'], from_file['summary'])
        self.assertEqual([finding['id'] for finding in from_input['findings']],
                         [finding['id'] for finding in from_file['findings']])


class KprobeProfile(Contract):
    """What no capture tells: the hits that the kernel missed."""

    def certainties(self, profile):
        status, report = self.report(f'--kprobe-profile={profile}', WITH_FINDINGS)
        self.assertEqual(status, FINDINGS)
        return ([finding['certainty'] for finding in report['findings']],
                {gap['code']: gap['count'] for gap in report['coverage']['gaps']},
                {probe['name']: probe.get('missed') for probe in report['coverage']['probes']})

    def test_nothing_was_missed(self):
        certainties, gaps, probes = self.certainties(WITH_FINDINGS.parent / 'kprobe_profile.txt')
        self.assertEqual(certainties, ['certain', 'certain'])
        self.assertNotIn('hits-missed', gaps)
        self.assertEqual(set(probes.values()), {None})

    def test_what_was_missed_makes_doubt(self):
        profile = self.write('profile', b'  vaae1is_1  7  2\n  pud_free_pmd_page_ret  0  1\n'
                                        b'  my_own_probe  5  9\n')
        certainties, gaps, _ = self.certainties(profile)
        self.assertEqual(certainties, ['possible', 'possible'])
        self.assertEqual(gaps['hits-missed'], 3)

    def test_what_does_not_matter_makes_none(self):
        certainties, gaps, _ = self.certainties(self.write('profile', b'my_own_probe 5 9\n'))
        self.assertEqual(certainties, ['certain', 'certain'])
        self.assertNotIn('hits-missed', gaps)

    def test_a_file_that_is_none(self):
        self.assert_fails(run(f'--kprobe-profile={WITH_FINDINGS}', WITH_FINDINGS), b':1: ',
                          b'no line of kprobe_profile')
        self.assert_fails(run('--kprobe-profile=/nonexistent', WITH_FINDINGS), b'/nonexistent')


class SeveralCaptures(Contract):
    """Parts of one recording, and recordings that were made side by side."""

    PIECES = 80  # lines in the first of two pieces: inside the sequence that goes wrong

    def pieces(self):
        lines = WITH_FINDINGS.read_bytes().splitlines(keepends=True)
        return (self.write('first.txt', b''.join(lines[:self.PIECES])),
                self.write('second.txt', b''.join(lines[self.PIECES:])))

    def side_by_side(self):
        """As if two instances had recorded at the same time: all but the TLBIs, and these."""
        lines = WITH_FINDINGS.read_bytes().splitlines(keepends=True)
        return [self.write(name, b''.join(line for line in lines if (b': vaae1is' in line) == tlbi))
                for name, tlbi in (('calls.txt', False), ('tlbi.txt', True))]

    @staticmethod
    def verdicts(report):
        return [(finding['rule'], finding['va']['start'], finding['certainty'])
                for finding in report['findings']]

    def test_side_by_side_they_are_as_one(self):
        whole = self.report(WITH_FINDINGS)[1]
        status, report = self.report(*self.side_by_side())
        self.assertEqual(status, FINDINGS)
        self.assertEqual(self.verdicts(report), self.verdicts(whole))
        self.assertEqual(len(report['findings']), 2)
        self.assertEqual(report['coverage']['tlbi'], whole['coverage']['tlbi'])
        self.assertEqual(report['coverage']['losses'], [])

    def test_each_place_names_its_file(self):
        calls, tlbi = self.side_by_side()
        report = self.report(calls, tlbi)[1]
        self.assertEqual(report['captures'][0]['files'], [str(calls), str(tlbi)])
        finding = report['findings'][0]
        self.assertEqual(finding['file'], str(calls))
        self.assertIn(': pmd_set_huge:', calls.read_text().splitlines()[finding['line'] - 1])
        whole, events = ([json.loads(line) for line in run('events', '--json', *captures)
                          .stdout.splitlines()] for captures in ((WITH_FINDINGS,), (calls, tlbi)))
        kinds = {path: {event['event'] for event in events if event['file'] == str(path)}
                 for path in (calls, tlbi)}
        self.assertEqual(kinds[tlbi], {'tlbi'})
        self.assertNotIn('tlbi', kinds[calls])
        for event in (*whole, *events):
            del event['file'], event['line']
        self.assertEqual(events, whole)

    def test_the_coverage_tells_of_each(self):
        first, second = self.pieces()
        report = self.report(second, first)[1]
        self.assertEqual(report['captures'][0]['parts'], [
            {'file': str(second), 'kind': 'ftrace text', 'records': 541,
             'first_ns': 1110975000, 'last_ns': 1120126000},
            {'file': str(first), 'kind': 'ftrace text', 'records': 71,
             'first_ns': 1100794000, 'last_ns': 1110967000}])
        self.assertEqual(report['captures'][0]['records'], 612)
        self.assertIn(f'  file       {first}'.encode(), run(second, first).stdout)
        self.assertNotIn('parts', self.report(first)[1]['captures'][0])

    def test_nothing_is_certain_across_a_gap(self):
        first, second = self.pieces()
        for arguments in ((first, second), (second, first)):
            status, report = self.report(*arguments)
            self.assertEqual(status, FINDINGS)
            self.assertEqual([finding['certainty'] for finding in report['findings']],
                             ['possible', 'possible'])
            self.assertEqual([loss['cpu'] for loss in report['coverage']['losses']], [0, 1])
            self.assertIn('boot-unknown',
                          [gap['code'] for gap in report['coverage']['gaps']])

    def test_standard_input_is_one_of_them(self):
        first, second = self.pieces()
        for arguments, stdin in ((('-', second), first), ((first, '-'), second)):
            done = run(*arguments, stdin=stdin.read_bytes())
            named = run(first, second)
            self.assertEqual(done.returncode, named.returncode)
            self.assertEqual(done.stdout.replace(b'<stdin>', bytes(stdin))
                             .replace(b': -\n', b': ' + bytes(stdin)).splitlines()[:5],
                             named.stdout.splitlines()[:5])

    def test_a_copy_tells_nothing_new(self):
        for name in ('linux-4.14/trace.dat', 'debian-6.1-promotion/trace.dat',
                     'debian-6.1/perf.data'):
            with self.subTest(name=name):
                capture = TRACES / name
                copy = self.write('copy', capture.read_bytes())
                status, report = self.report(capture, copy)
                alone_status, alone = self.report(capture)
                self.assertEqual(status, alone_status)
                self.assertEqual(self.verdicts(report), self.verdicts(alone))
                self.assertEqual(report['coverage']['events'], alone['coverage']['events'])
                self.assertIn('told-twice', [gap['code'] for gap in report['coverage']['gaps']])

    def test_different_sorts_of_events_one_after_another(self):
        """The later one has no TLBI: that none was seen there says nothing."""
        status, report = self.report(TRACES / 'debian-6.1/perf.data',
                                     TRACES / 'debian-6.1/perf-zstd-callgraph.data')
        self.assertEqual((status, report['summary']['by_severity']['error']), (CLEAN, 0))
        self.assertIn('uneven', [gap['code'] for gap in report['coverage']['gaps']])

    def test_what_does_not_belong_together_is_refused(self):
        old, new = TRACES / 'linux-4.14', TRACES / 'debian-6.1'
        for first, second, reason in (
                (old / 'trace.dat', new / 'trace-v6.dat', b'two kernels, 4.14.5'),
                (new / 'trace-v6.dat', new / 'trace-v7-zstd-mono.dat', b'clocks are local and mono'),
                (new / 'trace-v6.dat', TRACES / 'debian-6.1-promotion/trace.dat', b'two boots'),
                (new / 'trace-v6.dat', new / 'ftrace-local.txt', b'are coarser')):
            for command in ([], ['events']):
                with self.subTest(first=first, second=second, command=command):
                    self.assert_fails(run(*command, first, second), bytes(first), bytes(second),
                                      reason)

    def test_one_that_breaks_off_does_not_stop_the_others(self):
        whole = TRACES / 'debian-6.1/perf.data'
        broken = bytearray((TRACES / 'debian-6.1/perf-zstd-callgraph.data').read_bytes())
        broken[len(broken) // 2:len(broken) // 2 + 8] = bytes(8)
        path = self.write('broken.data', bytes(broken))
        alone = run('--json', path)
        if alone.returncode != FAILURE:
            self.skipTest('the damage does not end the reading')
        done = run('--json', path, whole)
        self.assertEqual(done.returncode, FAILURE)
        self.assertIn(bytes(path), done.stderr)
        report = json.loads(done.stdout)
        self.assertGreater(report['coverage']['tlbi'], 1000)
        self.assertTrue(report['captures'][0]['truncated'])


class Output(Contract):
    def test_statuses(self):
        self.assertEqual(run(WITH_FINDINGS).returncode, FINDINGS)
        self.assertEqual(run(WITHOUT_FINDINGS).returncode, CLEAN)

    def test_capture_without_an_event_that_matters(self):
        done = run(self.write('trace.txt', NOTHING_THAT_MATTERS))
        self.assertEqual(done.returncode, NO_VERDICT, done.stderr)

    def test_report_goes_to_standard_output_alone(self):
        for capture in (WITH_FINDINGS, WITHOUT_FINDINGS):
            done = run(capture)
            self.assertNotEqual(done.stdout, b'')
            self.assertEqual(done.stderr, b'')

    def test_a_clean_report_says_what_was_seen(self):
        text = run(WITHOUT_FINDINGS).stdout.lower()
        for word in (b'mapping', b'promotion', b'tlbi'):
            self.assertIn(word, text)

    def test_fail_on(self):
        for wanted, status in (('unsafe-promotion', FINDINGS),
                               ('early-free', CLEAN),
                               ('early-free,orphaned-table', FINDINGS),
                               ('error', FINDINGS),
                               ('note', FINDINGS),
                               ('none', CLEAN)):
            with self.subTest(wanted=wanted):
                self.assertEqual(run(f'--fail-on={wanted}', WITH_FINDINGS).returncode, status)

    def test_fail_on_changes_the_status_alone(self):
        self.assertEqual(run('--fail-on=early-free', WITH_FINDINGS).stdout,
                         run(WITH_FINDINGS).stdout)

    def test_strict(self):
        self.assertEqual(run(WITH_GAPS).returncode, CLEAN)
        self.assertEqual(run('--strict', WITH_GAPS).returncode, NO_VERDICT)
        self.assertEqual(run('--strict', WITH_FINDINGS).returncode, FINDINGS)

    def test_selection_narrows_what_is_reported(self):
        for options, status in ((('--since=1.111994', '--until=1.111994'), FINDINGS),
                                (('--since=1.111995',), CLEAN),
                                (('--until=1.111993',), CLEAN),
                                (('--cpu=0',), FINDINGS),
                                (('--cpu=1-3',), CLEAN)):
            with self.subTest(options=options):
                self.assertEqual(run(*options, WITH_FINDINGS).returncode, status)

    def test_json(self):
        status, report = self.report(WITH_FINDINGS)
        self.assertEqual(status, FINDINGS)
        self.assertEqual(report['schema'], 'mmureplay-report')
        self.assertEqual(report['version'], 1)
        self.assertEqual(report['summary']['findings'], len(report['findings']))

    def test_json_is_deterministic(self):
        self.assertEqual(run('--json', WITH_FINDINGS).stdout, run('--json', WITH_FINDINGS).stdout)

    def test_json_to_a_file_leaves_the_text_where_it_was(self):
        path = self.folder / 'report.json'
        done = run(f'--json={path}', WITH_FINDINGS)
        self.assertEqual(done.stdout, run(WITH_FINDINGS).stdout)
        self.assertEqual(path.read_bytes(), run('--json', WITH_FINDINGS).stdout)

    def test_output_file(self):
        path = self.folder / 'report.txt'
        done = run('-o', path, WITH_FINDINGS)
        self.assertEqual((done.returncode, done.stdout), (FINDINGS, b''))
        self.assertEqual(path.read_bytes(), run(WITH_FINDINGS).stdout)

    def test_the_capture_is_not_written_over(self):
        content = WITH_FINDINGS.read_bytes()
        path = self.write('trace.txt', content)
        for options in (('-o', path), (f'--json={path}',)):
            with self.subTest(options=options):
                self.assert_fails(run(*options, path), b'trace.txt')
                self.assertEqual(path.read_bytes(), content)
        with open(path, 'ab') as appended:
            done = subprocess.run([BINARY, str(path)], stdout=appended, stderr=subprocess.PIPE,
                                  env=environment(), timeout=TIMEOUT_SECONDS)
        self.assertEqual(done.returncode, FAILURE)
        self.assertEqual(path.read_bytes(), content)

    def test_a_reader_that_leaves_early(self):
        """No message, also where the parent ignores SIGPIPE, as Python does."""
        for arguments in ((), ('events',)):
            with self.subTest(arguments=arguments):
                read_end, write_end = os.pipe()
                os.close(read_end)
                with open(write_end, 'wb') as output:
                    done = subprocess.run([BINARY, *arguments, str(WITH_FINDINGS)], stdout=output,
                                          stderr=subprocess.PIPE, env=environment(),
                                          restore_signals=False, timeout=TIMEOUT_SECONDS)
                self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, b''))

    def test_output_that_cannot_be_written(self):
        self.assert_fails(run('-o', self.folder / 'missing/report.txt', WITH_FINDINGS),
                          b'report.txt')
        for options in ((), ('--json',)):
            with self.subTest(options=options), open('/dev/full', 'wb') as full:
                done = subprocess.run([BINARY, *options, str(WITH_FINDINGS)], stdout=full,
                                      stderr=subprocess.PIPE, env=environment(),
                                      timeout=TIMEOUT_SECONDS)
                self.assertEqual(done.returncode, FAILURE)
                self.assertIn(b'No space left', done.stderr)


class Events(Contract):
    LINE = re.compile(r'(\d+\.\d{6}) \[(\d{3})\] (\S+)-(\d+) ([a-z-]+)((?: [a-z_]+=\S+)*)')

    def lines(self, *arguments):
        done = run('events', *arguments, WITH_FINDINGS)
        self.assertEqual((done.returncode, done.stderr), (CLEAN, b''))
        return done.stdout.decode().splitlines()

    def test_every_line_has_the_same_shape(self):
        lines = self.lines()
        self.assertNotEqual(lines, [])
        for line in lines:
            self.assertRegex(line, self.LINE)

    def test_counts(self):
        """As many as grep finds in the capture."""
        kinds = [self.LINE.fullmatch(line)[5] for line in self.lines()]
        capture = WITH_FINDINGS.read_text()
        for kind, record in (('tlbi', ' vaae1is_'),
                             ('page-free', ' mm_page_free: '),
                             ('block', ' pmd_set_huge: '),
                             ('unmap', r'\(__iounmap\+0x0')):
            with self.subTest(kind=kind):
                self.assertEqual(kinds.count(kind), len(re.findall(record, capture)))

    def test_json_has_the_same_events(self):
        objects = [json.loads(line) for line in self.lines('--json')]
        self.assertEqual([event['event'] for event in objects],
                         [self.LINE.fullmatch(line)[5] for line in self.lines()])
        for event in objects:
            self.assertLessEqual({'time_ns', 'cpu', 'pid', 'comm', 'file', 'line'}, set(event))

    def test_kinds_and_keys_are_in_the_manual(self):
        manual = MANPAGE.read_text()
        words = set(re.findall(r'[a-z][a-z_-]*', manual[manual.index('.Sh EVENT LIST'):]))
        for line in self.lines():
            kind, members = self.LINE.fullmatch(line).group(5, 6)
            self.assertLessEqual({kind, *re.findall(r' ([a-z_]+)=', members)}, words)

    def test_selection(self):
        every = self.lines()
        times = [float(line.split()[0]) for line in every]
        self.assertEqual(self.lines('--cpu=1'), [line for line in every if ' [001] ' in line])
        self.assertEqual(self.lines('--since=1.11', '--until=1.112003'),
                         [line for line, time in zip(every, times) if 1.11 <= time <= 1.112003])

    def test_output_file(self):
        path = self.folder / 'events.txt'
        self.assertEqual(self.lines('-o', path), [])
        self.assertEqual(path.read_text().splitlines(), self.lines())

    def test_none(self):
        done = run('events', self.write('trace.txt', NOTHING_THAT_MATTERS))
        self.assertEqual((done.returncode, done.stdout), (NO_VERDICT, b''))
        self.assertIn(b'trace.txt', done.stderr)

    def test_a_file_of_that_name(self):
        path = self.write('events', WITH_FINDINGS.read_bytes())
        for arguments in (('./events',), ('--', 'events')):
            done = subprocess.run([BINARY, '-q', *arguments], cwd=path.parent, capture_output=True,
                                  env=environment(), timeout=TIMEOUT_SECONDS)
            self.assertEqual(done.returncode, FINDINGS)


class State(Contract):
    """The tables at one time; that they are right, state.py holds against the kernel's own."""

    CAPTURE = TRACES / 'linux-4.14/trace.dat'

    def test_layout_of_the_kernels_dump(self):
        done = run('state', '--at', '1.112266256', self.CAPTURE)
        self.assertEqual((done.returncode, done.stderr), (CLEAN, b''))
        self.assertEqual(done.stdout.decode().splitlines(), [
            "# what is known of the kernel's tables at 1.112266256: 4K pages, 48 VA bits, 4 levels",
            '0xffff000008a00000-0xffff000008c00000           2M PMD       RW NX SHD AF        '
            'BLK UXN    DEVICE/nGnRE  phys 0x8000400000  ioremap_page_range, for '
            'set_run+0x3d0/0x1784 [ht]'])

    def test_an_empty_table_shows_as_one(self):
        done = run('state', '--at=1.110996592', self.CAPTURE)
        self.assertEqual(done.stdout.splitlines()[1:], [
            b'0xffff000008a00000-0xffff000008c00000           2M PTE  table 0xb4d16000, empty'])

    def test_the_end_is_the_default(self):
        for arguments in (('--at=end',), ('--at', '1000000')):
            self.assertEqual(run('state', *arguments, '--json', self.CAPTURE).stdout.splitlines()[1:],
                             run('state', '--json', self.CAPTURE).stdout.splitlines()[1:])

    def test_nothing_is_known_before_the_first_event(self):
        for at in ('0', '1.1'):
            done = run('state', '--at', at, self.CAPTURE)
            self.assertEqual((done.returncode, done.stdout.count(b'\n')), (CLEAN, 1))

    def test_refuses_what_it_does_not_take(self):
        for option in ('--cpu=0', '--since=1', '--fail-on=none', '--at=later', '--at=1.5s'):
            self.assert_fails(run('state', option, self.CAPTURE))

    def test_no_event(self):
        done = run('state', '-', stdin=NOTHING_THAT_MATTERS)
        self.assertEqual(done.returncode, NO_VERDICT)


class History(Contract):
    """All that happened to one address."""

    VA, TABLE, ENTRY = '0xffff000008a00000', '0xb4d16000', '0xffff80007fffd228'

    @staticmethod
    def history(*arguments, capture=WITH_FINDINGS):
        done = run('history', '--json', *arguments, capture)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def changes(self, address, capture=WITH_FINDINGS):
        """[(the event's name, [the changes' names])] of those events that changed something."""
        status, lines = self.history(address, capture=capture)
        self.assertEqual(status, CLEAN)
        events = []
        for line in lines:
            if 'event' in line:
                events.append((line['event'], []))
            else:
                events[-1][1].append(line['change'])
        return [event for event in events if event[1]]

    def test_an_address_that_is_mapped(self):
        self.assertEqual(self.changes(self.VA), [
            ('map', ['mapped']), ('table', ['entry']), ('unmap', ['unmapped']),
            ('tlbi', ['not-cached']), ('map', ['mapped']), ('block', ['entry', 'table-detached']),
            ('unmap', ['entry', 'unmapped']), ('tlbi', ['not-cached', 'not-cached'])])

    def test_the_page_of_a_table(self):
        """A physical address: of the page that was a table and is orphaned, or freed."""
        self.assertEqual(self.changes(self.TABLE), [
            ('table', ['entry']), ('block', ['entry', 'table-detached']),
            ('tlbi', ['not-cached'])])
        freed = self.changes('0x4ce80000', TRACES / 'debian-6.1-promotion/trace.dat')
        self.assertIn(('page-free', ['table-freed']), freed)

    def test_an_entry(self):
        self.assertEqual([name for name, _ in self.changes(self.ENTRY)],
                         ['table', 'block', 'unmap'])

    def test_values_and_what_may_be_cached(self):
        lines = self.history(self.VA)[1]
        change = next(line for line in lines if line.get('before') == 'table')
        self.assertEqual(change, {
            'change': 'entry', 'level': 'pmd', 'va': self.VA, 'end': '0xffff000008c00000',
            'before': 'table', 'before_descriptor': '0xb4d16003', 'after': 'block',
            'after_descriptor': '0xe8008000400705', 'cached': 'table', 'since_ns': 1111994000})

    def test_text_is_that_of_events(self):
        shown = run('history', self.VA, WITH_FINDINGS).stdout.splitlines()
        listed = run('events', WITH_FINDINGS).stdout.splitlines()
        events = [line for line in shown if not line.startswith(b' => ')]
        self.assertEqual(events, [line for line in listed if line in events])
        self.assertGreater(len(shown), len(events))

    def test_what_is_still_mapped_in_the_end(self):
        lines = WITH_FINDINGS.read_bytes().splitlines(keepends=True)
        capture = self.write('start.txt', b''.join(lines[:74]))
        status, shown = self.history(self.VA, capture=capture)
        self.assertEqual((status, shown[-1]['change']), (CLEAN, 'still-mapped'))

    def test_addresses_are_hexadecimal(self):
        for address in ('ffff000008a00000', '0xFFFF000008A00000', '0xffff000008a00fff'):
            self.assertEqual(self.history(address)[0], CLEAN)
        for address in ('ioremap', '0x', '0xffff0000008a000000', '-1'):
            self.assert_fails(run('history', '--', address, WITH_FINDINGS), b'is no address')
        self.assert_fails(run('history'), b'no address')
        self.assert_fails(run('history', self.VA), b'no capture')

    def test_selection(self):
        status, lines = self.history('--since=1.1119', '--until=1.112', self.VA)
        self.assertEqual(status, CLEAN)
        times = [line['time_ns'] for line in lines if 'event' in line]
        self.assertTrue(times and all(1111900000 <= time <= 1112000000 for time in times))

    def test_an_address_that_nothing_concerns(self):
        done = run('history', '0xffff800012345000', WITH_FINDINGS)
        self.assertEqual((done.returncode, done.stdout), (NO_VERDICT, b''))
        self.assertIn(b'0xffff800012345000', done.stderr)


class Folder(Contract):
    """What the recording script leaves stands for the capture in it, and for the options."""

    KERNEL = Path(__file__).resolve().parent / 'kernel/kernel.elf'

    def make(self, **files):
        folder = self.folder / 'recorded'
        folder.mkdir()
        (folder / 'trace.txt').write_bytes(WITH_FINDINGS.read_bytes())
        for name, content in files.items():
            (folder / name.replace('__', '.')).write_bytes(content)
        return folder

    @staticmethod
    def notes(build_id):
        return (len(b'GNU\0').to_bytes(4, 'little') + len(build_id).to_bytes(4, 'little') +
                (3).to_bytes(4, 'little') + b'GNU\0' + build_id)

    def test_stands_for_its_capture(self):
        folder = self.make()
        done = run(folder)
        self.assertEqual(done.returncode, FINDINGS)
        self.assertEqual(done.stdout, run(folder / 'trace.txt').stdout)
        for command in ('events', 'state'):
            self.assertEqual(run(command, folder).stdout, run(command, folder / 'trace.txt').stdout)

    def test_names_its_capture(self):
        folder = self.make(system__txt=b'release 4.14.5\ncapture other\n',
                           other=WITHOUT_FINDINGS.read_bytes())
        self.assertEqual(run(folder).returncode, CLEAN)

    def test_leads_nowhere_else(self):
        folder = self.make(system__txt=f'capture ../{WITHOUT_FINDINGS}\n'.encode())
        self.assertEqual(run(folder).returncode, FINDINGS)

    def test_its_profile_counts(self):
        folder = self.make(kprobe_profile__txt=b'  vaae1is_1  7  2\n')
        self.assertIn(b'hits-missed', run(folder).stdout)
        other = self.write('profile', b'  vaae1is_1  7  0\n')
        self.assertNotIn(b'hits-missed', run(f'--kprobe-profile={other}', folder).stdout)

    def test_its_symbols_count(self):
        line = b'  a-1 [000] ..... 1.000000: p_9: (0xffff000008123456) arg1=0xffff000008a00000\n'
        known = b'ffff000008123456 T iounmap\n'
        folder = self.make(kallsyms__txt=known)
        (folder / 'trace.txt').write_bytes(line)
        self.assertIn(b'1 undone', run(folder).stdout)
        (folder / 'kallsyms.txt').write_bytes(b'0000000000000000 T iounmap\n')
        self.assertIn(b'0 undone', run(folder).stdout)

    def test_modules_that_were_unloaded_have_names(self):
        line = (b'  a-1 [000] ..... 1.000000: r: (0xffff800001000010 <- ioremap_prot) '
                b'ret=0xffff800008a00000\n')
        call = b'  a-1 [000] ..... 0.900000: p: (ioremap_prot+0x0/0x8) phys=0x1000 size=0x1000\n'
        folder = self.make(kallsyms__txt=b'ffff800008000000 T _text\n')
        (folder / 'trace.txt').write_bytes(call + line)
        self.assertIn(b'for 0xffff800001000010\n', run(folder).stdout)
        (folder / 'kallsyms-before.txt').write_bytes(
            b'ffff800001000000 t old_probe\t[old]\nffff800001000040 t old_end\t[old]\n')
        self.assertIn(b'for old_probe+0x10/0x40 [old]\n', run(folder).stdout)
        # Another module is there by now: it may be either.
        (folder / 'kallsyms.txt').write_bytes(
            b'ffff800001000000 t new_probe\t[new]\nffff800001000080 t new_end\t[new]\n')
        self.assertIn(b'for 0xffff800001000010\n', run(folder).stdout)
        # The same one, at the same place.
        (folder / 'kallsyms.txt').write_bytes((folder / 'kallsyms-before.txt').read_bytes())
        self.assertIn(b'for old_probe+0x10/0x40 [old]\n', run(folder).stdout)

    def test_its_page_size_counts(self):
        folder = self.make(system__txt=b'page-size 65536\n')
        (folder / 'trace.txt').write_bytes(
            b'  a-1 [000] ..... 1.000000: p: (iounmap+0x0/0x8) addr=0xffff000008a00000\n')
        self.assertIn(b'geometry   64K pages', run(folder).stdout)

    def test_another_build_is_refused(self):
        build_id = bytes(range(20))
        done = run(f'--vmlinux={self.KERNEL}', self.make(notes__bin=self.notes(build_id)))
        self.assert_fails(done, b'is of another kernel: its build id is ',
                          f'captured kernel is {build_id.hex()}'.encode())

    def test_broken_notes_say_nothing(self):
        whole = self.notes(bytes(20))
        folder = self.make()
        for length in range(len(whole)):
            (folder / 'notes.bin').write_bytes(whole[:length])
            self.assertEqual(run('-q', folder).returncode, FINDINGS)
        (folder / 'notes.bin').write_bytes(b'\xff' * 64)
        self.assertEqual(run('-q', folder).returncode, FINDINGS)

    def test_refused_probes_are_not_missing(self):
        line = b'  a-1 [000] ..... 1.000000: p_9: (iounmap+0x0/0xc) arg1=0xffff000008a00000\n'
        folder = self.make()
        (folder / 'trace.txt').write_bytes(line)
        before = self.gaps(run('--json', f'--vmlinux={self.KERNEL}', folder))
        (folder / 'refused.txt').write_bytes(b'mmu_entry/pmd_set_huge at pmd_set_huge: in vain\n'
                                             b'no such line\n at \n')
        after = self.gaps(run('--json', f'--vmlinux={self.KERNEL}', folder))
        self.assertNotIn('refused', before)
        self.assertEqual(after['refused'], 2)  # with its return
        self.assertEqual(after['unhit'], before['unhit'] - 2)

    @staticmethod
    def gaps(done):
        return {gap['code']: gap['count'] for gap in json.loads(done.stdout)['coverage']['gaps']}

    def test_comes_alone(self):
        folder = self.make()
        self.assert_fails(run(folder, WITH_FINDINGS), b'is a folder, which comes alone')

    def test_an_archive_of_it_is_to_be_unpacked(self):
        archive = self.folder / 'recorded.tar.gz'
        with tarfile.open(archive, 'w:gz') as tar:
            tar.add(self.make(), 'recorded')
        self.assert_fails(run(archive), b'tar -xf')
        self.assert_fails(run('-', stdin=archive.read_bytes()), b'tar -xf')

    def test_any_other_folder(self):
        self.assert_fails(run(self.folder), b'is a folder, and none that', b'name a capture')


class Unidentified(Contract):
    """Probes of which nothing tells what they are: no findings is not the same as clean."""

    UNKNOWN = b'  a-1 [000] ..... 6.000000: p_9: (0xffff000008123456) arg1=0x1\n'

    def test_clean_capture(self):
        path = self.write('more.txt', WITHOUT_FINDINGS.read_bytes() + self.UNKNOWN)
        self.assertEqual(run('--strict', WITHOUT_FINDINGS).returncode, CLEAN)
        done = run('--strict', path)
        self.assertEqual(done.returncode, NO_VERDICT)
        self.assertIn(b'verdict: no error found, which is not the same as clean: unidentified',
                      done.stdout)
        self.assertIn(b'  unknown    p_9 (1)\n', done.stdout)

    def test_a_map_says_what_it_is(self):
        path = self.write('more.txt', WITHOUT_FINDINGS.read_bytes() + self.UNKNOWN)
        event_map = self.write('map', b'p_9 ignore\n')
        self.assertEqual(run('--strict', f'--event-map={event_map}', path).returncode, CLEAN)

    def test_nothing_else(self):
        done = run('-', stdin=self.UNKNOWN)
        self.assertEqual(done.returncode, NO_VERDICT)
        for words in (b'--vmlinux', b'--kallsyms', b'--event-map'):
            self.assertIn(words, done.stdout)

    def test_json(self):
        path = self.write('more.txt', WITH_FINDINGS.read_bytes() + self.UNKNOWN)
        status, report = self.report(path)
        self.assertEqual(status, FINDINGS)
        self.assertIn({'p_9': 'anything'},
                      [{probe['name']: probe.get('may_be')}
                       for probe in report['coverage']['probes']])
        for finding in report['findings']:
            self.assertIn('unidentified',
                          [reason['code'] for reason in finding['reasons']])


class Progress(Contract):
    def shown_for_a_slow_capture(self, *arguments):
        """What the terminal shows while the capture comes through a pipe that takes its time."""
        content = WITH_FINDINGS.read_bytes()
        half = content.index(b'\n', len(content) // 2) + 1
        read_end, write_end = os.pipe()

        def write_slowly():
            with open(write_end, 'wb') as pipe:
                pipe.write(content[:half])
                pipe.flush()
                time.sleep(1.5)
                pipe.write(content[half:])

        writer = threading.Thread(target=write_slowly)
        writer.start()
        with open(read_end, 'rb') as capture:
            shown = run_on_terminal('-q', '-', *arguments, stdin=capture)
        writer.join()
        self.assertIn(b'verdict', shown)
        return shown

    def test_slow_capture(self):
        shown = self.shown_for_a_slow_capture()
        self.assertIn(PROGRESS, shown)
        self.assertLess(shown.rindex(PROGRESS), shown.index(b'error'))

    def test_no_progress(self):
        self.assertNotIn(PROGRESS, self.shown_for_a_slow_capture('--no-progress'))

    def test_quick_capture(self):
        self.assertNotIn(PROGRESS, run_on_terminal(WITH_FINDINGS))


class Colour(Contract):
    def test_none_into_a_pipe(self):
        self.assertNotIn(ESCAPE, run(WITH_FINDINGS).stdout)

    def test_on_a_terminal(self):
        self.assertIn(ESCAPE, run_on_terminal(WITH_FINDINGS))

    def test_no_color(self):
        self.assertNotIn(ESCAPE, run_on_terminal('--no-progress', WITH_FINDINGS, NO_COLOR='1'))

    def test_empty_no_color_counts_for_nothing(self):
        self.assertIn(ESCAPE, run_on_terminal(WITH_FINDINGS, NO_COLOR=''))

    def test_dumb_terminal(self):
        self.assertNotIn(ESCAPE, run_on_terminal('--no-progress', WITH_FINDINGS, TERM='dumb'))

    def test_the_option_wins(self):
        self.assertIn(ESCAPE, run('--color=always', WITH_FINDINGS, NO_COLOR='1').stdout)
        self.assertNotIn(ESCAPE, run_on_terminal('--no-progress', '--color=never', WITH_FINDINGS))


def main(arguments):
    global BINARY, MANPAGE
    if len(arguments) < 3:
        sys.exit(__doc__)
    BINARY, MANPAGE = os.path.abspath(arguments[1]), Path(arguments[2])
    unittest.main(argv=[arguments[0], *arguments[3:]])


if __name__ == '__main__':
    main(sys.argv)
