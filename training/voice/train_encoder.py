"""Trains the speech encoder to recognise the codes of the corpus in 16 kHz speech.

    python train_encoder.py --work WORK --steps 3000

It is asked for the code of 40 ms, for the phone of each frame, and for its spectrum and pitch.
"""

import torch
from torch import nn
from torch.nn import functional as F

import data
import encoder
import optimizers
import sovits
import stage


class Heads(nn.Module):
    """What is also asked of the frames while training."""

    def __init__(self):
        super().__init__()
        self.phone = nn.Linear(encoder.WIDTH, sovits.SYMBOLS)
        self.frame = nn.Linear(encoder.WIDTH, 98)
        self.sharpness = nn.Parameter(torch.zeros(()))


class Trainer(stage.Stage):
    SEED = 1000

    def __init__(self, options):
        torch.manual_seed(1)
        self.options = options
        self.corpus = data.Corpus(options.work)
        self.speech_encoder, self.codebook, self.heads = encoder.SpeechEncoder(), encoder.Codebook(), Heads()
        self.codebook.define(data.entries(options.work))
        self.parts = {"speech_encoder": self.speech_encoder, "codebook": self.codebook, "heads": self.heads}
        named = [(f"speech_encoder.{name}", p) for name, p in self.speech_encoder.named_parameters()]
        named += [(f"projection.{name}", p) for name, p in self.codebook.projection.named_parameters()]
        named += [(f"heads.{name}", p) for name, p in self.heads.named_parameters()]
        self.steady = optimizers.Steady(named, 5.0)
        self.begin("encoder", kept=("speech_encoder",))

    def losses(self, batch):
        sound, classes, inside = batch["sound"], batch["classes"], batch["mask"] > 0
        if self.speech_encoder.training:
            sound = sound * (0.5 + torch.rand(len(sound), 1)) + 0.0005 * torch.randn_like(sound)
        frames = self.speech_encoder(sound).float()[:, : inside.shape[1]]
        latent = self.codebook.latent(frames)
        here, codes = inside[:, ::2], batch["codes"]
        distances = self.codebook.distances(latent)[here]
        named = self.heads.phone(frames)[inside]
        losses = {
            "code": F.cross_entropy(-distances * self.heads.sharpness.exp(), codes[here]),
            "latent": 0.5 * (latent - self.codebook.entries[codes])[here].square().sum(-1).mean(),
            "phone": 0.5 * F.cross_entropy(named, classes[inside]),
            "frame": (self.heads.frame(frames) - batch["z"])[inside].abs().mean(),
        }
        return losses, {
            "code%": 100 * (distances.argmin(-1) == codes[here]).float().mean(),
            "phone%": 100 * (named.argmax(-1) == classes[inside]).float().mean(),
        }

    def draw(self, rng, held=False):
        return self.corpus.batch(self.corpus.draw(rng, self.options.frames, held=held), rng, sound=True, codes=True)


def main():
    parser = stage.parser(steps=4000, rate=1e-3)
    parser.add_argument("--frames", type=int, default=1000, help="of 20 ms in a batch")
    options = stage.parsed(parser)
    Trainer(options).run()


if __name__ == "__main__":
    main()
