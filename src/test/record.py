#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The script that records, on a kernel that is a folder.

usage: record.py RECORD_SH

The folder has the files of tracefs, sysfs and proc that the script uses.  What a write to one of
them does in a kernel, shell functions do here, put in the place of the script's own writing; mount,
trace-cmd and so on are stand-ins in the PATH.  All of it is run with each shell that is there.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

TEMPLATE = ''
FAILURE = 125
PATIENCE = 30  # seconds

BUILD_ID = bytes(range(20))
NOTES = b'\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0' + BUILD_ID

PLAN = f'''#release 6.1.0-test
#build-id {BUILD_ID.hex()}
#about io the mappings
io ioremap p ioremap_prot phys=%x0 size=%x1
io ioremap_ret r64 ioremap_prot ret=$retval
tlbi vaae1is_0 p pmd_free_pte_page+92 op=%x1
tlbi refused_0 p no_such_symbol+4
kmem kmem:mm_page_alloc event order == 0
kmem kmem:not_there event
'''
PROBES = ('io/ioremap', 'io/ioremap_ret', 'tlbi/vaae1is_0')

# Takes the place of `put`.  A probe's folder is made and removed as its line is written; one whose
# symbol is not there is refused, and one that an instance has enabled is busy.
KERNEL = r'''
fake=$MMUREPLAY_ROOT/sys/kernel/tracing
put() {
	case $1 in
	*/kprobe_events) change_probes "$2" ;;
	*/buffer_size_kb) [ "$2" -le "${FAKE_MEMORY:-1000000}" ] && echo "$2" >"$1" ;;
	*/events/*/*/*) [ -d "${1%/*}" ] && echo "$2" >"$1" ;;
	*) printf '%s\n' "$2" >>"$1" ;;
	esac
}
change_probes() {
	name=${1#*:} name=${name%% *}
	case $1 in
	'') ;;
	-:*)
		! cat "$fake"/instances/*/events/"$name"/enable 2>/dev/null | grep -q 1 || return
		rm -r "$fake/events/$name" && { rmdir "${fake:?}/events/${name%/*}" 2>/dev/null || :; }
		grep -v ":$name " "$fake/kprobe_events" >"$fake/new"
		mv "$fake/new" "$fake/kprobe_events"
		;;
	*no_such_symbol*)
		printf '[    1.000000] trace_kprobe: error: Invalid probed address or symbol\n' >>"$fake/error_log"
		printf '  Command: %s\n    ^\n' "$1" >>"$fake/error_log"
		return 1
		;;
	*)
		mkdir -p "$fake/events/$name" && echo 0 >"$fake/events/$name/enable"
		printf '%s\n' "$1" >>"$fake/kprobe_events"
		;;
	esac
}
'''

# The kernel fills a new instance with files.
MKDIR = r'''
"$REAL/mkdir" "$@" || exit
for folder; do :; done
case $folder in
*/instances/*)
	cp -r "$folder/../../events" "$folder/events"
	"$REAL/mkdir" -p "$folder/per_cpu/cpu0" "$folder/per_cpu/cpu1"
	cp "$MMUREPLAY_ROOT/stats" "$folder/per_cpu/cpu0/stats"
	cp "$MMUREPLAY_ROOT/stats" "$folder/per_cpu/cpu1/stats"
	echo 'recorded' >"$folder/trace"
	: >"$folder/events/enable" ;;
esac'''
RMDIR = r'''
case $1 in
*/instances/*) cp -r "$1" "$MMUREPLAY_ROOT/last-instance" && rm -r "$1" ;;
*) "$REAL/rmdir" "$@" ;;
esac'''
MOUNT = r'''
cp -r "$MMUREPLAY_ROOT/tracefs/." "$4" && echo "tracefs $4 tracefs rw 0 0" >>"$MMUREPLAY_ROOT/proc/mounts"'''
UMOUNT = r'''
cp "$1/kprobe_events" "$MMUREPLAY_ROOT/last-probes"
find "$1" -mindepth 1 -delete; : >"$MMUREPLAY_ROOT/proc/mounts"'''

# They record nothing, but run what they are told to run, and write what they are told to write.
RECORDER = r'''
printf '%s\n' "$*" >"$MMUREPLAY_ROOT/recorder"
[ -z "${FAKE_REFUSAL-}" ] || { echo "$FAKE_REFUSAL"; exit 3; }
while [ "$1" != sh ]; do
	[ "$1" != -o ] || echo capture >"$2"
	shift
done
"$@"
echo "status $?" >>"$MMUREPLAY_ROOT/recorder"'''

