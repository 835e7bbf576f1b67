"""Speech of free synthesizers with the times of its phones: flite for English, espeak-ng for Mandarin."""

import ctypes
import subprocess
import tempfile
import wave

import numpy as np
import soxr

import phones as front

RATE = 16000
SPEAKERS = {
    "slt": ("flite", "slt"), "rms": ("flite", "rms"), "awb": ("flite", "awb"), "kal": ("flite", "kal16"),
    "cmn": ("espeak", b"cmn-latn-pinyin"), "cmf": ("espeak", b"cmn-latn-pinyin+f2"),
}
LEVEL = {"slt": 0.55, "rms": 1.0, "awb": 0.9, "kal": 2.2, "cmn": 0.8, "cmf": 0.7}  # about the same loudness


def flite(text, voice):
    """Samples at 16 kHz and the segments with their ends in seconds."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        done = subprocess.run(["flite", "-voice", voice, "-psdur", "-t", text, "-o", file.name],
                              stdout=subprocess.PIPE, check=True)
        with wave.open(file.name) as sound:
            rate, samples = sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    segments = [part.rsplit(":", 1) for part in done.stdout.decode().split()]
    samples = samples.astype(np.float32) / 32768
    if rate != RATE:
        samples = soxr.resample(samples, rate, RATE)
    return samples, [(name, float(end)) for name, end in segments]


class _Identity(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int),
                ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
                ("user_data", ctypes.c_void_p), ("id", _Identity)]


WORD, PHONEME, SYNCHRONOUS, PHONEME_EVENTS, UTF8 = 1, 7, 2, 1, 1


class Espeak:
    """libespeak-ng, which tells when each phoneme begins."""

    def __init__(self):
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS)
        self.voice = None
        self.callback = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))(self._receive)
        self.library.espeak_SetSynthCallback(self.callback)

    def _receive(self, samples, count, events):
        if count > 0:
            self.audio.append(np.ctypeslib.as_array(samples, (count,)).copy())
        at = 0
        while events[at].type != 0:
            event = events[at]
            if event.type in (WORD, PHONEME):
                name = event.id.string.decode("utf-8", "replace") if event.type == PHONEME else None
                self.events.append((event.type, event.sample / self.rate, name))
            at += 1
        return 0

    def speak(self, text, voice):
        """Samples at 16 kHz; per word, the phonemes with their beginnings and, last, the word's end."""
        if voice != self.voice:
            if self.library.espeak_SetVoiceByName(voice) != 0:
                raise RuntimeError(f"espeak-ng has no voice {voice}")
            self.voice = voice
        self.audio, self.events = [], []
        data = text.encode()
        self.library.espeak_Synth(data, len(data) + 1, 0, 0, 0, UTF8, None, None)
        words = []
        for kind, time, name in self.events:
            if kind == WORD:
                words.append([])
            elif words and not (words[-1] and words[-1][-1][0] == "_"):
                words[-1].append(("_" if name.startswith("_") else name, time))
        samples = np.concatenate(self.audio).astype(np.float32) / 32768
        return soxr.resample(samples, self.rate, RATE), words


_espeak = None
VOWELS = set("aeiouyAEIOUV@3")


def say(job):
    """One utterance: (samples as int16, phone ids, per phone its beginning and end in seconds), or None.

    `job` is (speaker, text, (symbols, ids), table of syllables)."""
    global _espeak
    speaker, text, (symbols, ids), table = job
    engine, voice = SPEAKERS[speaker]
    spans = np.full((len(ids), 2), -1, np.float32)
    if engine == "flite":
        samples, segments = flite(text, voice)
        places, cost = front.align_segments([name for name, _ in segments], symbols)
        if cost > 0.2:
            return None
        start = 0.0
        for (_, end), place in zip(segments, places):
            if place >= 0:
                spans[place] = start, end
            start = end
    else:
        spoken = front.pinyin(symbols, table)
        if spoken is None or not spoken[1]:
            return None
        _espeak = _espeak or Espeak()
        samples, words = _espeak.speak(spoken[0], voice)
        words = [word for word in words if len(word) > 1]
        if len(words) != len(spoken[1]):
            return None
        for word, place in zip(words, spoken[1]):
            start, end = word[0][1], word[-1][1]
            split = word[1][1] if len(word) > 2 and word[0][0][0] not in VOWELS else start + min(0.04, 0.3 * (end - start))
            if symbols[place] in ("AA", "EE", "OO"):
                split = start + 0.02
            spans[place], spans[place + 1] = (start, split), (split, end)
    samples = samples * LEVEL[speaker]
    if not 0.3 < len(samples) / RATE < 12 or len(ids) > 180:
        return None
    # espeak begins and ends at once; a little silence lets the first and the last phone be whole.
    if engine == "espeak":
        before, after = int(0.1 * RATE), int(0.1 * RATE)
        samples = np.concatenate([np.zeros(before, np.float32), samples, np.zeros(after, np.float32)])
        spans[spans[:, 1] > 0] += before / RATE
    return np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16), np.array(ids, np.int16), spans

