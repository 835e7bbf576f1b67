"""Trains the built-in English tagger to agree with nltk's, and writes its weights. See README.md."""

import argparse
import json

import numpy as np
import perceptron as p
from texts import Corpus, tokens


class Teacher:
    """nltk's averaged perceptron tagger, out of its three JSON files."""

    def __init__(self, folder):
        def read(part):
            with open(f"{folder}/averaged_perceptron_tagger_eng.{part}.json") as file:
                return json.load(file)

        self.tags = sorted(read("classes"))
        number = {tag: n for n, tag in enumerate(self.tags)}
        self.fixed_tags = {word: number[tag] for word, tag in read("tagdict").items()}
        context = {**number, p.BEFORE[0]: len(self.tags), p.BEFORE[1]: len(self.tags) + 1}
        keys, rows = [], []
        for name, weights in read("weights").items():
            template = max(
                (t for t, prefix in enumerate(p.TEMPLATES) if name == prefix or name.startswith(prefix + " ")),
                key=lambda t: len(p.TEMPLATES[t]),
            )
            rest = name[len(p.TEMPLATES[template]) + 1 :]
            first, second = 0, 0
            if template in (3, 4):
                first = context.get(rest, -2) + 1
            elif template == 5:
                first, second = (context.get(part, -2) + 1 for part in rest.split(" "))
            elif template == 7:
                tag, word = rest.split(" ", 1)
                first, second = p.text_hash(word), context.get(tag, -2) + 1
            elif template > 0:
                first = p.text_hash(rest)
            if first < 0 or second < 0:
                continue
            keys.append(p.feature(template, np.uint64(first), np.uint64(second)))
            row = np.zeros(len(self.tags))
            for tag, weight in weights.items():
                row[number[tag]] = weight
            rows.append(row)
        self.table, self.weights = p.table(np.array(keys, np.uint64)), np.array(rows)

    def fixed(self, vocabulary):
        return np.array([self.fixed_tags.get(word, -1) for word in vocabulary.tokens], np.int32)

    def tag(self, vocabulary, ids, starts):
        result = np.zeros(len(ids), np.int32)
        p.tag(ids, starts, self.fixed(vocabulary), vocabulary.hashes(), *self.table, self.weights, result)
        return result


def homograph_tags(path):
    """Homographs of g2p_en's list with the tag prefix of their first reading, as upstream corrects it."""
    with open(path) as file:
        fields = [line.strip().split("|") for line in file if not line.startswith("#") and line.strip()]
    return {**{f[0].lower(): f[3] for f in fields}, "read": "VBP", "complex": "JJ"}


