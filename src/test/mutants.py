#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Breaks the model and its rules in many ways, and sees that the comparison with the reference, or a unit
test, notices each.

usage: mutants.py BUILD_ROOT TEST... [-- NAME...]

TEST: programs of the build folder that must succeed with the model as it is, and of which one must fail
with each mutant; the first is compare-reference.  NAME: only these mutants.

A mutant is one file of src/mmu or src/audit with one piece of text replaced, which must be there exactly
once.  Its object is linked before the library, which then does not give its own.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TIMEOUT = 300  # seconds; a mutant that hangs is noticed, too

# Name, file, the text, and what it becomes.
MUTANTS = (
    # Operands of invalidations.
    ('ttl-ignored', 'mmu/tlbi.c', 'ret->leaf_level = level_hint(geometry, level);',
     'ret->leaf_level = 0;'),
    ('range-ttl-ignored', 'mmu/tlbi.c', 'ret->leaf_level = level;', 'ret->leaf_level = 0;'),
    ('granule-mismatch-accepted', 'mmu/tlbi.c', 'if (granule != granule_code(geometry))',
     'if (false)'),
    ('range-granule-mismatch-accepted', 'mmu/tlbi.c',
     'if (bits_get(operand, 47, 46) != granule_code(geometry))', 'if (false)'),
    ('range-unaligned-accepted', 'mmu/tlbi.c', 'else if (level && ret->va &',
     'else if (false && ret->va &'),
    ('last-level-counts-for-tables', 'mmu/tlbi.c', '.tables = !op.last_level,', '.tables = true,'),
    ('asid-ignored', 'mmu/tlbi.c', '.asid_only = !op.any_asid,', '.asid_only = false,'),
    ('aside1-removes-globals', 'mmu/tlbi.c', '.globals = op.reach != TLBI_ASID,', '.globals = true,'),
    ('local-counts-as-broadcast', 'mmu/tlbi.c', '.local = op.scope == TLBI_LOCAL,',
     '.local = false,'),
    ('outer-is-local', 'mmu/tlbi.c', '.local = op.scope == TLBI_LOCAL,',
     '.local = op.scope != TLBI_INNER,'),
    ('range-end-off-by-one', 'mmu/tlbi.c', '(bits_get(operand, 43, 39) + 1)',
     '(bits_get(operand, 43, 39) + 2)'),
    ('range-half-as-long', 'mmu/tlbi.c', '<< (5 * scale + 1)', '<< (5 * scale)'),
    ('address-end-off-by-one', 'mmu/tlbi.c', 'ret->end = ret->va + granule;',
     'ret->end = ret->va + 2 * granule;'),
    # What an invalidation removes.
    ('place-taken-for-empty', 'mmu/invalidate.c', 'if (is_empty)', 'if (true)'),
    ('tlbi-before-break-counts', 'mmu/entry.c', 'if (is_valid(before.kind) && !value.break_implied)',
     '''const struct mmu_tlbi_run *run = mmu_tlbi_log(mmu, 0);
        bool flushed = run && run->last.order > before.since.order && !run->what.local &&
                       run->what.tables && !overwritten;
        if (is_valid(before.kind) && !value.break_implied && !flushed)'''),
    ('one-cpu-is-enough', 'mmu/invalidate.c', 'if (!is_clean(mmu, item, i))',
     'if (i == cpu && !is_clean(mmu, item, i))'),
    ('leaf-not-found-again', 'mmu/invalidate.c', 'if (!within || within->state == TABLE_FREED)',
     'if (true)'),
    ('freed-table-walked-again', 'mmu/invalidate.c',
     'if (!within || within->state == TABLE_FREED)', 'if (!within)'),
    ('non-global-is-global', 'mmu/invalidate.c', 'return !mmu_descriptor_ng(stale->descriptor);',
     'return true;'),
    ('table-at-hinted-level-removed', 'mmu/invalidate.c', '? level < what->leaf_level',
     '? level <= what->leaf_level'),
    ('hint-ignored-for-leaves', 'mmu/invalidate.c', ': level == what->leaf_level', ': true'),
    ('block-not-as-a-whole', 'mmu/invalidate.c',
     'uint64_t last = what->all ? UINT64_MAX : (what->end - 1) | (span - 1);\n\n\tif (mmu->nr_doubtful',
     'uint64_t last = what->all ? UINT64_MAX : what->end - 1;\n\n\tif (mmu->nr_doubtful'),
    ('all-is-one-page', 'mmu/invalidate.c',
     'uint64_t start = what->all ? 0 : what->va & -span;',
     'uint64_t start = what->all ? UINT64_MAX : what->va & -span;'),
    # Barriers.
    ('dsb-ignored', 'mmu/apply-tlbi.c', 'if (pending_needs_dsb(mmu, event))', 'if (false)'),
    ('dsb-of-stores-completes', 'mmu/pending.c', 'if (event->dsb.stores_only)', 'if (false)'),
    ('dsb-nsh-completes-broadcast', 'mmu/pending.c', '(local_only && !pending->what.local)', 'false'),
    ('dsb-of-other-cpu-completes', 'mmu/pending.c',
     'return complete_all(mmu, &cpu->pending, event->dsb.this_cpu);',
     '''for (size_t i = 0; i < mmu->cpus.count; i++)
                TRY(complete_all(mmu, &mmu->cpus.at[i].pending, event->dsb.this_cpu));
        return NULL;'''),
    ('dsb-nsh-is-wide', 'mmu/pending.c', 'if (!dsb->dsb.this_cpu)', 'if (true)'),
    ('barriers-of-later', 'mmu/pending.c', 'put_barriers(mmu, mmu->barriers);\n\tmmu->barriers = NULL;',
     ';'),
    ('dsb-before-not-needed', 'mmu/invalidate.c', 'if (!pending || pending_barrier(',
     'if (true || pending_barrier('),
    ('dsb-nsh-before-is-enough', 'mmu/pending.c',
     'return wide ? barriers->of[cpu].wide : barriers->of[cpu].any;',
     'return barriers->of[cpu].any;'),
    ('dsb-of-invalidating-cpu-ignored', 'mmu/invalidate.c', 'pending_barrier(pending, at, true) > since)',
     'false)'),
    # What may be cached.
    ('overwritten-not-cached', 'mmu/entry.c', 'if (is_valid(before.kind) && !value.break_implied)',
     'if (is_valid(before.kind) && !value.break_implied && !overwritten)'),
    ('newest-table-only', 'mmu/stale.c', 'return newer->table == older->table ||', 'return true ||'),
    ('newest-leaf-only', 'mmu/stale.c', 'return newer->has_descriptor && same_leaf', 'return true || same_leaf'),
    ('leaf-in-old-table-absorbed', 'mmu/stale.c', 'if (older->within && older->within != newer->within',
     'if (false'),
    ('lower-levels-ignored', 'mmu/stale.c', 'bool is_block = entry->kind == ENTRY_BLOCK;',
     'bool is_block = false;'),
    ('leaves-go-with-their-table', 'mmu/table.c', '} else if (add_stale &&', '} else if (false &&'),
    ('tables-go-with-their-table', 'mmu/table.c',
     'if (add_stale)\n\t\t\t\tTRY(stale_remember', 'if (false)\n\t\t\t\tTRY(stale_remember'),
    # Tables' pages.
    ('put-back-is-lost', 'mmu/table.c', 'if (old && old->state == TABLE_DETACHED)', 'if (false)'),
    ('same-table-is-another', 'mmu/entry.c', 'if (is_same_table(mmu, entry, &value))', 'if (false)'),
    ('cleared-is-not-lost', 'mmu/entry.c', 'if (!implied) /* else', 'if (overwritten) /* else'),
    ('freed-before-tlbi-not-early', 'mmu/apply-page.c', 'if (item && !assumed)', 'if (false)'),
    ('live-free-not-early', 'audit/rule-table.c',
     'return !change->table->detached.order && !change->break_implied && change->before;',
     'return false;'),
    ('tlbi-implies-break', 'mmu/tlbi-log.c', 'if (entry->is_stored)', 'if (false)'),
    ('freed-later-is-lost', 'audit/audit.c',
     'queue_not_orphaned(audit, change->table->id);\n\t\treturn judge_freed',
     'return judge_freed'),
    # Which changes need a break.
    ('memory-type-may-change', 'mmu/descriptor.c', 'if (differing & ATTR_INDX)', 'if (false)'),
    ('shareability-may-change', 'mmu/descriptor.c', 'if (differing & SH &&', 'if (false &&'),
    ('contiguous-may-change', 'mmu/descriptor.c', 'if (differing & CONTIGUOUS)', 'if (false)'),
    ('may-become-global', 'mmu/descriptor.c', 'if (before & ~after & NG)', 'if (false)'),
    ('permissions-need-a-break', 'mmu/descriptor.c', 'if (differing & CONTIGUOUS)',
     'if (differing & (CONTIGUOUS | BIT(7)))'),
    ('tables-may-change', 'audit/rule-entry.c', 'return stale->table != after->table &&',
     'return false &&'),
    ('sizes-may-change', 'audit/rule-entry.c', 'if (stale->level != after->level)\n\t\treturn true;',
     'if (stale->level != after->level)\n\t\treturn false;'),
    ('demotion-is-a-change', 'audit/rule-entry.c', ': RULE_UNSAFE_DEMOTION;', ': RULE_UNSAFE_CHANGE;'),
    # The kernel's functions.
    ('gone-when-unmapped', 'mmu/mapping.c',
     'mapping->cleared = whole;\n\treturn clear_leaves(mmu, mapping, va, end, event);',
     'mapping->cleared = whole;\n\treturn NULL;'),
    ('break-invalidates', 'mmu/break.c', 'TRY(stale_remember(mmu, entry, table, false, event));', ''),
    ('break-frees', 'mmu/break.c', 'change.kind = CHANGE_DETACHED;\n\t\treturn mmu_emit(mmu, &change);',
     'return NULL;'),
    ('reuse-not-told', 'audit/rule-mapping.c', 'return change->stale ? fire_stale_reuse', 'return false ? fire_stale_reuse'),
)


