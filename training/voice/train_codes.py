"""Trains the speech encoder and what its codes are made of: an autoencoder from 16 kHz speech to z (mel spectrum and
pitch) that may also read the phones and a clip of the speaker.

    python train_codes.py --work WORK --steps 2000

What passes the latent is what the phones and the speaker do not tell: when each phone is spoken, and how. The latent's 8
levelled numbers pass with noise, as strong as what 1024 codes of them would lose; at the end k-means finds those codes.
"""

import argparse
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import data
import encoder
import sovits

# 1024 codes for 8 normal numbers lose a variance of at least 2 ** (-2 * 10 / 8) = 0.18; latents of speech lie closer
# together, and lose less: 0.07 after 1,200 steps with as much noise.
NOISE = 0.33


class Heads(nn.Module):
    """What is also asked of the frames, the latent and the speaker vector while training."""

    def __init__(self):
        super().__init__()
        self.phone = nn.Linear(encoder.WIDTH, sovits.SYMBOLS)
        self.latent_phone = nn.Sequential(nn.Linear(encoder.LATENT, 256), nn.ReLU(), nn.Linear(256, 2 * sovits.SYMBOLS))
        self.frame = nn.Linear(encoder.WIDTH, 98)
        self.speaker = nn.Linear(sovits.GLOBAL, len(data.SPEAKERS))


class Trainer:
    def __init__(self, options):
        torch.manual_seed(1)
        self.options = options
        self.corpus = data.Corpus(options.work)
        self.parts = {
            "speech_encoder": encoder.SpeechEncoder(), "codebook": encoder.Codebook(), "text_encoder": sovits.TextEncoder(),
            "reference": sovits.ReferenceEncoder(), "heads": Heads(),
        }
        for name, part in self.parts.items():
            setattr(self, name, part)
        named = [(f"{name}.{inner}", p) for name, part in self.parts.items() for inner, p in part.named_parameters()]
        self.optimizer = torch.optim.AdamW(data.groups(named), 1e-3, betas=(0.9, 0.98), weight_decay=0.01)
        self.steady = data.Steady(self.optimizer, [p for _, p in named], 0.7)
        self.path = f"{options.work}/codes.pt"
        saved = data.resume(self.path, self.parts, self.optimizer)
        self.step, self.finished = saved.get("step", 0), saved.get("finished", False)

    def rate(self):
        done = self.step / self.options.steps
        return self.options.rate * min(1, self.step / 150) * min(1, max(0.03, 2 * (1 - done)))

    def losses(self, batch):
        training = self.speech_encoder.training
        sound = batch["sound"]
        if training:
            sound = sound * (0.5 + torch.rand(len(sound), 1)) + 0.0005 * torch.randn_like(sound)
        frames = self.speech_encoder(sound).float()
        mask = batch["mask"]
        frames = frames[:, : mask.shape[1]]
        here = mask[:, ::2] > 0
        latent = self.codebook.latent(frames, here if training else None)
        losses = {}
        passed = latent + NOISE * torch.randn_like(latent)
        hidden = self.codebook.hidden(passed, None).repeat_interleave(2, 1)
        speaker = self.reference(batch["reference"])
        z, scores = self.text_encoder(hidden, mask, batch["phones"], batch["phone_mask"], speaker)
        z = z.float()
        inside = mask > 0
        named = self.heads.phone(frames)[inside]
        classes = batch["classes"]
        losses["phone"] = 0.3 * F.cross_entropy(named, classes[inside])
        two = self.heads.latent_phone(passed).view(*classes.shape, -1)
        losses["code phone"] = 0.3 * F.cross_entropy(two[inside], classes[inside])
        losses["frame"] = 0.3 * (self.heads.frame(frames) - batch["z"])[inside].abs().mean()
        losses["place"] = 0.2 * place_loss(scores, batch)
        losses["speaker"] = 0.1 * F.cross_entropy(self.heads.speaker(speaker[..., 0].float()), batch["speaker"])
        losses["length"] = 0.02 * F.relu(speaker.float().square().mean() - 1)
        losses.update(target_losses(z, batch["z"], inside))
        values = {
            "mel": ((z[..., data.MEL] - batch["z"][..., data.MEL]).abs() * self.corpus.deviation)[inside].mean(),
            "phone%": 100 * (named.argmax(-1) == classes[inside]).float().mean(),
            "code%": 100 * (two[inside].argmax(-1) == classes[inside]).float().mean(),
            "voice%": 100 * (self.heads.speaker(speaker[..., 0]).argmax(-1) == batch["speaker"]).float().mean(),
        }
        return losses, values, latent.detach()[here]

    def draw(self, rng, held=False):
        return self.corpus.batch(self.corpus.draw(rng, self.options.frames, held=held), rng, sound=True)

    @torch.no_grad()
    def find_codes(self, rng, rounds=60):
        """k-means over latents of the corpus."""
        self.train(False)
        latents = torch.cat([self.losses(self.draw(rng))[2] for _ in range(rounds)])
        left = self.codebook.start(latents)
        share = torch.bincount(self.codebook.nearest(latents), minlength=encoder.CODES) / len(latents)
        used = float(torch.exp(-(share * torch.log(share + 1e-9)).sum()))
        print(f"codes of {len(latents)} latents: perplexity {used:.0f}, variance {left:.3f} is left", flush=True)
        self.finished = True

    def train(self, on):
        for part in self.parts.values():
            part.train(on)

    @torch.no_grad()
    def validate(self, rounds=5):
        self.train(False)
        rng, sums = np.random.default_rng(99), {}
        for _ in range(rounds):
            for name, value in self.losses(self.draw(rng, held=True))[1].items():
                sums[name] = sums.get(name, 0) + float(value) / rounds
        self.train(True)
        return sums

    def save(self):
        data.save(self.path, self.parts, self.optimizer, step=self.step, finished=self.finished)

    def run(self):
        if self.finished and self.step >= self.options.steps:
            return  # and `codes.pt` stays as old as it is: the codes of the corpus were made of it
        rng = np.random.default_rng(1000 + self.step)
        self.train(True)
        began, shown, saving = time.process_time(), {}, data.Saving()
        while self.step < self.options.steps and not saving.ending:
            with torch.autocast("cpu", torch.bfloat16):
                losses, values, _ = self.losses(self.draw(rng))
            self.steady.step(sum(losses.values()), self.rate())
            self.reference.clear()
            self.step, self.finished = self.step + 1, False
            data.average(shown, {**losses, **values})
            if self.step % 25 == 0:
                data.show(self.step, began, shown, self.steady)
            if saving.due():
                self.save()
            if self.step % 500 == 0:
                held = " ".join(f"{name} {value:.3f}" for name, value in self.validate().items())
                print(f"  held out after {self.step}: {held}", flush=True)
        if self.step >= self.options.steps and not self.finished:
            self.find_codes(rng)
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
        "pitch": 1.0 * (difference[:, data.PITCH].abs() * voiced).mean(),
        "voiced": 0.3 * difference[:, data.VOICED].abs().mean(),
        "bumps": 1.0 * difference[:, data.BUMPS].abs().mean(),
        "rest": 0.01 * z[..., 98:].square().mean(),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--frames", type=int, default=1600, help="of 20 ms in a batch")
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tag")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    Trainer(options).run()


if __name__ == "__main__":
    main()
