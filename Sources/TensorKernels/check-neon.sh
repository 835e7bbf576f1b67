#!/usr/bin/env bash
# Cross-compiles the kernels for aarch64 (as Embedded Swift, whose library for it comes with the toolchain), links them with
# a few checks against plain loops, and runs that under an emulator.
# Needs: qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in swiftc aarch64-linux-gnu-gcc qemu-aarch64; do
    command -v "$tool" >/dev/null || { echo "check-neon: $tool is missing; apt-get install qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-target aarch64-none-none-elf -enable-experimental-feature Embedded -wmo -parse-as-library -Ounchecked -DGSV_NEON
    -swift-version 6 -enable-upcoming-feature InternalImportsByDefault -package-name gsv -I "$work" -Xcc -fPIC)
swiftc "${flags[@]}" -emit-module -module-name TensorKernelTable -c -o "$work/TensorKernelTable.o" "$folder"/Table/*.swift
(cd "$work" && swiftc "${flags[@]}" -module-name TensorKernelsNEON -c -o "$work/kernels.o" "$folder"/Kernels/*.swift \
    "$folder"/CrossCheck/CrossCheck.swift "$folder"/../Tensor/SplitMix64.swift)
aarch64-linux-gnu-gcc -fuse-ld=lld -B "$(dirname "$(readlink -f "$(command -v swiftc)")")" -static -no-pie -o "$work/check" "$work/kernels.o" "$work/TensorKernelTable.o" -lm
qemu-aarch64 "$work/check"
packed=$(aarch64-linux-gnu-objdump --disassemble --no-show-raw-insn "$work/kernels.o" | grep -c 'fmla.*\.4s')
echo "check-neon: kernels agree with plain loops under emulation; $packed packed multiply-adds"
