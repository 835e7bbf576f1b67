"""SoVITS v2 in the parts that are trained: text encoder, reference encoder and generator.

Parameters carry the names of upstream's checkpoints. The flow is the identity and has no parameters here.
Tensors are [B, T, C] in the text encoder, which is fast on a CPU, and [B, C, T] in the generator.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

SYMBOLS, HIDDEN, GLOBAL, LATENT_CHANNELS = 732, 192, 512, 112
FILTER, LAYERS, HEADS, KERNEL, REACH = 384, 4, 2, 3, 4
RATES, KERNELS, CHANNELS, BLOCK_KERNELS, DILATIONS = (5, 4, 4, 8), (11, 8, 8, 16), 256, (3, 7), ((1, 3), (1, 3))
SPECTRUM = 704  # bins of the reference's spectrum that are read
KNOWN_BINS = 512  # of these, the bins that 16 kHz speech fills; the weights of the others stay 0
LOUDNESS = 0.05  # magnitudes reach 100; the first layer is trained on them times this, which export puts into its weights


class Convolution(nn.Module):
    """Convolution over time of [B, T, C] as one product, with the weight [O, I, K] that checkpoints have. Several times
    as fast on a CPU as `Conv1d` on [B, C, T]."""

    def __init__(self, inputs, outputs, kernel=1):
        super().__init__()
        layer = nn.Conv1d(inputs, outputs, kernel)
        nn.init.xavier_uniform_(layer.weight)
        self.weight, self.bias, self.kernel = layer.weight, nn.Parameter(torch.zeros(outputs)), kernel

    def forward(self, x):
        if self.kernel == 1:
            return F.linear(x, self.weight[:, :, 0], self.bias)
        side, length = self.kernel // 2, x.shape[1]
        padded = F.pad(x, (0, 0, side, side))
        shifted = torch.cat([padded[:, k : k + length] for k in range(self.kernel)], -1)
        return F.linear(shifted, self.weight.transpose(1, 2).reshape(self.weight.shape[0], -1), self.bias)


class ChannelNorm(nn.Module):
    """Layer norm over channels of [B, T, C]."""

    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.layer_norm(x, self.gamma.shape, self.gamma, self.beta, 1e-5)


class Attention(nn.Module):
    """Attention of x to c; with `reach`, learned offsets of nearby positions count in keys and values."""

    def __init__(self, channels, heads, reach=0):
        super().__init__()
        self.heads, self.size, self.reach = heads, channels // heads, reach
        for name in ("conv_q", "conv_k", "conv_v", "conv_o"):
            setattr(self, name, Convolution(channels, channels))
        if reach:
            self.emb_rel_k = nn.Parameter(torch.randn(1, 2 * reach + 1, self.size) * self.size**-0.5)
            self.emb_rel_v = nn.Parameter(torch.randn(1, 2 * reach + 1, self.size) * self.size**-0.5)

    def _spread(self, near):
        """[B, H, T, 2 reach + 1], by offset, to [B, H, T, T], by position."""
        batch, heads, length, _ = near.shape
        wide = length + 2 * self.reach
        skewed = F.pad(near, (0, length)).flatten(2)[..., : length * wide].view(batch, heads, length, wide)
        return skewed[..., self.reach : self.reach + length]

    def _gathered(self, weights):
        """The inverse: of [B, H, T, T] what is within reach, by offset."""
        batch, heads, length, _ = weights.shape
        wide = length + 2 * self.reach
        flat = F.pad(F.pad(weights, (self.reach, self.reach)).flatten(2), (0, length))
        return flat.view(batch, heads, length, wide + 1)[..., : 2 * self.reach + 1]

    def forward(self, x, c, bias):
        """`bias` [B, 1, Tx, Tc] is 0 where attention may go and very negative elsewhere. Returns the result and the scores."""
        batch, length, channels = x.shape
        q, k, v = (
            layer(y).view(batch, -1, self.heads, self.size).transpose(1, 2)
            for layer, y in ((self.conv_q, x), (self.conv_k, c), (self.conv_v, c))
        )
        q = q / math.sqrt(self.size)
        scores = q @ k.transpose(2, 3) + bias.to(q.dtype)
        if self.reach:
            scores = scores + self._spread(q @ self.emb_rel_k.transpose(1, 2))
        weights = scores.softmax(-1).to(v.dtype)
        result = weights @ v
        if self.reach:
            result = result + self._gathered(weights) @ self.emb_rel_v
        return self.conv_o(result.transpose(1, 2).reshape(batch, length, channels)), scores


class FeedForward(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.conv_1, self.conv_2 = Convolution(channels, inner, KERNEL), Convolution(inner, channels, KERNEL)

    def forward(self, x, mask):
        return self.conv_2(torch.relu(self.conv_1(x * mask)) * mask) * mask


def reachable(mask, other):
    """Attention's bias from the masks [B, Tx, 1] and [B, Tc, 1]."""
    return (1 - mask * other.transpose(1, 2)).unsqueeze(1) * -1e4