class Student:
    """The tagger that is trained."""

    def __init__(self, teacher, homographs, corpus, arguments):
        self.teacher, self.arguments = teacher, arguments
        self.prefixes = sorted(set(homographs.values()))
        self.first = np.array([[t.startswith(x) or x.startswith(t) for t in teacher.tags] for x in self.prefixes])
        self.homographs = homographs
        self.vocabulary = p.Vocabulary()
        self.ids, self.starts = self.vocabulary.encode(map(tokens, corpus.training))
        self.gold = teacher.tag(self.vocabulary, self.ids, self.starts)
        self.fixed_tags = self.unambiguous(len(corpus.natural))
        print(f"{len(self.starts) - 1} sentences, {len(self.ids)} tokens, {len(self.fixed_tags)} fixed", flush=True)
        self.select_features()

    def unambiguous(self, natural):
        """The most frequent tokens that always have the same tag."""
        last = self.starts[natural]
        counts = np.zeros((len(self.vocabulary.tokens), len(self.teacher.tags)), np.int64)
        np.add.at(counts, (self.ids[:last], self.gold[:last]), 1)
        total, most = counts.sum(1), counts.max(1)
        usual = [
            n for n in np.argsort(-total, kind="stable")
            if total[n] >= 50 and most[n] >= 0.999 * total[n]
            and self.vocabulary.tokens[n].lower() not in self.homographs
        ]
        return {self.vocabulary.tokens[n]: int(counts[n].argmax()) for n in usual[: self.arguments.fixed]}

    def fixed(self, vocabulary):
        return np.array([self.fixed_tags.get(word, -1) for word in vocabulary.tokens], np.int32)

    def groups(self, vocabulary):
        """Number of each token's tag prefix, -1 if it is no homograph."""
        return np.array(
            [self.prefixes.index(self.homographs[w.lower()]) if w.lower() in self.homographs else -1
             for w in vocabulary.tokens], np.int32)

    def select_features(self):
        found = np.zeros(p.COUNT * len(self.ids), np.uint64)
        count = p.collect(self.ids, self.starts, self.fixed(self.vocabulary), self.vocabulary.hashes(), self.gold,
                          len(self.teacher.tags), found)
        keys, uses = np.unique(found[:count], return_counts=True)
        often = uses >= 4
        self.keys, self.uses = keys[often], uses[often]
        self.mask = np.ones((len(self.keys), len(self.teacher.tags)), np.bool_)
        self.weights = np.zeros(self.mask.shape, np.float32)

    def fit(self, epochs):
        """Passes over the training sentences; the result is the average over all steps."""
        weights, sums = self.weights.copy(), np.zeros_like(self.weights)
        step, random = 1.0, np.random.RandomState(0)
        lookup, hashes = p.table(self.keys), self.vocabulary.hashes()
        fixed, groups = self.fixed(self.vocabulary), self.groups(self.vocabulary)
        for number in range(epochs):
            step, errors = p.epoch(
                self.ids, self.starts, random.permutation(len(self.starts) - 1), fixed, hashes, self.gold, groups,
                self.first, *lookup, weights, sums, self.mask, step, np.float32(1), np.float32(2), np.float32(4))
            print(f"  pass {number + 1}: tags {errors[1] / errors[0]:.3%} wrong, readings "
                  f"{errors[3] / errors[2]:.3%}", flush=True)
        self.weights = weights - sums / np.float32(step)

    def prune(self, size):
        """Keeps the weights that matter most, as many as fit into `size` bytes."""
        matter = np.abs(self.weights) * np.sqrt(np.minimum(self.uses, 2000.0))[:, None]
        matter[~self.mask] = 0
        order = np.argsort(-matter.ravel(), kind="stable")
        tags = len(self.teacher.tags)
        low, high = 1000, len(order)
        while high - low > 50:
            middle = (low + high) // 2
            fits = 5 * len(np.unique(order[:middle] // tags)) + 2 * middle <= size
            low, high = (middle, high) if fits else (low, middle)
        mask = np.zeros(self.mask.size, np.bool_)
        mask[order[:low]] = True
        mask = mask.reshape(self.mask.shape)
        kept = mask.any(1)
        self.keys, self.uses, self.mask = self.keys[kept], self.uses[kept], mask[kept]
        self.weights = np.where(self.mask, self.weights[kept], 0)
        print(f"pruned to {low} weights of {len(self.keys)} features", flush=True)

    def quantise(self):
        """Whole numbers from -127 to 127; only sums are compared, so their scale is of no account."""
        self.weights = np.rint(self.weights * (127 / np.abs(self.weights).max()))

    def test(self, corpus):
        for name, sentences in corpus.tests.items():
            vocabulary = p.Vocabulary()
            ids, starts = vocabulary.encode(map(tokens, sentences))
            gold, own = self.teacher.tag(vocabulary, ids, starts), np.zeros(len(ids), np.int32)
            p.tag(ids, starts, self.fixed(vocabulary), vocabulary.hashes(), *p.table(self.keys),
                  self.weights.astype(np.float64), own)
            groups = self.groups(vocabulary)[ids]
            at = groups >= 0
            wrong = (self.first[groups[at], gold[at]] != self.first[groups[at], own[at]]).sum()
            print(f"{name}: {len(sentences)} sentences, tags {np.mean(gold == own):.2%}; {at.sum()} homographs, "
                  f"{wrong} read differently ({1 - wrong / at.sum():.2%} agree)", flush=True)

    def write(self, path):
        """Little-endian: what EnglishTaggerSection in lexicon-compiler reads."""
        keys = (self.keys & np.uint64(0xFFFFFFFF)).astype("<u4")
        assert len(np.unique(keys)) == len(keys)
        order = np.argsort(keys)
        weights = self.weights[order].astype(np.int8)
        words = list(self.fixed_tags)
        with open(path, "wb") as file:
            for text in ("\n".join(self.teacher.tags), "\n".join(words)):
                file.write(np.array([len(text)], "<u4").tobytes() + text.encode())
            file.write(bytes(self.fixed_tags[word] for word in words))
            file.write(np.array([len(keys), np.count_nonzero(weights)], "<u4").tobytes())
            file.write(keys[order].tobytes())
            file.write(np.count_nonzero(weights, axis=1).astype(np.uint8).tobytes())
            row, tag = np.nonzero(weights)
            file.write(tag.astype(np.uint8).tobytes() + weights[row, tag].tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", required=True, help="usr/share of the unpacked Debian packages")
    parser.add_argument("--tagger", required=True, help="folder averaged_perceptron_tagger_eng")
    parser.add_argument("--homographs", required=True, help="g2p_en's homographs.en")
    parser.add_argument("--made-up", type=int, default=600_000, help="made-up contexts of each of two kinds")
    parser.add_argument("--fixed", type=int, default=250, help="tokens with one tag")
    parser.add_argument("--bytes", type=int, default=290_000, help="size of the weights")
    parser.add_argument("--output", default="english-tagger.weights")
    arguments = parser.parse_args()
    homographs = homograph_tags(arguments.homographs)
    corpus = Corpus(arguments.texts, homographs, arguments.made_up)
    student = Student(Teacher(arguments.tagger), homographs, corpus, arguments)
    student.fit(5)
    student.test(corpus)
    for share, passes in ((3, 2), (1.7, 2), (1.25, 2), (1, 6)):
        student.prune(int(arguments.bytes * share))
        student.fit(passes)
    student.quantise()
    student.test(corpus)
    student.write(arguments.output)


if __name__ == "__main__":
    main()
