#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Records what mmureplay analyses, on the machine that runs the kernel: sets the kprobes of the plan
# below, records while a command runs or until it is interrupted, saves the capture with what is
# needed to read it, and takes the probes away again.  A POSIX shell with busybox is enough.
#
#   sh record.sh -- modprobe the_driver     records while this runs
#   sh record.sh                            records until ctrl-C
#   sh record.sh -h                         the options
#
# The exit status is that of the command; 125 when there is no recording; 128 and the signal's number
# when a signal ended the command.  With --check it is 1 when some probes are refused.
#
# MMUREPLAY_ROOT, when set, stands before /sys and /proc.

set -u

# The plan: what to record.  A line `GROUP NAME p|rN DEFINITION` is a probe, as kprobe_events takes
# it; `GROUP SYSTEM:EVENT event [FILTER]` is an event that the kernel has; and those with # tell
#   #release R         the kernel that the probes were made for
#   #build-id HEX      the same, exactly
#   #about GROUP TEXT  what a group is for, and what it costs
#   #callers GROUP     this group's events are recorded with their call chains
plan() {
	cat <<'END_OF_PLAN'
#@plan
#@end
END_OF_PLAN
}

instance_name=mmureplay
failure=125 # no recording; as of env(1), timeout(1)
max_tries=5 # to remove what is busy, one a second, for all of it together

say() {
	printf 'record: %s\n' "$*" >&2
}

fail() {
	say "$@"
	exit "$failure"
}

usage() {
	cat <<EOF
usage: sh $0 [OPTION...] [-- COMMAND [ARGUMENT...]]

Records what mmureplay analyses while COMMAND runs, or until ctrl-C.

  -o, --output DIR      save to this new folder; default: mmureplay-DATE
  -b, --buffer KIB      ring buffer of each CPU; default: $buffer_kib
      --with RECORDER   trace-cmd, perf, or tracefs, which needs no program;
                        default: the first of these that is there
      --without GROUP   leave out a group of probes; may be repeated
      --callers GROUP   record call chains with a group; may be repeated
      --tar             also pack the folder, to carry it away: DIR.tar.gz
      --check           set the probes, say which are refused, and remove them;
                        exits with 1 when some are, with 125 when all are
      --remove          remove what a recording left that was killed
      --force           go on although the probes are for another kernel
  -h, --help            show this

Groups:
EOF
	plan | sed -n 's/^#about //p' | while read -r group text; do
		printf '  %s\n' "$group"
		printf '%s\n' "$text" | { fold -s -w 70 2>/dev/null || cat; } | sed 's/^/      /; s/ *$//'
	done
}

# ---- the plan

# The value of a line `#KEY VALUE`.
plan_value() {
	plan | sed -n "s/^#$1 //p"
}

