"""Small networks that tell made from recorded speech by its spectra, for the adversarial parts of the training of generator and text
encoder."""

import torch
from torch import nn
from torch.nn import functional as F

SIZES = ((1024, 256), (512, 128), (256, 64))


class _Convolutions(nn.Module):
    """Convolutions over [B, C, F, T] of `shapes` (channels in and out, kernel, stride), and the verdict of each place."""

    def __init__(self, shapes):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(nn.Conv2d(i, o, k, s, (k[0] // 2, k[1] // 2))) for i, o, k, s in shapes
        )
        self.last = nn.Conv2d(shapes[-1][1], 1, 3, padding=1)

    def verdict(self, x):
        """The verdict, and what each layer sees."""
        inner = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            inner.append(x)
        return self.last(x), inner


class SpectrumDiscriminator(_Convolutions):
    """Sees the logarithmic spectrum of samples [B, N], at one resolution."""

    def __init__(self, size, hop, width=24):
        super().__init__([(1, width, (3, 5), (1, 1)), (width, width, (5, 3), (2, 1)), (width, width, (5, 3), (2, 2)),
                          (width, width, (5, 3), (2, 1)), (width, width, (3, 3), (1, 1))])
        self.size, self.hop = size, hop
        self.register_buffer("window", torch.hann_window(size), persistent=False)

    def forward(self, wave):
        x = torch.stft(wave, self.size, self.hop, window=self.window, center=False, return_complex=True).abs()
        return self.verdict(torch.log(x[:, : self.size // 4] + 1e-2).unsqueeze(1))  # up to 8 kHz of 16


class MelDiscriminator(_Convolutions):
    """Sees the normalised mel spectrum [B, 80, T]. It is told the pitch [B, T], 0 where there is none, which says what a voice's
    harmonics must look like."""

    def __init__(self, width=32):
        super().__init__([(2, width, (5, 5), (2, 1)), (width, width, (5, 3), (2, 1)), (width, width, (3, 5), (2, 2)),
                          (width, width, (3, 3), (2, 1)), (width, width, (3, 3), (1, 1))])

    def forward(self, mel, pitch):
        return self.verdict(torch.stack([mel, pitch.unsqueeze(1).expand_as(mel)], 1))


class Discriminators(nn.Module):
    """Several of them, whose losses are averaged, and their optimizer. They see what is `made` and what is `real`, and of both
    what they are `told`."""

    def __init__(self, parts):
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.optimizer = torch.optim.AdamW(self.parameters(), 4e-4, betas=(0.8, 0.99), fused=True)

    def loss(self, made, real, *told):
        """Least squares: recorded speech to 1, made speech to 0."""
        total = 0.0
        for part in self.parts:
            total = total + (part(real, *told)[0].float() - 1).square().mean() + part(made, *told)[0].float().square().mean()
        return total / len(self.parts)

    def generator_loss(self, made, real, *told):
        """How far made speech is from being taken for recorded, and the distance of what is seen in both."""
        fooled, alike = 0.0, 0.0
        for part in self.parts:
            verdict, inner = part(made, *told)
            with torch.no_grad():
                wanted = part(real, *told)[1]
            fooled = fooled + (verdict.float() - 1).square().mean()
            for a, b in zip(inner, wanted):
                alike = alike + (a.float() - b.float()).abs().mean() / (b.float().abs().mean() + 1e-3)
        return fooled / len(self.parts), alike / (len(self.parts) * len(self.parts[0].layers))

    def contest(self, made, real, *told):
        """One step of learning to tell them apart, then `generator_loss`."""
        wrong = self.loss(made.detach(), real, *told)
        self.optimizer.zero_grad(set_to_none=True)
        wrong.backward()
        self.optimizer.step()
        return self.generator_loss(made, real, *told)


def of_sound():
    """For the generator: of samples [B, N] at 32 kHz."""
    return Discriminators(SpectrumDiscriminator(*size) for size in SIZES)


def of_mel():
    """For the text encoder: of mel spectra and their pitch."""
    return Discriminators([MelDiscriminator()])