SHELLS = [[shutil.which('sh')]]
if shutil.which('busybox'):
    SHELLS.append([shutil.which('busybox'), 'sh'])

# What the script stands on, and the commands that it is given here.
REAL_TOOLS = ('basename', 'cat', 'cp', 'date', 'dirname', 'find', 'getconf', 'grep', 'gzip', 'head',
              'ls', 'mkdir', 'mkfifo', 'mv', 'od', 'rm', 'rmdir', 'sed', 'sh', 'sleep', 'sort', 'tail',
              'tar', 'touch', 'tr', 'true')

# busybox runs its own tools in the place of these, unless they are called by their path.
STAND_INS = {'mkdir': MKDIR, 'rmdir': RMDIR, 'mount': MOUNT, 'umount': UMOUNT, 'id': 'echo $FAKE_UID'}


def heed_signals():
    """A shell cannot trap what was ignored when it began, by nohup(1) or for a job in the background."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Record(unittest.TestCase):
    shell = SHELLS[0]

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.tracing = self.root / 'sys/kernel/tracing'
        self.out = self.root / 'out'
        self.environment = dict(os.environ, MMUREPLAY_ROOT=folder.name, FAKE_UID='0',
                                TMPDIR=folder.name, REAL=str(self.root / 'real'),
                                PATH=f'{self.root}/tools:{self.root}/real')
        self.make_kernel()
        self.make_tools()
        self.write_script(PLAN)

    def write(self, name, content=''):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def make_kernel(self):
        for name in ('kprobe_events', 'kprobe_profile', 'error_log', 'trace_clock'):
            self.write(f'sys/kernel/tracing/{name}')
        self.write('sys/kernel/tracing/events/kmem/mm_page_alloc/enable', '0\n')
        (self.tracing / 'instances').mkdir()
        self.write('sys/kernel/notes', NOTES)
        self.write('stats', 'entries: 9\noverrun: 0\ncommit overrun: 0\ndropped events: 0\n')
        self.write('proc/mounts', f'tracefs {self.tracing} tracefs rw 0 0\n')
        self.write('proc/filesystems', 'nodev\ttracefs\n')
        self.write('proc/sys/kernel/osrelease', '6.1.0-test\n')
        self.write('proc/self/smaps', 'KernelPageSize:       16 kB\n')
        self.write('proc/kallsyms', 'ffff800008000000 T _text\n')
        for name in ('iomem', 'cmdline', 'version', 'cpuinfo', 'modules', 'vmallocinfo'):
            self.write(f'proc/{name}', f'{name} of this machine\n')

    def make_tools(self):
        """All of the PATH: the tools that the script needs, some of them stand-ins."""
        for tool in REAL_TOOLS:
            (self.root / 'real').mkdir(exist_ok=True)
            (self.root / 'real' / tool).symlink_to(shutil.which(tool))
        for name, body in STAND_INS.items():
            self.stand_in(name, body)

    def stand_in(self, name, body):
        self.write(f'tools/{name}', f'#!/bin/sh\n{body}\n').chmod(0o755)

    def write_script(self, plan):
        text = Path(TEMPLATE).read_text()
        before, rest = text.split('#@plan\n')
        after = rest.split('#@end\n')[1]
        end = 'main "$@"\n'
        self.assertTrue(after.endswith('\n' + end))
        by_path = ''.join(f'{name}() {{ "{self.root}/tools/{name}" "$@"; }}\n' for name in STAND_INS)
        self.script = self.write('record.sh', before + '#@plan\n' + plan + '#@end\n' +
                                 after[:-len(end)] + KERNEL + by_path + end)

    def start_script(self, *arguments):
        process = subprocess.Popen([*self.shell, str(self.script), *arguments], cwd=self.root,
                                   env=self.environment, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True,
                                   preexec_fn=heed_signals)
        self.addCleanup(process.communicate)
        self.addCleanup(self.kill_all, process.pid)
        return process

    @staticmethod
    def kill_all(group):
        """What a script that was killed has left running."""
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end_script(self, process):
        self.stdout, self.stderr = process.communicate(timeout=PATIENCE)
        return process.returncode

    def run_script(self, *arguments):
        return self.end_script(self.start_script(*arguments))

    def record(self, *arguments):
        return self.run_script('--with', 'tracefs', '-o', str(self.out), *arguments)

    def wait_until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def assert_refused(self, words, *arguments):
        """There was no recording, for a reason that these words tell, and nothing was changed."""
        self.assertEqual(self.record(*(arguments or ('--', 'touch', f'{self.root}/ran'))), FAILURE)
        self.assertIn(words, ' '.join(self.stderr.split()))
        self.assertFalse((self.root / 'ran').exists())
        self.assert_nothing_left()

    def assert_nothing_left(self):
        if self.tracing.exists() and (self.tracing / 'kprobe_events').exists():
            self.assertEqual((self.tracing / 'kprobe_events').read_text(), '')
            self.assertEqual([e.name for e in (self.tracing / 'events').iterdir()], ['kmem'])
            self.assertEqual(list((self.tracing / 'instances').iterdir()), [])
        self.assertEqual(list(self.root.glob('mmureplay.*')), [])

    def saved(self, name):
        return (self.out / name).read_text()

    # ---- a recording

    def test_records_around_a_command(self):
        probes = self.root / 'probes'
        status = self.record('--', 'sh', '-c', f'cat {self.tracing}/kprobe_events >{probes}; '
                             f'cat {self.tracing}/instances/*/events/*/*/enable; exit 7')
        self.assertEqual(status, 7)
        self.assertEqual(probes.read_text(),
                         'p:io/ioremap ioremap_prot phys=%x0 size=%x1\n'
                         'r64:io/ioremap_ret ioremap_prot ret=$retval\n'
                         'p:tlbi/vaae1is_0 pmd_free_pte_page+92 op=%x1\n')
        self.assertEqual(self.stdout, '1\n' * 4)  # with the kernel's own event
        self.assertIn('recorded\n', self.saved('trace.txt'))
        self.assertIn('removed 3 probes', self.stderr)
        self.assert_nothing_left()

    def test_saves_the_system(self):
        self.assertEqual(self.record('--', 'true'), 0)
        for name in ('iomem', 'cmdline', 'cpuinfo', 'modules', 'vmallocinfo'):
            self.assertEqual(self.saved(f'{name}.txt'), f'{name} of this machine\n')
        self.assertEqual(self.saved('kallsyms.txt'), 'ffff800008000000 T _text\n')
        system = self.saved('system.txt').splitlines()
        self.assertIn('release 6.1.0-test', system)
        self.assertIn('clock mono', system)
        self.assertIn('command-status 0', system)
        self.assertEqual((self.out / 'notes.bin').read_bytes(), NOTES)
        self.assertFalse((self.out / 'kallsyms-before.txt').exists())  # no modules
        self.assertEqual(len(self.saved('kprobe_events.txt').splitlines()), len(PROBES))

    def test_saves_the_modules_that_were_there_before(self):
        kallsyms = self.write('proc/kallsyms', 'ffff800008000000 T _text\n'
                              'ffff800001000000 t probe\t[old]\n')
        self.assertEqual(self.record('--', 'sh', '-c', f'echo "ffff800008000000 T _text" >{kallsyms}'),
                         0)
        self.assertEqual(self.saved('kallsyms-before.txt'), 'ffff800001000000 t probe\t[old]\n')
        self.assertEqual(self.saved('kallsyms.txt'), 'ffff800008000000 T _text\n')

    def test_sets_up_the_buffer_before_the_events(self):
        self.assertEqual(self.record('-b', '4096', '--callers', 'io', '--', 'true'), 0)
        instance = self.root / 'last-instance'
        self.assertEqual((instance / 'trace_clock').read_text(), 'mono\n')
        self.assertEqual((instance / 'buffer_size_kb').read_text(), '4096\n')
        self.assertEqual((instance / 'tracing_on').read_text().split(), ['0', '1', '0', '0'])
        self.assertEqual((instance / 'events/io/ioremap/trigger').read_text(), '!stacktrace\n')
        self.assertFalse((instance / 'events/tlbi/vaae1is_0/trigger').exists())

    def test_filters_an_event(self):
        self.record('--', 'sh', '-c', f'cat {self.tracing}/instances/*/events/kmem/*/filter')
        self.assertEqual(self.stdout, 'order == 0\n')

    def test_the_text_says_what_was_there(self):
        self.record('--', 'true')
        self.assertEqual(self.saved('trace.txt').splitlines()[:3], [
            '# mmureplay: release 6.1.0-test', '# mmureplay: clock mono',
            '# mmureplay: probe p:io/ioremap ioremap_prot phys=%x0 size=%x1'])
        self.assertIn('# mmureplay: event kmem/mm_page_alloc\n', self.saved('trace.txt'))

    def test_takes_a_smaller_buffer_where_memory_is_short(self):
        self.environment['FAKE_MEMORY'] = '5000'
        self.assertEqual(self.record('--', 'true'), 0)
        self.assertIn('no memory for 16384 KiB on each CPU: using 4096', self.stderr)

    def test_reports_a_refused_probe_and_goes_on(self):
        self.assertEqual(self.record('--', 'true'), 0)
        reason = 'tlbi/refused_0 at no_such_symbol+4: Invalid probed address or symbol'
        self.assertIn(f'refused: {reason}\n', self.stderr)
        self.assertIn('3 probes set, 1 refused', self.stderr)
        self.assertEqual(self.saved('refused.txt'), reason + '\n')
        self.assertIn('not in this kernel: the event kmem:not_there', self.stderr)

    def test_ends_when_all_are_refused(self):
        self.write_script('tlbi refused_0 p no_such_symbol+4\n')
        self.assert_refused('no probe was accepted')
        self.assertFalse(self.out.exists())

    def test_leaves_out_a_group(self):
        self.assertEqual(self.record('--without', 'tlbi', '--without', 'kmem', '--', 'true'), 0)
        self.assertNotIn('tlbi', self.saved('kprobe_events.txt'))
        self.assertIn('2 probes set, 0 refused', self.stderr)

    def test_reports_lost_events(self):
        self.write('stats', 'entries: 9\noverrun: 20\ncommit overrun: 1\ndropped events: 300\n')
        self.assertEqual(self.record('-b', '100', '--', 'true'), 0)
        self.assertIn('642 events did not fit', self.stderr)
        self.assertIn('--buffer 400', self.stderr)

    def test_reports_missed_returns(self):
        self.write('sys/kernel/tracing/kprobe_profile',
                   '  ioremap_ret    5    2\n  others   7   7\n')
        self.assertEqual(self.record('--', 'true'), 0)
        self.assertIn('2 of 7 hits of ioremap_ret were missed', self.stderr)
        self.assertNotIn('others', self.stderr)

    def test_says_when_addresses_are_hidden(self):
        self.write('proc/kallsyms', '0000000000000000 T _text\n')
        self.assertEqual(self.record('--', 'true'), 0)
        self.assertIn('kernel.kptr_restrict', self.stderr)

    def test_packs(self):
        self.assertEqual(self.record('--tar', '--', 'true'), 0)
        names = subprocess.run(['tar', '-tzf', f'{self.out}.tar.gz'], check=True, text=True,
                               capture_output=True).stdout.split()
        self.assertIn('out/trace.txt', names)

    def test_default_folder(self):
        self.assertEqual(self.run_script('--with', 'tracefs', '--', 'true'), 0)
        self.assertEqual(len(list(self.root.glob('mmureplay-*/trace.txt'))), 1)

    def test_a_command_that_is_not_there(self):
        self.assertEqual(self.record('--', 'no-such-command'), 127)
        self.assert_nothing_left()

    def test_the_command_has_the_standard_input(self):
        self.write_script(PLAN)
        result = subprocess.run([*self.shell, str(self.script), '--with', 'tracefs', '-o',
                                 str(self.out), '--', 'cat'], env=self.environment, text=True,
                                input='typed\n', capture_output=True)
        self.assertEqual(result.stdout, 'typed\n')

    # ---- interrupted

    def interrupt(self, number, *arguments):
        process = self.start_script('-o', str(self.out), *arguments)
        if '--' in arguments:
            self.wait_until((self.root / 'started').exists)
        else:
            while 'ctrl-C' not in process.stderr.readline():
                self.assertIsNone(process.poll())
        process.send_signal(number)
        return self.end_script(process)

    def long_command(self):
        return '--', 'sh', '-c', f': >{self.root}/started; exec sleep 1000'

    def test_a_signal_ends_the_command_and_the_capture_is_saved(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                status = self.interrupt(number, '--with', 'tracefs', *self.long_command())
                self.assertEqual(status, 128 + number)
                self.assertIn('recorded', self.saved('trace.txt'))
                self.assertIn('removed 3 probes', self.stderr)
                self.assert_nothing_left()
            shutil.rmtree(self.out)
            shutil.rmtree(self.root / 'last-instance')
            (self.root / 'started').unlink()

    def test_records_until_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                self.assertEqual(self.interrupt(number, '--with', 'tracefs'), 0)
                self.assertIn('recorded', self.saved('trace.txt'))
                self.assert_nothing_left()
            shutil.rmtree(self.out)
            shutil.rmtree(self.root / 'last-instance')

    def test_a_second_signal_ends_a_command_that_does_not_heed_the_first(self):
        process = self.start_script('--with', 'tracefs', '-o', str(self.out), '--', 'sh', '-c',
                                    f'trap "" TERM; : >{self.root}/started; while :; do sleep 1; done')
        self.wait_until((self.root / 'started').exists)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.end_script(process), 128 + signal.SIGTERM)
        self.assert_nothing_left()

    def test_a_signal_before_the_recording(self):
        # The events are enabled when the instance is made, so that this is where it is stopped.
        self.stand_in('mkdir', MKDIR + f'\ncase $folder in */instances/*) : >{self.root}/started; '
                      'sleep 1 ;; esac')
        self.assertEqual(self.interrupt(signal.SIGTERM, '--with', 'tracefs', '--', 'touch',
                                        f'{self.root}/ran'), 128 + signal.SIGTERM)
        self.assertFalse((self.root / 'ran').exists())
        self.assert_nothing_left()
        self.assertFalse(self.out.exists())

    def test_nobody_reads_the_messages(self):
        process = self.start_script('--with', 'tracefs', '-o', str(self.out), *self.long_command())
        self.wait_until((self.root / 'started').exists)
        for pipe in (process.stdout, process.stderr):
            pipe.close()
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(PATIENCE), 128 + signal.SIGHUP)
        self.assert_nothing_left()

    # ---- what may be missing

    def test_needs_root(self):
        self.environment['FAKE_UID'] = '1000'
        self.assert_refused('only root may set probes')

    def test_mounts_tracefs_and_unmounts_it(self):
        self.write('proc/mounts')
        self.tracing.rename(self.root / 'tracefs')
        self.tracing.mkdir()
        self.assertEqual(self.record('--', 'true'), 0)
        self.assertIn('recorded', self.saved('trace.txt'))
        self.assertEqual((self.root / 'last-probes').read_text(), '')
        self.assertEqual(list(self.tracing.iterdir()), [])

    def test_a_kernel_without_tracefs(self):
        self.write('proc/mounts')
        self.write('proc/filesystems', 'nodev\tproc\n')
        shutil.rmtree(self.tracing)
        self.assert_refused('CONFIG_FTRACE')

    def test_tracefs_may_not_be_mounted(self):
        self.write('proc/mounts')
        shutil.rmtree(self.tracing)
        self.stand_in('mount', 'exit 1')
        self.assert_refused('CAP_SYS_ADMIN')

    def test_a_kernel_without_kprobe_events(self):
        (self.tracing / 'kprobe_events').unlink()
        self.assert_refused('CONFIG_KPROBE_EVENTS=y')

    def test_a_kernel_that_is_locked_down(self):
        self.write('sys/kernel/security/lockdown', 'none integrity [confidentiality]\n')
        self.assert_refused('locked down')
        self.write('sys/kernel/security/lockdown', 'none [integrity] confidentiality\n')
        self.assertEqual(self.record('--', 'true'), 0)

    def test_kprobes_that_are_switched_off(self):
        self.write('sys/kernel/debug/kprobes/enabled', '0\n')
        self.assert_refused('kprobes are switched off')

    def test_another_release(self):
        self.write('proc/sys/kernel/osrelease', '6.1.0-other\n')
        self.assert_refused('the probes are for Linux 6.1.0-test, and this is 6.1.0-other')
        self.assertEqual(self.record('--force', '--', 'true'), 0)
        self.assertIn('going on', self.stderr)

    def test_another_build(self):
        self.write('sys/kernel/notes', NOTES.replace(b'\x13', b'\x12'))
        self.assert_refused('another build of Linux 6.1.0-test')

    def test_a_build_that_is_not_known(self):
        (self.root / 'sys/kernel/notes').unlink()
        self.assertEqual(self.record('--', 'true'), 0)
        self.assertIn('cannot read the kernel\'s build id', self.stderr)

    def test_probes_of_others_stay(self):
        line = 'p:io/mine do_sys_open\n'
        self.write('sys/kernel/tracing/kprobe_events', line)
        self.write('sys/kernel/tracing/events/io/mine/enable', '0\n')
        self.assertEqual(self.record('--', 'true'), FAILURE)
        self.assertIn("a group 'io'", self.stderr)
        self.assertEqual((self.tracing / 'kprobe_events').read_text(), line)

        self.assertEqual(self.record('--without', 'io', '--', 'true'), 0)
        self.assertEqual((self.tracing / 'kprobe_events').read_text(), line)

    def test_another_recording_runs(self):
        (self.tracing / 'instances/mmureplay').mkdir()
        self.assertEqual(self.record('--', 'true'), FAILURE)
        self.assertIn("a tracing instance 'mmureplay'", self.stderr)
        self.assertTrue((self.tracing / 'instances/mmureplay').exists())

    def test_a_folder_that_cannot_be_made(self):
        self.write('out')
        self.assert_refused('please name another')

    def test_a_folder_that_is_not_empty(self):
        self.write('out/precious')
        self.assert_refused('is not empty')
        self.assertEqual([f.name for f in self.out.iterdir()], ['precious'])

    def test_a_probe_that_is_busy(self):
        # Another instance has enabled it, and will not let go.
        status = self.record('--', 'sh', '-c', f'd={self.tracing}/instances/other/events/io/ioremap; '
                             '"$REAL/mkdir" -p $d && echo 1 >$d/enable')
        self.assertEqual(status, FAILURE)
        self.assertIn('could not remove: io/ioremap', self.stderr)
        self.assertIn('removed 2 probes', self.stderr)

    # ---- other tasks

    def test_check_sets_and_removes(self):
        self.assertEqual(self.record('--check'), 1)  # as one is refused
        self.assertIn('3 probes set, 1 refused', self.stderr)
        self.assertFalse(self.out.exists())
        self.assert_nothing_left()
        self.write_script('io ioremap p ioremap_prot\n')
        self.assertEqual(self.record('--check'), 0)
        self.write_script('tlbi refused_0 p no_such_symbol+4\n')
        self.assertEqual(self.record('--check'), FAILURE)

    def test_remove_takes_away_what_a_killed_recording_left(self):
        process = self.start_script('--with', 'tracefs', '-o', str(self.out), *self.long_command())
        self.wait_until((self.root / 'started').exists)
        process.kill()
        process.wait()
        self.write('sys/kernel/tracing/events/mine/own/enable', '0\n')
        with (self.tracing / 'kprobe_events').open('a') as events:
            events.write('p:mine/own do_sys_open\n')
        self.assertEqual(self.run_script('--remove'), 0)
        self.assertIn('removed 3 probes', self.stderr)
        self.assertEqual((self.tracing / 'kprobe_events').read_text(), 'p:mine/own do_sys_open\n')
        self.assertEqual(list((self.tracing / 'instances').iterdir()), [])

    def test_help(self):
        self.environment['FAKE_UID'] = '1000'
        self.assertEqual(self.run_script('-h'), 0)
        self.assertIn('io', self.stdout)
        self.assertIn('the mappings', self.stdout)
        self.assertLessEqual(max(map(len, self.stdout.splitlines()[1:])), 80)

    def test_wrong_usage(self):
        for arguments in (['--no-such-option'], ['-o'], ['-b', '12x'], ['-b', '0'],
                          ['--with', 'strace']):
            with self.subTest(arguments):
                self.assertEqual(self.run_script(*arguments), FAILURE)
                self.assertTrue(self.stderr.startswith('record: '))

    # ---- through other programs

    def recorder_line(self):
        return (self.root / 'recorder').read_text()

    def test_trace_cmd(self):
        self.stand_in('trace-cmd', RECORDER)
        self.assertEqual(self.run_script('-o', str(self.out), '--callers', 'tlbi', '--', 'sh', '-c',
                                         'exit 7'), 7)
        self.assertIn(f'record -o {self.out}/trace.dat -B mmureplay -C mono -b 16384 '
                      '-e io:ioremap -e io:ioremap_ret -e tlbi:vaae1is_0 -R stacktrace '
                      '-e kmem:mm_page_alloc -f order == 0 sh -c', self.recorder_line())
        self.assertIn('status 0', self.recorder_line())  # told to end, not killed
        self.assertEqual(self.saved('trace.dat'), 'capture\n')
        self.assert_nothing_left()

    def test_perf(self):
        self.stand_in('perf', RECORDER)
        self.assertEqual(self.run_script('-o', str(self.out), '--callers', 'tlbi', '--', 'true'), 0)
        self.assertIn(f'record -a -N -k mono -m 16384K -o {self.out}/perf.data '
                      '-e io:ioremap -e io:ioremap_ret -e tlbi:vaae1is_0/call-graph=fp/ '
                      '-e kmem:mm_page_alloc --filter order == 0 sh -c', self.recorder_line())
        self.assertEqual(self.saved('perf.data'), 'capture\n')
        self.assert_nothing_left()

    def test_what_trace_cmd_lost(self):
        self.stand_in('trace-cmd', RECORDER + '\necho "CPU 0: 695 events lost"\n'
                      'echo "CPU 1: 5 events lost"')
        self.assertEqual(self.run_script('-o', str(self.out), '--', 'true'), 0)
        self.assertIn('700 events did not fit', self.stderr)

    def test_trace_cmd_is_chosen_before_perf(self):
        self.stand_in('perf', 'exit 1')
        self.stand_in('trace-cmd', RECORDER)
        self.assertEqual(self.run_script('-o', str(self.out), '--', 'true'), 0)
        self.assertTrue((self.out / 'trace.dat').exists())

    def test_a_signal_ends_the_recorder_too(self):
        self.stand_in('trace-cmd', RECORDER)
        self.assertEqual(self.interrupt(signal.SIGTERM, *self.long_command()), 128 + signal.SIGTERM)
        self.assertIn('status 0', self.recorder_line())
        self.assert_nothing_left()

    def test_a_signal_to_all_processes_does_not_end_the_recorder(self):
        self.stand_in('trace-cmd', RECORDER)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                process = self.start_script('-o', str(self.out))
                while 'ctrl-C' not in process.stderr.readline():
                    self.assertIsNone(process.poll())
                os.killpg(process.pid, number)
                self.assertEqual(self.end_script(process), 0)
                self.assertIn('status 0', self.recorder_line())
                self.assertEqual(self.saved('trace.dat'), 'capture\n')
                self.assert_nothing_left()
            shutil.rmtree(self.out)

    def test_a_recorder_that_is_killed_leaves_nothing(self):
        self.stand_in('trace-cmd', f'''
d={self.tracing}/instances/mmureplay/events/io/ioremap
"$REAL/mkdir" -p $d && echo 1 >$d/enable && {RECORDER.strip()} &
wait $!; kill -s KILL $$''')
        self.run_script('-o', str(self.out), '--', 'true')
        self.assertIn('removed 3 probes', self.stderr)
        self.assert_nothing_left()

    def test_perf_ends_by_the_signal_when_all_is_written(self):
        self.stand_in('perf', RECORDER + '\nexit 130')
        self.assertEqual(self.interrupt(signal.SIGINT, *self.long_command()), 128 + signal.SIGINT)
        self.assertNotIn('ended with status', self.stderr)
        shutil.rmtree(self.out)
        self.assertEqual(self.run_script('-o', str(self.out), '--', 'true'), 0)
        self.assertIn('perf ended with status 130', self.stderr)

    def test_a_recorder_that_does_not_start(self):
        self.environment['FAKE_REFUSAL'] = 'I will not'
        self.stand_in('perf', RECORDER)
        self.assertEqual(self.run_script('-o', str(self.out), '--', 'touch', f'{self.root}/ran'),
                         FAILURE)
        self.assertIn('perf does not record: I will not', self.stderr)
        self.assertFalse((self.root / 'ran').exists())
        self.assert_nothing_left()

    def test_a_recorder_that_is_not_there(self):
        self.assertEqual(self.run_script('--with', 'perf'), FAILURE)
        self.assertIn('perf is not installed', self.stderr)


def load_tests(loader, tests, pattern):
    """The tests with each shell; `pattern` is unittest's."""
    suite = unittest.TestSuite()
    for shell in SHELLS:
        name = f'Record with {" ".join(Path(word).name for word in shell)}'
        suite.addTests(loader.loadTestsFromTestCase(type(name, (Record,), {'shell': shell})))
    return suite


if __name__ == '__main__':
    TEMPLATE = sys.argv.pop(1)
    unittest.main()
