"""Tagging and training loops over numbered tokens, compiled by numba.

A feature is a 64-bit number mixed of its template and what it looks at; the finished tagger keeps the lower 32 bits.
`BuiltInTagger` in Sources/Text/English/Tagging computes the same numbers.
"""

import numpy as np
from numba import njit

TEMPLATES = [
    "bias", "i suffix", "i pref1", "i-1 tag", "i-2 tag", "i tag+i-2 tag", "i word", "i-1 tag+i word", "i-1 word",
    "i-1 suffix", "i-2 word", "i+1 word", "i+1 suffix", "i+2 word",
]
COUNT = len(TEMPLATES)
BEFORE = ("-START-", "-START2-")
AFTER = ("-END-", "-END2-")


def text_hash(text):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & (1 << 64) - 1
    return value


@njit(inline="always")
def feature(template, first, second):
    x = np.uint64(first) + np.uint64(template + 1) * np.uint64(0x9E3779B97F4A7C15)
    x += np.uint64(second) * np.uint64(0xC2B2AE3D27D4EB4F)
    for _ in range(2):
        x ^= x >> np.uint64(32)
        x *= np.uint64(0xD6E8FEB86659FD93)
    return x ^ (x >> np.uint64(32))


class Vocabulary:
    """Tokens by number, and the hashes that features are made of."""

    def __init__(self):
        self.number, self.tokens = {}, []
        self.columns = [[], [], [], []]
        for mark in BEFORE + AFTER:
            self.add(mark, mark)

    def add(self, token, normal=None):
        if token not in self.number:
            self.number[token] = len(self.tokens)
            self.tokens.append(token)
            if normal is None:
                normal = "!HYPHEN" if "-" in token and token[0] != "-" else token.lower()
            for column, text in zip(self.columns, (normal, token[-3:], token[:1], normal[-3:])):
                column.append(text_hash(text))
        return self.number[token]

    def encode(self, sentences):
        """Token numbers of sentences after one another, and where each begins."""
        ids, starts = [], [0]
        for sentence in sentences:
            ids += [self.add(token) for token in sentence]
            starts.append(len(ids))
        return np.array(ids, np.int32), np.array(starts, np.int64)

    def hashes(self):
        return np.array(self.columns, np.uint64)


