"""Trains the text-to-semantic model on the codes of the corpus.

    python train_gpt.py --work WORK --steps 3000

A training sequence is what the engine feeds: a prompt's sentence with 0.6 s of silence, then one to eight sentences and the
end; some have no prompt, some change the speaker or the language after it.
"""

import pathlib

import numpy as np
import torch
from torch.nn import functional as F

import data
import gpt
import optimizers
import stage
from encode import TAIL_CODES, is_prompt

FULL_STOP = 3  # symbol "."
NOISE = 0.1  # of the codes that are read are wrong ones
STUTTERS = 0.25  # of the sequences say something again that was said
SHORT = 0.1  # of the sequences end with a text of few phones
FEW = 12  # phones
LONGEST = 800  # codes in a sequence: 32 s


def stuttered(rng, codes, wanted, places, silent):
    """What a model that repeats itself reads, and what it should have said at each place: a few codes once to three times again,
    after each of which the text goes on (-1 inside them, where nothing is right). A model that was never shown how to leave
    a loop stays in it; that of silence is the deepest, so half of the time the codes are those before the end of a pause.
    `wanted` is what `codes` are to be predicted as, `silent` says of each code whether it is silence."""
    length, times = int(rng.integers(2, 17)), int(rng.integers(1, 4))
    if len(codes) <= length + 1:
        return codes, wanted, places
    after = np.append(wanted, gpt.END)
    at = int(rng.integers(length, len(after)))
    quiet = np.append(silent[codes], False)
    ends = np.flatnonzero(quiet[length - 1 : -1] & ~quiet[length:]) + length
    if len(ends) and rng.random() < 0.5:
        at = int(rng.choice(ends))
    again, unknown = np.tile(codes[at - length : at], times), np.full(length * times, -1, np.int64)
    targets = unknown.copy()
    targets[::length] = after[at]
    return (np.concatenate([codes[:at], again, codes[at:]]), np.concatenate([wanted[:at], targets, wanted[at:]]),
            np.concatenate([places[:at], unknown, places[at:]]))


