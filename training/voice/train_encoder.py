"""Trains the speech encoder and what its codes are made of: an autoencoder from 16 kHz speech to z (mel spectrum and
pitch) that may also read the phones and a clip of the speaker.

    python train_codes.py --work WORK --steps 2000

What passes the latent is what the phones and the speaker do not tell: when each phone is spoken, and how. The latent's 8
levelled numbers pass with noise, as strong as what 1024 codes of them would lose; at the end k-means finds those codes.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import data
import encoder
import sovits
import stage

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


class Trainer(stage.Stage):
    SEED, SHOWN = 1000, 25

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
        voices = self.heads.speaker(speaker[..., 0].float())
        losses.update(stage.reading_losses(z, scores, speaker, voices, batch))
        values = {
            "mel": stage.mel_distance(z, batch, self.corpus.deviation),
            "phone%": 100 * (named.argmax(-1) == classes[inside]).float().mean(),
            "code%": 100 * (two[inside].argmax(-1) == classes[inside]).float().mean(),
            "voice%": 100 * (voices.argmax(-1) == batch["speaker"]).float().mean(),
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

    def save(self):
        data.save(self.path, self.parts, self.optimizer, step=self.step, finished=self.finished)

    def run(self):
        if self.finished and self.step >= self.options.steps:
            return  # and `codes.pt` stays as old as it is: the codes of the corpus were made of it
        self.finished = False
        super().run()
        if self.step >= self.options.steps:
            self.find_codes(np.random.default_rng(self.SEED + self.step))
            self.save()


def main():
    parser = stage.parser(steps=2000, rate=6e-4)
    parser.add_argument("--frames", type=int, default=1600, help="of 20 ms in a batch")
    options = stage.parsed(parser)
    Trainer(options).run()


if __name__ == "__main__":
    main()
