"""What the stages of training have in common: options, the loop over steps, losses of z."""

import argparse
import contextlib
import functools
import time

import numpy as np
import torch
from torch.nn import functional as F

import data


def parser(steps, rate):
    """The options that every stage has, with its defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tag")
    return parser


def parsed(parser):
    """The options of this process, which then computes on as many threads as they say."""
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    return options


@functools.cache
def _halves_win():
    """Whether products of bfloat16 are faster here: processors differ by a factor of two either way."""
    def seconds(kind):
        a, b = torch.ones(1000, 576, dtype=kind), torch.ones(576, 384, dtype=kind)
        a @ b, a @ b
        began = time.perf_counter()
        for _ in range(10):
            a @ b
        return time.perf_counter() - began
    return seconds(torch.bfloat16) < 0.8 * seconds(torch.float32)


def precision():
    """The context that forward passes run in."""
    return torch.autocast("cpu", torch.bfloat16) if _halves_win() else contextlib.nullcontext()


class Stage:
    """A stage that trains `parts` by `losses` of what `draw` gives.

    A subclass sets `options`, `parts` and `steady`, calls `begin`, and has `losses` and `draw`."""

    SEED = 0
    SHOWN = 50  # every so many steps

    def begin(self, name, kept=None):
        """Goes on from the checkpoint `name` if there is one; of one for other codes, only with the weights of `kept`.
        A stage that reads no codes names nothing to keep."""
        self.path, self.step = f"{self.options.work}/{name}.pt", 0
        self.codes = "" if kept is None else data.codes_digest(self.options.work)
        saved = data.saved_values(self.path)
        if saved.get("codes") == self.codes:
            self.step = data.resume(self.path, self.parts, self.steady)["step"]
        elif saved:
            print(f"the codes are others than before: training begins anew, from the weights of {', '.join(kept)}")
            data.resume(self.path, {part: self.parts[part] for part in kept})

    def save(self):
        data.save(self.path, self.parts, self.steady, step=self.step, codes=self.codes)

    def rate(self):
        done = self.step / self.options.steps
        return self.options.rate * min(1, self.step / 100) * min(1, max(0.02, 1.6 * (1 - done)))

    def train(self, on):
        for part in self.parts.values():
            part.train(on)

    def settle(self):
        """What is done after each step."""

    @torch.no_grad()
    def validate(self, rounds=6):
        """Means over held-out utterances."""
        self.train(False)
        rng, sums = np.random.default_rng(99), {}
        for _ in range(rounds):
            losses, values = self.losses(self.draw(rng, held=True))
            for name, value in {**losses, **values}.items():
                sums[name] = sums.get(name, 0) + float(value) / rounds
        self.train(True)
        return sums

    def run(self):
        """Trains until the last step, or until the process is told to end."""
        rng = np.random.default_rng(self.SEED + self.step)
        self.train(True)
        began, shown, saving = time.process_time(), {}, data.Saving()
        while self.step < self.options.steps and not saving.ending:
            with precision():
                losses, values = self.losses(self.draw(rng))
            self.steady.step(sum(losses.values()), self.rate())
            self.settle()
            self.step += 1
            data.average(shown, {**losses, **values})
            if self.step % self.SHOWN == 0:
                data.show(self.step, began, shown, self.steady.left_out)
            if saving.due():
                self.save()
            if self.step % 500 == 0:
                data.show_held(self.step, self.validate())
        self.save()


def place_loss(scores, batch):
    """How far the cross attention's first head is from the place in the text where a frame is."""
    placed = (batch["mask"] > 0) & (batch["places"] >= 0)
    return F.cross_entropy(scores[:, 0].float()[placed], batch["places"][placed])


def target_losses(z, target, inside):
    """Distances of z [B, T, C] to the 98 known channels."""
    difference = (z[..., :98] - target)[inside]
    voiced = target[..., data.VOICED][inside]
    return {
        "z": difference[:, data.MEL].abs().mean(),
        "pitch": 2.0 * (difference[:, data.PITCH].abs() * voiced).mean(),
        "voiced": 0.3 * difference[:, data.VOICED].abs().mean(),
        "bumps": 2.0 * difference[:, data.BUMPS].abs().mean(),
        "rest": 0.01 * z[..., 98:].square().mean(),
    }


def reading_losses(z, scores, speaker, named_speaker, batch):
    """What is asked of the text encoder and the reference encoder; `named_speaker` are the head's scores."""
    return {
        "place": 0.2 * place_loss(scores, batch),
        "speaker": 0.1 * F.cross_entropy(named_speaker, batch["speaker"]),
        "length": 0.02 * F.relu(speaker.float().square().mean() - 1),
        **target_losses(z, batch["z"], batch["mask"] > 0),
    }


def mel_distance(z, batch, deviation):
    """Distance of the mel spectrum in natural logarithms of magnitudes."""
    return ((z[..., data.MEL] - batch["z"][..., data.MEL]).abs() * deviation)[batch["mask"] > 0].mean()


@functools.cache
def _cosines(bands, count):
    """Rows 1 to `count` of the orthonormal cosine transform, as columns: [bands, count]."""
    angles = torch.arange(1.0, count + 1)[None] * (torch.arange(bands) + 0.5)[:, None] * (torch.pi / bands)
    return torch.cos(angles) * (2 / bands) ** 0.5


def cepstral_distance(z, batch, deviation, count=12):
    """Distance of the first mel cepstral coefficients (loudness aside) and of their slopes over 60 ms: what tells one phone from
    another, to recognisers at least. Of an utterance's mean nothing is asked."""
    inside = batch["mask"].unsqueeze(-1)
    difference = (z[..., data.MEL] - batch["z"][..., data.MEL]) * deviation @ _cosines(len(deviation), count) * inside
    difference = (difference - difference.sum(1, keepdim=True) / inside.sum(1, keepdim=True)) * inside
    slopes = difference[:, 3:] - difference[:, :-3]
    return (difference.abs().sum() + slopes.abs().sum()) / (inside.sum() * count)
