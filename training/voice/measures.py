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


LOWEST, HIGHEST, CANDIDATES = 60, 400, 6  # Hz; pitches per frame that are thought of
VOICING, SILENCE, VOICED_COST, JUMP_COST, OCTAVE_COST = 0.45, 0.03, 0.14, 0.35, 0.01  # Praat's


def _autocorrelation(sound, size=1024):
    """That of windows at 100 Hz, normalised and freed of the window's own, [T, size]; and the windows' peaks."""
    frames = windows(sound, size)
    frames = frames - frames.mean(1, keepdims=True)
    power = np.fft.irfft(np.abs(np.fft.rfft(frames * np.hanning(size), 2 * size)) ** 2)[:, :size]
    shape = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 2 * size)) ** 2)[:size]
    return power / (power[:, :1] + 1e-9) / (shape / shape[0] + 1e-3), np.abs(frames).max(1)


def pitch(sound):
    """Fundamental frequency in Hz at 100 Hz, 0 where unvoiced: the path through each frame's best candidates that is strong and
    jumps little (Boersma 1993, "Accurate short-term analysis of the fundamental frequency")."""
    normal, peaks = _autocorrelation(sound)
    shortest, longest = RATE // HIGHEST, RATE // LOWEST
    left, here, right = normal[:, shortest - 1 : longest - 1], normal[:, shortest:longest], normal[:, shortest + 1 : longest + 1]
    bend = np.minimum(left - 2 * here + right, -1e-9)
    shift = np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    frequency = RATE / (np.arange(shortest, longest) + shift)
    strength = np.where((here >= left) & (here > right), here - 0.25 * (left - right) * shift, -9.0)
    strength = strength + OCTAVE_COST * np.log2(frequency / LOWEST)
    best = np.argsort(-strength, axis=1)[:, :CANDIDATES]
    frequency, strength = np.take_along_axis(frequency, best, 1), np.take_along_axis(strength, best, 1)
    loudness = peaks / (peaks.max(initial=0) + 1e-9)
    unvoiced = VOICING + np.maximum(0, 2 - loudness / (SILENCE / (1 + VOICING)))
    octaves = np.concatenate([np.zeros((len(best), 1)), np.log2(frequency)], 1)  # the first candidate has no pitch
    gains = np.concatenate([unvoiced[:, None], strength], 1)
    total, came = gains[:1].copy(), []
    for before, now, gain in zip(octaves, octaves[1:], gains[1:]):
        cost = JUMP_COST * np.abs(before[:, None] - now[None])
        cost[0, :] = cost[:, 0] = VOICED_COST
        cost[0, 0] = 0
        ways = total[-1][:, None] - cost
        came.append(ways.argmax(0))
        total = np.concatenate([total, (ways.max(0) + gain)[None]])
    path = [int(total[-1].argmax())]
    for sources in reversed(came):
        path.append(int(sources[path[-1]]))
    chosen = octaves[np.arange(len(octaves)), path[::-1]]
    return np.where(chosen > 0, 2**chosen, 0.0)


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
