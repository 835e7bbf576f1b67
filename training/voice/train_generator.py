"""Trains the generator on features of recordings: z as it is computed from them in, their sound out.

    python train_generator.py --work WORK --steps 20000
    python train_generator.py --work WORK --steps 20000 --adversarial 16000
"""

import torch
from torch.nn import functional as F

import data
import discriminator
import optimizers
import sovits
import stage
from waveform_losses import HOP, SpectralLoss, periodicity

MARGIN = 8  # frames of recording on each side of a segment, for resampling


def doubled(wave):
    """16 kHz to 32 kHz by the spectrum, [N] to [2 N]."""
    return 2 * torch.fft.irfft(F.pad(torch.fft.rfft(wave), (0, wave.shape[-1] // 2)), 2 * wave.shape[-1])


class Trainer(stage.Stage):
    SEED = 2000

    def __init__(self, options):
        torch.manual_seed(2)
        self.options = options
        self.corpus = data.Corpus(options.work)
        self.spectral = SpectralLoss()
        self.generator, self.discriminator = sovits.Generator(), discriminator.of_sound()
        self.parts = {"generator": self.generator, "discriminator": self.discriminator}
        self.steady = optimizers.Steady(
            ((f"generator.{name}", p) for name, p in self.generator.named_parameters()), 2.0, betas=(0.8, 0.99),
            weight_decay=0.001, muon=False)
        self.begin("generator")

    def draw(self, rng, held=False):
        """z [B, C, T], the sound at 32 kHz [B, 640 T] and its pitch [B, T] of segments of recordings."""
        length, z, sounds, pitches = self.options.frames, [], [], []
        while len(z) < self.options.batch:
            speaker = self.corpus.speakers[rng.choice(len(self.corpus.speakers), p=self.corpus.shares)]
            index = int(rng.choice(speaker.held if held else speaker.train))
            frames = int(speaker.frames[index])
            if frames < length + 2 * MARGIN:
                continue
            start = int(rng.integers(MARGIN, frames - length - MARGIN + 1))
            at = int(speaker.offsets[index, 1]) + start
            target, pitch = self.corpus.known(speaker, slice(at, at + length))
            z.append(F.pad(target, (0, sovits.LATENT_CHANNELS - 98)))
            piece = speaker.sound(index)[(start - MARGIN) * 320 : (start + length + MARGIN) * 320]
            sounds.append(doubled(piece)[MARGIN * HOP : (MARGIN + length) * HOP])
            pitches.append(pitch)
        return torch.stack(z).transpose(1, 2), torch.stack(sounds), torch.stack(pitches)

    def losses(self, batch):
        z, real, pitch = batch
        made = self.generator(z).float()
        spectral, mel = self.spectral(made, real)
        losses = {"spectral": spectral, "mel": 1.5 * mel, "period": periodicity(made, real, pitch)}
        if self.generator.training and self.step >= self.options.adversarial:
            fooled, alike = self.discriminator.contest(made, real)
            losses.update(fooled=0.05 * fooled, alike=0.1 * alike)
        return losses, {}


def main():
    parser = stage.parser(steps=20000, rate=1e-3)
    parser.add_argument("--adversarial", type=int, default=10**9, help="step from which a discriminator judges")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=24, help="of 20 ms in a segment")
    options = stage.parsed(parser)
    Trainer(options).run()


if __name__ == "__main__":
    main()
