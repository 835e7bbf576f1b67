#!/bin/bash
# Measures a voice: check.sh GSV DATA VOICE SENTENCES [LIMIT].
set -euo pipefail
[ $# -ge 4 ] || { sed -n 2p "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
data=$(realpath "$2")
export GSV_DATA=$data
python=$here/../../.build-voice/check/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv "$here/../../.build-voice/check"
  "$python" -m pip install -q numpy soxr pocketsphinx==5.0.4
fi
exec "$python" "$here/check.py" --gsv "$(realpath "$1")" --voice "$3" --sentences "$4" ${5:+--limit "$5"} \
  --syllables "$(find "$data/unpacked" -name opencpop-strict.txt | head -n 1)" \
  --mandarin "${MANDARIN:-$(($4 / 2))}" --random "${RANDOM_TEXTS:-$(($4 / 4))}"
