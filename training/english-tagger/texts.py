"""Sentences to learn from and to test on, as the English front end gives them to its tagger."""

import collections
import glob
import gzip
import html
import os
import random
import re
import unicodedata

TOKEN = re.compile(
    r"[a-z]+(?:[.-][a-z]+){0,126}\.[a-z]{2,13}(?![a-z])|[a-z](?:[a-z'-])+[a-z]|[a-z]+|\S", re.IGNORECASE
)


def tokens(sentence):
    """What nltk's TweetTokenizer makes of a normalised sentence."""
    return TOKEN.findall(sentence)


def normalised(sentence):
    """The front end's normal form of a sentence without numbers."""
    sentence = sentence.replace("’", "'").replace("‘", "'")
    sentence = "".join(c for c in unicodedata.normalize("NFD", sentence) if unicodedata.category(c) != "Mn")
    sentence = re.sub(r"\s+", " ", sentence).replace("%", " percent")
    sentence = re.sub(r"[^ A-Za-z'.,?!-]", "", sentence)
    sentence = re.sub(r"(?<!^)(?<!\s)([A-Z])", r" \1", sentence)
    return re.sub(r"([-!?,.\s])([-!?,.])+", r"\1", sentence).strip()


def sentences_of(paragraph):
    return re.split(r'(?<=[.!?])["”)]*\s+(?=["“(]*[A-Z])', re.sub(r"\s+", " ", paragraph))


def wordnet(share):
    """WordNet's glosses and examples (Debian: wordnet-base)."""
    for part in ("noun", "verb", "adj", "adv"):
        with open(f"{share}/wordnet/data.{part}", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("  "):
                    continue
                gloss = line.split("|", 1)[1].strip()
                for definition in re.sub(r';?\s*"[^"]*"[^;]*', "", gloss).split("; "):
                    if len(definition.split()) > 2:
                        yield definition
                yield from re.findall(r'"([^"]+)"', gloss)


def dictionary(share, name):
    """A book in dictd's format (Debian: dict-jargon, dict-devil)."""
    with gzip.open(f"{share}/dictd/{name}.dict.dz", "rt", errors="replace") as file:
        text = re.sub(r"[{}_]", "", file.read())
    for paragraph in re.split(r"\n\s*\n", text):
        yield from sentences_of(paragraph)


def handbook(share):
    """The Debian administrator's handbook (Debian: debian-handbook)."""
    for path in sorted(glob.glob(f"{share}/doc/debian-handbook/html/en-US/*.html")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for part in re.findall(r'<(?:p|div class="para")[^>]*>(.*?)</(?:p|div)>', text, re.S):
            yield from sentences_of(html.unescape(re.sub(r"<[^>]+>", "", part)))


def anarchism(share):
    """A long book of essays (Debian: anarchism). For tests only."""
    for path in sorted(glob.glob(f"{share}/doc/anarchism/markdown/*.md.gz")):
        with gzip.open(path, "rt", errors="replace") as file:
            text = re.sub(r"[*_#>`]+", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", file.read()))
        for paragraph in re.split(r"\n\s*\n", text):
            yield from sentences_of(paragraph)


def fortunes(share):
    """Quotations (Debian: fortunes). For tests only."""
    for path in sorted(glob.glob(f"{share}/games/fortunes/*")):
        if "." in os.path.basename(path) or os.path.islink(path):
            continue
        with open(path, errors="replace") as file:
            for paragraph in re.split(r"\n%\n", file.read()):
                yield from sentences_of(paragraph)


def clean(source):
    """Normalised sentences of 2 to 60 words, each once."""
    kept = (s for s in map(normalised, source) if 2 <= len(s.split()) <= 60 and re.search("[A-Za-z]", s))
    return list(dict.fromkeys(kept))


# Made-up contexts.

POOLS = [
    words.split()
    for words in (
        "I you he she it we they who everyone nobody John Mary",
        "the a an this that these those his her my your our their its some any no every each another",
        "will would can could should must may might to didn't don't doesn't won't can't never always often just "
        "really please let's not",
        "is are was were be been being am has have had having gets got",
        "of in on at by with for from about into without against under over during as than after before",
        "and or but nor yet so because when while if that which where how why",
        "new old good bad first last big small great little own other same many more most several two three red "
        "short long",
        "very quite too rather also now then there here again",
    )
]


def templates(random, homographs, common, count):
    """Homographs among function words and common words."""
    result = []
    for _ in range(count):
        words = []
        for _ in range(random.randrange(1, 4)):
            pick = random.random()
            if pick < 0.72:
                words.append(random.choice(random.choice(POOLS)))
            elif pick < 0.96:
                words.append(random.choice(common))
            elif pick < 0.98:
                words.append(random.choice(common).capitalize() + random.choice(["", "'s"]))
            else:
                words += [random.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(random.randrange(1, 5))]
        words.append(random.choice(homographs))
        for _ in range(random.randrange(0, 4)):
            pick = random.random()
            words.append(
                random.choice(random.choice(POOLS)) if pick < 0.6
                else random.choice(homographs) if pick < 0.68
                else random.choice(common) if pick < 0.96
                else random.choice(common).capitalize()
            )
        sentence = " ".join(words)
        if random.random() < 0.5:
            sentence = sentence[0].upper() + sentence[1:]
        result.append(sentence + random.choice([".", "?", "!", ",", "", ""]))
    return result


def substitutions(random, homographs, sentences, count):
    """Pieces of sentences with one word replaced by a homograph."""
    result = []
    while len(result) < count:
        words = random.choice(sentences).split(" ")
        place = random.randrange(len(words))
        match = re.match(r"^([A-Za-z'-]+)(.*)$", words[place])
        if not match:
            continue
        homograph = random.choice(homographs)
        words[place] = (homograph.capitalize() if match[1][:1].isupper() else homograph) + match[2]
        first = max(0, place - random.randrange(4, 12))
        result.append(" ".join(words[first : place + random.randrange(3, 8)]))
    return result


def salad(random, homographs, vocabulary, count):
    """Words in no order."""
    def word():
        return random.choice(homographs if random.random() < 0.25 else vocabulary)

    return [
        " ".join(word() for _ in range(random.randrange(1, 9))) + random.choice(["", ".", "?", "!", ","])
        for _ in range(count)
    ]


class Corpus:
    """Everything to learn from, and the sets to test on."""

    def __init__(self, share, homographs, made_up):
        rng = random.Random(7)
        homographs = sorted(homographs)
        natural = []
        for source in (wordnet(share), dictionary(share, "jargon"), dictionary(share, "devil"), handbook(share)):
            natural += clean(source)
        rng.shuffle(natural)
        held_out, natural = natural[: len(natural) // 12], natural[len(natural) // 12 :]
        counts = collections.Counter(word for sentence in natural for word in tokens(sentence))
        common = [word for word, _ in counts.most_common(6000) if word[0].isalpha()]
        vocabulary = [word for word, count in counts.items() if count >= 2 and word[0].isalpha()]
        self.natural = natural
        self.training = (
            natural
            + substitutions(rng, homographs, natural, made_up)
            + templates(rng, homographs, common, made_up)
            + salad(rng, homographs, vocabulary, made_up // 4)
            + [sentence.lower() for sentence in rng.sample(natural, 15000)]
        )
        self.tests = {
            "held-out sentences of the training texts": held_out,
            "a book of essays": clean(anarchism(share)),
            "quotations": clean(fortunes(share)),
            "held-out made-up contexts": substitutions(rng, homographs, held_out, 20000)
            + templates(random.Random(99), homographs, common, 20000),
        }
