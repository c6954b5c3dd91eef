#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual page has every name that a JSON report can hold.

usage: manual.py SCHEMA MANPAGE

The names are the schema's: its keys, and the values of its enumerations.
"""

import json
import re
import sys
from pathlib import Path

# Keys that the manual describes by their ending, for all times at once.
ENDING = re.compile(r'_ticks$')


def names_in(schema):
    """Yields each key and each word of an enumeration, however deep."""
    if isinstance(schema, list):
        for item in schema:
            yield from names_in(item)
    if not isinstance(schema, dict):
        return
    yield from schema.get('properties', {})
    yield from (word for word in schema.get('enum', ()) if isinstance(word, str))
    for value in schema.values():
        yield from names_in(value)


def words_in(manual):
    """The words of the page's text lines and macro arguments; quotes stand in mdoc as \\(dq."""
    text = manual.replace('\\(dq', ' ').replace('\\-', '-')
    return set(re.findall(r'[A-Za-z0-9_][A-Za-z0-9_-]*', text))


def missing_names(schema, manual):
    words = words_in(manual)
    return sorted({name for name in names_in(schema)
                   if name not in words and not ENDING.search(name)})


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    schema, manual = (Path(path).read_text() for path in arguments)
    missing = missing_names(json.loads(schema), manual)
    for name in missing:
        print(f'{arguments[1]}: nothing about {name}')
    print(f'{len(missing)} names are missing')
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
