#!/usr/bin/env bash
# Two dangers of compiling one source for several instruction sets:
#  - a weak symbol that two variants define: the linker keeps one, so the baseline may run AVX code;
#  - a library call in a hot kernel, where an instruction was meant.
#     check-isa.sh BUILD-FOLDER
set -euo pipefail
build=${1:?usage: check-isa.sh BUILD-FOLDER}
failed=0
variants=()
for folder in "$build"/TensorKernels{Baseline,AVX2,AVX512}.build; do
    [ -d "$folder" ] && variants+=("$folder")
done
[ "${#variants[@]}" -gt 0 ] || { echo "check-isa: no kernel variants in $build" >&2; exit 1; }

sources=$(cd "$(dirname "${BASH_SOURCE[0]}")/Kernels" && ls ./*.swift)
objects() { for source in $sources; do ls "$1/$(basename "$source").o" 2>/dev/null; done; }

shared=$(for folder in "${variants[@]}"; do
    objects "$folder" | xargs -r nm 2>/dev/null | awk '$2 ~ /^[WwV]$/ {print $3}' | sort -u
done | sort | uniq -d | grep -vE '^(__swift_reflection_version|symbolic)$' || true)
if [ -n "$shared" ]; then
    echo "check-isa: weak symbols that two variants define:"
    swift demangle --simplified <<< "$shared" | sed 's/^/  /'
    failed=1
fi

for folder in "${variants[@]}"; do
    for kernel in gemmF16 gemmF32 gemmInt8 batchedGemm convolution depthwiseConvolution attentionHead; do
        calls=$(objects "$folder" | xargs -r objdump --disassemble --reloc --no-show-raw-insn 2>/dev/null \
            | awk -v kernel="$kernel" '/^[0-9a-f]+ <.*>:$/ {inside = index($0, kernel) > 0} inside && /R_X86_64_(PLT32|PC32)/ && /call|PLT32/ {print $3}' \
            | swift demangle --simplified | grep -E 'SIMD|fmaf|Float16|expf|tanhf|__extendhf' | sort | uniq -c || true)
        if [ -n "$calls" ]; then
            echo "check-isa: $(basename "$folder") $kernel calls:"
            sed 's/^/  /' <<< "$calls"
            failed=1
        fi
    done
done
[ "$failed" = 0 ] && echo "check-isa: ${#variants[@]} variants share no weak symbol; no library calls in the named kernels"
exit "$failed"