# is_in WORD LIST
is_in() {
	case " $2 " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# The plan's lines that are wanted, as `GROUP NAME KIND REST`.
wanted_lines() {
	plan | grep -v '^#' | while read -r group rest; do
		[ -z "$group" ] || is_in "$group" "$without" || printf '%s %s\n' "$group" "$rest"
	done
}

wanted_groups() {
	wanted_lines | while read -r group _ kind _; do
		[ "$kind" = event ] || printf '%s\n' "$group"
	done | sort -u
}

# ---- the kernel's files

# put FILE TEXT: appends, as kprobe_events drops all probes when it is truncated.
put() {
	printf '%s\n' "$2" >>"$1"
}

# try FILE TEXT: puts; when that fails, $reason is what the shell says of it.
try() {
	reason=$(put "$1" "$2" 2>&1) && return
	reason=${reason##*: }
	return 1
}

read_file() {
	cat "$1" 2>/dev/null
}

# ---- what this system must have

find_tracing() {
	for tracing in "$sys/kernel/tracing" "$sys/kernel/debug/tracing" \
		"$(sed -n 's/^[^ ]* \([^ ]*\) tracefs .*/\1/p' "$proc/mounts" | head -n 1)"; do
		[ ! -d "$tracing/events" ] || return 0
	done

	[ -d "$sys/kernel" ] || fail "/sys is not mounted; please: mount -t sysfs sysfs /sys"
	grep -qw tracefs "$proc/filesystems" ||
		fail "this kernel has no tracefs: it was built without CONFIG_FTRACE, and cannot record"
	tracing=$sys/kernel/tracing mounted=$sys/kernel/tracing
	mount -t tracefs tracefs "$tracing" ||
		fail "cannot mount tracefs on $tracing: is this a container, without CAP_SYS_ADMIN?"
}

is_mounted() {
	grep -q "^[^ ]* $1 " "$proc/mounts"
}

check_lockdown() {
	case $(read_file "$sys/kernel/security/lockdown") in
	*'[confidentiality]'*)
		fail "the kernel is locked down (confidentiality), and refuses probes: boot with" \
			"lockdown=integrity or lockdown=none, without Secure Boot where that asks for more"
		;;
	esac
}

check_kprobes() {
	[ -e "$tracing/kprobe_events" ] ||
		fail "this kernel has no kprobe events: it needs CONFIG_KPROBES=y and" \
			"CONFIG_KPROBE_EVENTS=y (with CONFIG_FTRACE=y); please build one that has"
	try "$tracing/kprobe_events" '' ||
		fail "$tracing/kprobe_events cannot be written (${reason:-no reason given}):" \
			"locked down, see 'dmesg | grep -i lockdown'; or a container"
	[ "$(read_file "$sys/kernel/debug/kprobes/enabled")" != 0 ] ||
		fail "kprobes are switched off; please: echo 1 >$sys/kernel/debug/kprobes/enabled"
}

# A file's bytes in hexadecimal; nothing where there is no program for it.
hex_of() {
	{ od -An -v -tx1 "$1" || hexdump -v -e '1/1 "%02x"' "$1"; } 2>/dev/null | tr -d ' \n'
}

# wrong_kernel WORDS...: fails, or goes on when forced.
wrong_kernel() {
	if [ "$force" = yes ]; then
		say "$*; going on, as --force was given: the TLBI probes may be on other instructions"
	else
		fail "$*: please make the script for the kernel that runs here" \
			"(mmureplay probes VMLINUX), or say --force"
	fi
}

check_kernel() {
	plan_release=$(plan_value release)
	release=$(read_file "$proc/sys/kernel/osrelease")
	[ "${plan_release:-$release}" = "$release" ] ||
		wrong_kernel "the probes are for Linux $plan_release, and this is $release"

	plan_id=$(plan_value build-id)
	[ -n "$plan_id" ] || return 0
	notes=$(hex_of "$sys/kernel/notes")
	case $notes in
	'') say "cannot read the kernel's build id: its release is all that was compared" ;;
	*474e5500"$plan_id"*) ;; # "GNU", and the id
	*) wrong_kernel "this is another build of Linux $release than the probes are for" ;;
	esac
}

check_free() {
	for group in $(wanted_groups); do
		[ ! -d "$tracing/events/$group" ] ||
			fail "there are probes of a group '$group' already, see $tracing/kprobe_events:" \
				"if a recording that was killed has left them, 'sh $0 --remove' removes them"
	done
	[ ! -d "$tracing/instances/$instance_name" ] ||
		fail "there is a tracing instance '$instance_name': another recording runs, or was" \
			"killed; in that case 'sh $0 --remove' removes it"
}

# ---- probes

# What the kernel's log of errors (since Linux 5.2) says of the probe $1/$2, or the shell does.
refusal() {
	logged=$(sed -n "/ error: /h; /Command: [^ ]*:$1\/$2 /{x;s/.* error: //p;}" \
		"$tracing/error_log" 2>/dev/null | tail -n 1)
	echo "${logged:-${reason:-no reason given}}"
}

# define GROUP NAME KIND DEFINITION
define() {
	setting=$1/$2 # first, as a signal may come at any time
	if try "$tracing/kprobe_events" "$3:$1/$2 $4" && [ -d "$tracing/events/$1/$2" ]; then
		probes="$probes $1/$2"
		events="$events $1/$2"
	else
		refused=$((refused + 1))
		refusals="$refusals$1/$2 at ${4%% *}: $(refusal "$1" "$2")
"
		say "refused: $1/$2 at ${4%% *}: $(refusal "$1" "$2")"
	fi
	setting=''
}

