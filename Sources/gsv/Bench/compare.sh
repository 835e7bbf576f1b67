#!/usr/bin/env bash
# Times gsv and upstream in turn on the same weights and prints medians and ratios.
#     MODELS=folder BENCH=bench_torch.py UPSTREAM=checkout REF=clip.wav [PYTHON=python3] [PAIRS=5] [THREADS=2] [VERSION=v2] [OUT=file.json] compare.sh GSV
# BENCH is a program that prints one JSON object with the keys used below; it is run as
#     PYTHON BENCH --upstream UPSTREAM --models MODELS --ref REF --versions VERSION --threads THREADS --out FILE
# gsv reads the weights as `gsv convert` writes them (half precision), upstream reads the originals. v3 and v4 take 8 steps.
# OUT gets every run.
set -euo pipefail
gsv=${1:?usage: compare.sh GSV}
: "${MODELS:?MODELS=folder laid out like pretrained_models}" "${BENCH:?BENCH=bench_torch.py}"
: "${UPSTREAM:?UPSTREAM=checkout of GPT-SoVITS}" "${REF:?REF=clip.wav}"
python=${PYTHON:-python3} pairs=${PAIRS:-5} threads=${THREADS:-2} version=${VERSION:-v2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The converted models, laid out like the originals.
models=$work/models
convert() { # source, target
    [ -e "$1" ] || return 0
    mkdir -p "$(dirname "$2")"
    "$gsv" convert -q "$1" -o "$2" "${@:3}" >/dev/null
}
echo "converting the models" >&2
gpt=s1v3 more=()
case $version in
v1) gpt="s1bert25hz-2kh-longer-epoch=68e-step=50232" sovits=s2G488k ;;
v2) gpt="gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668" sovits=gsv-v2final-pretrained/s2G2333k ;;
v2Pro | v2ProPlus) sovits=v2Pro/s2G$version more=(sv/pretrained_eres2netv2w24s4ep4.ckpt) ;;
v3) sovits=s2Gv3 bigvgan=models--nvidia--bigvgan_v2_24khz_100band_256x more=($bigvgan/bigvgan_generator.pt) ;;
v4) sovits=gsv-v4-pretrained/s2Gv4 more=(gsv-v4-pretrained/vocoder.pth) ;;
*) echo "compare.sh: VERSION=$version is not v1, v2, v2Pro, v2ProPlus, v3 or v4" >&2 && exit 2 ;;
esac
convert "$MODELS/$gpt.ckpt" "$models/$gpt.safetensors" --weights f16
convert "$MODELS/$sovits.pth" "$models/$sovits.safetensors" --weights f16
convert "$MODELS/$gpt.ckpt" "$work/gpt-int8.safetensors" --weights int8
for file in "${more[@]}"; do convert "$MODELS/$file" "$models/${file%.*}.safetensors" --weights f16; done
[ "$version" != v3 ] || cp "$MODELS/$bigvgan/config.json" "$models/$bigvgan/"
for folder in chinese-hubert-base chinese-roberta-wwm-ext-large; do
    for weights in model.safetensors pytorch_model.bin; do
        [ -e "$MODELS/$folder/$weights" ] || continue
        convert "$MODELS/$folder/$weights" "$models/$folder/model.safetensors" --weights f16
        break
    done
    find "$MODELS/$folder" -maxdepth 1 -type f \( -name '*.json' -o -name '*.txt' \) -exec cp {} "$models/$folder/" \;
done
sync # what is still being written would take time from the first pair

