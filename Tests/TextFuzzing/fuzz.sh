#!/usr/bin/env bash
# Builds the text front end with libFuzzer's counters and feeds its targets.
#     fuzz.sh                       all targets, 100 000 inputs each
#     RUNS=700000 fuzz.sh ko auto   some targets, as many inputs
# WORK=folder keeps corpora, logs and findings (default .build-fuzz/work). A finding ends a target's run; its input lies in
# WORK/TARGET/findings and is tried again by: .build-fuzz/release/text-fuzzer TARGET FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
scratch=$root/.build-fuzz
work=${WORK:-$scratch/work}
runs=${RUNS:-100000}
# A process begins anew after so many inputs: libFuzzer keeps its corpus in memory.
lap=100000

runtime=$(ls "$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")"/lib/clang/*/lib/linux/libclang_rt.fuzzer_no_main-"$(uname -m)".a 2>/dev/null | head -n 1)
[ -n "$runtime" ] || { echo "fuzz: this toolchain has no libFuzzer (libclang_rt.fuzzer_no_main)" >&2; exit 1; }
# -sanitize=fuzzer goes to the compiler alone: in the linker it would bring libFuzzer's main beside the program's own.
[ -n "${NO_BUILD:-}" ] || GSV_FUZZ=1 swift build --scratch-path "$scratch" -c release -Xswiftc -enable-testing \
    -Xswiftc -Xfrontend -Xswiftc -sanitize=fuzzer -Xlinker "$runtime" -Xlinker -lstdc++ -Xlinker -lm --product text-fuzzer
fuzzer=${FUZZER:-$scratch/release/text-fuzzer}

executed() { sed -n 's/^stat::number_of_executed_units: *//p' "$1" | tail -n 1; }

failed=0
[ $# -gt 0 ] || set -- $("$fuzzer" list | cut -f 1)
for target in "$@"; do
    case $target in
        zh | en | ja | ko | yue | records | tagger) dictionary=$target length=1024 ;;
        auto | segments | pieces) dictionary=auto length=1024 ;;
        *) dictionary=files length=16384 ;;
    esac
    folder=$work/$target
    mkdir -p "$folder"/{corpus,findings}
    [ -n "$(ls -A "$folder/corpus")" ] || "$fuzzer" seeds "$target" "$folder/corpus"
    total=0
    while [ "$total" -lt "$runs" ]; do
        # Lengths from 200 to 4096 in turn, where an input is a text.
        if [ "$dictionary" != files ]; then
            case $((total / lap % 3)) in 0) length=200 ;; 1) length=1024 ;; 2) length=4096 ;; esac
        fi
        left=$((runs - total))
        status=0
        # The time limit of libFuzzer is a clock's and only for endless loops; the program itself limits processor time to 1 s.
        "$fuzzer" "$target" "$folder/corpus" -dict="$root/Tests/TextFuzzing/Dictionaries/$dictionary.dict" \
            -runs=$((left < lap ? left : lap)) -max_len=$length -timeout=300 -report_slow_units=300 -print_final_stats=1 \
            -artifact_prefix="$folder/findings/" -verbosity=0 >"$folder/last.log" 2>&1 || status=$?
        count=$(executed "$folder/last.log")
        total=$((total + ${count:-0}))
        echo "$(date +%T) $target $total" >>"$work/progress"
        if [ "$status" != 0 ]; then
            cp "$folder/last.log" "$folder/failed-$(date +%s).log"
            failed=$((failed + 1))
            break
        fi
        [ "${count:-0}" -gt 0 ] || { cat "$folder/last.log" >&2; exit 1; }
    done
    echo "$target: $total inputs, $(ls "$folder/findings" | wc -l) findings" | tee -a "$work/result"
done
exit $((failed > 0))
