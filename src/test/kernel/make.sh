#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes kernel.elf, kernel.objdump and ht.ko again.  Needs clang and llvm (14, which knows the nXS
# forms), and gcc-aarch64-linux-gnu.
set -eu
cd "$(dirname "$0")"

cross=${CROSS_COMPILE:-aarch64-linux-gnu-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What CONFIG_IKCONFIG puts into a kernel.
printf 'CONFIG_ARM64_4K_PAGES=y\nCONFIG_ARM64_VA_BITS=48\n' | gzip -n9 >"$scratch/config.gz"
for name in kernel ambiguous; do
	clang --target=aarch64-linux-gnu -E "$name.S" |
		llvm-mc --triple=aarch64-linux-gnu --mattr=+v8.7a,+rme,+xs,+tlb-rmi,+sb -I"$scratch" \
			--filetype=obj -o "$scratch/$name.o"
done
cp "$scratch/ambiguous.o" "$scratch/again.o"

# As a kernel with KASLR is linked: pointers are zeros, and .rela.dyn has them.
"${cross}ld" -shared -Bsymbolic -z notext --no-apply-dynamic-relocs -z max-page-size=4096 \
	--no-warn-rwx-segments --build-id=sha1 -T kernel.lds -o kernel.elf \
	"$scratch/kernel.o" "$scratch/ambiguous.o" "$scratch/again.o"

# Makes "ADDRESS OP REGISTER" of a disassembly.
list_tlbi() {
	awk '$2 == "tlbi" { gsub(/[:,]/, ""); print $1, $3 ($4 ? " " $4 : "") }'
}

llvm-objdump -d --no-show-raw-insn --mattr=+v8.7a,+rme,+xs,+tlb-rmi kernel.elf |
	list_tlbi >kernel.objdump
# The other disassembler says the same, as far as it knows.
"${cross}objdump" -d --no-show-raw-insn kernel.elf | list_tlbi >"$scratch/other"
[ -s "$scratch/other" ] && ! grep -vxFf kernel.objdump "$scratch/other"

# A module with DWARF.  Its paths do not say where it was made.
"${cross}gcc" -Os -g1 -fno-pic -ffile-prefix-map="$PWD"=. -mbranch-protection=none \
	-fno-stack-protector -fno-asynchronous-unwind-tables -c -o ht.ko ht.c