# choose NAME FILTER: an event that the kernel has.
choose() {
	if [ -d "$tracing/events/${1%%:*}/${1#*:}" ]; then
		events="$events ${1%%:*}/${1#*:}"
		filters="$filters${1%%:*}/${1#*:} $2
"
	else
		say "not in this kernel: the event $1"
	fi
}

define_all() {
	probes='' events='' filters='' refusals='' refused=0
	while read -r group name kind rest; do
		case $kind in
		'') ;;
		event) choose "$name" "$rest" ;;
		*) define "$group" "$name" "${kind%%:*}" "$rest" ;;
		esac
	done <<EOF
$(wanted_lines)
EOF
	[ -n "$probes" ] || fail "no probe was accepted, so that nothing can be recorded"
	# Unquoted: a count of words.
	# shellcheck disable=SC2086
	set -- $probes
	say "$# probes set, $refused refused"
}

# The filter of an event; nothing when it has none.
filter_of() {
	printf '%s' "$filters" | sed -n "s|^$1 ||p"
}

# Whether an event's call chains are wanted.
with_callers() {
	is_in "${1%/*}" "$callers"
}

# remove GROUP/NAME: waits for those who still use it, if that has not been done for another.
remove() {
	while grep -q ":$1 " "$tracing/kprobe_events"; do
		try "$tracing/kprobe_events" "-:$1" && return
		[ "$tries" -lt "$max_tries" ] || return
		tries=$((tries + 1))
		sleep 1
	done
}

remove_all() {
	removed=0 left='' tries=0
	for probe in $probes $setting; do
		if remove "$probe"; then
			removed=$((removed + 1))
		else
			left="$left $probe"
		fi
	done
	probes='' setting=''
	[ "$removed" -eq 0 ] || say "removed $removed probes"
	[ -z "$left" ] || say "could not remove:$left (${reason:-no reason given}); something else" \
		"uses them; later 'sh $0 --remove' removes them"
}

# The instance of a recorder that was killed, with all that is enabled in it.
drop_leftover() {
	[ ! -d "$tracing/instances/$instance_name" ] || {
		buffer=$tracing/instances/$instance_name
		drop_buffer
	}
}

# Of a recording that was killed.
remove_leftover() {
	drop_leftover
	while read -r group name kind _; do
		if [ "$kind" != event ] && grep -q ":$group/$name " "$tracing/kprobe_events"; then
			probes="$probes $group/$name"
		fi
	done <<EOF
$(wanted_lines)
EOF
	[ -n "$probes" ] || say "no probes were left"
}

# ---- the ring buffer, for --with tracefs

# An instance of our own, so that nobody else's tracing is disturbed; or else the one that there is.
take_buffer() {
	# Named first, as a signal may come at any time.
	buffer=$tracing/instances/$instance_name
	if ! mkdir "$buffer" 2>/dev/null; then
		buffer=''
		[ "$(read_file "$tracing/current_tracer") $(read_file "$tracing/set_event")" = 'nop ' ] ||
			fail "the kernel gives no tracing instance, and somebody is tracing in $tracing"
		say "the kernel gives no tracing instance: using $tracing itself, what is in it is lost"
		old_clock=$(sed 's/.*\[\(.*\)\].*/\1/' "$tracing/trace_clock")
		old_size=$(sed 's/ .*//' "$tracing/buffer_size_kb")
		old_on=$(read_file "$tracing/tracing_on")
		buffer=$tracing
	fi
	try "$buffer/tracing_on" 0
	# One clock for all CPUs, or what two of them did cannot be put in order.
	for clock in mono global local; do
		! try "$buffer/trace_clock" "$clock" || break
	done
	size_buffer
}

# The size that was asked for, or half of it, and so on.
size_buffer() {
	size=$buffer_kib
	while ! try "$buffer/buffer_size_kb" "$size"; do
		size=$((size / 2))
		[ "$size" -gt 0 ] || fail "cannot set the size of the ring buffer: ${reason:-no reason given}"
	done
	[ "$size" -eq "$buffer_kib" ] || say "no memory for $buffer_kib KiB on each CPU: using $size"
}

