#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From a fresh clone to a first report:
#
#   sh src/quickstart.sh         installs what is missing, builds, analyses the bundled capture
#   sh src/quickstart.sh test    the same, then all tests

set -eu

build=build
capture=traces/linux-4.14/trace.txt

# What is needed, one a line: how to see that it is there, and the package that brings it.
#
#                     apt               dnf                   pacman        zypper              apk
needs='
command cc            gcc               gcc                   gcc           gcc                 gcc
header  stdio.h       libc6-dev         glibc-devel           glibc         glibc-devel         musl-dev
header  argp.h        libc6-dev         glibc-devel           glibc         glibc-devel         argp-standalone
command meson         meson             meson                 meson         meson               meson
command ninja         ninja-build       ninja-build           ninja         ninja               samurai
command pkg-config    pkg-config        pkgconf-pkg-config    pkgconf       pkg-config          pkgconf
module  json-c        libjson-c-dev     json-c-devel          json-c        libjson-c-devel     json-c-dev
module  libdw         libdw-dev         elfutils-devel        libelf        libdw-devel         elfutils-dev
module  libelf        libelf-dev        elfutils-libelf-devel libelf        libelf-devel        elfutils-dev
module  libtraceevent libtraceevent-dev libtraceevent-devel   libtraceevent libtraceevent-devel libtraceevent-dev
module  libzstd       libzstd-dev       libzstd-devel         zstd          libzstd-devel       zstd-dev
module  zlib          zlib1g-dev        zlib-devel            zlib          zlib-devel          zlib-dev
'
needs_for_tests='
command python3       python3           python3               python        python3             python3
module  cmocka        libcmocka-dev     libcmocka-devel       cmocka        libcmocka-devel     cmocka-dev
'

say() {
	printf 'quickstart: %s\n' "$*" >&2
}

fail() {
	say "$@"
	exit 1
}

have_command() {
	command -v "$1" >/dev/null 2>&1
}

# is_there KIND NAME: whether a need is met, wherever it came from.
is_there() {
	case $1 in
	command) have_command "$2" ;;
	header) have_command cc && printf '#include <%s>\n' "$2" | cc -E - >/dev/null 2>&1 ;;
	module) have_command pkg-config && pkg-config --exists "$2" ;;
	esac
}

package_manager() {
	for manager in apt-get dnf pacman zypper apk; do
		if have_command "$manager"; then
			echo "$manager"
			return
		fi
	done
}

# is_installed MANAGER PACKAGE: without a compiler no header can be found, although it may be there.
is_installed() {
	case $1 in
	apt-get) [ "$(dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null)" = installed ] ;;
	dnf | zypper) rpm -q --whatprovides "$2" ;;
	pacman) pacman -Q "$2" ;;
	apk) apk info -e "$2" ;;
	esac >/dev/null 2>&1
}

# missing_packages MANAGER NEEDS: the packages to install, each once.
missing_packages() {
	echo "$2" | while read -r kind name apt dnf pacman zypper apk; do
		[ -n "$kind" ] || continue
		case $1 in
		apt-get) package=$apt ;;
		dnf) package=$dnf ;;
		pacman) package=$pacman ;;
		zypper) package=$zypper ;;
		apk) package=$apk ;;
		esac
		is_there "$kind" "$name" </dev/null || is_installed "$1" "$package" || echo "$package"
	done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# missing_needs NEEDS: the same for people, where no package manager is known.
missing_needs() {
	echo "$1" | while read -r kind name _; do
		[ -z "$kind" ] || is_there "$kind" "$name" </dev/null || echo "  $kind $name"
	done
}

# install_command MANAGER PACKAGES: the line that installs them, to run as root.
install_command() {
	case $1 in
	apt-get) echo "apt-get install -y --no-install-recommends $2" ;;
	dnf) echo "dnf install -y $2" ;;
	pacman) echo "pacman -S --needed --noconfirm $2" ;;
	zypper) echo "zypper --non-interactive install $2" ;;
	apk) echo "apk add --update-cache $2" ;;
	esac
}

# refresh_command MANAGER: fetches the lists of packages, where installing does not do so itself.
refresh_command() {
	case $1 in
	apt-get) echo "apt-get update" ;;
	# Lists newer than the installed system would ask for an upgrade of all of it: only the first.
	pacman) [ -n "$(ls /var/lib/pacman/sync 2>/dev/null)" ] || echo "pacman -Sy" ;;
	esac
}

# The words to put before a command that needs root; fails when there is no way to become root.
root_prefix() {
	if [ "$(id -u)" -eq 0 ]; then
		echo "env"
	elif have_command sudo; then
		echo "sudo env"
	elif have_command doas; then
		echo "doas env"
	else
		return 1
	fi
}

install_missing() {
	manager=$(package_manager)
	if [ -z "$manager" ]; then
		missing=$(missing_needs "$1")
		[ -z "$missing" ] || fail "no known package manager here; please install first:
$missing"
		return
	fi

	packages=$(missing_packages "$manager" "$1")
	if [ -z "$packages" ]; then
		say "everything that is needed is installed"
		return
	fi

	refresh=$(refresh_command "$manager")
	install=$(install_command "$manager" "$packages")
	prefix=$(root_prefix) || fail "cannot become root; as root, run:
  ${refresh:+$refresh && }$install"

	say "about to install, with $manager as root: $packages"
	# Unquoted: each of these is several words.
	# shellcheck disable=SC2086
	[ -z "$refresh" ] || $prefix DEBIAN_FRONTEND=noninteractive $refresh
	# shellcheck disable=SC2086
	$prefix DEBIAN_FRONTEND=noninteractive $install || fail "$manager could not install: $packages"
}

build_program() {
	say "building in $build/"
	# A build folder that is there may be from before a library was installed: look again.
	if [ -f "$build/build.ninja" ]; then
		meson setup --reconfigure "$build"
	else
		meson setup "$build"
	fi
	meson compile -C "$build"
}

# The bundled capture has findings, so that 1 is success here and everything else is not.
analyse_capture() {
	say "running: $build/src/mmureplay $capture"
	status=0
	"$build/src/mmureplay" "$capture" || status=$?
	[ "$status" -eq 1 ] || fail "exit status $status; 1 was expected, for a capture with findings"
	say "exit status 1: this capture has findings, shown above, as it should"
}

main() {
	case $* in
	'') wanted=$needs ;;
	test) wanted=$needs$needs_for_tests ;;
	*) fail "usage: sh src/quickstart.sh [test]" ;;
	esac

	cd "$(dirname "$0")/.."
	install_missing "$wanted"
	build_program
	analyse_capture
	if [ "$*" = test ]; then
		say "running all tests"
		meson test -C "$build" --print-errorlogs
	fi
}

main "$@"
