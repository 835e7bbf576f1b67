"""Measures a voice through gsv: is it understood, is it the speaker of the clip, does its Mandarin follow the tones, does
it stop.

    python check.py --gsv .build/release/gsv --voice voices/default --sentences 40 --limit 1.8

Needs flite, libespeak-ng and the packages pocketsphinx, numpy and soxr; not PyTorch. `check_codes.py` measures what needs it.
"""

import argparse
import json
import pathlib
import random
import re
import sys
import tempfile

import numpy as np

import measures
import phones as front
import server
import speech

ENGLISH, MANDARIN = ("slt", "rms", "awb", "kal"), ("cmn", "cmf")


class Check:
    def __init__(self, options, voice):
        self.options, self.voice = options, voice
        self.sentences = json.loads((pathlib.Path(__file__).parent / "check-sentences.json").read_text())
        self.flite, self.table = {}, []

    def reference(self, speaker, text):
        """The synthesizer's own speech of the text."""
        if (speaker, text) not in self.flite:
            self.flite[speaker, text] = speech.flite(text, speech.SPEAKERS[speaker][1])[0] * speech.LEVEL[speaker]
        return self.flite[speaker, text]

    def understood(self, count):
        """Word errors of flite and of the voice, per speaker and kind of sentence; returns the speech for `speakers`."""
        recogniser, spoken, worst = measures.Recogniser(), {}, []
        kinds = [("natural", 0.5), ("templates", 0.3), ("written", 0.2)]
        chosen = [(k, s) for k, share in kinds for s in self.sentences["en"][k][: max(1, round(count * share))]]
        for speaker in ENGLISH:
            part = chosen if speaker == "slt" else chosen[:: self.options.others]
            errors = {}
            for kind, text in part:
                said = self.voice.say(text, speaker, "en")
                spoken[speaker, text] = said
                for who, sound in (("flite", self.reference(speaker, text)), ("voice", said)):
                    wrong, words = measures.word_errors(text, recogniser(sound))
                    for name in (kind, "all"):
                        total = errors.setdefault((who, name), [0, 0])
                        total[0] += wrong
                        total[1] += words
            for name in [k for k, _ in kinds] + ["all"]:
                if ("flite", name) not in errors:
                    continue
                flite, voice = (100 * errors[who, name][0] / errors[who, name][1] for who in ("flite", "voice"))
                print(f"word error  {speaker} {name:10} flite {flite:5.1f} %  voice {voice:5.1f} %  of {errors['flite', name][1]} words", flush=True)
                if name == "all" and speaker == "slt":
                    worst = [flite, voice]
        return spoken, worst

    def speakers(self, spoken):
        """How often a sentence's mean cepstrum is nearest to its own speaker's, among flite's four."""
        centres = {}
        for speaker in ENGLISH:
            texts = self.sentences["en"]["natural"][-12:]
            centres[speaker] = np.mean([measures.cepstra(self.reference(speaker, text)).mean(0) for text in texts], 0)
        scale = np.std(list(centres.values()), 0) + 0.1
        right = []
        for (speaker, _), sound in spoken.items():
            if speaker != "slt" or len([1 for s in right if s[0] == "slt"]) < 60:
                own = measures.cepstra(sound).mean(0)
                nearest = min(centres, key=lambda s: np.square((centres[s] - own) / scale).sum())
                right.append((speaker, nearest == speaker))
        for speaker in ENGLISH:
            mine = [r for s, r in right if s == speaker]
            print(f"speaker     {speaker} {100 * np.mean(mine):.0f} % right of {len(mine)}")
        return np.mean([r for _, r in right])

    def likeness(self, english, count):
        """Pitch and spectrum beside espeak-ng's own Mandarin, and beside flite's own English."""
        distances = [measures.compare(self.reference("slt", text), sound)[1] for (s, text), sound in english.items() if s == "slt"][:count]
        texts = (self.sentences["zh"]["made"] + self.sentences["zh"]["written"])[-count:]
        answers, found = front.phones_of(texts, "zh", self.options.gsv), []
        for speaker in MANDARIN:
            results = []
            for text, answer in zip(texts, answers):
                made = speech.say((speaker, text, answer, self.options.syllables))
                if made is not None:
                    results.append(measures.compare(made[0].astype(np.float32) / 32768, self.voice.say(text, speaker, "zh")))
            pitch, distance = np.nanmean([r[0] for r in results]), np.mean([r[1] for r in results])
            print(f"mandarin    {speaker} pitch correlation {pitch:.2f}, log-mel distance {distance:.2f} beside "
                  f"{np.mean(distances):.2f} in English, of {len(results)} sentences", flush=True)
            found.append((pitch, distance / np.mean(distances)))
        return found

    def stops(self, count, seeds):
        """Random texts end by themselves within 2.5 times the expected length, are not empty and don't clip."""
        rng, bad, total = random.Random(5), [], 0
        words = re.findall(r"[a-z]+", " ".join(self.sentences["en"]["natural"]))
        alphabet = "abcdefghijklmnopqrstuvwxyz ABCXYZ 0123456789 .,!?'-"
        for index in range(count):
            length = rng.randint(1, 200)
            if index % 3 == 0:
                text = "".join(rng.choice(alphabet) for _ in range(length))
            elif index % 3 == 1:
                text = " ".join(rng.choice(words) for _ in range(length // 5 + 1))[:length]
            else:
                text = "".join(rng.choice("".join(self.sentences["zh"]["made"])) for _ in range(max(1, length // 3)))
            language = "zh" if index % 3 == 2 else "en"
            answer = front.phones_of([text], language, self.options.gsv)[0]
            if answer is None or all(p in front.PUNCTUATION for p in answer[0]):
                continue
            expected = 0.8 + 0.09 * len(answer[0])  # seconds
            for seed in range(seeds):
                total += 1
                sound = self.voice.say(text, "cmn" if language == "zh" else "slt", language, seed=seed + 1)
                seconds = len(sound) / speech.RATE
                if seconds > 2.5 * expected or seconds < 0.05 or np.abs(sound).max(initial=0) >= 0.999:
                    bad.append((text, seconds, expected))
        for text, seconds, expected in bad[:10]:
            print(f"  {seconds:.1f} s for an expected {expected:.1f} s: {text!r}")
        print(f"stops       {total - len(bad)} of {total}")
        return len(bad)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gsv", required=True)
    parser.add_argument("--voice", required=True)
    parser.add_argument("--syllables", help="opencpop-strict.txt, for Mandarin")
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--others", type=int, default=3, help="the other speakers say every n-th sentence")
    parser.add_argument("--mandarin", type=int, default=0, help="sentences")
    parser.add_argument("--pitch", type=float, default=0.8, help="least correlation of Mandarin's pitch")
    parser.add_argument("--random", type=int, default=0, help="random texts that must end")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, help="greatest word error beside flite's")
    options = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder, server.Voice(options, folder) as voice:
        check = Check(options, voice)
        spoken, (flite, ours) = check.understood(options.sentences)
        if check.speakers(spoken) < 0.9:
            failed.append("speakers are mixed up")
        if options.limit and ours > options.limit * flite:
            failed.append(f"word error {ours:.1f} % is more than {options.limit} × {flite:.1f} %")
        if options.mandarin:
            for speaker, (pitch, ratio) in zip(MANDARIN, check.likeness(spoken, options.mandarin)):
                if pitch < options.pitch or ratio > 1.3:
                    failed.append(f"{speaker} is unlike espeak-ng")
        if options.random and check.stops(options.random, options.seeds):
            failed.append("some texts don't end")
        print(f"engine      {voice.summary()}")
    for reason in failed:
        print("voice-check: " + reason, file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