# Gives back what take_buffer took.
drop_buffer() {
	[ -d "$buffer" ] || return 0
	try "$buffer/tracing_on" 0
	for event in ${events-}; do
		try "$buffer/events/$event/enable" 0
		with_callers "$event" && try "$buffer/events/$event/trigger" '!stacktrace'
		[ -z "$(filter_of "$event")" ] || try "$buffer/events/$event/filter" 0
	done
	if [ "$buffer" = "$tracing" ]; then
		try "$buffer/trace_clock" "$old_clock"
		try "$buffer/buffer_size_kb" "$old_size"
		try "$buffer/tracing_on" "$old_on"
	else
		try "$buffer/events/enable" 0
		rmdir "$buffer" || say "could not remove the tracing instance $buffer"
	fi
	buffer=''
}

start_tracefs() {
	take_buffer
	for event in $events; do
		filter=$(filter_of "$event")
		[ -z "$filter" ] || try "$buffer/events/$event/filter" "$filter" ||
			say "no filter '$filter' for $event: all of it is recorded"
		! with_callers "$event" || try "$buffer/events/$event/trigger" stacktrace ||
			say "no call chains for $event: ${reason:-no reason given}"
		try "$buffer/events/$event/enable" 1 || fail "cannot enable $event: ${reason:-no reason given}"
	done
	try "$buffer/tracing_on" 1
}

stop_tracefs() {
	try "$buffer/tracing_on" 0
}

# The kernel's text says neither its clock nor which probes there were.
describe_capture() {
	printf '# mmureplay: release %s\n' "$release"
	printf '# mmureplay: clock %s\n' "$clock"
	sed 's/^/# mmureplay: probe /' "$tracing/kprobe_events"
	for event in $events; do
		is_in "$event" "$probes" || printf '# mmureplay: event %s\n' "$event"
	done
}

save_tracefs() {
	capture=trace.txt
	{ describe_capture && cat "$buffer/trace"; } >"$output/$capture" ||
		fail "could not save $output/$capture: is the disk full?"
	for stats in "$buffer"/per_cpu/cpu*/stats; do
		stats_cpu=${stats%/stats}
		printf 'CPU: %s\n' "${stats_cpu##*/cpu}"
		read_file "$stats"
	done >"$output/stats.txt"
}

# ---- trace-cmd and perf

# start_recorder PROGRAM ARGUMENT...: runs it around a shell that says when it has begun, and ends
# when it is told to, or when this script is no more.
start_recorder() {
	# They mount this one and leave it, and the kernel mounts tracefs in it.
	is_mounted "$sys/kernel/debug" || mounted="$mounted $sys/kernel/debug/tracing $sys/kernel/debug"
	work=${TMPDIR:-/tmp}/mmureplay.$$
	mkdir -m 700 "$work" || fail "cannot make a folder in ${TMPDIR:-/tmp}; set TMPDIR"
	mkfifo "$work/begun" "$work/stop" || fail "cannot make a named pipe in $work; set TMPDIR"
	exec 4<>"$work/begun" 5<>"$work/stop"
	# shellcheck disable=SC2016 # for that shell to expand
	(
		# A signal to all of a terminal's processes is for us to hear: a recorder that it kills
		# leaves its instance, and what it has recorded half written.
		trap '' HUP INT TERM
		"$@" sh -c 'echo begun >"$0/begun"; read -r _ <"$0/stop"' "$work" \
			</dev/null >"$output/$recorder.log" 2>&1 4>&- 5>&-
		code=$?
		echo ended >&4
		exit "$code"
	) &
	recorder_pid=$!
	read -r word <&4
	[ "$word" = begun ] || fail "$recorder does not record: $(tail -n 3 "$output/$recorder.log")"
}

