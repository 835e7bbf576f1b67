"""Trains text encoder, reference encoder and the reading of the codes: from phones, codes and a clip of the speaker to z (mel
spectrum and pitch).

    python train_text.py --work WORK --steps 6000
    python train_text.py --work WORK --steps 8000 --adversarial 6000
"""

import torch
from torch import nn

import data
import discriminator
import encoder
import optimizers
import sovits
import stage

WRONG = 0.02  # of the codes that are read are wrong ones, as the semantic model's are
FOOLED, ALIKE = 0.2, 1.0  # how much the discriminator's verdict counts, and what it sees
CEPSTRA = 0.1  # how much the shape of the spectra counts besides


class Heads(nn.Module):
    """What is also asked of the speaker's vector while training."""

    def __init__(self):
        super().__init__()
        self.speaker = nn.Linear(sovits.GLOBAL, len(data.SPEAKERS))


class Trainer(stage.Stage):
    SEED = 4000

    def __init__(self, options):
        torch.manual_seed(4)
        self.options = options
        self.corpus = data.Corpus(options.work)
        self.codebook, self.text_encoder, self.reference = encoder.Codebook(), sovits.TextEncoder(), sovits.ReferenceEncoder()
        self.heads, self.discriminator = Heads(), discriminator.of_mel()
        self.codebook.define(data.entries(options.work))
        self.parts = {
            "codebook": self.codebook, "text_encoder": self.text_encoder, "reference": self.reference, "heads": self.heads,
        }
        named = [(f"{name}.{inner}", p) for name, part in self.parts.items() for inner, p in part.named_parameters()]
        self.steady = optimizers.Steady(named, 5.0)
        self.parts["discriminator"] = self.discriminator  # it has an optimizer of its own
        self.begin("text", kept=("text_encoder", "reference"))

    def losses(self, batch):
        codes, mask = batch["codes"], batch["mask"]
        if self.text_encoder.training:
            codes = torch.where(torch.rand(codes.shape) < WRONG, torch.randint_like(codes, encoder.CODES), codes)
        hidden = self.codebook.hidden(codes).repeat_interleave(2, 1)
        speaker = self.reference(batch["reference"])
        z, scores = self.text_encoder(hidden, mask, batch["phones"], batch["phone_mask"], speaker)
        z, voices = z.float(), self.heads.speaker(speaker[..., 0].float())
        losses = stage.reading_losses(z, scores, speaker, voices, batch)
        losses["cepstra"] = CEPSTRA * stage.cepstral_distance(z, batch, self.corpus.deviation)
        if self.text_encoder.training and self.step >= self.options.adversarial:
            losses.update(self.judged(z, batch))
        return losses, {"mel": stage.mel_distance(z, batch, self.corpus.deviation)}

    def judged(self, z, batch):
        """A distance alone is least for the middle of all spectra that a frame may have, which is blurred; what knows recordings
        asks for one of them."""
        seen = lambda values: (values[..., data.MEL] * batch["mask"].unsqueeze(-1)).transpose(1, 2)
        fooled, alike = self.discriminator.contest(seen(z), seen(batch["z"]), batch["z"][..., data.PITCH])
        return {"fooled": FOOLED * fooled, "alike": ALIKE * alike}

    def settle(self):
        self.reference.clear()

    def draw(self, rng, held=False):
        return self.corpus.batch(self.corpus.draw(rng, self.options.frames, held=held), rng, codes=True)


def main():
    parser = stage.parser(steps=6000, rate=1e-3)
    parser.add_argument("--adversarial", type=int, default=10**9, help="step from which a discriminator judges")
    parser.add_argument("--frames", type=int, default=1000, help="of 20 ms in a batch")
    options = stage.parsed(parser)
    Trainer(options).run()


if __name__ == "__main__":
    main()
