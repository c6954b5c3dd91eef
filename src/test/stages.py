#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The include rule: each stage knows the stages before it, and never those after it.

usage: stages.py ROOT

A file of a stage may include
  - its own stage's headers,
  - the headers of src/base, which every stage stands on,
  - the public headers (include/mmureplay/) of the stages before it,
  - and those of the system.
Tests, fuzzers and benchmarks may include anything.
"""

import re
import sys
from pathlib import Path, PurePosixPath

# The order in which the data passes the stages.  src/main.c belongs to the last.
STAGES = ('base', 'vmlinux', 'capture', 'event', 'probes', 'mmu', 'audit', 'report', 'cli')

# Public headers are named for their stage, STAGE.h or STAGE-thing.h, or stand here.
PUBLIC_HEADERS = {
    'error.h': 'base',
    'str.h': 'base',
    'geometry.h': 'mmu',
}

FREE_FOLDERS = ('test', 'fuzz', 'bench')

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')


class Unplaced(Exception):
    """A file or header that belongs to no stage."""


def stage_of_public_header(name):
    stage = PUBLIC_HEADERS.get(name) or re.split(r'[-_.]', name)[0]
    if stage not in STAGES:
        raise Unplaced(f'public header {name} is named for no stage; see stages.py')
    return stage


def stage_of_file(path):
    """The stage of a path relative to the root; None when the file may include anything."""
    top, *rest = path.parts
    if top == 'include':
        return stage_of_public_header(path.name)
    if rest[0] in FREE_FOLDERS:
        return None
    if rest == ['main.c']:
        return STAGES[-1]
    if rest[0] not in STAGES:
        raise Unplaced(f'src/{rest[0]} is no stage; see the order of stages in stages.py')
    return rest[0]


def included_stage(target, quoted, own_stage):
    """Returns (stage, is_public) of an included header; stage is None for the system's."""
    parts = PurePosixPath(target).parts
    if '..' in parts:
        raise Unplaced('a path with ".." hides the stage that it leads to')
    if parts[0] == 'mmureplay':
        return stage_of_public_header(parts[-1]), True
    if parts[0] in STAGES:
        return parts[0], False
    # "name.h" is found beside the file that includes it.
    return (own_stage if quoted else None), False


def why_not(own_stage, target, quoted):
    """Returns why a file of `own_stage` may not include `target`, or None when it may."""
    try:
        stage, is_public = included_stage(target, quoted, own_stage)
    except Unplaced as reason:
        return str(reason)
    if stage in (None, own_stage, 'base'):
        return None
    if STAGES.index(stage) > STAGES.index(own_stage):
        return f'{own_stage} comes before {stage} and must not know it'
    if not is_public:
        return f'private to {stage}; include its public header'
    return None


def violations_in(root, path):
    """Yields a message for each violation of one file."""
    try:
        stage = stage_of_file(path)
    except Unplaced as reason:
        yield f'{path}: {reason}'
        return
    if stage is None:
        return
    for number, line in enumerate((root / path).read_text().splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            target = match[1] or match[2]
            reason = why_not(stage, target, quoted=bool(match[2]))
            if reason:
                yield f'{path}:{number}: {target}: {reason}'


def source_files(root):
    for folder in ('include', 'src'):
        for path in sorted((root / folder).rglob('*.[ch]')):
            yield path.relative_to(root)


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    root = Path(arguments[0])
    files = list(source_files(root))
    violations = [message for path in files for message in violations_in(root, path)]
    for message in violations:
        print(message)
    print(f'{len(files)} files, {len(violations)} violations')
    return 1 if violations or not files else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