class Sequences:
    """Sequences made from the corpus."""

    def __init__(self, work):
        self.corpus = data.Corpus(work)
        self.codes, self.prompts, self.silent = [], [], data.silent(work)
        for speaker in self.corpus.speakers:
            folder = pathlib.Path(work) / "corpus" / speaker.name
            self.codes.append(np.load(folder / "codes.npy"))
            self.prompts.append(np.load(folder / "prompts.npy"))
        self.choices = [self.usable(speaker, codes) for speaker, codes in zip(self.corpus.speakers, self.codes)]

    @staticmethod
    def usable(speaker, codes):
        """Encoded utterances, by whether they are held out and what they serve as: a text, a short one, a prompt (2 to 6 s)."""
        result = {}
        for held, source in ((False, speaker.train), (True, speaker.held)):
            there = source[codes[speaker.offsets[source, 1] // 2] >= 0]
            lengths = speaker.frames[there]
            result[held, "text"] = there
            result[held, "short"] = there[np.diff(speaker.offsets[:, 2])[there] < FEW]
            result[held, "prompt"] = there[is_prompt(there) & (lengths >= 100) & (lengths <= 300)]
        return result

    def utterance(self, at, index, prompt):
        """Phones, codes and, per code, the index of its phone."""
        speaker = self.corpus.speakers[at]
        frames, letters = speaker.slices(index)
        phones = np.asarray(speaker.phones[letters], np.int64)
        a, b = frames.start // 2, frames.stop // 2
        places = np.asarray(speaker.places[frames], np.int64)
        places = np.where(places[0::2] >= 0, places[0::2], places[1::2])
        if not prompt:
            return phones, self.codes[at][a:b].astype(np.int64), places
        start = a + TAIL_CODES * index
        tail = np.full(TAIL_CODES, -1, np.int64)
        return phones, self.prompts[at][start : start + b - a + TAIL_CODES].astype(np.int64), np.concatenate([places, tail])

    def sequence(self, rng, held=False):
        shares = self.corpus.shares

        def pick(at, kind="text"):
            return int(rng.choice(self.choices[at][held, kind]))

        parts = []
        at = rng.choice(len(shares), p=shares)
        prompted = rng.random() < 0.88
        if prompted:
            parts.append(self.utterance(at, pick(at, "prompt"), True))
            if rng.random() < 0.15:
                at = rng.choice(len(shares), p=shares)
        kind = "short" if rng.random() < SHORT and len(self.choices[at][held, "short"]) else "text"
        for _ in range(1 if kind == "short" else rng.choice((1, 2, 3, 4, 8), p=(0.70, 0.15, 0.06, 0.04, 0.05))):
            part = self.utterance(at, pick(at, kind), False)
            if parts and len(parts[-1][0]) and sum(len(p[1]) for p in parts) + len(part[1]) > LONGEST:
                break
            parts.append(part)
        # The engine puts a full stop before a text of few letters.
        phones, codes, places = parts[-1]
        if len(phones) < FEW and rng.random() < 0.4:
            parts[-1] = np.concatenate([[FULL_STOP], phones]), codes, np.where(places >= 0, places + 1, -1)
        offsets = np.cumsum([0] + [len(p[0]) for p in parts])
        phones = np.concatenate([p[0] for p in parts])
        codes = np.concatenate([p[1] for p in parts])
        places = np.concatenate([np.where(p[2] >= 0, p[2] + o, -1) for p, o in zip(parts, offsets)])
        wanted = codes.copy()
        if prompted:  # its silence is never asked for, and would teach that silence goes on
            end = len(parts[0][1])
            wanted[end - TAIL_CODES : end] = -1
        if not held and rng.random() < STUTTERS:
            return phones, *stuttered(rng, codes, wanted, places, self.silent)
        return phones, codes, wanted, places

    def batch(self, rng, tokens, held=False):
        rows, longest = [], 0
        pending = sorted((self.sequence(rng, held) for _ in range(48)), key=lambda r: len(r[1]) + len(r[0]))
        start = int(rng.integers(len(pending)))
        for row in pending[start:] + pending[:start][::-1]:
            longest = max(longest, len(row[0]) + len(row[1]))
            if rows and longest * (len(rows) + 1) > tokens:
                break
            rows.append(row)
        count = len(rows)
        letters, length = max(len(r[0]) for r in rows), max(len(r[1]) for r in rows)
        phones = torch.zeros(count, letters, dtype=torch.long)
        counts = torch.tensor([len(r[0]) for r in rows])
        codes = torch.zeros(count, length, dtype=torch.long)
        targets = torch.full((count, length + 1), -1, dtype=torch.long)
        places = torch.full((count, length), -1, dtype=torch.long)
        for i, (p, c, aim, w) in enumerate(rows):
            phones[i, letters - len(p) :] = torch.from_numpy(p)
            codes[i, : len(c)], targets[i, : len(c)] = torch.from_numpy(c), torch.from_numpy(aim)
            targets[i, len(c)] = gpt.END
            places[i, : len(c)] = torch.from_numpy(np.where(w >= 0, w + letters - len(p), -1))
        return phones, counts, codes, targets, places


class Trainer(stage.Stage):
    SEED = 3000

    def __init__(self, options):
        torch.manual_seed(3)
        self.options = options
        self.model = gpt.TextToSemantic()
        self.parts = {"gpt": self.model}
        self.steady = optimizers.Steady(self.model.named_parameters(), 1.0, weight_decay=0.02)
        self.begin("gpt", kept=("gpt",))
        self.sequences = Sequences(options.work)

    def losses(self, batch):
        phones, counts, codes, targets, places = batch
        read = codes
        if self.model.training:
            wrong = torch.randint_like(codes, gpt.END)
            read = torch.where(torch.rand(codes.shape) < NOISE, wrong, codes)
        logits, guided = self.model(phones, counts, read)
        logits = logits.float()
        there = targets >= 0
        # The first guided head reads the code's own phone, the second that of the code to come.
        later = F.pad(places[:, 1:], (0, 1), value=-1)
        guide = sum(F.cross_entropy(scores.float()[where >= 0], where[where >= 0]) for scores, where in zip(guided, (places, later)))
        losses = {
            "nll": F.cross_entropy(logits[there], targets[there]), "guide": 0.4 * guide,
            "size": 0.01 * logits.logsumexp(-1)[there].square().mean(),
        }
        return losses, {
            "right%": 100 * (logits.argmax(-1) == targets)[there].float().mean(),
            "five%": 100 * (logits.topk(5).indices == targets.unsqueeze(-1)).any(-1)[there].float().mean(),
        }

    def draw(self, rng, held=False):
        return self.sequences.batch(rng, self.options.tokens, held)


def main():
    parser = stage.parser(steps=4000, rate=1.5e-3)
    parser.add_argument("--tokens", type=int, default=1800)
    options = stage.parsed(parser)
    Trainer(options).run()


if __name__ == "__main__":
    main()