@njit
def _fill(slots, rows, keys):
    mask = np.uint64(len(slots) - 1)
    for row in range(len(keys)):
        place = keys[row] & mask
        while rows[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = keys[row]
        rows[place] = row


def table(keys):
    """Row of each key, by open addressing."""
    size = 1
    while size < 2 * len(keys) + 2:
        size *= 2
    slots, rows = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
    _fill(slots, rows, keys)
    return slots, rows


@njit(inline="always")
def find(slots, rows, key):
    mask = np.uint64(len(slots) - 1)
    place = key & mask
    while rows[place] >= 0:
        if slots[place] == key:
            return rows[place]
        place = (place + np.uint64(1)) & mask
    return -1


@njit(inline="always")
def features(result, ids, low, high, i, previous, before, hashes):
    a1 = ids[i - 1] if i - 1 >= low else 1
    a2 = ids[i - 2] if i - 2 >= low else 1 if i - 1 >= low else 0
    b1 = ids[i + 1] if i + 1 < high else 2
    b2 = ids[i + 2] if i + 2 < high else 2 if i + 2 == high else 3
    word = ids[i]
    none = np.uint64(0)
    tag1, tag2 = np.uint64(previous + 1), np.uint64(before + 1)
    result[0] = feature(0, none, none)
    result[1] = feature(1, hashes[1, word], none)
    result[2] = feature(2, hashes[2, word], none)
    result[3] = feature(3, tag1, none)
    result[4] = feature(4, tag2, none)
    result[5] = feature(5, tag1, tag2)
    result[6] = feature(6, hashes[0, word], none)
    result[7] = feature(7, hashes[0, word], tag1)
    result[8] = feature(8, hashes[0, a1], none)
    result[9] = feature(9, hashes[3, a1], none)
    result[10] = feature(10, hashes[0, a2], none)
    result[11] = feature(11, hashes[0, b1], none)
    result[12] = feature(12, hashes[3, b1], none)
    result[13] = feature(13, hashes[0, b2], none)


@njit
def tag(ids, starts, fixed, hashes, slots, rows, weights, result):
    """Tags all sentences; `fixed` is the tag of a token that has one only, else -1."""
    tags = weights.shape[1]
    found, scores = np.zeros(COUNT, np.uint64), np.zeros(tags, np.float64)
    for n in range(len(starts) - 1):
        previous, before = tags, tags + 1
        for i in range(starts[n], starts[n + 1]):
            best = fixed[ids[i]]
            if best < 0:
                features(found, ids, starts[n], starts[n + 1], i, previous, before, hashes)
                scores[:] = 0
                for j in range(COUNT):
                    row = find(slots, rows, found[j])
                    if row >= 0:
                        for k in range(tags):
                            scores[k] += weights[row, k]
                best = 0
                for k in range(tags):
                    if scores[k] >= scores[best]:
                        best = k
            result[i] = best
            previous, before = best, previous


@njit
def collect(ids, starts, fixed, hashes, gold, tags, result):
    """All features of all tokens without a fixed tag."""
    found, count = np.zeros(COUNT, np.uint64), 0
    for n in range(len(starts) - 1):
        previous, before = tags, tags + 1
        for i in range(starts[n], starts[n + 1]):
            if fixed[ids[i]] < 0:
                features(found, ids, starts[n], starts[n + 1], i, previous, before, hashes)
                result[count : count + COUNT] = found
                count += COUNT
            previous, before = gold[i], previous
    return count


@njit
def epoch(ids, starts, order, fixed, hashes, gold, prefix, first, slots, rows, weights, sums, mask, step, margin,
          rate, homograph_margin):
    """One pass. A homograph counts `rate` times, and only for which of its readings the tag chooses."""
    tags = weights.shape[1]
    found, used = np.zeros(COUNT, np.uint64), np.zeros(COUNT, np.int64)
    scores = np.zeros(tags, np.float32)
    errors = np.zeros(4, np.int64)
    for n in order:
        previous, before = tags, tags + 1
        for i in range(starts[n], starts[n + 1]):
            best = fixed[ids[i]]
            if best < 0:
                features(found, ids, starts[n], starts[n + 1], i, previous, before, hashes)
                scores[:] = 0
                count = 0
                for j in range(COUNT):
                    row = find(slots, rows, found[j])
                    if row >= 0:
                        used[count] = row
                        count += 1
                        for k in range(tags):
                            scores[k] += weights[row, k]
                truth, wrong = gold[i], -1
                best = 0
                for k in range(tags):
                    if scores[k] >= scores[best]:
                        best = k
                    if k != truth and (wrong < 0 or scores[k] > scores[wrong]):
                        wrong = k
                update, size = scores[wrong] > scores[truth] - margin, np.float32(1)
                errors[0] += 1
                errors[1] += best != truth
                group = prefix[ids[i]]
                if group >= 0:
                    errors[2] += 1
                    errors[3] += first[group, best] != first[group, truth]
                    other = -1
                    for k in range(tags):
                        if first[group, k] != first[group, truth] and (other < 0 or scores[k] > scores[other]):
                            other = k
                    if scores[other] > scores[truth] - homograph_margin:
                        wrong, update, size = other, True, rate
                if update:
                    for j in range(count):
                        row = used[j]
                        if mask[row, truth]:
                            weights[row, truth] += size
                            sums[row, truth] += step * size
                        if mask[row, wrong]:
                            weights[row, wrong] -= size
                            sums[row, wrong] -= step * size
                step += 1.0
            previous, before = best, previous
    return step, errors
