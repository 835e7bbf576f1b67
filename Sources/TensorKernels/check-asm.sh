#!/usr/bin/env bash
# Disassembles the hot kernels and looks at their innermost loops. For every kernel and variant:
#  - at least one innermost loop does packed arithmetic in the variant's full width (AVX-512 zmm, AVX2 ymm, baseline xmm);
#  - a loop with packed arithmetic has no call and no scalar arithmetic in it;
#  - the kernel calls no mathematical function and no vector helper of the standard library.
# Loops without packed arithmetic are the remainders of rows that are no multiple of a vector.
#     check-asm.sh BUILD-FOLDER [-v]
set -euo pipefail
build=${1:?usage: check-asm.sh BUILD-FOLDER [-v]}
verbose=${2:-}
kernels="gemmF16 gemmF32 gemmF32Prefetching gemmInt8 batchedGemm convolution depthwiseConvolution singleOutput epilogue
    fourierForward fourierInverse biasActivation leakyReLU add scaledSum gatedTanh sigmoidMultiply gruCell mish
    reparameterize convertF16ToF32 convertF32ToF16 layerNorm softmaxRows attentionHeadF32 attentionHeadF16"
failed=0
for variant in Baseline:xmm AVX2:ymm AVX512:zmm; do
    folder=$build/TensorKernels${variant%:*}.build
    [ -d "$folder" ] || continue
    width=${variant#*:}
    listing=$(objdump --disassemble --reloc --no-show-raw-insn "$folder"/*.o | sed -E 's/^[[:space:]]+//')
    for kernel in $kernels; do
        # The mangled name of a function of the module: length, name, then the parameters.
        result=$(awk -v name="${#kernel}${kernel}yy" -v width="$width" '
            function finish(    i, j, inner, packed, scalar, calls, full) {
                if (!inside) return
                found = 1
                for (i = 1; i <= loops; i++) {
                    inner = 1
                    for (j = 1; j <= loops; j++)
                        if (j != i && from[j] >= from[i] && to[j] <= to[i] && !(from[j] == from[i] && to[j] == to[i])) inner = 0
                    if (!inner) continue
                    packed = scalar = calls = full = 0
                    for (j = from[i]; j <= to[i]; j++) {
                        if (text[j] ~ /^v?(f?n?m(add|sub)[0-9]*|mul|add|sub|div|max|min)ps/) { packed++; if (text[j] ~ width) full++ }
                        if (text[j] ~ /^v?(f?n?m(add|sub)[0-9]*|mul|add|sub|div)ss/) scalar++
                        if (text[j] ~ /^call/) calls++
                        if (text[j] ~ /^vcvtph2ps/ && text[j] ~ width) { packed++; full++ }
                    }
                    if (full > 0) good++
                    if (packed > 0 && (calls > 0 || scalar > 0))
                        bad = bad sprintf("loop at %s: %d packed, %d scalar, %d calls; ", address[from[i]], packed, scalar, calls)
                }
                inside = 0
            }
            /^[0-9a-f]+ <.*>:$/ { finish(); inside = index($0, name) > 0; n = loops = 0; delete index_; next }
            inside && /^[0-9a-f]+:[ \t]+R_X86_64/ { if ($0 ~ /expf|tanhf|logf|erff|fmaf|__extendhf|__truncsf|SIMD/) library = library " " $3; next }
            inside && /^[0-9a-f]+:/ {
                n++
                split($0, parts, /:[ \t]+/)
                address[n] = parts[1]; text[n] = parts[2]; index_[parts[1]] = n
                if (text[n] ~ /^j/) {
                    split(text[n], jump, /[ \t]+/)
                    if (jump[2] in index_) { loops++; from[loops] = index_[jump[2]]; to[loops] = n }
                }
            }
            END {
                finish()
                if (!found) print "is not there"
                else if (!good) print "has no packed loop of " width
                else if (bad != "") print bad
                else if (library != "") print "calls" library
                else print "ok " good
            }' <<< "$listing")
        case $result in
            ok*) [ -z "$verbose" ] || echo "${variant%:*} $kernel: ${result#ok } packed loops" ;;
            *)
                echo "check-asm: ${variant%:*} $kernel $result"
                failed=1
                ;;
        esac
    done
done
[ "$failed" = 0 ] && echo "check-asm: $(wc -w <<< "$kernels") kernels in packed code, no library calls"
exit "$failed"
