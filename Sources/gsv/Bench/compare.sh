#!/usr/bin/env bash
# Times gsv and upstream in turn on the same weights and prints medians and ratios.
#     MODELS=folder BENCH=bench_torch.py UPSTREAM=checkout REF=clip.wav [PYTHON=python3] [PAIRS=5] [THREADS=2] [VERSION=v2] compare.sh GSV
# BENCH is a program that prints one JSON object with the keys used below; it is run as
#     PYTHON BENCH --upstream UPSTREAM --models MODELS --ref REF --versions VERSION --threads THREADS --out FILE
set -euo pipefail
gsv=${1:?usage: compare.sh GSV}
: "${MODELS:?MODELS=folder laid out like pretrained_models}" "${BENCH:?BENCH=bench_torch.py}"
: "${UPSTREAM:?UPSTREAM=checkout of GPT-SoVITS}" "${REF:?REF=clip.wav}"
python=${PYTHON:-python3} pairs=${PAIRS:-5} threads=${THREADS:-2} version=${VERSION:-v2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for ((i = 1; i <= pairs; i++)); do
    echo "pair $i of $pairs: gsv" >&2
    "$gsv" bench --json --models "$MODELS" --version "$version" --threads "$threads" >> "$work/gsv.jsonl"
    echo "pair $i of $pairs: upstream" >&2
    "$python" "$BENCH" --upstream "$UPSTREAM" --models "$MODELS" --ref "$REF" --versions "$version" \
        --threads "$threads" --out "$work/$i.json" | tail -n 1 >> "$work/torch.jsonl"
done
"$python" - "$work" <<'PY'
import json, statistics, sys
def rows(name):
    return [json.loads(line) for line in open(f"{sys.argv[1]}/{name}.jsonl")]
ours, theirs = rows("gsv"), rows("torch")
# name, key of ours, key of theirs, whether more is better
table = [("decode, tokens/s", "gpt_decode_tok_per_s", "gpt_decode_tok_per_s", True),
         ("prefill 60 + 125, s", "gpt_prefill_s", "gpt_prefill_60+125_s", False),
         ("synthesis, s per s of audio", "synth_s_per_audio_s", "synth_s_per_audio_s", False),
         ("HuBERT 5 s, s", "hubert_5s_s", "hubert_5s_s", False),
         ("BERT 30 characters, s", "bert_30chars_s", "bert_30chars_s", False),
         ("10 s sentence, real-time factor", "e2e_rtf", "e2e_rtf", False),
         ("loading, s", "load_s", "load_s", False),
         ("peak memory, MB", "peak_rss_mb", "peak_rss_mb", False)]
print(f"| medians of {len(ours)} pairs | gsv | upstream | ratio |\n|---|---|---|---|")
for name, a, b, more in table:
    x = statistics.median(r[a] for r in ours)
    y = statistics.median(r[b] for r in theirs)
    print(f"| {name} | {x:.3g} | {y:.3g} | {(x / y if more else y / x):.2f} × |")
PY