stop_recorder() {
	[ -n "$recorder_pid" ] || return 0
	echo stop >&5
	wait_for "$recorder_pid"
	recorder_pid=''
	exec 4>&- 5>&-
	drop_leftover
	# A ctrl-C reaches the recorder, too, and perf then ends by it when all is written.
	[ "$status" -eq 0 ] || [ "$status" -eq $((128 + ${signal:-0})) ] ||
		say "$recorder ended with status $status: $(tail -n 3 "$output/$recorder.log")"
}

start_trace_cmd() {
	clock=mono
	set -- trace-cmd record -o "$output/trace.dat" -B "$instance_name" -C "$clock" -b "$buffer_kib"
	for event in $events; do
		filter=$(filter_of "$event")
		set -- "$@" -e "${event%/*}:${event#*/}"
		[ -z "$filter" ] || set -- "$@" -f "$filter"
		! with_callers "$event" || set -- "$@" -R stacktrace
	done
	start_recorder "$@"
}

save_trace_cmd() {
	capture=trace.dat
	[ -s "$output/$capture" ] || fail "trace-cmd has not written $output/$capture"
}

start_perf() {
	clock=mono
	set -- perf record -a -N -k "$clock" -m "${buffer_kib}K" -o "$output/perf.data"
	for event in $events; do
		filter=$(filter_of "$event")
		if with_callers "$event"; then
			set -- "$@" -e "${event%/*}:${event#*/}/call-graph=fp/"
		else
			set -- "$@" -e "${event%/*}:${event#*/}"
		fi
		[ -z "$filter" ] || set -- "$@" --filter "$filter"
	done
	start_recorder "$@"
}

save_perf() {
	capture=perf.data
	[ -s "$output/$capture" ] || fail "perf has not written $output/$capture"
}

choose_recorder() {
	case $recorder in
	'')
		recorder=tracefs
		for program in perf trace-cmd; do
			! command -v "$program" >/dev/null || recorder=$program
		done
		;;
	trace-cmd | perf)
		command -v "$recorder" >/dev/null || fail "$recorder is not installed here"
		;;
	tracefs) ;;
	*) fail "--with takes trace-cmd, perf or tracefs, not '$recorder'" ;;
	esac
}

start() {
	case $recorder in
	tracefs) start_tracefs ;;
	trace-cmd) start_trace_cmd ;;
	perf) start_perf ;;
	esac
}

stop() {
	case $recorder in
	tracefs) stop_tracefs ;;
	*) stop_recorder ;;
	esac
}

save_capture() {
	case $recorder in
	tracefs) save_tracefs ;;
	trace-cmd) save_trace_cmd ;;
	perf) save_perf ;;
	esac
}

# ---- the command

# wait_for PID: sets $status to how it ended.  A signal ends wait(1) before that.
wait_for() {
	while :; do
		wait "$1"
		status=$?
		kill -0 "$1" 2>/dev/null || return 0
	done
}

# hold PID: makes it the process that a signal ends, even one that has come already.
hold() {
	child=$1
	[ -z "$signal" ] || end_child TERM
}

# Whether the child runs, and has not ended or been replaced by another process.
child_runs() {
	grep -q '^State:.[^ZX]' "/proc/$child/status" 2>/dev/null &&
		grep -q "^PPid:.$$\$" "/proc/$child/status" 2>/dev/null
}

# end_child SIGNAL: twice, as one that has not begun its program yet is a copy of this shell, which
# takes the first for its own.
end_child() {
	kill -s "$1" "$child" 2>/dev/null
	for _ in 1 2 3; do
		child_runs || return 0
	done
	sleep 1
	! child_runs || kill -s "$1" "$child" 2>/dev/null
}

# In the background, as a shell sees a signal only when what it waits for has ended.
run_command() {
	"$@" <&3 3>&- 4>&- 5>&- &
	hold $!
	wait_for "$child"
	child=''
	command_status=$status
	# Told to end by SIGTERM, as what runs in the background does not hear a SIGINT.
	[ -z "$signal" ] || [ "$status" -le 128 ] || command_status=$((128 + signal))
}

# Or for the recorder's end.
wait_for_signal() {
	while [ -z "$signal" ]; do
		if [ -n "$recorder_pid" ]; then
			read -r _ <&4 &
		else
			sleep 60 &
		fi
		hold $!
		wait_for "$child"
		[ -z "$recorder_pid" ] || break
	done
	child=''
}

