"""Phones of sentences by gsv's own front end, and when a synthesizer spoke each of them."""

import functools
import json
import os
import re
import subprocess

PUNCTUATION = set("!?…,.-")


def phones_of(texts, language, gsv):
    """Symbols and ids of each text, or None where the front end refuses it."""
    records = "".join(
        json.dumps({"id": i, "text": text, "lang": language, "version": "v2"}, ensure_ascii=False) + "\n"
        for i, text in enumerate(texts)
    )
    done = subprocess.run([gsv, "text", "--jsonl"], input=records.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True, env=os.environ)
    result = [None] * len(texts)
    for line in done.stdout.decode().splitlines():
        answer = json.loads(line)
        if answer["error"] is None and answer["ids"]:
            result[answer["id"]] = (answer["phones"], answer["ids"])
    return result


# English: flite's segments and the phones of the front end are two readings of one sentence.

ALIKE = [set(group.split()) for group in (
    "ah ax uh ih", "aa ao ah", "ih iy eh", "er ax r", "s z sh zh", "t d dh th", "ow ao uh uw", "ae eh ah", "k g", "p b v f",
    "m n ng", "ch jh sh", "w uw", "y iy", "ey eh", "l ow",
)]


def mismatch(segment, phone):
    """What it costs to take flite's segment for the phone."""
    if phone in PUNCTUATION:
        return 0.0 if segment == "pau" else 1.6
    if segment == "pau":
        return 1.6
    base = re.sub(r"\d", "", phone).lower()
    if segment == base or {segment, base} == {"ax", "ah"}:
        return 0.0
    return 0.5 if any(segment in group and base in group for group in ALIKE) else 1.2


def align_segments(segments, phones):
    """The phone's index for each segment (-1: none) and the mean cost; an edit distance with `mismatch`."""
    rows, columns = len(segments), len(phones)
    infinity = 1e9
    cost = [[infinity] * (columns + 1) for _ in range(rows + 1)]
    move = [[None] * (columns + 1) for _ in range(rows + 1)]
    cost[0][0] = 0.0
    for i in range(rows + 1):
        for j in range(columns + 1):
            here = cost[i][j]
            if here >= infinity:
                continue
            steps = []
            if i < rows and j < columns:
                steps.append((i + 1, j + 1, here + mismatch(segments[i], phones[j])))
            if i < rows:
                steps.append((i + 1, j, here + (0.1 if segments[i] == "pau" else 0.9)))
            if j < columns:
                steps.append((i, j + 1, here + (0.1 if phones[j] in PUNCTUATION else 0.9)))
            for a, b, total in steps:
                if total < cost[a][b]:
                    cost[a][b], move[a][b] = total, (i, j)
    result = [-1] * rows
    i, j = rows, columns
    while (i, j) != (0, 0):
        a, b = move[i][j]
        if a < i and b < j:
            result[a] = b
        i, j = a, b
    return result, cost[rows][columns] / max(rows, columns)


# Mandarin: espeak-ng is given the pinyin of the front end's phones.


@functools.cache
def syllables(table):
    """(initial, final) to pinyin, from a table of `pinyin<TAB>initial final` lines."""
    with open(table, encoding="utf-8") as file:
        return {tuple(parts[1].split(" ")): parts[0] for parts in (line.rstrip("\n").split("\t") for line in file)}


def pinyin(phones, table):
    """The pinyin to speak, and the index of each syllable's initial; None if a phone has no place in a syllable."""
    names = syllables(table)
    words, places, at = [], [], 0
    while at < len(phones):
        if phones[at] in PUNCTUATION:
            mark = phones[at] if phones[at] in "!?,." else ","
            if words and not words[-1].endswith(("!", "?", ",", ".")):
                words[-1] += mark
            at += 1
            continue
        if at + 1 >= len(phones):
            return None
        final = re.fullmatch(r"([A-Za-z0]+?)([1-5])", phones[at + 1])
        name = names.get((phones[at], final[1])) if final else None
        if name is None:
            return None
        words.append(name + final[2])
        places.append(at)
        at += 2
    return " ".join(words), places
