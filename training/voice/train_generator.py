"""Trains the generator: first from z as computed from recordings, later (`--joint`) from the text encoder's z, then both
are trained on the waveform.

    python train_generator.py --work WORK --steps 6000
    python train_generator.py --work WORK --joint --steps 12000 --adversarial 8000
"""

import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import data
import discriminator
import encoder
import features
import optimizers
import sovits
import stage

RATE, HOP = 32000, 640
MARGIN = 8  # frames of recording on each side of a segment, for resampling


def doubled(wave):
    """16 kHz to 32 kHz by the spectrum, [B, N] to [B, 2 N]."""
    return 2 * torch.fft.irfft(F.pad(torch.fft.rfft(wave), (0, wave.shape[-1] // 2)), 2 * wave.shape[-1])


class SpectralLoss(nn.Module):
    """Distances of short-time spectra at several resolutions, and of mel spectra."""

    SIZES = ((2048, 1600, 320), (1024, 800, 160), (512, 320, 80), (256, 128, 40))

    def __init__(self):
        super().__init__()
        for size, window, _ in self.SIZES:
            self.register_buffer(f"window{size}", F.pad(torch.hann_window(window), ((size - window) // 2,) * 2))
        self.register_buffer("mel", features.mel_filters(80, 1024, RATE, 8000))

    def spectrum(self, wave, size, hop):
        return torch.stft(wave, size, hop, window=getattr(self, f"window{size}"), center=False, return_complex=True).abs()

    def forward(self, made, real):
        total, mel = 0.0, None
        for size, _, hop in self.SIZES:
            a, b = self.spectrum(made, size, hop), self.spectrum(real, size, hop)
            known = int(size * 8200 / RATE)
            la, lb = torch.log(a[:, :known] + 1e-2), torch.log(b[:, :known] + 1e-2)
            total = total + (la - lb).abs().mean() + 0.5 * (a - b).norm() / (b.norm() + 1e-3)
            total = total + 2.0 * a[:, known:].mean()  # nothing is above
            if size == 1024:
                mel = (torch.log(self.mel @ a + 1e-3) - torch.log(self.mel @ b + 1e-3)).abs().mean()
        return total / len(self.SIZES), mel


class Trainer:
    def __init__(self, options):
        torch.manual_seed(2)
        self.options = options
        self.corpus = data.Corpus(options.work)
        self.generator, self.spectral = sovits.Generator(), SpectralLoss()
        self.parts = {"generator": self.generator}
        self.path = f"{options.work}/{'joint' if options.joint else 'generator'}.pt"
        if options.joint:
            self.text_encoder, self.reference, self.codebook = sovits.TextEncoder(), sovits.ReferenceEncoder(), encoder.Codebook()
            self.parts.update(text_encoder=self.text_encoder, reference=self.reference, codebook=self.codebook)
            start = {name: self.parts[name] for name in ("text_encoder", "reference", "codebook")}
            data.resume(f"{options.work}/text.pt", start)
            data.resume(f"{options.work}/generator.pt", {"generator": self.generator})
        trained = {"generator": self.generator} if options.frozen else self.parts
        named = [(f"{name}.{inner}", p) for name, part in trained.items() for inner, p in part.named_parameters()]
        self.steady = optimizers.Steady(
            named, 2.0, betas=(0.8, 0.99), weight_decay=0.001, muon=False, shares=(("text_encoder.", 0.2), ("codebook.", 0.2)))
        self.judge = discriminator.Discriminator()
        self.judge_optimizer = torch.optim.AdamW(self.judge.parameters(), 4e-4, betas=(0.8, 0.99), fused=True)
        self.codes = data.codes_digest(options.work) if options.joint else ""
        everything = {**self.parts, "judge": self.judge}
        if options.joint and data.saved_values(self.path).get("codes") != self.codes:
            everything = {}  # the codes are others than before: begin again from text.pt and generator.pt
        saved = data.resume(self.path, everything, self.steady) if everything else {}
        self.step = saved.get("step", 0)
        self.read, self.left = None, 0

    def segments(self, rng, held=False):
        """z [B, C, T], the sound at 32 kHz [B, 640 T], the speakers, and what the joint losses add."""
        return self.spoken(rng, held) if self.options.joint else self.recorded(rng, held)

    def recorded(self, rng, held):
        """Segments whose z is computed from recordings."""
        length, z, sounds = self.options.frames, [], []
        while len(z) < self.options.batch:
            speaker = self.corpus.speakers[rng.choice(len(self.corpus.speakers), p=self.corpus.shares)]
            index = int(rng.choice(speaker.held if held else speaker.train))
            frames = int(speaker.frames[index])
            if frames < length + 2 * MARGIN:
                continue
            start = int(rng.integers(MARGIN, frames - length - MARGIN + 1))
            at = int(speaker.offsets[index, 1]) + start
            mel = torch.from_numpy(np.asarray(speaker.mel[at : at + length], np.float32))
            pitch = torch.from_numpy(np.asarray(speaker.pitch[at : at + length], np.float32))
            z.append(F.pad(self.corpus.target(mel, pitch), (0, sovits.LATENT_CHANNELS - 98)))
            sounds.append(self.cut(speaker.sound(index), start, length))
        return torch.stack(z).transpose(1, 2), torch.stack(sounds), None, 0.0

    def spoken(self, rng, held):
        """Segments whose z is the text encoder's. It reads utterances once for `reuse` steps; only the first of them
        trains it."""
        extra = 0.0
        if held or self.read is None or self.left == 0:
            self.read, extra = self.reading(rng, held)
            self.left = self.options.reuse
        batch, z, speaker = self.read
        self.left -= 1
        length, pieces, sounds, speakers = self.options.frames, [], [], []
        usable = [row for row in range(len(z)) if int(batch["mask"][row].sum()) >= length + 2 * MARGIN]
        if not usable:
            self.read = None
            return self.spoken(rng, held)
        for _ in range(self.options.batch):
            row = int(rng.choice(usable))
            start = int(rng.integers(MARGIN, int(batch["mask"][row].sum()) - length - MARGIN + 1))
            pieces.append(z[row, start : start + length].T)
            sounds.append(self.cut(batch["sound"][row], start, length))
            speakers.append(speaker[row])
        self.read = None if held else (batch, z.detach(), speaker.detach())
        return torch.stack(pieces), torch.stack(sounds), torch.stack(speakers).float(), extra

    def reading(self, rng, held):
        """Utterances with the text encoder's z and the speakers' vectors, and the distance of z from its target."""
        batch = self.corpus.batch(self.corpus.draw(rng, self.options.whole, held=held), rng, sound=True, codes=True)
        with stage.precision(), torch.set_grad_enabled(not self.options.frozen and torch.is_grad_enabled()):
            hidden = self.codebook.hidden(batch["codes"]).repeat_interleave(2, 1)
            speaker = self.reference(batch["reference"])
            z, scores = self.text_encoder(hidden, batch["mask"], batch["phones"], batch["phone_mask"], speaker)
        z = z.float()
        extra = sum(stage.target_losses(z, batch["z"], batch["mask"] > 0).values()) + 0.2 * stage.place_loss(scores, batch)
        return (batch, z, speaker), extra

    @staticmethod
    def cut(sound, start, length):
        piece = sound[(start - MARGIN) * 320 : (start + length + MARGIN) * 320]
        return doubled(piece)[MARGIN * HOP : (MARGIN + length) * HOP]

    @torch.no_grad()
    def validate(self, rounds=8):
        for part in self.parts.values():
            part.eval()
        rng, sums = np.random.default_rng(98), np.zeros(2)
        for _ in range(rounds):
            z, real, speaker, _ = self.segments(rng, held=True)
            loss, mel = self.spectral(self.generator(z, speaker), real)
            sums += np.array([float(loss), float(mel)]) / rounds
        self.train()
        return sums

    def train(self):
        for part in self.parts.values():
            part.train(not self.options.frozen or part is self.generator)

    def run(self):
        options, rng = self.options, np.random.default_rng(2000 + self.step)
        began, shown, saving = time.process_time(), {}, data.Saving()
        self.train()
        while self.step < options.steps and not saving.ending:
            adversarial = self.step >= options.adversarial
            rate = options.rate * min(1, self.step / 100) * max(0.1, min(1, 1.6 * (1 - self.step / options.steps)))
            z, real, speaker, extra = self.segments(rng)
            with stage.precision():
                made = self.generator(z, speaker)
            made = made.float()
            loss, mel = self.spectral(made, real)
            total = loss + 0.5 * mel + options.weight * extra
            if adversarial:
                with stage.precision():
                    wrong = self.judge.loss(made.detach(), real)
                self.judge_optimizer.zero_grad(set_to_none=True)
                wrong.backward()
                self.judge_optimizer.step()
                with stage.precision():
                    fooled, alike = self.judge.generator_loss(made, real)
                total = total + 0.05 * fooled + 0.1 * alike
                data.average(shown, {"judge": wrong})
            self.steady.step(total, rate)
            if options.joint:
                self.reference.clear()
            self.step += 1
            data.average(shown, {"spectral": loss, "mel": mel, **({"extra": extra} if torch.is_tensor(extra) and extra > 0 else {})})
            if self.step % 50 == 0:
                data.show(self.step, began, shown, self.steady.left_out)
            if saving.due() or self.step == options.steps:
                data.save(self.path, {**self.parts, "judge": self.judge}, self.steady, step=self.step, codes=self.codes)
            if self.step % 500 == 0 or self.step == options.steps:
                loss, mel = self.validate()
                data.show_held(self.step, {"spectral": loss, "mel": mel})


def main():
    parser = stage.parser(steps=6000, rate=1e-3)
    parser.add_argument("--joint", action="store_true")
    parser.add_argument("--adversarial", type=int, default=10**9, help="step from which a discriminator judges")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=24, help="of 20 ms in a segment")
    parser.add_argument("--whole", type=int, default=1000, help="joint: frames of whole utterances the segments come from")
    parser.add_argument("--frozen", action="store_true", help="joint: only the generator is trained")
    parser.add_argument("--reuse", type=int, default=4, help="joint: steps with segments of the same utterances")
    parser.add_argument("--weight", type=float, default=0.5, help="joint: of the distance of z from its target")
    options = stage.parsed(parser)
    Trainer(options).run()


if __name__ == "__main__":
    main()
