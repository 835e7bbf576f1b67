"""The speech encoder: a small network of HuBERT's form and the codebook that turns its frames into 1024 codes at 25 Hz.

Names of parameters are those of the checkpoint formats, so that export only has to rename a few.
"""

import torch
from torch import nn
from torch.nn import functional as F

CODES, LATENT, WIDTH = 1024, 8, 768
CHANNELS, KERNELS, STRIDES = 64, (10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2)
POSITION_KERNEL, POSITION_GROUPS, INNER = 16, 16, 384
LEAST_VARIANCE = 1e-4


class SpeechEncoder(nn.Module):
    """16 kHz samples [B, N] to frames [B, T, 768] at 50 Hz.

    Seven convolutions, a projection, a grouped convolution over 0.3 s and one transformer layer without attention:
    codes are local, and attention would be 4.7 MB of the voice."""

    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv1d(1 if i == 0 else CHANNELS, CHANNELS, k, s, bias=False) for i, (k, s) in enumerate(zip(KERNELS, STRIDES))
        )
        for layer in self.convolutions:
            nn.init.kaiming_normal_(layer.weight)
        self.group_norm = nn.GroupNorm(CHANNELS, CHANNELS)
        self.projection_norm = nn.LayerNorm(CHANNELS)
        self.projection = nn.Linear(CHANNELS, WIDTH)
        self.position = nn.Conv1d(WIDTH, WIDTH, POSITION_KERNEL, padding=POSITION_KERNEL // 2, groups=POSITION_GROUPS)
        self.norm = nn.LayerNorm(WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.final_norm = nn.LayerNorm(WIDTH)

    def forward(self, wave):
        x = wave.unsqueeze(1)
        for i, layer in enumerate(self.convolutions):
            x = layer(x)
            x = F.gelu(self.group_norm(x) if i == 0 else x)
        x = self.projection(self.projection_norm(x.transpose(1, 2)))
        # HuBERT drops the last frame of an even kernel's convolution.
        x = x + F.gelu(self.position(x.transpose(1, 2))[:, :, :-1]).transpose(1, 2)
        x = self.attention_norm(self.norm(x))  # attention adds nothing
        return self.final_norm(x + self.outer(F.gelu(self.inner(x))))


class Codebook(nn.Module):
    """Pairs of frames to a latent vector and the nearest of 1024 entries.

    The latent's numbers are levelled to a mean of 0 and a variance of 1 over the frames of a batch, later by running means.
    `table` gives each entry a vector of its own for the text encoder, beyond what a projection of the latent can say."""

    def __init__(self, hidden=192):
        super().__init__()
        self.projection = nn.Conv1d(WIDTH, LATENT, 2, stride=2)
        self.table = nn.Embedding(CODES, hidden)
        nn.init.zeros_(self.table.weight)
        self.to_hidden = nn.Linear(LATENT, hidden)
        self.register_buffer("entries", torch.randn(CODES, LATENT))
        self.register_buffer("mean", torch.zeros(LATENT))
        self.register_buffer("variance", torch.ones(LATENT))

    def latent(self, frames, here=None):
        """[B, T, 768] to [B, T / 2, LATENT]. With `here` [B, T / 2], where there is speech, levelled over it."""
        x = self.projection(frames.transpose(1, 2)).transpose(1, 2).float()
        mean, variance = self.mean, self.variance
        if here is not None:
            mean, variance = x[here].mean(0), x[here].var(0)
            with torch.no_grad():
                self.mean.lerp_(mean, 0.02)
                self.variance.lerp_(variance, 0.02)
        return (x - mean) * (variance + LEAST_VARIANCE).rsqrt()

    def levelled_projection(self):
        """Weight [LATENT, 768, 2] and bias of the projection that makes levelled numbers at once."""
        scale = (self.variance + LEAST_VARIANCE).rsqrt()
        return self.projection.weight * scale[:, None, None], (self.projection.bias - self.mean) * scale

    def nearest(self, latent):
        flat = latent.detach().float()
        distance = self.entries.square().sum(1) - 2 * flat @ self.entries.T
        return distance.argmin(-1)

    @torch.no_grad()
    def start(self, latents, rounds=30):
        """k-means on [M, LATENT]; returns the mean squared distance of a number to its entry's."""
        self.entries.copy_(latents[torch.randperm(len(latents))[:CODES]])
        for _ in range(rounds):
            codes = self.nearest(latents)
            counts = torch.bincount(codes, minlength=CODES).float()
            sums = torch.zeros_like(self.entries).index_add_(0, codes, latents)
            self.entries.copy_(torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], self.entries))
            empty = counts == 0
            self.entries[empty] = latents[torch.randint(len(latents), (int(empty.sum()),))]
        self.table.weight.zero_()
        return float((latents - self.entries[self.nearest(latents)]).square().mean())

    def hidden(self, latent, codes):
        """What the text encoder reads of a code, [B, T, hidden]."""
        x = self.to_hidden(latent)
        return x if codes is None else x + self.table(codes)
