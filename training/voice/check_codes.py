"""Where a voice in training loses: word errors of flite, of the generator on true features, and of codes through the whole
of SoVITS; and whether every Mandarin syllable that gsv speaks can be found by the phone head (`phone_head.py`).

    python check_codes.py --work WORK --sentences 40
    python check_codes.py --work WORK --mandarin 40 --gsv GSV --voice voices/default --syllables opencpop-strict.txt
"""

import argparse
import json
import pathlib
import tempfile

import numpy as np
import soxr
import torch
from torch.nn import functional as F

import corpus as making
import data
import export
import features
import measures
import phone_head
import phones as front
import server
import speech
import sovits


class Voice:
    """The trained parts as one function of an utterance."""

    def __init__(self, work):
        self.parts = export.load(work)
        self.corpus = data.Corpus(work)
        self.clips = {speaker.name: speaker.clips[0].float() for speaker in self.corpus.speakers}

    @torch.no_grad()
    def sounds(self, speaker, samples, ids):
        """At 16 kHz: the generator on the recording's features, and codes and phones through all of SoVITS."""
        parts = self.parts
        frames, samples = making.frames_of(samples)
        wave = torch.from_numpy(samples.astype(np.float32) / 32768)
        true = self.corpus.target(features.mel(wave, frames).half().float(), features.pitch(wave, frames))
        clip = torch.zeros(1, sovits.SPECTRUM, self.clips[speaker].shape[1])
        clip[0, :513] = self.clips[speaker]
        who = parts["reference"](clip)
        codes = parts["codebook"].nearest(parts["codebook"].latent(parts["speech_encoder"](wave[None])))
        hidden = parts["codebook"].hidden(codes).repeat_interleave(2, 1)
        text = torch.from_numpy(ids.astype(np.int64))[None]
        z, _ = parts["text_encoder"](hidden, torch.ones(1, hidden.shape[1]), text, torch.ones(text.shape), who)
        distance = (((z[0, :frames, data.MEL] - true[:, data.MEL])).abs() * self.corpus.deviation).mean()
        padded = F.pad(true, (0, sovits.LATENT_CHANNELS - 98)).T[None]
        made = [parts["generator"](padded, who)[0], parts["generator"](z.transpose(1, 2), who)[0]]
        return [soxr.resample(m.numpy(), 32000, 16000) for m in made], float(distance)


def where(options, sentences):
    """Word errors from stage to stage."""
    voice, recogniser = Voice(options.work), measures.Recogniser()
    texts = (sentences["en"]["natural"] + sentences["en"]["templates"] + sentences["en"]["written"])
    texts = texts[:: max(1, len(texts) // options.sentences)][: options.sentences]
    answers = front.phones_of(texts, "en", options.gsv)
    for speaker in options.speakers:
        totals, distances, count = np.zeros(3), [], 0
        for text, answer in zip(texts, answers):
            made = speech.say((speaker, text, answer, None))
            if made is None:
                continue
            sounds, distance = voice.sounds(speaker, made[0], made[1])
            distances.append(distance)
            for i, sound in enumerate([made[0].astype(np.float32) / 32768] + sounds):
                wrong, words = measures.word_errors(text, recogniser(sound))
                totals[i] += wrong
            count += words
        flite, generator, codes = 100 * totals / count
        print(f"{speaker}: word error flite {flite:.1f} %, features → generator {generator:.1f} %, codes → SoVITS {codes:.1f} % "
              f"of {count} words; z differs by {np.mean(distances):.3f} nat", flush=True)


def best_path(scores, silence):
    """The frames [start, end) of each phone in the likeliest path; `scores` [T, P] logarithms, silence [T] between any two."""
    length, count = scores.shape
    states = np.full((length, 2 * count + 1), -np.inf)
    emit = np.empty_like(states)
    emit[:, 0::2], emit[:, 1::2] = silence[:, None], scores
    back = np.zeros(states.shape, np.int8)
    states[0, :2] = emit[0, :2]
    for t in range(1, length):
        stay, step = states[t - 1], np.concatenate([[-np.inf], states[t - 1, :-1]])
        skip = np.concatenate([[-np.inf] * 2, states[t - 1, :-2]])
        skip[0::2] = -np.inf  # a phone may follow a phone
        options = np.stack([stay, step, skip])
        back[t] = options.argmax(0)
        states[t] = options.max(0) + emit[t]
    at = 2 * count if states[-1, -1] > states[-1, -2] else 2 * count - 1
    path = []
    for t in range(length - 1, -1, -1):
        path.append(at)
        at -= back[t, at]
    path = np.array(path[::-1])
    return [np.flatnonzero(path == 2 * i + 1) for i in range(count)]


@torch.no_grad()
def syllables(options, sentences):
    """How many syllables of gsv's Mandarin the phone head finds where they should be."""
    with torch.enable_grad():
        speech_encoder, head = phone_head.taught(options.work, ("cmn", "cmf"))
    texts = (sentences["zh"]["made"] + sentences["zh"]["written"])[-options.mandarin :]
    answers = front.phones_of(texts, "zh", options.gsv)
    numbers = {}
    for symbols, ids in (a for a in answers if a):
        numbers.update(zip(symbols, ids))
    alike = {}  # one final in any tone
    for symbol, number in numbers.items():
        alike.setdefault(symbol.rstrip("12345"), []).append(number)

    # The language is known: phones of others are out of the question.
    foreign = torch.full((sovits.SYMBOLS,), -1e4)
    foreign[[data.SILENCE, *numbers.values()]] = 0

    def spoken(sound, symbols):
        wave = torch.from_numpy(np.pad(sound, (800, 800)).astype(np.float32))[None]
        scores = head(speech_encoder(wave))[0]
        chances = (scores + foreign).softmax(-1).numpy()
        names = [s for s in symbols if s not in front.PUNCTUATION]
        scores = np.log(np.stack([chances[:, alike[s.rstrip("12345")]].sum(1) for s in names], 1) + 1e-4)
        spans = best_path(scores, np.log(chances[:, data.SILENCE] + 1e-4))
        finals = [(i, s) for i, s in enumerate(names) if s[-1] in "12345"]
        return [len(spans[i]) > 0 and scores[spans[i], i].max() > np.log(0.3) for i, _ in finals]

    found = {"espeak-ng": [], "voice": []}
    with tempfile.TemporaryDirectory() as folder, server.Voice(options, folder) as voice:
        for text, answer in zip(texts, answers):
            made = speech.say(("cmn", text, answer, options.syllables))
            if made is None:
                continue
            found["espeak-ng"] += spoken(made[0] / 32768, answer[0])
            found["voice"] += spoken(voice.say(text, "cmn", "zh"), answer[0])
    for name, right in found.items():
        print(f"mandarin: {100 * np.mean(right):.1f} % of {len(right)} syllables found in the speech of {name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--gsv", required=True)
    parser.add_argument("--sentences", type=int, default=0)
    parser.add_argument("--speakers", nargs="*", default=["slt"])
    parser.add_argument("--mandarin", type=int, default=0)
    parser.add_argument("--voice")
    parser.add_argument("--syllables")
    options = parser.parse_args()
    torch.set_num_threads(1)
    sentences = json.loads((pathlib.Path(__file__).parent / "check-sentences.json").read_text())
    if options.sentences:
        where(options, sentences)
    if options.mandarin:
        syllables(options, sentences)


if __name__ == "__main__":
    main()
