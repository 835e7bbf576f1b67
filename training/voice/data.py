"""The corpus in memory, and batches of it."""

import hashlib
import json
import pathlib
import signal
import time

import numpy as np
import torch

import features

SPEAKERS = ("slt", "rms", "awb", "kal", "cmn", "cmf")
SHARES = (0.32, 0.19, 0.10, 0.16, 0.13, 0.10)  # of the batches
HELD = 50  # every 50th utterance is for validation
SILENCE = 0  # phone class of pauses
MARKS = (0, 1, 2, 3, 4, 321)  # symbols that are punctuation
BINS = 16  # of pitch
MEL, PITCH, VOICED, BUMPS = slice(0, 80), 80, 81, slice(82, 98)


class Speaker:
    """One speaker's utterances."""

    def __init__(self, folder, number):
        load = lambda name: np.load(folder / f"{name}.npy", mmap_mode="r")
        self.audio, self.phones, self.places, self.mel, self.pitch = map(load, ("audio", "phones", "places", "mel", "pitch"))
        self.offsets = np.load(folder / "offsets.npy")
        self.texts = json.loads((folder / "texts.json").read_text())
        self.codes = np.load(folder / "codes.npy", mmap_mode="r") if (folder / "codes.npy").exists() else None
        self.number, self.name = number, folder.name
        count = len(self.texts)
        self.frames = np.diff(self.offsets[:, 1])
        self.held = np.arange(0, count, HELD)
        self.train = np.setdiff1d(np.arange(count), self.held)
        long = self.train[self.frames[self.train] >= 100][:64]
        self.clips = [reference(self.sound(i)[: 16000 * 4]) for i in long]

    def sound(self, index):
        a, b = self.offsets[index, 0], self.offsets[index + 1, 0]
        return torch.from_numpy(self.audio[a:b].astype(np.float32) / 32768)

    def slices(self, index):
        (_, a, p), (_, b, q) = self.offsets[index], self.offsets[index + 1]
        return slice(a, b), slice(p, q)

    def classes(self, index):
        """The phone of each frame of an utterance; pauses are silence, whatever mark they come from."""
        at, letters = self.slices(index)
        ids = torch.from_numpy(self.phones[letters].astype(np.int64))
        places = torch.from_numpy(self.places[at].astype(np.int64))
        named = torch.where(places >= 0, ids[places.clamp(min=0)], torch.full_like(places, SILENCE))
        return torch.where(torch.isin(named, torch.tensor(MARKS)), SILENCE, named)


def reference(wave):
    """Spectrum of a clip as the engine takes it at 32 kHz, [513, T]: the bins 16 kHz speech fills, twice the magnitude."""
    padded = torch.nn.functional.pad(wave[None, None], (352, 352), mode="reflect")[0, 0]
    windows = padded.unfold(-1, 1024, 320) * torch.hann_window(1024)
    return (torch.fft.rfft(windows).abs() * 2).T.contiguous().half()