class Broken(Exception):
    """The tests themselves, or a mutant, are not what they should be."""


def run(command, **arguments):
    return subprocess.run(command, capture_output=True, text=True, **arguments)


def last_command(build, target):
    """The command of the build that makes the target."""
    result = run(['ninja', '-C', build, '-t', 'commands', target])
    if result.returncode:
        raise Broken(f'{target}: {result.stdout}{result.stderr}')
    return shlex.split(result.stdout.splitlines()[-1])


def compile_commands(build):
    """For each source file, as an absolute path, the command that compiles it."""
    entries = json.loads((build / 'compile_commands.json').read_text())
    return {
        (build / entry['file']).resolve(): shlex.split(entry['command'])
        for entry in entries
        if 'libmmureplay' in entry['output']
    }


def mutate(path, text, replacement):
    source = path.read_text()
    if source.count(text) != 1:
        raise Broken(f'{path}: {text!r} is there {source.count(text)} times, not once')
    return source.replace(text, replacement)


def with_options(command, changes):
    """The command with the words behind some options replaced; and without dependency files."""
    words = []
    position = 0
    while position < len(command):
        word = command[position]
        if word in ('-MD', '-g'):
            position += 1
        elif word in ('-MQ', '-MF'):
            position += 2
        elif word in changes:
            words += [word, changes[word]]
            position += 2
        else:
            words.append('-O1' if re.fullmatch(r'-O[0-3s]', word) else word)
            position += 1
    return words


