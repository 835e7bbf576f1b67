"""The speech encoder: a small network of HuBERT's form and the codebook that turns its frames into 1024 codes at 25 Hz.

Names of parameters are those of the checkpoint formats, so that export only has to rename a few.
"""

import torch
from torch import nn
from torch.nn import functional as F

CODES, LATENT, WIDTH = 1024, 128, 768
CHANNELS, KERNELS, STRIDES = 64, (10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2)
POSITION_KERNEL, POSITION_GROUPS, INNER = 16, 16, 384


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
    """1024 entries, what pairs of frames say about them, and how the text encoder reads them.

    `entries` are the clusters of `codes.py`, filled up with zeros. `table` gives each entry a vector of its own for the text
    encoder, beyond what a projection of the cluster can say."""

    def __init__(self, hidden=192):
        super().__init__()
        self.projection = nn.Conv1d(WIDTH, LATENT, 2, stride=2)
        self.table = nn.Embedding(CODES, hidden)
        nn.init.zeros_(self.table.weight)
        self.to_hidden = nn.Linear(LATENT, hidden)
        self.register_buffer("entries", torch.randn(CODES, LATENT))

    def define(self, entries):
        """Takes the clusters [1024, D]."""
        with torch.no_grad():
            self.entries.copy_(F.pad(entries, (0, LATENT - entries.shape[1])))

    def latent(self, frames):
        """[B, T, 768] to [B, T / 2, LATENT]."""
        return self.projection(frames.transpose(1, 2)).transpose(1, 2).float()

    def distances(self, latent):
        """[..., LATENT] to squared distances from the entries, [..., 1024], up to a constant of each vector."""
        return self.entries.square().sum(1) - 2 * latent @ self.entries.T

    def nearest(self, latent):
        return self.distances(latent.detach()).argmin(-1)

    def hidden(self, codes):
        """What the text encoder reads of codes [B, T]: [B, T, hidden]."""
        return self.to_hidden(self.entries[codes]) + self.table(codes)
