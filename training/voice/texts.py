"""The sentences that are spoken to train the voice, and those it is measured on.

English comes from WordNet's examples and definitions and from the Devil's Dictionary, from templates over common words,
and from single words, letters and numbers. Mandarin is made from the words of jieba's dictionary by their parts of speech,
with some lines of classical prose and verse. `README.md` names the licences.
"""

import gzip
import pathlib
import random
import re
import string

import sentences

LONGEST_ENGLISH = 15  # words


def wordnet(share):
    """Examples and definitions of WordNet 3.0, in the order of its files."""
    examples, definitions = [], []
    for part in ("noun", "verb", "adj", "adv"):
        for line in (share / "wordnet" / f"data.{part}").read_text("utf-8", "replace").splitlines():
            if line.startswith("  "):
                continue
            gloss = line.split("|", 1)[1].strip()
            examples += re.findall(r'"([^"]+)"', gloss)
            definitions += re.sub(r';?\s*"[^"]*"[^;]*', "", gloss).split("; ")
    return examples, definitions


def devil(share):
    """Sentences of the Devil's Dictionary."""
    with gzip.open(share / "dictd" / "devil.dict.dz", "rt", errors="replace") as file:
        text = re.sub(r"[{}_]", "", file.read())
    for paragraph in re.split(r"\n\s*\n", text):
        yield from re.split(r"(?<=[.!?])\s+(?=[A-Z])", re.sub(r"\s+", " ", paragraph))


def plain(sentence):
    """The sentence with a capital and a full stop, or None if it is not plain words of a speakable length."""
    sentence = re.sub(r"\s+", " ", sentence).strip(" ;:,-")
    sentence = re.sub(r"\s*\([^)]*\)", "", sentence)
    if not re.fullmatch(r"[A-Za-z][A-Za-z',;? !.-]*", sentence) or re.search(r"[A-Z]{2}|\.[a-z. ]|--|\.\.|\b[b-hj-zB-HJ-Z]\b|'[^ a-z]", sentence):
        return None
    if not 3 <= len(sentence.split()) <= LONGEST_ENGLISH:
        return None
    sentence = sentence[0].upper() + sentence[1:].replace(";", ",")
    return sentence if sentence[-1] in ".?!" else sentence + "."


def words_of(sentence):
    return re.findall(r"[a-z']+", sentence.lower())


def templates(rng, count):
    """Sentences from the patterns and word lists of `sentences.py`."""
    made = set()
    while len(made) < count:
        pattern = rng.choice(sentences.ENGLISH_PATTERNS)
        text = re.sub(r"\{(\w+)\}", lambda slot: rng.choice(sentences.ENGLISH_WORDS[slot[1]]), pattern)
        text = re.sub(r"\b([Aa]) (?=[aeio])", r"\1n ", text)
        made.add(text[0].upper() + text[1:])
    return sorted(made)


def short(rng, vocabulary, count):
    """One to three words, letters, numbers: what a request of a few characters is."""
    ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    result = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.55:
            text = " ".join(rng.choice(vocabulary) for _ in range(rng.choice((1, 1, 2, 2, 3))))
        elif kind < 0.7:
            text = " ".join(rng.choice(string.ascii_uppercase) for _ in range(rng.choice((1, 2, 3, 4))))
        else:
            text = rng.choice(ones) if kind < 0.8 else f"{rng.choice(tens)} {rng.choice(ones[1:10])}"
            if kind > 0.9:
                text = f"{rng.choice(ones[1:10])} {rng.choice(('hundred', 'thousand'))} {text}"
        result.append(text[0].upper() + text[1:] + rng.choice(("", ".", ".", "!", "?")))
    return result


def english(share, seed=1):
    """Training sentences in the order they are spoken in, and the held-out ones, natural and made from templates."""
    rng = random.Random(seed)
    examples, definitions = wordnet(share)
    counts = {}
    for sentence in examples + definitions:
        for word in words_of(sentence):
            counts[word] = counts.get(word, 0) + 1
    common = {word for word, count in counts.items() if count >= 12}
    very_common = {word for word, count in counts.items() if count >= 60}

    def usable(source, vocabulary):
        kept = dict.fromkeys(s for s in map(plain, source) if s and all(w in vocabulary for w in words_of(s)))
        return list(kept)

    natural = usable(examples, common)
    rng.shuffle(natural)
    held_out = [s for s in natural[:4000] if 5 <= len(s.split()) <= 11 and all(w in very_common for w in words_of(s))][:400]
    skip = set(held_out)
    natural = [s for s in natural if s not in skip]
    described = usable(definitions, common) + usable(devil(share), common)
    rng.shuffle(described)
    made = templates(rng, 6000)
    rng.shuffle(made)
    few = short(rng, sorted(w for w in common if len(w) > 1), 3000)
    test_made, made = made[:200], made[200:]
    # One of ten is a few words, the rest in equal parts.
    stream, at = [], 0
    while at < 60000:
        for source, weight in ((natural, 5), (described, 2), (made, 2), (few, 1)):
            stream += [source[(at * weight + i) % len(source)] for i in range(weight)]
        at += 1
        if at >= 3000:
            break
    return list(dict.fromkeys(stream)), {"natural": held_out, "templates": test_made, "written": sentences.ENGLISH_WRITTEN}


def mandarin(dictionary, seed=2):
    """Training sentences and held-out ones; `dictionary` is jieba's dict.txt."""
    rng = random.Random(seed)
    by_part = {}
    for line in pathlib.Path(dictionary).read_text("utf-8").splitlines():
        word, count, part = line.split(" ")
        if int(count) >= 300 and re.fullmatch(r"[一-鿿]{1,4}", word):
            by_part.setdefault(part, []).append((word, int(count) ** 0.4))
    pools = {part: ([w for w, _ in rows], [c for _, c in rows]) for part, rows in by_part.items()}

    def one(part):
        words, weights = pools[part]
        return rng.choices(words, weights)[0]

    made = set()
    while len(made) < 7000:
        text = re.sub(r"\{(\w+)\}", lambda slot: one(slot[1]), rng.choice(sentences.MANDARIN_PATTERNS))
        made.add(text)
    made = sorted(made)
    rng.shuffle(made)
    few = [one(rng.choice(("n", "v", "a", "t", "d", "ns"))) + rng.choice(("", "。", "！", "？")) for _ in range(800)]
    classical = [line for line in sentences.MANDARIN_CLASSICAL]
    test, rest = made[:150], made[150:]
    stream = rest[:6000] + few + classical * 3
    rng.shuffle(stream)
    return stream, {"made": test, "written": sentences.MANDARIN_WRITTEN}


def senseless(source, language, count, seed):
    """Words, letters and signs of sentences in no order, with marks strewn among them: what somebody's first try of a request may be."""
    rng = random.Random(seed)
    if language == "zh":
        signs = "".join(source)
        return ["".join(rng.choice(signs) for _ in range(rng.randint(2, 40))) for _ in range(count)]
    words = [word for sentence in source for word in re.findall(r"[A-Za-z'-]+|[.,!?]", sentence)]
    result = []
    for _ in range(count):
        spelled = rng.choice((0, 0, 0.3, 0.8))
        pieces = [rng.choice(string.ascii_uppercase + string.digits) if rng.random() < spelled else rng.choice(words)
                  for _ in range(rng.randint(2, 14))]
        result.append(re.sub(r" ([.,!?])", r"\1", " ".join(pieces)))
    return result
