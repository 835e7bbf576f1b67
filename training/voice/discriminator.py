"""A small judge of spectra: tells made from recorded speech, for the adversarial part of the generator's training."""

import torch
from torch import nn
from torch.nn import functional as F

SIZES = ((1024, 256), (512, 128), (256, 64))


class _Judge(nn.Module):
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


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.judges = nn.ModuleList(_Judge(*size) for size in SIZES)

    def loss(self, made, real):
        """Least squares: recorded speech to 1, made speech to 0."""
        total = 0.0
        for judge in self.judges:
            total = total + (judge(real)[0].float() - 1).square().mean() + judge(made)[0].float().square().mean()
        return total / len(self.judges)

    def generator_loss(self, made, real):
        """How far made speech is from being taken for recorded, and the distance of what the judges see in both."""
        fooled, alike = 0.0, 0.0
        for judge in self.judges:
            verdict, inner = judge(made)
            with torch.no_grad():
                wanted = judge(real)[1]
            fooled = fooled + (verdict.float() - 1).square().mean()
            for a, b in zip(inner, wanted):
                alike = alike + (a.float() - b.float()).abs().mean() / (b.float().abs().mean() + 1e-3)
        return fooled / len(self.judges), alike / (len(self.judges) * len(self.judges[0].layers))