class Corpus:
    def __init__(self, work, speakers=SPEAKERS):
        root = pathlib.Path(work) / "corpus"
        self.speakers = [Speaker(root / name, SPEAKERS.index(name)) for name in speakers if (root / name / "texts.json").exists()]
        shares = np.array([SHARES[s.number] for s in self.speakers])
        self.shares = shares / shares.sum()
        statistics = root / "statistics.npz"
        if not statistics.exists():
            parts = np.concatenate([np.asarray(s.mel[:40000], np.float32) for s in self.speakers])
            np.savez(statistics, mean=parts.mean(0), deviation=parts.std(0))
        saved = np.load(statistics)
        self.mean, self.deviation = torch.from_numpy(saved["mean"]), torch.from_numpy(saved["deviation"])

    def target(self, mel, pitch):
        """What z is trained to be, [..., 98]: normalised mel, pitch, voicing and bumps around the pitch."""
        voiced = (pitch > 0).float()
        octave = torch.log2(pitch.clamp(min=60) / 60)  # 0 to 2.8
        centres = torch.linspace(0, 2.8, BINS)
        bumps = torch.exp(-((octave[..., None] - centres) ** 2) / (2 * 0.18**2)) * voiced[..., None]
        return torch.cat([(mel - self.mean) / self.deviation, (octave * voiced)[..., None], voiced[..., None], bumps], -1)

    def known(self, speaker, at):
        """The target [T, 98] and the pitch in Hz [T] of a slice of a speaker's frames."""
        mel, pitch = (torch.from_numpy(np.asarray(feature[at], np.float32)) for feature in (speaker.mel, speaker.pitch))
        return self.target(mel, pitch), pitch

    def draw(self, rng, frames, longest=500, held=False):
        """Utterances of about `frames` frames in all, alike in length: [(speaker, index)]."""
        result, total, low = [], 0, None
        while True:
            speaker = self.speakers[rng.choice(len(self.speakers), p=self.shares)]
            index = int(rng.choice(speaker.held if held else speaker.train))
            length = int(speaker.frames[index])
            if length > longest:
                continue
            if low is None:
                low, high = length * 0.75, length * 1.33
            elif not low <= length <= high:
                continue
            result.append((speaker, index))
            total = max(total, length)
            if total * (len(result) + 1) > frames:
                return result

    def batch(self, chosen, rng, sound=False, codes=False):
        """Padded tensors of chosen utterances; with `sound`, samples, with `codes`, their codes."""
        count, frames = len(chosen), max(int(s.frames[i]) for s, i in chosen)
        letters = max(int(s.offsets[i + 1, 2] - s.offsets[i, 2]) for s, i in chosen)
        out = {
            "mask": torch.zeros(count, frames), "phones": torch.zeros(count, letters, dtype=torch.long),
            "phone_mask": torch.zeros(count, letters), "places": torch.full((count, frames), -1, dtype=torch.long),
            "classes": torch.zeros(count, frames, dtype=torch.long), "z": torch.zeros(count, frames, 98),
            "speaker": torch.tensor([s.number for s, _ in chosen]),
        }
        clips = []
        if sound:
            out["sound"] = torch.zeros(count, frames * 320 + 80)
        if codes:
            out["codes"] = torch.zeros(count, frames // 2, dtype=torch.long)
        for row, (speaker, index) in enumerate(chosen):
            at, letters_at = speaker.slices(index)
            length = at.stop - at.start
            ids = torch.from_numpy(speaker.phones[letters_at].astype(np.int64))
            places = torch.from_numpy(speaker.places[at].astype(np.int64))
            out["mask"][row, :length] = 1
            out["phones"][row, : len(ids)], out["phone_mask"][row, : len(ids)] = ids, 1
            out["places"][row, :length] = places
            out["classes"][row, :length] = speaker.classes(index)
            out["z"][row, :length], _ = self.known(speaker, at)
            if sound:
                out["sound"][row, : length * 320 + 80] = speaker.sound(index)
            if codes:
                known = speaker.codes[at.start // 2 : at.stop // 2].astype(np.int64)
                out["codes"][row, : len(known)] = torch.from_numpy(known)
            clip = speaker.clips[rng.integers(len(speaker.clips))]
            start = int(rng.integers(max(1, clip.shape[1] - 90)))
            clips.append(clip[:, start : start + 90].float() * float(rng.uniform(0.6, 1.4)))
        width = min(c.shape[1] for c in clips)
        spectrum = torch.zeros(count, 704, width)
        for row, clip in enumerate(clips):
            spectrum[row, :513] = clip[:, :width]
        out["reference"] = spectrum
        return out


def resume(path, modules, steady=None):
    """Loads a checkpoint of named modules if there is one, and the state of the optimizers; returns its other values."""
    if not pathlib.Path(path).exists():
        return {}
    saved = torch.load(path, weights_only=True)
    for name, module in modules.items():
        module.load_state_dict(saved["modules"][name])
    if steady is not None and "optimizers" in saved:
        for optimizer, state in zip(steady.optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
    return saved["values"]


def save(path, modules, steady=None, **values):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"modules": {name: module.state_dict() for name, module in modules.items()}, "values": values}
    if steady is not None:
        state["optimizers"] = [optimizer.state_dict() for optimizer in steady.optimizers]
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)


def saved_values(path):
    """The values beside the modules of a checkpoint; none where there is no checkpoint."""
    return torch.load(path, weights_only=True)["values"] if pathlib.Path(path).exists() else {}


def entries(work):
    """The clusters that the codes are, as `codes.py` found them."""
    return torch.from_numpy(np.load(pathlib.Path(work) / "codes.npz")["entries"])


def silent(work):
    """Whether each code is one of silence."""
    saved = np.load(pathlib.Path(work) / "codes.npz")
    return saved["names"][saved["entries"][:, : len(saved["names"])].argmax(1)] == ""


def codes_digest(work):
    """What tells one set of codes from another."""
    return hashlib.sha256(entries(work).numpy().tobytes()).hexdigest()


def average(shown, values):
    """Running means of what is shown while training."""
    for name, value in values.items():
        value = float(value.detach() if torch.is_tensor(value) else value)
        shown[name] = 0.97 * shown.get(name, value) + 0.03 * value


def line(values):
    return " ".join(f"{name} {value:.3f}" for name, value in values.items())


def show(step, began, shown, left_out=0):
    """A line of running means; `began` is the processor time at the start, `left_out` a number of steps."""
    left = f" left out {left_out}" if left_out else ""
    print(f"{step} {time.process_time() - began:.0f}s {line(shown)}{left}", flush=True)


def show_held(step, values):
    print(f"  held out after {step}: {line(values)}", flush=True)


class Saving:
    """When to save: every few minutes, and when the process is told to end."""

    def __init__(self, seconds=240):
        self.ending, self.seconds, self.last = False, seconds, time.monotonic()
        signal.signal(signal.SIGTERM, self._end)

    def _end(self, *_):
        self.ending = True

    def due(self):
        if self.ending or time.monotonic() - self.last > self.seconds:
            self.last = time.monotonic()
            return True
        return False
