"""Trains text encoder, reference encoder and the reading of the codes further, on the codes that the corpus has now: from
phones, codes and a clip of the speaker to z (mel spectrum and pitch).

    python train_text.py --work WORK --steps 6000
"""

import torch

import data
import encoder
import sovits
import stage
from train_codes import Heads

WRONG = 0.02  # of the codes that are read are wrong ones, as the semantic model's are


class Trainer(stage.Stage):
    SEED = 4000

    def __init__(self, options):
        torch.manual_seed(4)
        self.options = options
        self.corpus = data.Corpus(options.work)
        self.codebook, self.text_encoder, self.reference = encoder.Codebook(), sovits.TextEncoder(), sovits.ReferenceEncoder()
        self.heads = Heads()
        self.parts = {"codebook": self.codebook, "text_encoder": self.text_encoder, "reference": self.reference}
        data.resume(f"{options.work}/codes.pt", {**self.parts, "heads": self.heads})
        trained = {**self.parts, "speaker": self.heads.speaker}
        named = [(f"{name}.{inner}", p) for name, part in trained.items() for inner, p in part.named_parameters()]
        self.optimizer = torch.optim.AdamW(data.groups(named), 1e-3, betas=(0.9, 0.98), weight_decay=0.01)
        self.steady = data.Steady(self.optimizer, [p for _, p in named], 0.7)
        self.path, self.codes = f"{options.work}/text.pt", data.codes_digest(options.work)
        self.step = 0
        if data.saved_values(self.path).get("codes") == self.codes:
            self.step = data.resume(self.path, {**self.parts, "heads": self.heads}, self.optimizer)["step"]

    def rate(self):
        done = self.step / self.options.steps
        return self.options.rate * min(1, self.step / 150) * min(1, max(0.02, 1.6 * (1 - done)))

    def losses(self, batch):
        codes, mask = batch["codes"], batch["mask"]
        if self.text_encoder.training:
            codes = torch.where(torch.rand(codes.shape) < WRONG, torch.randint_like(codes, encoder.CODES), codes)
        hidden = self.codebook.hidden(self.codebook.entries[codes], codes).repeat_interleave(2, 1)
        speaker = self.reference(batch["reference"])
        z, scores = self.text_encoder(hidden, mask, batch["phones"], batch["phone_mask"], speaker)
        z, voices = z.float(), self.heads.speaker(speaker[..., 0].float())
        return stage.reading_losses(z, scores, speaker, voices, batch), {"mel": stage.mel_distance(z, batch, self.corpus.deviation)}

    def draw(self, rng, held=False):
        return self.corpus.batch(self.corpus.draw(rng, self.options.frames, held=held), rng, codes=True)

    def save(self):
        data.save(self.path, {**self.parts, "heads": self.heads}, self.optimizer, step=self.step, codes=self.codes)


def main():
    parser = stage.parser(steps=6000, rate=6e-4)
    parser.add_argument("--frames", type=int, default=1600, help="of 20 ms in a batch")
    options = stage.parsed(parser)
    Trainer(options).run()


if __name__ == "__main__":
    main()
