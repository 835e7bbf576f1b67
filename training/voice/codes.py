"""What the 1024 codes of the corpus mean, found from the recordings, whose phones, pitch and spectrum are known.

    python codes.py --work WORK

A code is a cluster of 40 ms: which phone (stress and tone aside), whether and how high it is voiced, roughly which spectrum. So
a code says by itself what has to be heard, text encoder and semantic model can be trained before there is a speech encoder, and
the speech encoder only has to recognise the codes of a clip. Writes `codes.npz`, or takes the one that is there, and the corpus'
`codes.npy`.
"""

import json
import pathlib
import re

import numpy as np
import torch

import data
import encoder
import stage

PHONE, PITCH, VOICED, SPECTRUM = 2.0, 0.8, 0.6, 1.0  # what a difference counts
COMPONENTS = 12  # of the spectrum
OCTAVES = 0.25  # a speaker's pitch varies by
MOST = 150_000  # windows that the clusters are made of


def phone_names(work):
    """What each symbol's id stands for, but for stress and tone; nothing for punctuation, which is silence."""
    symbols = {}
    for path in sorted((pathlib.Path(work) / "corpus").glob("*/symbols.json")):
        symbols.update((int(number), name) for number, name in json.loads(path.read_text()).items())
    return {i: "" if i in data.MARKS else re.sub(r"\d$", "", name) for i, name in symbols.items()}


class Windows:
    """Vectors of the corpus' windows of 40 ms. `saved` is what another corpus' vectors were made with."""

    def __init__(self, work, corpus, saved=None):
        self.mean, self.deviation = corpus.mean, corpus.deviation
        names = phone_names(work)
        self.names = sorted(set(names.values())) if saved is None else [str(name) for name in saved["names"]]
        self.table = np.zeros(max(names) + 1, np.int64)
        for number, name in names.items():
            self.table[number] = self.names.index(name)
        if saved is not None:
            self.axes, self.pitches = torch.from_numpy(saved["axes"]), [float(p) for p in saved["pitches"]]
            return
        parts = torch.cat([self.spectra(s.mel[: 2 * (len(s.mel) // 2)][:40000]) for s in corpus.speakers])
        variances, axes = torch.linalg.eigh(parts.T @ parts / len(parts))
        self.axes = axes[:, -COMPONENTS:].flip(1) / variances[-1].sqrt() * SPECTRUM
        voiced = [np.asarray(s.pitch, np.float32) for s in corpus.speakers]
        self.pitches = [float(np.log2(p[p > 0]).mean()) for p in voiced]

    @property
    def classes(self):
        return len(self.names)

    def spectra(self, mel):
        """Normalised spectra of windows [M, 80], without their speaker's mean."""
        x = (torch.from_numpy(np.asarray(mel, np.float32)) - self.mean) / self.deviation
        x = x.view(-1, 2, x.shape[-1]).mean(1)
        return x - x.mean(0)

    def phones(self, speaker):
        """Class of each frame of a speaker's corpus."""
        result = np.zeros(len(speaker.places), np.int64)
        for index in range(len(speaker.texts)):
            at, letters = speaker.slices(index)
            places, ids = np.asarray(speaker.places[at]), np.asarray(speaker.phones[letters], np.int64)
            result[at] = np.where(places >= 0, self.table[ids[np.maximum(places, 0)]], self.table[data.MARKS[0]])
        return result

    def vectors(self, at, speaker):
        """[M, D] of all windows of a speaker, the number `at` of the corpus."""
        phones = torch.from_numpy(self.phones(speaker)).view(-1, 2)
        count = len(phones)
        vectors = torch.zeros(count, self.classes + 2 + COMPONENTS)
        for side in range(2):
            vectors[torch.arange(count), phones[:, side]] += PHONE / 2
        pitch = torch.from_numpy(np.asarray(speaker.pitch, np.float32)).view(-1, 2)
        voiced = (pitch > 0).float()
        height = ((torch.log2(pitch.clamp(min=1)) - self.pitches[at]) / OCTAVES).clamp(-3, 3) * voiced
        vectors[:, self.classes] = PITCH * height.sum(1) / voiced.sum(1).clamp(min=1)
        vectors[:, self.classes + 1] = VOICED * voiced.mean(1)
        vectors[:, self.classes + 2 :] = self.spectra(speaker.mel) @ self.axes
        return vectors


def nearest(vectors, entries):
    """Index of the nearest entry of each vector."""
    sizes = entries.square().sum(1)
    return torch.cat([(sizes - 2 * part @ entries.T).argmin(1) for part in vectors.split(8192)])


def clusters(vectors, count, rounds=25):
    """k-means: [count, D], and the mean squared distance that is left."""
    entries = vectors[torch.randperm(len(vectors))[:count]].clone()
    for _ in range(rounds):
        chosen = nearest(vectors, entries)
        sizes = torch.bincount(chosen, minlength=count).float()
        sums = torch.zeros_like(entries).index_add_(0, chosen, vectors)
        entries = torch.where(sizes[:, None] > 0, sums / sizes.clamp(min=1)[:, None], entries)
        empty = sizes == 0
        entries[empty] = vectors[torch.randint(len(vectors), (int(empty.sum()),))]
    return entries, float((vectors - entries[nearest(vectors, entries)]).square().sum(1).mean())


def main():
    options = stage.parsed(stage.parser(steps=0, rate=0))
    torch.manual_seed(5)
    corpus, path = data.Corpus(options.work), pathlib.Path(options.work) / "codes.npz"
    saved = np.load(path) if path.exists() else None
    windows = Windows(options.work, corpus, saved)
    vectors = [windows.vectors(at, speaker) for at, speaker in enumerate(corpus.speakers)]
    shares = torch.cat([v[torch.randint(len(v), (int(MOST * share),))] for v, share in zip(vectors, corpus.shares)])
    if saved is None:
        entries, left = clusters(shares, encoder.CODES)
        print(f"{windows.classes} classes of phones; distance left {left:.3f} of {shares.var(0).sum():.3f}", flush=True)
        np.savez(path, entries=entries.numpy(), axes=windows.axes.numpy(), pitches=windows.pitches, names=windows.names)
    else:
        entries = torch.from_numpy(saved["entries"])
    for speaker, own in zip(corpus.speakers, vectors):
        codes = nearest(own, entries).numpy().astype(np.int16)
        np.save(pathlib.Path(options.work) / "corpus" / speaker.name / "codes.npy", codes)
        share = np.bincount(codes, minlength=encoder.CODES) / len(codes)
        sure = (own[:, : windows.classes].max(1).values == PHONE).float()
        right = (entries[codes, : windows.classes].argmax(1) == own[:, : windows.classes].argmax(1)).float()
        print(f"{speaker.name}: {len(codes)} codes, perplexity {np.exp(-(share * np.log(share + 1e-12)).sum()):.0f}, "
              f"phone told {100 * float((right * sure).sum() / sure.sum()):.1f} %", flush=True)


if __name__ == "__main__":
    main()
