#!/usr/bin/env python3
"""Converts nltk's English tagger into the file that gsv maps.

    convert-nltk-tagger.py TAGGER OUTPUT

TAGGER is what users of nltk have: averaged_perceptron_tagger.zip, the pickle in it or the folder it unpacks to (up to
nltk 3.8), or the folder or archive averaged_perceptron_tagger_eng of three JSON files (nltk 3.9). The pickle is read by
an unpickler that finds no class but sets (plain_pickle.py), so nothing in the file is run.

OUTPUT is a pack as Sources/Text/Lexicon/PackFormat.swift describes it, with the one section that
Sources/Text/English/Tagging/NltkTagger.swift reads. It appears complete or not at all.
"""
import json
import math
import os
import struct
import sys
import zipfile

import plain_pickle

PICKLE = "averaged_perceptron_tagger.pickle"
JSON_STEM = "averaged_perceptron_tagger_eng"
JSON_PARTS = ("weights", "tagdict", "classes")
MAXIMUM_BYTES = 64 << 20
MAXIMUM_TAGS = 255
WORD = (1 << 64) - 1


class Unusable(Exception):
    pass


# Reading

def content_of(path):
    if os.path.getsize(path) > MAXIMUM_BYTES:
        raise Unusable(f"{path} has more than {MAXIMUM_BYTES} bytes")
    with open(path, "rb") as file:
        return file.read()


def of_pickle(content):
    value = plain_pickle.unpickled(content)
    if not isinstance(value, tuple) or len(value) != 3:
        raise Unusable("it is no pickle of weights, tags of words and a set of tags")
    return value


def of_json(parts):
    return tuple(json.loads(parts[part]) for part in JSON_PARTS)


def of_archive(path):
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}

        def member(ending):
            name = next((name for name in members if name == ending or name.endswith("/" + ending)), None)
            if name is None:
                return None
            if members[name].file_size > MAXIMUM_BYTES:
                raise Unusable(f"{name} has more than {MAXIMUM_BYTES} bytes")
            return archive.read(name)

        content = member(PICKLE)
        if content is not None:
            return of_pickle(content)
        parts = {part: member(f"{JSON_STEM}.{part}.json") for part in JSON_PARTS}
    if None in parts.values():
        raise Unusable("the archive holds no tagger")
    return of_json(parts)


def of_folder(path):
    parts = {part: os.path.join(path, f"{JSON_STEM}.{part}.json") for part in JSON_PARTS}
    if all(map(os.path.isfile, parts.values())):
        return of_json({part: content_of(name) for part, name in parts.items()})
    name = os.path.join(path, PICKLE)
    if not os.path.isfile(name):
        raise Unusable(f"neither {PICKLE} nor the three JSON files of {JSON_STEM} are there")
    return of_pickle(content_of(name))


def tagger_at(path):
    if os.path.isdir(path):
        return of_folder(path)
    if zipfile.is_zipfile(path):
        return of_archive(path)
    content = content_of(path)
    if content[:1] != b"\x80":
        raise Unusable("it is neither an archive nor a pickle")
    return of_pickle(content)


# Checking

def encoded(text):
    if not isinstance(text, str) or "\0" in text:
        raise Unusable(f"{text!r:.60} is no name")
    return text.encode("utf-8", "surrogateescape")


def number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Unusable(f"{value!r:.60} is no weight")
    return float(value)


def checked(tagger):
    """The tags in order, and by bytes: the words with one tag only, and the weights of each feature."""
    weights, fixed, classes = tagger
    if not (isinstance(weights, dict) and isinstance(fixed, dict) and isinstance(classes, (set, frozenset, list))):
        raise Unusable("its weights, tags of words and set of tags are of other types")
    tags = sorted(encoded(tag) for tag in classes)
    if not tags or len(tags) > MAXIMUM_TAGS or len(set(tags)) < len(tags):
        raise Unusable(f"it has {len(tags)} tags")
    number_of = {tag: index for index, tag in enumerate(tags)}
    words = {}
    for word, tag in fixed.items():
        if encoded(tag) not in number_of:
            raise Unusable(f"the word {word!r:.60} has the tag {tag!r:.60}, which is not among its tags")
        words[encoded(word)] = number_of[encoded(tag)]
    features = {}
    for name, row in weights.items():
        if not isinstance(row, dict):
            raise Unusable(f"the feature {name!r:.60} has no weights")
        pairs = ((number_of.get(encoded(tag)), number(value)) for tag, value in row.items())
        features[encoded(name)] = [(tag, value) for tag, value in pairs if tag is not None]
    return tags, words, features


# Writing

def aligned(content, step=8):
    return content + bytes(-len(content) % step)


def string_list(strings):
    text = b"".join(string + b"\0" for string in strings)
    return aligned(struct.pack("<II", len(strings), len(text)) + text)


def fnv(name):
    value = 0xCBF29CE484222325
    for byte in name:
        value = ((value ^ byte) * 0x100000001B3) & WORD
    return (value ^ value >> 32) & 0x7FFFFFFF


def section(tags, words, features):
    slot_count = 16
    while slot_count < 2 * len(features):
        slot_count *= 2
    slots = [0xFFFFFFFF] * slot_count
    names, name_start, tag_numbers, values, weight_start = bytearray(), [0], bytearray(), [], [0]
    for index, (name, row) in enumerate(features.items()):
        slot = fnv(name) & (slot_count - 1)
        while slots[slot] != 0xFFFFFFFF:
            slot = (slot + 1) & (slot_count - 1)
        slots[slot] = index
        names += name
        for tag, value in row:
            tag_numbers.append(tag)
            values.append(value)
        name_start.append(len(names))
        weight_start.append(len(values))
    content = string_list(tags) + string_list(words) + aligned(bytes(words.values()))
    content += struct.pack("<IIII", slot_count, len(features), len(names), len(values))
    for numbers in (slots, name_start, weight_start):
        content += struct.pack(f"<{len(numbers)}I", *numbers)
    content = aligned(content)
    return content + struct.pack(f"<{len(values)}d", *values) + bytes(tag_numbers) + bytes(names)


def pack_hash(content):
    """`PackHash` of PackFormat.swift."""
    def step(lane, word):
        product = ((lane ^ word) * 0xFF51AFD7ED558CCD) & WORD
        return product ^ product >> 29

    lanes = [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5]
    for words in struct.iter_unpack("<4Q", aligned(content, 32)):
        lanes = [step(lane, word) for lane, word in zip(lanes, words)]
    result = step(lanes[0], len(content))
    for lane in lanes[1:]:
        result = step(result, lane)
    return result


def pack(name, content):
    header, entry = 64, 48
    offset = (header + entry + 63) // 64 * 64
    table = struct.pack("<24sQQQ", name, offset, len(content), pack_hash(content))
    file = struct.pack("<8sIIQQ", b"gsvpack\n", 1, 1, offset + len(content), pack_hash(table))
    return aligned(aligned(file, header) + table, 64) + content


def main():
    if len(sys.argv) != 3:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} TAGGER OUTPUT")
    source, output = sys.argv[1:]
    try:
        tags, words, features = checked(tagger_at(source))
        plain_pickle.write(output, pack(b"en.nltk", section(tags, words, features)))
    except (Unusable, plain_pickle.Refused) as error:
        sys.exit(f"{source} cannot be used as nltk's English tagger: {error}")
    except Exception as error:  # a damaged file raises errors of many modules
        sys.exit(f"{source} cannot be read as nltk's English tagger: {type(error).__name__}: {error}")
    print(f"wrote {output}: {len(tags)} tags, {len(features)} features")


if __name__ == "__main__":
    main()
