#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A capture whose events have names and arguments that say nothing, with and without the kernel's image.

usage: nameless.py MMUREPLAY FOLDER

In FOLDER, perf.data.zst was recorded with the probes of kprobe_events.txt, and vmlinux.zst is the kernel.
kprobe_events-named.txt has, line by line, the same probes with the names that a disassembly gave them:
with these for an --event-map the report must be the same as with --vmlinux.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TIMEOUT_SECONDS = 120

PROBE = re.compile(r'(?P<kind>[pr])\d*:\w+/(?P<name>\w+) (?P<where>\S+)')


def report(binary, *arguments):
    run = subprocess.run([binary, '--json', *map(str, arguments)], capture_output=True,
                         timeout=TIMEOUT_SECONDS)
    return json.loads(run.stdout)


def meaning(probe):
    """Of a named probe, as an event map has it."""
    if '+' in probe['where']:
        return 'tlbi:' + re.sub(r'_\d+$', '', probe['name'])
    return probe['where'] + ('%return' if probe['kind'] == 'r' else '')


def event_map(folder):
    nameless, named = ((folder / name).read_text().splitlines()
                       for name in ('kprobe_events.txt', 'kprobe_events-named.txt'))
    for line, twin in zip(nameless, named, strict=True):
        probe, known = PROBE.match(line), PROBE.match(twin)
        assert probe['where'] == known['where'] and probe['kind'] == known['kind'], line
        yield f'kprobes:{probe["name"]} {meaning(known)}\n'


def without_names(value):
    """Only the image gives addresses names, and findings ids of these."""
    if isinstance(value, list):
        return [without_names(item) for item in value]
    if isinstance(value, dict):
        return {key: without_names(item) for key, item in value.items()
                if key not in ('id', 'symbol', 'origin', 'callers')}
    return value


def compared(report):
    """What must be the same, in the order in which it is shown."""
    coverage = report['coverage']
    yield 'summary', report['summary']
    yield 'findings', without_names(report['findings'])
    yield 'events', coverage['events']
    for key in ('mappings_made', 'mappings_undone', 'tables_made', 'blocks_asked_for', 'tlbi'):
        yield key, coverage[key]


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    binary, folder = arguments[0], Path(arguments[1])
    capture = folder / 'perf.data.zst'
    with tempfile.NamedTemporaryFile('w', suffix='.map') as file:
        file.writelines(event_map(folder))
        file.flush()
        named = report(binary, f'--event-map={file.name}', capture)
    nameless = report(binary, f'--vmlinux={folder}/vmlinux.zst', capture)
    assert named['coverage']['tlbi'] and named['findings'], 'nothing to compare'
    differences = [(key, mine, theirs) for (key, mine), (_, theirs)
                   in zip(compared(nameless), compared(named)) if mine != theirs]
    for key, mine, theirs in differences:
        print(f'{key}: {mine!s:.500}\nwith names: {theirs!s:.500}')
    sys.exit(1 if differences else 0)


if __name__ == '__main__':
    main(sys.argv[1:])
