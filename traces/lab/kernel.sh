# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kernels: for each, $work/Image, $work/System.map, $work/modules (may be empty), and $work/tree to
# build a module against.

# fetch PACKAGE [ARCHITECTURE]: the path of a Debian package in the cache.
fetch() {
	package=$1${2:+:$2}
	found=$(find "$cache/debs" -name "$1_*_${2:-all}.deb" -o -name "$1_*_$host.deb" | sort -V | tail -1)
	if [ -z "$found" ]; then
		say "fetching $package"
		(cd "$cache/debs" && apt-get -q download "$package" >"$cache/fetch.log" 2>&1) ||
			fail "cannot fetch $package: see $cache/fetch.log (arm64 needs: dpkg --add-architecture arm64 && apt-get update)"
		found=$(find "$cache/debs" -name "$1_*" | sort -V | tail -1)
	fi
	echo "$found"
}

# unpack PACKAGE FOLDER [ARCHITECTURE]
unpack() {
	deb=$(fetch "$1" "${3:-}") || exit 1
	dpkg-deb -x "$deb" "$2"
}

# The source of a package, unpacked once; edited, when the kernel is to be without the fix.
kernel_source() {
	tree=$cache/$source${unfix:+-unfixed}
	if [ ! -e "$tree/Makefile" ]; then
		deb=$(fetch "$source") || exit 1
		say "unpacking $source"
		rm -rf "$tree.part"
		mkdir -p "$tree.part"
		dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/$source.tar.xz" |
			tar -xJ -C "$tree.part" --strip-components=1
		[ -z "$unfix" ] || sed -i -f "$here/unfix.sed" \
			"$tree.part/mm/vmalloc.c" "$tree.part/arch/arm64/mm/mmu.c"
		mv "$tree.part" "$tree"
	fi
}

kernel_make() {
	ccache=$(command -v ccache || true)
	nice make -s -j"$(nproc)" -C "$tree" O="$build" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \
		CC="${ccache:+ccache }aarch64-linux-gnu-gcc" KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab \
		KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' "$@"
}

build_kernel() {
	kernel_source
	build=$cache/build-${built:-${kernel#linux-}}
	image=$build/arch/arm64/boot/Image
	if [ ! -e "$image" ]; then
		began=$(date +%s)
		say "building the kernel (minutes; the log is $build.log)"
		mkdir -p "$build"
		{
			cat "$here/base.config"
			[ -z "$drivers" ] || cat "$here/drivers.config"
			for option in $config; do
				echo "CONFIG_$option=y"
			done
		} >"$build.config"
		{ kernel_make KCONFIG_ALLCONFIG="$build.config" allnoconfig && kernel_make Image modules; } \
			>"$build.log" 2>&1 || fail "the kernel did not build: see $build.log"
		say "built in $(($(date +%s) - began)) s"
	fi
	modules=$build/modules-root
	if [ -n "$drivers" ] && [ ! -e "$modules" ]; then
		kernel_make INSTALL_MOD_PATH="$modules" modules_install >>"$build.log" 2>&1
	fi
	work=$build
	tree=$build
	map=$build/System.map
	configuration=$build/.config
}

# Debian's own: the image, and the headers that modules are built against.
debian_kernel() {
	package=$(apt-cache depends "$debian:arm64" | sed -n 's/.*Depends: \(linux-image-[^:]*\).*/\1/p')
	[ -n "$package" ] || fail "no $debian:arm64 (dpkg --add-architecture arm64 && apt-get update)"
	version=${package#linux-image-}
	work=$cache/kernel-$version
	headers=$work/usr/src/linux-headers-$version
	if [ ! -e "$work/done" ]; then
		say "unpacking $package"
		mkdir -p "$work"
		unpack "$package" "$work" arm64
		unpack "linux-headers-$version" "$work" arm64
		unpack "linux-headers-${version%-arm64}-common" "$work"
		kbuild=$(echo "$version" | sed 's/^\([0-9]*\.[0-9]*\).*/linux-kbuild-\1/')
		unpack "$kbuild" "$work" "$host"
		echo "include ${headers%-arm64}-common/Makefile" >"$headers/Makefile"
		touch "$work/done"
	fi
	image=$work/boot/vmlinuz-$version
	modules=$work
	tree=$headers
	map=$work/System.map
	configuration=$work/boot/config-$version
	# The package has none: the kernel itself is asked, once.
	if [ ! -s "$map" ]; then
		say "asking the kernel for its symbols"
		plan='scenarios= symbols=yes'
		guest_root symbols
		boot symbols nokaslr
		grep -v '\[' "$work/symbols/kallsyms" >"$map"
	fi
}

# The scenario module, and the probes for the kernel and for it.
build_module() {
	folder=$work/module
	rm -rf "$folder"
	cp -r "$here/module" "$folder"
	make -s -C "$tree" M="$folder" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- modules \
		>"$work/module.log" 2>&1 || fail "the module did not build: see $work/module.log"
	aarch64-linux-gnu-strip --strip-debug "$folder/mmureplay_lab.ko"
	aarch64-linux-gnu-objdump -d "$folder/mmureplay_lab.ko" |
		awk -v module=mmureplay_lab -f "$here/sites.awk" >"$work/module-probes"
	# The faulty function bears the kernel's name.
	cat >>"$work/module-probes" <<-'END'
		p:lab/pmd_free_pte_page mmureplay_lab:pmd_free_pte_page pmdp=%x0 addr=%x1 old=+0(%x0):x64
		r64:lab/pmd_free_pte_page_ret mmureplay_lab:pmd_free_pte_page ret=$retval
	END
}

# Those of `mmureplay probes`, where there is one; or else of the lists here.
kernel_probes() {
	say "looking for what to probe"
	if [ -n "${MMUREPLAY:-}" ]; then
		"$MMUREPLAY" probes --kallsyms="$map" --format=tracefs "$image" >"$work/probes" ||
			fail "$MMUREPLAY found no probes in $image"
		return
	fi
	awk 'FNR == NR { have[$3]++; next } /^#/ { next } have[$2] == 1' "$map" "$here/functions" >"$work/probes"
	aarch64-linux-gnu-objdump -D -b binary -m aarch64 "$image" | grep 'tlbi' |
		awk -f "$here/sites.awk" "$map" - >>"$work/probes"
}
