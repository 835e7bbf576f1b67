"""Distances of made speech [B, N] at 32 kHz from recorded speech: of its spectra, and of how periodic it is."""

import torch
from torch import nn
from torch.nn import functional as F

import features

RATE, HOP = 32000, 640


class SpectralLoss(nn.Module):
    """Distances of short-time spectra at several resolutions, and of mel spectra."""

    SIZES = ((4096, 3200, 640), (2048, 1600, 320), (1024, 800, 160), (512, 320, 80), (256, 128, 40))

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


STEP = 4  # samples at 32 kHz between those that are compared
SIDE = 60  # of them on each side of a place: 15 ms in all
EDGE = 2  # frames at the ends of a segment that are left out


def _likeness(wave, places, lags):
    """Cosines between the surroundings of places [B, P] half a lag before and half a lag after."""
    steps = torch.arange(-SIDE, SIDE + 1)

    def around(middle):
        at = middle.unsqueeze(-1) / STEP + steps
        low = at.floor()
        low, share = low.long().flatten(1), (at - low).flatten(1)
        value = torch.gather(wave, 1, low) * (1 - share) + torch.gather(wave, 1, low + 1) * share
        value = value.view(at.shape)
        return value - value.mean(-1, keepdim=True)

    a, b = around(places - lags / 2), around(places + lags / 2)
    return (a * b).sum(-1) / ((a.square().sum(-1) * b.square().sum(-1)).sqrt() + 1e-3)


def periodicity(made, real, pitch):
    """How much less made speech repeats itself after one and after two periods of the `pitch` [B, T], in Hz at 50 Hz and 0
    where there is none, than the recording does, and how much more after half of one, which would be an octave too high.
    Spectra of whole windows hardly tell: two or three periods of a low voice that don't fit together have nearly the
    spectrum of a voice.
    """
    smooth = torch.ones(1, 1, STEP) / STEP
    made, real = (F.conv1d(wave.unsqueeze(1), smooth, stride=STEP).squeeze(1) for wave in (made, real))
    middle = (torch.arange(pitch.shape[1]) + 0.5) * HOP
    inside = (pitch > 0) & (torch.arange(pitch.shape[1]) >= EDGE) & (torch.arange(pitch.shape[1]) < pitch.shape[1] - EDGE)
    period = RATE / torch.where(inside, pitch, torch.full_like(pitch, 200.0))
    places, total = middle.clamp(EDGE * HOP, (pitch.shape[1] - EDGE) * HOP).expand_as(pitch), 0.0
    for count, sign in ((0.5, -1), (1, 1), (2, 1)):
        with torch.no_grad():
            wanted = _likeness(real, places, count * period)
        missing = F.relu(sign * (wanted - _likeness(made, places, count * period)))
        total = total + (missing * inside).sum() / inside.sum().clamp(min=1)
    return total / 2
