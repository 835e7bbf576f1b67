"""Trains text encoder, reference encoder and the reading of the codes further, on the codes that the corpus has now: from
phones, codes and a clip of the speaker to z (mel spectrum and pitch).

    python train_text.py --work WORK --steps 6000
"""

import argparse
import time

import numpy as np
import torch
from torch.nn import functional as F

import data
import encoder
import sovits
from train_codes import Heads, place_loss, target_losses

WRONG = 0.02  # of the codes that are read are wrong ones, as the semantic model's are


class Trainer:
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
        z, inside = z.float(), mask > 0
        losses = {
            "place": 0.2 * place_loss(scores, batch),
            "speaker": 0.1 * F.cross_entropy(self.heads.speaker(speaker[..., 0].float()), batch["speaker"]),
            "length": 0.02 * F.relu(speaker.float().square().mean() - 1),
            **target_losses(z, batch["z"], inside),
        }
        mel = ((z[..., data.MEL] - batch["z"][..., data.MEL]).abs() * self.corpus.deviation)[inside].mean()
        return losses, {"mel": mel}

    def draw(self, rng, held=False):
        return self.corpus.batch(self.corpus.draw(rng, self.options.frames, held=held), rng, codes=True)

    @torch.no_grad()
    def validate(self, rounds=8):
        for part in self.parts.values():
            part.eval()
        rng, sums = np.random.default_rng(99), {}
        for _ in range(rounds):
            losses, values = self.losses(self.draw(rng, held=True))
            for name, value in {**losses, **values}.items():
                sums[name] = sums.get(name, 0) + float(value) / rounds
        for part in self.parts.values():
            part.train()
        return sums

    def save(self):
        data.save(self.path, {**self.parts, "heads": self.heads}, self.optimizer, step=self.step, codes=self.codes)

    def run(self):
        rng = np.random.default_rng(4000 + self.step)
        began, shown, saving = time.process_time(), {}, data.Saving()
        while self.step < self.options.steps and not saving.ending:
            with torch.autocast("cpu", torch.bfloat16):
                losses, values = self.losses(self.draw(rng))
            self.steady.step(sum(losses.values()), self.rate())
            self.reference.clear()
            self.step += 1
            data.average(shown, {**losses, **values})
            if self.step % 50 == 0:
                data.show(self.step, began, shown, self.steady)
            if saving.due():
                self.save()
            if self.step % 500 == 0:
                held = " ".join(f"{name} {value:.3f}" for name, value in self.validate().items())
                print(f"  held out after {self.step}: {held}", flush=True)
        self.save()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--frames", type=int, default=1600, help="of 20 ms in a batch")
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tag")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    Trainer(options).run()


if __name__ == "__main__":
    main()
