#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What quickstart.sh installs, with each package manager: run where nothing is installed.

usage: quickstart.py QUICKSTART

The package managers, sudo and so on are stand-ins that write down how they were called, in a
folder that is the whole PATH.  Nothing is installed, and nothing is built.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

QUICKSTART = ''

# What the script itself stands on, of the real system.
REAL_TOOLS = ('cat', 'dirname', 'env', 'ls', 'sed', 'sh', 'sort', 'tr')

INSTALL = {
    'apt-get': ('apt-get install -y --no-install-recommends', {
        'gcc', 'libc6-dev', 'meson', 'ninja-build', 'pkg-config', 'libdw-dev', 'libelf-dev',
        'libjson-c-dev', 'libtraceevent-dev', 'libzstd-dev', 'zlib1g-dev'}),
    'dnf': ('dnf install -y', {
        'gcc', 'glibc-devel', 'meson', 'ninja-build', 'pkgconf-pkg-config',
        'elfutils-devel', 'elfutils-libelf-devel', 'json-c-devel', 'libtraceevent-devel', 'libzstd-devel', 'zlib-devel'}),
    'pacman': ('pacman -S --needed --noconfirm', {
        'gcc', 'glibc', 'meson', 'ninja', 'pkgconf', 'json-c', 'libelf',
        'libtraceevent', 'zstd', 'zlib'}),
    'zypper': ('zypper --non-interactive install', {
        'gcc', 'glibc-devel', 'meson', 'ninja', 'pkg-config', 'libdw-devel', 'libelf-devel',
        'libjson-c-devel', 'libtraceevent-devel', 'libzstd-devel', 'zlib-devel'}),
    'apk': ('apk add --update-cache', {
        'gcc', 'musl-dev', 'argp-standalone', 'meson', 'samurai', 'pkgconf', 'elfutils-dev',
        'json-c-dev', 'libtraceevent-dev', 'zstd-dev', 'zlib-dev'}),
}
FOR_TESTS = {
    'apt-get': {'python3', 'libcmocka-dev'},
    'dnf': {'python3', 'libcmocka-devel'},
    'pacman': {'python', 'cmocka'},
    'zypper': {'python3', 'libcmocka-devel'},
    'apk': {'python3', 'cmocka-dev'},
}


class Quickstart(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tools = Path(folder.name) / 'tools'
        self.tools.mkdir()
        self.log = Path(folder.name) / 'log'
        self.log.touch()
        for tool in REAL_TOOLS:
            (self.tools / tool).symlink_to(shutil.which(tool))

    def stand_in(self, name, body):
        path = self.tools / name
        path.write_text(f'#!/bin/sh\n{body}\n')
        path.chmod(0o755)

    def become(self, user_id):
        self.stand_in('id', f'echo {user_id}')

    def add_manager(self, name):
        """One that logs what it is asked to change; of the database it knows no package."""
        self.stand_in(name, f'case $1 in -Q | info) exit 1 ;; esac; echo "{name} $*" >>"{self.log}"')

    def add_root_tool(self, name):
        self.stand_in(name, f'echo "{name}" >>"{self.log}"; exec "$@"')

    def run_script(self, *arguments):
        return subprocess.run([shutil.which('sh'), QUICKSTART, *arguments], capture_output=True,
                              text=True, env={'PATH': str(self.tools)}, stdin=subprocess.DEVNULL)

    def logged(self):
        return self.log.read_text().splitlines()

    def assert_installs(self, line, manager, packages):
        command, _ = INSTALL[manager]
        self.assertTrue(line.startswith(command + ' '), line)
        words = line[len(command):].split()
        self.assertEqual(sorted(words), sorted(packages))

    def test_root_installs_what_is_missing(self):
        self.become(0)
        for manager, (_, packages) in INSTALL.items():
            with self.subTest(manager=manager):
                self.add_manager(manager)
                self.log.write_text('')
                done = self.run_script()
                self.assert_installs(self.logged()[-1], manager, packages)
                self.assertIn('about to install', done.stderr)
                for package in packages:
                    self.assertIn(package, done.stderr)
                (self.tools / manager).unlink()

    def test_tests_need_more(self):
        self.become(0)
        for manager, (_, packages) in INSTALL.items():
            with self.subTest(manager=manager):
                self.add_manager(manager)
                self.run_script('test')
                self.assert_installs(self.logged()[-1], manager, packages | FOR_TESTS[manager])
                (self.tools / manager).unlink()

    def test_apt_fetches_its_lists_first(self):
        self.become(0)
        self.add_manager('apt-get')
        self.run_script()
        self.assertEqual(self.logged()[0], 'apt-get update')

    def test_sudo_and_doas(self):
        self.become(1000)
        self.add_manager('dnf')
        for tool in ('doas', 'sudo'):
            with self.subTest(tool=tool):
                self.log.write_text('')
                self.add_root_tool(tool)
                self.run_script()
                self.assertEqual(self.logged()[0], tool)
                self.assert_installs(self.logged()[1], 'dnf', INSTALL['dnf'][1])

    def test_without_root_the_line_is_printed(self):
        self.become(1000)
        self.add_manager('apt-get')
        done = self.run_script()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.logged(), [])
        update, _, install = done.stderr.splitlines()[-1].strip().partition(' && ')
        self.assertEqual(update, 'apt-get update')
        self.assert_installs(install, 'apt-get', INSTALL['apt-get'][1])

    def test_what_is_there_is_not_installed(self):
        self.become(0)
        self.add_manager('dnf')
        for tool in ('cc', 'meson', 'ninja', 'pkg-config'):
            self.stand_in(tool, 'exit 0')
        done = self.run_script()
        self.assertEqual(self.logged(), [])
        self.assertIn('everything that is needed is installed', done.stderr)

    def test_installed_header_without_a_compiler(self):
        self.become(0)
        self.add_manager('apt-get')
        self.stand_in('dpkg-query', 'case $* in *libjson-c-dev) echo installed ;; *) exit 1 ;; esac')
        self.run_script()
        self.assert_installs(self.logged()[-1], 'apt-get',
                             INSTALL['apt-get'][1] - {'libjson-c-dev'})

    def test_failed_installation_stops(self):
        self.become(0)
        self.stand_in('dnf', 'exit 1')
        done = self.run_script()
        self.assertEqual(done.returncode, 1)
        self.assertIn('dnf could not install', done.stderr)
        self.assertNotIn('building', done.stderr)

    def test_unknown_package_manager(self):
        self.become(0)
        done = self.run_script()
        self.assertEqual(done.returncode, 1)
        for need in ('command meson', 'header argp.h', 'module json-c'):
            self.assertIn(need, done.stderr)

    def test_bad_usage(self):
        done = self.run_script('tests')
        self.assertEqual(done.returncode, 1)
        self.assertIn('usage: sh src/quickstart.sh [test]', done.stderr)


def main(arguments):
    global QUICKSTART
    if len(arguments) < 2:
        sys.exit(__doc__)
    QUICKSTART = os.path.abspath(arguments[1])
    unittest.main(argv=[arguments[0], *arguments[2:]])


if __name__ == '__main__':
    main(sys.argv)
