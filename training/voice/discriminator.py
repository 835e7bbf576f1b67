"""Small networks that tell made from recorded speech by its spectra, for the adversarial parts of the training of generator and text
encoder."""

import torch
from torch import nn
from torch.nn import functional as F

SIZES = ((1024, 256), (512, 128), (256, 64))


class SpectrumDiscriminator(nn.Module):
    """Convolutions over the logarithmic spectrum [B, 1, F, T] of one resolution."""

    def __init__(self, size, hop, width=24):
        super().__init__()
        self.size, self.hop = size, hop
        self.register_buffer("window", torch.hann_window(size), persistent=False)
        shapes = [(1, width, (3, 5), (1, 1)), (width, width, (5, 3), (2, 1)), (width, width, (5, 3), (2, 2)),
                  (width, width, (5, 3), (2, 1)), (width, width, (3, 3), (1, 1))]
        self.layers = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(nn.Conv2d(i, o, k, s, (k[0] // 2, k[1] // 2))) for i, o, k, s in shapes
        )
        self.last = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, wave):
        x = torch.stft(wave, self.size, self.hop, window=self.window, center=False, return_complex=True).abs()
        x = torch.log(x[:, : self.size // 4] + 1e-2).unsqueeze(1)  # up to 8 kHz of 16
        inner = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            inner.append(x)
        return self.last(x), inner


class MelDiscriminator(nn.Module):
    """Convolutions over the normalised mel spectrum [B, 80, T]. It is told the pitch [B, T], 0 where there is none, which says
    what a voice's harmonics must look like."""

    def __init__(self, width=32):
        super().__init__()
        shapes = [(2, width, (5, 5), (2, 1)), (width, width, (5, 3), (2, 1)), (width, width, (3, 5), (2, 2)),
                  (width, width, (3, 3), (2, 1)), (width, width, (3, 3), (1, 1))]
        self.layers = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(nn.Conv2d(i, o, k, s, (k[0] // 2, k[1] // 2))) for i, o, k, s in shapes
        )
        self.last = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, mel, pitch):
        x = torch.stack([mel, pitch.unsqueeze(1).expand_as(mel)], 1)
        inner = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            inner.append(x)
        return self.last(x), inner


class Discriminators(nn.Module):
    """Several of them, whose losses are averaged; `made` and `real` are the arguments of their `forward`."""

    def __init__(self, parts):
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def loss(self, made, real):
        """Least squares: recorded speech to 1, made speech to 0."""
        total = 0.0
        for part in self.parts:
            total = total + (part(*real)[0].float() - 1).square().mean() + part(*made)[0].float().square().mean()
        return total / len(self.parts)

    def generator_loss(self, made, real):
        """How far made speech is from being taken for recorded, and the distance of what is seen in both."""
        fooled, alike = 0.0, 0.0
        for part in self.parts:
            verdict, inner = part(*made)
            with torch.no_grad():
                wanted = part(*real)[1]
            fooled = fooled + (verdict.float() - 1).square().mean()
            for a, b in zip(inner, wanted):
                alike = alike + (a.float() - b.float()).abs().mean() / (b.float().abs().mean() + 1e-3)
        return fooled / len(self.parts), alike / (len(self.parts) * len(self.parts[0].layers))


def of_sound():
    """For the generator: of samples [B, N] at 32 kHz."""
    return Discriminators(SpectrumDiscriminator(*size) for size in SIZES)


def of_mel():
    """For the text encoder: of mel spectra and their pitch."""
    return Discriminators([MelDiscriminator()])