class Workshop:
    def __init__(self, build, tests):
        self.build = build
        self.tests = tests
        self.commands = compile_commands(build)
        self.links = {test: last_command(build, test) for test in tests}

    def make(self, folder, source, text):
        """Compiles the mutated text of a source file, and links each test with it; yields these."""
        changed = folder / source.name
        changed.write_text(text)
        made = folder / 'mutant.o'
        command = with_options(self.commands[source], {'-c': str(changed), '-o': str(made)})
        result = run(command + [f'-I{source.parent}', '-Wno-error', '-w'], cwd=self.build)
        if result.returncode:
            raise Broken(f'{source.name} does not compile:\n{result.stderr}')
        for test in self.tests:
            program = folder / Path(test).name
            link = with_options(self.links[test], {'-o': str(program)})
            at = link.index(str(program)) + 1
            result = run(link[:at] + [str(made)] + link[at:], cwd=self.build)
            if result.returncode:
                raise Broken(f'{test} does not link:\n{result.stderr}')
            yield program

    def who_notices(self, name, source, text):
        """The first test that fails with the mutant, or None."""
        with tempfile.TemporaryDirectory(prefix=f'mutant-{name}-') as folder:
            for program in self.make(Path(folder), source, text):
                if fails(program):
                    return program.name
        return None


def fails(program):
    arguments = ['any'] if program.name == 'compare-reference' else []
    environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT='stdout')
    try:
        return run([program] + arguments, timeout=TIMEOUT, env=environment).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def try_mutant(workshop, root, mutant):
    name, file, text, replacement = mutant
    source = root / 'src' / file
    return name, workshop.who_notices(name, source, mutate(source, text, replacement))


def main(arguments):
    names = []
    if '--' in arguments:
        at = arguments.index('--')
        arguments, names = arguments[:at], arguments[at + 1 :]
    if len(arguments) < 2:
        sys.exit(__doc__)
    build = Path(arguments[0]).resolve()
    root = Path(__file__).resolve().parents[2]
    workshop = Workshop(build, arguments[1:])
    sound = [test for test in workshop.tests if fails(build / test)]
    if sound:
        sys.exit(f'fails without a mutant: {", ".join(sound)}')
    wanted = [mutant for mutant in MUTANTS if not names or mutant[0] in names]
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, notices in pool.map(lambda m: try_mutant(workshop, root, m), wanted):
            print(f'{name}: {"noticed by " + notices if notices else "SURVIVED"}', flush=True)
            survivors += not notices
    print(f'{len(wanted)} mutants, {survivors} not noticed')
    return 1 if survivors or not wanted else 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except Broken as broken:
        sys.exit(f'mutants.py: {broken}')
