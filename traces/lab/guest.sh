# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest: its root file system, its boot, and what comes out of it.

# What trace-cmd and perf are linked with.
libraries='libc6 libtraceevent1 libtraceevent1-plugin libtracefs1 libzstd1 zlib1g libbabeltrace1 libcap2
	libdw1 libelf1 liblzma5 libnuma1 libopencsd1 libperl5.36 libpython3.11 libslang2 libunwind8 libbz2-1.0
	libexpat1 libglib2.0-0 libpcre2-8-0 libuuid1 libcrypt1 libgcc-s1 libstdc++6'

# busybox, and trace-cmd and perf where they are asked for; always those of the host's own release.
guest_tools() (
	suite=
	all=$cache/guest-tools.all
	mkdir -p "$tools/bin" "$tools/lib"
	if [ ! -e "$tools/bin/busybox" ]; then
		unpack busybox-static "$all" arm64
		cp "$all/bin/busybox" "$tools/bin"
	fi
	[ -n "$formats" ] && [ ! -e "$tools/done" ] || return 0
	say "unpacking trace-cmd and perf"
	for package in trace-cmd linux-perf $libraries; do
		unpack "$package" "$all" arm64
	done
	cp "$all/usr/bin/trace-cmd" "$all/usr/bin/perf" "$tools/bin"
	find "$all/lib" "$all/usr/lib" -name '*.so*' | while read -r library; do
		case $library in
		*/gconv/* | */perl/* | */traceevent/* | */auto/*) ;;
		*) cp -L "$library" "$tools/lib" ;;
		esac
	done
	touch "$tools/done"
)

# Modules that must be there before the results can be saved, in this order; and those of the drivers.
boot_modules='virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk'
driver_modules='e1000e nvme bochs'

# copy_module PATH TO: newer ones are compressed.
copy_module() {
	mkdir -p "$(dirname "$2")"
	case $1 in
	*.xz) xz -dc "$1" >"${2%.xz}" ;;
	*) cp "$1" "$2" ;;
	esac
}

# guest_root NAME: builds $work/NAME.cpio.gz, with $plan.
guest_root() {
	tools=$cache/guest-tools
	guest_tools || exit 1
	root=$scratch/root
	rm -rf "$root"
	mkdir -p "$root/lab/boot-modules" "$root/proc" "$root/sys/kernel/tracing" "$root/dev" "$root/tmp" \
		"$root/out" "$root/bin" "$root/etc"
	cp "$tools/bin/busybox" "$root/bin"
	ln -s busybox "$root/bin/sh"
	if [ -n "$formats" ]; then
		cp "$tools/bin/trace-cmd" "$tools/bin/perf" "$root/bin"
		cp -r "$tools/lib" "$root/lib"
		mkdir "$root/lib/aarch64-linux-gnu"
	fi
	cp "$here/guest/init" "$root/init"
	echo "$plan" | tr ' ' '\n' | sed "s/,/ /g; s/=\(.*\)/='\1'/" >"$root/lab/plan"
	[ ! -e "$work/record.sh" ] ||
		cp "$work/record.sh" "$work/probes" "$work/module-probes" "$work/module/mmureplay_lab.ko" "$root/lab"
	number=10
	for module in $boot_modules; do
		path=$(find "$modules/lib/modules/" -name "$module.ko*" 2>/dev/null | head -1)
		[ -z "$path" ] || copy_module "$path" "$root/lab/boot-modules/$number-$(basename "$path")"
		number=$((number + 1))
	done
	case " $scenarios " in *' drivers '*) guest_drivers ;; esac
	(cd "$root" && find . | cpio -o -H newc -R 0:0 2>/dev/null | gzip -1) >"$work/$1.cpio.gz"
}

# The modules of the drivers that are bound and unbound, with what they need.
guest_drivers() {
	release=$(basename "$(find "$modules/lib/modules/" -mindepth 1 -maxdepth 1 -type d)")
	mkdir -p "$root/lib/modules/$release"
	for list in "$modules/lib/modules/$release"/modules.*; do
		case $list in
		*.bin | *.modinfo) ;;
		*) sed 's/\.ko\.xz/.ko/g' "$list" >"$root/lib/modules/$release/$(basename "$list")" ;;
		esac
	done
	for driver in $driver_modules; do
		modprobe -n --show-depends -d "$modules" -S "$release" "$driver" 2>/dev/null
	done | sed -n "s|^insmod $modules/||p" | sort -u | while read -r path; do
		copy_module "$modules/$path" "$root/$path"
	done
}

# boot NAME [ARGUMENTS]: runs $work/NAME.cpio.gz, and unpacks its results into $work/NAME.  Kprobes come and
# go faster with expedited grace periods.
boot() {
	results=$scratch/results
	rm -f "$results"
	truncate -s 1G "$results"
	truncate -s 64M "$scratch/nvme"
	began=$(date +%s)
	say "booting ${cpu:-cortex-a72}"
	timeout -k 5 "${LAB_TIMEOUT:-900}" qemu-system-aarch64 -M virt,gic-version=3 -cpu "${cpu:-cortex-a72}" \
		-smp 2 -m 2048 -nographic -nodefaults -serial stdio -no-reboot \
		-kernel "$image" -initrd "$work/$1.cpio.gz" \
		-append "console=ttyAMA0 panic=-1 loglevel=4 rcupdate.rcu_expedited=1 $append ${2:-}" \
		-device virtio-blk-pci,romfile=,drive=results \
		-drive "if=none,id=results,file=$results,format=raw" \
		-device nvme,serial=lab,drive=nvme -drive "if=none,id=nvme,file=$scratch/nvme,format=raw" \
		-device e1000e,romfile= -device bochs-display,romfile= \
		</dev/null >"$work/$1.console" 2>&1 &
	emulator=$!
	wait "$emulator" || true
	emulator=
	rm -rf "${work:?}/$1"
	mkdir "$work/$1"
	grep -q 'lab: saved' "$work/$1.console" ||
		fail "the guest saved nothing: see $work/$1.console"
	tar -xf "$results" -C "$work/$1"
	say "ran in $(($(date +%s) - began)) s"
}
