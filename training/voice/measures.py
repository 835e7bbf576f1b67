"""Measures of speech: words a recogniser hears, cepstra, and the likeness of two renderings of a text."""

import functools
import re

import numpy as np

RATE, FFT, HOP, BANDS = 16000, 512, 160, 40


class Recogniser:
    """pocketsphinx with its English model."""

    def __init__(self):
        import pocketsphinx

        self.decoder = pocketsphinx.Decoder(pocketsphinx.Config(
            hmm=pocketsphinx.get_model_path("en-us/en-us"), lm=pocketsphinx.get_model_path("en-us/en-us.lm.bin"),
            dict=pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"), loglevel="ERROR"))

    def __call__(self, sound):
        peak = np.abs(sound).max(initial=1e-6)
        silence = np.zeros(RATE // 5)
        samples = np.concatenate([silence, sound / peak * 0.6, silence])
        samples = samples + np.random.default_rng(0).normal(0, 1e-4, len(samples))  # exact silence upsets it
        self.decoder.start_utt()
        self.decoder.process_raw((samples * 32767).astype(np.int16).tobytes(), False, True)
        self.decoder.end_utt()
        heard = self.decoder.hyp()
        return heard.hypstr if heard else ""


def words(text):
    """Lower-case words, without marks of a dictionary's second readings."""
    return re.findall(r"[a-z']+", re.sub(r"\(\d\)", "", text.lower().replace("-", " ")))


def word_errors(wanted, heard):
    """Insertions, deletions and substitutions, and the number of wanted words."""
    wanted, heard = words(wanted), words(heard)
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, 1):
        above, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (word != other))
    return row[-1], len(wanted)


@functools.cache
def _filters():
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.clip(np.minimum(rise, fall), 0, None)


def windows(sound, size):
    padded = np.concatenate([np.zeros(size // 2), sound, np.zeros(size)])
    count = len(sound) // HOP
    return padded[np.arange(count)[:, None] * HOP + np.arange(size)[None]]


def log_mel(sound):
    """Natural logarithms of mel magnitudes, [T, 40] at 100 Hz."""
    spectrum = np.abs(np.fft.rfft(windows(sound, FFT) * np.hanning(FFT)))
    return np.log(spectrum @ _filters().T + 1e-2)


def cepstra(sound):
    """12 mel cepstra of the frames that are not silent, [T, 12]."""
    mel = log_mel(sound)
    loud = mel.mean(1) > np.percentile(mel.mean(1), 95) - 3.5
    basis = np.cos(np.pi / BANDS * (np.arange(BANDS) + 0.5)[:, None] * np.arange(1, 13)[None])
    return mel[loud] @ basis / BANDS


def pitch(sound):
    """Fundamental frequency in Hz at 100 Hz, 0 where unvoiced. In two passes (Hirst): the second keeps to 0.75 times the first's
    lower and 1.5 times its upper quartile, which leaves no room for errors of an octave."""
    size = 1024
    frames = windows(sound, size) * np.hanning(size)
    power = np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * size)) ** 2)[:, :size]
    shape = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 2 * size)) ** 2)[:size]
    normal = power / (power[:, :1] + 1e-9) / (shape / shape[0] + 1e-3)

    def between(low, high):
        shortest, longest = int(RATE / high), int(np.ceil(RATE / low))
        score = normal[:, shortest:longest] - 0.00025 * np.arange(shortest, longest)
        best = score.argmax(1)
        strong = normal[np.arange(len(normal)), best + shortest] > 0.5
        return np.where(strong & (power[:, 0] > 0.02), RATE / (best + shortest), 0.0)

    first = between(60, 400)
    if not (first > 0).any():
        return first
    low, high = np.percentile(first[first > 0], (25, 75))
    return between(max(60, 0.75 * low), min(400, 1.5 * high))


def aligned(a, b):
    """Pairs of frames of two sequences of vectors by dynamic time warping."""
    cost = np.sqrt(np.square(a[:, None] - b[None]).sum(-1))
    total = np.full((len(a) + 1, len(b) + 1), np.inf)
    total[0, 0] = 0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            total[i, j] = cost[i - 1, j - 1] + min(total[i - 1, j], total[i, j - 1], total[i - 1, j - 1])
    pairs, i, j = [], len(a), len(b)
    while i and j:
        pairs.append((i - 1, j - 1))
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda p: total[p])
    return np.array(pairs[::-1])


def compare(real, made):
    """Correlation of the logarithmic pitch where both are voiced, and mean distance of log-mel, after alignment."""
    a, b = log_mel(real), log_mel(made)
    a, b = a - a.mean(), b - b.mean()  # loudness does not count
    pairs = aligned(a[::2], b[::2]) * 2
    distance = np.abs(a[pairs[:, 0]] - b[pairs[:, 1]]).mean()
    p, q = pitch(real)[pairs[:, 0]], pitch(made)[pairs[:, 1]]
    both = (p > 0) & (q > 0)
    if both.sum() < 10:
        return np.nan, distance
    return float(np.corrcoef(np.log(p[both]), np.log(q[both]))[0, 1]), distance
