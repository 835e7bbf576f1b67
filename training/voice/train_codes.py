"""Trains the speech encoder, the codebook, the text encoder and the reference encoder in one: a quantising autoencoder
from 16 kHz speech to z (mel spectrum and pitch) that may read the phones and a clip of the speaker.

    python train_codes.py --work WORK --steps 3000

What passes the codebook is what the phones and the speaker do not tell: when each phone is spoken, and how. Until
`--quantise` the latent passes whole, with noise; then k-means starts the codebook.
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

NOISE = 0.3


class Heads(nn.Module):
    """What is also asked of the frames, the latent and the speaker vector while training."""

    def __init__(self):
        super().__init__()
        self.phone = nn.Linear(encoder.WIDTH, sovits.SYMBOLS)
        self.latent_phone = nn.Linear(encoder.LATENT, 2 * sovits.SYMBOLS)
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
        self.parameters = [p for part in self.parts.values() for p in part.parameters()]
        self.optimizer = torch.optim.AdamW(self.parameters, 1e-3, betas=(0.9, 0.98), weight_decay=0.01)
        self.path = f"{options.work}/codes.pt"
        saved = data.resume(self.path, self.parts, self.optimizer)
        self.step, self.quantised = saved.get("step", 0), saved.get("quantised", False)

    def rate(self):
        done = self.step / self.options.steps
        peak = self.options.rate
        return peak * min(1, self.step / 150) * (1 if done < 0.5 else max(0.03, 2 * (1 - done)))

    def losses(self, batch, update=True):
        sound = batch["sound"]
        if self.speech_encoder.training:
            sound = sound * (0.5 + torch.rand(len(sound), 1)) + 0.0005 * torch.randn_like(sound)
        frames = self.speech_encoder(sound).float()
        mask = batch["mask"]
        frames = frames[:, : mask.shape[1]]
        latent = self.codebook.latent(frames).float()
        here = mask[:, ::2] > 0
        losses = {}
        if self.quantised:
            codes = self.codebook.nearest(latent)
            chosen = self.codebook.entries[codes]
            losses["commit"] = 0.1 * (latent - chosen)[here].square().sum(-1).mean()
            if update:
                self.codebook.update(latent.detach()[here], codes[here])
            passed = latent + (chosen - latent).detach()
        else:
            codes = None
            passed = latent + NOISE * torch.randn_like(latent) * self.speech_encoder.training
            losses["size"] = 0.02 * F.relu(latent[here].square().mean() - 1)
        hidden = self.codebook.hidden(passed, codes).repeat_interleave(2, 1)
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
        placed = inside & (batch["places"] >= 0)
        losses["place"] = 0.2 * F.cross_entropy(scores[:, 0].float()[placed], batch["places"][placed])
        losses["speaker"] = 0.1 * F.cross_entropy(self.heads.speaker(speaker[..., 0].float()), batch["speaker"])
        losses.update(target_losses(z, batch["z"], inside))
        values = {
            "mel": ((z[..., data.MEL] - batch["z"][..., data.MEL]).abs() * self.corpus.deviation)[inside].mean(),
            "phone%": 100 * (named.argmax(-1) == classes[inside]).float().mean(),
            "code%": 100 * (two[inside].argmax(-1) == classes[inside]).float().mean(),
            "voice%": 100 * (self.heads.speaker(speaker[..., 0]).argmax(-1) == batch["speaker"]).float().mean(),
        }
        return losses, values, latent.detach()[here], codes

    def draw(self, rng, held=False):
        chosen = self.corpus.draw(rng, self.options.frames, held=held)
        return self.corpus.batch(chosen, rng, sound=True)

    @torch.no_grad()
    def start_codebook(self, rng):
        self.train(False)
        latents = torch.cat([self.losses(self.draw(rng), False)[2] for _ in range(40)])
        self.codebook.start(latents)
        self.quantised = True
        self.train(True)

    def train(self, on):
        for part in self.parts.values():
            part.train(on)

    @torch.no_grad()
    def validate(self, rounds=5):
        self.train(False)
        rng, sums, used = np.random.default_rng(99), {}, torch.zeros(encoder.CODES)
        for _ in range(rounds):
            losses, values, _, codes = self.losses(self.draw(rng, held=True), False)
            for name, value in values.items():
                sums[name] = sums.get(name, 0) + float(value) / rounds
            if codes is not None:
                used += torch.bincount(codes.flatten(), minlength=encoder.CODES)
        self.train(True)
        if used.sum() > 0:
            share = used / used.sum()
            sums["perplexity"] = float(torch.exp(-(share * torch.log(share + 1e-9)).sum()))
        return sums

    def run(self):
        rng = np.random.default_rng(1000 + self.step)
        self.train(True)
        began, shown, saving = time.process_time(), {}, data.Saving()
        while self.step < self.options.steps and not saving.ending:
            if self.step in (self.options.quantise, self.options.quantise + 300, self.options.quantise + 900):
                self.start_codebook(rng)  # and again, as the encoder has moved
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate()
            batch = self.draw(rng)
            with torch.autocast("cpu", torch.bfloat16):
                losses, values, _, _ = self.losses(batch)
            total = sum(losses.values())
            self.optimizer.zero_grad(set_to_none=True)
            total.backward()
            nn.utils.clip_grad_norm_(self.parameters, 0.7)
            self.optimizer.step()
            self.reference.clear()
            self.step += 1
            for name, value in {**losses, **values}.items():
                shown[name] = 0.97 * shown.get(name, float(value.detach())) + 0.03 * float(value.detach())
            if self.step % 25 == 0:
                line = " ".join(f"{name} {value:.3f}" for name, value in shown.items())
                print(f"{self.step} {time.process_time() - began:.0f}s {line}", flush=True)
            if saving.due() or self.step == self.options.steps:
                data.save(self.path, self.parts, self.optimizer, step=self.step, quantised=self.quantised)
            if self.step % 500 == 0 or self.step == self.options.steps:
                held = " ".join(f"{name} {value:.3f}" for name, value in self.validate().items())
                print(f"  held out after {self.step}: {held}", flush=True)


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
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--quantise", type=int, default=800)
    parser.add_argument("--frames", type=int, default=1600, help="of 20 ms in a batch")
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tag")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    Trainer(options).run()


if __name__ == "__main__":
    main()