record() {
	start
	recording=yes unused=''
	save_before
	if [ $# -gt 0 ]; then
		say "recording with $recorder while '$*' runs"
		run_command "$@"
	else
		say "recording with $recorder; end with ctrl-C"
		wait_for_signal
	fi
	recording=no
	stop
}

# ---- what is saved

# save NAME FILE: a copy in the folder, where there is such a file.
save() {
	[ ! -r "$2" ] || cat "$2" >"$output/$1" 2>/dev/null || say "could not save $2"
}

page_size() {
	getconf PAGESIZE 2>/dev/null ||
		sed -n 's/^KernelPageSize: *\([0-9]*\) kB/\1 1024/p' "$proc/self/smaps" 2>/dev/null |
		{ read -r kib unit && echo $((kib * unit)); }
}

make_output() {
	output=${output:-mmureplay-$(date +%Y%m%d-%H%M%S)}
	mkdir -p "$output" || fail "cannot make the folder $output; please name another one with -o"
	[ -z "$(ls -A "$output")" ] || fail "$output is not empty; please name another folder with -o"
	try "$output/system.txt" "release $release" ||
		fail "cannot write to $output; please name another folder with -o"
	case $output in
	/*) ;;
	*) output=$PWD/$output ;;
	esac
	unused=$output
}

save_before() {
	# Of modules that may be unloaded by the end.
	grep '\[' "$proc/kallsyms" >"$output/kallsyms-before.txt" 2>/dev/null ||
		rm -f "$output/kallsyms-before.txt"
	save vmallocinfo.txt "$proc/vmallocinfo"
	save iomem.txt "$proc/iomem"
}

save_system() {
	{
		echo "release $release"
		echo "version $(read_file "$proc/version")"
		echo "page-size $(page_size)"
		echo "recorder $recorder"
		echo "clock $clock"
		echo "buffer-kib ${size:-$buffer_kib}"
		echo "capture $capture"
		echo "command $*"
		[ -z "$command_status" ] || echo "command-status $command_status"
	} >"$output/system.txt"
	save kprobe_events.txt "$tracing/kprobe_events"
	save kprobe_profile.txt "$tracing/kprobe_profile"
	[ -z "$refusals" ] || printf '%s' "$refusals" >"$output/refused.txt"
	save kallsyms.txt "$proc/kallsyms"
	save modules.txt "$proc/modules"
	save cmdline.txt "$proc/cmdline"
	save cpuinfo.txt "$proc/cpuinfo"
	save notes.bin "$sys/kernel/notes"
	if [ -r "$proc/config.gz" ]; then
		save config.gz "$proc/config.gz"
	else
		save config.txt "${MMUREPLAY_ROOT-}/boot/config-$release"
	fi
}

# sum_of WHAT FILE: of the numbers in lines `WHAT: N` of statistics, WHAT without its spaces; and in
# what trace-cmd says, "CPU 0: 695 events lost".
sum_of() {
	total=0
	while read -r what count; do
		[ "$what" != "$1" ] || total=$((total + count))
	done <<EOF
$(sed -n 's/^CPU [0-9]*: \([0-9]*\) events lost/overrun: \1/; s/ //; s/: */ /p' "$2" 2>/dev/null)
EOF
	echo "$total"
}

# What is worth doing the recording again.
report_losses() {
	for stats in "$output/stats.txt" "$output/trace-cmd.log"; do
		lost=$(($(sum_of overrun "$stats") + $(sum_of commitoverrun "$stats") + \
			$(sum_of droppedevents "$stats")))
		[ "$lost" -eq 0 ] || say "$lost events did not fit into the buffers and are lost:" \
			"please record again with --buffer $((4 * ${size:-$buffer_kib}))," \
			"or without a group that is hit often (--without)"
	done
	while read -r name hits misses; do
		is_in "$name" "$(echo " $probes" | sed 's| [^ /]*/| |g')" || continue
		[ "$misses" -eq 0 ] || say "$misses of $((hits + misses)) hits of $name were missed"
	done <"$output/kprobe_profile.txt"
	case $(head -n 1 "$output/kallsyms.txt" 2>/dev/null) in
	0000000000000000*) say "the kernel hides its addresses: 'sysctl kernel.kptr_restrict=1'" \
		"before recording gives kallsyms.txt its use" ;;
	esac
}

