"""Frame features at 50 Hz: log-mel spectrum and pitch. Frame t is centred on sample 320 t + 160 of 16 kHz speech."""

import functools

import torch

BANDS, FFT, WINDOW, HOP, RATE = 80, 1024, 640, 320, 16000
FLOOR = 1e-3  # magnitude under which a band counts as silent
LOWEST, HIGHEST = 60.0, 420.0  # Hz


@functools.cache
def mel_filters(bands, fft, rate, top):
    """Triangles on the mel scale (2595 log10(1 + f / 700)), each of unit sum: [bands, fft / 2 + 1]."""
    edges = 700 * (10 ** (torch.linspace(0, 2595 * torch.log10(torch.tensor(1 + top / 700.0)).item(), bands + 2) / 2595) - 1)
    bins = torch.arange(fft // 2 + 1) * (rate / fft)
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    triangles = torch.clamp(torch.minimum(rise, fall), min=0)
    # A narrow band may fall between two bins: it then takes the nearest one.
    empty = triangles.sum(1) == 0
    nearest = torch.clamp((edges[1:-1] / (rate / fft)).round().long(), max=fft // 2)
    triangles[empty, nearest[empty]] = 1
    return triangles / triangles.sum(1, keepdim=True)


def _windows(wave, frames, size):
    before = size // 2 - HOP // 2
    padded = torch.nn.functional.pad(wave, (before, size))
    return padded.unfold(-1, size, HOP)[..., :frames, :]


def mel(wave, frames):
    """Natural logarithm of the mel magnitudes, [..., frames, BANDS]."""
    window = torch.nn.functional.pad(torch.hann_window(WINDOW), ((FFT - WINDOW) // 2,) * 2)
    spectrum = torch.fft.rfft(_windows(wave, frames, FFT) * window).abs()
    return torch.log(spectrum @ mel_filters(BANDS, FFT, RATE, RATE / 2).T + FLOOR)


def pitch(wave, frames):
    """Fundamental frequency in Hz, 0 where unvoiced: the first high peak of the normalised autocorrelation."""
    windows = _windows(wave, frames, FFT)
    windows = windows - windows.mean(-1, keepdim=True)
    windows = windows * torch.hann_window(FFT)
    power = torch.fft.irfft(torch.fft.rfft(windows, 2 * FFT).abs() ** 2)[..., :FFT]
    shape = torch.fft.irfft(torch.fft.rfft(torch.hann_window(FFT), 2 * FFT).abs() ** 2)[:FFT]
    normal = (power / (power[..., :1] + 1e-9)) / (shape / shape[0] + 1e-3)
    low, high = int(RATE / HIGHEST), int(RATE / LOWEST)
    lags = torch.arange(low, high)
    score = normal[..., low:high] - 0.00025 * lags  # of two octaves, the higher
    best = score.argmax(-1) + low
    around = torch.stack([torch.gather(normal, -1, (best + d).unsqueeze(-1)).squeeze(-1) for d in (-1, 0, 1)])
    bend = around[0] - 2 * around[1] + around[2]
    shift = torch.where(bend < -1e-6, 0.5 * (around[0] - around[2]) / bend, torch.zeros_like(bend)).clamp(-0.5, 0.5)
    frequency = RATE / (best + shift)
    voiced = (around[1] > 0.55) & (power[..., 0] > 2e-2)
    frequency = torch.where(voiced, frequency, torch.zeros_like(frequency))
    # A lone frame that differs from both sides takes their median.
    padded = torch.nn.functional.pad(frequency, (2, 2))
    return padded.unfold(-1, 5, 1).median(-1).values
