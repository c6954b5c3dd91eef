#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Validates JSON that a program prints against a JSON schema (draft 2020-12).

usage: schema.py SCHEMA PROGRAM [ARGUMENT...]

Knows the keywords that the project's schema uses, and fails on a schema with any other: a rule that
is not checked must not look as if it were.  The program may exit with 0 or 1.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

TIMEOUT_SECONDS = 120

# Keywords that state nothing about a value.
REMARKS = {'$schema', '$defs', 'title', 'description'}


class BadSchema(Exception):
    """The schema itself is wrong."""


def is_type(value, name):
    if name == 'null':
        return value is None
    if name == 'boolean':
        return isinstance(value, bool)
    if name == 'integer':
        return isinstance(value, int) and not isinstance(value, bool)
    types = {'string': str, 'array': list, 'object': dict}
    if name not in types:
        raise BadSchema(f'type {name} is not known')
    return isinstance(value, types[name])


def equal(a, b):
    """Unlike Python, JSON does not take true for 1."""
    return type(a) is type(b) and a == b


class Validator:
    def __init__(self, root):
        self.root = root

    def resolve(self, reference):
        value = self.root
        for key in reference.removeprefix('#/').split('/'):
            if not isinstance(value, dict) or key not in value:
                raise BadSchema(f'{reference} leads nowhere')
            value = value[key]
        return value

    def faults(self, schema, value, path='$'):
        """Yields a message for each rule of `schema` that `value` breaks."""
        if not isinstance(schema, dict):
            raise BadSchema(f'at {path}: a schema must be an object')
        for keyword, rule in schema.items():
            if keyword in REMARKS:
                continue
            check = getattr(self, 'check_' + keyword.removeprefix('$'), None)
            if not check:
                raise BadSchema(f'keyword {keyword} is not known')
            yield from check(rule, value, path, schema)

    def check_ref(self, rule, value, path, schema):
        yield from self.faults(self.resolve(rule), value, path)

    def check_type(self, rule, value, path, schema):
        names = rule if isinstance(rule, list) else [rule]
        if not any(is_type(value, name) for name in names):
            yield f'{path}: {value!r} is not of type {" or ".join(names)}'

    def check_const(self, rule, value, path, schema):
        if not equal(value, rule):
            yield f'{path}: {value!r} is not {rule!r}'

    def check_enum(self, rule, value, path, schema):
        if not any(equal(value, choice) for choice in rule):
            yield f'{path}: {value!r} is none of {rule!r}'

    def check_pattern(self, rule, value, path, schema):
        if isinstance(value, str) and not re.search(rule, value):
            yield f'{path}: {value!r} does not match {rule}'

    def check_minimum(self, rule, value, path, schema):
        if is_type(value, 'integer') and value < rule:
            yield f'{path}: {value} is less than {rule}'

    def check_maximum(self, rule, value, path, schema):
        if is_type(value, 'integer') and value > rule:
            yield f'{path}: {value} is more than {rule}'

    def check_anyOf(self, rule, value, path, schema):
        if all(list(self.faults(choice, value, path)) for choice in rule):
            yield f'{path}: {value!r} is as none of the choices'

    def check_required(self, rule, value, path, schema):
        if isinstance(value, dict):
            yield from (f'{path}: no {key}' for key in rule if key not in value)

    def check_properties(self, rule, value, path, schema):
        if isinstance(value, dict):
            for key in rule.keys() & value.keys():
                yield from self.faults(rule[key], value[key], f'{path}.{key}')

    def check_additionalProperties(self, rule, value, path, schema):
        if not isinstance(value, dict):
            return
        for key in value.keys() - schema.get('properties', {}).keys():
            if rule is False:
                yield f'{path}: {key} is not in the schema'
            else:
                yield from self.faults(rule, value[key], f'{path}.{key}')

    def check_items(self, rule, value, path, schema):
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.faults(rule, item, f'{path}[{number}]')


def refuse_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f'a key comes twice among {keys}')
    return dict(pairs)


def refuse_constant(name):
    raise ValueError(f'{name} is not JSON')


def parse(text):
    """Stricter than json.loads(): UTF-8, each key once, no NaN."""
    return json.loads(text.decode('utf-8'), object_pairs_hook=refuse_duplicates,
                      parse_constant=refuse_constant)


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    schema = json.loads(Path(arguments[0]).read_text())
    done = subprocess.run(arguments[1:], stdout=subprocess.PIPE, timeout=TIMEOUT_SECONDS)
    if done.returncode not in (0, 1):
        print(f'{arguments[1]} ended with {done.returncode}')
        return 1
    try:
        faults = list(Validator(schema).faults(schema, parse(done.stdout)))
    except (BadSchema, ValueError) as error:
        faults = [str(error)]
    for fault in faults:
        print(fault)
    print(f'{len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