pack() {
	(cd "$(dirname "$output")" && tar -cf - "$(basename "$output")" | gzip) >"$output.tar.gz" ||
		fail "could not pack $output"
	say "packed in $output.tar.gz"
}

# ---- the end

# Whatever happens, this comes last: nothing of ours stays.
clean_up() {
	code=$?
	trap '' HUP INT TERM
	trap - EXIT
	[ -z "$child" ] || end_child TERM
	[ -z "$recorder_pid" ] || stop_recorder
	[ -z "$buffer" ] || drop_buffer
	remove_all
	for place in $mounted; do
		! is_mounted "$place" || umount "$place" || say "could not unmount $place"
	done
	[ -z "$work" ] || rm -rf "$work"
	[ -z "$unused" ] || { rm -f "$unused/system.txt" && rmdir "$unused" 2>/dev/null; }
	[ -z "$left" ] || [ "$code" -ne 0 ] || code=$failure
	exit "$code"
}

# on_signal NAME NUMBER: while recording, ends the command; at any other time, all.
on_signal() {
	if [ "$recording" = yes ]; then
		# A second one, when the command has not heeded the first.
		how=TERM
		[ -z "$signal" ] || how=KILL
		signal=$2
		[ -z "$child" ] || end_child "$how"
	else
		say "ended by SIG$1"
		exit $((128 + $2))
	fi
}

parse_options() {
	output='' buffer_kib=16384 recorder='' without='' callers=$(plan_value callers | tr '\n' ' ')
	pack=no task=record force=no
	while [ $# -gt 0 ]; do
		case $1 in
		-o | --output | -b | --buffer | --with | --without | --callers)
			[ $# -gt 1 ] || fail "$1 needs an argument; see -h"
			;;
		esac
		case $1 in
		-o | --output) output=$2 && shift ;;
		-b | --buffer) buffer_kib=$2 && shift ;;
		--with) recorder=$2 && shift ;;
		--without) without="$without $2" && shift ;;
		--callers) callers="$callers $2" && shift ;;
		--tar) pack=yes ;;
		--check) task=check ;;
		--remove) task=remove ;;
		--force) force=yes ;;
		-h | --help) usage && exit ;;
		--) shift && break ;;
		-*) fail "no option $1; see -h" ;;
		*) break ;;
		esac
		shift
	done
	case $buffer_kib in
	'' | *[!0-9]* | 0*) fail "--buffer takes a number of KiB, not '$buffer_kib'" ;;
	esac
	words=$#
}

main() {
	sys=${MMUREPLAY_ROOT-}/sys proc=${MMUREPLAY_ROOT-}/proc
	parse_options "$@"
	shift $(($# - words))

	[ "$(id -u)" -eq 0 ] || fail "only root may set probes; please run it with sudo, or as root"
	choose_recorder

	mounted='' buffer='' probes='' setting='' work='' child='' recorder_pid='' recording=no signal='' left=''
	size='' command_status='' clock='' unused=''
	exec 3<&0
	trap clean_up EXIT
	trap 'on_signal HUP 1' HUP
	trap 'on_signal INT 2' INT
	trap 'on_signal TERM 15' TERM
	trap : PIPE # whoever reads our messages may be gone: go on

	find_tracing
	check_lockdown
	check_kprobes
	if [ "$task" = remove ]; then
		remove_leftover
		exit 0
	fi
	check_kernel
	check_free
	if [ "$task" = check ]; then
		define_all
		[ "$refused" -eq 0 ] || exit 1
		exit 0
	fi

	make_output
	define_all
	record "$@"
	save_capture
	save_system "$@"
	report_losses
	[ "$pack" = no ] || pack
	say "saved in $output; analyse with:"
	say "  mmureplay --vmlinux=VMLINUX $output"
	return "${command_status:-0}"
}

main "$@"