ours() { # file of results, threads, more options
    "$gsv" bench --json --models "$models" --model-version "$version" --ref "$REF" --threads "$2" "${@:3}" >> "$work/$1.jsonl"
}
for ((i = 1; i <= pairs; i++)); do
    echo "pair $i of $pairs: gsv" >&2
    case $version in
    v3 | v4) ;; # one sentence takes a minute, ten take ten
    *)
        ours gsv "$threads"
        ours int8 "$threads" --single --gpt "$work/gpt-int8.safetensors"
        ours single 1 --single
        ours plain "$threads" --single --no-bert
        ;;
    esac
    ours sentence "$threads" --single
    echo "pair $i of $pairs: upstream" >&2
    "$python" "$BENCH" --upstream "$UPSTREAM" --models "$MODELS" --ref "$REF" --versions "$version" \
        --threads "$threads" --out "$work/$i.json" | tail -n 1 >> "$work/torch.jsonl"
done
"$python" - "$work" "${OUT:-}" "$version" "$threads" <<'PY'
import json, os, statistics, sys
work, out, version, threads = sys.argv[1:]
def rows(name):
    return [json.loads(line) for line in open(f"{work}/{name}.jsonl")]
runs = {name: rows(name) for name in ("gsv", "int8", "single", "sentence", "plain", "torch") if os.path.exists(f"{work}/{name}.jsonl")}
theirs = runs["torch"]
several = "gsv" in runs
runs.setdefault("gsv", runs["sentence"])
# Upstream speaks ten sentences one by one in ten times the time of one.
for run in theirs:
    run["ten_sentences_s"] = 100 * run["e2e_rtf"]
# name, whose, key of ours, key of theirs, whether more is better
table = [("decode, tokens/s", "gsv", "gpt_decode_tok_per_s", "gpt_decode_tok_per_s", True),
         ("decode with int8 weights, tokens/s", "int8", "gpt_decode_tok_per_s", "gpt_decode_tok_per_s", True),
         ("decode on one thread, tokens/s", "single", "gpt_decode_tok_per_s", None, True),
         ("decode of eight sentences at once, tokens/s", "gsv", "gpt_decode_8_tok_per_s", None, True),
         ("prefill 60 + 125, s", "gsv", "gpt_prefill_s", "gpt_prefill_60+125_s", False),
         ("synthesis, s per s of audio", "gsv", "synth_s_per_audio_s", "synth_s_per_audio_s", False),
         ("speaker embedding of the clip, s", "gsv", "sv_embedding_s", "sv_embedding_s", False),
         ("HuBERT 5 s, s", "gsv", "hubert_5s_s", "hubert_5s_s", False),
         ("BERT 30 characters, s", "gsv", "bert_30chars_s", "bert_30chars_s", False),
         ("10 s sentence, real-time factor", "gsv", "e2e_rtf", "e2e_rtf", False),
         ("10 s sentence with int8 weights, real-time factor", "int8", "e2e_rtf", "e2e_rtf", False),
         ("loading, s", "gsv", "load_s", "load_s", False),
         ("ten sentences of 10 s, in batches of 8 (upstream one by one), s", "gsv", "ten_sentences_s", "ten_sentences_s", False),
         ("peak memory with one sentence at a time, MB", "sentence", "peak_rss_mb", "peak_rss_mb", False),
         ("peak memory for text that needs no BERT, MB", "plain", "peak_rss_mb", None, False),
         ("peak memory with eight and ten sentences at once, MB", "gsv", "peak_rss_mb", None, False)]
figures = []
print(f"| medians of {len(theirs)} pairs | gsv | upstream | ratio |\n|---|---|---|---|")
for name, whose, a, b, more in table:
    if whose not in runs or ("eight" in name and not several) or any(a not in r for r in runs[whose]):
        continue  # a stage that this version does not have
    x = statistics.median(r[a] for r in runs[whose])
    y = statistics.median(r[b] for r in theirs) if b else None
    ratio = None if y is None else (x / y if more else y / x)
    figures.append({"name": name, "gsv": x, "upstream": y, "ratio": ratio})
    print(f"| {name} | {x:.3g} | " + ("– | – |" if y is None else f"{y:.3g} | {ratio:.2f} × |"))
if out:
    with open(out, "w") as file:
        json.dump({"version": version, "threads": int(threads), "pairs": len(theirs), "figures": figures,
                   "runs": runs}, file, indent=1)
PY