class Encoder(nn.Module):
    """Transformer layers, norms after the sums."""

    def __init__(self, layers, dropout):
        super().__init__()
        self.attn_layers = nn.ModuleList(Attention(HIDDEN, HEADS, REACH) for _ in range(layers))
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(HIDDEN) for _ in range(layers))
        self.ffn_layers = nn.ModuleList(FeedForward(HIDDEN, FILTER) for _ in range(layers))
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(HIDDEN) for _ in range(layers))
        self.dropout = dropout

    def forward(self, x, mask):
        """`x` [B, T, C]; `mask` [B, T, 1] is 1 where there is something."""
        bias = reachable(mask, mask)
        x = x * mask
        for attention, norm1, feed, norm2 in zip(self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2):
            x = norm1(x + F.dropout(attention(x, x, bias)[0], self.dropout, self.training))
            x = norm2(x + F.dropout(feed(x, mask), self.dropout, self.training))
        return x * mask


class CrossReading(nn.Module):
    """MRTE: code frames read the phones, and the speaker is added."""

    def __init__(self):
        super().__init__()
        self.cross_attention = Attention(GLOBAL, 4)
        self.c_pre, self.text_pre = Convolution(HIDDEN, GLOBAL), Convolution(HIDDEN, GLOBAL)
        self.c_post = Convolution(GLOBAL, HIDDEN)

    def forward(self, x, mask, text, text_mask, speaker):
        x = self.c_pre(x * mask)
        read, scores = self.cross_attention(x * mask, self.text_pre(text * text_mask) * text_mask, reachable(mask, text_mask))
        return self.c_post((read + x + speaker.transpose(1, 2)) * mask), scores


