#!/bin/bash
# Trains the default voice and writes it: train.sh GSV DATA WORK OUTPUT
# Every stage goes on where it was stopped; run the same command again. STAGE_STEPS (CODES_STEPS …) change how long one trains,
# FROM=voices/default begins with the weights of a voice.
set -euo pipefail
[ $# = 4 ] || { sed -n 2,4p "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
FROM=${FROM:+$(realpath "$FROM")}
gsv=$(realpath "$1"); data=$(realpath "$2"); mkdir -p "$3" "$4"; work=$(realpath "$3"); output=$(realpath "$4")
export GSV_DATA=$data

if [ ! -x "$work/python/bin/python" ]; then
  python3 -m venv "$work/python"
  "$work/python/bin/pip" install -q -r "$here/requirements.txt"
fi
python="nice -n 19 $work/python/bin/python -u"
cd "$here"

share=${SHARE:-/usr/share}
jieba=$(find "$data/unpacked/jieba" -name dict.txt | head -n 1)
syllables=$(find "$data/unpacked" -name opencpop-strict.txt | head -n 1)
threads="--threads ${THREADS:-2}"

$python corpus.py --work "$work" --gsv "$gsv" --share "$share" --jieba "$jieba" --syllables "$syllables"
if [ -n "${FROM:-}" ] && [ ! -e "$work/text.pt" ]; then $python reopen.py --voice "$FROM" --work "$work"; fi
$python codes.py --work "$work" $threads
$python train_encoder.py --work "$work" $threads --steps "${ENCODER_STEPS:-4000}"
[ "$work/prompts.done" -nt "$work/encoder.pt" ] || { $python encode.py --work "$work" $threads; touch "$work/prompts.done"; }
$python train_text.py --work "$work" $threads --steps "${TEXT_STEPS:-8000}" --adversarial "${TEXT_ADVERSARIAL:-6000}"
$python train_gpt.py --work "$work" $threads --steps "${GPT_STEPS:-20000}"
$python train_generator.py --work "$work" $threads --steps "${GENERATOR_STEPS:-20000}" ${GENERATOR_ADVERSARIAL:+--adversarial "$GENERATOR_ADVERSARIAL"}
$python export.py --work "$work" --output "$output"
