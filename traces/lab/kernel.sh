# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kernels.  For each: $image, as it boots; $symbols_of, what names its functions; $tree, to build a
# module against; $modules, with its modules in lib/modules; $configuration; and $work for the rest.

# Where Debian's packages of another release come from.
mirror=${MMUREPLAY_LAB_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# for_suite PROGRAM ARGUMENT...: apt-get or apt-cache, for the recipe's suite, if it names one: with lists
# of its own, so that the host's apt stays as it is.
for_suite() {
	if [ -z "$suite" ]; then
		"$@"
		return
	fi
	program=$1
	shift
	"$program" -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" "$@"
}

suite_lists() {
	apt=$cache/apt-$suite
	[ ! -e "$apt/done" ] || return 0
	say "fetching the list of packages of $suite"
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	for name in ${suite%%-*} $suite; do
		echo "deb [arch=$host,arm64 signed-by=$keyring] $mirror $name main"
	done | sort -u >"$apt/sources.list"
	for_suite apt-get -q update >"$apt/update.log" 2>&1 && touch "$apt/done" ||
		fail "cannot fetch the list of $suite: see $apt/update.log"
}

# cached PACKAGE [ARCHITECTURE]: its path, if it is there.
cached() {
	find "$debs" -name "$1_*_${2:-all}.deb" -o -name "$1_*_all.deb" | sort -V | tail -1
}

# fetch PACKAGE [ARCHITECTURE]: the path of a Debian package in the cache, where it comes whole or not at all.
fetch() {
	debs=$cache/debs${suite:+-$suite}
	mkdir -p "$debs" "$scratch/debs"
	if [ -z "$(cached "$@")" ]; then
		say "fetching $1${2:+:$2}"
		(cd "$scratch/debs" && for_suite apt-get -q download "$1${2:+:$2}" >"$cache/fetch.log" 2>&1) ||
			fail "cannot fetch $1${2:+:$2}: see $cache/fetch.log" \
				"(arm64 needs: dpkg --add-architecture arm64 && apt-get update)"
		mv "$scratch"/debs/*.deb "$debs"
	fi
	cached "$@"
}

# unpack PACKAGE FOLDER [ARCHITECTURE]
unpack() {
	deb=$(fetch "$1" "${3:-}") || exit 1
	dpkg-deb -x "$deb" "$2"
}

# ---- from source

# The source of a package, unpacked once; edited, when the kernel is to be without the fix.
kernel_source() {
	tree=$cache/$source${unfix:+-unfixed}
	[ ! -e "$tree/Makefile" ] || return 0
	deb=$(fetch "$source") || exit 1
	say "unpacking $source"
	rm -rf "$tree.part"
	mkdir -p "$tree.part"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$source.tar.xz" |
		tar -xJ -C "$tree.part" --strip-components=1
	[ -z "$unfix" ] || sed -i -f "$here/unfix.sed" \
		"$tree.part/mm/vmalloc.c" "$tree.part/arch/arm64/mm/mmu.c"
	mv "$tree.part" "$tree"
}

kernel_make() {
	ccache=$(command -v ccache || true)
	nice make -s -j"$(nproc)" -C "$tree" O="$build" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \
		CC="${ccache:+ccache }aarch64-linux-gnu-gcc" KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab \
		KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' "$@"
}

# What is set on top of allnoconfig.
kernel_options() {
	cat "$here/base.config"
	[ -z "$drivers" ] || cat "$here/drivers.config"
	for option in $config; do
		echo "CONFIG_$option=y"
	done
}

build_kernel() {
	kernel_source
	build=$cache/build-${built:-${kernel#linux-}}
	modules=$build/modules-root
	if [ ! -e "$modules/done" ] || ! kernel_options | cmp -s - "$build.config"; then
		began=$(date +%s)
		say "building the kernel (minutes; the log is $build.log)"
		mkdir -p "$build"
		rm -rf "$modules"
		kernel_options >"$build.config"
		{
			kernel_make KCONFIG_ALLCONFIG="$build.config" allnoconfig &&
				kernel_make Image modules &&
				kernel_make INSTALL_MOD_PATH="$modules" modules_install
		} >"$build.log" 2>&1 || fail "the kernel did not build: see $build.log"
		touch "$modules/done"
		say "built in $(($(date +%s) - began)) s"
	fi
	work=$build
	image=$build/arch/arm64/boot/Image
	tree=$build
	configuration=$build/.config
	symbols_of=$build/vmlinux
}

# ---- Debian's own

# Those of the packages $1 depends on that hold a kernel's files.
kernel_packages() {
	echo "$1"
	for_suite apt-cache depends "$1:arm64" |
		sed -n 's/.*Depends: \(linux-\(image\|binary\|modules\|base\)-[0-9][^:]*\).*/\1/p'
}

# The programs that build modules are linked with the C library of their release.
own_library() {
	unpack libc6 "$work/libc" "$host"
	library=$(find "$work/libc" -name 'libc.so.6' -printf '%h')
	for program in $(find "$work/usr/lib/$kbuild/scripts" -type f \( -name fixdep -o -name 'modpost*' \)); do
		mv "$program" "$program.bin"
		printf '#!/bin/sh\nexec %s --argv0 "$0" --library-path %s "$0.bin" "$@"\n' \
			"$(find "$library" -name 'ld-linux*')" "$library:$(dirname "$(ldconfig_path libelf.so.1)")" >"$program"
		chmod +x "$program"
	done
}

ldconfig_path() {
	ldconfig -p | sed -n "s/.*$1 .*=> //p" | head -1
}

unpack_debian() {
	say "unpacking $package"
	mkdir -p "$work"
	for part in $(kernel_packages "$package"); do
		unpack "$part" "$work" arm64
	done
	# From 7.3 on everything is in /usr.
	[ -e "$work/lib" ] || ln -s usr/lib "$work/lib"
	unpack "linux-headers-$version" "$work" arm64
	unpack "linux-headers-${version%-arm64*}-common" "$work"
	kbuild=$(echo "$version" | sed 's/^/linux-kbuild-/; s/-arm64.*//')
	# Up to 6.1 it is of all revisions of a version.
	[ -n "$(for_suite apt-cache show "$kbuild" 2>/dev/null)" ] ||
		kbuild=$(echo "$kbuild" | sed 's/\([0-9]*\.[0-9]*\).*/\1/')
	unpack "$kbuild" "$work" "$host"
	[ -z "$suite" ] || own_library
	common=$work/usr/src/linux-headers-${version%-arm64*}-common
	printf 'KBUILD_OUTPUT=%s\ninclude %s/Makefile\n' "$headers" "$common" >"$headers/Makefile"
	depmod -b "$work" "$version"
	touch "$work/done"
}

debian_kernel() {
	[ -z "$suite" ] || suite_lists
	package=$debian
	case $package in
	*[0-9].[0-9]*) ;;
	*) package=$(kernel_packages "$debian" | sed -n '/-image-[0-9]/p') ;;
	esac
	[ -n "$package" ] || fail "no $debian:arm64 (dpkg --add-architecture arm64 && apt-get update)"
	version=${package#linux-image-}
	work=$cache/kernel-$version
	headers=$work/usr/src/linux-headers-$version
	[ -e "$work/done" ] || unpack_debian
	image=$(find "$work/boot" "$work/lib/modules/$version/" -maxdepth 1 -name 'vmlinuz*' 2>/dev/null | head -1)
	modules=$work
	tree=$headers
	configuration=$headers/.config
	symbols_of=$work/kallsyms
	# The packages have no symbols: the kernel itself is asked, once.
	if [ ! -s "$symbols_of" ]; then
		say "asking the kernel for its symbols"
		plan='scenarios= symbols=yes'
		guest_root symbols
		boot symbols nokaslr
		grep -v '\[' "$work/symbols/kallsyms" >"$symbols_of"
	fi
}

# ---- what the guest needs of it

# The scenario module, and the probes in it.  Options that only newer compilers have are left out.
build_module() {
	folder=$work/module
	rm -rf "$folder"
	cp -r "$here/module" "$folder"
	make -s -C "$tree" M="$folder" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc \
		CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT='' CONFIG_DEBUG_INFO_BTF_MODULES='' modules \
		>"$work/module.log" 2>&1 || fail "the module did not build: see $work/module.log"
	aarch64-linux-gnu-strip --strip-debug "$folder/mmureplay_lab.ko"
	aarch64-linux-gnu-objdump -d "$folder/mmureplay_lab.ko" |
		awk -f "$here/module-probes.awk" >"$work/module-probes"
}

# What `mmureplay probes` says of the kernel: the probes, and the script that records with them.
kernel_probes() {
	case $symbols_of in
	*/vmlinux) set -- "$symbols_of" ;;
	*) set -- --kallsyms="$symbols_of" "$image" ;;
	esac
	{
		"$mmureplay" probes --format=tracefs "$@" >"$work/probes" &&
			"$mmureplay" probes --format=script "$@" >"$work/record.sh"
	} || fail "$mmureplay found no probes in $image"
}