class TextEncoder(nn.Module):
    """Codes and phones to the generator's input, at 50 Hz."""

    def __init__(self, dropout=0.05):
        super().__init__()
        self.encoder_ssl = Encoder(LAYERS // 2, dropout)
        self.encoder_text = Encoder(LAYERS, dropout)
        self.text_embedding = nn.Embedding(SYMBOLS, HIDDEN)
        nn.init.normal_(self.text_embedding.weight, 0, 0.5)
        self.mrte = CrossReading()
        self.encoder2 = Encoder(LAYERS // 2, dropout)
        self.proj = Convolution(HIDDEN, LATENT_CHANNELS)  # the mean; the spread is a constant of the export

    def forward(self, codes, mask, text, text_mask, speaker):
        """`codes` [B, T, HIDDEN] at 50 Hz, `text` [B, P] ids, masks [B, T] and [B, P], `speaker` [B, 512, 1].
        Returns z [B, T, LATENT_CHANNELS] and MRTE's scores [B, 4, T, P]."""
        mask, text_mask = mask.unsqueeze(-1), text_mask.unsqueeze(-1)
        y = self.encoder_ssl(codes, mask)
        text = self.encoder_text(self.text_embedding(text), text_mask)
        y, scores = self.mrte(y, mask, text, text_mask, speaker)
        return self.proj(self.encoder2(y, mask)) * mask, scores


class _Named(nn.Module):
    """A layer under the name checkpoints have for it."""

    def __init__(self, name, layer):
        super().__init__()
        setattr(self, name, layer)
        self.layer_name = name

    def forward(self, x):
        return getattr(self, self.layer_name)(x)


class StyleAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.w_qs, self.w_ks, self.w_vs, self.fc = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (w(x).view(batch, length, self.heads, -1).transpose(1, 2) for w in (self.w_qs, self.w_ks, self.w_vs))
        weights = (q @ k.transpose(2, 3) / math.sqrt(width)).softmax(-1)
        return self.fc((weights @ v).transpose(1, 2).reshape(batch, length, width)) + x


class ReferenceEncoder(nn.Module):
    """Spectrum of a clip [B, 704, T] to the speaker [B, 512, 1]."""

    def __init__(self, width=128):
        super().__init__()
        self.spectral = nn.ModuleDict({"0": _Named("fc", nn.Linear(SPECTRUM, width)), "3": _Named("fc", nn.Linear(width, width))})
        self.temporal = nn.ModuleList(
            nn.ModuleDict({"conv1": _Named("conv", nn.Conv1d(width, 2 * width, 5, padding=2))}) for _ in range(2)
        )
        self.slf_attn = StyleAttention(width, 2)
        self.fc = _Named("fc", nn.Linear(width, GLOBAL))
        self.clear()

    @torch.no_grad()
    def clear(self):
        """Bins that no training clip fills must not count when a user's clip does."""
        self.spectral["0"].fc.weight[:, KNOWN_BINS:] = 0

    def forward(self, spectrum):
        x = spectrum.transpose(1, 2) * LOUDNESS
        x = F.mish(self.spectral["3"](F.mish(self.spectral["0"](x)))).transpose(1, 2)
        for layer in self.temporal:
            a, b = layer["conv1"](x).chunk(2, 1)
            x = x + a * torch.sigmoid(b)
        return self.fc(self.slf_attn(x.transpose(1, 2))).mean(1).unsqueeze(-1)


class Block(nn.Module):
    """Dilated convolutions, each added to its input."""

    def __init__(self, channels, kernel, dilations):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel, dilation=d, padding=d * (kernel - 1) // 2) for d in dilations
        )

    def forward(self, x):
        for layer in self.convs:
            x = x + layer(F.leaky_relu(x, 0.1))
        return x


class Generator(nn.Module):
    """z [B, LATENT_CHANNELS, T] at 50 Hz to samples [B, 640 T] at 32 kHz (HiFi-GAN)."""

    def __init__(self):
        super().__init__()
        self.conv_pre = nn.Conv1d(LATENT_CHANNELS, CHANNELS, 7, padding=3)
        self.cond = nn.Conv1d(GLOBAL, CHANNELS, 1)
        nn.init.zeros_(self.cond.weight), nn.init.zeros_(self.cond.bias)
        self.ups = nn.ModuleList(
            nn.ConvTranspose1d(CHANNELS >> i, CHANNELS >> (i + 1), k, r, padding=(k - r) // 2)
            for i, (r, k) in enumerate(zip(RATES, KERNELS))
        )
        self.resblocks = nn.ModuleList(
            Block(CHANNELS >> (i + 1), k, d) for i in range(len(RATES)) for k, d in zip(BLOCK_KERNELS, DILATIONS)
        )
        self.conv_post = nn.Conv1d(CHANNELS >> len(RATES), 1, 7, padding=3, bias=False)

    def forward(self, z, speaker=None):
        x = self.conv_pre(z)
        if speaker is not None:
            x = x + self.cond(speaker)
        count = len(BLOCK_KERNELS)
        for i, up in enumerate(self.ups):
            x = up(F.leaky_relu(x, 0.1))
            x = sum(block(x) for block in self.resblocks[i * count : (i + 1) * count]) / count
        return torch.tanh(self.conv_post(F.leaky_relu(x))).squeeze(1)
