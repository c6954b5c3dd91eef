#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden tests: runs the program on captures and compares what it prints byte for byte.

usage: golden.py BINARY FOLDER [--update]
       golden.py --unlisted TRACES_DIR FOLDER...

A case is a folder NAME.expect/ anywhere below FOLDER:

    cmd      the command line, e.g. "mmureplay --json trace.txt" or "mmureplay - < trace.txt";
             it runs in the folder that holds NAME.expect/, without a shell
    status   the exit status, in decimal
    stdout   what must come on standard output; no file: nothing
    stderr   the same for standard error

Dying by a signal is always a failure.  --update writes what the program does now.
--unlisted fails when a case lies below TRACES_DIR but in none of the FOLDERs: one that no test runs.
"""

import difflib
import os
import shlex
import subprocess
import sys
from pathlib import Path

PROGRAM = 'mmureplay'
TIMEOUT_SECONDS = 120
STREAMS = ('stdout', 'stderr')


class BadCase(Exception):
    """The case itself is wrong, whatever the program does."""


def find_cases(folder):
    return sorted(path for path in Path(folder).rglob('*.expect') if path.is_dir())


def read_command(case):
    """Splits `cmd` into the program's arguments and the file for its standard input, or None."""
    try:
        words = shlex.split((case / 'cmd').read_text())
    except (OSError, ValueError) as error:
        raise BadCase(f'cmd: {error}') from error
    if not words or words[0] != PROGRAM:
        raise BadCase(f'cmd must start with "{PROGRAM}"')
    if '<' not in words:
        return words[1:], None
    if words.index('<') != len(words) - 2:
        raise BadCase('cmd: "< FILE" must come last, and once')
    return words[1:-2], words[-1]


def environment():
    """Nothing of the caller's may show in the output; the sanitizers' options must get through."""
    unwanted = ('COLUMNS', 'NO_COLOR', 'LANGUAGE')
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, 'LC_ALL': 'C', 'TZ': 'UTC', 'TERM': 'dumb'}


def run_case(binary, case):
    """Returns (status, {stream: bytes}); status is negative after a signal."""
    arguments, input_name = read_command(case)
    input_path = case.parent / input_name if input_name else os.devnull
    with open(input_path, 'rb') as standard_input:
        done = subprocess.run([binary, *arguments], stdin=standard_input, capture_output=True,
                              cwd=case.parent, env=environment(), timeout=TIMEOUT_SECONDS)
    return done.returncode, {'stdout': done.stdout, 'stderr': done.stderr}


def read_expected(case):
    try:
        status = int((case / 'status').read_text())
    except (OSError, ValueError) as error:
        raise BadCase(f'status: {error}') from error
    files = {stream: case / stream for stream in STREAMS}
    return status, {stream: path.read_bytes() if path.exists() else b''
                    for stream, path in files.items()}


def show_bytes(text):
    """Lines for people; bytes that are not UTF-8 stay visible, and so does a missing last newline."""
    lines = text.decode('utf-8', 'backslashreplace').splitlines(keepends=True)
    if lines and not lines[-1].endswith('\n'):
        lines[-1] += '\n\\ No newline at end of file\n'
    return lines


def difference(stream, expected, actual):
    return ''.join(difflib.unified_diff(show_bytes(expected), show_bytes(actual),
                                        f'expected {stream}', f'actual {stream}'))


def compare(expected, actual):
    """Returns the reasons why `actual` is not as expected."""
    expected_status, expected_output = expected
    status, output = actual
    reasons = []
    if status != expected_status:
        reasons.append(f'exit status {status}, expected {expected_status}\n')
    for stream in STREAMS:
        if output[stream] != expected_output[stream]:
            # The same lines may show for different bytes, and a failure must say something.
            reasons.append(difference(stream, expected_output[stream], output[stream])
                           or f'{stream} differs in bytes that do not show\n')
    return reasons


def update(case, actual):
    status, output = actual
    (case / 'status').write_text(f'{status}\n')
    for stream in STREAMS:
        if output[stream]:
            (case / stream).write_bytes(output[stream])
        else:
            (case / stream).unlink(missing_ok=True)


def check_case(binary, case, updating):
    """Returns the reasons why the case failed; none when it passed or was updated."""
    try:
        actual = run_case(binary, case)
        if actual[0] < 0:
            return [f'died by signal {-actual[0]}\n', difference('stderr', b'', actual[1]['stderr'])]
        if updating:
            update(case, actual)
            return []
        return compare(read_expected(case), actual)
    except (BadCase, OSError) as error:
        return [f'{error}\n']
    except subprocess.TimeoutExpired:
        return [f'still running after {TIMEOUT_SECONDS} s\n']


def check_all(binary, folder, updating):
    cases = find_cases(folder)
    failed = 0
    for case in cases:
        reasons = check_case(binary, case, updating)
        failed += bool(reasons)
        print(f'{"FAIL" if reasons else "ok"} {case.relative_to(folder)}')
        sys.stdout.write(''.join(reasons))
    print(f'{len(cases) - failed} of {len(cases)} cases {"updated" if updating else "as expected"}')
    if not cases:
        print(f'{folder}: no case')
    return 1 if failed or not cases else 0


def check_listed(traces, folders):
    listed = [Path(folder).resolve() for folder in folders]
    unlisted = [case for case in find_cases(Path(traces).resolve())
                if not any(folder in case.parents for folder in listed)]
    for case in unlisted:
        print(f'{case}: no test runs it; list its folder in meson.build')
    return 1 if unlisted else 0


def main(arguments):
    if len(arguments) >= 2 and arguments[0] == '--unlisted':
        return check_listed(arguments[1], arguments[2:])
    updating = '--update' in arguments
    positional = [argument for argument in arguments if argument != '--update']
    if len(positional) != 2:
        sys.exit(__doc__)
    return check_all(os.path.abspath(positional[0]), positional[1], updating)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
